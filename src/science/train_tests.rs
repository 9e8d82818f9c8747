//! What a run promises, whatever it trains: the same bits, independent streams, honest endings.

use std::collections::BTreeMap;

use super::dense;
use super::fixtures::{HE, Recorder, blobs, mlp, run_spec};
use super::train::{Ending, Outcome, train};
use super::{Checkpoint, Go, Observer};
use crate::data::Problem;
use crate::spec::{
    Activation, Engine, Init, InitKind, Loss, MeasureSpec, ModelSpec, Moments, OptimizerKind, OptimizerSpec,
    Quantity, RateSchedule, RateShape, RunSpec, SeedOf, Setting, Stop, When,
};

fn trained(spec: &RunSpec, measures: &[MeasureSpec]) -> (Outcome, Recorder) {
    trained_on(&blobs(60, 30, 6, 3), spec, measures)
}

fn trained_on(problem: &Problem, spec: &RunSpec, measures: &[MeasureSpec]) -> (Outcome, Recorder) {
    let mut recorder = Recorder::default();
    let outcome = train(spec, problem, measures, None, &mut recorder).unwrap();
    (outcome, recorder)
}

fn measured(quantity: Quantity, when: When) -> MeasureSpec {
    MeasureSpec { when, ..MeasureSpec::at_end(quantity) }
}

fn bits(outcome: &Outcome) -> Vec<u32> {
    outcome.weights.iter().flat_map(|(_, _, values)| values.iter().map(|value| value.to_bits())).collect()
}

/// `run_spec` with another step.
fn with(change: impl FnOnce(&mut OptimizerSpec)) -> RunSpec {
    let mut spec = run_spec();
    change(&mut spec.optimizer);
    spec
}

#[test]
fn the_same_run_gives_the_same_bits() {
    for spec in [
        run_spec(),
        with(|sgd| sgd.batch_size = 60),
        with(|sgd| (sgd.momentum, sgd.weight_decay) = (0.9, 0.01)),
    ] {
        let measures =
            [measured(Quantity::LambdaMax, When::Every(64)), MeasureSpec::at_end(Quantity::HessianTrace)];
        let (first, first_seen) = trained(&spec, &measures);
        let (second, second_seen) = trained(&spec, &measures);
        assert_eq!(bits(&first), bits(&second));
        assert_eq!(first, second);
        assert_eq!(first_seen.rows, second_seen.rows);
    }
}

/// What a processor has for vectors shows nowhere: weights, curves and curvature have the same bits. Trivial on machines
/// that have no longer vectors than these.
#[test]
fn longer_vectors_give_the_same_bits() {
    let tanh = &[16][..];
    for (loss, activation, hidden) in [
        (Loss::Squared, Activation::Tanh, tanh),
        (Loss::CrossEntropy, Activation::Tanh, tanh),
        (Loss::Logistic, Activation::Tanh, tanh),
        (Loss::CrossEntropy, Activation::Relu, &[20, 7]),
        (Loss::CrossEntropy, Activation::Gelu, &[20, 7]),
    ] {
        let spec = RunSpec { loss, model: mlp(hidden, activation, HE), stop: Stop::after(60), ..run_spec() };
        let classes = if loss == Loss::Logistic { 2 } else { 3 };
        let problem = blobs(60, 30, 6, classes).for_loss(loss).unwrap();
        let measures = [
            measured(Quantity::LambdaMax, When::Every(20)),
            MeasureSpec::at_end(Quantity::HessianTrace),
            MeasureSpec::at_end(Quantity::SamSharpness),
        ];
        let run = || {
            let (outcome, seen) = trained_on(&problem, &spec, &measures);
            (outcome, seen.rows)
        };
        let widest = run();
        assert!(dense::shorter::with(run).is_none_or(|shorter| shorter == widest), "{loss:?} {activation:?}");
    }
}

/// Also where the last panel of a layer is mostly padding, of which nothing may be counted.
#[test]
fn the_weight_norm_is_that_of_the_weights() {
    let check = || {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Linear] {
            for hidden in [&[5][..], &[20, 7], &[24, 24, 24], &[33]] {
                let spec = RunSpec { model: mlp(hidden, activation, HE), ..run_spec() };
                let (outcome, _) = trained(&spec, &[]);
                let weights = outcome.weights.iter().flat_map(|(_, _, values)| values);
                let norm = weights.map(|weight| f64::from(*weight).powi(2)).sum::<f64>().sqrt();
                let measured = outcome.measures["weight_norm"];
                assert!(
                    (measured - norm).abs() < 1e-12 * norm,
                    "{activation:?} {hidden:?}: {measured}, {norm}"
                );
            }
        }
    };
    check();
    dense::shorter::with(check);
}

