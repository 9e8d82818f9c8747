use std::collections::HashMap;

use super::{Supply, run};
use crate::base::RunId;
use crate::data::{Problem, prepare_run};
use crate::science::after::{self, Array};
use crate::science::fixtures::{HE, Recorder, mlp, run_spec};
use crate::science::train::{Ending, Outcome, Start, train, train_from};
use crate::spec::{
    Activation, DatasetSpec, Growing, Init, InitKind, LabelKind, Loss, Mask, MeasureSpec, ModelSpec,
    OptimizerKind, OptimizerSpec, Procedure, Quantity, Rewind, RunSpec, RunStream, SeedOf, Source, Stop,
};

/// Makes examples up, and remembers the weights that it is given.
#[derive(Default)]
struct Made {
    known: HashMap<RunId, (Vec<Array>, u64)>,
    found: usize,
}

impl Supply for Made {
    fn problem(&mut self, spec: &RunSpec) -> Result<Problem, String> {
        Ok(examples(spec))
    }

    fn weights(&mut self, spec: &RunSpec) -> Option<(Vec<Array>, u64)> {
        let known = self.known.get(&spec.id("")).cloned();
        self.found += usize::from(known.is_some());
        known
    }
}

fn examples(spec: &RunSpec) -> Problem {
    prepare_run(spec, None).unwrap()
}

/// Small networks on a teacher, at most 120 steps.
fn base() -> RunSpec {
    RunSpec {
        dataset: DatasetSpec::of(Source::Teacher { inputs: 6, hidden: 2, classes: 3 }, 60, 40),
        stop: Stop::after(120),
        ..run_spec()
    }
}

fn with(procedure: Procedure) -> RunSpec {
    RunSpec { procedure, ..base() }
}

fn prune(rounds: u64, rewind: Rewind, mask: Mask) -> RunSpec {
    with(Procedure::Prune { rounds, fraction: 0.5, rewind, mask })
}

/// The usual run and another.
fn pair(other: RunSpec) -> RunSpec {
    with(Procedure::Pair { one: Box::new(base()), other: Box::new(other), apart: Vec::new() })
}

fn measured(spec: &RunSpec, measures: &[Quantity]) -> Outcome {
    let measures: Vec<_> = measures.iter().map(|quantity| MeasureSpec::at_end(*quantity)).collect();
    let (mut supply, mut recorder) = (Made::default(), Recorder::default());
    run(spec, &examples(spec), &measures, None, &mut supply, &mut recorder).unwrap()
}

fn flat(outcome: &Outcome) -> Vec<f32> {
    outcome.weights.iter().flat_map(|(_, _, values)| values.clone()).collect()
}

/// One of each procedure.
fn each() -> Vec<RunSpec> {
    let mut random = base();
    random.dataset.labels = LabelKind::Random;
    let noisy = |spec: RunSpec| {
        let mut spec = spec;
        spec.dataset.label_noise = 0.2;
        spec
    };
    vec![
        with(Procedure::Continue { after: Box::new(random) }),
        with(Procedure::WarmStart { over: Growing::Hidden, through: vec![2, 5] }),
        with(Procedure::WarmStart { over: Growing::Train, through: vec![10, 30] }),
        prune(2, Rewind::Init, Mask::Magnitude),
        prune(2, Rewind::Fresh, Mask::Magnitude),
        prune(1, Rewind::Last, Mask::Magnitude),
        prune(1, Rewind::Step(20), Mask::Random),
        noisy(with(Procedure::Ensemble { init: 2, data: 2, noise: 2 })),
        pair(RunSpec { seed_of: SeedOf { init: Some(7), ..SeedOf::default() }, ..base() }),
        with(Procedure::EffectiveComplexity { train_error: 0.05 }),
        with(Procedure::Prequential { first: 8 }),
    ]
}

