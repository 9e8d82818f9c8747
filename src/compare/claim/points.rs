//! Laws and directions along a sweep: claimed at every point of the axes that they leave open.

use super::finding::Finding;
use super::{Case, Outcome, group};
use crate::compare::eval;
use crate::spec::expr::Expr;

/// Judges a claim at each point; the point that decides lends its numbers.
pub(super) fn at_every_point(case: &Case<'_>) -> Finding {
    let scene = case.scene();
    let axes = open_axes(case.expr, case);
    if axes.is_empty() {
        return group::judge(case, &scene);
    }
    let found: Vec<(String, Finding)> = scene
        .points(&axes)
        .into_iter()
        .map(|point| (point.point_in_words(), group::judge(case, &point)))
        .collect();
    let count = found.len();
    let gaps = found.iter().flat_map(|(_, finding)| finding.gaps.clone()).collect();
    let outcome = whole(&found);
    let alike = found.iter().filter(|(_, finding)| finding.outcome == outcome).count();
    let Some((point, finding)) =
        found.into_iter().filter(|(_, finding)| finding.outcome == outcome).min_by(|a, b| {
            let p = |finding: &Finding| finding.p.unwrap_or(1.0);
            // Where all hold the weakest point carries the whole; where some fail the clearest failure does.
            match outcome {
                Outcome::Refuted => p(&a.1).total_cmp(&p(&b.1)),
                _ => p(&b.1).total_cmp(&p(&a.1)),
            }
        })
    else {
        return Finding::without_numbers(Outcome::NotRun, "not run");
    };
    let says = match outcome {
        Outcome::NotRun => finding.says.clone(),
        Outcome::Supported => format!("at all {count} points; weakest {point}: {}", finding.says),
        _ => format!("{point}: {} ({alike} of {count} points)", finding.says),
    };
    let found = Finding { outcome, says, gaps, ..finding };
    // To be refuted at one point is enough, so there are as many chances of it as points.
    if outcome == Outcome::Refuted { found.best_of(count, "points") } else { found }
}

/// The axes that some arm of the expression leaves open.
fn open_axes(expr: &Expr, case: &Case<'_>) -> Vec<usize> {
    eval::free_axes(expr, case.table, case.scene().arm)
}

fn whole(found: &[(String, Finding)]) -> Outcome {
    let any = |outcome| found.iter().any(|(_, finding)| finding.outcome == outcome);
    let all = |outcome| found.iter().all(|(_, finding)| finding.outcome == outcome);
    if any(Outcome::Refuted) {
        Outcome::Refuted
    } else if all(Outcome::Supported) {
        Outcome::Supported
    } else if any(Outcome::NotRun) {
        Outcome::NotRun
    } else {
        Outcome::Inconclusive
    }
}
