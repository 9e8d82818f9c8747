//! The supervisor itself: takes orders, has a crew work them off, and logs what happens.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::lock::Lock;
use super::log::{Begin, Line, Log};
use super::orders::{self, Order, OrderName, Request};
use super::start;
use crate::base::interrupt::Interrupt;
use crate::base::text::counted;
use crate::base::{self, RunId, clock};
use crate::runner::{Batch, Crew, CrewOptions, Event, Job};
use crate::store::{RunRecord, Status, Store, journal};

/// How often it is looked for orders.
const LOOK: Duration = Duration::from_millis(20);

/// After so long with nothing to do it looks less often: so often.
const LULL: Duration = Duration::from_secs(5);
const LOOK_IDLE: Duration = Duration::from_millis(100);

/// How often it shows that it is alive.
const BEAT: Duration = Duration::from_secs(2);

/// A log that is longer is begun anew as soon as nothing is going.
const LONG_LOG: u64 = 1 << 20;

/// Workers at most, whatever an order says.
const MOST_WORKERS: usize = 1024;

/// What a supervisor needs to know.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The notebook.
    pub root: PathBuf,
    /// Workers, where an order does not say.
    pub workers: usize,
    /// It ends after having had nothing to do for so long.
    pub idle: Duration,
}

/// Is the supervisor of a notebook until there is nothing to do, or `end` is raised; at once, if there is one already.
pub fn serve(options: &ServeOptions, end: &Interrupt) -> io::Result<()> {
    let folder = Folder::of(&options.root)?;
    folder.make()?;
    loop {
        let Some(lock) = Lock::take(&folder)? else { return Ok(()) };
        let left = Supervisor::begin(options, &folder, lock)?.work(end);
        // The lock is free from here on. An order given before that, by somebody who saw it held, is for us.
        if left != Left::Idle || orders::standing(&folder).is_empty() {
            return Ok(());
        }
    }
}

/// Why a supervisor left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// There was nothing to do.
    Idle,
    /// It was told to end.
    Told,
    /// Another version of lowland wants its place.
    Replaced,
}

struct Supervisor<'a> {
    options: &'a ServeOptions,
    folder: &'a Folder,
    lock: Lock,
    log: Log,
    store: Store,
    crew: Crew,
    events: Receiver<Event>,
    /// Orders that were taken and are not done.
    taken: BTreeMap<OrderName, Taken>,
    /// How many orders were taken.
    batches: u64,
    /// Workers at most, as it was said last.
    workers: usize,
    /// Since when it is at work, RFC 3339.
    since: String,
    /// Runs that have failed, and whose failure is not stored yet.
    failed: HashSet<RunId>,
    /// What was said last of orders that cannot be done.
    complaint: Option<String>,
    /// An order of another version stands: what is going is finished, and nothing more begun.
    replaced: bool,
    /// The notebook was removed or moved away, or another supervisor has its lock.
    gone: bool,
    /// Since when nothing has been to do.
    idle_since: Instant,
    beaten: Option<Instant>,
    /// When it was looked for orders.
    looked: Option<Instant>,
}

/// An order that was taken.
struct Taken {
    path: PathBuf,
    /// Its runs that are not over.
    open: HashMap<RunId, Job>,
    batch: Batch,
}

/// What new orders come to.
#[derive(Default)]
struct Asked {
    jobs: Vec<(Job, Batch)>,
    /// Runs that the crew had in hand before it was looked what is stored.
    in_hand: HashSet<RunId>,
}

impl<'a> Supervisor<'a> {
    fn begin(options: &'a ServeOptions, folder: &'a Folder, lock: Lock) -> io::Result<Self> {
        let log = Log::begin(folder, begin(options))?;
        orders::sweep(folder);
        let store = Store::open(&options.root);
        // What a predecessor left finished, so that it is not done again. What cannot be stored now will be.
        let live_root = journal::live_root(&options.root);
        let _ = journal::harvest(&store, &live_root);
        journal::remove_spare(&live_root);
        let (crew, events) =
            Crew::start(CrewOptions { root: options.root.clone(), workers: options.workers, live: None });
        Ok(Self {
            options,
            folder,
            lock,
            log,
            store,
            crew,
            events,
            taken: BTreeMap::new(),
            batches: 0,
            workers: options.workers,
            since: clock::now(),
            failed: HashSet::new(),
            complaint: None,
            replaced: false,
            gone: false,
            idle_since: Instant::now(),
            beaten: None,
            looked: None,
        })
    }

