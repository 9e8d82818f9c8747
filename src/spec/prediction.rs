//! What a claim predicts, as a name: the hash of everything that is fixed before the runs (SCIENCE §0), and of nothing
//! that may change later: words, ids, what else is measured.

use super::cell::{Claim, Experiment};
use crate::base::ids;

/// The name of what `claim` predicts of these experiments: its kind, expectation, constants and smallest effect, and of
/// each experiment the arms, the sweep, the seeds and the settings of its runs. Neither the data nor the version of the
/// engine enters it: a prediction outlives both.
pub fn name(claim: &Claim, experiments: &[&Experiment]) -> String {
    let expect = claim.expect.as_ref().map(ToString::to_string).unwrap_or_default();
    let constants = claim.constants.iter().map(|constant| format!("{} = {}", constant.name, constant.value));
    let constants = constants.collect::<Vec<_>>().join("; ");
    let rule = format!("{:?}|{expect}|{constants}|{}", claim.kind, claim.smallest_effect);
    let mut parts = vec!["lowland prediction".to_owned(), rule];
    for experiment in experiments {
        let axes = experiment.axes.iter().map(|axis| format!("{} {:?}", axis.path, axis.values));
        let axes = axes.collect::<Vec<_>>().join("; ");
        parts.push(format!("{:?}|{axes}|{:?}", experiment.arms, experiment.seeds));
        // Seeds stand innermost, and the runs of one arm and point differ in nothing else.
        let firsts = experiment.runs.iter().step_by(experiment.seeds.len().max(1));
        parts.extend(firsts.map(|run| run.spec.canonical()));
    }
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    ids::content_hash(&parts).chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Context, parse};

    const EXPERIMENT: &str = "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n\
                              seeds: 3\nsweep: {optimizer.batch_size: [2, 4]}\n";
    const CLAIM: &str = "id: c\nsays: It learns.\nfrom: e\nkind: law\nexpect: train_loss < 1\n";

    fn named(claim: &str, experiment: &str) -> String {
        let experiment = parse::experiment(experiment, &Context::default()).unwrap();
        name(&parse::claim(claim).unwrap(), &[&experiment])
    }

    #[test]
    fn what_is_fixed_before_the_runs_has_a_name_and_nothing_else_changes_it() {
        let first = named(CLAIM, EXPERIMENT);
        assert_eq!(first.len(), 32);
        for (from, to) in [
            ("id: c", "id: d"),
            ("It learns.", "It surely learns."),
            ("train_loss < 1", "train_loss  <  1.0"),
        ] {
            assert_eq!(named(&CLAIM.replace(from, to), EXPERIMENT), first, "{to}");
        }
        for (from, to) in [
            ("id: e", "id: f"),
            ("seeds: 3", "seeds: [0, 1, 2]"),
            ("seeds: 3", "measure: [lambda_max]\nseeds: 3"),
        ] {
            assert_eq!(named(CLAIM, &EXPERIMENT.replace(from, to)), first, "{to}");
        }
        for (from, to) in [
            ("< 1", "< 2"),
            ("law", "direction"),
            ("from", "smallest_effect: 0.1\nfrom"),
            ("from", "let: {a: 1}\nfrom"),
        ] {
            assert_ne!(named(&CLAIM.replace(from, to), EXPERIMENT), first, "{to}");
        }
        for (from, to) in
            [("seeds: 3", "seeds: 4"), ("[2, 4]", "[2, 8]"), ("rate: 1", "rate: 2"), ("train: 9", "train: 8")]
        {
            assert_ne!(named(CLAIM, &EXPERIMENT.replace(from, to)), first, "{to}");
        }
    }
}
