//! Curves that are not there any more although a row names them: their file was damaged, or somebody removed it. What
//! such a row says of the end of its run is as good as ever, but the run is stored incompletely, and readers are told
//! so ([`RunRecord::lost_curve`]).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::read::{self, Row};
use super::scan::{self, Opened, Stamp};
use super::{ATTEMPTS, Read, Store, Table};
use crate::base::{Diagnostic, RunId};

/// Files of curves that turned out damaged and could not be set aside, each in the state it was read in.
pub type Damaged = HashMap<PathBuf, Stamp>;

impl Store {
    /// Reads the files that hold the curves of these runs, so that what is damaged is known from now on, and says what
    /// that is. Whoever wants to know what is missing asks this first: a damaged file is told by its content alone.
    pub fn check_curves(&self, runs: &HashSet<&RunId>) -> Vec<Diagnostic> {
        self.refresh(&mut self.read.lock().unwrap_or_else(PoisonError::into_inner), &mut Vec::new());
        self.check_read_curves(runs)
    }

    /// The same as far as it is known, without looking for new tables, which files these curves are in.
    pub fn check_read_curves(&self, runs: &HashSet<&RunId>) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let files: BTreeSet<_> = {
            let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            let rows = read.values().flat_map(|(_, rows)| rows);
            rows.filter(|row| runs.contains(&row.record.run)).map(|row| Arc::clone(&row.curves)).collect()
        };
        for path in files.iter().filter_map(|file| self.curve_path(file)) {
            let ours = path.file_name().is_some_and(|name| scan::is_hashed(&name.to_string_lossy()));
            // The name of ours tells their content.
            let decode = |bytes: &[u8]| if ours { Ok(()) } else { read::owners(bytes).map(drop) };
            if let Opened::Damaged = scan::open(self.root(), &path, &mut problems, decode) {
                self.note_damaged(path);
            }
        }
        problems
    }

    /// Whether a file of curves turned out damaged.
    pub fn has_damage(&self) -> bool {
        !self.damaged.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Notes that a file of curves is damaged, if it is still there.
    pub(super) fn note_damaged(&self, path: PathBuf) {
        if let Some(stamp) = Stamp::of(&path) {
            self.damaged.lock().unwrap_or_else(PoisonError::into_inner).insert(path, stamp);
        }
    }

    /// The files of curves that rows name and that are damaged or not there.
    pub(super) fn lost_curves(&self, read: &mut Read, problems: &mut Vec<Diagnostic>) -> HashSet<Arc<str>> {
        let mut named = named(read);
        for _ in 0..ATTEMPTS {
            let lost = self.lost_of(&named);
            if lost.is_empty() {
                return lost;
            }
            // What is gone may have been compacted since the summaries were listed, unless they still name it.
            self.refresh(read, problems);
            let newer = self::named(read);
            if newer == named {
                return lost;
            }
            named = newer;
        }
        self.lost_of(&named)
    }

    fn lost_of(&self, named: &HashSet<Arc<str>>) -> HashSet<Arc<str>> {
        let mut damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        damaged.retain(|path, stamp| Stamp::of(path).as_ref() == Some(stamp));
        let there = self.folder(Table::Curves.name()).map(|folder| scan::names(&folder)).unwrap_or_default();
        let is_lost = |file: &&Arc<str>| {
            if !there.contains(file.as_ref()) && !self.curve_path(file).is_some_and(|path| path.is_file()) {
                return true;
            }
            !damaged.is_empty() && self.curve_path(file).is_some_and(|path| damaged.contains_key(&path))
        };
        named.iter().filter(is_lost).cloned().collect()
    }
}

/// The files of curves that rows name. A row that names none has none to lose.
fn named(read: &Read) -> HashSet<Arc<str>> {
    let mut named = HashSet::new();
    for (_, rows) in read.values() {
        let mut last: Option<&Arc<str>> = None;
        for Row { curves, .. } in rows {
            // The rows of a file share one name.
            if !curves.is_empty() && last.is_none_or(|last| !Arc::ptr_eq(last, curves)) {
                named.insert(Arc::clone(curves));
            }
            last = Some(curves);
        }
    }
    named
}
