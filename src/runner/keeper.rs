//! The keeper's thread: moves finished runs into the tables, hears requests of other processes, looks after runs that
//! another crew is at, and says when all is done.

use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Event;
use super::control::Desk;
use super::crew::{Shared, Task};
use crate::store::journal::{self, LiveState};
use crate::store::{Curve, Status, Store};

/// Finished runs are stored when so many wait, or when the oldest has waited so long.
const BATCH: usize = 256;
const BATCH_AGE: Duration = Duration::from_secs(2);

/// How often requests from other processes are looked for.
const LOOK: Duration = Duration::from_millis(250);

/// How often it is looked whether runs of another crew are done.
const LOOK_ELSEWHERE: Duration = Duration::from_secs(1);

impl Shared {
    /// Keeps until the crew ends and everything is stored.
    pub(super) fn keep(&self) {
        let root = &self.options.root;
        let store = Store::open(root);
        let mut desk = if self.options.live.is_none() { Desk::open(root) } else { None };
        let mut troubled = false;
        let mut looked = Instant::now();
        loop {
            let (due, done) = self.wait();
            if due {
                match self.store(&store) {
                    Ok(count) => {
                        troubled = false;
                        self.tell(Event::Stored(count));
                    }
                    // The journals stay where they are, so nothing is lost; said once, tried again.
                    Err(message) if !troubled => {
                        troubled = true;
                        self.tell(Event::Trouble(message));
                    }
                    Err(_) => {}
                }
            }
            if let Some(request) = desk.as_mut().and_then(Desk::request) {
                self.cancel(|run| request.as_ref().is_none_or(|runs| runs.contains(run)));
            }
            if self.options.live.is_none() && looked.elapsed() >= LOOK_ELSEWHERE {
                looked = Instant::now();
                self.look_elsewhere(root, &store);
            }
            self.say_idle(troubled);
            if done {
                return;
            }
        }
    }

    fn say_idle(&self, troubled: bool) {
        let mut state = self.lock();
        let empty = state.queue.is_empty() && state.going.is_empty() && state.elsewhere.is_empty();
        if empty && (state.finished == 0 || troubled) && !state.idle {
            state.idle = true;
            self.tell(Event::Idle);
        }
    }

    /// Waits a moment; whether a batch is due, and whether this was the last look.
    fn wait(&self) -> (bool, bool) {
        let state = self.lock();
        let (state, _) = self.bell.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
        let nothing_left = state.queue.is_empty() && state.going.is_empty();
        let old = state.finished_since.is_some_and(|since| since.elapsed() >= BATCH_AGE);
        let due = state.finished > 0 && (state.finished >= BATCH || old || nothing_left);
        (due, state.ending && state.going.is_empty())
    }

    /// Moves everything finished into the tables.
    fn store(&self, store: &Store) -> Result<usize, String> {
        let lost = {
            let mut state = self.lock();
            state.finished = 0;
            state.finished_since = None;
            std::mem::take(&mut state.lost)
        };
        if self.options.live.is_some() {
            return Ok(0);
        }
        let rows: Vec<_> = lost.into_iter().map(|record| (record, Curve::default())).collect();
        let stored = if rows.is_empty() { Ok(()) } else { store.append(&rows) }
            .and_then(|()| journal::harvest(store, &journal::live_root(&self.options.root)));
        stored.map(|count| count + rows.len()).map_err(|error| {
            let mut state = self.lock();
            state.finished += 1;
            state.lost.extend(rows.into_iter().map(|(record, _)| record));
            format!("results cannot be stored: {error}")
        })
    }

    /// Runs that another crew had claimed: done if they are stored by now, queued again if nobody is at them.
    fn look_elsewhere(&self, root: &Path, store: &Store) {
        let waiting = std::mem::take(&mut self.lock().elsewhere);
        if waiting.is_empty() {
            return;
        }
        let live = journal::read_all(&journal::live_root(root));
        let (records, _) = store.read_summaries();
        let is_live = |task: &Task| {
            live.iter().any(|run| run.run == task.job.run && !matches!(run.state, LiveState::Dead))
        };
        let is_stored = |task: &Task| {
            records.iter().any(|record| record.run == task.job.run && record.status.is_result())
        };
        let mut state = self.lock();
        for task in waiting {
            if is_live(&task) {
                state.elsewhere.push(task);
            } else if is_stored(&task) {
                self.tell(Event::Ended(task.job.run, Status::Done));
            } else {
                state.queue.push_back(task);
            }
        }
        drop(state);
        self.bell.notify_all();
    }
}
