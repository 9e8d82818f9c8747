//! A training that is interrupted, however often and wherever, comes to the bits of one that never was.

use super::checkpoint::Checkpoint;
use super::fixtures::{HE, Recorder, blobs, mlp, run_spec};
use super::train::{Ending, TrainError, train};
use crate::base::rng::Stream;
use crate::spec::{
    Activation, Engine, Loss, MeasureSpec, ModelSpec, Moments, OptimizerKind, Quantity, RateSchedule,
    RateShape, RunSpec, Setting, When,
};

const MOMENTS: Moments = Moments { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };

/// Something to train, and what it shows.
struct Case {
    name: &'static str,
    spec: RunSpec,
    measures: Vec<MeasureSpec>,
    ends: Ending,
}

impl Case {
    /// `run_spec`, cut short and changed, without measures.
    fn new(name: &'static str, ends: Ending, change: impl FnOnce(&mut RunSpec)) -> Self {
        let mut spec = run_spec();
        spec.model = mlp(&[5], Activation::Tanh, HE);
        spec.stop.steps = 60;
        change(&mut spec);
        Self { name, spec, measures: Vec::new(), ends }
    }

    fn measured(mut self, measures: &[(Quantity, When)]) -> Self {
        let spec = |(quantity, when): &(Quantity, When)| {
            let mut spec = MeasureSpec { when: when.clone(), ..MeasureSpec::at_end(*quantity) };
            spec.settings.set(Setting::Probes, 3.0);
            spec.settings.set(Setting::Steps, 6.0);
            spec
        };
        self.measures = measures.iter().map(spec).collect();
        self
    }

    /// Trains on from a checkpoint, until `recorder` stops it.
    fn train(&self, from: Option<&Checkpoint>, recorder: &mut Recorder) -> Shown {
        let problem = blobs(60, 30, 6, 3);
        let outcome = train(&self.spec, &problem, &self.measures, from, recorder).unwrap();
        (outcome.ending, format!("{outcome:?}"))
    }
}

/// How a training ended, and all it came to, to the bit: `Debug` tells every number from every other.
type Shown = (Ending, String);

/// What is measured along the way.
fn everything() -> [(Quantity, When); 5] {
    [
        (Quantity::LambdaMax, When::Every(7)),
        (Quantity::HessianTrace, When::Share(0.5)),
        (Quantity::TestLoss, When::Every(11)),
        (Quantity::SamSharpness, When::Epochs(vec![0, 1, 3])),
        (Quantity::GradientNorm, When::End),
    ]
}

fn cases() -> Vec<Case> {
    let everything = everything();
    vec![
        Case::new("small batches, the last of an epoch ragged", Ending::Steps, |_| {}),
        Case::new("momentum and decay", Ending::Steps, |spec| {
            (spec.optimizer.momentum, spec.optimizer.weight_decay) = (0.9, 0.01);
        })
        .measured(&everything),
        Case::new("full batch", Ending::Steps, |spec| spec.optimizer.batch_size = 60).measured(&everything),
        Case::new("full batch with momentum, to a loss", Ending::TrainLoss, |spec| {
            (spec.optimizer.batch_size, spec.optimizer.momentum) = (60, 0.9);
            (spec.optimizer.learning_rate, spec.stop.train_loss) = (0.3, Some(0.6));
        })
        .measured(&everything[..2]),
        Case::new("small batches, to a loss", Ending::TrainLoss, |spec| {
            (spec.optimizer.learning_rate, spec.stop.train_loss) = (0.5, Some(0.4));
            spec.stop.steps = 400;
        })
        .measured(&everything[1..]),
        Case::new("a loss that is near and never reached", Ending::Steps, |spec| {
            (spec.stop.train_loss, spec.stop.steps) = (Some(0.3), 100);
        }),
        Case::new("autograd", Ending::Steps, |spec| {
            (spec.engine, spec.optimizer.momentum, spec.stop.steps) = (Engine::Autograd, 0.5, 20);
        })
        .measured(&everything),
        Case::new("autograd, full batch", Ending::Steps, |spec| {
            (spec.engine, spec.optimizer.batch_size, spec.stop.steps) = (Engine::Autograd, 60, 20);
        }),
        Case::new("diverging", Ending::Diverged, |spec| {
            (spec.model, spec.loss) = (mlp(&[5], Activation::Relu, HE), Loss::Squared);
            spec.optimizer.learning_rate = 3.0;
        })
        .measured(&everything),
    ]
}

/// Networks that are more than dense layers.
fn wired() -> Vec<Case> {
    let everything = everything();
    vec![
        Case::new("units that drop out, and are normalised", Ending::Steps, |spec| {
            if let ModelSpec::Mlp { batch_norm, dropout, .. } = &mut spec.model {
                (*batch_norm, *dropout) = (true, 0.3);
            }
            spec.optimizer.kind = OptimizerKind::Sam { rho: 0.05 };
        })
        .measured(&everything[..2]),
        Case::new("units that drop out of the full batch, to a loss", Ending::TrainLoss, |spec| {
            if let ModelSpec::Mlp { dropout, .. } = &mut spec.model {
                *dropout = 0.3;
            }
            (spec.optimizer.batch_size, spec.optimizer.momentum) = (60, 0.9);
            (spec.optimizer.learning_rate, spec.stop.train_loss) = (0.3, Some(0.8));
            spec.stop.steps = 400;
        }),
        Case::new("convolutions", Ending::Steps, |spec| {
            spec.model = ModelSpec::Convolutional {
                channels: vec![3],
                kernel: 3,
                pool: 2,
                hidden: vec![4],
                activation: Activation::Gelu,
                bias: true,
                init: HE,
                batch_norm: false,
                dropout: 0.1,
            };
            spec.stop.steps = 30;
        })
        .measured(&everything),
    ]
}

