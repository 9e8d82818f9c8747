//! What runs will cost, before they are begun: how long each takes and how much memory its worker needs.
//!
//! `science::cost` counts the work of a run; what is missing is how fast this machine does it. That is learned from
//! runs stored here by this host and engine ([`Timed`]), and where none is like the one asked about, from a short
//! trial ([`Probe`]) that a worker makes ([`calibrate`]). Trials are kept in a file ([`Calibration`]), so that the
//! screen, which must not train, knows them too. [`Rates`] is all of this together.

mod calibrate;
pub mod calibration;
mod likeness;
mod quote;
pub mod rates;
mod timed;

use serde::{Deserialize, Serialize};

use crate::science::cost::{Outline, Parts};

pub use calibrate::calibrate;
pub use calibration::Calibration;
pub use quote::Quote;
pub use rates::{Prediction, Rates};
pub use timed::{MOST_TIMED, Timed, latest};

/// What a worker found in trying out a kind of run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// What was tried.
    pub outline: Outline,
    /// Seconds per unit of work, part by part.
    pub rates: Parts,
    /// Seconds that reading the dataset took; every worker does it once.
    pub load: f64,
    /// Bytes of the process that are not counted as the run's; `None` where that could not be told.
    pub base: Option<u64>,
}

impl Probe {
    /// Whether these can be the numbers of a trial. They come out of a file that anybody may have written.
    fn is_sound(&self) -> bool {
        let Parts { ready, steps, rows, products } = self.rates;
        let rate = |rate: f64| rate > 0.0 && rate < 1.0;
        let width = |width: &usize| (1..=1 << 30).contains(width);
        let Outline { widths, batch, train, test, .. } = &self.outline;
        [ready, steps, rows, products].into_iter().all(rate)
            && (0.0..1e5).contains(&self.load)
            && self.base.is_none_or(|base| base < 1 << 40)
            && (2..=100).contains(&widths.len())
            && widths.iter().chain([batch, train]).all(width)
            && *test <= 1 << 30
    }
}

#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
mod tests;
