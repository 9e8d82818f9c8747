//! Every rule by hand, and where theory or an independent program knows what it comes to; all in f64.

use super::*;
use crate::base::rng::Stream;
use crate::science::batches::Chosen;
use crate::science::dense::parameters::Target;
use crate::science::dense::product::Update;
use crate::science::dense::{Batch, Curvature, Examples, Products};
use crate::science::fixtures::{HE, NetA, Quadratic, linear, mlp};
use crate::science::gradient::Dense;
use crate::spec::{Activation, Loss, Moments};

/// The loss ½‖w‖², whose gradient is w and whose Hessian is 1.
struct Bowl;

impl Gradient<f64> for Bowl {
    fn at_step(&mut self, _: u64) {}

    fn look(
        &mut self,
        weights: &Parameters<f64>,
        _: Chosen<'_>,
        _: Option<&[f32]>,
    ) -> Result<f64, AutogradError> {
        self.look_again(weights)
    }

    fn look_again(&mut self, weights: &Parameters<f64>) -> Result<f64, AutogradError> {
        Ok(0.5 * weights.norm().powi(2))
    }

    fn add_to(&mut self, mut target: Target<'_, f64>, update: Update<f64>) {
        let at = target.at().clone();
        target.out().combine(update, &at);
    }

    fn hessian_vector(
        &mut self,
        _: &Parameters<f64>,
        v: &Parameters<f64>,
        update: Update<f64>,
        out: &mut Parameters<f64>,
    ) -> Result<(), AutogradError> {
        out.combine(update, v);
        Ok(())
    }
}

/// A rule with learning rate ½.
fn half(change: impl FnOnce(&mut OptimizerSpec)) -> OptimizerSpec {
    let mut spec = OptimizerSpec::sgd(0.5, 1);
    change(&mut spec);
    spec
}

fn kind(kind: OptimizerKind) -> OptimizerSpec {
    half(|spec| spec.kind = kind)
}

/// Two steps of Adam with β₁ = ½, β₂ = ¾, ε = 1 from `w`, keeping this share of the weights in each: the gradient is that
/// of the weight before.
fn adam(w: f64, keep: f64) -> f64 {
    // At first the averages are the gradient and its square.
    let first = keep * w - 0.5 * w / (w + 1.0);
    let mean = (0.25 * w + 0.5 * first) / 0.75;
    let square = (0.1875 * w * w + 0.25 * first * first) / 0.4375;
    keep * first - 0.5 * mean / (square.sqrt() + 1.0)
}

/// Two steps of ASAM with ρ = ½ and η = 1 from (3, 4): uphill, T = |w| + 1 counts twice.
fn asam() -> [f64; 2] {
    let step = |[a, b]: [f64; 2]| {
        let (ta, tb) = (a + 1.0, b + 1.0);
        let length = (ta * a).hypot(tb * b);
        let up = |w: f64, t: f64| w + 0.5 * t * t * w / length;
        [a - 0.5 * up(a, ta), b - 0.5 * up(b, tb)]
    };
    step(step([3.0, 4.0]))
}

