//! A comparison in one sentence: `flat is flatter: lambda_max 4.1 vs 18.1, ratio 0.23 [0.21, 0.24]; test error not
//! distinguishable …`. Every word of it follows from the intervals.

use super::reference::Reference;
use super::{Group, Mark, Results};
use crate::base::number::{interval, significant};
use crate::spec::Quantity;
use crate::stats::{Estimate, difference, ratio};

/// What says how sharp a minimum is, the best known first.
const SHARPNESS: [Quantity; 8] = [
    Quantity::LambdaMax,
    Quantity::GgnLambdaMax,
    Quantity::HessianTrace,
    Quantity::HutchppTrace,
    Quantity::PgdSharpness,
    Quantity::SamSharpness,
    Quantity::AdaptiveSharpness,
    Quantity::KeskarSharpness,
];
/// What says how well something does on examples that it has not seen, or at least on those that it has.
const FIT: [Quantity; 5] = [
    Quantity::TestError,
    Quantity::TestAccuracy,
    Quantity::TestLoss,
    Quantity::ExcessRisk,
    Quantity::TrainLoss,
];

/// Names longer than this are not said again and again.
const LONG: usize = 24;

/// The sentence; `None` where there are not two groups to compare, or nothing was measured.
pub(super) fn sentence(results: &Results, present: &[Quantity], reference: &Reference) -> Option<String> {
    let first_of = |list: &[Quantity]| list.iter().copied().find(|quantity| present.contains(quantity));
    let (sharpness, fit) = (first_of(&SHARPNESS), first_of(&FIT));
    let pairs: Vec<(&Group, &Group)> =
        results.groups.iter().filter_map(|group| Some((group, reference.of(group, results)?))).collect();
    match pairs.as_slice() {
        [] => None,
        [(group, baseline)] => of_two(sharpness, fit, group, baseline),
        several => {
            let clauses = [sharpness, fit].into_iter().flatten();
            let clauses: Vec<String> =
                clauses.filter_map(|one| of_many(one, several, reference, results)).collect();
            (!clauses.is_empty()).then(|| clauses.join("; "))
        }
    }
}

/// The flatter of two is named first in all that is said, whichever is the baseline.
fn of_two(
    sharpness: Option<Quantity>,
    fit: Option<Quantity>,
    group: &Group,
    baseline: &Group,
) -> Option<String> {
    let sharper = sharpness
        .and_then(|one| Pair::of(one, group, baseline))
        .is_some_and(|pair| pair.mark() == Mark::Above);
    let (first, second) = if sharper { (baseline, group) } else { (group, baseline) };
    let flatness = sharpness.and_then(|one| flatter(one, first, second));
    let clauses: Vec<String> =
        flatness.into_iter().chain(fit.and_then(|one| better(one, first, second))).collect();
    let n = seeds(group, baseline).map(|n| format!(" (n={n})")).unwrap_or_default();
    (!clauses.is_empty()).then(|| format!("{}{n}", clauses.join("; ")))
}

/// Runs of the smaller group that ended as they should.
fn seeds(group: &Group, baseline: &Group) -> Option<usize> {
    let done = |group: &Group| group.drawn().filter(|member| member.record.is_some()).count();
    Some(done(group).min(done(baseline))).filter(|n| *n > 0)
}

/// How two groups stand to each other in one quantity.
struct Pair {
    /// Mean of the group and of what it is compared to.
    means: [f64; 2],
    /// Their difference.
    difference: Estimate,
    /// How many times the other the group is, where that can be said.
    ratio: Option<Estimate>,
}

impl Pair {
    fn of(quantity: Quantity, group: &Group, baseline: &Group) -> Option<Self> {
        let [own, other] = [group, baseline].map(|group| group.finals(quantity.name()));
        let mean = |finals: &[(u64, f64)]| {
            Some(Estimate::of(&finals.iter().map(|(_, value)| *value).collect::<Vec<_>>())?.mean)
        };
        let means = [mean(&own)?, mean(&other)?];
        Some(Self { means, difference: difference(&own, &other)?, ratio: ratio(&own, &other) })
    }

    /// `4.1 vs 18.1`.
    fn versus(&self) -> String {
        format!("{} vs {}", significant(self.means[0], 3), significant(self.means[1], 3))
    }

    /// What it comes to: by the ratio where there is one, since what is positive and spans decades is compared so.
    fn mark(&self) -> Mark {
        let by_ratio =
            self.ratio.map(|ratio| Estimate { low: ratio.low.ln(), high: ratio.high.ln(), ..ratio });
        Mark::of(Some(&by_ratio.unwrap_or(self.difference)))
    }

    /// Of one seed each nothing more can be said.
    fn single(&self, words: &str) -> Option<String> {
        let says = || format!("{words} {}, of one seed each: nothing is told of the spread", self.versus());
        (self.difference.n < 2).then(says)
    }
}

/// `flat is flatter: lambda_max 4.1 vs 18.1, ratio 0.23 [0.21, 0.24]`.
fn flatter(quantity: Quantity, first: &Group, second: &Group) -> Option<String> {
    let pair = Pair::of(quantity, first, second)?;
    let words = quantity.name();
    if let Some(single) = pair.single(words) {
        return Some(single);
    }
    let who = match pair.mark() {
        Mark::Below => format!("{} is flatter", first.arm),
        _ => format!("neither is flatter ({} against {})", first.arm, second.arm),
    };
    let by = match pair.ratio {
        Some(ratio) => format!("ratio {}", interval(ratio.mean, ratio.low, ratio.high, &[0.0, 1.0])),
        None => by_difference(&pair.difference),
    };
    Some(format!("{who}: {words} {}, {by}", pair.versus()))
}

