//! Trying a run out: each of its parts for a moment, with nothing kept.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::bench::Bench;
use crate::base::memory;
use crate::base::stopwatch::Stopwatch;
use crate::data::{Part, Problem};
use crate::runner::Job;
use crate::runner::cost::Probe;
use crate::runner::protocol::Report;
use crate::science::cost::{Outline, Parts};
use crate::science::dense::Parameters;
use crate::science::measures::details::Details;
use crate::science::measures::{Meter, Values};
use crate::science::pulse::Pulse;
use crate::science::{Checkpoint, Go, Observer, init, train};
use crate::spec::{MeasureSpec, Procedure, Quantity, RunSpec, Setting, Stop};

/// Work of a part that is tried as it is, some 20 ms. Of larger ones only some examples are taken: the rest goes as fast.
const LARGE: f64 = 8e8;

/// Training records eight rows at once: of them even less.
const ROWS: f64 = 3.0;

/// Seconds of writing a row into the journal.
const JOURNAL: f64 = 5e-6;

/// Fewest examples that are taken: what is the same for every step must not come to the fore.
const FEWEST: usize = 64;

/// How much longer than asked it may take until enough steps were timed.
const PATIENCE: f64 = 3.0;

/// Fewest steps that tell of the next.
const STEPS: f64 = 2.0;

/// A measurement that took less is made again …
const FIRST_TIME: f64 = 0.1;
/// … until it took so long or was made so often.
const ENOUGH: f64 = 5e-3;
const MOST_TIMES: f64 = 100.0;

/// Tries a run out for about so many seconds.
pub fn probe(bench: &mut Bench, ticket: u64, job: &Job, seconds: f64) -> Report {
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| try_out(bench, job, seconds)))
        .unwrap_or_else(|_| Err("a bug in lowland: trying it out panicked".to_owned()));
    Report::Probed { ticket, took: began.elapsed().as_secs_f64(), outcome: outcome.map(Box::new) }
}

fn try_out(bench: &mut Bench, job: &Job, seconds: f64) -> Result<Probe, String> {
    let forgotten = memory::forget_peak();
    let (loaded, load) = timed(|| bench.load(job));
    loaded?;
    let (problem, prepared) = timed(|| bench.problem(job));
    let shape = bench.shape(job).ok_or("the size of the dataset cannot be told")?;
    let outline = Outline::of(&job.spec, shape);
    let cut = fitting(&outline);
    let (spec, problem) = (cut_spec(&job.spec, &cut), cut_problem(problem?, &cut));
    let network = train::network(&spec, &problem)?;
    let (weights, drawn) =
        timed(|| Parameters::new(&network, &init::weights(&network, &spec.model, spec.init_seed())));
    let examples = train::examples(&network, &problem);
    let mut meter = Meter::new(&network, &problem, &examples, &spec);
    let row = again(|| {
        let _ = meter.always(&weights, &mut Pulse::new(&mut Nobody, 0));
    });
    let step = step(&spec, &problem, row, seconds)?;
    let base = (forgotten && cut == outline).then(memory::peak).flatten();
    let base = base.map(|peak| peak.saturating_sub(outline.bytes(shape, &[]) as u64));
    let look = one_step_of_lanczos();
    let product = again(|| {
        let _ = meter.asked(
            &[&look],
            &weights,
            &mut Values::new(),
            &mut Details::default(),
            &mut Pulse::new(&mut Nobody, 0),
        );
    });
    let (work, counts) = (cut.work(), cut.counts(&spec, std::slice::from_ref(&look), 0));
    let rates = Parts {
        ready: (prepared + drawn) / outline.work().ready,
        steps: step / work.steps,
        rows: (row + JOURNAL) / work.rows,
        products: product / counts.at_end.products / work.products,
    };
    Ok(Probe { outline, rates, load, base })
}

