//! Moving finished journals into the tables.
//!
//! The order makes every crash harmless: weights are moved, then rows are written, then journals are removed. Rows
//! written twice are one run to a reader.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::claim::Claim;
use super::live::{self, LiveRun, LiveState};
use super::{JOURNAL, LOCK, WEIGHTS, reader};
use crate::base::RunId;
use crate::store::{Curve, RunRecord, Store, StoreError, tables};

/// Most runs of one file; each holds a lock, and so a file descriptor, until it is written.
const MOST: usize = 128;

/// A finished run, claimed, so that nobody begins it anew meanwhile.
struct Finished {
    folder: PathBuf,
    row: (RunRecord, Curve),
    claim: Claim,
}

/// Moves every finished run below `live_root` into the tables, and says how many there were.
pub fn harvest(store: &Store, live_root: &Path) -> Result<usize, StoreError> {
    let folders: Vec<_> = live::folders(live_root).into_iter().collect();
    let mut count = 0;
    for batch in folders.chunks(MOST) {
        let finished: Vec<_> = batch.iter().filter_map(|(run, folder)| claim_finished(run, folder)).collect();
        count += finished.len();
        store_batch(store, finished)?;
        for (_, folder) in batch {
            remove_leftover(folder);
        }
    }
    Ok(count)
}

/// The run in this folder, if it has ended and nobody is at it.
fn claim_finished(run: &RunId, folder: &Path) -> Option<Finished> {
    if !reader::has_ended(folder) {
        return None;
    }
    // A claim that cannot be had is one that somebody else has: whoever ends the run, or harvests it too.
    let claim = Claim::take_existing(folder).ok()??;
    match live::read_one(run, folder)? {
        LiveRun { state: LiveState::Finished(record), curve, .. } => {
            Some(Finished { folder: folder.to_owned(), row: (*record, curve), claim })
        }
        _ => None,
    }
}

fn store_batch(store: &Store, finished: Vec<Finished>) -> Result<(), StoreError> {
    for run in &finished {
        keep_weights(store, &run.row.0.run, &run.folder)?;
    }
    let mut rows = Vec::with_capacity(finished.len());
    let mut claimed = Vec::with_capacity(finished.len());
    for run in finished {
        rows.push(run.row);
        claimed.push((run.folder, run.claim));
    }
    store.append(&rows)?;
    for (folder, _claim) in &claimed {
        remove(folder).map_err(StoreError::at(folder))?;
    }
    Ok(())
}

fn keep_weights(store: &Store, run: &RunId, folder: &Path) -> Result<(), StoreError> {
    let from = folder.join(WEIGHTS);
    let to = store.weights_path(run)?;
    if let Some(folder) = to.parent().filter(|_| from.is_file()) {
        tables::make_folder(folder)?;
        fs::rename(&from, &to).map_err(StoreError::at(&to))?;
    }
    Ok(())
}

/// Removes the folder of a run, its journal first: what a crash leaves has no start, and is no run.
fn remove(folder: &Path) -> io::Result<()> {
    for name in [JOURNAL, WEIGHTS, LOCK] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_dir_all(folder)
}

/// Removes what a crash within [`remove`] left.
fn remove_leftover(folder: &Path) {
    if folder.join(JOURNAL).exists() {
        return;
    }
    if let Ok(Some(_claim)) = Claim::take_existing(folder)
        && !folder.join(JOURNAL).exists()
    {
        // It stays if it cannot go, and is no run either way.
        let _ = remove(folder);
    }
    // Without a lock there is nothing in it; a folder that someone is just filling is not empty, and stays.
    let _ = fs::remove_dir(folder);
}
