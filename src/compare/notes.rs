//! What a reader must know to trust a comparison: missing runs, divergence, missed targets, single seeds.

use serde_json::Value;

use super::{Group, Results};
use crate::store::{RunRecord, Status};

/// The notes on `results`: what is missing, what broke, what cannot be compared.
pub fn notes(results: &Results) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(not_there(results));
    notes.extend(ended_as(results, Status::Failed, "failed"));
    notes.extend(ended_as(results, Status::Diverged, "diverged"));
    notes.extend(missed_targets(results));
    if results.groups.iter().any(|group| group.members.len() == 1) {
        notes.push("one seed: no interval".to_owned());
    }
    notes
}

fn not_there(results: &Results) -> Option<String> {
    let planned: usize = results.groups.iter().map(|group| group.members.len()).sum();
    let ended = |status: Status| status.is_result() || status == Status::Failed;
    let missing = planned - results.groups.iter().map(|group| group.count(ended)).sum::<usize>();
    (missing > 0).then(|| format!("{missing} of {} not there yet", runs(planned)))
}

/// `2 runs diverged (sharp)`, `3 runs diverged (flat 1, sharp 2)`.
fn ended_as(results: &Results, status: Status, word: &str) -> Option<String> {
    let by_arm = arms(results).into_iter().map(|(arm, groups)| {
        (arm, groups.iter().map(|group| group.count(|other| other == status)).sum::<usize>())
    });
    let by_arm: Vec<(&str, usize)> = by_arm.filter(|&(_, count)| count > 0).collect();
    let total = by_arm.iter().map(|(_, count)| count).sum();
    let whose = match &by_arm[..] {
        [] => return None,
        _ if arms(results).len() == 1 => String::new(),
        [(arm, _)] => format!(" ({arm})"),
        several => {
            let each: Vec<_> = several.iter().map(|(arm, count)| format!("{arm} {count}")).collect();
            format!(" ({})", each.join(", "))
        }
    };
    Some(format!("{} {word}{whose}", runs(total)))
}

/// Arms that ran out of steps above the training loss they were to reach: their minima are not comparable with
/// those of arms that reached it (SCIENCE §0, finding 7).
fn missed_targets(results: &Results) -> Vec<String> {
    let arms = arms(results);
    let prefix = |arm: &str| if arms.len() == 1 { String::new() } else { format!("{arm}: ") };
    let note = |(arm, groups): &(&str, Vec<&Group>)| {
        let members = || groups.iter().flat_map(|group| &group.members);
        let missed: Vec<f64> =
            members().filter_map(|member| missed_target(member.record.as_ref()?)).collect();
        let target = missed.first()?;
        let (of, same) = (runs(members().count()), missed.iter().all(|other| other == target));
        let reached = if same {
            format!("train_loss reached {target}")
        } else {
            "their train_loss was reached".to_owned()
        };
        Some(format!("{}{} of {of} ended before {reached}", prefix(arm), missed.len()))
    };
    arms.iter().filter_map(note).collect()
}

/// Share by which the loss of several trainings may lie above the one that each was to reach: they stop in the precision
/// of training, and it is measured in another.
const SLACK: f64 = 0.01;

/// The training loss that a run was to reach and did not.
pub fn missed_target(record: &RunRecord) -> Option<f64> {
    let target = target(record)?;
    let kind = record.spec.pointer("/procedure/kind").and_then(Value::as_str);
    let missed = match kind {
        // What is made of several trainings ends when all are done, whatever each of them came to.
        Some("ensemble" | "pair") => {
            record.measures.get("train_loss").is_none_or(|loss| *loss > target * (1.0 + SLACK))
        }
        _ => record.reason == "steps",
    };
    missed.then_some(target)
}

/// The training loss that a run which came to its end was to reach.
pub fn target(record: &RunRecord) -> Option<f64> {
    let target = record.spec.pointer("/stop/train_loss").and_then(Value::as_f64);
    target.filter(|_| record.status == Status::Done)
}

/// The groups of each arm, arms in the order of the cell.
fn arms(results: &Results) -> Vec<(&str, Vec<&Group>)> {
    let mut arms: Vec<(&str, Vec<&Group>)> = Vec::new();
    for group in &results.groups {
        match arms.iter_mut().find(|(arm, _)| *arm == group.arm) {
            Some((_, groups)) => groups.push(group),
            None => arms.push((&group.arm, vec![group])),
        }
    }
    arms
}

fn runs(count: usize) -> String {
    format!("{count} run{}", if count == 1 { "" } else { "s" })
}
