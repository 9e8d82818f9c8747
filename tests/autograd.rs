//! The dense passes against candle's autograd: losses, gradients and Hessian-vector products, over all nonlinearities,
//! losses, depths and parametrisations.
//!
//! candle keeps gradients in its graph, which second derivatives need, only if the process starts with
//! `CANDLE_GRAD_DO_NOT_DETACH`; so those are compared in a child process that does.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::process::Command;

use lowland::base::rng::Stream;
use lowland::data::prepare;
use lowland::science::autograd::{Autograd, AutogradError};
use lowland::science::dense::{Batch, Curvature, Examples, Network};
use lowland::science::{Checkpoint, Go, Observer, train};
use lowland::spec::{Activation, Context, Init, InitKind, Loss, ModelSpec, parse};

const INPUTS: usize = 4;
const OUTPUTS: usize = 3;
const EXAMPLES: usize = 7;

/// A network with random parameters, a direction, inputs and targets: one-hot, or signs for the logistic loss.
struct Case {
    name: String,
    network: Network,
    parameters: Vec<f64>,
    direction: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Case {
    fn new(activation: Activation, loss: Loss, hidden: &[usize], kind: InitKind, bias: bool) -> Self {
        let init = Init { kind, scale: 1.0 };
        let model = ModelSpec::Mlp {
            hidden: hidden.to_vec(),
            activation,
            bias,
            init,
            batch_norm: false,
            dropout: 0.0,
        };
        let outputs = if loss == Loss::Logistic { 1 } else { OUTPUTS };
        let network = Network::new(&model, INPUTS, outputs, loss).unwrap();
        let name = format!("{activation:?} {loss:?} {hidden:?} {kind:?} bias {bias}");
        let mut stream = Stream::new(11, &name);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        let (parameters, direction) = (draw(network.parameters()), draw(network.parameters()));
        let x = draw(EXAMPLES * INPUTS);
        let target = |i: usize| match loss {
            Loss::Logistic | Loss::Perceptron => [-1.0, 1.0, 1.0][i % 3],
            Loss::Squared | Loss::CrossEntropy => f64::from(u8::from(i % OUTPUTS == i / OUTPUTS % OUTPUTS)),
        };
        let y = (0..EXAMPLES * outputs).map(target).collect();
        Self { name, network, parameters, direction, x, y }
    }

    fn batch(&self) -> Batch<'_, f64> {
        Batch { x: &self.x, y: &self.y, n: EXAMPLES }
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Linear] {
        for loss in [Loss::Squared, Loss::CrossEntropy, Loss::Logistic] {
            for hidden in [&[][..], &[5], &[5, 6], &[5, 6, 2]] {
                for kind in [InitKind::He, InitKind::Lecun, InitKind::Ntk, InitKind::Normal] {
                    cases.extend([true, false].map(|bias| Case::new(activation, loss, hidden, kind, bias)));
                }
            }
        }
    }
    cases
}

/// Largest difference, relative to the largest number.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let largest =
        |numbers: &mut dyn Iterator<Item = f64>| numbers.fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let scale = largest(&mut b.iter().copied()).max(f64::MIN_POSITIVE);
    largest(&mut a.iter().zip(b).map(|(a, b)| a - b)) / scale
}

fn narrow(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|x| *x as f32).collect()
}

