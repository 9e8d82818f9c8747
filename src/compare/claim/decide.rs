//! Where an interval must lie.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use super::Outcome;
use crate::compare::eval::TOLERANCE;
use crate::spec::expr::Comparison;
use crate::stats::{self, Estimate};

/// A range that decides: an interval that lies in it whole comes to the outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zone {
    low: Bound<f64>,
    high: Bound<f64>,
    outcome: Outcome,
}

/// What an interval comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decision {
    /// Supported, refuted or inconclusive.
    pub outcome: Outcome,
    /// p-value: the decision holds at any level above it.
    pub p: f64,
    /// About how many more seeds would decide, where nothing is decided.
    pub more_seeds: Option<usize>,
}

/// The zones of `x COMPARISON threshold` for an effect that matters from `margin` on.
///
/// For equality the margin is what still counts as equal; without one that is rounding.
pub(super) fn comparison(comparison: Comparison, threshold: f64, margin: f64) -> Vec<Zone> {
    use Outcome::{Refuted, Supported};
    let zone = |low, high, outcome| Zone { low, high, outcome };
    let (below, above) = (threshold - margin, threshold + margin);
    let mut zones = match comparison {
        Comparison::Less => {
            vec![zone(Unbounded, Excluded(below), Supported), zone(Included(threshold), Unbounded, Refuted)]
        }
        Comparison::AtMost => {
            vec![zone(Unbounded, Included(below), Supported), zone(Excluded(threshold), Unbounded, Refuted)]
        }
        Comparison::Greater => {
            vec![zone(Excluded(above), Unbounded, Supported), zone(Unbounded, Included(threshold), Refuted)]
        }
        Comparison::AtLeast => {
            vec![zone(Included(above), Unbounded, Supported), zone(Unbounded, Excluded(threshold), Refuted)]
        }
        Comparison::Equal | Comparison::Unequal => return equality(comparison, threshold, margin),
    };
    if margin > 0.0 {
        zones.push(zone(Included(below), Included(above), Refuted));
    }
    zones
}

fn equality(comparison: Comparison, threshold: f64, margin: f64) -> Vec<Zone> {
    let (inside, outside) = match comparison {
        Comparison::Unequal => (Outcome::Refuted, Outcome::Supported),
        _ => (Outcome::Supported, Outcome::Refuted),
    };
    let slack = margin.max(TOLERANCE * threshold.abs()).max(f64::MIN_POSITIVE);
    ends(threshold - slack, threshold + slack, inside, outside)
}

/// The zones of `x within [low, high]`.
pub(super) fn within(low: f64, high: f64) -> Vec<Zone> {
    ends(low.min(high), low.max(high), Outcome::Supported, Outcome::Refuted)
}

fn ends(low: f64, high: f64, inside: Outcome, outside: Outcome) -> Vec<Zone> {
    vec![
        Zone { low: Included(low), high: Included(high), outcome: inside },
        Zone { low: Unbounded, high: Excluded(low), outcome: outside },
        Zone { low: Excluded(high), high: Unbounded, outcome: outside },
    ]
}

/// What an estimate comes to, given zones.
pub(super) fn decide(estimate: &Estimate, zones: &[Zone]) -> Decision {
    if let Some(zone) = zones.iter().find(|zone| zone.holds(estimate)) {
        return Decision { outcome: zone.outcome, p: zone.p_value(estimate), more_seeds: None };
    }
    let mean = Estimate { low: estimate.mean, high: estimate.mean, ..*estimate };
    let possible = || zones.iter().filter(|zone| zone.holds(&mean));
    Decision {
        outcome: Outcome::Inconclusive,
        p: possible().map(|zone| zone.p_value(estimate)).fold(1.0, f64::min),
        more_seeds: possible().filter_map(|zone| zone.more_seeds(estimate)).min(),
    }
}

impl Zone {
    /// Whether the whole interval lies in it.
    fn holds(&self, estimate: &Estimate) -> bool {
        let above = match self.low {
            Included(low) => estimate.low >= low,
            Excluded(low) => estimate.low > low,
            Unbounded => true,
        };
        let below = match self.high {
            Included(high) => estimate.high <= high,
            Excluded(high) => estimate.high < high,
            Unbounded => true,
        };
        above && below
    }

    fn edges(&self) -> impl Iterator<Item = f64> {
        [self.low, self.high].into_iter().filter_map(|bound| match bound {
            Included(edge) | Excluded(edge) => Some(edge),
            Unbounded => None,
        })
    }

    /// Both edges must be excluded, so the weaker of the two tests counts (Berger 1982, intersection–union). Where
    /// seeds agree exactly nothing is left to chance: a t-test of 0 ± 0 against 0 would say 1.
    fn p_value(&self, estimate: &Estimate) -> f64 {
        if estimate.half_width() == 0.0 && self.holds(estimate) {
            return 0.0;
        }
        self.edges().map(|edge| stats::p_value(estimate, edge)).fold(0.0, f64::max)
    }

