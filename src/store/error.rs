//! Why something could not be kept. Names of files and columns may be a stranger's: they are told fit for a terminal.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::RunId;
use crate::base::paths::PathError;
use crate::base::text::clean_line;

/// Why something could not be kept.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file or folder cannot be written or read.
    #[error("{}: {error}", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A folder of the store leads out of the notebook.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A quantity has the name of another column.
    #[error("`{}` cannot be the name of a measured quantity: a column is already called that", clean_line(.0))]
    Column(String),
    /// A table could not be laid out.
    #[error("results could not be laid out as a table: {}", clean_line(.0))]
    Table(String),
    /// Another process is at this run.
    #[error("run {} is in the hands of another process", .0.short())]
    Claimed(RunId),
    /// The run has ended, and its journal has not been harvested yet.
    #[error("run {} has just ended; its results are about to be stored", .0.short())]
    Ended(RunId),
    /// Somebody compacts or cleans up these results.
    #[error("another lowland is compacting or cleaning up these results: try again when it is done")]
    Tidying,
    /// A file of weights cannot be used.
    #[error("{}: not a file of weights: {}", shown(path), clean_line(problem))]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl StoreError {
    /// An I/O error at `path`.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}

fn shown(path: &Path) -> String {
    clean_line(&path.display().to_string())
}