/// As many of the examples as can be tried in a moment.
fn fitting(outline: &Outline) -> Outline {
    let mut cut = outline.clone();
    loop {
        let Parts { steps, rows, products, .. } = cut.work();
        let most = cut.train.max(cut.test);
        if steps.max(products).max(ROWS * rows) <= LARGE || most <= FEWEST {
            return cut;
        }
        cut = cut.cut((most / 2).max(FEWEST));
    }
}

/// The run that is tried. Its steps are so small that it neither diverges nor comes to its target, and as much work
/// as any.
fn cut_spec(spec: &RunSpec, cut: &Outline) -> RunSpec {
    let mut spec = spec.clone();
    (spec.dataset.train, spec.dataset.test) = (cut.train, cut.test);
    spec.optimizer.batch_size = cut.batch;
    spec.optimizer.learning_rate = 1e-9;
    spec.stop = Stop::after(u64::MAX);
    if spec.procedure.uses_optimizer() {
        spec.procedure = Procedure::Train;
    }
    spec
}

fn cut_problem(problem: Problem, cut: &Outline) -> Problem {
    let part = |mut part: Part, rows: usize| {
        part.x.truncate(rows * problem.inputs);
        part.y.truncate(rows * problem.outputs);
        part.labels.truncate(rows);
        part.n = rows.min(part.n);
        part
    };
    let (train, test) = (part(problem.train, cut.train), part(problem.test, cut.test));
    Problem { train, test, ..problem }
}

/// The least measurement that multiplies by the Hessian.
fn one_step_of_lanczos() -> MeasureSpec {
    let least = MeasureSpec::at_end(Quantity::LambdaMax);
    MeasureSpec { settings: least.settings.with(Setting::Steps, 1.0), ..least }
}

/// Seconds per step of a training that goes on for about `seconds`, the rows it records (`row` seconds each) left out.
fn step(spec: &RunSpec, problem: &Problem, row: f64, seconds: f64) -> Result<f64, String> {
    let mut clock = Clock { seconds, row, began: Instant::now(), last: None, rows: 0, steps: 0.0, took: 0.0 };
    train(spec, problem, &[], None, &mut clock).map_err(|error| error.to_string())?;
    if clock.steps > 0.0 { Ok(clock.took / clock.steps) } else { Err("no step could be timed".to_owned()) }
}

/// Looks at the clock while a run is trained, and stops it after some time.
struct Clock {
    seconds: f64,
    row: f64,
    began: Instant,
    /// Step of the last sign of life, and the time since then.
    last: Option<(u64, Stopwatch)>,
    /// Rows since then.
    rows: u64,
    /// Steps that were timed, and what they took.
    steps: f64,
    took: f64,
}

impl Observer for Clock {
    fn row(&mut self, _: u64, _: f64, _: &BTreeMap<String, f64>) {
        self.rows += 1;
    }

    fn tick(&mut self, step: u64, _: f64) -> Go {
        let rows = std::mem::take(&mut self.rows) as f64 * self.row;
        let last = self.last.map(|(from, watch)| (from, watch.busy()));
        self.last = Some((step, Stopwatch::start()));
        if let Some((from, took)) = last {
            // Where rows are most of it, what they leave tells little of a step.
            if step > from && rows < 0.5 * took {
                self.steps += (step - from) as f64;
                self.took += took - rows;
            }
        }
        let enough = self.took >= self.seconds && self.steps >= STEPS;
        let late = self.began.elapsed().as_secs_f64() > PATIENCE * self.seconds && self.steps > 0.0;
        if enough || late { Go::Stop } else { Go::On }
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}
}

/// Lets everything go on.
struct Nobody;

impl Observer for Nobody {
    fn row(&mut self, _: u64, _: f64, _: &BTreeMap<String, f64>) {}

    fn tick(&mut self, _: u64, _: f64) -> Go {
        Go::On
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}
}

/// What something comes to, and its seconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let watch = Stopwatch::start();
    let result = work();
    (result, watch.busy())
}