    fn work(mut self, end: &Interrupt) -> Left {
        let left = loop {
            let long_idle = self.idle_since.elapsed() >= LULL;
            let look = if long_idle { LOOK_IDLE } else { LOOK };
            // Not whenever a run begins or ends: of short ones there are hundreds a second.
            if self.looked.is_none_or(|looked| looked.elapsed() >= look) {
                self.looked = Some(Instant::now());
                self.take_orders();
            }
            self.hear(look);
            self.beat();
            if end.raised() || self.gone {
                break Left::Told;
            }
            if self.replaced && !self.crew.is_going() {
                break Left::Replaced;
            }
            if !self.taken.is_empty() {
                self.idle_since = Instant::now();
            } else if self.idle_since.elapsed() >= self.options.idle {
                break Left::Idle;
            }
        };
        let Self { crew, events, mut log, folder, .. } = self;
        // Runs that are going are saved and stay in their orders.
        drop(crew);
        log.say(&events.try_iter().map(happened).collect::<Vec<_>>());
        start::forget_words(folder);
        left
    }

    /// Reads the orders that are new, in the order they were given.
    fn take_orders(&mut self) {
        let (mut asked, mut read) = (Asked::default(), Vec::new());
        for (name, path) in orders::standing(self.folder) {
            if self.taken.contains_key(&name) {
                continue;
            }
            let newer = orders::head(&path)
                .is_some_and(|(version, since)| version != orders::version() && since > self.since);
            match orders::read(&path) {
                Ok(Some(Order { request: Request::Run { .. }, .. })) if newer => self.make_way(),
                Ok(Some(order)) if !orders::is_ours(&order, self.folder) => drop(orders::remove(&path)),
                Ok(Some(order)) => {
                    self.take(&name, &path, order, &mut asked);
                    read.push(name);
                }
                Ok(None) => {}
                Err(error) if error.kind() != io::ErrorKind::InvalidData => {
                    self.complain(format!("an order cannot be read: {error}"));
                }
                Err(_) if newer => self.make_way(),
                Err(error) => {
                    let aside = if orders::set_aside(&path).is_ok() { "; it is set aside" } else { "" };
                    self.complain(format!("an order cannot be understood: {error}{aside}"));
                }
            }
        }
        self.crew.submit(asked.jobs, &asked.in_hand);
        if !read.is_empty() {
            // Said after what they queue: who follows counts the runs of an order until then.
            self.hear(Duration::ZERO);
            self.log.say(&[Line::Taken(read)]);
        }
    }

    /// Leaves what waits to a successor.
    fn make_way(&mut self) {
        if !std::mem::replace(&mut self.replaced, true) {
            self.crew.hold();
        }
    }

    fn take(&mut self, name: &str, path: &Path, order: Order, asked: &mut Asked) {
        match order.request {
            Request::Run { .. } if self.replaced => {}
            Request::Run { jobs, workers } => {
                self.batches += 1;
                let workers = workers.unwrap_or(self.options.workers).min(MOST_WORKERS);
                let batch = Batch { number: self.batches, workers };
                let known = self.known(jobs);
                asked.in_hand.extend(self.crew.in_hand());
                let needed = self.needed(known, &order.since);
                let open = needed.iter().map(|job| (job.run.clone(), job.clone())).collect();
                self.taken.insert(name.to_owned(), Taken { path: path.to_owned(), open, batch });
                asked.jobs.extend(needed.into_iter().map(|job| (job, batch)));
                self.settle();
            }
            Request::Stop { runs } => {
                let stopped = |run: &RunId| runs.as_ref().is_none_or(|runs| runs.contains(run));
                let durable = self.give_up(name, &stopped);
                asked.jobs.retain(|(job, _)| !stopped(&job.run));
                self.crew.cancel(stopped);
                if durable {
                    let _ = orders::remove(path);
                }
            }
        }
    }

    /// Those of `jobs` that name what they are: of another version's numbers nothing is known here.
    fn known(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let asked = jobs.len();
        let known: Vec<Job> =
            jobs.into_iter().filter(|job| job.run == job.spec.id(&job.dataset_hash)).collect();
        if known.len() < asked {
            let other = counted(asked - known.len(), "run");
            self.complain(format!("{other} asked for by another version of lowland cannot be done here"));
        }
        known
    }

    /// Those of `jobs` that have not been done since they were asked for.
    fn needed(&self, jobs: Vec<Job>, since: &str) -> Vec<Job> {
        // Whoever asks may have found out that what is stored is damaged.
        self.store.check_curves(&jobs.iter().map(|job| &job.run).collect());
        let (records, _) = self.store.read_summaries();
        let records: HashMap<&RunId, &Arc<RunRecord>> =
            records.iter().map(|record| (&record.run, record)).collect();
        let is_done = |job: &Job| {
            records.get(&job.run).is_some_and(|record| {
                let failed = record.status == Status::Failed && record.finished.as_str() >= since;
                failed || job.is_answered_by(record)
            })
        };
        jobs.into_iter().filter(|job| !is_done(job)).collect()
    }

