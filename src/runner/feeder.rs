//! A worker's thread: takes runs off the queue, hands them to its process, and books how they end.

use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime};

use super::Event;
use super::crew::{Concern, Going, Shared, State, Task};
use super::protocol::{Order, Report};
use super::worker::{End, Handle, Worker};
use crate::base::RunId;
use crate::store::{Status, journal};

/// A worker that dies by itself costs its run one attempt; after this many the run has failed.
const ATTEMPTS: u32 = 2;

/// The same for a worker that was killed from outside: for want of memory, it will be again, but a person or a
/// system that goes down does not mean the run.
const ATTEMPTS_IF_KILLED: u32 = 5;

/// How long the queue rests when the disk is full or no process can be started.
const PAUSE: Duration = Duration::from_secs(5);

impl Shared {
    /// Works until the crew ends.
    pub(super) fn feed(&self) {
        let handle = Handle::default();
        let mut worker: Option<Worker> = None;
        while let Some((task, ticket)) = self.next(&handle) {
            if worker.is_none() {
                match Worker::start(&self.options, &handle) {
                    Ok(hired) => worker = Some(hired),
                    Err(error) => {
                        self.cannot_hire(task, &error.to_string());
                        continue;
                    }
                }
            }
            let saved = self.saved(&task.job.run);
            let report = worker.as_mut().and_then(|worker| self.attend(worker, &handle, &task, ticket));
            match (report, worker.take()) {
                (Some(report), kept) => {
                    worker = kept;
                    self.close(task, report);
                }
                (None, dead) => {
                    let end = dead.map(Worker::bury).unwrap_or_default();
                    let moved = self.saved(&task.job.run) != saved;
                    self.lose(task, &end, moved);
                }
            }
        }
        if let Some(worker) = worker {
            worker.bury();
        }
    }

    /// The next run, waiting for one; `None` when the crew ends.
    fn next(&self, handle: &Handle) -> Option<(Task, u64)> {
        let mut state = self.lock();
        loop {
            if state.ending {
                return None;
            }
            let rest = state.paused_until.and_then(|until| until.checked_duration_since(Instant::now()));
            let room = state.going.len() < state.workers && !state.held;
            let task = if rest.is_none() && room { state.next_task() } else { None };
            if let Some(task) = task {
                state.paused_until = None;
                state.tickets += 1;
                let ticket = state.tickets;
                let since = Instant::now();
                let measures = task.job.measures.clone();
                let going = Going { handle: handle.clone(), ticket, since, measures, cancelled: false };
                state.going.insert(task.job.run.clone(), going);
                return Some((task, ticket));
            }
            let wait = rest.unwrap_or(Duration::from_mins(1));
            (state, _) = self.bell.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Has a worker do a run; its last report, or `None` if it died over it.
    fn attend(&self, worker: &mut Worker, handle: &Handle, task: &Task, ticket: u64) -> Option<Report> {
        {
            let state = self.lock();
            handle.send(&Order::Run { ticket, job: Box::new(task.job.clone()) }).ok()?;
            // Cancelled while the worker was being started, when there was nobody to tell.
            if state.going.get(&task.job.run).is_some_and(|going| going.cancelled) {
                handle.send(&Order::Cancel(ticket)).ok()?;
            }
        }
        loop {
            match worker.report()? {
                Report::Started(run) => self.tell(Event::Started(run)),
                last => return Some(last),
            }
        }
    }

    /// Books a run whose worker reported its end.
    fn close(&self, task: Task, report: Report) {
        let mut state = self.lock();
        let run = task.job.run.clone();
        let cancelled = state.going.remove(&run).is_some_and(|going| going.cancelled);
        match report {
            Report::Ended(_, Status::Interrupted) if !cancelled => self.requeue(&mut state, task),
            // What it came to is kept, and goes on when it is asked for again.
            Report::Ended(_, Status::Interrupted) => self.tell(Event::Ended(run, Status::Cancelled)),
            Report::Ended(_, status) => {
                state.has_finished(run.clone());
                self.recovered(&mut state, Concern::Running);
                self.tell(Event::Ended(run, status));
            }
            _ if cancelled => self.tell(Event::Ended(run, Status::Cancelled)),
            // Whoever holds it will finish it; until its result is there it is not done.
            Report::Busy(_) => {
                self.tell(Event::Requeued(run));
                state.elsewhere.push(task);
            }
            Report::Full(_, message) => {
                self.requeue(&mut state, task);
                self.pause(&mut state, format!("{message}: the queue waits"));
            }
            Report::Failed(_, message) => self.fail(&mut state, &task, message),
            Report::Started(_) | Report::Probed { .. } => {}
        }
        drop(state);
        self.bell.notify_all();
    }

    /// Books a run whose worker died: once more, or failed with what the worker said. An attempt that came further
    /// than the last one (it `moved`) does not count.
    fn lose(&self, mut task: Task, end: &End, moved: bool) {
        let mut state = self.lock();
        let run = task.job.run.clone();
        let cancelled = state.going.remove(&run).is_some_and(|going| going.cancelled);
        let attempts = if end.killed { ATTEMPTS_IF_KILLED } else { ATTEMPTS };
        task.attempt = if moved { 1 } else { task.attempt };
        if cancelled {
            self.tell(Event::Ended(run, Status::Cancelled));
        } else if task.attempt < attempts || state.ending {
            task.attempt += 1;
            self.requeue(&mut state, task);
        } else {
            self.fail(&mut state, &task, format!("{} ({attempts} attempts)", end.message));
        }
        drop(state);
        self.bell.notify_all();
    }

    /// Puts a run back to where it came from: the head of the queue.
    fn requeue(&self, state: &mut State, task: Task) {
        self.tell(Event::Requeued(task.job.run.clone()));
        state.queue.push_front(task);
    }

    /// Books a run that cannot be done.
    fn fail(&self, state: &mut State, task: &Task, message: String) {
        state.lost.push(task.job.record(Status::Failed, message));
        state.has_finished(task.job.run.clone());
        self.tell(Event::Ended(task.job.run.clone(), Status::Failed));
    }

    /// When a run last saved how far it is.
    fn saved(&self, run: &RunId) -> Option<SystemTime> {
        journal::saved(&self.live_root(), run)
    }

    /// Books that no process could be started: nothing is wrong with the run, it is tried again.
    fn cannot_hire(&self, task: Task, error: &str) {
        let mut state = self.lock();
        state.going.remove(&task.job.run);
        // Nobody was told that it began.
        state.queue.push_front(task);
        self.pause(&mut state, format!("a worker cannot be started: {error}"));
        drop(state);
        self.bell.notify_all();
    }

    fn pause(&self, state: &mut State, why: String) {
        state.paused_until = Some(Instant::now() + PAUSE);
        self.trouble(state, Concern::Running, why);
    }
}

impl State {
    /// The first of the queue that is not going already, with fewer measures.
    fn next_task(&mut self) -> Option<Task> {
        let place = self.queue.iter().position(|task| !self.going.contains_key(&task.job.run))?;
        self.queue.remove(place)
    }

    fn has_finished(&mut self, run: RunId) {
        self.finished.push(run);
        self.finished_since.get_or_insert_with(Instant::now);
    }
}
