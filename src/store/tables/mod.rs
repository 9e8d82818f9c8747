//! The tables of a notebook: what is in them, and one way to add to them.
//!
//! Files are immutable and named by their content, so a name that disagrees with the content tells damage before any
//! decoder sees it, merging two notebooks is copying files together, and what was read once need not be read again.

mod bundle;
mod census;
mod compact;
mod curves;
mod details;
mod details_merge;
mod gather;
mod gc;
mod lost;
mod merge;
mod read;
mod scan;
mod schema;
mod steps;
#[cfg(test)]
mod tests;
mod write;

pub use compact::{Compaction, Merged};
pub use gc::Removal;
pub use scan::Stamp;
pub use write::make_folder;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Curve, RunRecord, StoreError};
use crate::base::spread::{cores, spread};
use crate::base::{Diagnostic, RunId, clock, paths};
use lost::Damaged;
use read::Row;
use scan::Opened;

/// Files that were compacted while they were being read are looked for anew, so often at most: each time another
/// compaction must have come between.
const ATTEMPTS: usize = 50;

/// The results of one notebook.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Summary files read so far. Rows are shared with whoever asked for them.
    read: Mutex<Read>,
    /// Files of curves that are there and of no use.
    damaged: Mutex<Damaged>,
    /// Files of spectra and slices read so far.
    details: Mutex<details::Read>,
}

/// A file of curves, and the records that are wanted of it.
type Sought<'a> = (&'a Arc<str>, &'a HashSet<&'a str>);

/// One that was opened, and what was wrong with it.
struct Looked<'a> {
    path: PathBuf,
    records: &'a HashSet<&'a str>,
    opened: Opened<BTreeMap<String, Curve>>,
    problems: Vec<Diagnostic>,
}

/// Summary files by path, each with the state it was read in and its rows.
type Read = HashMap<PathBuf, (Stamp, Vec<Row>)>;

/// A summary file that was read.
#[derive(Clone, Debug)]
pub struct TableRead {
    /// Where it stands.
    pub path: PathBuf,
    /// The state it was read in.
    pub stamp: Stamp,
    /// Its rows.
    pub records: Vec<Arc<RunRecord>>,
    /// The files that hold their curves.
    pub curves: BTreeSet<Arc<str>>,
}

impl TableRead {
    fn of(path: &Path, (stamp, rows): &(Stamp, Vec<Row>)) -> Self {
        let records = rows.iter().map(|row| Arc::clone(&row.record)).collect();
        let curves = rows.iter().map(|row| &row.curves).filter(|file| !file.is_empty()).cloned().collect();
        Self { path: path.to_owned(), stamp: stamp.clone(), records, curves }
    }
}

/// A table, by its folder.
#[derive(Clone, Copy, Debug)]
enum Table {
    Summary,
    Curves,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Curves => "curves",
        }
    }
}

impl Store {
    /// The results of the notebook at `root`. Nothing is read or made yet.
    pub fn open(root: impl Into<PathBuf>) -> Self {
        let (read, damaged, details) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { root: root.into(), read, damaged, details }
    }

    /// The notebook's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the final weights of a run stand, if they were kept.
    pub fn weights_path(&self, run: &RunId) -> Result<PathBuf, StoreError> {
        self.folder(&format!("weights/{run}.safetensors"))
    }

    /// Adds runs with their curves, as one file per table. Curves, spectra and slices go first: a visible run has them.
    pub fn append(&self, runs: &[(RunRecord, Curve)]) -> Result<(), StoreError> {
        if runs.is_empty() {
            return Ok(());
        }
        let partition = today();
        let place = |table: Table, bytes: &[u8]| {
            let folder = self.folder(&format!("{}/{partition}", table.name()))?;
            write::place(&folder, bytes)
        };
        let details: Vec<_> = runs.iter().map(|(record, curve)| (&record.run, &curve.details)).collect();
        self.append_details(&details, &partition)?;
        let curves = place(Table::Curves, &write::curves(runs)?)?;
        let records: Vec<_> = runs.iter().map(|(record, _)| record).collect();
        place(Table::Summary, &write::summary(&records, &format!("{partition}/{curves}"))?)?;
        Ok(())
    }

    /// One record per stored run, by run id, and what was wrong with which file.
    pub fn read_summaries(&self) -> (Vec<Arc<RunRecord>>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        // A thread that panicked while holding the lock left whole entries behind.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut read, &mut problems);
        let lost = self.lost_curves(&mut read, &mut problems);
        let rows = read.values().flat_map(|(_, rows)| rows);
        (merge::merge(rows.map(|row| (&row.record, lost.contains(&row.curves)))), problems)
    }

