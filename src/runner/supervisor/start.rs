//! Starting a supervisor that belongs to nobody.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::folder::Folder;
use crate::base::{self, files};

/// Starts a supervisor for the notebook at `root`, and returns as soon as it is on its way.
///
/// The process that is started here leaves the session, starts the supervisor proper and ends: what is left has no
/// terminal, no parent that waits for it, and cannot get a terminal again.
pub fn start(root: &Path) -> io::Result<()> {
    // On a disk that is full or read-only it would end at once, and could not leave a word why.
    Folder::of(root)?.probe()?;
    let status = Command::new(base::program())
        .arg("supervise")
        .arg("--notebook")
        .arg(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("it ended at once: {status}"))) }
}

/// The first of the two steps, within the process that [`start`] started.
pub fn detach(root: &Path) -> io::Result<()> {
    // Fails only for the leader of a group, and then the process is in no session of a terminal that it started.
    let _ = rustix::process::setsid();
    let folder = Folder::of(root)?;
    folder.make()?;
    let words = files::begin(&folder.errors()).map_or_else(|_| Stdio::null(), Stdio::from);
    Command::new(base::program())
        .args(["supervise", "--detached"])
        .arg("--notebook")
        .arg(root)
        // Not in the person's folder, which they may want to remove or unmount.
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(words)
        .spawn()?;
    Ok(())
}

/// What the last supervisor said before it ended as it should not have; nothing if it said nothing.
pub fn last_words(folder: &Folder) -> Option<String> {
    let bytes = files::read_own(&folder.errors()).ok().filter(|bytes| !bytes.is_empty())?;
    let text = String::from_utf8_lossy(&bytes);
    let text = base::text::clean(&text);
    text.lines().find(|line| !line.trim().is_empty()).map(ToOwned::to_owned)
}

/// Forgets them.
pub fn forget_words(folder: &Folder) {
    let _ = fs::remove_file(folder.errors());
}
