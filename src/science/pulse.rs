//! The heartbeat of a run: how work, counted and never timed, becomes calls of the observer.

use std::collections::BTreeMap;

use super::Observer;

/// The observer asked for a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Multiply-adds between two ticks: a few milliseconds.
const BEAT: f64 = 2e7;

/// An observer and the work done since it was last asked.
pub struct Pulse<'a> {
    observer: &'a mut dyn Observer,
    step: u64,
    loss: f64,
    work: f64,
}

impl<'a> Pulse<'a> {
    /// A run that has not begun.
    pub fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer, step: 0, loss: f64::NAN, work: 0.0 }
    }

    /// `step` steps are taken, the last at mini-batch loss `loss`.
    pub fn moved(&mut self, step: u64, loss: f64) {
        self.step = step;
        self.loss = loss;
    }

    /// Counts `multiply_adds` of work, and asks the observer when enough has come together.
    pub fn worked(&mut self, multiply_adds: f64) -> Result<(), Interrupted> {
        self.work += multiply_adds;
        if self.work < BEAT {
            return Ok(());
        }
        self.work = 0.0;
        if self.observer.tick(self.step, self.loss) { Ok(()) } else { Err(Interrupted) }
    }

    /// Hands a row of the curve on.
    pub fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        self.observer.row(step, epoch, values);
    }
}
