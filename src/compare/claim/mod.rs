//! The verdict of a claim: its expression evaluated with the uncertainty over seeds, judged by its kind.
//!
//! **What is estimated.** Every number is evaluated per seed, so arms are paired by their seed; the interval is
//! Student's t at 95 % over seeds. Arms that share fewer than two seeds are compared as independent samples
//! (Welch–Satterthwaite). What the interval is of depends on how the comparison is written, and the interval that is
//! shown is always the one that decided:
//!
//! - `a < 0.5`, one side without a measured quantity: of `a`, against the threshold.
//! - `a < c * b` (or `a / b < c`), a multiple of another quantity: of the logarithm of a / b per seed, against log c;
//!   shown is the geometric mean of the ratio with its interval. A multiple is claimed of quantities that span
//!   orders of magnitude (λmax, losses), whose spread over seeds grows with their size: on the log scale seeds are
//!   exchangeable and the interval cannot contain an impossible ratio. Needs positive values and no
//!   `smallest_effect` (which is a difference); else the next line holds.
//! - `a < b`: of a − b, against 0.
//! - `x within [l, h]`: of `x`, against both ends.
//!
//! **What decides.** Supported if the whole interval satisfies, refuted if all of it violates, else inconclusive.
//! `and` is supported if all its parts are, refuted if one is; `or` is its dual; each part is judged at 95 %. The
//! kinds of SCIENCE §0 differ as follows: a *direction* must be clear of the smallest effect, and an interval within
//! ± that effect refutes; *identities* and *universals* are judged run by run, without seeds; *existence* needs one
//! group whose interval satisfies.
//!
//! **Along a sweep.** A law or a direction that leaves an axis open is claimed at every point of it: it is supported if
//! it is at each point, refuted if it is at one.
//!
//! **Having looked often.** Where one of several places decides (a point that refutes a law, a group that supports an
//! existence, a part that refutes an `and` or supports an `or`), its p-value is multiplied by their number
//! (Bonferroni); above 0.05 the verdict is inconclusive and a note says so. Several directions in one entry are held
//! to Holm's procedure. What has no spread over seeds is exact, and survives any correction.
//!
//! **What is missing.** A seed of which any part diverged or is not run is left out of the interval and named in the
//! notes; where more than half of the seeds diverged nothing is concluded.
//!
//! **What diverged, run by run.** The training loss of a diverged run counts as infinite: the run ended because the
//! loss grew beyond all bounds, so it is a counterexample to `train_loss < 100`. Nothing else is known of it (an error
//! stays below 1 however the weights explode), so every other claim of such a run cannot be judged.

mod decide;
mod every;
mod finding;
mod group;
mod holm;
mod notes;
mod points;
mod ratio;
mod sample;
mod some;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Results;
use super::eval::{self, Scene, Seeds, Table};
use crate::base::Diagnostic;
use crate::spec::expr::{Expr, check};
use crate::spec::{Claim, ClaimKind};
use finding::Finding;

pub use holm::holm;

/// Chance of a wrong decision that is accepted: of one claim, and of all directions of an entry together.
const ALPHA: f64 = 0.05;

/// What a claim comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Outcome {
    /// The decision in a word; `None` where there is none.
    fn decided(self) -> Option<&'static str> {
        match self {
            Self::Supported => Some("supported"),
            Self::Refuted => Some("refuted"),
            Self::Inconclusive | Self::NotRun => None,
        }
    }
}

/// A verdict with its numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What it comes to.
    pub outcome: Outcome,
    /// The estimated quantity (for `a < b`: a − b; for `a < c * b`: the ratio a / b where that reads better).
    pub estimate: Option<f64>,
    /// Lower end of its 95 % interval; `None` where it is unbounded.
    pub low: Option<f64>,
    /// Upper end, likewise.
    pub high: Option<f64>,
    /// Seeds (pairs of them, where paired) it rests on; runs, where it is judged run by run.
    pub n: usize,
    /// About how many more seeds would decide it, if inconclusive and foreseeable.
    pub more_seeds: Option<usize>,
    /// One line with the numbers: `8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)`.
    pub says: String,
    /// What a reader must know: diverged or missing runs, arms that missed their stopping loss.
    pub notes: Vec<String>,
    /// p-value of the decision, for Holm's correction within an entry; `None` where no test was made.
    #[serde(skip)]
    pub p: Option<f64>,
}

/// Judges `claim` by the results of the cells it is `from`, by the names it calls them.
pub fn judge(claim: &Claim, results: &BTreeMap<String, Results>) -> Result<Verdict, Diagnostic> {
    if claim.kind == ClaimKind::Undefined {
        return Ok(undefined(claim));
    }
    let missing =
        || Diagnostic::error("the claim expects nothing").help("add `expect`, or `kind: undefined`");
    let expr = claim.expect.as_ref().ok_or_else(missing)?;
    let table = Table::new(claim, results)?;
    let case = Case { claim, expr, table: &table };
    // Without a single run it is not even known which settings there are.
    if eval::has_reference(expr, &table) && table.is_unrun() {
        return Ok(Finding::without_numbers(Outcome::NotRun, "not run").into_verdict(&case));
    }
    check(expr, &table.scope(claim)).map_err(|error| {
        let diagnostic = Diagnostic::error(error.message);
        if let Some(help) = error.help { diagnostic.help(help) } else { diagnostic }
    })?;
    let finding = match claim.kind {
        // Constants alone have no seeds, whatever is claimed of them.
        _ if !eval::has_reference(expr, &table) => every::every(&case),
        ClaimKind::Identity | ClaimKind::Universal => every::every(&case),
        ClaimKind::Existence => some::some(&case),
        ClaimKind::Law | ClaimKind::Direction | ClaimKind::Undefined => points::at_every_point(&case),
    };
    Ok(finding.into_verdict(&case))
}

/// A claim at its results.
struct Case<'a> {
    claim: &'a Claim,
    expr: &'a Expr,
    table: &'a Table<'a>,
}

impl<'a> Case<'a> {
    /// Where evaluation begins: no seed chosen, every axis open, and the only arm for names that give none.
    fn scene(&self) -> Scene<'a> {
        let arm = if let [arm] = self.table.arms.as_slice() { Some(arm.name) } else { None };
        Scene {
            table: self.table,
            arm,
            seeds: Seeds::Each(Vec::new()),
            point: vec![None; self.table.axes.len()],
        }
    }

    /// What a quantified claim ranges over besides seeds: arms, where a name leaves the arm open, at the crossings
    /// of the axes that are left open.
    fn groups(&self) -> Vec<Scene<'a>> {
        let scene = self.scene();
        let open = scene.arm.is_none() && eval::has_unnamed_quantity(self.expr, self.table);
        let arms: Vec<Option<&'a str>> =
            if open { self.table.arms.iter().map(|arm| Some(arm.name)).collect() } else { vec![scene.arm] };
        let points = |arm| {
            let axes = eval::free_axes(self.expr, self.table, arm);
            Scene { arm, ..scene.clone() }.points(&axes)
        };
        arms.into_iter().flat_map(points).collect()
    }
}

fn undefined(claim: &Claim) -> Verdict {
    let says = match claim.expect_text.trim() {
        "" => "undefined: it names no quantity that could be measured".to_owned(),
        text => format!("undefined: `{text}` cannot be measured"),
    };
    Finding::without_numbers(Outcome::Inconclusive, says).bare()
}
