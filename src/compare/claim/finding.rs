//! What a part of a claim comes to, and how parts make a whole.

use super::{ALPHA, Case, Outcome, Verdict, notes};
use crate::base::number;
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
    /// What else a reader must know of how it was decided.
    pub remarks: Vec<String>,
}

impl Finding {
    /// One that rests on no estimate.
    pub(super) fn without_numbers(outcome: Outcome, says: impl Into<String>) -> Self {
        let says = says.into();
        Self {
            outcome,
            estimate: None,
            n: 0,
            p: None,
            more_seeds: None,
            says,
            gaps: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Held to what it takes to be decided by the best of `looks` places (`what` in words): that is found by chance
    /// as many times as often (Bonferroni). What does not survive that is taken back, with a remark.
    pub(super) fn best_of(mut self, looks: usize, what: &str) -> Self {
        let Some(p) = self.p.filter(|_| looks > 1) else { return self };
        let corrected = (p * looks as f64).min(1.0);
        self.p = Some(corrected);
        if let Some(was) = self.outcome.decided().filter(|_| corrected > ALPHA) {
            self.outcome = Outcome::Inconclusive;
            let p = number::significant(corrected, 2);
            self.remarks.push(format!(
                "{was} at one of {looks} {what} by itself, but not for having looked at {looks} (p = {p})"
            ));
        }
        self
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
        leader.absorb(follower);
        // Either part could have decided.
        leader.best_of(2, "parts")
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
        weaker.absorb(stronger);
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
        leader.absorb(follower);
        Self { p, more_seeds, ..leader }
    }

    /// Takes over what a reader must know of a part that does not lend its numbers.
    fn absorb(&mut self, other: Self) {
        self.gaps.extend(other.gaps);
        self.remarks.extend(other.remarks);
    }

    /// The verdict, with what the reader must know of the runs it rests on.
    pub(super) fn into_verdict(self, case: &Case<'_>) -> Verdict {
        let mut notes = self.remarks.clone();
        notes.extend(notes::notes(case, &self.gaps));
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