    /// Seeds until the interval lies in it, if the mean stays; `None` where that cannot be foreseen.
    fn more_seeds(&self, estimate: &Estimate) -> Option<usize> {
        self.edges()
            .map(|edge| stats::seeds_to_decide(estimate, edge))
            .try_fold(0, |most, seeds| Some(most.max(seeds?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::eval::holds;

    fn interval(low: f64, high: f64) -> Estimate {
        // Half-width 1 at four degrees of freedom is a standard error of 1 / 2.776445.
        let (mean, half) = (f64::midpoint(low, high), (high - low) / 2.0);
        Estimate { low, high, ..Estimate::from_parts(mean, half / 2.776_445_105, 4.0, 5, half) }
    }

    #[test]
    fn whole_intervals_decide() {
        use Comparison::{AtLeast, AtMost, Equal, Greater, Less, Unequal};
        use Outcome::{Inconclusive, Refuted, Supported};
        for (sign, margin, low, high, outcome) in [
            (Less, 0.0, -3.0, -1.0, Supported),
            (Less, 0.0, -1.0, 1.0, Inconclusive),
            (Less, 0.0, 1.0, 3.0, Refuted),
            (Less, 0.0, 0.0, 0.0, Refuted),
            (AtMost, 0.0, 0.0, 0.0, Supported),
            (AtLeast, 0.0, 0.0, 0.0, Supported),
            (Greater, 0.0, 0.0, 0.0, Refuted),
            (Greater, 0.0, 1.0, 3.0, Supported),
            (Less, 2.0, -5.0, -2.5, Supported),
            (Less, 2.0, -5.0, -1.0, Inconclusive),
            (Less, 2.0, -1.5, 1.0, Refuted),
            (Less, 2.0, -1.5, -0.5, Refuted),
            (Less, 2.0, 0.5, 9.0, Refuted),
            (Less, 2.0, -0.5, 9.0, Inconclusive),
            (Greater, 2.0, -0.5, 1.0, Refuted),
            (Equal, 0.0, 0.0, 0.0, Supported),
            (Equal, 0.0, -1.0, 1.0, Inconclusive),
            (Equal, 0.0, 1.0, 2.0, Refuted),
            (Equal, 2.0, -1.0, 1.0, Supported),
            (Unequal, 0.0, 1.0, 2.0, Supported),
            (Unequal, 2.0, -1.0, 1.0, Refuted),
            (Less, 0.0, f64::NEG_INFINITY, f64::INFINITY, Inconclusive),
        ] {
            let decision = decide(&interval(low, high), &comparison(sign, 0.0, margin));
            assert_eq!(decision.outcome, outcome, "[{low}, {high}] {sign:?} margin {margin}");
        }
    }

    #[test]
    fn an_interval_in_an_interval() {
        for (low, high, outcome) in [
            (0.99, 1.01, Outcome::Supported),
            (0.98, 1.02, Outcome::Supported),
            (0.97, 1.01, Outcome::Inconclusive),
            (0.9, 1.1, Outcome::Inconclusive),
            (1.03, 1.1, Outcome::Refuted),
        ] {
            assert_eq!(decide(&interval(low, high), &within(0.98, 1.02)).outcome, outcome, "[{low}, {high}]");
            assert_eq!(decide(&interval(low, high), &within(1.02, 0.98)).outcome, outcome, "swapped");
        }
    }

    #[test]
    fn decided_means_p_below_five_percent() {
        let zones = comparison(Comparison::Less, 0.0, 0.0);
        for (low, high) in [(-3.0, -1e-6), (-3.0, 1e-6), (1e-6, 3.0), (-1e-6, 3.0)] {
            let decision = decide(&interval(low, high), &zones);
            assert_eq!(
                decision.outcome != Outcome::Inconclusive,
                decision.p < 0.05,
                "[{low}, {high}]: {decision:?}"
            );
        }
    }

    #[test]
    fn what_has_no_spread_is_decided_for_sure() {
        for (sign, outcome) in
            [(Comparison::AtMost, Outcome::Supported), (Comparison::Less, Outcome::Refuted)]
        {
            let decision = decide(&interval(0.0, 0.0), &comparison(sign, 0.0, 0.0));
            assert_eq!(decision, Decision { outcome, p: 0.0, more_seeds: None });
        }
    }

    #[test]
    fn the_nearest_decision_counts_for_more_seeds() {
        // Mean 1, half-width 2 at n = 5: at n = 13 t(12) · sd / √13 = 2.179 · 1.611 / 3.606 = 0.973 < 1, and at n = 12
        // 2.201 · 1.611 / 3.464 = 1.023.
        let decision = decide(&interval(-1.0, 3.0), &comparison(Comparison::Less, 0.0, 0.0));
        assert_eq!(decision.more_seeds, Some(8));
        // The far end of an interval around the mean needs as many; a mean on the edge none can decide.
        assert_eq!(decide(&interval(-1.0, 3.0), &within(0.0, 9.0)).more_seeds, Some(8));
        assert_eq!(decide(&interval(-1.0, 1.0), &comparison(Comparison::Less, 0.0, 0.0)).more_seeds, None);
    }

    #[test]
    fn exact_numbers_are_equal_up_to_rounding() {
        assert!(holds(Comparison::Equal, 0.1 + 0.2, 0.3));
        assert!(holds(Comparison::AtMost, 0.1 + 0.2, 0.3));
        assert!(!holds(Comparison::Less, 0.3, 0.3));
        assert!(holds(Comparison::Unequal, 1.0, 1.000_001));
        assert!(
            !holds(Comparison::AtLeast, 100.0, f64::INFINITY)
                && !holds(Comparison::Equal, 1.0, f64::INFINITY)
        );
    }
}
