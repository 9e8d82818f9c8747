//! Trying out kinds of runs of which nothing is known: a worker trains each for a moment and says how fast it went.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::rates::NEAR;
use super::{Calibration, Probe, Rates};
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
    let found = try_out(root, &kinds);
    let mut calibration = Calibration::read(root, &crate::base::host());
    calibration.add(found.probes.clone(), found.start);
    // A notebook that cannot be written is calibrated anew each time.
    let _ = calibration.write(root);
    let tried = found.probes.len();
    rates.add(found.probes);
    if let Some(start) = found.start {
        rates.starts_in(start);
    }
    if found.busy > 0.0 {
        rates.among_others(found.took / found.busy);
    }
    tried
}

/// What a worker found.
#[derive(Default)]
struct Found {
    probes: Vec<Probe>,
    /// Seconds that it took to start.
    start: Option<f64>,
    /// Seconds that it tried for, and those in which it did not wait for a core.
    took: f64,
    busy: f64,
}

/// One run of each kind that is unknown, if these are few; else of some that are spread evenly over their sizes. Those
/// with the most work in all come first.
fn chosen<'a>(jobs: &[(&'a Job, Shape)], rates: &Rates) -> Vec<&'a Job> {
    let mut kinds: Vec<(Outline, &Job, f64, f64)> = Vec::new();
    for (job, shape) in jobs {
        let outline = Outline::of(&job.spec, *shape);
        let work = outline.work() * outline.counts(&job.spec, &job.measures, job.spec.stop.steps).total();
        match kinds.iter_mut().find(|(known, ..)| *known == outline) {
            Some((.., all)) => *all += work.sum(),
            None if rates.distance(job, *shape) <= NEAR => {}
            None => kinds.push((outline.clone(), job, outline.work().steps, work.sum())),
        }
    }
    kinds.sort_by(|a, b| a.2.total_cmp(&b.2));
    let last = kinds.len().saturating_sub(1);
    let count = kinds.len().min(MOST);
    let place = |index: usize| if count == 1 { last / 2 } else { index * last / (count - 1) };
    let mut spread: Vec<_> = (0..count).filter_map(|index| kinds.get(place(index))).collect();
    spread.sort_by(|a, b| b.3.total_cmp(&a.3));
    spread.into_iter().map(|(_, job, ..)| *job).collect()
}

/// What a worker says of each, as far as the time allows.
fn try_out(root: &Path, kinds: &[&Job]) -> Found {
    let options = CrewOptions { root: root.to_owned(), workers: 1, live: None };
    let (handle, began, mut found) = (Handle::default(), Instant::now(), Found::default());
    let Ok(worker) = Worker::start(&options, &handle) else { return found };
    let (reports, listener) = listen(worker);
    for (index, job) in kinds.iter().enumerate() {
        let left = BUDGET - began.elapsed().as_secs_f64();
        let seconds = (left / (kinds.len() - index) as f64).min(LONGEST);
        let order = Order::Probe { ticket: index as u64, job: Box::new((*job).clone()), seconds };
        if left <= 0.0 || handle.send(&order).is_err() {
            break;
        }
        // Anything else is no answer: it has died, or hangs.
        let Ok(Report::Probed { took, busy, outcome, .. }) = reports.recv_timeout(PATIENCE) else { break };
        found.start.get_or_insert_with(|| (began.elapsed().as_secs_f64() - took).max(0.0));
        (found.took, found.busy) = (found.took + took, found.busy + busy);
        found.probes.extend(outcome.ok().map(|probe| *probe).filter(Probe::is_sound));
    }
    // The listener's read ends with the worker.
    handle.kill();
    let _ = listener.join();
    found
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
