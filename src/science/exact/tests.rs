//! The exact procedures on problems whose answers are known.

use super::run;
use crate::base::rng::Stream;
use crate::data::{Part, Problem};
use crate::science::Outcome;
use crate::science::fixtures::{Recorder, blobs, close, mlp, run_spec};
use crate::science::train::Ending;
use crate::spec::{
    Activation, Engine, FeatureMap, Init, InitKind, Loss, MeasureSpec, ModelSpec, OptimizerSpec, Procedure,
    Quantity, RunSpec, Stop,
};

fn spec(model: ModelSpec, procedure: Procedure) -> RunSpec {
    RunSpec {
        model,
        procedure,
        loss: Loss::Squared,
        optimizer: OptimizerSpec::none(),
        stop: Stop::none(),
        engine: Engine::Exact,
        ..run_spec()
    }
}

fn part(x: &[f32], y: &[f32]) -> Part {
    Part { x: x.to_vec(), y: y.to_vec(), labels: Vec::new(), n: y.len() }
}

fn on(x: &[f32], y: &[f32], inputs: usize) -> Problem {
    Problem { train: part(x, y), inputs, outputs: 1, ..Problem::default() }
}

fn outcome(model: ModelSpec, procedure: Procedure, problem: &Problem, measures: &[Quantity]) -> Outcome {
    let measures: Vec<_> = measures.iter().map(|quantity| MeasureSpec::at_end(*quantity)).collect();
    run(&spec(model, procedure), problem, &measures, &mut Recorder::default()).unwrap()
}

fn weights(outcome: &Outcome) -> Vec<f64> {
    (0..).map_while(|index| outcome.measures.get(&format!("weights_{index}")).copied()).collect()
}

const ZERO: Init = Init { kind: InitKind::Normal, scale: 0.0 };
const LINEAR: ModelSpec = ModelSpec::Linear { bias: false, init: ZERO };

#[test]
fn gt_7a_gradient_descent_follows_the_modified_flow_to_second_order() {
    let problem = on(&[1.0], &[0.6], 1);
    // The target is the f32 nearest to 0.6: 2e-8 off, which moves nothing that is compared here.
    let end = |procedure| {
        let model = ModelSpec::Product { init: vec![1.0, 1.4] };
        weights(&outcome(model, procedure, &problem, &[Quantity::Weights]))
    };
    let far = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    for (step, to_flow, to_modified) in [
        (0.04, 6.480e-3, 4.510e-4),
        (0.02, 3.210e-3, 1.145e-4),
        (0.01, 1.598e-3, 2.884e-5),
        (0.005, 7.972e-4, 7.240e-6),
    ] {
        let gd = end(Procedure::Gd { step, time: 1.0 });
        close(
            &format!("GT-7a h {step} to flow"),
            far(&gd, &end(Procedure::GradientFlow { time: 1.0 })),
            to_flow,
            1e-2,
        );
        let modified = end(Procedure::ModifiedFlow { step, time: 1.0 });
        close(&format!("GT-7a h {step} to modified"), far(&gd, &modified), to_modified, 1e-2);
    }
}

#[test]
fn gt_7b_the_balance_law_decides_how_flat_it_ends() {
    let problem = on(&[1.0], &[0.6], 1);
    let end = |step: f64| {
        let model = ModelSpec::Product { init: vec![2.8, 3.5] };
        let procedure = Procedure::Gd { step, time: 400.0 };
        outcome(model, procedure, &problem, &[Quantity::Weights, Quantity::LambdaMax])
    };
    let found = weights(&end(0.025));
    close("GT-7b a", found[0], 0.296_517_43, 1e-5);
    close("GT-7b b", found[1], 2.023_489_85, 1e-5);
    for (step, sharpness) in [
        (0.001, 4.556_265),
        (0.005, 4.499_125),
        (0.01, 4.425_569),
        (0.02, 4.268_372),
        (0.03, 4.089_485),
        (0.05, 3.604_794),
    ] {
        close(&format!("GT-7b λ, h {step}"), end(step).measures["lambda_max"], sharpness, 1e-5);
    }
}

