//! The queue, and what may be asked of it. One thread per worker process hands it run after run (`feeder`); one more
//! moves finished runs from their journals into the tables (`keeper`), so that training never waits for Parquet.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::protocol::Order;
use super::worker::Handle;
use super::{Event, Job};
use crate::base::RunId;
use crate::store::{RunRecord, Status};

/// How long a crew that ends waits for its workers to stop by themselves.
const GRACE: Duration = Duration::from_secs(3);

/// What a crew needs to know.
#[derive(Clone, Debug)]
pub struct CrewOptions {
    /// The notebook.
    pub root: PathBuf,
    /// How many workers at most.
    pub workers: usize,
    /// Where the journals go. `None`: where the notebook has them, and finished runs are stored; else they are left
    /// there, for whoever started the crew.
    pub live: Option<PathBuf>,
    /// The program that is a worker when called with `worker`: lowland itself.
    pub program: PathBuf,
}

/// A queue of runs and the workers on it.
pub struct Crew {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads of a crew share.
pub(super) struct Shared {
    pub options: CrewOptions,
    state: Mutex<State>,
    /// Rung whenever the queue or the wish to end changes.
    pub bell: Condvar,
    events: Sender<Event>,
}

/// The state of a crew.
#[derive(Default)]
pub(super) struct State {
    pub queue: VecDeque<Task>,
    /// Runs on a worker.
    pub going: HashMap<RunId, Going>,
    /// Runs that another crew has claimed: looked at again until they are stored or free.
    pub elsewhere: Vec<Task>,
    /// Tickets given out.
    pub tickets: u64,
    /// Runs whose journal is complete and not yet stored.
    pub finished: usize,
    /// When the oldest of them finished.
    pub finished_since: Option<Instant>,
    /// Records of runs that ended without a journal (their worker died).
    pub lost: Vec<RunRecord>,
    /// Nothing is taken from the queue before then: the disk is full, or no process can be started.
    pub paused_until: Option<Instant>,
    /// Workers that could not be started, in a row.
    pub hires_failed: u32,
    pub ending: bool,
    /// Whether `Idle` was already said for the present lull.
    pub idle: bool,
}

/// A run to be done.
pub(super) struct Task {
    pub job: Job,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A run on a worker.
pub(super) struct Going {
    /// The worker.
    pub handle: Handle,
    /// Number of the order that the worker has or will get.
    pub ticket: u64,
    /// Somebody wants it stopped.
    pub cancelled: bool,
}

impl Crew {
    /// A crew with nothing to do yet. Workers are started when there is something for them.
    pub fn start(options: CrewOptions) -> (Self, Receiver<Event>) {
        let (events, receiver) = mpsc::channel();
        let workers = options.workers.max(1);
        let state = Mutex::new(State { idle: true, ..State::default() });
        let shared = Arc::new(Shared { options, state, bell: Condvar::new(), events });
        let thread = |work: fn(&Shared)| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared))
        };
        let mut threads: Vec<_> = (0..workers).map(|_| thread(Shared::feed)).collect();
        threads.push(thread(Shared::keep));
        (Self { shared, threads }, receiver)
    }

    /// Queues runs, behind those already queued. A run that is queued or going is not queued again.
    pub fn submit(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.shared.lock();
        for job in jobs {
            let mut waiting = state.queue.iter().chain(&state.elsewhere);
            if !state.going.contains_key(&job.run) && !waiting.any(|task| task.job.run == job.run) {
                state.queue.push_back(Task { job, attempt: 1 });
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

    /// The runs that are going or queued.
    pub fn runs(&self) -> Vec<RunId> {
        let state = self.shared.lock();
        let waiting = state.queue.iter().chain(&state.elsewhere).map(|task| task.job.run.clone());
        state.going.keys().cloned().chain(waiting).collect()
    }
}

/// Stops everything that is going, stores what is finished, and waits for it. A worker that does not stop by itself
/// is killed: its run can be done again, but a person who leaves must not be kept.
impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.lock().ending = true;
        self.shared.cancel(|_| true);
        let began = Instant::now();
        let mut state = self.shared.lock();
        while !state.going.is_empty() && began.elapsed() < GRACE {
            (state, _) = self
                .shared
                .bell
                .wait_timeout(state, Duration::from_millis(50))
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.going.values().for_each(|going| going.handle.kill());
        drop(state);
        self.shared.bell.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what happened. Called with the lock held where it matters that `Idle` comes last.
    pub fn tell(&self, event: Event) {
        // Nobody listening is not an error: the journals tell the same.
        let _ = self.events.send(event);
    }

    /// Stops the runs that are `chosen`.
    pub fn cancel(&self, chosen: impl Fn(&RunId) -> bool) {
        let mut state = self.lock();
        let State { queue, elsewhere, going, .. } = &mut *state;
        let waiting = queue.drain(..).chain(elsewhere.drain(..));
        let (gone, kept): (Vec<_>, Vec<_>) = waiting.partition(|task| chosen(&task.job.run));
        *queue = kept.into();
        for (_, going) in going.iter_mut().filter(|(run, _)| chosen(run)) {
            going.cancelled = true;
            // A worker that is not there yet will be told when it is; one that is gone has nothing to stop.
            let _ = going.handle.send(&Order::Cancel(going.ticket));
        }
        for task in gone {
            self.tell(Event::Ended(task.job.run, Status::Cancelled));
        }
        drop(state);
        self.bell.notify_all();
    }
}
