//! The lock that makes a supervisor the only one of its notebook.

use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, SystemTime};

use super::folder::Folder;
use crate::base::files;

/// How often taking it is tried.
const ATTEMPTS: u32 = 10;

/// The lock, held for as long as this lives. What stands in the file is for people; the lock itself is the
/// system's, and ends with the process however it ends.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes it; `None` when another process has it.
    pub fn take(folder: &Folder) -> io::Result<Option<Self>> {
        let mut file = files::open_lock(&folder.lock())?;
        // Whoever asks whether it is held holds it for an instant.
        let mut taken = file.try_lock();
        for _ in 1..ATTEMPTS {
            if matches!(taken, Err(TryLockError::WouldBlock)) {
                thread::sleep(Duration::from_millis(1));
                taken = file.try_lock();
            }
        }
        match taken {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        let whose = format!("process {} on {}\n", std::process::id(), crate::base::host());
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(whose.as_bytes())?;
        Ok(Some(Self(file)))
    }

    /// Shows that its holder is alive and can write: the time of the file moves.
    pub fn beat(&self) -> io::Result<()> {
        self.0.set_modified(SystemTime::now())
    }

    /// Whether the file that is locked is still the one that others look at.
    pub fn is_in_place(&self, folder: &Folder) -> bool {
        let number = |metadata: Metadata| (metadata.dev(), metadata.ino());
        match (self.0.metadata(), fs::symlink_metadata(folder.lock())) {
            (Ok(ours), Ok(named)) => number(ours) == number(named),
            // What cannot be looked at now may be there all the same.
            (_, Err(error)) => error.kind() != io::ErrorKind::NotFound,
            (Err(_), Ok(_)) => true,
        }
    }

    /// Whether some process holds it.
    pub fn is_held(folder: &Folder) -> bool {
        // A shared lock, so that any number may ask at once.
        files::open_own(&folder.lock())
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