#[test]
fn measuring_moves_neither_weights_nor_rows_nor_the_end() {
    let mut spec = run_spec();
    spec.stop.train_loss = Some(0.3);
    spec.stop.steps = 5000;
    let (alone, alone_seen) = trained(&spec, &[]);
    let measures = [
        measured(Quantity::LambdaMax, When::Every(5)),
        measured(Quantity::TrainLoss, When::Every(1)),
        measured(Quantity::SamSharpness, When::Share(0.5)),
        measured(Quantity::HessianTrace, When::Epochs(vec![0, 1, 2])),
    ];
    let (with, with_seen) = trained(&spec, &measures);
    assert_eq!((alone.ending, alone.steps, bits(&alone)), (with.ending, with.steps, bits(&with)));
    for (step, row) in &alone_seen.rows {
        let (_, other) = with_seen.rows.iter().find(|(other, _)| other == step).unwrap();
        assert!(row.iter().all(|(name, value)| other.get(name) == Some(value)), "row {step}");
    }
}

#[test]
fn seed_and_order_decide_the_weights() {
    let (base, _) = trained(&run_spec(), &[]);
    let mut other_seed = run_spec();
    other_seed.seed = 2;
    let (other, _) = trained(&other_seed, &[]);
    assert_ne!(bits(&base), bits(&other));
    // The initial weights come from a stream of their own: how batches are drawn does not touch them.
    let initial = |batch_size| {
        let mut spec = with(|sgd| sgd.batch_size = batch_size);
        spec.stop.steps = 0;
        bits(&trained(&spec, &[]).0)
    };
    assert_eq!(initial(8), initial(60));
}

#[test]
fn a_pinned_stream_stays_and_the_others_follow_the_seed() {
    let weights = |seed, seed_of, steps| {
        let mut spec = RunSpec { seed, seed_of, ..run_spec() };
        spec.stop.steps = steps;
        bits(&trained(&spec, &[]).0)
    };
    let of = |init, order| SeedOf { init, order, ..SeedOf::default() };
    assert_eq!(weights(2, of(Some(1), None), 0), weights(1, of(None, None), 0));
    assert_ne!(weights(2, of(Some(1), None), 20), weights(1, of(None, None), 20));
    assert_eq!(weights(2, of(Some(1), Some(1)), 20), weights(1, of(None, None), 20));
    assert_ne!(weights(2, of(None, Some(1)), 20), weights(1, of(None, None), 20));
}

#[test]
fn a_target_loss_ends_the_run_at_or_below_it() {
    for (engine, batch_size) in
        [(Engine::Dense, 8), (Engine::Dense, 60), (Engine::Autograd, 60), (Engine::Autograd, 8)]
    {
        let mut spec = with(|sgd| (sgd.batch_size, sgd.learning_rate) = (batch_size, 0.5));
        (spec.engine, spec.stop.steps, spec.stop.train_loss) = (engine, 3000, Some(0.2));
        let (outcome, seen) = trained(&spec, &[]);
        assert_eq!(outcome.ending, Ending::TrainLoss, "{engine:?}, batch {batch_size}");
        assert!(outcome.measures["train_loss"] <= 0.2 && outcome.steps < 3000);
        assert!(outcome.measures["train_loss"] > 0.1, "looked too late: {:?}", outcome.measures);
        assert_eq!(seen.rows.last().unwrap(), &(outcome.steps, outcome.measures.clone()));
    }
}

#[test]
fn accuracies_and_gradients_end_runs_at_what_is_measured_of_them() {
    for (engine, batch_size) in [(Engine::Dense, 8), (Engine::Dense, 60), (Engine::Autograd, 60)] {
        let mut spec = with(|sgd| (sgd.batch_size, sgd.learning_rate) = (batch_size, 0.5));
        (spec.engine, spec.stop) = (engine, Stop { train_accuracy: Some(0.95), ..Stop::after(3000) });
        let (outcome, _) = trained(&spec, &[]);
        assert_eq!(outcome.ending, Ending::TrainAccuracy, "{engine:?}, batch {batch_size}");
        assert!((0.95..1.0).contains(&outcome.measures["train_accuracy"]), "{:?}", outcome.measures);
        spec.stop = Stop { gradient_norm: Some(0.1), ..Stop::after(3000) };
        let (outcome, _) = trained(&spec, &[MeasureSpec::at_end(Quantity::GradientNorm)]);
        assert_eq!(outcome.ending, Ending::GradientNorm, "{engine:?}, batch {batch_size}");
        assert!(outcome.measures["gradient_norm"] <= 0.1 && outcome.steps < 3000, "{:?}", outcome.measures);
    }
}