#[test]
fn gt_8_diagonal_networks_come_to_the_hypentropy_solution() {
    let x = [1.0, 2.0, 0.0, -1.0, 0.5, 0.0, 1.0, 1.0, 2.0, -1.0];
    let problem = on(&x, &[1.0, 2.0], 5);
    for (scale, known) in [
        (1.0, [0.180_575_26, 0.668_380_89, 0.296_945_02, 0.414_305_97, -0.206_062_15]),
        (0.1, [0.021_848_99, 0.768_229_29, 0.115_155_54, 0.522_838_55, -0.070_938_07]),
        (0.01, [0.000_624_68, 0.795_867_80, 0.019_411_66, 0.588_525_15, -0.007_670_24]),
    ] {
        let model = || ModelSpec::DiagonalLinear { scale };
        let flow = outcome(model(), Procedure::GradientFlow { time: 200.0 }, &problem, &[Quantity::Weights]);
        for (index, (w, known)) in weights(&flow).iter().zip(known).enumerate() {
            assert!((w - known).abs() < 1e-7, "α {scale}, flow, w{index}: {w} {known}");
        }
        let descent = Procedure::Gd { step: 1e-3, time: 60.0 };
        for (w, known) in
            weights(&outcome(model(), descent, &problem, &[Quantity::Weights])).iter().zip(known)
        {
            assert!((w - known).abs() < 5e-4, "α {scale}, gd: {w} {known}");
        }
    }
    let least =
        outcome(LINEAR, Procedure::Solve { ridge: 0.0 }, &problem, &[Quantity::Weights, Quantity::L1Norm]);
    for (w, known) in
        weights(&least).iter().zip([0.183_908_05, 0.666_666_67, 0.298_850_57, 0.413_793_10, -0.206_896_55])
    {
        assert!((w - known).abs() < 1e-8);
    }
    close("GT-8 min-l2 norm", least.measures["weight_norm"], 0.884_087, 1e-6);
}

#[test]
fn gradient_descent_run_long_comes_to_the_exact_solution() {
    let mut stream = Stream::new(4, "regression");
    let mut normals = |n: usize| (0..n).map(|_| stream.normal() as f32).collect::<Vec<_>>();
    for (n, inputs) in [(30, 5), (5, 30)] {
        let problem = on(&normals(n * inputs), &normals(n), inputs);
        let asked = [Quantity::Weights, Quantity::Rank, Quantity::NullSpace, Quantity::GradientNorm];
        let solved = outcome(LINEAR, Procedure::Solve { ridge: 0.0 }, &problem, &asked);
        let descended = outcome(LINEAR, Procedure::Gd { step: 0.1, time: 3000.0 }, &problem, &asked);
        for (a, b) in weights(&solved).iter().zip(weights(&descended)) {
            assert!((a - b).abs() < 1e-9, "{n} × {inputs}: {a} {b}");
        }
        assert_eq!((solved.ending, descended.ending), (Ending::Solved, Ending::Time));
        for found in [&solved, &descended] {
            assert_eq!(found.measures["rank"], 5.0);
            assert_eq!(found.measures["null_space"], (inputs - 5) as f64);
        }
        assert!(solved.measures["gradient_norm"] < 1e-12);
    }
}

#[test]
fn random_features_are_fitted_alike_by_all_three_ways_and_more_of_them_have_no_larger_norm() {
    let problem = blobs(700, 50, 6, 3);
    let fitted = |features, n| {
        let map = FeatureMap::Fourier { bandwidth: 2.0 };
        let model = ModelSpec::RandomFeatures { map, features, nested: true };
        let mut problem = problem.clone();
        problem.train.n = n;
        problem.train.x.truncate(n * 6);
        problem.train.y.truncate(n * 3);
        problem.train.labels.truncate(n);
        let asked = [Quantity::L1Norm, Quantity::Parameters, Quantity::ConditionNumber];
        outcome(model, Procedure::Solve { ridge: 0.0 }, &problem, &asked).measures
    };
    // By singular values, by examples; the norm falls as features are added to a fit that is exact.
    let mut last = f64::INFINITY;
    for features in [100, 120, 200, 400, 1_500] {
        let found = fitted(features, 100);
        assert!(found["train_loss"] < 1e-20, "{features}: {}", found["train_loss"]);
        assert!(found["weight_norm"] < last * (1.0 + 1e-9), "{features}");
        last = found["weight_norm"];
        assert_eq!(found["parameters"], 3.0 * features as f64);
    }
    // Below and above the size at which Gram matrices take over, in both directions.
    for (features, n) in [(620, 700), (800, 650)] {
        let found = fitted(features, n);
        assert!(found["weight_norm"].is_finite() && found["condition_number"] > 1.0);
        assert!(if features > n { found["train_loss"] < 1e-14 } else { found["train_loss"] > 1e-6 });
    }
}

