//! The claim on a run: an exclusive lock on a file in its folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::LOCK;
use crate::base::files;

/// How often a claim is tried: whoever asks whether a run is alive holds its lock for an instant, and the folder may
/// vanish between making it and locking it, when its finished run is harvested.
const ATTEMPTS: u32 = 10;

/// The claim, held as long as it lives.
#[derive(Debug)]
pub struct Claim {
    _lock: File,
}

impl Claim {
    /// Claims the run whose folder this is, making the folder; `None` when another process has it. Neither the folder
    /// nor the lock may be a link: a stranger's notebook could lead it anywhere.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        attempt(|| {
            files::make_own_folder(folder)?;
            lock(files::open_lock(&folder.join(LOCK))?, folder)
        })
    }

    /// Claims what is left of a run; `None` when someone is still at it, or nothing is left.
    pub fn take_existing(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(LOCK);
        match attempt(|| {
            if files::is_own_file(&path) { lock(files::open_own(&path)?, folder) } else { Ok(None) }
        }) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other,
        }
    }

    /// Whether some process holds the claim on the run whose folder this is.
    pub fn is_held(folder: &Path) -> bool {
        // A shared lock, so that any number may ask at once.
        files::open_own(&folder.join(LOCK))
            .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// Tries until it is the claim, or was refused or failed each time.
fn attempt(take: impl Fn() -> io::Result<Option<Claim>>) -> io::Result<Option<Claim>> {
    let mut last = take();
    for _ in 1..ATTEMPTS {
        match &last {
            Ok(Some(_)) => break,
            Err(error) if error.kind() != io::ErrorKind::NotFound => break,
            _ => thread::sleep(Duration::from_millis(1)),
        }
        last = take();
    }
    last
}

fn lock(file: File, folder: &Path) -> io::Result<Option<Claim>> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    // A harvest may have removed the file that was opened: the lock on it would then exclude nobody.
    let (ours, named) = (file.metadata()?, fs::metadata(folder.join(LOCK))?);
    let same = (ours.dev(), ours.ino()) == (named.dev(), named.ino());
    Ok(same.then_some(Claim { _lock: file }))
}
