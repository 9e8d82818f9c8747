//! A worker's thread: takes runs off the queue, hands them to its process, and books how they end.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Event;
use super::crew::{Going, Shared, State, Task};
use super::protocol::{Order, Report};
use super::worker::{Handle, Worker};
use crate::base::RunId;
use crate::store::Status;

/// A worker that dies costs its run one attempt; after this many the run has failed.
const ATTEMPTS: u32 = 2;

/// Workers that cannot be started are tried again so often before the queue is given up.
const HIRES: u32 = 3;

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
            let report = worker.as_mut().and_then(|worker| self.attend(worker, &handle, &task, ticket));
            match (report, worker.take()) {
                (Some(report), kept) => {
                    worker = kept;
                    self.close(task, report);
                }
                (None, dead) => {
                    let message = dead.map(Worker::bury).unwrap_or_default();
                    self.lose(task, &message);
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
            let task = if rest.is_none() { state.queue.pop_front() } else { None };
            if let Some(task) = task {
                state.paused_until = None;
                state.tickets += 1;
                let ticket = state.tickets;
                let going = Going { handle: handle.clone(), ticket, cancelled: false };
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
            let mut state = self.lock();
            state.hires_failed = 0;
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
            Report::Ended(_, status) => {
                state.one_more_finished();
                self.tell(Event::Ended(run, status));
            }
            _ if cancelled => self.tell(Event::Ended(run, Status::Cancelled)),
            // Whoever holds it will finish it; until its result is there it is not done.
            Report::Busy(_) => state.elsewhere.push(task),
            Report::Full(_, message) => {
                state.queue.push_front(task);
                self.pause(&mut state, format!("{message}: the queue waits for room"));
            }
            Report::Failed(_, message) => {
                self.tell(Event::Trouble(format!("run {}: {message}", run.short())));
                self.tell(Event::Ended(run, Status::Failed));
            }
            Report::Started(_) | Report::Probed { .. } => {}
        }
        drop(state);
        self.bell.notify_all();
    }

    /// Books a run whose worker died: once more, or failed with the message.
    fn lose(&self, mut task: Task, message: &str) {
        let mut state = self.lock();
        let run = task.job.run.clone();
        let unwanted = state.going.remove(&run).is_some_and(|going| going.cancelled) || state.ending;
        if unwanted {
            self.tell(Event::Ended(run, Status::Cancelled));
        } else if task.attempt < ATTEMPTS {
            task.attempt += 1;
            state.queue.push_front(task);
        } else {
            state.lost.push(task.job.record(Status::Failed, message.to_owned()));
            state.one_more_finished();
            self.tell(Event::Ended(run, Status::Failed));
        }
        drop(state);
        self.bell.notify_all();
    }

    /// Books that no process could be started: later again, and after some attempts not at all.
    fn cannot_hire(&self, task: Task, error: &str) {
        let mut state = self.lock();
        state.going.remove(&task.job.run);
        state.queue.push_front(task);
        state.hires_failed += 1;
        let program = self.options.program.display();
        self.pause(&mut state, format!("a worker cannot be started ({program}): {error}"));
        if state.hires_failed >= HIRES {
            // Not stored as failures: nothing is wrong with the runs.
            let given_up: Vec<RunId> = state.queue.drain(..).map(|task| task.job.run).collect();
            for run in given_up {
                self.tell(Event::Ended(run, Status::Failed));
            }
        }
        drop(state);
        self.bell.notify_all();
    }

    fn pause(&self, state: &mut State, why: String) {
        state.paused_until = Some(Instant::now() + PAUSE);
        self.tell(Event::Trouble(why));
    }
}

impl State {
    fn one_more_finished(&mut self) {
        self.finished += 1;
        self.finished_since.get_or_insert_with(Instant::now);
    }
}
