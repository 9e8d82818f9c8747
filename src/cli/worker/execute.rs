//! One run, from claim to the end of its journal.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use rustix::io::Errno;

use super::again;
use super::bench::Bench;
use super::stock::Stock;
use super::watcher::Watcher;
use crate::base::{self, RunId, clock};
use crate::data::Problem;
use crate::runner::Job;
use crate::runner::protocol::{self, Report};
use crate::science::train::{Ending, Outcome};
use crate::science::{self, Checkpoint, TrainError};
use crate::spec::{MeasureSpec, RunSpec};
use crate::store::journal::{self, JournalWriter, Resumed, Start};
use crate::store::{RunRecord, Status, Store, StoreError};

/// Where a worker works.
pub struct Place {
    /// The notebook.
    pub root: PathBuf,
    /// Where the journals of its runs go.
    pub live: PathBuf,
    /// Its results.
    pub store: Store,
}

/// Does one run, from claim to the end of its journal.
pub fn execute(place: &Place, bench: &mut Bench, job: &Job, stop: &dyn Fn() -> bool) -> Report {
    let run = job.run.clone();
    let start = Start {
        run: run.clone(),
        origin: job.origin.clone(),
        spec: serde_json::to_value(&job.spec).unwrap_or_default(),
        pid: std::process::id(),
        host: base::host(),
        started: clock::now(),
        seconds: 0.0,
        total_steps: total_steps(&job.spec),
    };
    let measured: Vec<_> = job.measures.iter().map(MeasureSpec::fingerprint).collect();
    let (journal, resumed) = match claim(place, job, &start, &measured) {
        Ok(Claimed::Open(journal, resumed)) => (*journal, resumed.map(|resumed| *resumed)),
        Ok(Claimed::Done(status)) => return Report::Ended(run, status),
        Err(StoreError::Claimed(_)) => return Report::Busy(run),
        Err(error) => return trouble(run, &error),
    };
    if let Err(error) = protocol::send(&mut io::stdout().lock(), &Report::Started(run.clone())) {
        return Report::Failed(run, error.to_string());
    }
    let again = if resumed.is_none() { again::find(place, job) } else { None };
    let before = resumed.as_ref().map_or(0.0, |resumed| resumed.seconds);
    let mut watcher = Watcher::new(journal, measured, before, stop);
    let from = resumed.map(|resumed| resumed.checkpoint);
    let measured = again.as_ref().and_then(|again| again::measure(again, place, bench, job, &mut watcher));
    let again = again.filter(|_| measured.is_some());
    let outcome = match measured {
        Some(outcome) => Ok(outcome),
        None => bench.problem(job).and_then(|problem| {
            let mut stock = Stock { place, bench, job };
            go(&problem, from.as_ref(), &start, &mut stock, &mut watcher)
        }),
    };
    let seconds = watcher.seconds();
    let Watcher { journal, error, .. } = watcher;
    if let Some(error) = error {
        return trouble(run, &error);
    }
    let (status, reason) = match &outcome {
        Ok(outcome) => match outcome.ending {
            Ending::Diverged => (Status::Diverged, outcome.ending.name().to_owned()),
            // No end is written: the journal of a run that was interrupted or stopped stays, as that of a killed one
            // does, and the run goes on from its checkpoint when it is asked for again.
            Ending::Interrupted => return Report::Ended(run, Status::Interrupted),
            reached => (Status::Done, reached.name().to_owned()),
        },
        Err(message) => (Status::Failed, message.clone()),
    };
    let outcome = outcome.ok();
    let mut record = record(job, status, reason, outcome.as_ref(), seconds);
    if let Some(again) = &again {
        again.describe(&mut record);
    }
    let record = record.with_id(journal.curve());
    let weights = outcome.as_ref().filter(|_| status.is_result()).map_or(Ok(()), |outcome| {
        // Those of a run that was only measured are in their place.
        if again.is_none() {
            journal.write_weights(&outcome.weights)?;
        }
        journal.write_details(&outcome.details)
    });
    match weights.and_then(|()| journal.finish(&record)) {
        Ok(()) => Report::Ended(run, status),
        Err(error) => trouble(run, &error),
    }
}

