//! `lowland worker`: executes runs for a crew, one after the other, each into its journal.
//!
//! Standard input is read by a thread of its own, so that a cancel is heard while a run is going, and so that the end
//! of input (the crew is gone) stops the work at once.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Exit;
use super::args::Global;
use crate::base::{self, RunId, clock};
use crate::data::{Dataset, Library, Problem, prepare};
use crate::runner::Job;
use crate::runner::protocol::{self, Order, Report};
use crate::science::train::{Ending, Outcome};
use crate::science::{Observer, train};
use crate::spec::MeasureSpec;
use crate::store::journal::{self, JournalWriter, Start};
use crate::store::{RunRecord, Status, Store, StoreError};

/// How often a run says that it is alive, when no row of the curve does.
const BEAT: Duration = Duration::from_millis(500);

/// Works until there are no more orders.
pub fn work(global: &Global) -> anyhow::Result<Exit> {
    let root = global.notebook.clone().unwrap_or_else(|| PathBuf::from("."));
    let stops = Stops::default();
    let (sender, orders) = mpsc::channel();
    thread::spawn({
        let stops = stops.clone();
        move || listen(&sender, &stops)
    });
    obey(&root, &orders, &stops)?;
    Ok(Exit::Fine)
}

/// Which runs are to be stopped.
#[derive(Clone, Default)]
struct Stops(Arc<Mutex<StopState>>);

#[derive(Default)]
struct StopState {
    cancelled: HashSet<u64>,
    gone: bool,
}

/// Why a run is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Somebody cancelled it.
    Cancelled,
    /// The crew is gone: it may be gone on with later.
    Interrupted,
}

impl Stops {
    fn change(&self, change: impl FnOnce(&mut StopState)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn of(&self, ticket: u64) -> Option<Stop> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.gone {
            return Some(Stop::Interrupted);
        }
        state.cancelled.contains(&ticket).then_some(Stop::Cancelled)
    }
}

/// Reads orders until the end of input.
fn listen(orders: &Sender<(u64, Job)>, stops: &Stops) {
    let mut input = BufReader::new(io::stdin());
    while let Ok(Some(order)) = protocol::receive(&mut input) {
        match order {
            Order::Run { ticket, job } => {
                if orders.send((ticket, *job)).is_err() {
                    break;
                }
            }
            Order::Cancel(ticket) => stops.change(|state| {
                state.cancelled.insert(ticket);
            }),
        }
    }
    stops.change(|state| state.gone = true);
}

fn obey(root: &Path, orders: &Receiver<(u64, Job)>, stops: &Stops) -> io::Result<()> {
    let mut bench = Bench { library: Library::new(root), loaded: None };
    for (ticket, job) in orders {
        let report = execute(root, &mut bench, &job, &|| stops.of(ticket));
        protocol::send(&mut io::stdout().lock(), &report)?;
    }
    Ok(())
}

/// The datasets at hand.
struct Bench {
    library: Library,
    /// The dataset used last, by name: runs of one cell share it.
    loaded: Option<(String, Dataset, String)>,
}

impl Bench {
    /// The examples of a run.
    fn problem(&mut self, job: &Job) -> Result<Problem, String> {
        let dataset = match job.spec.dataset_file() {
            None => None,
            Some(name) => {
                if self.loaded.as_ref().is_none_or(|(loaded, ..)| loaded != name) {
                    let (dataset, hash) = self.library.load(name).map_err(|error| error.to_string())?;
                    self.loaded = Some((name.to_owned(), dataset, hash));
                }
                self.loaded.as_ref().map(|(_, dataset, hash)| (dataset, hash))
            }
        };
        if dataset.is_some_and(|(_, hash)| *hash != job.dataset_hash) {
            self.loaded = None;
            return Err("the dataset has changed since the run was planned".to_owned());
        }
        prepare(&job.spec.dataset, dataset.map(|(dataset, _)| dataset), job.spec.seed)
            .map_err(|error| error.to_string())
    }
}

