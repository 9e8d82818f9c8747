//! The one sign that a log line has room for.

use super::cell::outcome_sign;
use super::style::{Look, Role};
use crate::compare::Outcome;
use crate::notebook::EntryMark;

/// The sign of an entry and its role.
pub fn entry(mark: EntryMark, look: Look) -> (String, Role) {
    let (sign, role) = match mark {
        EntryMark::Broken => ("!", Role::Bad),
        EntryMark::Running(_) => ("●", Role::Running),
        EntryMark::Stale => ("~", Role::Unsure),
        EntryMark::Supported => outcome_sign(Outcome::Supported),
        EntryMark::Refuted => outcome_sign(Outcome::Refuted),
        EntryMark::Inconclusive => outcome_sign(Outcome::Inconclusive),
        EntryMark::NotRun => outcome_sign(Outcome::NotRun),
        EntryMark::Plain => (" ", Role::Dim),
    };
    (look.text(sign), role)
}

/// The sign of a verdict and its role; of a claim that cannot be judged, if there is none.
pub fn verdict(outcome: Option<Outcome>, look: Look) -> (String, Role) {
    let (sign, role) = outcome.map_or(("!", Role::Bad), outcome_sign);
    (look.text(sign), role)
}
