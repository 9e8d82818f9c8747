//! A claim judged over seeds, at one arm and sweep point or with those collapsed.

use super::decide::{self, Zone};
use super::finding::Finding;
use super::ratio::Ratio;
use super::sample::Sample;
use super::{Case, Outcome};
use crate::base::number;
use crate::compare::eval::TOLERANCE;
use crate::compare::eval::{self, Gap, Scene};
use crate::spec::ClaimKind;
use crate::spec::expr::{Comparison, Connective, Expr, Interval, Node};
use crate::stats::Estimate;

/// Judges the expression of a claim in a scene without a seed.
pub(super) fn judge(case: &Case<'_>, scene: &Scene<'_>) -> Finding {
    let margin = if case.claim.kind == ClaimKind::Direction { case.claim.smallest_effect } else { 0.0 };
    Judge { scene, margin: margin.abs() }.truth(case.expr)
}

struct Judge<'a> {
    scene: &'a Scene<'a>,
    /// Smallest difference that matters.
    margin: f64,
}

impl Judge<'_> {
    fn truth(&self, expr: &Expr) -> Finding {
        match &expr.node {
            Node::Compare(comparison, left, right) => self.comparison(*comparison, left, right),
            Node::Within(value, interval) => self.within(value, interval),
            Node::Connect(connective, left, right) => self.truth(left).join(*connective, self.truth(right)),
            Node::Not(inner) => self.truth(inner).negated(),
            // The parser lets no number stand where a truth is due.
            _ => Finding::without_numbers(Outcome::Inconclusive, "this is a number"),
        }
    }

    fn comparison(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Finding {
        let table = self.scene.table;
        let measured = |expr: &Expr| eval::has_quantity(expr, table);
        match (measured(left), measured(right)) {
            (false, true) => self.comparison(turned(comparison), right, left),
            (true, true) => {
                let found =
                    Ratio::of_multiples(left, right, table).and_then(|it| self.ratio(comparison, &it));
                found.unwrap_or_else(|| self.difference(comparison, left, right))
            }
            (_, false) => {
                let found = Ratio::of_quotient(left, right, table).and_then(|it| self.ratio(comparison, &it));
                found.unwrap_or_else(|| self.threshold(comparison, left, right))
            }
        }
    }

    /// `value COMPARISON threshold`, the threshold the same for every seed.
    fn threshold(&self, comparison: Comparison, value: &Expr, threshold: &Expr) -> Finding {
        let sample = Sample::draw(self.scene, &[value, threshold]);
        let at = sample.rows.first().map_or(f64::NAN, |row| row.values[1]);
        let shown = |e: &Estimate| {
            let interval = number::interval(e.mean, e.low, e.high, &[at]);
            format!("{interval}, expected {} {}", comparison.sign(), number::significant(at, 3))
        };
        let zones = decide::comparison(comparison, at, self.margin);
        finding(&sample, sample.estimate(|values| values[0]), &zones, |x| x, shown)
    }

    /// `left COMPARISON right`, as left − right against 0.
    fn difference(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Finding {
        let sample = Sample::draw(self.scene, &[left, right]);
        let sides = [0, 1].map(|side| sample.estimate(|values| values[side]));
        let size = sides.iter().flatten().map(|side| side.mean.abs()).fold(0.0, f64::max);
        let margin = match comparison {
            Comparison::Equal | Comparison::Unequal => self.margin.max(TOLERANCE * size),
            _ => self.margin,
        };
        let shown = |e: &Estimate| {
            format!("{}, difference {}", versus(sides), number::interval(e.mean, e.low, e.high, &[0.0]))
        };
        let zones = decide::comparison(comparison, 0.0, margin);
        finding(&sample, sample.estimate(|values| values[0] - values[1]), &zones, |x| x, shown)
    }

    /// `above / below COMPARISON bound`, on the log scale; `None` where that scale does not fit: something is not
    /// positive, a smallest effect is a difference, and so is equality.
    fn ratio(&self, comparison: Comparison, ratio: &Ratio<'_>) -> Option<Finding> {
        if self.margin > 0.0 || matches!(comparison, Comparison::Equal | Comparison::Unequal) {
            return None;
        }
        let sample = Sample::draw(self.scene, &ratio.exprs());
        if sample.rows.iter().any(|row| row.values.iter().any(|&value| value <= 0.0)) {
            return None;
        }
        let bound = sample.rows.first().map_or(1.0, |row| ratio.bound(&row.values));
        let sides = [0, 1].map(|side| sample.estimate(|values| values[side]));
        let shown = |e: &Estimate| {
            let interval = number::interval(e.mean.exp(), e.low.exp(), e.high.exp(), &[bound]);
            format!("{}, ratio {interval}", versus(sides))
        };
        let zones = decide::comparison(comparison, bound.ln(), 0.0);
        let logs = sample.estimate(|values| values[0].ln() - values[1].ln());
        Some(finding(&sample, logs, &zones, f64::exp, shown))
    }

    /// `value within [low, high]`; ends that are measured themselves are compared one by one.
    fn within(&self, value: &Expr, interval: &Interval) -> Finding {
        let mut exprs = vec![value, &interval.low, &interval.high];
        exprs.extend(interval.scale.iter().map(|(_, factor)| factor));
        let ends = |values: &[f64]| {
            let scale = interval.scale.iter().zip(&values[3..]);
            let (a, b) = scale.fold((values[1], values[2]), |(low, high), ((sign, _), factor)| {
                (sign.apply(low, *factor), sign.apply(high, *factor))
            });
            (a.min(b), a.max(b))
        };
        let sample = Sample::draw(self.scene, &exprs);
        if exprs[1..].iter().any(|end| eval::has_quantity(end, self.scene.table)) {
            let above = beyond(&sample, "above the lower end", |values| values[0] - ends(values).0);
            let below = beyond(&sample, "below the upper end", |values| ends(values).1 - values[0]);
            return above.join(Connective::And, below);
        }
        let (low, high) = sample.rows.first().map_or((f64::NAN, f64::NAN), |row| ends(&row.values));
        let shown = |e: &Estimate| {
            let interval = number::interval(e.mean, e.low, e.high, &[low, high]);
            let [low, high] = [low, high].map(|end| number::significant(end, 3));
            format!("{interval}, expected [{low}, {high}]")
        };
        finding(&sample, sample.estimate(|values| values[0]), &decide::within(low, high), |x| x, shown)
    }
}

/// One end of an interval that is measured itself.
fn beyond(sample: &Sample, what: &str, difference: impl Fn(&[f64]) -> f64) -> Finding {
    let zones = decide::comparison(Comparison::AtLeast, 0.0, 0.0);
    let shown = |e: &Estimate| format!("{} {what}", number::interval(e.mean, e.low, e.high, &[0.0]));
    finding(sample, sample.estimate(difference), &zones, |x| x, shown)
}

/// The comparison with its sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        same => same,
    }
}