/// Steps that a run takes at the most, over all its trainings.
fn total_steps(spec: &RunSpec) -> u64 {
    (spec.stop.steps as f64 * spec.procedure.trainings(spec.dataset.train)) as u64
}

/// What is found in the place of a run.
enum Claimed {
    /// Its journal, and where an earlier attempt stood.
    Open(Box<JournalWriter>, Option<Box<Resumed>>),
    /// It is done: whoever did it was killed before it could say so.
    Done(Status),
}

/// Claims a run. A finished journal in its place that does not answer the job (cancelled, failed, other measures) is
/// stored, and makes room.
fn claim(place: &Place, job: &Job, start: &Start, measured: &[String]) -> Result<Claimed, StoreError> {
    let resume = || {
        let (journal, resumed) = JournalWriter::resume(&place.live, start, measured)?;
        Ok(Claimed::Open(Box::new(journal), resumed.map(Box::new)))
    };
    match resume() {
        Err(StoreError::Ended(_)) => match journal::finished(&place.live, &job.run) {
            Some(record) if job.is_answered_by(&record) => Ok(Claimed::Done(record.status)),
            _ => {
                journal::harvest(&place.store, &place.live)?;
                resume()
            }
        },
        other => other,
    }
}

/// What to tell the crew of an error of the store.
fn trouble(run: RunId, error: &StoreError) -> Report {
    match error {
        // Where it showed says nothing then, and would have the same be said anew for every run.
        StoreError::Io { error, .. } if is_of_the_disk(error) => Report::Full(run, error.to_string()),
        error => Report::Failed(run, error.to_string()),
    }
}

/// Whether an error says something of the disk and nothing of the run: there may be room, or a disk, again.
fn is_of_the_disk(error: &io::Error) -> bool {
    use io::ErrorKind::{
        NotConnected, QuotaExceeded, ReadOnlyFilesystem, StaleNetworkFileHandle, StorageFull, TimedOut,
    };
    let kinds =
        [NotConnected, QuotaExceeded, ReadOnlyFilesystem, StaleNetworkFileHandle, StorageFull, TimedOut];
    let numbers = [Errno::IO, Errno::NODEV, Errno::NXIO].map(|errno| Some(errno.raw_os_error()));
    kinds.contains(&error.kind()) || numbers.contains(&error.raw_os_error())
}

/// Carries it out, from where an earlier attempt stood if that is possible, else from the start.
fn go(
    problem: &Problem,
    from: Option<&Checkpoint>,
    start: &Start,
    stock: &mut Stock<'_>,
    watcher: &mut Watcher<'_>,
) -> Result<Outcome, String> {
    match guarded_run(problem, from, stock, watcher) {
        Err(TrainError::Checkpoint(_)) => {
            watcher.restart(start);
            guarded_run(problem, None, stock, watcher)
        }
        other => other,
    }
    .map_err(|error| error.to_string())
}

/// Carries it out; a panic, which would be a bug, costs its run and not the worker.
fn guarded_run(
    problem: &Problem,
    from: Option<&Checkpoint>,
    stock: &mut Stock<'_>,
    watcher: &mut Watcher<'_>,
) -> Result<Outcome, TrainError> {
    let job = stock.job;
    let run = || science::run(&job.spec, problem, &job.measures, from, stock, watcher);
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
        let words = words.unwrap_or_else(|| "it panicked".to_owned());
        Err(TrainError::Run(format!("a bug in lowland: {words}")))
    })
}

/// What is kept of a run that ended by itself or was stopped; only a result has measures.
fn record(job: &Job, status: Status, reason: String, outcome: Option<&Outcome>, seconds: f64) -> RunRecord {
    let mut record = job.record(status, reason);
    record.steps = outcome.map_or(0, |outcome| outcome.steps);
    record.seconds = seconds;
    if status.is_result() {
        record.measured = job.measures.iter().map(MeasureSpec::fingerprint).collect();
        record.measures = outcome.map(|outcome| outcome.measures.clone()).unwrap_or_default();
    }
    record
}