/// Rules that keep something else, or nothing, from step to step, and targets that are not the loss.
fn rules() -> Vec<Case> {
    let everything = everything();
    vec![
        Case::new("nesterov, clipped, warmed up", Ending::Steps, |spec| {
            (spec.optimizer.momentum, spec.optimizer.nesterov) = (0.9, true);
            spec.optimizer.clip = Some(0.5);
            spec.optimizer.schedule = RateSchedule { shape: RateShape::Cosine { last: 0.1 }, warmup: 20 };
        }),
        Case::new("adam", Ending::Steps, |spec| {
            spec.optimizer.kind = OptimizerKind::Adam(MOMENTS);
            (spec.optimizer.learning_rate, spec.optimizer.weight_decay) = (0.01, 0.01);
        })
        .measured(&everything),
        Case::new("adamw, full batch, to a loss", Ending::TrainLoss, |spec| {
            (spec.optimizer.kind, spec.optimizer.batch_size) = (OptimizerKind::Adamw(MOMENTS), 60);
            (spec.optimizer.learning_rate, spec.optimizer.weight_decay) = (0.1, 0.1);
            spec.stop.train_loss = Some(0.5);
        })
        .measured(&everything[..2]),
        Case::new("the sign of the gradient, in stages", Ending::Steps, |spec| {
            (spec.optimizer.kind, spec.optimizer.learning_rate) = (OptimizerKind::SignGd, 0.01);
            let shape = RateShape::Step { decay_at: vec![2, 5], factor: 0.5 };
            spec.optimizer.schedule = RateSchedule { shape, warmup: 0 };
        }),
        Case::new("mirror descent", Ending::Steps, |spec| {
            spec.optimizer.kind = OptimizerKind::Mirror { beta: 0.5 };
        }),
        Case::new("sam with momentum", Ending::Steps, |spec| {
            (spec.optimizer.kind, spec.optimizer.momentum) = (OptimizerKind::Sam { rho: 0.05 }, 0.9);
        })
        .measured(&everything),
        Case::new("asam on autograd", Ending::Steps, |spec| {
            (spec.engine, spec.stop.steps) = (Engine::Autograd, 20);
            spec.optimizer.kind = OptimizerKind::Asam { rho: 0.5, eta: 0.01 };
        }),
        Case::new("a penalty on the gradient", Ending::Steps, |spec| spec.optimizer.gradient_penalty = 0.1)
            .measured(&everything),
        Case::new("wrong classes drawn in every step", Ending::Steps, |spec| {
            spec.optimizer.label_noise = 0.2;
        })
        .measured(&everything),
        Case::new("noise on squared loss, full batch, to a loss", Ending::TrainLoss, |spec| {
            (spec.loss, spec.optimizer.batch_size, spec.optimizer.label_noise) = (Loss::Squared, 60, 0.5);
            (spec.optimizer.learning_rate, spec.stop.train_loss) = (0.3, Some(0.3));
            spec.stop.steps = 400;
        })
        .measured(&everything[..2]),
        Case::new("small batches, until all are right", Ending::TrainAccuracy, |spec| {
            (spec.optimizer.learning_rate, spec.stop.train_accuracy) = (0.5, Some(0.95));
            spec.stop.steps = 2000;
        })
        .measured(&everything[1..3]),
        Case::new("full batch, until it is flat", Ending::GradientNorm, |spec| {
            (spec.optimizer.batch_size, spec.optimizer.learning_rate) = (60, 0.3);
            (spec.stop.gradient_norm, spec.stop.steps) = (Some(0.2), 2000);
        })
        .measured(&everything[1..3]),
        Case::new("noise on autograd with sam", Ending::Steps, |spec| {
            (spec.engine, spec.stop.steps, spec.optimizer.label_noise) = (Engine::Autograd, 20, 0.2);
            spec.optimizer.kind = OptimizerKind::Sam { rho: 0.05 };
        }),
    ]
}

/// As a file would keep it.
fn kept(checkpoint: &Checkpoint) -> Checkpoint {
    let text = serde_json::to_string(&checkpoint.state).unwrap();
    Checkpoint { state: serde_json::from_str(&text).unwrap(), arrays: checkpoint.arrays.clone() }
}