#[test]
fn features_of_several_blocks_say_the_same_of_an_example_whether_they_were_kept_or_made_again() {
    let mut problem = blobs(1_100, 50, 6, 3);
    problem.test = problem.train.clone();
    // The weights all at hand; the first block kept and the other two made again.
    for features in [1_060, 2_100] {
        let map = FeatureMap::Fourier { bandwidth: 2.0 };
        let model = ModelSpec::RandomFeatures { map, features, nested: true };
        let found = outcome(model, Procedure::Solve { ridge: 1e-3 }, &problem, &[]).measures;
        let (train, test) = (found["train_loss"], found["test_loss"]);
        assert!(train < 0.1 && (test - train).abs() < 1e-9 * train, "{features}: {train}, {test}");
    }
}

#[test]
fn a_kernel_interpolates_and_its_ridge_does_not() {
    let problem = blobs(60, 40, 6, 3);
    let model = || ModelSpec::Ntk { depth: 2 };
    let exact = outcome(model(), Procedure::Solve { ridge: 0.0 }, &problem, &[Quantity::Rank]);
    assert!(exact.measures["train_loss"] < 1e-20 && exact.measures["test_accuracy"] > 0.5);
    assert_eq!(exact.measures["rank"], 180.0);
    let ridge = outcome(model(), Procedure::Solve { ridge: 1.0 }, &problem, &[]);
    assert!(ridge.measures["train_loss"] > 1e-4);
    assert!(ridge.measures["weight_norm"] < exact.measures["weight_norm"]);
}

#[test]
fn levenberg_marquardt_fits_noise_just_past_the_number_of_targets_and_not_below() {
    let mut stream = Stream::new(9, "noise");
    let mut normals = |n: usize| (0..n).map(|_| stream.normal() as f32).collect::<Vec<_>>();
    let problem = on(&normals(400), &normals(40), 10);
    let fitted = |hidden: usize| {
        let init = Init { kind: InitKind::Lecun, scale: 1.0 };
        let model = mlp(&[hidden], Activation::Tanh, init);
        let procedure = Procedure::LevenbergMarquardt { steps: 120, tries: 4 };
        outcome(model, procedure, &problem, &[]).measures["train_loss"] < 1e-6
    };
    // P = 12 h + 1: 25 weights cannot fit 40 targets, 49 can.
    assert_eq!([2, 4].map(fitted), [false, true]);
    // The curve is that of the best try alone, and has one row of its end.
    for hidden in [2, 4] {
        let model = mlp(&[hidden], Activation::Tanh, Init { kind: InitKind::Lecun, scale: 1.0 });
        let procedure = Procedure::LevenbergMarquardt { steps: 120, tries: 4 };
        let mut recorder = Recorder::default();
        let measures = [MeasureSpec::at_end(Quantity::Parameters)];
        let end = run(&spec(model, procedure), &problem, &measures, &mut recorder).unwrap();
        let steps: Vec<u64> = recorder.rows.iter().map(|(step, _)| *step).collect();
        assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
        let (last, values) = recorder.rows.last().unwrap();
        assert_eq!((*last, values), (end.steps, &end.measures));
    }
}

#[test]
fn guessing_ends_at_the_first_draw_that_fits_and_says_how_many_it_took() {
    let problem = blobs(4, 50, 3, 2);
    let model = |hidden| {
        let init = Init { kind: InitKind::He, scale: 1.0 };
        mlp(&[hidden], Activation::Relu, init)
    };
    let guess = |draws| Procedure::Guess { draws, train_accuracy: 1.0 };
    let found = outcome(model(4), guess(100_000), &problem, &[]);
    assert_eq!((found.ending, found.measures["train_accuracy"]), (Ending::TrainAccuracy, 1.0));
    assert!(found.steps > 1);
    let short = outcome(model(4), guess(found.steps - 1), &problem, &[]);
    assert_eq!((short.ending, short.steps), (Ending::Steps, found.steps - 1));
    assert!(short.measures["train_accuracy"] < 1.0);
}

#[test]
fn what_is_begun_anew_comes_to_the_same_bits() {
    let problem = blobs(40, 20, 4, 2);
    let model = ModelSpec::RandomFeatures { map: FeatureMap::Relu, features: 90, nested: false };
    let once = || outcome(model.clone(), Procedure::Solve { ridge: 0.1 }, &problem, &[Quantity::L1Norm]);
    assert_eq!(format!("{:?}", once()), format!("{:?}", once()));
}
