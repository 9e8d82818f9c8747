//! What a reader must know of the runs a verdict rests on. Counted over all runs of the arms that the claim speaks
//! of, whether or not the evaluation came to look at them: nothing is dropped in silence.

use std::collections::BTreeMap;

use super::Case;
use crate::compare::Member;
use crate::compare::eval::{self, Arm, Gap};
use crate::compare::notes::{missed_target, target};
use crate::spec::ClaimKind;
use crate::store::Status;

/// Places named in one note; the rest are counted.
const NAMED: usize = 4;

/// The notes of a claim.
pub(super) fn notes(case: &Case<'_>, gaps: &[Gap]) -> Vec<String> {
    if !eval::has_reference(case.expr, case.table) {
        return gaps.iter().map(ToString::to_string).collect();
    }
    let arms = spoken_of(case);
    let mut notes = Vec::new();
    notes.extend(not_run(&arms));
    notes.extend(of_status(case, &arms, Status::Diverged));
    for status in [Status::Failed, Status::Cancelled, Status::Interrupted] {
        notes.extend(of_status(case, &arms, status));
    }
    notes.extend(arms.iter().filter_map(|arm| missed_loss(arm)));
    notes.extend(unpartnered(&arms));
    notes.extend(others(gaps));
    notes
}

/// The arms that the claim speaks of; all, where it leaves the arm open.
fn spoken_of<'a>(case: &Case<'a>) -> Vec<&'a Arm<'a>> {
    let open = eval::has_unnamed_quantity(case.expr, case.table);
    let named = eval::arms(case.expr, case.table, None);
    let all = open || named.is_empty();
    case.table.arms.iter().filter(|arm| all || named.contains(&arm.name)).collect()
}

fn not_run(arms: &[&Arm<'_>]) -> Option<String> {
    let members = || arms.iter().flat_map(|arm| arm.members());
    let missing = members().filter(|member| member.record.is_none()).count();
    (missing > 0).then(|| format!("{missing} of {} runs are not run", members().count()))
}

fn of_status(case: &Case<'_>, arms: &[&Arm<'_>], status: Status) -> Option<String> {
    let is = |member: &&Member| member.record.as_deref().is_some_and(|record| record.status == status);
    let places: Vec<String> = arms
        .iter()
        .flat_map(|arm| arm.members().filter(is).map(|member| arm.place_of(case.table, member).to_string()))
        .collect();
    // A claim about every run leaves none out: each counts, or is a reason why nothing is decided.
    let run_by_run = matches!(case.claim.kind, ClaimKind::Identity | ClaimKind::Universal);
    let left_out = if run_by_run { "" } else { ", left out" };
    (!places.is_empty()).then(|| format!("{} {}{left_out}: {}", places.len(), status.name(), listed(&places)))
}

/// An arm that was to stop at a training loss and did not reach it is no longer compared at equal loss.
fn missed_loss(arm: &Arm<'_>) -> Option<String> {
    let records = || arm.members().filter_map(|member| member.record.as_deref());
    let missed: Vec<f64> = records().filter_map(missed_target).collect();
    let loss = missed.first()?;
    let runs = records().filter_map(target).count();
    Some(format!("{}: {} of {runs} runs ran out of steps before train_loss {loss}", arm.name, missed.len()))
}

/// Seeds of one arm that another lacks have no partner, if the two share enough to be paired.
fn unpartnered(arms: &[&Arm<'_>]) -> Option<String> {
    let seeds: Vec<Vec<u64>> = arms.iter().map(|arm| arm.seeds()).collect();
    let shared = super::sample::shared(&seeds).len();
    let most = seeds.iter().map(Vec::len).max().unwrap_or(0);
    if shared == most {
        None
    } else if shared >= 2 {
        Some(format!("the arms share {shared} seeds; the others are left out"))
    } else {
        Some(format!("the arms share {shared} seeds, too few to pair them"))
    }
}

/// Gaps that are no matter of a run's status, each kind once.
fn others(gaps: &[Gap]) -> Vec<String> {
    let mut measured: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for gap in gaps {
        match gap {
            Gap::NotMeasured(place, name) => {
                measured.entry(format!("no `{name}` was measured")).or_default().push(place.to_string());
            }
            Gap::NoCurve(place, name) => {
                measured
                    .entry(format!("no curve of `{name}` was recorded"))
                    .or_default()
                    .push(place.to_string());
            }
            Gap::Undefined(why) => measured.entry(why.clone()).or_default().push(String::new()),
            Gap::NotRun(_) | Gap::Ended(..) | Gap::Diverged(_) => {}
        }
    }
    let said = |(what, places): (String, Vec<String>)| match places.as_slice() {
        [only] if only.is_empty() => what,
        [first, ..] if first.is_empty() => format!("{what} ({} times)", places.len()),
        _ => format!("{what}: {}", listed(&places)),
    };
    measured.into_iter().map(said).collect()
}

/// The first few of a list, and how many more.
fn listed(places: &[String]) -> String {
    let named = places.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    match places.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
