//! The heartbeat of a run: how work, counted and never timed, becomes calls of the observer.

use std::collections::BTreeMap;

use super::checkpoint::Checkpoint;
use super::{Go, Observer};

/// The observer asked for a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// An observer, what it wants, and the work done since it was last asked.
pub struct Pulse<'a> {
    observer: &'a mut dyn Observer,
    /// Multiply-adds between two ticks.
    beat: f64,
    step: u64,
    loss: f64,
    work: f64,
    /// What the observer asked for and has not got yet.
    wish: Go,
}

impl<'a> Pulse<'a> {
    /// A run that stands at `step`.
    pub fn new(observer: &'a mut dyn Observer, step: u64) -> Self {
        Self { beat: observer.beat(), observer, step, loss: f64::NAN, work: 0.0, wish: Go::On }
    }

    /// Counts a step, which makes `step` of them, at mini-batch loss `loss`. What the observer wants is heard before
    /// the next one.
    pub fn stepped(&mut self, step: u64, loss: f64, multiply_adds: f64) {
        self.step = step;
        self.loss = loss;
        self.count(multiply_adds);
    }

    /// Counts work within a step, from which the run can be called away.
    pub fn worked(&mut self, multiply_adds: f64) -> Result<(), Interrupted> {
        self.count(multiply_adds);
        if self.wish == Go::Stop { Err(Interrupted) } else { Ok(()) }
    }

    fn count(&mut self, multiply_adds: f64) {
        self.work += multiply_adds;
        if self.work >= self.beat && self.wish != Go::Stop {
            self.work = 0.0;
            self.wish = self.wish.max(self.observer.tick(self.step, self.loss));
        }
    }

    /// What the observer asked for and has not got yet.
    pub fn wish(&self) -> Go {
        self.wish
    }

    /// Hands a checkpoint on.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        self.observer.checkpoint(checkpoint);
        if self.wish == Go::Save {
            self.wish = Go::On;
        }
    }

    /// Hands a row of the curve on.
    pub fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        self.observer.row(step, epoch, values);
    }
}
