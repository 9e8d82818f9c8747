//! The supervisor's folder within a notebook.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::base::{files, paths};

/// Paths of the supervisor's folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// That of the notebook at `root`. None of its parts may be a link: a stranger's notebook could make it one to
    /// where other people's files lie.
    pub fn of(root: &Path) -> io::Result<Self> {
        for part in ["runs", "runs/.live", "runs/.live/supervisor", "runs/.live/supervisor/orders"] {
            let path = paths::inside(root, part).map_err(io::Error::other)?;
            if path.is_symlink() {
                return Err(io::Error::other(format!("`{part}` is a symbolic link")));
            }
        }
        Ok(Self(root.join("runs/.live/supervisor")))
    }

    /// Makes the folder, if it is not there.
    pub fn make(&self) -> io::Result<()> {
        files::make_own_folder(&self.0)?;
        files::make_own_folder(&self.orders())
    }

    /// Whether something can be written into it.
    pub fn probe(&self) -> io::Result<()> {
        self.make()?;
        tempfile::tempfile_in(self.orders())?.write_all(b"room")
    }

    /// Held by the supervisor for as long as it lives.
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// What is asked for.
    pub fn orders(&self) -> PathBuf {
        self.0.join("orders")
    }

    /// What the supervisor did.
    pub fn log(&self) -> PathBuf {
        self.0.join("log.jsonl")
    }

    /// A file that only takes room, given up when the disk is full so that the log can say so.
    pub fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// What a supervisor says on its standard error.
    pub fn errors(&self) -> PathBuf {
        self.0.join("errors.txt")
    }
}
