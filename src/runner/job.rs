//! What is asked of a crew and what it tells.

use serde::{Deserialize, Serialize};

use crate::base::RunId;
use crate::spec::{MeasureSpec, RunSpec};
use crate::store::{Origin, Status};

/// One run to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The run.
    pub run: RunId,
    /// What is trained.
    pub spec: RunSpec,
    /// Content hash of the dataset file, empty for generated data.
    pub dataset_hash: String,
    /// What is measured.
    pub measures: Vec<MeasureSpec>,
    /// Who asks.
    pub origin: Origin,
}

impl Job {
    /// What makes two runs cost about the same: the cell, the arm and the sweep point; everything but the seed.
    pub fn kind(&self) -> String {
        let Origin { entry, cell, arm, point } = &self.origin;
        format!("{entry}#{cell} {arm} {point:?}")
    }
}

/// What happens in a crew.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A worker began a run.
    Started(RunId),
    /// A run ended; its journal is complete.
    Ended(RunId, Status),
    /// Finished runs were moved into the tables.
    Stored(usize),
    /// Something is wrong that concerns no single run: a worker that cannot be started, a disk that is full.
    Trouble(String),
    /// Nothing is queued or running any more, and everything is stored.
    Idle,
}
