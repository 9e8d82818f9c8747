//! What a crew and a worker say to each other: one JSON object a line, on the worker's standard input and output.
//!
//! Only control goes this way. Curves and results go through the journal on disk, where everybody reads them.

use std::io::{self, BufRead, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Job;
use super::cost::Probe;
use crate::base::RunId;
use crate::store::Status;

/// To a worker. End of input means: finish nothing more, stop what is going.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Do this run.
    Run {
        /// Number of this order, by which it can be cancelled.
        ticket: u64,
        /// The run.
        job: Box<Job>,
    },
    /// Try this run out for about so many seconds, and keep nothing of it.
    Probe {
        /// Number of this order.
        ticket: u64,
        /// What is tried.
        job: Box<Job>,
        /// Seconds of training.
        seconds: f64,
    },
    /// Stop the run of that ticket, also if its order is not read yet.
    Cancel(u64),
}

/// From a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The run is claimed and its journal open.
    Started(RunId),
    /// The run's journal is complete.
    Ended(RunId, Status),
    /// Another process holds the claim on this run.
    Busy(RunId),
    /// The disk is full, or gone: nothing was lost but this attempt, and it is worth another once it can be written.
    Full(RunId, String),
    /// The run could not even be begun, or its journal could not be written.
    Failed(RunId, String),
    /// A run was tried out.
    Probed {
        /// Number of the order.
        ticket: u64,
        /// Seconds from the order to this report.
        took: f64,
        /// What was found, or why nothing was.
        outcome: Result<Box<Probe>, String>,
    },
}

/// Writes one message and flushes it.
pub fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// The next message; `None` at the end of input.
pub fn receive<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = String::new();
    match from.read_line(&mut line)? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_str(&line)?)),
    }
}
