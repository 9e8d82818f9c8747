//! The verdict of a claim: its expression evaluated with the uncertainty over seeds, judged by its kind.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Results;
use crate::base::Diagnostic;
use crate::spec::Claim;

/// What a claim comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The whole interval satisfies it.
    Supported,
    /// The whole interval violates it.
    Refuted,
    /// Neither.
    Inconclusive,
    /// There is nothing to judge by yet.
    NotRun,
}

/// A verdict with its numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What it comes to.
    pub outcome: Outcome,
    /// The estimated quantity (for `a < b`: a − b; for `a < c * b`: the ratio a / b where that reads better).
    pub estimate: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Seeds (pairs of them, where paired) it rests on.
    pub n: usize,
    /// About how many more seeds would decide it, if inconclusive and foreseeable.
    pub more_seeds: Option<usize>,
    /// One line with the numbers: `8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)`.
    pub says: String,
    /// What a reader must know: diverged or missing runs, arms that missed their stopping loss.
    pub notes: Vec<String>,
}

/// Judges `claim` by the results of the cells it is `from`, by the names it calls them.
pub fn judge(claim: &Claim, results: &BTreeMap<String, Results>) -> Result<Verdict, Diagnostic> {
    let _ = (claim, results);
    Err(Diagnostic::error("not built yet"))
}