/// `8.1 vs 41`, each side to its own precision.
fn versus(sides: [Option<Estimate>; 2]) -> String {
    sides.map(|side| side.map_or("?".to_owned(), |e| number::rounded(e.mean, e.half_width()))).join(" vs ")
}

/// Judges an estimate that may be missing; `unit` takes it to the scale that is shown.
fn finding(
    sample: &Sample,
    estimate: Option<Estimate>,
    zones: &[Zone],
    unit: impl Fn(f64) -> f64,
    says: impl Fn(&Estimate) -> String,
) -> Finding {
    let Some(estimate) = estimate else { return without_estimate(sample) };
    let why = if estimate.n == 1 { "; one seed: no interval" } else { "" };
    let says = format!("{} (n={}){why}", says(&estimate), estimate.n);
    let found = Finding {
        estimate: Some((unit(estimate.mean), unit(estimate.low), unit(estimate.high))),
        n: estimate.n,
        gaps: sample.gaps.clone(),
        ..Finding::without_numbers(Outcome::Inconclusive, says)
    };
    // What made a seed diverge may be what the claim is about: the seeds that are left are no fair sample.
    if 2 * sample.diverged > sample.seeds {
        let says =
            format!("{} of {} seeds diverged; the others: {}", sample.diverged, sample.seeds, found.says);
        return Finding { says, ..found };
    }
    let decision = decide::decide(&estimate, zones);
    Finding { outcome: decision.outcome, p: Some(decision.p), more_seeds: decision.more_seeds, ..found }
}

/// Why there is no number.
fn without_estimate(sample: &Sample) -> Finding {
    let (outcome, says) = if sample.gaps.iter().all(Gap::is_unrun) {
        (Outcome::NotRun, "not run".to_owned())
    } else if sample.diverged > 0 {
        (Outcome::Inconclusive, format!("{} of {} seeds diverged", sample.diverged, sample.seeds))
    } else {
        (Outcome::Inconclusive, sample.gaps.first().map_or("no numbers".to_owned(), ToString::to_string))
    };
    Finding { gaps: sample.gaps.clone(), ..Finding::without_numbers(outcome, says) }
}