#[test]
fn interrupted_anywhere_each_goes_on_to_the_same_bits() {
    for spec in each() {
        let problem = examples(&spec);
        let measures = [MeasureSpec::at_end(Quantity::DistanceFromInit)];
        let mut whole = Recorder { impatient: true, save_every: Some(41), ..Recorder::default() };
        let expected = run(&spec, &problem, &measures, None, &mut Made::default(), &mut whole).unwrap();
        assert!(!matches!(expected.ending, Ending::Interrupted | Ending::Diverged), "{spec:?}");
        assert!(whole.kept.len() > 1, "{}", spec.procedure.word());
        for (checkpoint, rows) in whole.kept.iter().step_by(3) {
            let mut rest = Recorder::default();
            let found =
                run(&spec, &problem, &measures, Some(checkpoint), &mut Made::default(), &mut rest).unwrap();
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{}", spec.procedure.word());
            assert_eq!(rest.rows.len(), whole.rows.len() - rows, "{}", spec.procedure.word());
        }
        let other = RunSpec { seed: 9, ..spec.clone() };
        let refused = run(
            &other,
            &problem,
            &measures,
            Some(&whole.kept[0].0),
            &mut Made::default(),
            &mut Recorder::default(),
        );
        assert!(refused.is_err(), "of another run");
    }
}

/// What a run is made of may be stored or not: the bits are the same.
#[test]
fn nothing_depends_on_what_is_stored() {
    for spec in each() {
        let problem = examples(&spec);
        let alone = run(&spec, &problem, &[], None, &mut Made::default(), &mut Recorder::default()).unwrap();
        let mut supply = Made::default();
        for part in [
            RunSpec { procedure: Procedure::Train, ..spec.clone() },
            prune(1, Rewind::Init, Mask::Magnitude),
            with(Procedure::WarmStart { over: Growing::Hidden, through: vec![2] }),
        ] {
            let mut part = part;
            if matches!(spec.procedure, Procedure::WarmStart { over: Growing::Hidden, .. })
                && let ModelSpec::Mlp { hidden, .. } = &mut part.model
            {
                *hidden = vec![5];
            }
            let outcome =
                run(&part, &examples(&part), &[], None, &mut Made::default(), &mut Recorder::default());
            let outcome = if part.procedure.is_train() {
                train(&part, &examples(&part), &[], None, &mut Recorder::default())
            } else {
                outcome
            };
            let outcome = outcome.unwrap();
            supply.known.insert(part.id(""), (outcome.weights, outcome.steps));
        }
        let found = run(&spec, &problem, &[], None, &mut supply, &mut Recorder::default()).unwrap();
        assert_eq!(flat(&found), flat(&alone), "{}", spec.procedure.word());
        let takes = matches!(spec.procedure, Procedure::Prune { mask: Mask::Magnitude, .. });
        assert!(!takes || supply.found > 0, "{}", spec.procedure.word());
    }
}

#[test]
fn a_run_goes_on_where_the_one_before_ended() {
    let spec = &each()[0];
    let Procedure::Continue { after } = &spec.procedure else { panic!("it continues nothing") };
    let before = train(after, &examples(after), &[], None, &mut Recorder::default()).unwrap();
    let start = Start { weights: Some(flat(&before)), mask: None };
    let plain = RunSpec { procedure: Procedure::Train, ..spec.clone() };
    let by_hand = train_from(&plain, &examples(&plain), &[], start, None, &mut Recorder::default()).unwrap();
    let found = measured(spec, &[Quantity::DistanceFromInit]);
    assert_eq!(flat(&found), flat(&by_hand));
    let moved: f64 = flat(&found)
        .iter()
        .zip(flat(&before))
        .map(|(a, b)| f64::from(*a) - f64::from(b))
        .map(|d| d * d)
        .sum::<f64>();
    assert!((found.measures["distance_from_init"] - moved.sqrt()).abs() < 1e-9, "it began there");
}

/// Without a step to take, a wider network has the weights of the narrower one in its corner.
#[test]
fn a_wider_network_begins_with_the_narrower_one() {
    let mut spec = with(Procedure::WarmStart { over: Growing::Hidden, through: vec![5] });
    spec.optimizer = OptimizerSpec::sgd(1e-30, 8);
    let mut narrow = base();
    narrow.optimizer = spec.optimizer.clone();
    if let ModelSpec::Mlp { hidden, .. } = &mut narrow.model {
        *hidden = vec![5];
    }
    let small = train(&narrow, &examples(&narrow), &[], None, &mut Recorder::default()).unwrap();
    let (small, large) = (flat(&small), flat(&measured(&spec, &[])));
    // 6-5-3 within 6-16-3: the first 5 rows of six, and the first 5 of 16 in each of 3 rows.
    assert_eq!(small[..30], large[..30]);
    for row in 0..3 {
        assert_eq!(small[35 + row * 5..40 + row * 5], large[112 + row * 16..117 + row * 16]);
    }
    let drawn = train(
        &RunSpec { procedure: Procedure::Train, ..spec },
        &examples(&base()),
        &[],
        None,
        &mut Recorder::default(),
    );
    assert_eq!(flat(&drawn.unwrap())[30..96], large[30..96], "the others begin as they would anyway");
}

