//! Trying out kinds of runs of which nothing is known: a worker trains each for a moment and says how fast it went.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::rates::{self, NEAR};
use super::{Calibration, Probe, Rates};
use crate::base::memory;
use crate::data::Shape;
use crate::runner::protocol::{Order, Report};
use crate::runner::worker::{Handle, Worker};
use crate::runner::{CrewOptions, Job};
use crate::science::cost::Outline;

/// Most kinds that are tried at once; the others are scaled from them.
const MOST: usize = 8;

/// Seconds that all trials may take together, and one of them at most.
const BUDGET: f64 = 2.0;
const LONGEST: f64 = 0.15;

/// What takes more of the memory that is free, or longer to get ready, is not worth a trial.
const FITS: f64 = 0.5;
const READY: f64 = 3.0;

/// How long a worker is waited for that does not answer. A trial may take longer than it should, where a single step
/// does, or reading its dataset.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has a worker try out those of `jobs` of which too little is known, and adds what it found to `rates` and to the
/// file of the notebook; how many were tried. What cannot be tried (no worker starts, a dataset is broken) is left
/// unknown: whoever runs it will be told why.
pub fn calibrate(root: &Path, jobs: &[(&Job, Shape)], rates: &mut Rates) -> usize {
    let kinds = chosen(jobs, rates);
    if kinds.is_empty() {
        return 0;
    }
    let (probes, start) = try_out(root, &kinds);
    let tried = probes.len();
    if tried > 0 {
        let mut calibration = Calibration::read(root, &crate::base::host());
        calibration.add(probes.clone(), start);
        // A notebook that cannot be written is calibrated anew each time.
        let _ = calibration.write(root);
    }
    rates.add(probes);
    if let Some(start) = start {
        rates.starts_in(start);
    }
    tried
}

/// A kind of run that could be tried.
struct Kind<'a> {
    /// One of them.
    job: &'a Job,
    /// Work of a step, and of all of them together.
    step: f64,
    all: f64,
}

/// One run of each kind that is unknown, if these are few; else of some that are spread evenly over their sizes. Those
/// with the most work in all come first.
fn chosen<'a>(jobs: &[(&'a Job, Shape)], rates: &Rates) -> Vec<&'a Job> {
    let available = memory::available().map_or(f64::INFINITY, |bytes| bytes as f64);
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    // By outline, the place among the kinds; `None` for one that is known or not worth a trial.
    let mut places: HashMap<Outline, Option<usize>> = HashMap::new();
    for (job, shape) in jobs {
        let outline = Outline::of(&job.spec, *shape);
        let unit = outline.work();
        let fits = rates.bytes(job, *shape) <= FITS * available && unit.ready * rates::COMMON <= READY;
        let work = outline.counts(&job.spec, &job.measures, job.spec.stop.steps).total() * unit;
        let place = *places.entry(outline).or_insert_with(|| {
            let worth = fits && rates.distance(job, *shape) > NEAR;
            worth.then(|| {
                kinds.push(Kind { job, step: unit.steps, all: 0.0 });
                kinds.len() - 1
            })
        });
        if let Some(kind) = place.and_then(|place| kinds.get_mut(place)) {
            kind.all += work.sum();
        }
    }
    kinds.sort_by(|a, b| a.step.total_cmp(&b.step));
    let last = kinds.len().saturating_sub(1);
    let count = kinds.len().min(MOST);
    let place = |index: usize| if count == 1 { last / 2 } else { index * last / (count - 1) };
    let mut spread: Vec<_> = (0..count).filter_map(|index| kinds.get(place(index))).collect();
    spread.sort_by(|a, b| b.all.total_cmp(&a.all));
    spread.into_iter().map(|kind| kind.job).collect()
}

/// What a worker says of each, as far as the time allows, and the seconds that it took to start.
fn try_out(root: &Path, kinds: &[&Job]) -> (Vec<Probe>, Option<f64>) {
    let options = CrewOptions { root: root.to_owned(), workers: 1, live: None };
    let (handle, began) = (Handle::default(), Instant::now());
    let (mut probes, mut start) = (Vec::new(), None);
    let Ok(worker) = Worker::start(&options, &handle) else { return (probes, start) };
    let (reports, listener) = listen(worker);
    for (index, job) in kinds.iter().enumerate() {
        let left = BUDGET - began.elapsed().as_secs_f64();
        let seconds = (left / (kinds.len() - index) as f64).min(LONGEST);
        let order = Order::Probe { ticket: index as u64, job: Box::new((*job).clone()), seconds };
        if left <= 0.0 || handle.send(&order).is_err() {
            break;
        }
        // Anything else is no answer: it has died, or hangs.
        let Ok(Report::Probed { took, outcome, .. }) = reports.recv_timeout(PATIENCE) else { break };
        start.get_or_insert_with(|| (began.elapsed().as_secs_f64() - took).max(0.0));
        probes.extend(outcome.ok().map(|probe| *probe).filter(Probe::is_sound));
    }
    // The listener's read ends with the worker.
    handle.kill();
    let _ = listener.join();
    (probes, start)
}

/// A thread that passes on what a worker reports, until it ends.
fn listen(mut worker: Worker) -> (Receiver<Report>, thread::JoinHandle<()>) {
    let (sender, reports) = mpsc::channel();
    let listener = thread::spawn(move || {
        while let Some(report) = worker.report() {
            if sender.send(report).is_err() {
                break;
            }
        }
        worker.bury();
    });
    (reports, listener)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::cost::fixtures::{SHAPE, job, outline, probe};

    #[test]
    fn a_few_kinds_are_tried_spread_over_their_sizes_the_most_work_first() {
        let jobs: Vec<Job> = (0..50).map(|index| job(8 + 64 * index, 20, "")).collect();
        let seeds = jobs.iter().chain(&jobs).map(|job| (job, SHAPE));
        let all = chosen(&seeds.collect::<Vec<_>>(), &Rates::default());
        let places: Vec<_> =
            all.iter().map(|chosen| jobs.iter().position(|job| job == *chosen).unwrap()).collect();
        assert_eq!(places, [49, 42, 35, 28, 21, 14, 7, 0]);
        let known = Rates::new(Vec::new(), vec![probe(&outline(8, 20), 1e-10)], None);
        assert!(chosen(&[(&jobs[0], SHAPE)], &known).is_empty());
        assert_eq!(chosen(&[(&jobs[0], SHAPE), (&jobs[9], SHAPE)], &known), [&jobs[9]]);
        // Another step size is no other kind; ten times the epochs are more work, and the same kind.
        let slower = job(72, 20, "stop: {epochs: 1000}");
        assert_eq!(chosen(&[(&jobs[1], SHAPE), (&slower, SHAPE)], &Rates::default()).len(), 1);
    }

    #[test]
    fn a_worker_that_says_nothing_leaves_things_unknown() {
        let root = tempfile::tempdir().unwrap();
        let job = job(8, 20, "");
        let mut rates = Rates::default();
        // What is started is this program: the tests, which do not understand what is asked of them.
        assert_eq!(calibrate(root.path(), &[(&job, SHAPE)], &mut rates), 0);
        assert!(rates.distance(&job, SHAPE).is_infinite());
    }
}
