//! Runs that a process is at: how far they are, and how fast.

use crate::base::{RunId, clock};
use crate::store::journal::{LiveRun, LiveState};

/// How far a run is that a process is at.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// The run.
    pub run: RunId,
    /// Steps taken.
    pub steps: u64,
    /// Steps it takes at most.
    pub total: u64,
    /// Seconds of training so far, those of earlier attempts included.
    pub seconds: f64,
    /// The process.
    pub pid: u32,
}

impl Flight {
    /// Steps per second, from the beginning on.
    pub fn rate(&self) -> Option<f64> {
        (self.steps > 0 && self.seconds > 0.0).then(|| self.steps as f64 / self.seconds)
    }

    /// The share of its steps that is done, in [0, 1].
    pub fn fraction(&self) -> f64 {
        (self.steps as f64 / self.total.max(1) as f64).min(1.0)
    }
}

/// Those of `live` that a process is at.
pub fn of(live: &[LiveRun]) -> Vec<Flight> {
    let going = live.iter().filter(|live| live.state == LiveState::Running);
    let flight = |live: &LiveRun| Flight {
        run: live.run.clone(),
        steps: live.steps(),
        total: live.start.total_steps,
        seconds: live.start.seconds + clock::seconds_since(&live.start.started).unwrap_or(0.0),
        pid: live.start.pid,
    };
    going.map(flight).collect()
}
