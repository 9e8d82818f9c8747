//! Compacting: the many small files of a day become few.
//!
//! A reader opens every summary, and the file of curves that it needs, so the first should be few and the second not
//! too large. Runs of one cell are put side by side, for they are read together. Files that are large already stay,
//! and so does everything that lowland did not write or does not understand to the last column.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::bundle;
use super::census::{self, Census};
use super::gather::Gathered;
use super::steps::{self, Step, Taker};
use super::{Store, Table, scan};
use crate::base::{Diagnostic, clock, files};
use crate::store::StoreError;

/// Most bytes of the files that become one. To open an entry a whole file of curves is read: of this size that takes
/// some 60 ms, of four times the size 260.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// Most runs of one file.
const MOST_RUNS: usize = 10_000;

/// What compacting did, or would do.
#[derive(Debug, Default)]
pub struct Compaction {
    /// Folder by folder.
    pub merged: Vec<Merged>,
    /// Files of spectra and slices that were merged, and how many they became.
    pub details: (usize, usize),
    /// Files that a crash left and that nobody needs, and their bytes.
    pub strays: (usize, u64),
    /// Files that were left as they are, and why.
    pub left: Vec<Diagnostic>,
}

/// What became of the files of one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The folder, as `date=2026-11-22`.
    pub partition: String,
    /// Summaries that were merged; each has a file of curves.
    pub files: usize,
    /// How many they became.
    pub into: usize,
    /// Runs in them.
    pub runs: usize,
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

/// A file that might be merged.
struct Small {
    path: PathBuf,
    runs: usize,
    bytes: u64,
}

impl Store {
    /// Merges small files; with `dry_run` it is only said what would be merged.
    pub fn compact(&self, dry_run: bool) -> Result<Compaction, StoreError> {
        if !self.folder(Table::Summary.name())?.is_dir() {
            return Ok(Compaction::default());
        }
        let _lock = if dry_run { None } else { Some(self.tidying()?) };
        self.compact_by(clock::unix_seconds(), &mut |step| if dry_run { Ok(()) } else { step.take() })
    }

    /// The same, as if it were `now`, by whoever takes the steps.
    pub(super) fn compact_by(&self, now: f64, take: &mut Taker<'_>) -> Result<Compaction, StoreError> {
        let mut compaction = Compaction::default();
        let summaries = self.folder(Table::Summary.name())?;
        let census = Census::take(&summaries);
        for (partition, small) in self.small_files(&mut compaction.left) {
            for group in groups(small) {
                let merged = self.merge_files(&partition, &group, &census, &mut compaction.left)?;
                if let Some((merged, steps)) = merged {
                    steps.iter().try_for_each(&mut *take)?;
                    compaction.count(merged);
                }
            }
        }
        compaction.details = self.merge_details(take)?;
        for (path, bytes) in self.strays(&Census::take(&summaries), now, &|_| false)? {
            compaction.strays = (compaction.strays.0 + 1, compaction.strays.1 + bytes);
            take(&Step::Remove(path))?;
        }
        Ok(compaction)
    }

