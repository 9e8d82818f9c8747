//! How another process asks a crew to stop runs: by files, since the notebook is all they share.
//!
//! A crew registers as `runs/.live/crews/<pid>-<nonce>.lock` and holds the lock on it; a request is a file of the
//! same stem ending in `.stop` that lists runs (or is empty: all of them). A lock that nobody holds is the
//! leftover of a crew that is gone, on whatever machine, and is removed.

use std::fs::{self, DirEntry, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::base::{RunId, atomic, clock, files, paths};

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

/// The folder of the registrations. None of its parts may be a link: a stranger's notebook could make it one to
/// where other people's locks lie.
fn folder(root: &Path) -> io::Result<PathBuf> {
    for part in ["runs", "runs/.live", "runs/.live/crews"] {
        let path = paths::inside(root, part).map_err(io::Error::other)?;
        if path.is_symlink() {
            return Err(io::Error::other(format!("`{part}` is a symbolic link")));
        }
    }
    Ok(root.join("runs/.live/crews"))
}

/// A name that no crew had before: `<pid>-<nonce>.lock`.
fn registration_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{:x}{count:x}.lock", std::process::id(), clock::unix_seconds().to_bits())
}

/// Whether a name could be one of [`registration_name`].
fn is_registration(name: &str) -> bool {
    let parts = name.strip_suffix(".lock").and_then(|stem| stem.split_once('-'));
    let all = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| is(&byte));
    parts.is_some_and(|(pid, nonce)| all(pid, u8::is_ascii_digit) && all(nonce, u8::is_ascii_hexdigit))
}

impl Desk {
    /// Registers a crew; `None` where the notebook cannot be written, and then nobody can reach it either.
    pub fn open(root: &Path) -> Option<Self> {
        let folder = folder(root).ok()?;
        files::make_own_folder(&folder).ok()?;
        let registration = folder.join(registration_name());
        let file = OpenOptions::new().create_new(true).write(true).open(&registration).ok()?;
        file.try_lock().ok()?;
        Some(Self { _lock: file, registration })
    }

    /// What was asked since the last look: `Some(None)` is a stop of everything.
    #[allow(clippy::option_option)]
    pub fn request(&mut self) -> Option<Option<Vec<RunId>>> {
        let path = self.registration.with_extension("stop");
        let bytes = files::read_own(&path).ok()?;
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
    let entries = match fs::read_dir(folder(root)?) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    for path in entries.flatten().filter_map(|entry| registration(&entry)) {
        match crew(&path) {
            Crew::AtWork => {
                atomic::write(&path.with_extension("stop"), &request)?;
                asked += 1;
            }
            Crew::Gone => {
                let _ = fs::remove_file(&path);
            }
            Crew::Unknown => {}
        }
    }
    Ok(asked)
}

/// The path of a registration. Whatever else lies in the folder is nobody's to touch.
fn registration(entry: &DirEntry) -> Option<PathBuf> {
    let is_file = entry.file_type().ok()?.is_file();
    (is_file && is_registration(entry.file_name().to_str()?)).then(|| entry.path())
}

/// What a registration tells of its crew.
enum Crew {
    /// It holds its lock.
    AtWork,
    /// Nobody holds its lock.
    Gone,
    /// The lock cannot be asked.
    Unknown,
}

fn crew(registration: &Path) -> Crew {
    match files::open_own(registration).map(|file| file.try_lock()) {
        Ok(Ok(())) => Crew::Gone,
        Ok(Err(TryLockError::WouldBlock)) => Crew::AtWork,
        Ok(Err(TryLockError::Error(_))) | Err(_) => Crew::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reaches_the_crew_once_and_a_dead_crew_is_swept_away() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(stop(root.path(), None).unwrap(), 0);
        let mut desk = Desk::open(root.path()).unwrap();
        fs::write(folder(root.path()).unwrap().join("1-dead.lock"), "").unwrap();
        let run = RunId::of(&[b"x"]);
        assert_eq!(stop(root.path(), Some(std::slice::from_ref(&run))).unwrap(), 1);
        assert_eq!(desk.request(), Some(Some(vec![run])));
        assert_eq!(desk.request(), None);
        assert_eq!(stop(root.path(), None).unwrap(), 1);
        assert_eq!(desk.request(), Some(None));
        drop(desk);
        assert_eq!(fs::read_dir(folder(root.path()).unwrap()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_but_a_registration_is_touched() {
        let root = tempfile::tempdir().unwrap();
        let folder = folder(root.path()).unwrap();
        fs::create_dir_all(&folder).unwrap();
        let mine = root.path().join("mine");
        fs::write(&mine, "text").unwrap();
        let kept = ["Cargo.lock", "1-.lock", "x-1.lock", "12.lock", "1-2.locks"];
        for name in kept {
            fs::write(folder.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(&mine, folder.join("1-2.lock")).unwrap();
        files::make_pipe(&folder.join("1-3.lock"));
        fs::write(folder.join("1-4.lock"), "").unwrap();
        assert_eq!(stop(root.path(), None).unwrap(), 0);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), kept.len() + 2, "the dead crew alone is gone");
    }

    #[test]
    fn a_folder_of_crews_that_is_a_link_is_left_alone() {
        for link in ["runs", "runs/.live", "runs/.live/crews"] {
            let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let lock = other.path().join("1-2.lock");
            fs::write(&lock, "").unwrap();
            let path = root.path().join(link);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(other.path(), path).unwrap();
            assert!(stop(root.path(), None).is_err() && Desk::open(root.path()).is_none(), "{link}");
            assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1, "{link}");
        }
    }
}
