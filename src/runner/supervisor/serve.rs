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
use crate::base::{self, RunId, clock};
use crate::runner::{Crew, CrewOptions, Event, Job};
use crate::store::{RunRecord, Status, Store, journal};

/// How often it is looked for orders.
const LOOK: Duration = Duration::from_millis(20);

/// How often it shows that it is alive.
const BEAT: Duration = Duration::from_secs(2);

/// A log that is longer is begun anew as soon as nothing is going.
const LONG_LOG: u64 = 1 << 20;

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
    /// Orders that were taken, with their runs that are not over.
    taken: BTreeMap<OrderName, Taken>,
    /// An order of another version stands: what is going is finished, and nothing more begun.
    replaced: bool,
    /// The notebook was removed or moved away, or another supervisor has its lock.
    gone: bool,
    /// Since when nothing has been to do.
    idle_since: Instant,
    beaten: Option<Instant>,
}

struct Taken {
    path: PathBuf,
    open: HashSet<RunId>,
}

impl<'a> Supervisor<'a> {
    fn begin(options: &'a ServeOptions, folder: &'a Folder, lock: Lock) -> io::Result<Self> {
        let log = Log::begin(folder, begin(options))?;
        let store = Store::open(&options.root);
        // What a predecessor left finished, so that it is not done again. What cannot be stored now will be.
        let _ = journal::harvest(&store, &journal::live_root(&options.root));
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
            replaced: false,
            gone: false,
            idle_since: Instant::now(),
            beaten: None,
        })
    }

    fn work(mut self, end: &Interrupt) -> Left {
        let left = loop {
            self.take_orders();
            self.hear(LOOK);
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
        let mut jobs = Vec::new();
        for (name, path) in orders::standing(self.folder) {
            if self.taken.contains_key(&name) {
                continue;
            }
            match orders::read(&path) {
                Ok(Some(order)) if order.version != orders::version() => self.make_way(),
                Ok(Some(order)) => self.take(&name, &path, order, &mut jobs),
                Ok(None) => {}
                Err(error) => {
                    let aside = if orders::set_aside(&path).is_ok() { "; it is set aside" } else { "" };
                    self.say(Event::Trouble(format!("an order cannot be read: {error}{aside}")));
                }
            }
        }
        self.crew.submit(jobs);
    }

    /// Leaves what waits to a successor.
    fn make_way(&mut self) {
        if !std::mem::replace(&mut self.replaced, true) {
            self.crew.hold();
        }
    }

    fn take(&mut self, name: &str, path: &Path, order: Order, jobs: &mut Vec<Job>) {
        match order.request {
            Request::Run { .. } if self.replaced => {}
            Request::Run { jobs: asked, workers } => {
                let workers = workers.unwrap_or(self.options.workers);
                self.crew.set_workers(workers);
                self.log.say(&[Line::Workers(workers)]);
                let needed = self.needed(asked, &order.since);
                let open = needed.iter().map(|job| job.run.clone()).collect();
                self.taken.insert(name.to_owned(), Taken { path: path.to_owned(), open });
                jobs.extend(needed);
                self.settle();
            }
            Request::Stop { runs } => {
                let stopped = |run: &RunId| runs.as_ref().is_none_or(|runs| runs.contains(run));
                self.give_up(&stopped);
                jobs.retain(|job| !stopped(&job.run));
                self.crew.cancel(stopped);
                let _ = orders::remove(path);
            }
        }
    }

    /// Those of `jobs` that have not been done since they were asked for.
    fn needed(&self, jobs: Vec<Job>, since: &str) -> Vec<Job> {
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

    /// Takes runs out of the orders that stand, so that no successor begins them again.
    fn give_up(&mut self, stopped: &dyn Fn(&RunId) -> bool) {
        for taken in self.taken.values_mut().filter(|taken| taken.open.iter().any(stopped)) {
            taken.open.retain(|run| !stopped(run));
            let Ok(Some(mut order)) = orders::read(&taken.path) else { continue };
            if let Request::Run { jobs, .. } = &mut order.request {
                jobs.retain(|job| taken.open.contains(&job.run));
            }
            let _ = orders::rewrite(&taken.path, &order);
        }
        self.settle();
    }

    /// Takes away the orders of which every run is over.
    fn settle(&mut self) {
        self.taken.retain(|_, taken| !taken.open.is_empty() || orders::remove(&taken.path).is_err());
    }

    /// Hears what the crew tells, for a moment, and logs it.
    fn hear(&mut self, moment: Duration) {
        let first = match self.events.recv_timeout(moment) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => return,
            Err(RecvTimeoutError::Disconnected) => return std::thread::sleep(moment),
        };
        let events: Vec<Event> = std::iter::once(first).chain(self.events.try_iter()).collect();
        let over: HashSet<&RunId> = events.iter().flat_map(over).collect();
        let idle = events.last() == Some(&Event::Idle);
        // Logged before the order goes: whoever finds that gone finds the end of its runs in the log.
        self.log.say(&events.iter().cloned().map(happened).collect::<Vec<_>>());
        for taken in self.taken.values_mut() {
            taken.open.retain(|run| !over.contains(run));
        }
        self.settle();
        if idle {
            self.crew.set_workers(self.options.workers);
            self.shorten_log();
        }
    }

    /// Begins a new log when the present one has become long.
    fn shorten_log(&mut self) {
        if self.log.length() > LONG_LOG
            && let Ok(log) = Log::begin(self.folder, begin(self.options))
        {
            self.log = log;
        }
    }

    fn say(&mut self, event: Event) {
        self.log.say(&[happened(event)]);
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

/// The runs that are over with an event. One that has ended with a result or a failure is so only when that is stored:
/// were its order gone before, and this process killed, nobody would be there to store it.
fn over(event: &Event) -> &[RunId] {
    match event {
        Event::Stored(runs) => runs,
        Event::Ended(run, Status::Cancelled) => std::slice::from_ref(run),
        _ => &[],
    }
}

fn happened(what: Event) -> Line {
    Line::Event { at: clock::now(), what }
}