    /// The lock of whoever removes files of the tables. Two at once would lose nothing, but do the work twice.
    pub(super) fn tidying(&self) -> Result<File, StoreError> {
        let path = self.folder(".live/compact.lock")?;
        let folder = path.parent().unwrap_or(&path);
        files::make_own_folder(folder).map_err(StoreError::at(folder))?;
        let file = files::open_lock(&path).map_err(StoreError::at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::Tidying),
            Err(TryLockError::Error(error)) => Err(StoreError::at(&path)(error)),
        }
    }

    /// Files of curves without a summary that can go: everything in them stands elsewhere, or is of runs that are
    /// `unwanted`. And files that nobody finished.
    pub(super) fn strays(
        &self,
        census: &Census,
        now: f64,
        unwanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(PathBuf, u64)>, StoreError> {
        let folder = self.folder(Table::Curves.name())?;
        let mut half_written = census::half_written(&self.folder(Table::Summary.name())?, now);
        half_written.extend(census::half_written(&folder, now));
        let mut strays = census.strays(&folder, now);
        if strays.is_empty() {
            return Ok(half_written);
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut read, &mut Vec::new());
        let files: BTreeSet<_> =
            read.values().flat_map(|(_, rows)| rows).map(|row| Arc::clone(&row.curves)).collect();
        let stand: BTreeSet<_> =
            files.iter().filter_map(|file| census::owners(&self.curve_path(file)?)).flatten().collect();
        strays.retain(|(path, _)| {
            census::owners(path)
                .is_some_and(|owners| owners.iter().all(|owner| stand.contains(owner) || unwanted(&owner.0)))
        });
        strays.extend(half_written);
        Ok(strays)
    }

    /// The summaries of lowland in each folder that are not large yet.
    fn small_files(&self, left: &mut Vec<Diagnostic>) -> BTreeMap<String, Vec<Small>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut read, left);
        let mut small: BTreeMap<String, Vec<Small>> = BTreeMap::new();
        for (path, (_, rows)) in read.iter() {
            let Some(partition) = self.partition(path) else { continue };
            let curves = rows.first().and_then(|row| self.curve_path(&row.curves));
            let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
            let file = Small {
                path: path.clone(),
                runs: rows.len(),
                bytes: length(path) + curves.map_or(0, |path| length(&path)),
            };
            if file.runs <= MOST_RUNS / 2 && file.bytes <= MOST_BYTES / 2 {
                small.entry(partition).or_default().push(file);
            }
        }
        // By content, as files are named: which become one does not depend on when each was written.
        for files in small.values_mut() {
            files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        small
    }

    /// The folder of a summary within its table, if lowland made both.
    pub(super) fn partition(&self, summary: &Path) -> Option<String> {
        let folder = summary.parent()?;
        let name = folder.file_name()?.to_str().filter(|name| bundle::is_partition(name))?;
        let table = self.folder(Table::Summary.name()).ok()?;
        (folder.parent()? == table && scan::is_hashed(summary.file_name()?.to_str()?))
            .then(|| name.to_owned())
    }

    /// The steps that make one file of a group; `None` where there is nothing to merge.
    fn merge_files(
        &self,
        partition: &str,
        group: &[Small],
        census: &Census,
        left: &mut Vec<Diagnostic>,
    ) -> Result<Option<(Merged, Vec<Step>)>, StoreError> {
        let curves = self.folder(Table::Curves.name())?;
        let mut gathered = Gathered::default();
        for file in group {
            gathered.take(&file.path, &curves);
        }
        left.extend(gathered.left_alone(self.root(), &curves));
        let (bundles, runs) = gathered.finish();
        if bundles.len() < 2 {
            return Ok(None);
        }
        let steps = steps::replace(self, partition, &bundles, &runs, census)?;
        let merged = Merged {
            partition: partition.to_owned(),
            files: bundles.len(),
            into: 1,
            runs: runs.len(),
            before: bundles.iter().map(|bundle| bundle.bytes).sum(),
            after: steps.iter().map(Step::written).sum(),
        };
        Ok((!steps.is_empty()).then_some((merged, steps)))
    }
}

impl Compaction {
    fn count(&mut self, merged: Merged) {
        match self.merged.last_mut() {
            Some(last) if last.partition == merged.partition => {
                last.files += merged.files;
                last.into += merged.into;
                last.runs += merged.runs;
                last.before += merged.before;
                last.after += merged.after;
            }
            _ => self.merged.push(merged),
        }
    }
}

/// Files that together are not too large, in order.
fn groups(small: Vec<Small>) -> Vec<Vec<Small>> {
    let mut groups: Vec<(usize, u64, Vec<Small>)> = Vec::new();
    for file in small {
        match groups.last_mut() {
            Some((runs, bytes, group))
                if *runs + file.runs <= MOST_RUNS && *bytes + file.bytes <= MOST_BYTES =>
            {
                (*runs, *bytes) = (*runs + file.runs, *bytes + file.bytes);
                group.push(file);
            }
            _ => groups.push((file.runs, file.bytes, vec![file])),
        }
    }
    groups.into_iter().map(|(_, _, group)| group).collect()
}