#[test]
fn pruned_weights_stay_at_zero_whatever_takes_the_steps() {
    let kinds = [
        OptimizerSpec::sgd(0.1, 8),
        OptimizerSpec { momentum: 0.9, weight_decay: 0.01, ..OptimizerSpec::sgd(0.05, 8) },
        OptimizerSpec { kind: OptimizerKind::SignGd, ..OptimizerSpec::sgd(0.01, 8) },
    ];
    for optimizer in kinds {
        for (rounds, left) in [(1, (48.0 + 36.0) / 144.0), (2, (24.0 + 27.0) / 144.0)] {
            for mask in [Mask::Magnitude, Mask::Random] {
                let spec = RunSpec { optimizer: optimizer.clone(), ..prune(rounds, Rewind::Init, mask) };
                let outcome = measured(&spec, &[Quantity::RemainingWeights]);
                assert_eq!(outcome.measures["remaining_weights"], left, "{optimizer:?} {mask:?}");
            }
        }
    }
}

#[test]
fn the_mask_leaves_the_largest_and_the_rest_begins_where_it_is_told_to() {
    let dense = train(&base(), &examples(&base()), &[], None, &mut Recorder::default()).unwrap();
    let dense = flat(&dense);
    let still = |rewind| {
        let mut spec = prune(1, rewind, Mask::Magnitude);
        spec.stop = Stop::after(120);
        let outcome = measured(&spec, &[]);
        flat(&outcome)
    };
    let ticket = still(Rewind::Init);
    let smallest_kept =
        (0..96).filter(|&k| ticket[k] != 0.0).map(|k| dense[k].abs()).fold(f32::INFINITY, f32::min);
    let largest_gone = (0..96).filter(|&k| ticket[k] == 0.0).map(|k| dense[k].abs()).fold(0.0, f32::max);
    assert!(largest_gone <= smallest_kept);
    let others = [Rewind::Fresh, Rewind::Last, Rewind::Step(50)].map(still);
    for other in &others {
        assert!((0..96).all(|k| (other[k] == 0.0) == (ticket[k] == 0.0)), "the same mask");
        assert_ne!(other[..], ticket[..]);
    }
}

#[test]
fn members_of_an_ensemble_are_runs_and_their_mean_is_better_than_they_are() {
    let mut spec = with(Procedure::Ensemble { init: 5, data: 1, noise: 1 });
    spec.seed = 2;
    let outcome = measured(
        &spec,
        &[
            Quantity::PredictionBias,
            Quantity::PredictionVariance,
            Quantity::MemberSquaredError,
            Quantity::MemberError,
            Quantity::MemberLoss,
            Quantity::VarianceInit,
            Quantity::VarianceData,
            Quantity::CentredVariance,
        ],
    );
    let m = &outcome.measures;
    assert!((m["prediction_bias"] + m["prediction_variance"] - m["member_squared_error"]).abs() < 1e-12);
    assert_eq!(m["variance_init"], m["prediction_variance"]);
    assert!(!m.contains_key("variance_data"), "nothing varied in it");
    assert!(m["test_loss"] < m["member_loss"], "Jensen");
    let members = super::ensemble::members(&spec, [5, 1, 1]);
    let mean = |name: &str| {
        let one = |spec: &RunSpec| {
            train(spec, &examples(spec), &[], None, &mut Recorder::default()).unwrap().measures[name]
        };
        members.iter().map(one).sum::<f64>() / 5.0
    };
    assert!((m["member_loss"] - mean("test_loss")).abs() < 1e-5);
    assert!((m["member_error"] - mean("test_error")).abs() < 1e-6);
    assert!((m["train_loss"] - mean("train_loss")).abs() < 1e-5);
    assert_eq!(members[0].seed, 10);
    // Parts of one sample share no example.
    let parts = super::ensemble::members(&spec, [1, 3, 1]).map_parts();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(parts[a].chunks(6).all(|row| parts[b].chunks(6).all(|other| row != other)));
    }
}

trait Parts {
    fn map_parts(&self) -> Vec<Vec<f32>>;
}

impl Parts for Vec<RunSpec> {
    fn map_parts(&self) -> Vec<Vec<f32>> {
        self.iter().map(|member| examples(member).train.x).collect()
    }
}

