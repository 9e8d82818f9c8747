//! The runs in flight of a notebook, as their journals tell.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::DETAILS;
use super::claim::Claim;
use super::line::{Beat, Line, Start};
use super::reader::{self, JournalReader};
use crate::base::{RunId, files};
use crate::science::measures::details::Details;
use crate::store::{Curve, RunRecord};

/// A run that has a journal.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRun {
    /// The run.
    pub run: RunId,
    /// What is run, and by whom.
    pub start: Start,
    /// How it stands.
    pub state: LiveState,
    /// Its curve so far.
    pub curve: Curve,
    /// Its last sign of life.
    pub beat: Option<Beat>,
}

/// How a run stands that has a journal.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveState {
    /// A process is at it.
    Running,
    /// It has ended, and its record waits to be stored.
    Finished(Box<RunRecord>),
    /// Its process ended under it: it was interrupted, and can be run again.
    Dead,
}

impl LiveRun {
    /// Steps taken, as far as is known.
    pub fn steps(&self) -> u64 {
        let beat = self.beat.as_ref().map_or(0, |beat| beat.step);
        self.curve.steps.last().copied().unwrap_or(0).max(beat)
    }

    /// The share of its steps that is done, in [0, 1].
    pub fn fraction(&self) -> f64 {
        match &self.state {
            LiveState::Finished(_) => 1.0,
            _ => (self.steps() as f64 / self.start.total_steps.max(1) as f64).min(1.0),
        }
    }
}

/// The runs in flight of a notebook, followed: a poll reads only what is new.
#[derive(Debug)]
pub struct LiveRuns {
    root: PathBuf,
    followed: BTreeMap<RunId, Followed>,
}

/// A journal and what it has told so far.
#[derive(Debug)]
struct Followed {
    reader: JournalReader,
    told: Option<LiveRun>,
}

impl LiveRuns {
    /// Those with a journal below `live_root`; nothing is read yet.
    pub fn new(live_root: &Path) -> Self {
        Self { root: live_root.to_owned(), followed: BTreeMap::new() }
    }

    /// Reads what is new. Anything below `live_root` that is not the folder of a run is ignored.
    pub fn poll(&mut self) -> impl Iterator<Item = &LiveRun> {
        let folders = folders(&self.root);
        self.followed.retain(|run, _| folders.contains_key(run));
        for (run, folder) in &folders {
            self.followed.entry(run.clone()).or_insert_with(|| Followed::new(folder)).poll(run, folder);
        }
        self.followed.values().filter_map(|followed| followed.told.as_ref())
    }
}

/// All runs that have a journal now, by run id.
pub fn read_all(live_root: &Path) -> Vec<LiveRun> {
    LiveRuns::new(live_root).poll().cloned().collect()
}

/// The run in this folder, if it has a journal.
fn read_one(run: &RunId, folder: &Path) -> Option<LiveRun> {
    let mut followed = Followed::new(folder);
    followed.poll(run, folder);
    followed.told
}

/// The record and the curve of the run in this folder, if its journal has ended and can be understood. An end that
/// another version of lowland wrote, and this one cannot read, is none: the run can be begun anew.
pub fn finished(run: &RunId, folder: &Path) -> Option<(RunRecord, Curve)> {
    if !reader::seems_ended(folder) {
        return None;
    }
    match read_one(run, folder)? {
        // The name of a record holds the hash of its curve: where a power cut left a hole in the journal they differ,
        // and it is as if the run had not ended.
        LiveRun { state: LiveState::Finished(record), curve, .. } => {
            let named = RunRecord::clone(&record).with_id(&curve.hash());
            let whole = named.record == record.record || !record.is_named_by_content();
            let details = details(folder)?;
            whole.then_some((*record, Curve { details, ..curve }))
        }
        _ => None,
    }
}

/// Spectra and slices that were kept beside the journal; `None` where a power cut took part of them, as if the run had
/// not ended.
fn details(folder: &Path) -> Option<Details> {
    let path = folder.join(DETAILS);
    if !files::is_own_file(&path) {
        return Some(Details::default());
    }
    serde_json::from_slice(&files::read_own(&path).ok()?).ok()
}

/// The folders of runs below `live_root`.
pub fn folders(live_root: &Path) -> BTreeMap<RunId, PathBuf> {
    if !super::is_inside(live_root) {
        return BTreeMap::new();
    }
    let entries = fs::read_dir(live_root).into_iter().flatten().flatten();
    let run = |entry: fs::DirEntry| {
        let run = entry.file_name().to_str()?.parse().ok()?;
        // Not through a link: what lies outside is not of this notebook.
        entry.file_type().ok()?.is_dir().then(|| (run, entry.path()))
    };
    entries.filter_map(run).collect()
}

impl Followed {
    fn new(folder: &Path) -> Self {
        Self { reader: JournalReader::open(folder), told: None }
    }

    fn poll(&mut self, run: &RunId, folder: &Path) {
        // Asked before reading: a run that ends in between is found finished, never dead.
        let held = Claim::is_held(folder);
        loop {
            for line in self.reader.poll() {
                self.apply(run, line);
            }
            if !self.reader.is_behind() {
                break;
            }
        }
        if let Some(told) = &mut self.told
            && !matches!(told.state, LiveState::Finished(_))
        {
            told.state = if held { LiveState::Running } else { LiveState::Dead };
        }
    }

    fn apply(&mut self, run: &RunId, line: Line) {
        match (line, &mut self.told) {
            (Line::Start(start), told) if start.run == *run => {
                *told = Some(LiveRun {
                    run: run.clone(),
                    start: *start,
                    state: LiveState::Running,
                    curve: Curve::default(),
                    beat: None,
                });
            }
            (Line::Row(row), Some(told)) => told.curve.push(row.step, row.epoch, &row.values),
            (Line::Beat(beat), Some(told)) => told.beat = Some(beat),
            (Line::End(record), Some(told)) if record.run == *run => told.state = LiveState::Finished(record),
            // A line of another run, or before the start: not a journal that lowland wrote.
            _ => {}
        }
    }
}
