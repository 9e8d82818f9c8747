//! Looking at a supervisor, without asking anything of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
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

/// Follows the supervisor of a notebook, whichever it is.
#[derive(Debug)]
pub struct Watch {
    /// `None` where the notebook has no place for a supervisor.
    folder: Option<Folder>,
    tail: Tail<Line>,
    /// What the log says.
    told: Roster,
    /// What waits in orders while nobody is at work.
    waiting: Waiting,
    alive: bool,
    /// What the log says, and that nothing has been heard for long, if that is so.
    silent: Option<Roster>,
}

/// A supervisor that has not touched its lock for so long cannot write, or hangs. Longer than what a client waits that
/// sees it happen: between two machines, clocks may differ.
const LONG_SILENCE: Duration = Duration::from_mins(1);

/// Runs that wait in orders, and which orders those are.
#[derive(Debug, Default)]
struct Waiting {
    orders: BTreeSet<OrderName>,
    roster: Roster,
}

impl Watch {
    /// For the notebook at `root`; nothing is looked at yet.
    pub fn new(root: &Path) -> Self {
        let folder = Folder::of(root).ok();
        let log = folder.as_ref().map(Folder::log).unwrap_or_default();
        Self {
            folder,
            tail: Tail::new(log),
            told: Roster::default(),
            waiting: Waiting::default(),
            alive: false,
            silent: None,
        }
    }

    /// What was said since the last look.
    pub fn poll(&mut self) -> Vec<Line> {
        let Some(folder) = &self.folder else { return Vec::new() };
        // Asked before reading: what the last supervisor said before it ended is then read too.
        self.alive = Lock::is_held(folder);
        let lines = self.tail.poll();
        for line in &lines {
            self.told.apply(line);
        }
        if !self.alive {
            self.waiting.look(folder);
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
        if self.alive { &self.told } else { &self.waiting.roster }
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

impl Waiting {
    fn look(&mut self, folder: &Folder) {
        let standing = orders::standing(folder);
        if standing.keys().eq(&self.orders) {
            return;
        }
        let mut queued: BTreeMap<RunId, String> = BTreeMap::new();
        for path in standing.values() {
            match orders::read(path).ok().flatten().map(|order| order.request) {
                Some(Request::Run { jobs, .. }) => {
                    queued.extend(jobs.iter().map(|job| (job.run.clone(), job.kind())));
                }
                Some(Request::Stop { runs: Some(runs) }) => queued.retain(|run, _| !runs.contains(run)),
                Some(Request::Stop { runs: None }) => queued.clear(),
                None => {}
            }
        }
        self.roster = Roster { queued, ..Roster::default() };
        self.orders = standing.into_keys().collect();
    }
}
