//! The queue and the workers: one thread per worker process hands it run after run; one more thread moves
//! finished runs from their journals into the tables, so that training never waits for Parquet.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::control::Desk;
use super::protocol::{Order, Report};
use super::worker::{Orders, Worker};
use super::{Event, Job};
use crate::base::{RunId, clock};
use crate::spec::ENGINE;
use crate::store::{Curve, RunRecord, Status, Store, journal};

/// A worker that dies costs its run one attempt; after this many the run has failed.
const ATTEMPTS: u32 = 2;

/// Finished runs are stored when so many wait, or when the oldest has waited so long.
const BATCH: usize = 256;
const BATCH_AGE: Duration = Duration::from_secs(2);

/// How often requests from other processes are looked for.
const DESK_INTERVAL: Duration = Duration::from_millis(250);

/// What a crew needs to know.
#[derive(Clone, Debug)]
pub struct CrewOptions {
    /// The notebook.
    pub root: PathBuf,
    /// How many workers at most.
    pub workers: usize,
    /// The program that is a worker when called with `worker`: lowland itself.
    pub program: PathBuf,
}

/// A queue of runs and the workers on it.
pub struct Crew {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    options: CrewOptions,
    state: Mutex<State>,
    /// Rung whenever the queue or the wish to end changes.
    bell: Condvar,
    events: Sender<Event>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(Job, u32)>,
    /// Runs on a worker.
    going: HashMap<RunId, Going>,
    /// Tickets given out.
    tickets: u64,
    /// Runs whose journal is complete and not yet stored.
    finished: usize,
    /// When the oldest of them finished.
    finished_since: Option<Instant>,
    /// Records of runs that ended without a journal (their worker died).
    lost: Vec<RunRecord>,
    ending: bool,
    /// Whether `Idle` was already said for the present lull.
    idle: bool,
}

/// A run on a worker.
struct Going {
    /// The worker's input.
    orders: Orders,
    /// Number of the order that the worker has or will get.
    ticket: u64,
}

/// A run taken off the queue.
struct Task {
    job: Job,
    attempt: u32,
    ticket: u64,
}

impl Crew {
    /// A crew with nothing to do yet. Workers are started when there is something for them.
    pub fn start(options: CrewOptions) -> (Self, Receiver<Event>) {
        let (events, receiver) = mpsc::channel();
        let workers = options.workers.max(1);
        let state = Mutex::new(State { idle: true, ..State::default() });
        let shared = Arc::new(Shared { options, state, bell: Condvar::new(), events });
        let mut threads: Vec<_> = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        threads.push({
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.keep())
        });
        (Self { shared, threads }, receiver)
    }

    /// Queues runs, behind those already queued. A run that is queued or going is not queued again.
    pub fn submit(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.shared.lock();
        for job in jobs {
            let known = state.going.contains_key(&job.run)
                || state.queue.iter().any(|(other, _)| other.run == job.run);
            if !known {
                state.queue.push_back((job, 1));
                state.idle = false;
            }
        }
        drop(state);
        self.shared.bell.notify_all();
    }

    /// Takes runs out of the queue, and stops those that are going.
    pub fn cancel(&self, runs: &[RunId]) {
        self.shared.cancel(|run| runs.contains(run));
    }

    /// How many runs are going and how many are queued.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.shared.lock();
        (state.going.len(), state.queue.len())
    }

    /// The runs that are going or queued.
    pub fn runs(&self) -> Vec<RunId> {
        let state = self.shared.lock();
        state.going.keys().cloned().chain(state.queue.iter().map(|(job, _)| job.run.clone())).collect()
    }
}

