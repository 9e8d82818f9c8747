//! Training and measuring: everything that decides a number. No files, no clock, no environment, no global
//! random state; the same [`crate::spec::RunSpec`] on the same data gives the same bits in every process.
//!
//! [`train`] runs one spec and tells an [`Observer`] what happens along the way.

use std::collections::BTreeMap;

pub mod autograd;
pub mod batches;
pub mod cost;
pub mod dense;
pub mod gradient;
pub mod init;
pub mod measures;
pub mod optimizer;
pub mod pulse;
pub mod schedule;
pub mod target;
pub mod train;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod ground_truth;
#[cfg(test)]
mod train_tests;

pub use train::{Outcome, train};

/// Who watches a run.
pub trait Observer {
    /// A row of the curve: quantities measured after `step` steps.
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>);

    /// Called often (every few milliseconds of work) with the steps taken and the loss of the latest of them.
    /// Returning `false` asks the run to stop, which it does as [`train::Ending::Interrupted`].
    fn tick(&mut self, step: u64, last_loss: f64) -> bool;
}