#[test]
fn two_steps_by_hand() {
    let moments = Moments { beta1: 0.5, beta2: 0.75, epsilon: 1.0 };
    let mirror = |w: f64| 2.0 * ((w / 2.0).asinh() - 0.5 * w).sinh();
    let cases = [
        ("plain", half(|_| {}), [0.75, 1.0]),
        ("decay", half(|spec| spec.weight_decay = 0.5), [0.1875, 0.25]),
        ("momentum", half(|spec| spec.momentum = 0.5), [0.0, 0.0]),
        ("momentum, decay", half(|spec| (spec.momentum, spec.weight_decay) = (0.5, 0.5)), [-0.9375, -1.25]),
        ("nesterov", half(|spec| (spec.momentum, spec.nesterov) = (0.5, true)), [-0.1875, -0.25]),
        ("clipped", half(|spec| spec.clip = Some(2.5)), [1.5, 2.0]),
        ("clipped before decay", half(|spec| (spec.clip, spec.weight_decay) = (Some(2.5), 1.0)), [0.0, 0.0]),
        ("penalty", half(|spec| spec.gradient_penalty = 0.5), [0.1875, 0.25]),
        ("sign", kind(OptimizerKind::SignGd), [2.0, 3.0]),
        ("sam", kind(OptimizerKind::Sam { rho: 0.5 }), [0.525, 0.7]),
        ("asam", kind(OptimizerKind::Asam { rho: 0.5, eta: 1.0 }), asam()),
        ("adam", kind(OptimizerKind::Adam(moments)), [3.0, 4.0].map(|w| adam(w, 1.0))),
        (
            "adamw",
            half(|spec| (spec.kind, spec.weight_decay) = (OptimizerKind::Adamw(moments), 0.2)),
            [3.0, 4.0].map(|w| adam(w, 0.9)),
        ),
        ("mirror", kind(OptimizerKind::Mirror { beta: 2.0 }), [3.0, 4.0].map(|w| mirror(mirror(w)))),
        (
            "warm-up over four steps",
            half(|spec| spec.schedule.warmup = 4),
            [3.0 * 0.875 * 0.75, 4.0 * 0.875 * 0.75],
        ),
    ];
    let network = Network::new(&mlp(&[], Activation::Linear, HE), 1, 1, Loss::Squared).unwrap();
    for (name, spec, expected) in cases {
        let mut weights = Parameters::new(&network, &[3.0, 4.0]);
        let mut optimizer = Optimizer::new(&spec, &network, 2, 1);
        for step in 0..2 {
            optimizer.step(step, &mut weights, &mut Bowl).unwrap();
        }
        for (found, expected) in weights.flat().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{name}: {found}, by hand {expected}");
        }
    }
}

#[test]
fn gt_6a_thresholds_of_stability() {
    // (momentum, looking ahead, curvature at which descent at rate 0.1 turns unstable)
    let cases = [
        (0.0, false, 20.0),
        (0.5, false, 30.0),
        (0.5, true, 15.0),
        (0.9, false, 38.0),
        (0.9, true, 13.571_43),
        (0.99, false, 39.8),
        (0.99, true, 13.355_70),
    ];
    for (momentum, nesterov, expected) in cases {
        let spec = OptimizerSpec { momentum, nesterov, ..OptimizerSpec::sgd(0.1, 1) };
        let (mut low, mut high) = (expected - 1.5, expected + 2.5);
        while high - low > 2e-5 {
            let middle = 0.5 * (low + high);
            *(if is_stable(&spec, middle) { &mut low } else { &mut high }) = middle;
        }
        assert!((low - expected).abs() < 1e-4, "momentum {momentum}, looking ahead {nesterov}: {low}");
    }
}

/// Whether descent on ½λw² comes closer over the second thousand of its steps.
fn is_stable(spec: &OptimizerSpec, lambda: f64) -> bool {
    let bowl = Quadratic::new(&[lambda]);
    let mut engine = Dense::new(&bowl.network, bowl.examples.rows(), 1);
    let mut weights = Parameters::new(&bowl.network, &[1.0]);
    let mut optimizer = Optimizer::new(spec, &bowl.network, 2000, 1);
    let mut sizes = [0.0; 2];
    for step in 0..2000 {
        engine.look(&weights, Chosen::All, None).unwrap();
        optimizer.step(step, &mut weights, &mut engine).unwrap();
        sizes[usize::from(step >= 1000)] = weights.norm();
    }
    sizes[1] < sizes[0]
}

#[test]
fn gt_13_steps_uphill_first() {
    let net = NetA::new();
    for (kind, expected) in [
        (OptimizerKind::Sam { rho: 0.05 }, 0.232_746_278_81),
        (OptimizerKind::Asam { rho: 0.05, eta: 0.0 }, 0.236_501_614_38),
    ] {
        let spec = OptimizerSpec { kind, ..OptimizerSpec::sgd(0.1, 5) };
        let mut engine = Dense::new(&net.network, net.examples.rows(), 5);
        let mut weights = Parameters::new(&net.network, &net.parameters);
        engine.look(&weights, Chosen::All, None).unwrap();
        Optimizer::new(&spec, &net.network, 1, 1).step(0, &mut weights, &mut engine).unwrap();
        let after = engine.look(&weights, Chosen::All, None).unwrap();
        assert!((after - expected).abs() < 1e-8, "{kind:?}: {after}");
    }
}

