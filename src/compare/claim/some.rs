//! Claims that there is: one arm or sweep point whose interval satisfies is enough.

use super::finding::Finding;
use super::{Case, Outcome, group};
use crate::compare::eval::Scene;

/// Judges each group over its seeds.
pub(super) fn some(case: &Case<'_>) -> Finding {
    let found: Vec<(String, Finding)> =
        case.groups().into_iter().map(|scene| (name(&scene), group::judge(case, &scene))).collect();
    let (outcome, groups) = (outcome(&found), found.len());
    let gaps = found.iter().flat_map(|(_, finding)| finding.gaps.clone()).collect();
    // Shown is the group that comes nearest to supporting: among equals the one that is most sure.
    let nearest = found.into_iter().min_by(|(_, a), (_, b)| {
        let p = |finding: &Finding| finding.p.unwrap_or(1.0);
        let closest = match outcome {
            Outcome::Refuted => p(b).total_cmp(&p(a)),
            _ => p(a).total_cmp(&p(b)),
        };
        rank(a.outcome).cmp(&rank(b.outcome)).then(closest)
    });
    let Some((name, finding)) = nearest else { return Finding::without_numbers(Outcome::NotRun, "not run") };
    let says = match (outcome, groups) {
        (_, 1) => finding.says.clone(),
        (Outcome::Refuted, _) => format!("in none of {groups} groups; nearest {name}: {}", finding.says),
        _ => format!("{name}: {}", finding.says),
    };
    let found = Finding { outcome, says, gaps, ..finding };
    // One group is enough, so there are as many chances of it as groups.
    if outcome == Outcome::Supported { found.best_of(groups, "groups") } else { found }
}

fn outcome(found: &[(String, Finding)]) -> Outcome {
    let all = |outcome| found.iter().all(|(_, finding)| finding.outcome == outcome);
    if found.iter().any(|(_, finding)| finding.outcome == Outcome::Supported) {
        Outcome::Supported
    } else if all(Outcome::NotRun) {
        Outcome::NotRun
    } else if all(Outcome::Refuted) {
        Outcome::Refuted
    } else {
        Outcome::Inconclusive
    }
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Supported => 0,
        Outcome::Inconclusive => 1,
        Outcome::Refuted => 2,
        Outcome::NotRun => 3,
    }
}

fn name(scene: &Scene<'_>) -> String {
    let arm = scene.arm.filter(|_| scene.table.arms.len() > 1).unwrap_or_default().to_owned();
    [arm, scene.point_in_words()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