/// Trains with eight interruptions at random, and how many of them left something to go on from. Some ask the training
/// to stop. The others are as if its process had been killed: what counts is the last checkpoint before.
fn disturbed(case: &Case, instants: &mut Stream, ticks: usize) -> (Shown, Recorder, usize) {
    let (mut checkpoint, mut rows, mut resumed) = (None, Vec::new(), 0);
    for _ in 0..8 {
        let mut recorder = Recorder {
            rows: rows.clone(),
            stop_at: Some(1 + instants.below(ticks)),
            save_every: Some(1 + instants.below(9)),
            impatient: true,
            ..Recorder::default()
        };
        let shown = case.train(checkpoint.as_ref(), &mut recorder);
        if shown.0 != Ending::Interrupted {
            return (shown, recorder, resumed);
        }
        if instants.below(2) == 0 {
            recorder.kept.pop();
        }
        if let Some((last, count)) = recorder.kept.last() {
            checkpoint = Some(kept(last));
            rows = recorder.rows[..*count].to_vec();
        }
        resumed += usize::from(checkpoint.is_some());
    }
    let mut recorder = Recorder { rows, ..Recorder::default() };
    (case.train(checkpoint.as_ref(), &mut recorder), recorder, resumed)
}

#[test]
fn interruptions_at_random_change_no_bit() {
    for case in cases().into_iter().chain(rules()).chain(wired()) {
        let mut calm = Recorder { impatient: true, ..Recorder::default() };
        let expected = case.train(None, &mut calm);
        assert_eq!(expected.0, case.ends, "{}", case.name);
        let mut resumes = 0;
        for seed in 0..24 {
            let mut instants = Stream::new(seed, "instants");
            let (shown, seen, resumed) = disturbed(&case, &mut instants, calm.ticks);
            assert_eq!(shown.1, expected.1, "{}, instants {seed}", case.name);
            assert_eq!(format!("{:?}", seen.rows), format!("{:?}", calm.rows), "{}, {seed}", case.name);
            resumes += resumed;
        }
        assert!(resumes > 24, "{}: resumed {resumes} times", case.name);
    }
}

#[test]
fn an_interruption_at_any_tick_changes_no_bit() {
    // One with measurements along the way, and one whose end is decided by a look between two epochs.
    for case in
        cases().into_iter().chain(rules()).chain(wired()).filter(|case| case.name.contains("to a loss"))
    {
        let mut calm = Recorder { impatient: true, ..Recorder::default() };
        let expected = case.train(None, &mut calm);
        for tick in 1..=calm.ticks {
            let mut recorder = Recorder { stop_at: Some(tick), impatient: true, ..Recorder::default() };
            let stopped = case.train(None, &mut recorder);
            assert_eq!(
                (stopped.0, recorder.kept.len()),
                (Ending::Interrupted, 1),
                "{}, tick {tick}",
                case.name
            );
            let (checkpoint, count) = &recorder.kept[0];
            assert_eq!(*count, recorder.rows.len());
            let mut rest = Recorder { rows: recorder.rows.clone(), ..Recorder::default() };
            let shown = case.train(Some(&kept(checkpoint)), &mut rest);
            assert_eq!(shown, expected, "{}, tick {tick}", case.name);
            assert_eq!(format!("{:?}", rest.rows), format!("{:?}", calm.rows), "{}, tick {tick}", case.name);
        }
    }
}

#[test]
fn a_checkpoint_of_something_else_is_refused_with_a_reason() {
    let case = &cases()[1];
    let mut recorder = Recorder { stop_at: Some(20), impatient: true, ..Recorder::default() };
    case.train(None, &mut recorder);
    let good = recorder.kept.remove(0).0;
    let refusal = |case: &Case, checkpoint: &Checkpoint| {
        let problem = blobs(60, 30, 6, 3);
        let from = Some(checkpoint);
        match train(&case.spec, &problem, &case.measures, from, &mut Recorder::default()) {
            Err(TrainError::Checkpoint(misfit)) => misfit.to_string(),
            other => panic!("{other:?}"),
        }
    };
    for other in cases().iter().chain(&rules()).filter(|other| other.name != case.name) {
        assert!(refusal(other, &good).contains("another run"), "{}", other.name);
    }
    let fewer = Case { measures: case.measures[1..].to_vec(), spec: case.spec.clone(), ..cases().remove(1) };
    assert!(refusal(&fewer, &good).contains("other measures"));
    let with = |change: &dyn Fn(&mut Checkpoint)| {
        let mut bad = good.clone();
        change(&mut bad);
        refusal(case, &bad)
    };
    assert!(with(&|bad| bad.state["run"]["format"] = 2.into()).contains("another version"));
    assert!(with(&|bad| bad.state["batches"]["used"] = 61.into()).contains("other examples"));
    assert!(with(&|bad| bad.state["batches"]["epoch"]["word"] = "x".into()).contains("other examples"));
    for array in ["weights", "velocity"] {
        assert!(with(&|bad| bad.arrays.get_mut(array).unwrap().truncate(9)).contains(array));
    }
    for part in ["run", "batches", "schedule", "approach"] {
        assert!(with(&|bad| drop(bad.state.remove(part))).contains(part));
        assert!(with(&|bad| bad.state[part] = "text".into()).contains(part));
    }
    assert_eq!(case.train(Some(&good), &mut Recorder::default()).0, Ending::Steps);
}
