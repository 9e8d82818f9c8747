//! Several claims of one entry, judged together.

use super::{ALPHA, Outcome, Verdict};
use crate::spec::ClaimKind;
use crate::stats;

/// Takes back the directional verdicts of an entry that do not survive Holm's correction, and says so.
///
/// All directional claims that were tested count, decided or not: it is the number of chances to be wrong. One alone
/// has no company to be corrected for.
pub fn holm(verdicts: &mut [(ClaimKind, Verdict)]) {
    let mut tested: Vec<&mut Verdict> = verdicts
        .iter_mut()
        .filter(|(kind, verdict)| *kind == ClaimKind::Direction && verdict.p.is_some())
        .map(|(_, verdict)| verdict)
        .collect();
    let p_values: Vec<f64> = tested.iter().filter_map(|verdict| verdict.p).collect();
    let adjusted = stats::holm_adjusted(&p_values);
    let tests = p_values.len();
    if tests < 2 {
        return;
    }
    for (verdict, p) in tested.iter_mut().zip(adjusted) {
        let Some(was) = verdict.outcome.decided() else { continue };
        if p > ALPHA {
            verdict.outcome = Outcome::Inconclusive;
            verdict.notes.push(format!(
                "{was} by itself, but not as one of {tests} directional claims (Holm, p = {p:.3})"
            ));
        }
    }
}
