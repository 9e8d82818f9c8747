//! Looking at a supervisor, without asking anything of it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{StatVfsMountFlags, statvfs};

use super::folder::Folder;
use super::lock::Lock;
use super::log::Line;
use super::orders::{self, OrderName, Request};
use super::roster::Roster;
use crate::base::tail::Tail;
use crate::base::{RunId, clock};
use crate::runner::{Job, Queued, Seat};

/// Follows the supervisor of a notebook, whichever it is.
#[derive(Debug)]
pub struct Watch {
    /// `None` where the notebook has no place for a supervisor.
    folder: Option<Folder>,
    tail: Tail<Line>,
    /// What the log says.
    log: Roster,
    orders: Orders,
    /// What both come to.
    told: Roster,
    alive: bool,
    /// The same, and that nothing has been heard for long, if that is so.
    silent: Option<Roster>,
}

/// A supervisor that has not touched its lock for so long cannot write, or hangs. Longer than what a client waits that
/// sees it happen: between two machines, clocks may differ.
const LONG_SILENCE: Duration = Duration::from_mins(1);

/// The orders that stand, each as it was last read.
#[derive(Debug, Default)]
struct Orders(BTreeMap<OrderName, Standing>);

/// An order.
#[derive(Debug)]
struct Standing {
    /// Number of its file: one that was rewritten is another file.
    file: u64,
    asks: Asks,
}

/// What an order asks for, as far as it matters here.
#[derive(Debug)]
enum Asks {
    Runs(Vec<Queued>),
    Stop(Option<Vec<RunId>>),
}

impl Watch {
    /// For the notebook at `root`; nothing is looked at yet.
    pub fn new(root: &Path) -> Self {
        let folder = Folder::of(root).ok();
        let log = folder.as_ref().map(Folder::log).unwrap_or_default();
        Self {
            folder,
            tail: Tail::new(log),
            log: Roster::default(),
            orders: Orders::default(),
            told: Roster::default(),
            alive: false,
            silent: None,
        }
    }

    /// What was said since the last look.
    pub fn poll(&mut self) -> Vec<Line> {
        let Some(folder) = &self.folder else { return Vec::new() };
        // Asked before reading: what the last supervisor said before it ended is then read too.
        let alive = Lock::is_held(folder);
        let turned = std::mem::replace(&mut self.alive, alive) != alive;
        // The orders first: one that is done meanwhile is then told of by the log.
        let moved = self.orders.look(folder);
        let mut lines = self.tail.poll();
        while self.tail.is_behind() {
            lines.extend(self.tail.poll());
        }
        for line in &lines {
            self.log.apply(line);
        }
        if turned || moved || !lines.is_empty() {
            let known = if alive { self.log.clone() } else { Roster::default() };
            self.told = self.orders.waiting(known);
        }
        let silence = if self.alive { silence(folder) } else { None };
        self.silent = silence.map(|trouble| Roster { trouble: Some(trouble), ..self.told.clone() });
        lines
    }

    /// Whether a supervisor is at work, as of the last look.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// How it stands, as of the last look. Without a supervisor, what waits for one is queued.
    pub fn roster(&self) -> &Roster {
        self.silent.as_ref().unwrap_or_else(|| self.told())
    }

    /// The same as far as the supervisor told: for who follows it, and hears its silence.
    pub(super) fn told(&self) -> &Roster {
        &self.told
    }

    /// How it stood when a supervisor began and had read no order yet.
    pub(super) fn at(&self, begin: &Line) -> Roster {
        let mut roster = Roster::default();
        roster.apply(begin);
        self.orders.waiting(roster)
    }
}

/// What to say of a supervisor that has not been heard of for long: the log may be what cannot be written.
fn silence(folder: &Folder) -> Option<String> {
    let silent = fs::metadata(folder.lock()).ok()?.modified().ok()?.elapsed().ok()?;
    if silent < LONG_SILENCE {
        return None;
    }
    let read_only = statvfs(folder.lock()).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY));
    let why = if read_only { "the disk is read-only" } else { "it cannot write, or hangs" };
    let silent = clock::duration(silent.as_secs_f64());
    Some(format!("nothing has been heard of the supervisor for {silent}: {why}"))
}

impl Orders {
    /// Reads the orders that are new and forgets those that are gone; whether there were any.
    fn look(&mut self, folder: &Folder) -> bool {
        let standing = orders::standing(folder);
        let before = self.0.len();
        self.0.retain(|name, _| standing.contains_key(name));
        let mut moved = self.0.len() < before;
        for (name, path) in standing {
            let file = fs::symlink_metadata(&path).map_or(0, |metadata| metadata.ino());
            if self.0.get(&name).is_some_and(|known| known.file == file) {
                continue;
            }
            let order = orders::read(&path).ok().flatten().filter(|order| orders::is_ours(order, folder));
            let asks = match order.map(|order| order.request) {
                Some(Request::Run { jobs, .. }) => Asks::Runs(jobs.iter().map(Job::queued).collect()),
                Some(Request::Stop { runs }) => Asks::Stop(runs),
                None => Asks::Runs(Vec::new()),
            };
            self.0.insert(name, Standing { file, asks });
            moved = true;
        }
        moved
    }

    /// A roster, with what waits in orders that were not read when it was told.
    fn waiting(&self, mut roster: Roster) -> Roster {
        let mut waiting: BTreeMap<&RunId, &Seat> = BTreeMap::new();
        for (_, order) in self.0.iter().filter(|(name, _)| !roster.taken.contains(*name)) {
            match &order.asks {
                Asks::Runs(runs) => waiting.extend(runs.iter().map(|run| (&run.run, &run.seat))),
                Asks::Stop(Some(runs)) => waiting.retain(|run, _| !runs.contains(run)),
                Asks::Stop(None) => waiting.clear(),
            }
        }
        waiting.retain(|run, _| !roster.running.contains_key(*run));
        roster.queued.extend(waiting.into_iter().map(|(run, seat)| (run.clone(), seat.clone())));
        roster
    }
}