/// Stops everything that is going, stores what is finished, and waits for it.
impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.lock().ending = true;
        self.shared.cancel(|_| true);
        self.shared.bell.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: Event) {
        // Nobody listening is not an error: the journals tell the same.
        let _ = self.events.send(event);
    }

    fn cancel(&self, chosen: impl Fn(&RunId) -> bool) {
        let mut state = self.lock();
        let (gone, kept): (Vec<_>, Vec<_>) = state.queue.drain(..).partition(|(job, _)| chosen(&job.run));
        state.queue = kept.into();
        for going in state.going.iter().filter(|(run, _)| chosen(run)).map(|(_, going)| going) {
            // A worker that cannot be told is gone, and its thread knows.
            let _ = going.orders.send(&Order::Cancel(going.ticket));
        }
        drop(state);
        for (job, _) in gone {
            self.tell(Event::Ended(job.run, Status::Cancelled));
        }
        self.bell.notify_all();
    }

    /// A worker's thread: takes runs off the queue until the crew ends.
    fn work(&self) {
        let orders = Orders::default();
        let mut worker: Option<Worker> = None;
        while let Some(task) = self.next(&orders) {
            if worker.is_none() {
                worker = self.hire(&orders);
            }
            let ended = worker.as_mut().and_then(|worker| self.attend(worker, &orders, &task));
            if let Some(report) = ended {
                self.close(&task.job.run, report);
            } else {
                let message =
                    worker.as_mut().map_or("no worker could be started".to_owned(), Worker::obituary);
                worker = None;
                self.lose(task, &message);
            }
        }
        orders.close();
    }

    /// The next run, waiting for one; `None` when the crew ends.
    fn next(&self, orders: &Orders) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.ending {
                return None;
            }
            if let Some((job, attempt)) = state.queue.pop_front() {
                state.tickets += 1;
                let ticket = state.tickets;
                state.going.insert(job.run.clone(), Going { orders: orders.clone(), ticket });
                return Some(Task { job, attempt, ticket });
            }
            state = self.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn hire(&self, orders: &Orders) -> Option<Worker> {
        match Worker::start(&self.options.program, &self.options.root, orders) {
            Ok(worker) => Some(worker),
            Err(error) => {
                self.tell(Event::Trouble(format!("a worker cannot be started: {error}")));
                None
            }
        }
    }

    /// Has a worker do a run; its last report, or `None` if it died over it.
    fn attend(&self, worker: &mut Worker, orders: &Orders, task: &Task) -> Option<Report> {
        orders.send(&Order::Run { ticket: task.ticket, job: Box::new(task.job.clone()) }).ok()?;
        loop {
            match worker.report()? {
                Report::Started(run) => self.tell(Event::Started(run)),
                last => return Some(last),
            }
        }
    }

    /// Books a run whose worker reported its end.
    fn close(&self, run: &RunId, report: Report) {
        let mut state = self.lock();
        state.going.remove(run);
        let (status, trouble) = match report {
            Report::Ended(_, status) => {
                state.finished += 1;
                state.finished_since.get_or_insert_with(Instant::now);
                (status, None)
            }
            // Whoever holds it will finish it, and its result is found in the tables like any other.
            Report::Busy(_) | Report::Started(_) => (Status::Interrupted, None),
            Report::Failed(_, message) => (Status::Failed, Some(message)),
        };
        drop(state);
        if let Some(message) = trouble {
            self.tell(Event::Trouble(format!("run {}: {message}", run.short())));
        }
        self.tell(Event::Ended(run.clone(), status));
        self.bell.notify_all();
    }

    /// Books a run whose worker died: once more, or failed with the message.
    fn lose(&self, Task { job, attempt, .. }: Task, message: &str) {
        let mut state = self.lock();
        state.going.remove(&job.run);
        if attempt < ATTEMPTS && !state.ending {
            state.queue.push_front((job, attempt + 1));
        } else {
            let run = job.run.clone();
            state.lost.push(failed_record(&job, message));
            state.finished += 1;
            state.finished_since.get_or_insert_with(Instant::now);
            drop(state);
            self.tell(Event::Ended(run, Status::Failed));
        }
        self.bell.notify_all();
    }

    /// The keeper's thread: stores finished runs, answers other processes, says when all is done.
    fn keep(&self) {
        let store = Store::open(&self.options.root);
        let mut desk = Desk::open(&self.options.root);
        let mut troubled = false;
        loop {
            let (due, done) = self.wait_for_keeping();
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
            let mut state = self.lock();
            let quiet = state.queue.is_empty() && state.going.is_empty() && (state.finished == 0 || troubled);
            if quiet && !state.idle {
                state.idle = true;
                drop(state);
                self.tell(Event::Idle);
            }
            if done {
                return;
            }
        }
    }

    /// Waits a moment; whether a batch is due, and whether this was the last look.
    fn wait_for_keeping(&self) -> (bool, bool) {
        let state = self.lock();
        let (state, _) = self.bell.wait_timeout(state, DESK_INTERVAL).unwrap_or_else(PoisonError::into_inner);
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
}

/// The record of a run that left no journal.
fn failed_record(job: &Job, message: &str) -> RunRecord {
    let finished = clock::now();
    RunRecord {
        run: job.run.clone(),
        record: crate::base::ids::content_hash(&[job.run.as_str().as_bytes(), finished.as_bytes()])[..16]
            .to_owned(),
        origin: job.origin.clone(),
        seed: job.spec.seed,
        spec: serde_json::to_value(&job.spec).unwrap_or_default(),
        dataset_hash: job.dataset_hash.clone(),
        engine: ENGINE,
        status: Status::Failed,
        reason: message.to_owned(),
        measured: Vec::new(),
        measures: std::collections::BTreeMap::new(),
        steps: 0,
        seconds: 0.0,
        finished,
        host: crate::base::host(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