/// `test error of flat is lower: 0.098 vs 0.106, difference …`, or that the two cannot be told apart.
fn better(quantity: Quantity, first: &Group, second: &Group) -> Option<String> {
    let pair = Pair::of(quantity, first, second)?;
    let words = words(quantity);
    if let Some(single) = pair.single(&words) {
        return Some(single);
    }
    let numbers = format!("{}, {}", pair.versus(), by_difference(&pair.difference));
    let which = match Mark::of(Some(&pair.difference)) {
        Mark::Above => "higher",
        Mark::Below => "lower",
        _ => return Some(format!("{words} not distinguishable: {numbers}")),
    };
    let is_worse = quantity.info().lower_is_better.is_some_and(|lower| lower == (which == "higher"));
    let worse = if is_worse { ", which is worse" } else { "" };
    Some(format!("{words} of {} is {which}{worse}: {numbers}", first.arm))
}

fn by_difference(difference: &Estimate) -> String {
    format!("difference {}", interval(difference.mean, difference.low, difference.high, &[0.0]))
}

/// `lambda_max: below sharp in 3 of 5, above in 1, not distinguishable in 1`.
fn of_many(
    quantity: Quantity,
    pairs: &[(&Group, &Group)],
    reference: &Reference,
    results: &Results,
) -> Option<String> {
    let found: Vec<Mark> = pairs
        .iter()
        .filter_map(|(group, baseline)| Pair::of(quantity, group, baseline))
        .map(|pair| Mark::of(Some(&pair.difference)))
        .collect();
    let count = |wanted: Mark| found.iter().filter(|mark| **mark == wanted).count();
    let name = reference.in_words(results)?;
    // A sweep point in words is longer than all that is said of it; the legend names it.
    let baseline = if name.len() > LONG { "the baseline".to_owned() } else { name };
    let parts = [
        (count(Mark::Below), format!("below {baseline}")),
        (count(Mark::Above), format!("above {baseline}")),
        (count(Mark::Overlapping), "not distinguishable".to_owned()),
        (count(Mark::Single), "of one seed".to_owned()),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what} in {count}"))
        .collect();
    (!said.is_empty()).then(|| format!("{} {} of {}", words(quantity), said.join(", "), found.len()))
}

/// `test error`; names of measures stay as cells write them.
fn words(quantity: Quantity) -> String {
    if FIT.contains(&quantity) { quantity.name().replace('_', " ") } else { quantity.name().to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::RunId;
    use crate::compare::Member;
    use crate::store::RunRecord;

    fn group(arm: &str, lambda: &[f64], error: &[f64]) -> Group {
        let member = |(seed, (lambda, error)): (usize, (&f64, &f64))| {
            let record = RunRecord {
                run: RunId::of(&[arm.as_bytes(), &seed.to_le_bytes()]),
                seed: seed as u64,
                measures: [("lambda_max".to_owned(), *lambda), ("test_error".to_owned(), *error)].into(),
                ..RunRecord::blank()
            };
            Member { seed: seed as u64, record: Some(Arc::new(record)), curve: None }
        };
        let members = lambda.iter().zip(error).enumerate().map(member).collect();
        Group { arm: arm.to_owned(), point: vec![], members, ..Group::default() }
    }

    fn said(groups: Vec<Group>, baseline: &str) -> String {
        let results = Results { axes: vec![], groups };
        let present = [Quantity::TestError, Quantity::LambdaMax];
        sentence(&results, &present, &Reference::choose(&results, Some(baseline))).unwrap_or_default()
    }

    #[test]
    fn a_sentence_says_what_the_intervals_say() {
        let flat = || group("flat", &[4.0, 4.2, 4.1], &[0.10, 0.09, 0.11]);
        let sharp = || group("sharp", &[18.0, 18.4, 18.1], &[0.11, 0.08, 0.13]);
        let expected = "flat is flatter: lambda_max 4.1 vs 18.2, ratio 0.2257 [0.221, 0.230]; ";
        for baseline in ["flat", "sharp"] {
            let said = said(vec![flat(), sharp()], baseline);
            assert!(said.starts_with(&expected[..44]) && said.ends_with("(n=3)"), "{said}");
            assert!(said.contains("test error not distinguishable: 0."), "{said}");
        }
        let worse = said(vec![flat(), group("bad", &[4.1, 4.1, 4.0], &[0.4, 0.4, 0.4])], "flat");
        assert!(
            worse.starts_with("neither is flatter (bad against flat): lambda_max 4.07 vs 4.1"),
            "{worse}"
        );
        assert!(worse.contains("test error of bad is higher, which is worse: 0.4 vs 0.1"), "{worse}");
        let many = said(vec![flat(), sharp(), group("bad", &[4.1, 4.1, 4.0], &[0.4, 0.4, 0.4])], "flat");
        assert_eq!(
            many,
            "lambda_max above flat in 1, not distinguishable in 1 of 2; test error above flat in 1, not distinguishable in 1 of 2"
        );
        let single = said(vec![group("a", &[4.0], &[0.1]), group("b", &[5.0], &[0.2])], "a");
        assert_eq!(
            single,
            "lambda_max 5 vs 4, of one seed each: nothing is told of the spread; test error 0.2 vs 0.1, of one seed each: \
             nothing is told of the spread (n=1)"
        );
        assert_eq!(said(vec![flat()], "flat"), "");
    }
}
