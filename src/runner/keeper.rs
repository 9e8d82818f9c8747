//! The keeper's thread: moves finished runs into the tables, looks after runs that another crew is at, and says when
//! all is done.

use std::collections::HashSet;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Event;
use super::crew::{Concern, Shared, State, Task};
use crate::base::RunId;
use crate::store::journal;
use crate::store::{Curve, Store};

/// Finished runs are stored when so many wait, or when the oldest has waited so long.
const BATCH: usize = 256;
const BATCH_AGE: Duration = Duration::from_secs(2);

/// How often it is looked whether something is to be done.
const LOOK: Duration = Duration::from_millis(250);

/// A run that has been going for so long shows that what hindered runs is over.
const GOES_WELL: Duration = Duration::from_secs(20);

/// What was done about the runs that have finished.
struct Stored {
    /// How many of them were looked at, from the first on.
    looked_at: usize,
    /// Those that are in the tables now. Until that is told they count as finished.
    over: HashSet<RunId>,
}

impl Shared {
    /// Keeps until the crew ends and everything is stored.
    pub(super) fn keep(&self) {
        let root = &self.options.root;
        let store = Store::open(root);
        loop {
            let (due, done) = self.wait();
            if due {
                let stored = self.store(&store);
                let mut state = self.lock();
                match stored {
                    Ok(Stored { looked_at, over }) => {
                        self.recovered(&mut state, Concern::Storing);
                        // One that has finished once more meanwhile stands behind these.
                        let mut waiting: Vec<_> = state.finished.drain(..looked_at).collect();
                        waiting.retain(|(run, _)| !over.contains(run));
                        state.finished.splice(0..0, waiting);
                        // Before it is told: whoever finds all runs over finds nothing left of them.
                        if state.has_nothing() {
                            journal::remove_spare(&self.live_root());
                        }
                        self.tell(Event::Stored(over.into_iter().collect()));
                    }
                    // The journals stay where they are, so nothing is lost; said once, tried again.
                    Err(message) => self.trouble(&mut state, Concern::Storing, message),
                }
            }
            if self.options.live.is_none() {
                self.look_elsewhere(root, &store);
            }
            self.say_idle();
            if done {
                journal::remove_spare(&self.live_root());
                return;
            }
        }
    }

    fn say_idle(&self) {
        let mut state = self.lock();
        if state.going.values().any(|going| going.since.elapsed() >= GOES_WELL) {
            self.recovered(&mut state, Concern::Running);
        }
        if state.has_nothing() && !state.idle {
            state.idle = true;
            journal::remove_spare(&self.live_root());
            self.tell(Event::Idle);
        }
    }

    /// Waits a moment; whether a batch is due, and whether this was the last look.
    fn wait(&self) -> (bool, bool) {
        let state = self.lock();
        let (state, _) = self.bell.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
        let nothing_left = state.queue.is_empty() && state.going.is_empty();
        let old = state.finished_since.is_some_and(|since| since.elapsed() >= BATCH_AGE);
        // After a failure it rests like the queue does.
        let again = !state.trouble.contains_key(&Concern::Storing) || old;
        let waiting = state.finished.len();
        let due = waiting > 0 && again && (waiting >= BATCH || old || nothing_left || state.ending);
        (due, state.ending && state.going.is_empty())
    }

    /// Moves everything finished into the tables.
    fn store(&self, store: &Store) -> Result<Stored, String> {
        let (finished, lost) = {
            let mut state = self.lock();
            state.finished_since = None;
            let finished: Vec<RunId> = state.finished.iter().map(|(run, _)| run.clone()).collect();
            if self.options.live.is_some() {
                return Ok(Stored { looked_at: finished.len(), over: finished.into_iter().collect() });
            }
            (finished, std::mem::take(&mut state.lost))
        };
        let rows: Vec<_> = lost.into_iter().map(|record| (record, Curve::default())).collect();
        let appended = store.append(&rows);
        let stored = appended.and_then(|()| journal::harvest_amid_runs(store, &self.live_root()));
        // Of what is in somebody else's hands for an instant, the next look will tell.
        let waits = |run: &RunId| stored.is_err() || journal::finished(&self.live_root(), run).is_some();
        let looked_at = finished.len();
        let (waiting, over): (HashSet<_>, HashSet<_>) = finished.into_iter().partition(waits);
        let mut state = self.lock();
        if !waiting.is_empty() {
            state.finished_since = Some(Instant::now());
        }
        match stored {
            Ok(_) => Ok(Stored { looked_at, over }),
            Err(error) => {
                state.lost.extend(rows.into_iter().map(|(record, _)| record));
                Err(format!("results cannot be stored: {error}"))
            }
        }
    }

    /// Runs that another crew had claimed: done if they are stored by now, queued again if nobody is at them.
    fn look_elsewhere(&self, root: &Path, store: &Store) {
        let waiting = std::mem::take(&mut self.lock().elsewhere);
        if waiting.is_empty() {
            return;
        }
        let live_root = journal::live_root(root);
        // Asked before the tables are read: one that is free by then and not in them is to be done.
        let claimed = |task: &Task| journal::is_claimed(&live_root, &task.job.run);
        let claimed: HashSet<RunId> =
            waiting.iter().filter(|task| claimed(task)).map(|task| task.job.run.clone()).collect();
        // Whoever finished one of them may not be there any more to store it.
        if waiting.iter().any(|task| journal::finished(&live_root, &task.job.run).is_some()) {
            let _ = journal::harvest(store, &live_root);
        }
        let (records, _) = store.read_summaries();
        let mut state = self.lock();
        for task in waiting {
            let answer =
                records.iter().find(|record| record.run == task.job.run && task.job.is_answered_by(record));
            if let Some(record) = answer {
                self.tell(Event::Ended(task.job.run.clone(), record.status));
                self.tell(Event::Stored(vec![task.job.run]));
            } else if claimed.contains(&task.job.run) {
                state.elsewhere.push(task);
            } else {
                state.queue.push_back(task);
            }
        }
        drop(state);
        self.bell.notify_all();
    }
}

impl State {
    /// Whether nothing waits, is going, or is to be stored.
    fn has_nothing(&self) -> bool {
        let going = self.going.len() + self.queue.len() + self.elsewhere.len();
        going == 0 && self.finished.is_empty()
    }
}
