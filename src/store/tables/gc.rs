//! Removing stored runs that nobody asks for any more: their rows, their curves, their spectra and slices, their weights.
//!
//! A file of which only some rows go is written anew without them, in the order of [`super::steps`]: cut off at any
//! point, no other row is lost. Weights go after the rows, so that no row is left without what it names.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::PoisonError;

use super::bundle::{self, Bundle};
use super::census::{self, Census};
use super::steps::{self, Step, Taker};
use super::{Store, Table, scan};
use crate::base::{Diagnostic, RunId, clock, files};
use crate::store::{RunRecord, StoreError};

/// What was removed, or would be.
#[derive(Debug, Default)]
pub struct Removal {
    /// A row of each run.
    pub runs: BTreeMap<RunId, RunRecord>,
    /// Files of weights.
    pub weights: usize,
    /// Files that a crash left.
    pub strays: usize,
    /// Bytes freed in all.
    pub bytes: u64,
    /// Files with rows nobody asks for that were left as they are, and why.
    pub left: Vec<Diagnostic>,
}

impl Store {
    /// Removes every stored run that is not `wanted`; with `dry_run` it is only said what would go.
    pub fn discard(&self, wanted: &HashSet<RunId>, dry_run: bool) -> Result<Removal, StoreError> {
        let _lock = if dry_run { None } else { Some(self.tidying()?) };
        let mut take = |step: &Step| if dry_run { Ok(()) } else { step.take() };
        self.discard_by(clock::unix_seconds(), wanted, &mut take)
    }

    /// The same, as if it were `now`, by whoever takes the steps.
    pub(super) fn discard_by(
        &self,
        now: f64,
        wanted: &HashSet<RunId>,
        take: &mut Taker<'_>,
    ) -> Result<Removal, StoreError> {
        let mut removal = Removal::default();
        let summaries = self.folder(Table::Summary.name())?;
        let stay = self.discard_rows(wanted, &Census::take(&summaries), take, &mut removal)?;
        removal.runs.retain(|run, _| !stay.contains(run));
        for (path, bytes) in self.unwanted_weights(now, wanted, &stay, &removal)? {
            removal.weights += 1;
            removal.bytes += bytes;
            take(&Step::Remove(path))?;
        }
        let (steps, freed) = self.discard_details(&|run| wanted.contains(run) || stay.contains(run))?;
        removal.bytes += freed;
        steps.iter().try_for_each(&mut *take)?;
        let unwanted = |run: &str| run.parse().is_ok_and(|run| !wanted.contains(&run));
        for (path, bytes) in self.strays(&Census::take(&summaries), now, &unwanted)? {
            removal.strays += 1;
            removal.bytes += bytes;
            take(&Step::Remove(path))?;
        }
        Ok(removal)
    }

    /// Removes the rows; the runs that stay although they are not wanted, since a row of theirs cannot be removed.
    fn discard_rows(
        &self,
        wanted: &HashSet<RunId>,
        census: &Census,
        take: &mut Taker<'_>,
        removal: &mut Removal,
    ) -> Result<HashSet<RunId>, StoreError> {
        let curves = self.folder(Table::Curves.name())?;
        let mut stay = HashSet::new();
        for (path, unwanted) in self.files_with_unwanted(wanted, &mut removal.left) {
            let ours = self.partition(&path).ok_or_else(|| "lowland did not write it".to_owned());
            let bundle = ours.and_then(|partition| Ok((partition, Bundle::load(&path, &curves)?)));
            let (partition, mut bundle) = match bundle {
                Ok(found) => found,
                Err(why) => {
                    let file = scan::shown(self.root(), &path);
                    removal
                        .left
                        .push(Diagnostic::warning(format!("it is left as it is: {why}")).in_file(&file));
                    stay.extend(unwanted);
                    continue;
                }
            };
            let rows = std::mem::take(&mut bundle.rows);
            let (kept, gone): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| wanted.contains(&row.run));
            let kept = bundle::runs(kept, &mut bundle.curves);
            let before = bundle.bytes;
            let steps = steps::replace(self, &partition, &[bundle], &kept, census)?;
            removal.bytes += before.saturating_sub(steps.iter().map(Step::written).sum());
            removal.runs.extend(gone.into_iter().map(|row| (row.run.clone(), row)));
            steps.iter().try_for_each(&mut *take)?;
        }
        Ok(stay)
    }

    /// Summaries with rows of runs that are not wanted, each with these runs.
    fn files_with_unwanted(
        &self,
        wanted: &HashSet<RunId>,
        left: &mut Vec<Diagnostic>,
    ) -> BTreeMap<PathBuf, Vec<RunId>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut read, left);
        let files = read.iter().map(|(path, (_, rows))| {
            let runs = rows.iter().map(|row| &row.record.run).filter(|run| !wanted.contains(run));
            (path.clone(), runs.cloned().collect::<Vec<_>>())
        });
        files.filter(|(_, runs)| !runs.is_empty()).collect()
    }

    /// Weights of the runs that go, and of runs without any row, unless they have just been put there: their rows may
    /// be on their way.
    fn unwanted_weights(
        &self,
        now: f64,
        wanted: &HashSet<RunId>,
        stay: &HashSet<RunId>,
        removal: &Removal,
    ) -> Result<Vec<(PathBuf, u64)>, StoreError> {
        let entries = fs::read_dir(self.folder("weights")?).into_iter().flatten().flatten();
        let unwanted = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(run) = name.strip_suffix(".safetensors").and_then(|name| name.parse().ok()) else {
                return false;
            };
            let goes = removal.runs.contains_key(&run) || census::is_settled(path, now);
            files::is_own_file(path) && !wanted.contains(&run) && !stay.contains(&run) && goes
        };
        let length = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        Ok(entries
            .map(|entry| entry.path())
            .filter(unwanted)
            .map(|path| (path.clone(), length(&path)))
            .collect())
    }
}
