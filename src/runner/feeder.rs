//! A worker's thread: takes runs off the queue, hands them to its process, and books how they end.

use std::collections::HashMap;
use std::io;
use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime};

use super::Event;
use super::crew::{Concern, Going, Pause, Shared, State, Task};
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

/// What came of an order to a worker.
enum Attended {
    /// Its last report.
    Done(Report),
    /// It died, before or after it `began` the run.
    Died { began: bool },
}

impl Shared {
    /// Works until the crew ends.
    pub(super) fn feed(&self) {
        let handle = Handle::default();
        let mut worker: Option<Worker> = None;
        while let Some((task, ticket)) = self.next(&handle) {
            let hired = worker.take().map_or_else(|| Worker::start(&self.options, &handle), Ok);
            let mut hired = match hired {
                Ok(hired) => hired,
                Err(error) => {
                    self.cannot_hire(task, &error.to_string());
                    continue;
                }
            };
            let saved = self.saved(&task.job.run);
            match self.attend(&mut hired, &handle, &task, ticket) {
                Attended::Done(report) => {
                    worker = Some(hired);
                    self.close(task, report);
                }
                Attended::Died { began: false } if hired.has_worked() => {
                    hired.bury();
                    self.lose_idle(task);
                }
                Attended::Died { .. } => {
                    let end = hired.bury();
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
            let until = state.pause.as_ref().map(|pause| pause.until);
            let rest = until.and_then(|until| until.checked_duration_since(Instant::now()));
            let room = state.going.len() < state.workers && !state.held;
            let task = if rest.is_none() && room { state.next_task() } else { None };
            if let Some(task) = task {
                state.pause = None;
                state.tickets += 1;
                let ticket = state.tickets;
                let since = Instant::now();
                let measures = task.job.measures.clone();
                let (handle, batch) = (handle.clone(), task.batch);
                let going = Going { handle, ticket, since, measures, batch, cancelled: false };
                state.going.insert(task.job.run.clone(), going);
                return Some((task, ticket));
            }
            let wait = rest.unwrap_or(Duration::from_mins(1));
            (state, _) = self.bell.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Has a worker do a run.
    fn attend(&self, worker: &mut Worker, handle: &Handle, task: &Task, ticket: u64) -> Attended {
        let mut began = false;
        if self.order(handle, task, ticket).is_err() {
            return Attended::Died { began };
        }
        loop {
            match worker.report() {
                Some(Report::Started(run)) => {
                    began = true;
                    self.tell(Event::Started(run));
                }
                Some(last) => return Attended::Done(last),
                None => return Attended::Died { began },
            }
        }
    }

    /// Gives a worker the order to do a run.
    fn order(&self, handle: &Handle, task: &Task, ticket: u64) -> io::Result<()> {
        let state = self.lock();
        handle.send(&Order::Run { ticket, job: Box::new(task.job.clone()) })?;
        // Cancelled while the worker was being started, when there was nobody to tell.
        if state.going.get(&task.job.run).is_some_and(|going| going.cancelled) {
            handle.send(&Order::Cancel(ticket))?;
        }
        Ok(())
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
                state.has_finished(run.clone(), status);
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
                self.pause(&mut state, message);
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
        state.has_finished(task.job.run.clone(), Status::Failed);
        self.tell(Event::Ended(task.job.run.clone(), Status::Failed));
    }

    /// When a run last saved how far it is.
    fn saved(&self, run: &RunId) -> Option<SystemTime> {
        journal::saved(&self.live_root(), run)
    }

    /// Books that no process could be started: nothing is wrong with the run, it is tried again.
    fn cannot_hire(&self, task: Task, error: &str) {
        let mut state = self.lock();
        self.put_back(&mut state, task);
        self.pause(&mut state, format!("a worker cannot be started: {error}"));
        drop(state);
        self.bell.notify_all();
    }

    /// Books that a worker had died before it was given the run, idle: nothing is wrong with that one.
    fn lose_idle(&self, task: Task) {
        let mut state = self.lock();
        self.put_back(&mut state, task);
        drop(state);
        self.bell.notify_all();
    }

    /// Puts a run back into the queue of which nobody was told that it began.
    fn put_back(&self, state: &mut State, task: Task) {
        let cancelled = state.going.remove(&task.job.run).is_some_and(|going| going.cancelled);
        if cancelled {
            self.tell(Event::Ended(task.job.run, Status::Cancelled));
        } else {
            state.queue.push_front(task);
        }
    }

    fn pause(&self, state: &mut State, why: String) {
        self.trouble(state, Concern::Running, format!("{why}: the queue waits"));
        state.pause = Some(Pause { until: Instant::now() + PAUSE, why });
    }
}

impl State {
    /// The first of the queue that is not going already, with fewer measures, and of a batch with room for one more.
    fn next_task(&mut self) -> Option<Task> {
        let mut going: HashMap<u64, usize> = HashMap::new();
        for run in self.going.values() {
            *going.entry(run.batch.number).or_default() += 1;
        }
        let may = |task: &Task| {
            let beside = going.get(&task.batch.number).copied().unwrap_or(0);
            beside < task.batch.workers.max(1) && !self.going.contains_key(&task.job.run)
        };
        let place = self.queue.iter().position(may)?;
        self.queue.remove(place)
    }

    fn has_finished(&mut self, run: RunId, status: Status) {
        self.finished.push((run, status));
        self.finished_since.get_or_insert_with(Instant::now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::{Batch, Crew, CrewOptions, Job};
    use crate::store::Origin;

    fn task(name: &str, batch: (u64, usize)) -> Task {
        let cell =
            "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n";
        let experiment = crate::spec::parse::experiment(cell, &crate::spec::Context::default()).unwrap();
        let [entry, cell, arm] = ["e", "c", "a"].map(str::to_owned);
        let job = Job {
            run: RunId::of(&[name.as_bytes()]),
            spec: experiment.runs[0].spec.clone(),
            dataset_hash: String::new(),
            measures: Vec::new(),
            origin: Origin { entry, cell, arm, point: Vec::new() },
        };
        Task { job, attempt: 1, batch: Batch { number: batch.0, workers: batch.1 } }
    }

    #[test]
    fn a_run_that_ended_while_the_tables_were_read_is_not_begun_again() {
        let root = tempfile::tempdir().unwrap();
        let options = CrewOptions { root: root.path().to_owned(), workers: 1, live: None };
        let (crew, events) = Crew::start(options);
        crew.hold();
        let asked = |names: &[&str]| -> Vec<_> {
            names.iter().map(|name| task(name, (1, 1))).map(|task| (task.job, task.batch)).collect()
        };
        crew.submit(asked(&["a"]), &[].into());
        let in_hand = crew.in_hand();
        assert_eq!(in_hand, asked(&["a"]).iter().map(|(job, _)| job.run.clone()).collect());
        crew.cancel(|_| true);
        crew.submit(asked(&["a", "b"]), &in_hand);
        let queued: Vec<_> = events.try_iter().filter(|event| matches!(event, Event::Queued(_))).collect();
        let [a, b] = ["a", "b"].map(|name| Event::Queued(vec![task(name, (1, 1)).job.queued()]));
        assert_eq!(queued, [a, b]);
    }

    #[test]
    fn a_batch_bounds_its_own_runs_and_none_of_others() {
        type Runs<'a> = &'a [(&'a str, (u64, usize))];
        // (what is going, what waits, what is next)
        let table: [(Runs<'_>, Runs<'_>, Option<&str>); 7] = [
            (&[], &[], None),
            (&[], &[("a", (1, 1)), ("b", (1, 1))], Some("a")),
            (&[("a", (1, 1))], &[("b", (1, 1))], None),
            (&[("a", (1, 1))], &[("b", (1, 1)), ("c", (2, 1))], Some("c")),
            (&[("a", (1, 1)), ("c", (2, 3))], &[("b", (1, 1)), ("d", (2, 3))], Some("d")),
            (&[("a", (1, 2))], &[("a", (1, 2)), ("b", (1, 2))], Some("b")),
            (&[], &[("a", (1, 0))], Some("a")),
        ];
        for (going, waiting, next) in table {
            let mut state = State::default();
            for &(name, batch) in going {
                let Task { job, batch, .. } = task(name, batch);
                let (handle, since) = (Handle::default(), Instant::now());
                let going = Going { handle, ticket: 1, since, measures: vec![], batch, cancelled: false };
                state.going.insert(job.run, going);
            }
            state.queue.extend(waiting.iter().map(|&(name, batch)| task(name, batch)));
            let found = state.next_task().map(|task| task.job.run);
            assert_eq!(found, next.map(|name| RunId::of(&[name.as_bytes()])), "{going:?} {waiting:?}");
            assert_eq!(state.queue.len(), waiting.len() - usize::from(next.is_some()));
        }
    }
}
