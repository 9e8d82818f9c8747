//! The queue, and what may be asked of it. One thread per worker process hands it run after run (`feeder`); one more
//! moves finished runs from their journals into the tables (`keeper`), so that training never waits for Parquet.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::protocol::Order;
use super::worker::Handle;
use super::{Event, Job};
use crate::base::RunId;
use crate::spec::MeasureSpec;
use crate::store::{RunRecord, Status, journal};

/// How long a crew that ends waits for its workers to stop by themselves, and to save what they were at.
const GRACE: Duration = Duration::from_secs(5);

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
}

/// A queue of runs and the workers on it.
pub struct Crew {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
    feeders: Mutex<Vec<JoinHandle<()>>>,
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
    /// Runs that have ended and are not stored yet, and how.
    pub finished: Vec<(RunId, Status)>,
    /// When the oldest of them finished.
    pub finished_since: Option<Instant>,
    /// Records of runs that ended without a journal (their worker died).
    pub lost: Vec<RunRecord>,
    /// The disk is full, or no process can be started.
    pub pause: Option<Pause>,
    /// Runs at once, at most.
    pub workers: usize,
    /// What is wrong at the moment, by where it shows.
    pub trouble: BTreeMap<Concern, String>,
    pub ending: bool,
    /// No more runs are begun.
    pub held: bool,
    /// Whether `Idle` was already said for the present lull.
    pub idle: bool,
}

/// A rest of the queue.
pub(super) struct Pause {
    /// Nothing is taken from it before then.
    pub until: Instant,
    pub why: String,
}

/// Where something shows to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// Runs cannot be begun or gone on with.
    Running,
    /// Results cannot be stored.
    Storing,
}

/// A run to be done.
pub(super) struct Task {
    pub job: Job,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    pub batch: Batch,
}

/// Runs that were asked for together, and how many of them may go at once: whoever says so knows why (memory, a machine
/// that others want too), and it says nothing of the runs of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What tells it from other batches.
    pub number: u64,
    /// Runs of it at once, at most.
    pub workers: usize,
}

/// A run on a worker.
pub(super) struct Going {
    /// The worker.
    pub handle: Handle,
    /// Number of the order that the worker has or will get.
    pub ticket: u64,
    /// Since when.
    pub since: Instant,
    /// What it measures.
    pub measures: Vec<MeasureSpec>,
    pub batch: Batch,
    /// Somebody wants it stopped.
    pub cancelled: bool,
}

impl Crew {
    /// A crew with nothing to do yet. Workers are started when there is something for them.
    pub fn start(options: CrewOptions) -> (Self, Receiver<Event>) {
        let (events, receiver) = mpsc::channel();
        let workers = options.workers;
        let state = Mutex::new(State { idle: true, ..State::default() });
        let shared = Arc::new(Shared { options, state, bell: Condvar::new(), events });
        let keeper = Self::thread(&shared, Shared::keep).ok();
        let crew = Self { shared, keeper, feeders: Mutex::default() };
        crew.set_workers(workers);
        (crew, receiver)
    }

