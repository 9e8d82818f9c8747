//! Why there are no examples.

use thiserror::Error;

use crate::base::paths::PathError;

/// Why a dataset, or the part of it that a run asks for, cannot be had.
#[derive(Debug, Error)]
pub enum DataError {
    /// Its name could not be the name of a file in `datasets/`.
    #[error("`{0}` is not a dataset name: letters, digits, `_` and `-` only")]
    Name(String),
    /// There is no such file.
    #[error("there is no dataset `{name}` in datasets/ ({advice})")]
    Missing {
        /// The name asked for.
        name: String,
        /// The nearest one there is, or all of them.
        advice: String,
    },
    /// Its file leaves the notebook.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It cannot be read.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// It can be read, but is not a dataset.
    #[error("{file}: {problem}")]
    Unfit {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// More examples are asked for than there are.
    #[error("{asked} {part} examples are asked for, but there are {there}")]
    TooFew {
        /// `training` or `test`.
        part: &'static str,
        /// How many are asked for.
        asked: usize,
        /// How many there are.
        there: usize,
    },
    /// The spec asks for something that no data can give.
    #[error("{0}")]
    Spec(String),
}
