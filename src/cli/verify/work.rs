//! Training the chosen runs again, and comparing what they come to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::choose::{Choice, Task};
use super::judge::Judge;
use super::progress::Progress;
use super::{Verdict, note};
use crate::base::RunId;
use crate::base::spread::cores;
use crate::cli::args::Verify;
use crate::cli::run::interrupts;
use crate::notebook::Notebook;
use crate::runner::{Batch, Crew, CrewOptions, Event};
use crate::store::journal::{self, Scratch};
use crate::store::{RunRecord, Status};

/// How often the progress line moves.
const INTERVAL: Duration = Duration::from_millis(250);

/// What the work came to.
pub struct Done {
    /// What is found of each run; none of those that an interruption left untrained.
    pub verdicts: HashMap<RunId, Verdict>,
    /// What ended it before its time.
    pub cut: Option<Cut>,
    /// How many workers there were.
    pub workers: usize,
    /// How long it took.
    pub seconds: f64,
}

/// What ends a verification before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Somebody pressed ^C.
    Interrupted,
    /// Nothing can be trained, and why. Runs that are wanted wait for a disk with room; whoever asks whether they are
    /// sound wants to know that they cannot be told.
    HeldUp(String),
}

/// Trains and compares.
pub fn work(choice: &Choice, notebook: &Notebook, args: &Verify) -> anyhow::Result<Done> {
    let cannot = choice.runs.iter().filter_map(|run| match &run.task {
        Task::Cannot(why) => Some((run.id.clone(), Verdict::Cannot(why.clone()))),
        Task::Train(..) => None,
    });
    let mut done = Done { verdicts: cannot.collect(), cut: None, workers: 0, seconds: 0.0 };
    let records: HashMap<RunId, &Arc<RunRecord>> =
        choice.jobs().map(|(job, record)| (job.run.clone(), record)).collect();
    if records.is_empty() {
        return Ok(done);
    }
    let cores = cores();
    done.workers = args.workers.map_or(cores, usize::from).min(records.len());
    let interrupt = interrupts()?;
    let scratch = Scratch::make(&journal::live_root(notebook.root())).map_err(|error| {
        anyhow::anyhow!("runs are trained again in a folder of the notebook, and none can be made: {error}")
    })?;
    let options = CrewOptions {
        root: notebook.root().to_owned(),
        workers: done.workers,
        live: Some(scratch.path().to_owned()),
    };
    let mut progress = Progress::new(&records, done.workers);
    note(args, &progress.forecast());
    let mut judge = Judge::new(notebook.store(), &scratch, records, args.tolerance);
    // The crew goes before the folder that it works in.
    let (crew, events) = Crew::start(options);
    let batch = Batch { number: 0, workers: done.workers };
    crew.submit(choice.jobs().map(|(job, _)| (job.clone(), batch)), &HashSet::new());
    loop {
        match events.recv_timeout(INTERVAL) {
            Ok(Event::Started(run)) => progress.began(&run),
            Ok(Event::Ended(run, status)) => {
                progress.ended(&run);
                if status != Status::Cancelled {
                    judge.lost(crew.lost());
                    judge.ended(run);
                }
            }
            // What holds the runs up is said in the end.
            Ok(Event::Trouble(message)) if crew.held_up().is_none() => progress.say(&message),
            Ok(
                Event::Queued(_)
                | Event::Requeued(_)
                | Event::Trouble(_)
                | Event::Recovered
                | Event::Stored(_),
            ) => {}
            Ok(Event::Idle) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => progress.draw(&judge.going()),
        }
        if done.cut.is_none() {
            let interrupted = interrupt.raised().then_some(Cut::Interrupted);
            done.cut = interrupted.or_else(|| crew.held_up().map(Cut::HeldUp));
            if done.cut.is_some() {
                crew.cancel(|_| true);
            }
        }
    }
    judge.judge();
    done.verdicts.extend(judge.verdicts);
    done.seconds = progress.finish();
    Ok(done)
}