#[test]
fn rows_are_ordered_start_at_zero_and_end_with_the_result() {
    let measures =
        [measured(Quantity::LambdaMax, When::Every(70)), MeasureSpec::at_end(Quantity::GradientNorm)];
    let (outcome, seen) = trained(&run_spec(), &measures);
    let steps: Vec<u64> = seen.rows.iter().map(|(step, _)| *step).collect();
    assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
    assert_eq!((steps.first(), steps.last()), (Some(&0), Some(&200)));
    let with_lambda: Vec<u64> =
        seen.rows.iter().filter(|(_, row)| row.contains_key("lambda_max")).map(|(step, _)| *step).collect();
    assert_eq!(with_lambda, [0, 70, 140, 200]);
    let columns: Vec<&str> = outcome.measures.keys().map(String::as_str).collect();
    assert_eq!(
        columns,
        [
            "generalization_gap",
            "gradient_norm",
            "lambda_max",
            "lambda_max_residual",
            "test_accuracy",
            "test_error",
            "test_loss",
            "train_accuracy",
            "train_error",
            "train_loss",
            "weight_norm",
        ]
    );
    assert!(outcome.measures["train_loss"] < 0.5 * seen.rows[0].1["train_loss"]);
}

#[test]
fn a_network_that_died_of_a_step_too_far_has_diverged() {
    // The loss of a dead relu network is that of a constant: finite, unmoving, and no result of training.
    let mut spec = with(|sgd| (sgd.learning_rate, sgd.batch_size) = (40.0, 60));
    spec.model = mlp(&[16, 16], Activation::Relu, super::fixtures::HE);
    spec.loss = Loss::Squared;
    let (outcome, _) = trained(&spec, &[]);
    assert_eq!(outcome.ending, Ending::Diverged);
    assert!(outcome.steps < 10, "{}", outcome.steps);
}

#[test]
fn divergence_is_a_result() {
    let measures = [MeasureSpec::at_end(Quantity::LambdaMax), MeasureSpec::at_end(Quantity::HessianTrace)];
    for (activation, loss, batch_size) in [
        (Activation::Relu, Loss::Squared, 8),
        (Activation::Relu, Loss::CrossEntropy, 60),
        (Activation::Linear, Loss::Squared, 60),
        (Activation::Gelu, Loss::Squared, 8),
    ] {
        let mut spec = with(|sgd| (sgd.learning_rate, sgd.batch_size) = (1e6, batch_size));
        spec.model = mlp(&[16, 16], activation, super::fixtures::HE);
        spec.loss = loss;
        let (outcome, seen) = trained(&spec, &measures);
        assert_eq!(outcome.ending, Ending::Diverged, "{activation:?}, {loss:?}");
        assert!(outcome.steps < 200 && seen.rows[0].1["train_loss"].is_finite());
        let last = outcome.measures["train_loss"];
        assert!(!last.is_finite() || last > 1e5, "{last}");
        let columns = ["lambda_max_residual", "hessian_trace_se"];
        assert!(columns.iter().all(|name| outcome.measures.contains_key(*name)));
    }
}

#[test]
fn an_observer_can_stop_a_run() {
    let mut spec = run_spec();
    spec.stop.steps = u64::MAX;
    let mut recorder = Recorder { stop_at: Some(3), ..Recorder::default() };
    let outcome = train(&spec, &blobs(60, 30, 6, 3), &[], None, &mut recorder).unwrap();
    assert_eq!((outcome.ending, recorder.ticks), (Ending::Interrupted, 3));
    assert!(outcome.measures.is_empty() && outcome.steps > 0);
    // Long measurements listen, too.
    let mut recorder = Recorder { stop_at: Some(1), ..Recorder::default() };
    spec.stop.steps = 1;
    let mut trace = MeasureSpec::at_end(Quantity::HessianTrace);
    trace.settings.set(Setting::Probes, 1e15);
    let outcome = train(&spec, &blobs(60, 30, 6, 3), &[trace], None, &mut recorder).unwrap();
    assert_eq!(outcome.ending, Ending::Interrupted);
}

