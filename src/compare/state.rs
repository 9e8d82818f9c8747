//! How far an experiment cell has come: what is stored of what it asks for, and why it is not all there.

use serde::Serialize;

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
        /// Seconds they are expected to take.
        seconds: Option<f64>,
    },
}
