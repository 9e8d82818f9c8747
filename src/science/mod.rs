//! Training and measuring: everything that decides a number. No files, no clock, no environment, no global
//! random state; the same [`crate::spec::RunSpec`] on the same data gives the same bits in every process.
//!
//! [`train`] runs one spec and tells an [`Observer`] what happens along the way.

pub mod autograd;
pub mod dense;
pub mod init;
pub mod measures;
pub mod train;

use std::collections::BTreeMap;

pub use train::{Outcome, train};

/// Who watches a run.
pub trait Observer {
    /// A row of the curve: quantities measured after `step` steps.
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>);

    /// Called often (every few milliseconds of work): the share of the steps done at most, in [0, 1].
    /// Returning `false` asks the run to stop, which it does as [`train::Ending::Interrupted`].
    fn tick(&mut self, step: u64, last_loss: f64) -> bool;
}