#[test]
fn both_engines_walk_the_same_path() {
    for (hidden, kind) in [(&[][..], InitKind::Lecun), (&[9], InitKind::Ntk), (&[9, 9], InitKind::He)] {
        let mut spec = with(|sgd| sgd.momentum = 0.5);
        let init = Init { kind, scale: 1.0 };
        spec.model = ModelSpec::Mlp {
            hidden: hidden.to_vec(),
            activation: Activation::Gelu,
            bias: false,
            init,
            batch_norm: false,
            dropout: 0.0,
        };
        let (dense, _) = trained(&spec, &[]);
        spec.engine = Engine::Autograd;
        let (autograd, _) = trained(&spec, &[]);
        let (dense, autograd) = (dense.measures["train_loss"], autograd.measures["train_loss"]);
        assert!((dense / autograd - 1.0).abs() < 1e-4, "{kind:?}: {dense} and {autograd}");
    }
}

/// Every rule, and everything that may stand beside one.
fn optimizers() -> Vec<(&'static str, OptimizerSpec)> {
    let moments = Moments { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let (sgd, schedule) =
        (OptimizerSpec::sgd(0.1, 8), RateSchedule { shape: RateShape::InverseSqrt, warmup: 9 });
    let kind = |kind, learning_rate| OptimizerSpec { kind, learning_rate, ..sgd.clone() };
    vec![
        ("plain", sgd.clone()),
        ("momentum", OptimizerSpec { momentum: 0.9, ..sgd.clone() }),
        ("nesterov", OptimizerSpec { momentum: 0.9, nesterov: true, ..sgd.clone() }),
        ("adam", kind(OptimizerKind::Adam(moments), 0.01)),
        ("adamw", OptimizerSpec { weight_decay: 0.1, ..kind(OptimizerKind::Adamw(moments), 0.01) }),
        ("sign_gd", kind(OptimizerKind::SignGd, 0.01)),
        ("mirror", kind(OptimizerKind::Mirror { beta: 0.5 }, 0.2)),
        ("sam", kind(OptimizerKind::Sam { rho: 0.05 }, 0.1)),
        ("asam", kind(OptimizerKind::Asam { rho: 0.5, eta: 0.01 }, 0.1)),
        ("clip", OptimizerSpec { clip: Some(0.1), learning_rate: 0.5, ..sgd.clone() }),
        ("label noise", OptimizerSpec { label_noise: 0.1, ..sgd.clone() }),
        ("schedule", OptimizerSpec { schedule, learning_rate: 1.0, ..sgd.clone() }),
    ]
}

#[test]
fn every_rule_comes_down_and_no_two_to_the_same() {
    let mut seen = Vec::new();
    for (name, optimizer) in optimizers() {
        let spec = RunSpec { optimizer, ..run_spec() };
        let (outcome, recorder) = trained(&spec, &[]);
        let (first, last) = (recorder.rows[0].1["train_loss"], outcome.measures["train_loss"]);
        assert!(last < 0.7 * first, "{name}: from {first} to {last}");
        // Epochs are passes over the examples, however many gradients a step takes.
        let mut epochs = Epochs::default();
        train(&spec, &blobs(60, 30, 6, 3), &[], None, &mut epochs).unwrap();
        assert!((epochs.last - 25.0).abs() < 1e-9, "{name}: {}", epochs.last);
        assert!(!seen.contains(&bits(&outcome)), "{name}");
        seen.push(bits(&outcome));
    }
}

/// Remembers the last epoch.
#[derive(Default)]
struct Epochs {
    last: f64,
}

impl Observer for Epochs {
    fn row(&mut self, _: u64, epoch: f64, _: &BTreeMap<String, f64>) {
        self.last = epoch;
    }

    fn tick(&mut self, _: u64, _: f64) -> Go {
        Go::On
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}
}

#[test]
fn both_engines_walk_the_same_path_under_every_rule() {
    for (name, optimizer) in optimizers() {
        // Where the first gradients are next to nothing, their signs are rounding.
        let steps = if matches!(name, "adam" | "adamw" | "sign_gd") { 3 } else { 60 };
        let mut spec = RunSpec { optimizer, ..run_spec() };
        spec.stop.steps = steps;
        let (dense, _) = trained(&spec, &[]);
        spec.engine = Engine::Autograd;
        let (autograd, _) = trained(&spec, &[]);
        let (dense, autograd) = (dense.measures["train_loss"], autograd.measures["train_loss"]);
        assert!((dense / autograd - 1.0).abs() < 1e-4, "{name}: {dense} and {autograd}");
    }
}

#[test]
fn two_classes_are_told_apart_by_one_sign() {
    let problem = blobs(60, 30, 6, 2).for_loss(Loss::Logistic).unwrap();
    for engine in [Engine::Dense, Engine::Autograd] {
        let mut spec = with(|sgd| sgd.learning_rate = 0.5);
        (spec.loss, spec.engine) = (Loss::Logistic, engine);
        let measures =
            [measured(Quantity::LambdaMax, When::End), MeasureSpec::at_end(Quantity::PacBayesSigma)];
        let outcome = train(&spec, &problem, &measures, None, &mut Recorder::default()).unwrap();
        assert!(outcome.measures["train_loss"] < 0.1, "{:?}", outcome.measures);
        assert!(outcome.measures["train_accuracy"] > 0.97 && outcome.measures["test_accuracy"] > 0.7);
        assert!(outcome.measures["lambda_max"].is_finite());
    }
    let mut spec = run_spec();
    spec.loss = Loss::Logistic;
    let refused = train(&spec, &blobs(60, 30, 6, 2), &[], None, &mut Recorder::default()).unwrap_err();
    assert!(refused.to_string().contains("targets ±1"), "{refused}");
}

/// Steps on single examples at rate 1 are Rosenblatt's: w moves by y x where y f ≤ 0, and stands still elsewhere, so weights
/// that begin at zero stay sums of examples and training ends when all are right.
#[test]
fn a_perceptron_learns_by_its_mistakes() {
    let x = [[2.0, 1.0], [1.0, 3.0], [-1.0, -2.0], [-3.0, 1.0]];
    let y = [1.0, 1.0, -1.0, -1.0];
    let part = crate::data::Part {
        x: x.as_flattened().to_vec(),
        y: y.to_vec(),
        labels: y.iter().map(|y| u32::from(*y > 0.0)).collect(),
        n: 4,
    };
    let problem = crate::data::Problem { train: part, inputs: 2, outputs: 1, ..Default::default() };
    let zero = Init { kind: InitKind::Normal, scale: 0.0 };
    for engine in [Engine::Dense, Engine::Autograd] {
        let mut spec = RunSpec { optimizer: OptimizerSpec::sgd(1.0, 1), ..run_spec() };
        spec.model = ModelSpec::Linear { bias: false, init: zero };
        (spec.loss, spec.engine) = (Loss::Perceptron, engine);
        spec.dataset.train = 4;
        spec.stop = Stop { train_accuracy: Some(1.0), ..Stop::after(1_000) };
        let outcome = train(&spec, &problem, &[], None, &mut Recorder::default()).unwrap();
        assert_eq!(outcome.ending, Ending::TrainAccuracy);
        let w = &outcome.weights[0].2;
        assert!(w.iter().all(|w| w.fract() == 0.0 && w.abs() < 100.0), "{w:?}");
        for (x, y) in x.iter().zip(y) {
            assert!(y * (x[0] * w[0] + x[1] * w[1]) > 0.0);
        }
        // One step from zero, where every output is wrong: w = y x of the example that was drawn.
        spec.stop = Stop::after(1);
        let once = train(&spec, &problem, &[], None, &mut Recorder::default()).unwrap();
        let w = &once.weights[0].2;
        assert!(x.iter().zip(y).any(|(x, y)| [y * x[0], y * x[1]] == w[..]), "{w:?}");
    }
}

#[test]
fn problems_that_cannot_be_trained_on_are_refused_in_words() {
    let refused = |change: fn(&mut RunSpec, &mut Problem)| {
        let (mut spec, mut problem) = (run_spec(), blobs(60, 30, 6, 3));
        change(&mut spec, &mut problem);
        train(&spec, &problem, &[], None, &mut Recorder::default()).unwrap_err().to_string()
    };
    assert!(refused(|_, problem| problem.train.n = 0).contains("no training examples"));
    assert!(refused(|_, problem| problem.inputs = 5).contains("shape"));
    assert!(refused(|_, problem| problem.train.labels.clear()).contains("classes"));
    assert!(
        refused(|spec, _| spec.model = mlp(&[0], Activation::Relu, super::fixtures::HE)).contains("unit")
    );
}
