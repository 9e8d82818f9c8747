//! From a dataset to the examples of one run: drawn, then corrupted, then scaled.
//!
//! Which examples are drawn is random, their order is the stored one. At one seed, more examples contain fewer.

use std::ops::Range;

use super::scale::Scaling;
use super::{DataError, Dataset, Labels, Part, Problem, corrupt, generate};
use crate::base::rng::Stream;
use crate::spec::{DatasetSpec, LabelKind, Normalize, RunSpec, Source};

/// Seeds of the random streams that examples depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// Of which examples there are, and of what makes them up.
    pub data: u64,
    /// Of what is done to them.
    pub noise: u64,
}

/// The same for both.
impl From<u64> for Seeds {
    fn from(seed: u64) -> Self {
        Self { data: seed, noise: seed }
    }
}

/// Those of a run.
impl From<&RunSpec> for Seeds {
    fn from(spec: &RunSpec) -> Self {
        Self { data: spec.data_seed(), noise: spec.noise_seed() }
    }
}

/// The examples that `spec` asks for at these seeds; `dataset` is the file it names, if it names one.
pub fn prepare(
    spec: &DatasetSpec,
    dataset: Option<&Dataset>,
    seeds: impl Into<Seeds>,
) -> Result<Problem, DataError> {
    let seeds = seeds.into();
    if spec.train == 0 {
        return Err(DataError::Spec("a run needs at least one training example".to_owned()));
    }
    match (&spec.source, dataset) {
        (Source::File { .. }, Some(dataset)) => draw(spec, dataset, seeds),
        (Source::File { name }, None) => Err(DataError::Spec(format!("the dataset `{name}` was not read"))),
        (source, _) => {
            if let Source::Teacher { inputs: 0, .. }
            | Source::Teacher { hidden: 0, .. }
            | Source::Teacher { classes: 0, .. } = source
            {
                return Err(DataError::Spec("a teacher needs inputs, hidden units and classes".to_owned()));
            }
            match generate::examples(spec, seeds.data) {
                Some(dataset) => draw(spec, &dataset, seeds),
                None => Err(DataError::Spec("there is no such generator".to_owned())),
            }
        }
    }
}

/// The examples of a run, with targets as its loss takes them; `dataset` is the file it names, if it names one.
pub fn prepare_run(spec: &RunSpec, dataset: Option<&Dataset>) -> Result<Problem, DataError> {
    prepare(&spec.dataset, dataset, spec)?.for_loss(spec.loss)
}

fn draw(spec: &DatasetSpec, dataset: &Dataset, seeds: Seeds) -> Result<Problem, DataError> {
    let Seeds { data, noise: seed } = seeds;
    let rows = dataset.x.len() / dataset.inputs.max(1);
    let train = choose("training", &mut Stream::new(data, "data"), 0..dataset.train_rows, spec.drawn())?;
    let train = dealt(train, spec.part, data);
    let test = choose("test", &mut Stream::new(data, "data.test"), dataset.train_rows..rows, spec.test)?;
    let (mut train, mut test) = (gather(dataset, &train), gather(dataset, &test));
    let mut clean = train.labels.clone();
    let outputs = match dataset.y {
        Labels::Classes { classes, .. } => {
            if spec.labels == LabelKind::Random {
                corrupt::random_labels(&mut train.labels, classes, seed);
            }
            corrupt::labels(&mut train.labels, classes, spec.label_noise, seed)?;
            train.y = one_hot(&train.labels, classes);
            test.y = one_hot(&test.labels, classes);
            classes
        }
        Labels::Targets { outputs, .. } => {
            if spec.labels == LabelKind::Random {
                corrupt::deal(&mut train.y, outputs, seed);
            }
            corrupt::targets(&mut train.y, spec.label_noise, seed);
            outputs
        }
    };
    if clean == train.labels {
        clean.clear();
    }
    corrupt::pixels(spec.pixels, [&mut train, &mut test], dataset.inputs, seed);
    let scaling = Scaling::fit(spec.normalize, &train.x, dataset.inputs, dataset.pixel_max);
    scaling.apply(&mut train.x);
    scaling.apply(&mut test.x);
    let inputs = dataset.inputs + spec.noise_inputs;
    for (part, stream) in [(&mut train, "noise_inputs"), (&mut test, "noise_inputs.test")] {
        corrupt::widen(part, dataset.inputs, spec.noise_inputs, &mut Stream::new(seed, stream));
    }
    // Of scaled inputs the truth is another.
    let truth = dataset.truth.clone().filter(|_| spec.normalize == Normalize::None);
    let truth = truth.map(|truth| truth.widened(spec.noise_inputs));
    Ok(Problem { train, test, inputs, outputs, clean, truth })
}

/// One of the parts that rows are dealt into at random, in stored order.
fn dealt(mut rows: Vec<usize>, part: Option<[usize; 2]>, seed: u64) -> Vec<usize> {
    let Some([part, parts]) = part else { return rows };
    Stream::new(seed, "data.parts").shuffle(&mut rows);
    let mut own: Vec<usize> = rows.into_iter().skip(part).step_by(parts.max(1)).collect();
    own.sort_unstable();
    own
}

/// `asked` of the rows at random, in stored order.
fn choose(
    part: &'static str,
    stream: &mut Stream,
    rows: Range<usize>,
    asked: usize,
) -> Result<Vec<usize>, DataError> {
    let there = rows.len();
    if asked > there {
        return Err(DataError::TooFew { part, asked, there });
    }
    let mut chosen = stream.choose(there, asked);
    chosen.sort_unstable();
    Ok(chosen.into_iter().map(|row| rows.start + row).collect())
}

/// The chosen rows as stored; where there are classes, `y` is left for later.
fn gather(dataset: &Dataset, rows: &[usize]) -> Part {
    let (labels, y) = match &dataset.y {
        Labels::Classes { labels, .. } => (rows.iter().map(|&row| labels[row]).collect(), Vec::new()),
        Labels::Targets { targets, outputs } => (Vec::new(), gather_rows(targets, *outputs, rows)),
    };
    Part { x: gather_rows(&dataset.x, dataset.inputs, rows), y, labels, n: rows.len() }
}

fn gather_rows(values: &[f32], width: usize, rows: &[usize]) -> Vec<f32> {
    rows.iter().flat_map(|&row| &values[row * width..(row + 1) * width]).copied().collect()
}

fn one_hot(labels: &[u32], classes: usize) -> Vec<f32> {
    let mut y = vec![0.0; labels.len() * classes];
    for (row, &label) in y.chunks_mut(classes.max(1)).zip(labels) {
        row[label as usize] = 1.0;
    }
    y
}