    fn thread(shared: &Arc<Shared>, work: fn(&Shared)) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(shared);
        thread::Builder::new().spawn(move || work(&shared))
    }

    /// From now on so many runs at once, at most; those that are going go on.
    pub fn set_workers(&self, workers: usize) {
        let workers = workers.max(1);
        self.shared.lock().workers = workers;
        let mut feeders = self.feeders.lock().unwrap_or_else(PoisonError::into_inner);
        while feeders.len() < workers {
            match Self::thread(&self.shared, Shared::feed) {
                Ok(feeder) => feeders.push(feeder),
                Err(error) => {
                    let what = format!("no more than {} workers: {error}", feeders.len());
                    let mut state = self.shared.lock();
                    self.shared.trouble(&mut state, Concern::Running, what);
                    break;
                }
            }
        }
        self.shared.bell.notify_all();
    }

    /// Queues runs, behind those already queued. A run that is queued or going is not queued again; one that waits
    /// counts for whichever of its batches allows more at once. Nor is one that was [`Self::in_hand`] before the tables
    /// were read and has ended since: what it lacks shows when it is stored.
    pub fn submit(&self, jobs: impl IntoIterator<Item = (Job, Batch)>, in_hand: &HashSet<RunId>) {
        let mut state = self.shared.lock();
        let mut queued = Vec::new();
        let mut places: HashMap<RunId, usize> = HashMap::new();
        for (place, task) in state.queue.iter().enumerate() {
            places.insert(task.job.run.clone(), place);
        }
        for (job, batch) in jobs {
            let State { queue, elsewhere, going, .. } = &mut *state;
            let waits = places.get(&job.run).and_then(|&place| queue.get_mut(place));
            let waits = waits.or_else(|| elsewhere.iter_mut().find(|task| task.job.run == job.run));
            if let Some(task) = waits {
                task.job.measure_too(&job.measures);
                if task.batch.workers < batch.workers {
                    task.batch = batch;
                }
                continue;
            }
            // One that is going and does not measure all of it is done once more when it has ended.
            let measured = going.get(&job.run).map(|going| &going.measures);
            if measured.map_or(in_hand.contains(&job.run), |all| job.measures.iter().all(|m| all.contains(m)))
            {
                continue;
            }
            queued.push(job.queued());
            places.insert(job.run.clone(), queue.len());
            queue.push_back(Task { job, attempt: 1, batch });
            state.idle = false;
        }
        if !queued.is_empty() {
            self.shared.tell(Event::Queued(queued));
        }
        drop(state);
        self.shared.bell.notify_all();
    }

    /// Takes the `chosen` runs out of the queue, and stops those that are going.
    pub fn cancel(&self, chosen: impl Fn(&RunId) -> bool) {
        self.shared.cancel(chosen);
    }

    /// Begins no more runs.
    pub fn hold(&self) {
        self.shared.lock().held = true;
    }

    /// Runs that wait, are going, or have ended with a result that is not stored yet. Once they are over, that is told:
    /// whoever finds a run neither here nor, looking there afterwards, in the tables knows that it is to be done.
    pub fn in_hand(&self) -> HashSet<RunId> {
        let state = self.shared.lock();
        let waiting = state.queue.iter().chain(&state.elsewhere).map(|task| &task.job.run);
        let results = state.finished.iter().filter(|(_, status)| status.is_result()).map(|(run, _)| run);
        waiting.chain(state.going.keys()).chain(results).cloned().collect()
    }

    /// The records of runs that ended without a journal, for a crew that stores nothing; each is told once.
    pub fn lost(&self) -> Vec<RunRecord> {
        std::mem::take(&mut self.shared.lock().lost)
    }

    /// Why nothing is begun at the moment, if that is so: the disk is full, or no process can be started.
    pub fn held_up(&self) -> Option<String> {
        self.shared.lock().pause.as_ref().map(|pause| pause.why.clone())
    }

    /// Whether a run is on a worker.
    pub fn is_going(&self) -> bool {
        !self.shared.lock().going.is_empty()
    }
}

/// Interrupts everything that is going, stores what is finished, and waits for it. A worker that does not stop by
/// itself is killed: its run goes on from its last checkpoint another time.
impl Drop for Crew {
    fn drop(&mut self) {
        let began = Instant::now();
        let mut state = self.shared.lock();
        state.ending = true;
        state.going.values().for_each(|going| going.handle.dismiss());
        self.shared.bell.notify_all();
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
        let feeders = std::mem::take(self.feeders.get_mut().unwrap_or_else(PoisonError::into_inner));
        for thread in feeders.into_iter().chain(self.keeper.take()) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the journals are.
    pub fn live_root(&self) -> PathBuf {
        self.options.live.clone().unwrap_or_else(|| journal::live_root(&self.options.root))
    }

    /// Tells what happened. Called with the lock held where it matters that `Idle` comes last.
    pub fn tell(&self, event: Event) {
        // Nobody listening is not an error: the journals tell the same.
        let _ = self.events.send(event);
    }

    /// Says what is wrong, once.
    pub fn trouble(&self, state: &mut State, concern: Concern, what: String) {
        if state.trouble.get(&concern) != Some(&what) {
            self.tell(Event::Trouble(what.clone()));
            state.trouble.insert(concern, what);
        }
    }

    /// Says that it is over.
    pub fn recovered(&self, state: &mut State, concern: Concern) {
        if state.trouble.remove(&concern).is_some() {
            self.tell(state.trouble.values().next().cloned().map_or(Event::Recovered, Event::Trouble));
        }
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