#[test]
fn gt_10_the_penalized_gradient_is_that_of_the_modified_loss() {
    // ∇(E + ¼h‖∇E‖²) at h = 0.1 is the gradient with λ = h/2.
    let net = NetA::new();
    let spec = OptimizerSpec { gradient_penalty: 0.05, ..OptimizerSpec::sgd(1.0, 5) };
    let mut engine = Dense::new(&net.network, net.examples.rows(), 5);
    let mut weights = Parameters::new(&net.network, &net.parameters);
    engine.look(&weights, Chosen::All, None).unwrap();
    Optimizer::new(&spec, &net.network, 1, 1).step(0, &mut weights, &mut engine).unwrap();
    let moved = weights.flat().iter().zip(&net.parameters).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    assert!((moved - 1.086_818_596_392_426_2).abs() < 1e-10, "{moved}");
}

#[test]
fn gt_9_descent_on_the_logistic_loss_of_one_example() {
    let network = Network::new(&linear(&[], HE), 1, 1, Loss::Logistic).unwrap();
    let examples = Examples::new(&network, Batch { x: &[1.0], y: &[1.0], n: 1 });
    let mut engine = Dense::new(&network, examples.rows(), 1);
    let mut weights = Parameters::zeros(&network);
    let mut optimizer = Optimizer::new(&OptimizerSpec::sgd(1.0, 1), &network, 10_000, 1);
    for step in 1..=10_000 {
        engine.look(&weights, Chosen::All, None).unwrap();
        optimizer.step(step - 1, &mut weights, &mut engine).unwrap();
        let expected: f64 = match step {
            10 => 2.263_243_45,
            100 => 4.589_246_19,
            1000 => 6.905_010_80,
            10_000 => 9.209_950_95,
            _ => continue,
        };
        assert!((weights.flat()[0] - expected).abs() < 1e-8, "after {step}: {}", weights.flat()[0]);
    }
}

#[test]
fn products_in_training_are_those_of_the_curvature_across_chunks() {
    for (activation, loss, outputs) in [
        (Activation::Tanh, Loss::CrossEntropy, 3),
        (Activation::Relu, Loss::Squared, 2),
        (Activation::Gelu, Loss::Logistic, 1),
    ] {
        let network = Network::new(&mlp(&[7, 5], activation, HE), 4, outputs, loss).unwrap();
        let mut stream = Stream::new(2, "products");
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        let (x, w, v) = (draw(1300 * 4), draw(network.parameters()), draw(network.parameters()));
        let y: Vec<f64> = (0..1300 * outputs).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect();
        let examples = Examples::new(&network, Batch { x: &x, y: &y, n: 1300 });
        let mut expected = vec![0.0; w.len()];
        Curvature::at(&network, &w, examples.rows()).hessian_vector(&v, &mut expected);
        let (weights, v) = (Parameters::new(&network, &w), Parameters::new(&network, &v));
        let mut out = v.clone();
        let mut products = Products::new(&network, 1300);
        // Twice, the second time over what the first has left: 2v + 3Hv.
        for update in [Update::replace(1.0), Update { keep: 0.0, scale: 3.0 }] {
            products.hessian_vector(&weights, examples.rows(), &v, update, &mut out);
        }
        out.combine(Update::add(2.0), &v);
        for ((found, expected), v) in out.flat().iter().zip(&expected).zip(v.flat()) {
            let expected = 2.0 * v + 3.0 * expected;
            assert!((found - expected).abs() < 1e-11 * (1.0 + expected.abs()), "{activation:?}, {loss:?}");
        }
    }
}
