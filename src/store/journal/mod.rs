//! The journal of a run in flight: the interface between whoever trains and whoever watches.
//!
//! A folder `runs/.live/<run>/` holds `lock`, whose lock is the claim on the run (the system releases it when the
//! process dies, however it dies), `journal.jsonl`, one JSON object a line, now and then a `checkpoint`, and at the end
//! the weights. A journal with a last line `end` is finished and waits for [`harvest`]; one without, and with nobody
//! holding the lock, is what is left of a run that was killed, and goes on from its last checkpoint when it is asked
//! for again.

mod checkpoint;
mod claim;
mod discard;
mod harvest;
mod line;
mod live;
mod reader;
mod scratch;
mod writer;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::base::RunId;
use crate::store::RunRecord;

pub use discard::{Discarded, discard};
pub use harvest::{harvest, harvest_amid_runs, remove_spare};
pub use line::{Beat, Line, Row, Start};
pub use live::{LiveRun, LiveRuns, LiveState, folders, read_all};
pub use reader::JournalReader;
pub use scratch::Scratch;
pub use writer::{JournalWriter, Resumed};

/// Name of the lock within the folder of a run.
const LOCK: &str = "lock";
/// Name of the journal itself.
const JOURNAL: &str = "journal.jsonl";
/// Name of the last checkpoint.
const CHECKPOINT: &str = "checkpoint";
/// Name of the final weights.
const WEIGHTS: &str = "weights.safetensors";

/// Spectra and slices of a run that has ended.
const DETAILS: &str = "details.json";

/// Where the runs in flight of the notebook at `root` keep their journals.
pub fn live_root(root: &Path) -> PathBuf {
    root.join("runs").join(".live")
}

/// When a run in flight last saved how far it is; `None` if it has not, or is not in flight.
pub fn saved(live_root: &Path, run: &RunId) -> Option<SystemTime> {
    std::fs::symlink_metadata(live_root.join(run.as_str()).join(CHECKPOINT)).ok()?.modified().ok()
}

/// Whether some process is at a run.
pub fn is_claimed(live_root: &Path, run: &RunId) -> bool {
    claim::Claim::is_held(&live_root.join(run.as_str()))
}

/// The record of a run whose journal has ended, and waits to be moved into the tables.
pub fn finished(live_root: &Path, run: &RunId) -> Option<RunRecord> {
    live::finished(run, &live_root.join(run.as_str())).map(|(record, _)| record)
}

/// Where the final weights of a run stand that has ended and is not in the tables yet.
pub fn weights_of(live_root: &Path, run: &RunId) -> PathBuf {
    live_root.join(run.as_str()).join(WEIGHTS)
}

/// Whether `live_root` lies where it seems to: a stranger's notebook could make it a link to somewhere else.
fn is_inside(live_root: &Path) -> bool {
    !live_root.is_symlink() && !live_root.parent().is_some_and(Path::is_symlink)
}

#[cfg(test)]
mod claim_tests;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod tests;