/// Seconds of something that is quicker when done again: its memory is there then. What takes long is not repeated, and
/// what takes next to no time is repeated until it can be told from none.
fn again(mut work: impl FnMut()) -> f64 {
    let ((), first) = timed(&mut work);
    if first > FIRST_TIME {
        return first;
    }
    let times = (ENOUGH / first.max(1e-6)).clamp(1.0, MOST_TIMES) as u32;
    timed(|| (0..times).for_each(|_| work())).1 / f64::from(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Shape;
    use crate::spec::{Context, parse};

    fn job(text: &str) -> Job {
        let experiment = parse::experiment(text, &Context::default()).unwrap();
        let spec = experiment.runs[0].spec.clone();
        let origin = crate::store::Origin {
            entry: String::new(),
            cell: "e".to_owned(),
            arm: "base".to_owned(),
            point: Vec::new(),
        };
        Job { run: spec.id(""), spec, dataset_hash: String::new(), measures: experiment.measures, origin }
    }

    fn outcome(text: &str) -> Result<Box<Probe>, String> {
        let folder = tempfile::tempdir().unwrap();
        let report = probe(&mut Bench::new(folder.path()), 7, &job(text), 0.01);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");
        let Report::Probed { ticket: 7, took, outcome } = report else { panic!("{report:?}") };
        assert!(took > 0.0);
        outcome
    }

    const SMALL: &str = "id: e\ndataset: {kind: teacher, train: 60, test: 10}\nmodel: {hidden: [8]}\n";

    #[test]
    fn every_part_is_timed_whatever_is_trained() {
        for rest in [
            "optimizer: {learning_rate: 0.1, batch_size: 4}",
            "optimizer: {learning_rate: 0.1, batch_size: full}",
            "optimizer: {learning_rate: 1.0e+30, batch_size: 4}",
            "optimizer: {learning_rate: 0.1, momentum: 0.9}\nstop: {steps: 1}",
            "optimizer: {learning_rate: 0.1}\nstop: {train_loss: 1000}",
            "optimizer: {learning_rate: 0.1}\nengine: autograd",
            "optimizer: {learning_rate: 0.1}\nloss: squared\nmeasure: [lambda_max]",
            "optimizer: {kind: sam, learning_rate: 0.1, label_noise: 0.1, schedule: cosine}",
            "optimizer: {kind: adam, learning_rate: 0.1, gradient_penalty: 0.1}\nstop: {train_accuracy: 0.1}",
        ] {
            let probe = outcome(&format!("{SMALL}{rest}")).unwrap();
            let Parts { ready, steps, rows, products } = probe.rates;
            for rate in [ready, steps, rows, products] {
                // From a ten-thousandth to a thousand times as long as on a common core.
                assert!((1e-15..1e-8).contains(&rate), "{rest}: {:?}", probe.rates);
            }
        }
    }

    #[test]
    fn what_is_too_large_is_cut_and_what_cannot_be_trained_says_why() {
        let outline = |text: &str| {
            let job = job(text);
            Outline::of(&job.spec, Shape::generated(&job.spec.dataset).unwrap())
        };
        let large = "id: e\ndataset: {kind: teacher, train: 9000}\nmodel: {hidden: [2000, 2000]}\n\
                     optimizer: {learning_rate: 0.1, batch_size: full}";
        let cut = fitting(&outline(large));
        assert!(cut.train < 9000 && cut.train >= FEWEST && cut.batch == cut.train, "{cut:?}");
        let small = outline(&format!("{SMALL}optimizer: {{learning_rate: 0.1}}"));
        assert_eq!(fitting(&small), small);
        let mut missing = job(&format!("{SMALL}optimizer: {{learning_rate: 0.1}}"));
        missing.spec.dataset.source = crate::spec::Source::File { name: "gone".to_owned() };
        let folder = tempfile::tempdir().unwrap();
        let report = probe(&mut Bench::new(folder.path()), 0, &missing, 0.01);
        assert!(matches!(report, Report::Probed { outcome: Err(why), .. } if why.contains("gone")));
    }
}