fn widen(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

#[test]
fn losses_and_gradients_agree_in_f64() {
    for case in cases() {
        let (mut dense, mut other) = (case.parameters.clone(), case.parameters.clone());
        let loss = case.network.loss_and_gradient(&case.parameters, case.batch(), &mut dense);
        let autograd = Autograd::new(&case.network);
        let expected = autograd.loss_and_gradient(&case.parameters, case.batch(), &mut other).unwrap();
        assert!(distance(&[loss], &[expected]) < 1e-10, "{}", case.name);
        assert!(distance(&dense, &other) < 1e-10, "{}: {}", case.name, distance(&dense, &other));
    }
}

#[test]
fn losses_and_gradients_agree_in_f32() {
    for case in cases() {
        // Half the weights: a saturated GELU leaves gradients that are all rounding, in either engine.
        let (x, y, mut parameters) = (narrow(&case.x), narrow(&case.y), narrow(&case.parameters));
        for weight in &mut parameters {
            *weight *= 0.5;
        }
        let batch = Batch { x: &x, y: &y, n: EXAMPLES };
        let (mut dense, mut other) = (parameters.clone(), parameters.clone());
        let loss = case.network.loss_and_gradient(&parameters, batch, &mut dense);
        let expected =
            Autograd::new(&case.network).loss_and_gradient(&parameters, batch, &mut other).unwrap();
        assert!(distance(&[loss], &[expected]) < 1e-5, "{}", case.name);
        assert!(distance(&widen(&dense), &widen(&other)) < 1e-5, "{}", case.name);
    }
}

/// Does the work of the next test, in its child; alone it has nothing to do.
#[test]
fn child_compares_hessian_products() {
    if std::env::var_os("CANDLE_GRAD_DO_NOT_DETACH").is_none() {
        return;
    }
    for case in cases() {
        let (mut dense, mut other) = (case.parameters.clone(), case.parameters.clone());
        let examples = Examples::new(&case.network, case.batch());
        Curvature::at(&case.network, &case.parameters, examples.rows())
            .hessian_vector(&case.direction, &mut dense);
        let autograd = Autograd::new(&case.network);
        autograd.hessian_vector(&case.parameters, &case.direction, case.batch(), &mut other).unwrap();
        assert!(other.iter().any(|x| *x != 0.0), "{}", case.name);
        assert!(distance(&dense, &other) < 1e-10, "{}: {}", case.name, distance(&dense, &other));
    }
    penalized_training_agrees();
    println!("compared {} Hessian-vector products", cases().len());
}

/// Steps with a penalty on the gradient, which need such products, lead both engines to the same place.
fn penalized_training_agrees() {
    let loss = |engine: &str, penalty: f64| {
        let cell = format!(
            "id: e\ndataset: {{kind: teacher, train: 60}}\nmodel: {{hidden: 7, activation: tanh}}\nengine: {engine}\n\
             optimizer: {{learning_rate: 0.1, batch_size: 20, gradient_penalty: {penalty}}}\nstop: {{steps: 60}}"
        );
        let spec = parse::experiment(&cell, &Context::default()).unwrap().runs.remove(0).spec;
        let problem = prepare(&spec.dataset, None, spec.seed).unwrap();
        train(&spec, &problem, &[], None, &mut Nobody).unwrap().measures["train_loss"]
    };
    let (dense, autograd, plain) = (loss("dense", 0.5), loss("autograd", 0.5), loss("dense", 0.0));
    assert!((dense / autograd - 1.0).abs() < 1e-4, "{dense} and {autograd}");
    assert!((dense / plain - 1.0).abs() > 1e-2, "{dense} and {plain}");
}

/// Lets everything go on.
struct Nobody;

impl Observer for Nobody {
    fn row(&mut self, _: u64, _: f64, _: &BTreeMap<String, f64>) {}

    fn tick(&mut self, _: u64, _: f64) -> Go {
        Go::On
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}
}

#[test]
fn hessian_products_agree() {
    let this = std::env::current_exe().unwrap();
    let child = Command::new(this)
        .args(["--exact", "child_compares_hessian_products", "--nocapture"])
        .env("CANDLE_GRAD_DO_NOT_DETACH", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    // The child must have compared, not skipped.
    assert!(said.contains("compared 384 Hessian-vector products"), "{said}");
}

#[test]
fn without_the_graph_a_second_derivative_is_refused() {
    let case = Case::new(Activation::Tanh, Loss::Squared, &[5], InitKind::He, true);
    let mut out = case.parameters.clone();
    let autograd = Autograd::new(&case.network);
    let refused = autograd.hessian_vector(&case.parameters, &case.direction, case.batch(), &mut out);
    let set = std::env::var_os("CANDLE_GRAD_DO_NOT_DETACH").is_some();
    assert_eq!(matches!(refused, Err(AutogradError::Detached)), !set);
}
