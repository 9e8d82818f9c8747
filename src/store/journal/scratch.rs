//! A folder for journals that are nobody's results: of runs that are trained once more to see whether they come out
//! the same. Nobody harvests it, and whoever made it removes it; what a killed one left is swept by the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use super::claim::Claim;
use super::{LOCK, WEIGHTS};
use crate::base::paths::PathError;
use crate::base::{RunId, clock};
use crate::store::StoreError;

/// How the names of these folders begin; no run is called so.
const PREFIX: &str = ".verify-";

/// A folder without a lock may be one that is just being made.
const SETTLED: Duration = Duration::from_mins(1);

/// A folder for journals, gone when this is.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    /// Held as long as the folder is in use.
    _claim: Claim,
}

impl Scratch {
    /// A new one below `live_root`.
    pub fn make(live_root: &Path) -> Result<Self, StoreError> {
        if !super::is_inside(live_root) {
            return Err(PathError::LinkOut(live_root.display().to_string()).into());
        }
        sweep(live_root);
        let nonce = clock::unix_seconds().to_bits();
        let folder = live_root.join(format!("{PREFIX}{}-{nonce:x}", process::id()));
        match Claim::take(&folder).map_err(StoreError::at(&folder))? {
            Some(claim) => Ok(Self { folder, _claim: claim }),
            None => Err(StoreError::at(&folder)(std::io::Error::other("another process uses it"))),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Where the final weights of a run stand, if it ended with some.
    pub fn weights(&self, run: &RunId) -> PathBuf {
        self.folder.join(run.as_str()).join(WEIGHTS)
    }

    /// Removes what a run left, once it has been looked at.
    pub fn forget(&self, run: &RunId) {
        // What stays goes with the folder.
        let _ = fs::remove_dir_all(self.folder.join(run.as_str()));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes the folders of this kind that nobody uses.
fn sweep(live_root: &Path) {
    for entry in fs::read_dir(live_root).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder || !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let folder = entry.path();
        let age = entry.metadata().ok().and_then(|metadata| metadata.modified().ok()?.elapsed().ok());
        let unlocked = !folder.join(LOCK).exists() && age.is_some_and(|age| age > SETTLED);
        if unlocked || matches!(Claim::take_existing(&folder), Ok(Some(_))) {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_is_gone_after_use_and_a_dead_one_is_swept() {
        let root = tempfile::tempdir().unwrap();
        let live = root.path().join("runs/.live");
        let count = || fs::read_dir(&live).unwrap().count();
        fs::create_dir_all(live.join(".verify-1-dead/run")).unwrap();
        fs::write(live.join(".verify-1-dead").join(LOCK), "").unwrap();
        fs::create_dir_all(live.join(".verify-1-young")).unwrap();
        fs::create_dir_all(live.join("other")).unwrap();
        let one = Scratch::make(&live).unwrap();
        assert_eq!(count(), 3, "the dead one alone is gone");
        let two = Scratch::make(&live).unwrap();
        assert!(one.path().exists() && two.path().exists() && one.path() != two.path());
        drop((one, two));
        assert_eq!(count(), 2);
    }

    #[test]
    fn no_scratch_folder_is_made_through_a_link() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(other.path(), root.path().join("runs")).unwrap();
        assert!(Scratch::make(&root.path().join("runs/.live")).is_err());
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    }
}
