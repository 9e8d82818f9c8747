//! Moving finished journals into the tables.
//!
//! The order makes every crash harmless: weights are moved, then rows are written, then journals are removed. Rows
//! written twice are one run to a reader.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::claim::Claim;
use super::live;
use super::{CHECKPOINT, DETAILS, JOURNAL, WEIGHTS, reader};
use crate::base::{RunId, clock, files};
use crate::store::{Curve, RunRecord, Store, StoreError, tables, weights};

/// Most runs of one file; each holds a lock, and so a file descriptor, until it is written.
const MOST: usize = 128;

/// So many files are synced one by one.
const FEW: usize = 8;

/// How the private name begins under which the folder of a harvested run is removed; no run is called so.
const DONE: &str = ".done-";

/// How the name begins of a folder with nothing but a lock, for the next run that needs one. Some file systems take the
/// longer to make a file, the more were removed of late: ext4 looks at every one of the last minute.
const SPARE: &str = ".spare-";

/// What becomes of the folders of harvested runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folders {
    Removed,
    Kept,
}

/// A finished run, claimed, so that nobody begins it anew meanwhile.
struct Finished {
    folder: PathBuf,
    row: (RunRecord, Curve),
    claim: Claim,
}

/// Moves every finished run below `live_root` into the tables, and says how many there were.
pub fn harvest(store: &Store, live_root: &Path) -> Result<usize, StoreError> {
    harvest_then(Folders::Removed, store, live_root)
}

/// As [`harvest`], but their folders are kept for the next runs, until [`remove_spare`].
pub fn harvest_amid_runs(store: &Store, live_root: &Path) -> Result<usize, StoreError> {
    harvest_then(Folders::Kept, store, live_root)
}

fn harvest_then(then: Folders, store: &Store, live_root: &Path) -> Result<usize, StoreError> {
    let folders: Vec<_> = live::folders(live_root).into_iter().collect();
    let mut count = 0;
    for batch in folders.chunks(MOST) {
        let finished: Vec<_> = batch.iter().filter_map(|(run, folder)| claim_finished(run, folder)).collect();
        count += finished.len();
        store_batch(store, finished, then)?;
        for (_, folder) in batch {
            remove_leftover(folder);
        }
    }
    if super::is_inside(live_root) {
        remove_done(live_root);
    }
    Ok(count)
}

/// The run in this folder, if it has ended and nobody is at it.
fn claim_finished(run: &RunId, folder: &Path) -> Option<Finished> {
    // Asked before claiming, as this is cheap and most runs in flight are somebody's.
    if !reader::seems_ended(folder) {
        return None;
    }
    // A claim that cannot be had is one that somebody else has: whoever ends the run, or harvests it too.
    let claim = Claim::take_existing(folder).ok()??;
    let row = live::finished(run, folder)?;
    let weights = folder.join(WEIGHTS);
    if files::is_own_file(&weights) && !weights::is_whole(&weights) {
        // The system went down before they reached the disk: as if the run had not ended.
        let _ = remove(folder);
        return None;
    }
    Some(Finished { folder: folder.to_owned(), row, claim })
}

fn store_batch(store: &Store, finished: Vec<Finished>, then: Folders) -> Result<(), StoreError> {
    sync_weights(&finished)?;
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
    for (folder, claim) in claimed {
        let kept = then == Folders::Kept && keep_folder(&folder).is_ok();
        if !kept {
            remove(&folder).map_err(StoreError::at(&folder))?;
        }
        // Not later: a run may be about to begin in a folder that was kept.
        drop(claim);
    }
    Ok(())
}

/// Makes the folder of a stored run, whose claim is held, one for the next run.
fn keep_folder(folder: &Path) -> io::Result<()> {
    // Without a journal it is no run's any more; that goes last, so that a crash before leaves a finished run.
    for file in [CHECKPOINT, DETAILS, WEIGHTS, JOURNAL] {
        match fs::remove_file(folder.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(folder, private(folder, SPARE))
}

/// Gives the folder of a run, which is not there, the place of one that is kept for it, if there is one.
pub(super) fn reuse(live_root: &Path, folder: &Path) {
    if fs::symlink_metadata(folder).is_ok() {
        return;
    }
    for (spare, is_folder) in named(live_root, SPARE) {
        // One that is gone is somebody else's now.
        if is_folder && fs::rename(spare, folder).is_ok() {
            return;
        }
    }
}

/// Removes the folders that were kept.
pub fn remove_spare(live_root: &Path) {
    if super::is_inside(live_root) {
        for (spare, _) in named(live_root, SPARE) {
            let _ = remove(&spare);
        }
    }
}

/// What lies below `live_root` under a name that begins so, and whether it is a folder, and not a link to one.
fn named(live_root: &Path, prefix: &str) -> impl Iterator<Item = (PathBuf, bool)> {
    let entries = fs::read_dir(live_root).into_iter().flatten().flatten();
    let named =
        entries.filter(move |entry| entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()));
    named.map(|entry| (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir())))
}

/// Makes the weights durable before a row says that they are there.
fn sync_weights(finished: &[Finished]) -> Result<(), StoreError> {
    let weights = finished.iter().map(|run| run.folder.join(WEIGHTS)).filter(|path| files::is_own_file(path));
    let weights: Vec<PathBuf> = weights.collect();
    let sync = |path: &PathBuf| files::open_own(path)?.sync_all();
    // Many at once are one trip to the disk.
    if let (Some(first), true) = (weights.first(), weights.len() > FEW)
        && sync_file_system(first).is_ok()
    {
        return Ok(());
    }
    weights.iter().try_for_each(|path| sync(path).map_err(StoreError::at(path)))
}

#[cfg(target_os = "linux")]
fn sync_file_system(file: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(files::open_own(file)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn keep_weights(store: &Store, run: &RunId, folder: &Path) -> Result<(), StoreError> {
    let from = folder.join(WEIGHTS);
    // A link in their place is not what lowland wrote: moved, it would be read as the weights of this run.
    if !files::is_own_file(&from) {
        return Ok(());
    }
    let to = store.weights_path(run)?;
    if let Some(folder) = to.parent() {
        tables::make_folder(folder)?;
        fs::rename(&from, &to).map_err(StoreError::at(&to))?;
    }
    Ok(())
}

/// Removes the folder of a run, whose claim is held. It goes under a private name first: from that instant another
/// process may begin the run anew, and must not find its folder emptied under it.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    let private = private(folder, DONE);
    fs::rename(folder, &private)?;
    // What stays of it, if it cannot go, is no run either way.
    let _ = fs::remove_dir_all(&private);
    Ok(())
}

/// A name beside that of `folder` which nothing else has.
fn private(folder: &Path, prefix: &str) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (now, count) = (clock::unix_seconds().to_bits(), COUNT.fetch_add(1, Ordering::Relaxed));
    folder.with_file_name(format!("{prefix}{}-{now:x}-{count}", process::id()))
}

/// Removes the private folders that a crash within [`remove`] left.
fn remove_done(live_root: &Path) {
    for (folder, _) in named(live_root, DONE) {
        // A link is not followed: it is no folder, and stays.
        let _ = fs::remove_dir_all(folder);
    }
}

/// Removes the folder of a run without a journal: its claimant died before it began, or a copy was cut short.
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
