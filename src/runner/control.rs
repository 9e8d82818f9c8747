//! How another process asks a crew to stop runs: by files, since the notebook is all they share.
//!
//! A crew registers as `runs/.live/crews/<pid>-<nonce>.lock` and holds the lock on it; a request is a file of the
//! same stem ending in `.stop` that lists runs (or is empty: all of them). A lock that nobody holds is the
//! leftover of a crew that is gone, on whatever machine, and is removed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::{RunId, atomic};

/// A crew's registration; requests for it are read here.
pub struct Desk {
    /// Held for as long as the crew lives.
    _lock: File,
    registration: PathBuf,
}

/// What is asked of a crew.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// Runs to stop; `None` for all.
    runs: Option<Vec<RunId>>,
}

fn folder(root: &Path) -> PathBuf {
    root.join("runs/.live/crews")
}

impl Desk {
    /// Registers a crew; `None` where the notebook cannot be written, and then nobody can reach it either.
    pub fn open(root: &Path) -> Option<Self> {
        let folder = folder(root);
        fs::create_dir_all(&folder).ok()?;
        let nonce = crate::base::clock::unix_seconds().to_bits();
        let registration = folder.join(format!("{}-{nonce:x}.lock", std::process::id()));
        let file = OpenOptions::new().create_new(true).write(true).open(&registration).ok()?;
        file.try_lock().ok()?;
        Some(Self { _lock: file, registration })
    }

    /// What was asked since the last look: `Some(None)` is a stop of everything.
    #[allow(clippy::option_option)]
    pub fn request(&mut self) -> Option<Option<Vec<RunId>>> {
        let path = self.registration.with_extension("stop");
        let bytes = fs::read(&path).ok()?;
        let _ = fs::remove_file(&path);
        serde_json::from_slice::<Request>(&bytes).ok().map(|request| request.runs)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.registration);
        let _ = fs::remove_file(self.registration.with_extension("stop"));
    }
}

/// Asks every crew on the notebook to stop `runs` (all of theirs, if `None`); how many crews were asked.
pub fn stop(root: &Path, runs: Option<&[RunId]>) -> io::Result<usize> {
    let request = serde_json::to_vec(&Request { runs: runs.map(<[RunId]>::to_vec) })?;
    let mut asked = 0;
    let entries = match fs::read_dir(folder(root)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        if is_held(&path) {
            atomic::write(&path.with_extension("stop"), &request)?;
            asked += 1;
        } else {
            let _ = fs::remove_file(&path);
        }
    }
    Ok(asked)
}

fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reaches_the_crew_once_and_a_dead_crew_is_swept_away() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(stop(root.path(), None).unwrap(), 0);
        let mut desk = Desk::open(root.path()).unwrap();
        fs::write(folder(root.path()).join("1-dead.lock"), "").unwrap();
        let run = RunId::of(&[b"x"]);
        assert_eq!(stop(root.path(), Some(std::slice::from_ref(&run))).unwrap(), 1);
        assert_eq!(desk.request(), Some(Some(vec![run])));
        assert_eq!(desk.request(), None);
        assert_eq!(stop(root.path(), None).unwrap(), 1);
        assert_eq!(desk.request(), Some(None));
        drop(desk);
        assert_eq!(fs::read_dir(folder(root.path())).unwrap().count(), 0);
    }
}
