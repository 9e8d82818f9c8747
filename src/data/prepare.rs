//! From a dataset to the examples of one run: drawn, then corrupted, then scaled.
//!
//! Which examples are drawn is random, their order is the stored one. At one seed, more examples contain fewer.

use std::ops::Range;

use super::scale::Scaling;
use super::{DataError, Dataset, Labels, Part, Problem, corrupt, generate};
use crate::base::rng::Stream;
use crate::spec::{DatasetSpec, Source};

/// The examples that `spec` asks for at `seed`; `dataset` is the file it names, if it names one.
pub fn prepare(spec: &DatasetSpec, dataset: Option<&Dataset>, seed: u64) -> Result<Problem, DataError> {
    if spec.train == 0 {
        return Err(DataError::Spec("a run needs at least one training example".to_owned()));
    }
    match (&spec.source, dataset) {
        (Source::File { .. }, Some(dataset)) => draw(spec, dataset, seed),
        (Source::File { name }, None) => Err(DataError::Spec(format!("the dataset `{name}` was not read"))),
        (&Source::Teacher { inputs, hidden, classes }, _) => {
            if inputs == 0 || hidden == 0 || classes == 0 {
                return Err(DataError::Spec("a teacher needs inputs, hidden units and classes".to_owned()));
            }
            let teacher = generate::Teacher { inputs, hidden, classes };
            draw(spec, &teacher.examples(spec.train, spec.test, seed), seed)
        }
        (&Source::Chebyshev { degree }, _) => draw(spec, &generate::chebyshev(degree, spec.train), seed),
    }
}

fn draw(spec: &DatasetSpec, dataset: &Dataset, seed: u64) -> Result<Problem, DataError> {
    let rows = dataset.x.len() / dataset.inputs.max(1);
    let train = choose("training", &mut Stream::new(seed, "data"), 0..dataset.train_rows, spec.train)?;
    let test = choose("test", &mut Stream::new(seed, "data.test"), dataset.train_rows..rows, spec.test)?;
    let (mut train, mut test) = (gather(dataset, &train), gather(dataset, &test));
    let outputs = match dataset.y {
        Labels::Classes { classes, .. } => {
            corrupt::labels(&mut train.labels, classes, spec.label_noise, seed)?;
            train.y = one_hot(&train.labels, classes);
            test.y = one_hot(&test.labels, classes);
            classes
        }
        Labels::Targets { outputs, .. } => {
            corrupt::targets(&mut train.y, spec.label_noise, seed);
            outputs
        }
    };
    let scaling = Scaling::fit(spec.normalize, &train.x, dataset.inputs, dataset.pixel_max);
    scaling.apply(&mut train.x);
    scaling.apply(&mut test.x);
    Ok(Problem { train, test, inputs: dataset.inputs, outputs })
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