/// Does one run, from claim to the end of its journal.
fn execute(root: &Path, bench: &mut Bench, job: &Job, stop: &dyn Fn() -> Option<Stop>) -> Report {
    let run = job.run.clone();
    let start = Start {
        run: run.clone(),
        origin: job.origin.clone(),
        spec: serde_json::to_value(&job.spec).unwrap_or_default(),
        pid: std::process::id(),
        host: base::host(),
        started: clock::now(),
        total_steps: job.spec.stop.steps,
    };
    let journal = match claim(root, &start) {
        Ok(journal) => journal,
        Err(StoreError::Claimed(_)) => return Report::Busy(run),
        Err(error) => return trouble(run, &error),
    };
    if let Err(error) = protocol::send(&mut io::stdout().lock(), &Report::Started(run.clone())) {
        return Report::Failed(run, error.to_string());
    }
    let began = Instant::now();
    let mut watcher = Watcher { journal, stop, beaten: began, error: None };
    let outcome = bench.problem(job).and_then(|problem| guarded_train(job, &problem, &mut watcher));
    let Watcher { journal, error, .. } = watcher;
    if let Some(error) = error {
        return trouble(run, &error);
    }
    let (status, reason) = match &outcome {
        Ok(outcome) => match (outcome.ending, stop()) {
            (Ending::TrainLoss, _) => (Status::Done, "train_loss".to_owned()),
            (Ending::Steps, _) => (Status::Done, "steps".to_owned()),
            (Ending::Diverged, _) => (Status::Diverged, "diverged".to_owned()),
            (Ending::Interrupted, Some(Stop::Cancelled)) => (Status::Cancelled, "cancelled".to_owned()),
            // No end is written: the journal of an interrupted run stays, as that of a killed one does.
            (Ending::Interrupted, _) => return Report::Ended(run, Status::Interrupted),
        },
        Err(message) => (Status::Failed, message.clone()),
    };
    let outcome = outcome.ok();
    let record = record(job, status, reason, outcome.as_ref(), began.elapsed());
    let weights = outcome
        .as_ref()
        .filter(|_| status.is_result())
        .map_or(Ok(()), |outcome| journal.write_weights(&outcome.weights));
    match weights.and_then(|()| journal.finish(&record)) {
        Ok(()) => Report::Ended(run, status),
        Err(error) => trouble(run, &error),
    }
}

/// The journal of a run, and the claim on it. A finished journal in its place is one that does not answer the job
/// (cancelled, failed, other measures), for else the run had not been asked for: it is stored, and makes room.
fn claim(root: &Path, start: &Start) -> Result<JournalWriter, StoreError> {
    let live_root = journal::live_root(root);
    match JournalWriter::create(&live_root, start) {
        Err(StoreError::Ended(_)) => {
            journal::harvest(&Store::open(root), &live_root)?;
            JournalWriter::create(&live_root, start)
        }
        other => other,
    }
}

/// What to tell the crew of an error of the store.
fn trouble(run: RunId, error: &StoreError) -> Report {
    let full = matches!(error, StoreError::Io { error, .. }
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded));
    if full { Report::Full(run, error.to_string()) } else { Report::Failed(run, error.to_string()) }
}

/// Trains; a panic, which would be a bug, costs its run and not the worker.
fn guarded_train(job: &Job, problem: &Problem, watcher: &mut Watcher<'_>) -> Result<Outcome, String> {
    catch_unwind(AssertUnwindSafe(|| train(&job.spec, problem, &job.measures, watcher))).unwrap_or_else(
        |panic| {
            let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(format!("a bug in lowland: {}", words.unwrap_or_else(|| "it panicked".to_owned())))
        },
    )
}

/// Writes what happens into the journal, and hears of stops.
struct Watcher<'a> {
    journal: JournalWriter,
    stop: &'a dyn Fn() -> Option<Stop>,
    beaten: Instant,
    /// The first thing that went wrong with the journal; the run stops over it.
    error: Option<StoreError>,
}

impl Observer for Watcher<'_> {
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        if self.error.is_none() {
            self.error = self.journal.row(step, epoch, values).err();
            self.beaten = Instant::now();
        }
    }

    fn tick(&mut self, step: u64, last_loss: f64) -> bool {
        if self.error.is_none() && self.beaten.elapsed() >= BEAT {
            self.error = self.journal.beat(step, last_loss).err();
            self.beaten = Instant::now();
        }
        self.error.is_none() && (self.stop)().is_none()
    }
}

/// What is kept of a run that ended by itself or was stopped; only a result has measures.
fn record(job: &Job, status: Status, reason: String, outcome: Option<&Outcome>, took: Duration) -> RunRecord {
    let mut record = job.record(status, reason);
    record.steps = outcome.map_or(0, |outcome| outcome.steps);
    record.seconds = took.as_secs_f64();
    if status.is_result() {
        record.measured = job.measures.iter().map(MeasureSpec::fingerprint).collect();
        record.measures = outcome.map(|outcome| outcome.measures.clone()).unwrap_or_default();
    }
    record
}