    /// The summary files there are, each with what changes when it does.
    pub fn tables(&self) -> BTreeMap<PathBuf, Stamp> {
        self.folder(Table::Summary.name()).map(|folder| scan::files(&folder)).unwrap_or_default()
    }

    /// The rows of these summary files alone, as they stand there ([`unite`] makes of them what
    /// [`Self::read_summaries`] would); `None` if one of them is not sound, or not there any more.
    pub fn read_tables(&self, tables: &BTreeMap<PathBuf, Stamp>) -> Option<Vec<TableRead>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known =
            |path: &PathBuf, stamp: &Stamp| read.get(path).is_some_and(|(known, _)| known == stamp);
        let new = tables.iter().filter(|(path, stamp)| !is_known(path, stamp));
        let new: Vec<_> = new.map(|(path, stamp)| (path.clone(), stamp.clone())).collect();
        for (at, (rows, problems)) in read_files(&self.root, &new) {
            match (new.get(at), rows) {
                (Some((path, stamp)), Opened::Sound(rows)) if problems.is_empty() => {
                    read.insert(path.clone(), (stamp.clone(), rows));
                }
                _ => return None,
            }
        }
        Some(tables.keys().filter_map(|path| Some(TableRead::of(path, read.get(path)?))).collect())
    }

    /// The summary files whose rows it has at hand.
    pub fn held(&self) -> BTreeMap<PathBuf, Stamp> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.iter().map(|(path, (stamp, _))| (path.clone(), stamp.clone())).collect()
    }

    /// Lets go of the rows of all other summary files: they are read again when they are asked for.
    pub fn forget_tables(&self, but: &BTreeMap<PathBuf, Stamp>) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).retain(|path, _| but.contains_key(path));
    }

    /// The files of curves there are, as rows name them.
    pub fn curve_files(&self) -> HashSet<String> {
        self.folder(Table::Curves.name()).map(|folder| scan::names(&folder)).unwrap_or_default()
    }

    /// All summary files as they were last read.
    pub fn tables_read(&self) -> Vec<TableRead> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.iter().map(|(path, table)| TableRead::of(path, table)).collect()
    }

    /// The curves of these storings of runs (see [`RunRecord::record`]), as far as they are there, and what was wrong
    /// with which file. A curve has what the run's other storings add to it, as its record in [`Self::read_summaries`]
    /// has their measures. Only the files that hold them are opened.
    pub fn read_curves(&self, wanted: &[(RunId, String)]) -> (HashMap<RunId, Curve>, Vec<Diagnostic>) {
        let (mut curves, mut problems) = self.read_only_curves(wanted);
        let runs = curves.keys().cloned().collect::<Vec<_>>();
        for (run, details) in self.read_details(&runs.iter().collect(), &mut problems) {
            if let Some(curve) = curves.get_mut(&run) {
                curve.details = details;
            }
        }
        (curves, problems)
    }

    /// The same without spectra and slices.
    fn read_only_curves(&self, wanted: &[(RunId, String)]) -> (HashMap<RunId, Curve>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let mut rows = self.rows_of(wanted, &mut problems);
        for _ in 0..ATTEMPTS {
            let (curves, complete) = self.read_curves_of(&rows, wanted, &mut problems);
            if complete {
                return (curves, problems);
            }
            // A file is gone: it was compacted since the summaries were read, unless these still name it.
            let newer = self.newer_rows_of(wanted, &mut problems);
            if curve_files(&newer) == curve_files(&rows) {
                return (curves, problems);
            }
            rows = newer;
        }
        (self.read_curves_of(&rows, wanted, &mut problems).0, problems)
    }

    /// The curves that these rows lead to, and whether every file that was needed was there.
    fn read_curves_of(
        &self,
        rows: &RowsByRun,
        wanted: &[(RunId, String)],
        problems: &mut Vec<Diagnostic>,
    ) -> (HashMap<RunId, Curve>, bool) {
        let storings: Vec<_> =
            wanted.iter().map(|(run, record)| (run, siblings(rows, run, record))).collect();
        let (mut found, complete) = self.read_storings(&by_file(rows, &storings), problems);
        let mut join = |storings: Vec<Arc<RunRecord>>| {
            let curves = storings.into_iter().filter_map(|storing| {
                let curve = found.remove(&storing.record)?;
                Some((storing, curve))
            });
            merge::join(curves)
        };
        let curves = storings.into_iter().filter_map(|(run, storings)| Some((run.clone(), join(storings)?)));
        (curves.collect(), complete)
    }

    /// The curves of single storings, by record, from the files that hold them; `false` beside them if one that a
    /// file held which is gone stands in no other.
    fn read_storings(
        &self,
        files: &BTreeMap<Arc<str>, HashSet<&str>>,
        problems: &mut Vec<Diagnostic>,
    ) -> (HashMap<String, Curve>, bool) {
        let mut found: HashMap<String, Curve> = HashMap::new();
        let mut gone: HashSet<&str> = HashSet::new();
        let mut left: Vec<Sought<'_>> = files.iter().collect();
        while !left.is_empty() {
            // What was stored twice is read once: again only if it is not found where it is looked for first.
            let mut sought: HashSet<&str> = HashSet::new();
            let (now, later) = left.into_iter().partition::<Vec<_>, _>(|(_, records)| {
                let news = records.iter().any(|record| !sought.contains(record));
                sought.extend(records.iter());
                news
            });
            for file in self.read_files(now) {
                problems.extend(file.problems);
                match file.opened {
                    Opened::Sound(curves) => found.extend(curves),
                    Opened::Gone => gone.extend(file.records),
                    Opened::Damaged => self.note_damaged(file.path),
                    Opened::Unsound => {}
                }
            }
            let lacks = |records: &HashSet<&str>| records.iter().any(|record| !found.contains_key(*record));
            left = later.into_iter().filter(|(_, records)| lacks(records)).collect();
        }
        let complete = gone.iter().all(|record| found.contains_key(*record));
        (found, complete)
    }

    /// The curves in each of these files, of the records that are wanted of it.
    fn read_files<'a>(&self, files: Vec<Sought<'a>>) -> Vec<Looked<'a>> {
        let within = |file: Sought<'a>| Some((self.curve_path(file.0)?, file.1));
        let files: Vec<_> = files.into_iter().filter_map(within).collect();
        // Where there are fewer files than cores, each is decoded on several.
        let threads = cores().div_ceil(files.len().max(1));
        spread(&files, |(path, records)| {
            let mut problems = Vec::new();
            let decode = |bytes: &[u8]| read::curves(bytes, threads, &|record| records.contains(record));
            let opened = scan::open(&self.root, path, &mut problems, decode);
            Looked { path: path.clone(), records, opened, problems }
        })
    }

    /// All rows of these runs. Summaries are read again only where one of the storings is not known yet.
    fn rows_of(&self, wanted: &[(RunId, String)], problems: &mut Vec<Diagnostic>) -> RowsByRun {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = rows_by_run(&read, wanted);
        let known = |(run, record): &(RunId, String)| {
            rows.get(run).is_some_and(|rows| rows.iter().any(|row| row.record.record == *record))
        };
        if wanted.iter().all(known) {
            return rows;
        }
        self.refresh(&mut read, problems);
        rows_by_run(&read, wanted)
    }

    /// All rows of these runs, as they stand in the summaries now.
    fn newer_rows_of(&self, wanted: &[(RunId, String)], problems: &mut Vec<Diagnostic>) -> RowsByRun {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut read, problems);
        rows_by_run(&read, wanted)
    }

    /// Reads the summary files that are new, and forgets those that are gone. A file that vanishes after it was
    /// listed was compacted: then there is another one to list.
    fn refresh(&self, read: &mut Read, problems: &mut Vec<Diagnostic>) {
        let folder = match self.folder(Table::Summary.name()) {
            Ok(folder) => folder,
            Err(StoreError::Io { .. }) => return read.clear(),
            Err(error) => {
                problems.push(Diagnostic::error(error.to_string()));
                return read.clear();
            }
        };
        for _ in 0..ATTEMPTS {
            if self.read_listed(scan::files(&folder), read, problems) {
                break;
            }
        }
    }

    /// Makes `read` what `files` hold; `false` if one of them vanished before it could be read.
    fn read_listed(
        &self,
        files: BTreeMap<PathBuf, Stamp>,
        read: &mut Read,
        problems: &mut Vec<Diagnostic>,
    ) -> bool {
        read.retain(|path, (stamp, _)| files.get(path) == Some(stamp));
        let new: Vec<_> = files.into_iter().filter(|(path, _)| !read.contains_key(path)).collect();
        let mut complete = true;
        for (at, (rows, found)) in read_files(&self.root, &new) {
            // In a second attempt it is said once.
            problems
                .extend(found.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>());
            match (new.get(at), rows) {
                (Some((path, stamp)), Opened::Sound(rows)) => {
                    read.insert(path.clone(), (stamp.clone(), rows));
                }
                (_, Opened::Gone) => complete = false,
                _ => {}
            }
        }
        complete
    }

    /// A file of curves as a row names it, ours or a stranger's: it must lie within the notebook.
    fn curve_path(&self, file: &str) -> Option<PathBuf> {
        self.folder(&format!("{}/{file}", Table::Curves.name())).ok().filter(|path| !path.is_dir())
    }

    /// A path within `runs/`, which itself lies inside the notebook.
    fn folder(&self, relative: &str) -> Result<PathBuf, StoreError> {
        Ok(paths::inside(&self.root, &format!("runs/{relative}"))?)
    }
}

