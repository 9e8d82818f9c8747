//! What a part of a claim comes to, and how parts make a whole.

use super::{Case, Outcome, Verdict, notes};
use crate::compare::eval::Gap;
use crate::spec::expr::Connective;

/// What a part of a claim comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// What it comes to.
    pub outcome: Outcome,
    /// The number that decided, with its interval, in the unit that is shown.
    pub estimate: Option<(f64, f64, f64)>,
    /// Seeds or runs it rests on.
    pub n: usize,
    /// p-value of the decision, if a test was made.
    pub p: Option<f64>,
    /// About how many more seeds would decide it.
    pub more_seeds: Option<usize>,
    /// Its numbers in words.
    pub says: String,
    /// What could not be evaluated.
    pub gaps: Vec<Gap>,
}

impl Finding {
    /// One that rests on no estimate.
    pub(super) fn without_numbers(outcome: Outcome, says: impl Into<String>) -> Self {
        Self { outcome, estimate: None, n: 0, p: None, more_seeds: None, says: says.into(), gaps: Vec::new() }
    }

    /// The negation: the same numbers say the opposite.
    pub(super) fn negated(mut self) -> Self {
        self.outcome = match self.outcome {
            Outcome::Supported => Outcome::Refuted,
            Outcome::Refuted => Outcome::Supported,
            other => other,
        };
        self
    }

    /// Two parts as one. The part that decides lends its numbers; where both must hold, the weaker one does.
    pub(super) fn join(self, connective: Connective, other: Self) -> Self {
        let decisive = match connective {
            Connective::And => Outcome::Refuted,
            Connective::Or => Outcome::Supported,
        };
        let [first, second] = [&self, &other].map(|part| part.outcome);
        if [first, second].contains(&decisive) {
            Self::decided_by_one(self, other, decisive)
        } else if first == second && first != Outcome::Inconclusive {
            Self::decided_by_both(self, other)
        } else {
            Self::undecided(self, other)
        }
    }

    fn decided_by_one(first: Self, second: Self, decisive: Outcome) -> Self {
        let clearer = |a: &Self, b: &Self| a.p.unwrap_or(0.0) <= b.p.unwrap_or(0.0);
        let first_leads =
            first.outcome == decisive && (second.outcome != decisive || clearer(&first, &second));
        let (mut leader, follower) = if first_leads { (first, second) } else { (second, first) };
        // Either part could have decided: the smaller of two p-values is found by chance twice as often.
        leader.p = leader.p.map(|p| (2.0 * p).min(1.0));
        leader.gaps.extend(follower.gaps);
        leader
    }

    fn decided_by_both(first: Self, second: Self) -> Self {
        let says = if first.says == second.says {
            first.says.clone()
        } else {
            format!("{}; {}", first.says, second.says)
        };
        let n = if first.n == 0 || second.n == 0 { first.n.max(second.n) } else { first.n.min(second.n) };
        let weaker_first = first.p.unwrap_or(0.0) >= second.p.unwrap_or(0.0);
        let (mut weaker, stronger) = if weaker_first { (first, second) } else { (second, first) };
        weaker.gaps.extend(stronger.gaps);
        Self { n, says, ..weaker }
    }

    /// The whole waits for the part that is not run, or else not decided; if neither is decided for both.
    fn undecided(first: Self, second: Self) -> Self {
        let open = |part: &Self| match part.outcome {
            Outcome::NotRun => 2,
            Outcome::Inconclusive => 1,
            _ => 0,
        };
        let more_seeds = match (open(&first), open(&second)) {
            (1, 1) => first.more_seeds.zip(second.more_seeds).map(|(a, b)| a.max(b)),
            (1, 0) => first.more_seeds,
            (0, 1) => second.more_seeds,
            _ => None,
        };
        let p = first.p.into_iter().chain(second.p).reduce(f64::max);
        let (mut leader, follower) =
            if open(&first) >= open(&second) { (first, second) } else { (second, first) };
        leader.gaps.extend(follower.gaps);
        Self { p, more_seeds, ..leader }
    }

    /// The verdict, with what the reader must know of the runs it rests on.
    pub(super) fn into_verdict(self, case: &Case<'_>) -> Verdict {
        let notes = notes::notes(case, &self.gaps);
        Verdict { notes, ..self.bare() }
    }

    /// The verdict without notes.
    pub(super) fn bare(self) -> Verdict {
        let finite = |number: f64| number.is_finite().then_some(number);
        Verdict {
            outcome: self.outcome,
            estimate: self.estimate.and_then(|(estimate, _, _)| finite(estimate)),
            low: self.estimate.and_then(|(_, low, _)| finite(low)),
            high: self.estimate.and_then(|(_, _, high)| finite(high)),
            n: self.n,
            more_seeds: self.more_seeds,
            says: self.says,
            notes: Vec::new(),
            p: self.p,
        }
    }
}
