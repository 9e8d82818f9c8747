//! How far an experiment cell has come: what is stored of what it asks for, and why it is not all there.

use serde::Serialize;

use crate::base::{clock, memory};

/// The state of an experiment cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CellState {
    /// Every run it asks for is stored.
    Fresh,
    /// It was run, but has changed since.
    Stale {
        /// What changed: `optimizer.learning_rate 0.05 → 0.1`, `engine 3 → 4`.
        reasons: Vec<String>,
    },
    /// Some of its runs are stored.
    Partial {
        /// Runs stored.
        stored: usize,
        /// Runs planned.
        planned: usize,
    },
    /// Some of its runs are in flight or wait for their turn.
    Running {
        /// Runs that wait.
        queued: usize,
        /// What holds them up, if something does.
        trouble: Option<String>,
        /// Runs stored.
        done: usize,
        /// Runs planned.
        planned: usize,
        /// Share of all its work that is done, in [0, 1], runs in flight counted as far as they are.
        fraction: f64,
        /// Seconds until the last of them is expected to end.
        eta: Option<f64>,
    },
    /// At least one of its runs failed.
    Failed {
        /// What the first of them said.
        message: String,
    },
    /// None of its runs is stored.
    NotRun {
        /// Runs to do.
        #[serde(rename = "to_do")]
        runs: usize,
    },
}

/// What the runs that are missing will cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Runs to do.
    pub runs: usize,
    /// Seconds until the last of them ends; `None` where nothing like them was timed yet.
    pub seconds: Option<f64>,
    /// Whether a target that they may reach ends them sooner.
    pub at_most: bool,
    /// Bytes that a worker needs for the largest of them.
    pub memory: Option<u64>,
}

impl Cost {
    /// `about 0:26`, `at most 0:26`, `under a second`, `not timed yet`.
    pub fn time(&self) -> String {
        match self.seconds {
            None => "not timed yet".to_owned(),
            Some(seconds) if seconds < 0.95 => "under a second".to_owned(),
            Some(seconds) if self.at_most => format!("at most {}", clock::duration(seconds.ceil())),
            Some(seconds) => format!("about {}", clock::duration(seconds)),
        }
    }

    /// `45 MB each`.
    pub fn memory_each(&self) -> Option<String> {
        let each = if self.runs == 1 { "" } else { " each" };
        self.memory.map(|bytes| format!("{}{each}", memory::in_words(bytes as f64)))
    }
}
