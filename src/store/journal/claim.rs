//! The claim on a run: an exclusive lock on a file in its folder.
//!
//! The lock alone decides between processes of one machine. On a file system that several machines share and that does
//! not carry locks between them, what stands in the file decides: who took the claim last. A claimant elsewhere counts
//! as being at it as long as its journal grows; a name that a crash, a reboot or a copy of the notebook left blocks
//! nobody.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{JOURNAL, LOCK};
use crate::base::{self, files};

/// How often a claim is tried: whoever asks whether a run is alive holds its lock for an instant, and the folder may
/// vanish between making it and locking it, when its finished run is harvested.
const ATTEMPTS: u32 = 10;

/// A journal that nothing was written to for so long has nobody at it, on whatever machine: a run in training beats
/// twice a second.
const SILENCE: Duration = Duration::from_secs(10);

/// The claim, held as long as it lives.
#[derive(Debug)]
pub struct Claim {
    lock: File,
    /// Whether the file names this process.
    named: bool,
}

/// Who took a claim, as the file of the lock tells.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    host: String,
    boot: String,
    pid: u32,
}

impl Claim {
    /// Claims the run whose folder this is, making the folder; `None` when another process has it. Neither the folder
    /// nor the lock may be a link: a stranger's notebook could lead it anywhere.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        let mut claim = attempt(|| {
            files::make_own_folder(folder)?;
            lock(files::open_lock(&folder.join(LOCK))?, folder)
        })?;
        if let Some(claim) = &mut claim {
            // For other machines and for people: the claim holds without it.
            claim.named = Holder::here().write(&mut claim.lock).is_ok();
        }
        Ok(claim)
    }

    /// Claims what is left of a run; `None` when someone is still at it, or nothing is left.
    pub fn take_existing(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(LOCK);
        if !files::is_own_file(&path) {
            return Ok(None);
        }
        // Over NFS an exclusive lock needs a descriptor that may write.
        match attempt(|| lock(files::open_own_to_lock(&path)?, folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other,
        }
    }

    /// Whether some process holds the claim on the run whose folder this is.
    pub fn is_held(folder: &Path) -> bool {
        // A shared lock, so that any number may ask at once.
        files::open_own(&folder.join(LOCK)).is_ok_and(|lock| {
            matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
                || is_held_elsewhere(&lock, folder)
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.named {
            // Other machines need not wait for silence.
            let _ = self.lock.set_len(0);
        }
    }
}

impl Holder {
    fn here() -> Self {
        Self { host: base::host(), boot: base::boot(), pid: std::process::id() }
    }

    /// The one that this file names, if it names one: anything may stand there.
    fn read(mut lock: &File) -> Option<Self> {
        /// More than it takes to name a holder.
        const LONGEST: u64 = 4096;
        let mut text = Vec::new();
        lock.seek(SeekFrom::Start(0)).ok()?;
        lock.take(LONGEST).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn write(&self, lock: &mut File) -> io::Result<()> {
        lock.set_len(0)?;
        lock.seek(SeekFrom::Start(0))?;
        lock.write_all(&serde_json::to_vec(self)?)
    }

    /// Whether it may be at work where its lock cannot be seen. The same host under another boot is this one before it
    /// was started anew; another name under the same boot is a container, whose locks are seen.
    fn is_elsewhere(&self) -> bool {
        let here = Self::here();
        self.host != here.host && (self.boot != here.boot || here.boot.is_empty())
    }
}

/// Whether another machine, whose lock is not seen here, is at the run.
fn is_held_elsewhere(lock: &File, folder: &Path) -> bool {
    Holder::read(lock).is_some_and(|holder| holder.is_elsewhere()) && !is_silent(&folder.join(JOURNAL))
}

/// Whether nothing was written to this file of late. Clocks of two machines differ: a little later than now is now.
fn is_silent(journal: &Path) -> bool {
    let Ok(written) = fs::symlink_metadata(journal).and_then(|metadata| metadata.modified()) else {
        return true;
    };
    let now = SystemTime::now();
    now.duration_since(written).or_else(|_| written.duration_since(now)).is_ok_and(|apart| apart > SILENCE)
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
    let free = same && !is_held_elsewhere(&file, folder);
    Ok(free.then_some(Claim { lock: file, named: false }))
}