/// One record per run of rows of tables whose curves are all there.
pub fn unite<'a>(rows: impl IntoIterator<Item = &'a Arc<RunRecord>>) -> Vec<Arc<RunRecord>> {
    merge::merge(rows.into_iter().map(|record| (record, false)))
}

/// The folder of today within a table.
fn today() -> String {
    let now = clock::now();
    format!("date={}", now.get(..10).unwrap_or(&now))
}

/// Rows of summaries by their run.
type RowsByRun = HashMap<RunId, Vec<Row>>;

/// The rows of the wanted runs, as far as the summaries read tell.
fn rows_by_run(read: &Read, wanted: &[(RunId, String)]) -> RowsByRun {
    let mut rows: RowsByRun = wanted.iter().map(|(run, _)| (run.clone(), Vec::new())).collect();
    for row in read.values().flat_map(|(_, rows)| rows) {
        if let Some(rows) = rows.get_mut(&row.record.run) {
            rows.push(row.clone());
        }
    }
    rows
}

/// The storings that make up the curve of the storing `record` of `run`, it first.
fn siblings(rows: &RowsByRun, run: &RunId, record: &str) -> Vec<Arc<RunRecord>> {
    let rows = rows.get(run).map(Vec::as_slice).unwrap_or_default();
    merge::siblings(rows.iter().map(|row| Arc::clone(&row.record)).collect(), record)
}

