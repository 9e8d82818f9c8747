//! Claims about every run: identities and universals. One counterexample refutes, and is named.

use super::finding::Finding;
use super::sample::shared;
use super::{Case, Outcome};
use crate::base::number;
use crate::compare::eval::{self, Arm, Gap, Scene, Seeds, holds, inside, sides, truth};
use crate::spec::expr::{Comparison, Connective, Expr, Node};

/// Judges a claim run by run.
pub(super) fn every(case: &Case<'_>) -> Finding {
    if !eval::has_reference(case.expr, case.table) {
        return once(case);
    }
    let mut tally = Tally::default();
    for group in case.groups() {
        let arms = eval::arms(case.expr, case.table, group.arm);
        let of = |name: &&str| case.table.arm(name).map(Arm::seeds).unwrap_or_default();
        let all = || case.table.arms.first().map(Arm::seeds).unwrap_or_default();
        let seeds = if arms.is_empty() { all() } else { shared(&arms.iter().map(of).collect::<Vec<_>>()) };
        if seeds.is_empty() {
            tally.gaps.push(Gap::Undefined("the arms have no seed in common".to_owned()));
        }
        for seed in seeds {
            let scene = Scene { seeds: Seeds::Shared(seed), ..group.clone() };
            tally.count(&scene, case.expr, seed);
        }
    }
    tally.finding()
}

/// A claim about constants alone.
fn once(case: &Case<'_>) -> Finding {
    let scene = case.scene();
    let (outcome, gaps) = match truth(&scene, case.expr) {
        Ok(true) => (Outcome::Supported, Vec::new()),
        Ok(false) => (Outcome::Refuted, Vec::new()),
        Err(gap) => (Outcome::Inconclusive, vec![gap]),
    };
    let value = first_number(case.expr).and_then(|expr| scene.number(expr).ok());
    let says = numbers(&scene, case.expr);
    Finding {
        estimate: value.map(|value| (value, value, value)),
        gaps,
        ..Finding::without_numbers(outcome, says)
    }
}

/// What was seen, run by run.
#[derive(Default)]
struct Tally {
    held: usize,
    /// Each with its numbers.
    counterexamples: Vec<String>,
    gaps: Vec<Gap>,
}

impl Tally {
    fn count(&mut self, scene: &Scene<'_>, expr: &Expr, seed: u64) {
        match truth(scene, expr) {
            Ok(true) => self.held += 1,
            Ok(false) => {
                self.counterexamples.push(format!("{}: {}", place(scene, expr, seed), numbers(scene, expr)));
            }
            Err(gap) => self.gaps.push(gap),
        }
    }

    fn finding(self) -> Finding {
        let n = self.held + self.counterexamples.len();
        let (outcome, says) = match self.counterexamples.first() {
            Some(first) => {
                let says = format!("false at {first} ({} of {n} runs)", self.counterexamples.len());
                (Outcome::Refuted, says)
            }
            None if n == 0 && self.gaps.iter().all(Gap::is_unrun) => (Outcome::NotRun, "not run".to_owned()),
            None if !self.gaps.is_empty() => (Outcome::Inconclusive, self.open(n)),
            None => (Outcome::Supported, format!("holds in all {n} runs in scope")),
        };
        Finding { n, gaps: self.gaps, ..Finding::without_numbers(outcome, says) }
    }

    /// Why nothing is decided though the claim holds in all `n` runs that could be judged.
    fn open(&self, n: usize) -> String {
        let gaps = self.gaps.len();
        let diverged = self.gaps.iter().filter_map(Gap::diverged).count();
        match (n, diverged) {
            (0, all) if all == gaps => format!("all {gaps} runs diverged"),
            (0, 0) => format!("none of {gaps} runs could be judged"),
            (0, some) => format!("none of {gaps} runs could be judged, {some} diverged"),
            (n, all) if all == gaps => format!("holds in {n} runs, but {gaps} diverged"),
            (n, _) => format!("holds in {n} runs, but {gaps} could not be judged"),
        }
    }
}

/// The numbers of the part that decides: of an `and` that fails the part that fails, of an `or` that does both.
fn numbers(scene: &Scene<'_>, expr: &Expr) -> String {
    match &expr.node {
        Node::Compare(comparison, left, right) => match sides(scene, left, right) {
            Ok((left, right)) => {
                let (left, right) = told_apart(left, right);
                format!("{left} {} {right}", comparison.sign())
            }
            Err(gap) => gap.to_string(),
        },
        Node::Within(value, interval) => match inside(scene, value, interval) {
            Ok((value, (low, high))) => {
                let nearest = if value < low { low } else { high };
                let (value, _) = told_apart(value, nearest);
                format!("{value} within [{}, {}]", number::significant(low, 3), number::significant(high, 3))
            }
            Err(gap) => gap.to_string(),
        },
        Node::Connect(connective, left, right) => {
            let whole = truth(scene, expr);
            if *connective == Connective::Or && whole == Ok(false) {
                return format!("{} and {}", named(scene, left), named(scene, right));
            }
            named(scene, if truth(scene, left) == whole { left } else { right })
        }
        Node::Not(inner) => format!("not {}", numbers(scene, inner)),
        _ => expr.to_string(),
    }
}

/// The numbers of one part among others, after what they are of.
fn named(scene: &Scene<'_>, expr: &Expr) -> String {
    match &expr.node {
        Node::Compare(_, of, _) | Node::Within(of, _) => format!("{of}: {}", numbers(scene, expr)),
        _ => numbers(scene, expr),
    }
}

/// Two numbers with as many digits as it takes to see that they differ, if they do.
fn told_apart(a: f64, b: f64) -> (String, String) {
    let written = |digits| (number::significant(a, digits), number::significant(b, digits));
    let digits = if holds(Comparison::Equal, a, b) { 3..=3 } else { 3..=17 };
    let differ = |(left, right): &(String, String)| left != right;
    digits.map(written).find(differ).unwrap_or_else(|| written(3))
}

/// The first number of a claim: the one that is shown of a closed form.
fn first_number(expr: &Expr) -> Option<&Expr> {
    if expr.is_truth() { expr.parts().into_iter().find_map(first_number) } else { Some(expr) }
}

fn place(scene: &Scene<'_>, expr: &Expr, seed: u64) -> String {
    let arms = eval::arms(expr, scene.table, scene.arm);
    // An experiment with one arm need not name it.
    let arms = if scene.table.arms.len() > 1 { arms.join(" and ") } else { String::new() };
    let parts = [arms, scene.point_in_words(), format!("seed {seed}")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
