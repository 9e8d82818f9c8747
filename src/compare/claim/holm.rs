//! Several claims of one entry, judged together.

use super::{Outcome, Verdict};
use crate::spec::ClaimKind;
use crate::stats;

/// Chance of any wrong decision among the directional claims of an entry.
const ALPHA: f64 = 0.05;

/// Takes back the directional verdicts of an entry that do not survive Holm's correction, and says so.
///
/// All directional claims that were tested count, decided or not: it is the number of chances to be wrong.
pub fn holm(verdicts: &mut [(ClaimKind, Verdict)]) {
    let mut tested: Vec<&mut Verdict> = verdicts
        .iter_mut()
        .filter(|(kind, verdict)| *kind == ClaimKind::Direction && verdict.p.is_some())
        .map(|(_, verdict)| verdict)
        .collect();
    let p_values: Vec<f64> = tested.iter().filter_map(|verdict| verdict.p).collect();
    let adjusted = stats::holm_adjusted(&p_values);
    let tests = p_values.len();
    for (verdict, p) in tested.iter_mut().zip(adjusted) {
        let was = match verdict.outcome {
            Outcome::Supported => "supported",
            Outcome::Refuted => "refuted",
            Outcome::Inconclusive | Outcome::NotRun => continue,
        };
        if p > ALPHA {
            verdict.outcome = Outcome::Inconclusive;
            verdict.notes.push(format!(
                "{was} by itself, but not as one of {tests} directional claims (Holm, p = {p:.3})"
            ));
        }
    }
}