/// The files that hold the curves of any of these rows.
fn curve_files(rows: &RowsByRun) -> BTreeSet<Arc<str>> {
    rows.values().flatten().map(|row| Arc::clone(&row.curves)).collect()
}

/// The files that hold the curves of these storings, each with the records that are wanted of it.
fn by_file<'a>(
    rows: &RowsByRun,
    storings: &'a [(&RunId, Vec<Arc<RunRecord>>)],
) -> BTreeMap<Arc<str>, HashSet<&'a str>> {
    let mut files: BTreeMap<Arc<str>, HashSet<&str>> = BTreeMap::new();
    for (run, storings) in storings {
        for row in rows.get(run).into_iter().flatten() {
            // A record may stand in two files: it was stored twice, or one has lost its curves.
            if let Some(storing) = storings.iter().find(|storing| storing.record == row.record.record) {
                files.entry(Arc::clone(&row.curves)).or_default().insert(&storing.record);
            }
        }
    }
    files
}

/// The rows of a file, if it is sound, and what was wrong with it.
type FileRead = (Opened<Vec<Row>>, Vec<Diagnostic>);

/// Reads summary files, on as many cores as there are, and returns each with its place in `files`, in order: the
/// first look at a notebook of 10,000 runs is mostly this.
fn read_files(root: &Path, files: &[(PathBuf, Stamp)]) -> Vec<(usize, FileRead)> {
    spread(files, |(path, _)| read_file(root, path)).into_iter().enumerate().collect()
}

fn read_file(root: &Path, path: &Path) -> FileRead {
    let mut problems = Vec::new();
    let (rows, lost) = match scan::open(root, path, &mut problems, read::summary) {
        Opened::Sound(found) => found,
        Opened::Unsound | Opened::Damaged => return (Opened::Unsound, problems),
        Opened::Gone => return (Opened::Gone, problems),
    };
    if lost > 0 {
        let message = format!("{lost} rows could not be understood: another version may have written them");
        problems.push(Diagnostic::warning(message).in_file(&scan::shown(root, path)));
    }
    (Opened::Sound(rows), problems)
}
