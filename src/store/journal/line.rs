//! The lines of a journal, in the order they come: `start`, then `row`s and `beat`s, then `end`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::RunId;
use crate::store::{Origin, RunRecord, number};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What is being run, and by whom.
    Start(Box<Start>),
    /// A row of the curve.
    Row(Row),
    /// A sign of life.
    Beat(Beat),
    /// What it came to.
    End(Box<RunRecord>),
}

/// What is being run, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The run.
    pub run: RunId,
    /// Who asked for it.
    pub origin: Origin,
    /// The full spec, as in `RunSpec::canonical`.
    pub spec: Value,
    /// Steps it takes at most.
    pub total_steps: u64,
    /// Process that trains it.
    pub pid: u32,
    /// Where.
    pub host: String,
    /// Since when, RFC 3339.
    pub started: String,
    /// Seconds of training by earlier attempts, which this one goes on from.
    #[serde(default, with = "number::one")]
    pub seconds: f64,
}

impl Start {
    /// Its seed.
    pub fn seed(&self) -> u64 {
        self.spec.get("seed").and_then(Value::as_u64).unwrap_or(0)
    }
}

/// Quantities measured after `step` steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Steps taken.
    pub step: u64,
    /// The same in epochs.
    #[serde(with = "number::one")]
    pub epoch: f64,
    /// What was measured, by column name.
    #[serde(with = "number::named")]
    pub values: BTreeMap<String, f64>,
}

/// A sign of life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beat {
    /// Steps taken.
    pub step: u64,
    /// Loss of the last step.
    #[serde(with = "number::one")]
    pub loss: f64,
    /// When, RFC 3339.
    pub at: String,
}