#[test]
fn as_many_examples_are_fitted_as_are_found_and_one_more_is_not() {
    let mut spec = with(Procedure::EffectiveComplexity { train_error: 0.02 });
    spec.dataset.label_noise = 0.5;
    let outcome = measured(&spec, &[]);
    let found = outcome.measures["effective_complexity"] as usize;
    assert!((2..60).contains(&found), "{found}");
    let error = |n: usize| {
        let mut part = RunSpec { procedure: Procedure::Train, ..spec.clone() };
        part.dataset.train = n;
        train(&part, &examples(&part), &[], None, &mut Recorder::default()).unwrap().measures["train_error"]
    };
    assert!(error(found) <= 0.02 && error(found + 1) > 0.02);
    assert_eq!(outcome.measures["train_error"], error(found));
}

/// A model that never learns anything codes each label in log₂ K bits, whatever the blocks.
#[test]
fn what_learns_nothing_codes_uniformly_and_what_learns_codes_shorter() {
    let mut spec = with(Procedure::Prequential { first: 7 });
    spec.model = mlp(&[4], Activation::Tanh, Init { kind: InitKind::Normal, scale: 0.0 });
    spec.optimizer = OptimizerSpec::sgd(1e-30, 8);
    let uniform = 60.0 * 3.0_f64.log2();
    assert!((measured(&spec, &[]).measures["code_length"] - uniform).abs() < 1e-9);
    let learned = measured(&with(Procedure::Prequential { first: 7 }), &[]).measures["code_length"];
    assert!(learned < 0.9 * uniform, "{learned} of {uniform}");
    let mut signs = RunSpec { loss: Loss::Logistic, ..spec };
    signs.dataset.source = Source::Teacher { inputs: 6, hidden: 2, classes: 2 };
    signs.model = mlp(&[4], Activation::Tanh, Init { scale: 0.0, ..HE });
    assert!((measured(&signs, &[]).measures["code_length"] - 60.0).abs() < 1e-9);
}

/// A pair walks between the very runs that stand alone, and there is nothing between a run and its own copy.
#[test]
fn between_two_runs_lies_what_a_walk_between_them_finds() {
    let start = RunSpec { seed_of: SeedOf { init: Some(7), ..SeedOf::default() }, ..base() };
    let spec = pair(start.clone());
    let asked =
        [Quantity::Barrier, Quantity::AlignedBarrier, Quantity::CurvedBarrier, Quantity::ErrorBarrier];
    let found = measured(&spec, &asked);
    let [here, there] = [base(), start].map(|spec| measured(&spec, &[]).weights);
    let ways =
        after::between(&base(), &examples(&base()), [&here, &there], (25, true), &mut Recorder::default());
    let heights: Vec<f64> = ways.unwrap().into_iter().map(|(_, height)| height).collect();
    let names = ["barrier", "aligned_barrier", "curved_barrier"];
    assert_eq!(names.map(|name| found.measures[name]).to_vec(), heights);
    assert!(found.measures["barrier"] > 1e-3 && found.measures["error_barrier"] >= 0.0, "{found:?}");
    assert_eq!(found.measures["train_loss"], measured(&base(), &[]).measures["train_loss"]);
    assert_eq!(found.details.slices.len(), 3);
    let twin = RunSpec { stop: Stop::after(base().stop.steps), ..base() };
    let same = measured(&pair(twin), &asked);
    assert!(same.measures["barrier"].abs() < 1e-12 && same.measures["error_barrier"] == 0.0, "{same:?}");
}

/// Streams that are apart are so at every seed, also in what a run goes on from.
#[test]
fn the_runs_of_a_pair_have_seeds_of_their_own_where_they_are_apart() {
    let staged = with(Procedure::Continue { after: Box::new(base()) });
    let apart = vec![RunStream::Init];
    let spec =
        with(Procedure::Pair { one: Box::new(base()), other: Box::new(staged), apart }).at_seed(3).at_seed(4);
    let Procedure::Pair { one, other, .. } = &spec.procedure else { panic!("no pair") };
    let Procedure::Continue { after } = &other.procedure else { panic!("no stages") };
    let seeds = [one.as_ref(), other.as_ref(), after.as_ref()].map(|run| (run.init_seed(), run.order_seed()));
    assert_eq!(seeds, [(4, 4), (1_000_004, 4), (1_000_004, 4)]);
}
