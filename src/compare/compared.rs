//! What lies side by side in a comparison: the runs themselves, and what they come to.

use super::{Results, Summary, summarise};
use crate::spec::Quantity;

/// Runs side by side.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The runs, by arm and sweep point.
    pub results: Results,
    /// What they come to.
    pub summary: Summary,
}

impl Compared {
    /// Compares the groups of `results`; see [`summarise`].
    pub fn new(results: Results, show: &[Quantity], baseline: Option<&str>) -> Self {
        let summary = summarise(&results, show, baseline);
        Self { results, summary }
    }
}