    /// Takes runs out of the orders that stood before the order `until`, so that no successor begins them again;
    /// whether that will last.
    fn give_up(&mut self, until: &str, stopped: &dyn Fn(&RunId) -> bool) -> bool {
        for taken in self.taken.values_mut() {
            taken.open.retain(|run, _| !stopped(run));
        }
        let before = orders::standing(self.folder).into_iter().take_while(|(name, _)| name.as_str() < until);
        let rewritten = before.map(|(_, path)| {
            let Ok(Some(mut order)) = orders::read(&path) else { return true };
            let Request::Run { jobs, .. } = &mut order.request else { return true };
            let asked = jobs.len();
            jobs.retain(|job| !stopped(&job.run));
            match (jobs.len(), asked) {
                (0, _) => orders::remove(&path).is_ok(),
                (left, asked) => left == asked || orders::rewrite(&path, &order).is_ok(),
            }
        });
        // Each is rewritten, also after one that cannot be.
        let rewritten: Vec<bool> = rewritten.collect();
        let durable = rewritten.into_iter().all(|durable| durable);
        self.settle();
        durable
    }

    /// Takes away the orders of which every run is over, and has as many workers as the others want: each of them
    /// bounds its own runs ([`Batch`]), and none those of another.
    fn settle(&mut self) {
        self.taken.retain(|_, taken| !taken.open.is_empty() || orders::remove(&taken.path).is_err());
        let wanted = self.taken.values().map(|taken| taken.batch.workers).max();
        let workers = wanted.unwrap_or(self.options.workers);
        if std::mem::replace(&mut self.workers, workers) != workers {
            self.crew.set_workers(workers);
            self.log.say(&[Line::Workers(workers)]);
        }
    }

    /// Hears what the crew tells, for a moment, and logs it.
    fn hear(&mut self, moment: Duration) {
        let first = match self.events.recv_timeout(moment) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => return,
            Err(RecvTimeoutError::Disconnected) => return std::thread::sleep(moment),
        };
        let events: Vec<Event> = std::iter::once(first).chain(self.events.try_iter()).collect();
        let idle = events.last() == Some(&Event::Idle);
        // Logged before the order goes: whoever finds that gone finds the end of its runs in the log.
        self.log.say(&events.iter().cloned().map(happened).collect::<Vec<_>>());
        self.book(&events);
        self.settle();
        if idle {
            self.shorten_log();
        }
    }

    /// Books what is over. A run that has ended with a result or a failure is so only when that is stored: were its order
    /// gone before, and this process killed, nobody would be there to store it.
    fn book(&mut self, events: &[Event]) {
        let mut stored: HashSet<&RunId> = HashSet::new();
        for event in events {
            match event {
                Event::Ended(run, Status::Cancelled) => {
                    for taken in self.taken.values_mut() {
                        taken.open.remove(run);
                    }
                }
                Event::Ended(run, Status::Failed) => {
                    self.failed.insert(run.clone());
                }
                Event::Stored(runs) => stored.extend(runs),
                _ => {}
            }
        }
        if stored.is_empty() {
            return;
        }
        let (records, _) = self.store.read_summaries();
        let records: HashMap<&RunId, &Arc<RunRecord>> =
            records.iter().map(|record| (&record.run, record)).collect();
        // One that was stored with less than this order asks for is done once more.
        let is_over = |job: &Job| records.get(&job.run).is_none_or(|record| job.is_answered_by(record));
        let mut again = Vec::new();
        for taken in self.taken.values_mut() {
            taken.open.retain(|run, job| {
                let over = stored.contains(run) && (self.failed.contains(run) || is_over(job));
                if stored.contains(run) && !over {
                    again.push((job.clone(), taken.batch));
                }
                !over
            });
        }
        self.failed.retain(|run| !stored.contains(run));
        self.crew.submit(again, &HashSet::new());
    }

    /// Begins a new log when the present one has become long.
    fn shorten_log(&mut self) {
        if self.log.length() > LONG_LOG
            && let Ok(log) = Log::begin(self.folder, begin(self.options))
        {
            self.log = log;
            self.log.say(&[Line::Workers(self.workers)]);
        }
    }

    /// Says what is wrong, unless that is what was said last.
    fn complain(&mut self, what: String) {
        if self.complaint.as_ref() != Some(&what) {
            self.log.say(&[happened(Event::Trouble(what.clone()))]);
            self.complaint = Some(what);
        }
    }

    fn beat(&mut self) {
        if self.beaten.is_none_or(|beaten| beaten.elapsed() >= BEAT) {
            self.beaten = Some(Instant::now());
            let _ = self.lock.beat();
            self.gone = !self.lock.is_in_place(self.folder);
            self.log.say(&[]);
            self.log.take_on_ballast();
        }
    }
}

fn begin(options: &ServeOptions) -> Begin {
    Begin {
        pid: std::process::id(),
        host: base::host(),
        version: orders::version(),
        at: clock::now(),
        workers: options.workers,
    }
}

fn happened(what: Event) -> Line {
    Line::Event { at: clock::now(), what }
}
