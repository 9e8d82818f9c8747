//! Throwing away what is left of interrupted runs that nobody asks for any more.

use std::fs;
use std::path::Path;

use super::claim::Claim;
use super::{harvest, live};
use crate::base::RunId;

/// What was thrown away, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discarded {
    /// Runs.
    pub runs: usize,
    /// Bytes of their journals and checkpoints.
    pub bytes: u64,
}

/// Removes what is left below `live_root` of interrupted runs that are `unwanted`; with `dry_run` it is only counted.
/// A run that some process is at stays, and so does one that has ended, for it is about to be stored.
pub fn discard(live_root: &Path, unwanted: &dyn Fn(&RunId) -> bool, dry_run: bool) -> Discarded {
    let mut discarded = Discarded::default();
    for (run, folder) in live::folders(live_root).into_iter().filter(|(run, _)| unwanted(run)) {
        let bytes = bytes(&folder);
        let gone = if dry_run {
            !Claim::is_held(&folder) && live::finished(&run, &folder).is_none()
        } else {
            match Claim::take_existing(&folder) {
                Ok(Some(_claim)) if live::finished(&run, &folder).is_none() => {
                    harvest::remove(&folder).is_ok()
                }
                _ => false,
            }
        };
        if gone {
            discarded.runs += 1;
            discarded.bytes += bytes;
        }
    }
    discarded
}

fn bytes(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}
