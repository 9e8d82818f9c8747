//! A small disk of its own, where mounting is permitted.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::say;

/// A file system in memory, gone when this is.
pub struct Mount(TempDir);

impl Mount {
    /// One of so many bytes; `None`, with a word about it, where this user may not mount.
    pub fn of(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if mount(&["-t", "tmpfs", "-o", &format!("size={bytes}"), "none"], folder.path()) {
            return Some(Self(folder));
        }
        say("faults: mounting is not permitted here: real full and read-only disks are skipped");
        None
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes it read-only (`ro`) or writable (`rw`); whether that could be done.
    pub fn remount(&self, how: &str) -> bool {
        mount(&["-o", &format!("remount,{how}")], self.path())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Whoever still has a file of it keeps it until then.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

fn mount(args: &[&str], folder: &Path) -> bool {
    Command::new("mount").args(args).arg(folder).output().is_ok_and(|ran| ran.status.success())
}
