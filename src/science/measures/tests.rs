//! Every measure against what is known of it: `NetA` of the ground truths, quadratics, the model a·b, and the changes of
//! weights that it says it does not see.

use proptest::prelude::*;

use super::ascent::{Region, highest, keskar};
use super::curvature::{eigenvalues, lambda_max, lambda_min, largest};
use super::density::{density, effective_dimension, full, negative_fraction};
use super::site::Matrix;
use super::vector::{dot, norm};
use super::{Values, blocks, family, flatness, pac_bayes, sharpness, slices, trace};
use crate::base::rng::Stream;
use crate::science::dense::{Batch, Curvature, Examples, Network};
use crate::science::fixtures::{HE, NetA, Quadratic, close, linear, measured, mlp};
use crate::science::measures::details::Details;
use crate::spec::{
    Activation, CATALOGUE, Invariance, Loss, MeasureSettings, MeasureSpec, Picture, Procedure, Quantity,
    Setting,
};

fn settings(quantity: Quantity) -> MeasureSettings {
    MeasureSpec::at_end(quantity).settings
}

#[test]
fn the_spectrum_of_net_a() {
    let net = NetA::new();
    let (all, asymmetry) = net.measured(0, |site| full(site, "full_spectrum"));
    assert!(all.value.len() == 13 && asymmetry < 1e-14);
    close("λmin", all.value[0], -0.517_053_518_505_607_3, 1e-12);
    close("λmax", all.value[12], 2.396_478_903_520_206, 1e-12);
    close("tr", all.value.iter().sum(), 2.841_406_040_703_767, 1e-12);
    close("‖H‖²", dot(&all.value, &all.value), 7.102_429_504_423_14, 1e-12);
    let least = settings(Quantity::LambdaMin).with(Setting::Tolerance, 1e-9);
    let found = net.measured(1, |site| lambda_min(site, &least));
    close("λmin by Lanczos", found.value, all.value[0], 1e-10);
    assert!(found.uncertainty < 1e-8);
    let ggn =
        net.measured(1, |site| lambda_max(site, Matrix::GaussNewton, &settings(Quantity::GgnLambdaMax)));
    close("λmax(G)", ggn.value, 2.249_634_916_146_191, 1e-8);
    // Asked for more than there are, there are as many as there are.
    let many = settings(Quantity::Eigenvalues).with(Setting::Top, 40.0).with(Setting::Tolerance, 1e-12);
    let (top, _) = net.measured(2, |site| eigenvalues(site, "eigenvalues", &many));
    for (value, expected) in top.value.iter().zip(all.value.iter().rev()) {
        assert!((value - expected).abs() < 1e-9, "{value} {expected}");
    }
    assert_eq!(top.value.len(), 13);
    assert!(top.residual.iter().all(|residual| *residual < 1e-8), "{:?}", top.residual);
}

#[test]
fn the_quadrature_of_a_full_space_is_exact() {
    let net = NetA::new();
    // 13 steps fill the space, so every mean over the spectrum is exact up to the probes; all probes together are not.
    let many =
        MeasureSettings::new(&[(Setting::Steps, 13.0), (Setting::Probes, 4000.0), (Setting::Damping, 0.1)]);
    let dimension = net.measured(5, |site| effective_dimension(site, &many));
    close("N eff", dimension, 2.560_869_336_868_186, 0.02);
    let (nodes, error) = net.measured(5, |site| density(site, "spectrum", Matrix::Hessian, &many));
    let mean: f64 =
        nodes.value.iter().zip(&nodes.weight).map(|(node, weight)| node * weight).sum::<f64>() / 4000.0;
    assert!((mean - 2.841_406_040_703_767 / 13.0).abs() < 3.5 * error, "{mean} ± {error}");
    let (all, _) = net.measured(0, |site| full(site, "full_spectrum"));
    let negative = all.value.iter().filter(|value| **value < -1e-6 * 2.4).count() as f64 / 13.0;
    close("λ<0", net.measured(5, |site| negative_fraction(site, &many)), negative, 0.05);
}

#[test]
fn the_moments_of_a_probe_are_exact_below_twice_the_steps() {
    let net = NetA::new();
    let few = MeasureSettings::new(&[(Setting::Steps, 4.0), (Setting::Probes, 1.0)]);
    let (nodes, _) = net.measured(9, |site| density(site, "spectrum", Matrix::Hessian, &few));
    let mut stream = Stream::new(9, "spectrum");
    let mut v: Vec<f64> = (0..13).map(|_| stream.normal()).collect();
    let length = norm(&v);
    for v in &mut v {
        *v /= length;
    }
    let mut curvature = Curvature::at(&net.network, &net.parameters, net.examples.rows());
    let mut image = v.clone();
    for j in 1..=7 {
        let last = image.clone();
        curvature.hessian_vector(&last, &mut image);
        let moment: f64 =
            nodes.value.iter().zip(&nodes.weight).map(|(node, weight)| weight * node.powi(j)).sum();
        assert!((moment - dot(&v, &image)).abs() < 1e-10 * moment.abs().max(1.0), "moment {j}");
    }
}

/// A sum over eigenvalues from random probes.
type Sum = fn(&mut super::site::Site<'_, '_>, &MeasureSettings) -> Result<f64, super::Interrupted>;

#[test]
fn sums_over_eigenvalues_are_unbiased() {
    let net = NetA::new();
    let (probes, runs) = (MeasureSettings::new(&[(Setting::Probes, 6.0)]), 4000_u64);
    let sums: [(&str, Sum, f64); 4] = [
        ("trace", |site, s| Ok(trace::trace(site, Matrix::Hessian, s)?.value), 2.841_406_040_703_767),
        (
            "Gauss–Newton",
            |site, s| Ok(trace::trace(site, Matrix::GaussNewton, s)?.value),
            2.976_569_897_475_849,
        ),
        ("Hutch++", |site, s| Ok(trace::hutchpp(site, s)?.value), 2.841_406_040_703_767),
        ("‖H‖²", |site, s| Ok(trace::square(site, s)?.value), 7.102_429_504_423_14),
    ];
    for (name, sum, expected) in sums {
        let values: Vec<f64> = (0..runs).map(|seed| net.measured(seed, |site| sum(site, &probes))).collect();
        let found = trace::mean(&values);
        assert!((found.value - expected).abs() < 3.5 * found.uncertainty, "{name}: {found:?}");
        assert!(found.uncertainty < 0.1, "{name}: {found:?}");
    }
    // With as many probes as it takes to find the whole range nothing is left to estimate.
    let low_rank = Quadratic::new(&[4.0, 1.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let third = MeasureSettings::new(&[(Setting::Probes, 15.0)]);
    let exact = low_rank.measured(&[0.5; 8], 1, |site| trace::hutchpp(site, &third));
    close("Hutch++ over everything", exact.value, 5.25, 1e-12);
}

#[test]
fn layers_have_the_blocks_of_the_hessian() {
    let net = NetA::new();
    let mut curvature = Curvature::at(&net.network, &net.parameters, net.examples.rows());
    let mut entry = |i: usize, j: usize| {
        let (mut unit, mut out) = (vec![0.0; 13], vec![0.0; 13]);
        unit[i] = 1.0;
        curvature.hessian_vector(&unit, &mut out);
        out[j]
    };
    let many =
        settings(Quantity::LayerCurvature).with(Setting::Probes, 20_000.0).with(Setting::Tolerance, 1e-9);
    let (found, worst) = net.measured(3, |site| blocks::curvature(site, "layer_curvature", &many));
    assert!(worst < 1e-8 && found.part == [0, 1]);
    for (index, layer) in [0..9, 9..13].into_iter().enumerate() {
        let n = layer.len();
        let columns: Vec<f64> = (0..n * n).map(|k| entry(layer.start + k / n, layer.start + k % n)).collect();
        let values = crate::science::solve::symmetric_eigenvalues(&columns, n).unwrap();
        close("λmax of a layer", found.value[index], *values.last().unwrap(), 1e-8);
        close("trace of a layer", found.weight[index], values.iter().sum(), 0.05);
    }
}

#[test]
fn sharpness_of_net_a() {
    let net = NetA::new();
    close("ASAM", net.measured(0, |site| sharpness::adaptive(site, 0.05, 0.0)), 0.027_694_511_12, 1e-8);
    let ascent = settings(Quantity::PgdSharpness);
    let ball = Region::Ellipsoid { rho: 0.05, scale: vec![1.0; 13] };
    close("max over the ball", net.measured(0, |site| highest(site, &ball, &ascent)), 0.051_626_8, 1e-3);
    for (epsilon, expected) in [(1e-3, 0.241_513_51), (5e-4, 0.120_474_52)] {
        let box_ = settings(Quantity::KeskarSharpness).with(Setting::Epsilon, epsilon);
        close("Keskar", net.measured(0, |site| keskar(site, &box_)), expected, 1e-4);
    }
    // All examples in one batch are plain SAM; one at a time the rises are those of each example.
    let sam = net.measured(0, |site| sharpness::sam(site, 0.05));
    close("m = n", net.measured(0, |site| sharpness::of_batches(site, 5, 0.05)), sam, 1e-12);
    let single = net.measured(0, |site| sharpness::of_batches(site, 1, 0.05));
    let mut sum = 0.0;
    for row in 0..5 {
        let rows = net.examples.rows().slice(row, 1);
        sum += measured(&net.network, &net.parameters, rows, 0, |site| sharpness::sam(site, 0.05));
    }
    close("m = 1", single, sum / 5.0, 1e-12);
}

#[test]
fn quadratics_have_closed_forms() {
    let spectrum = [4.0, 1.0, 0.25];
    let quadratic = Quadratic::new(&spectrum);
    let w = [0.5, -1.0, 2.0];
    let box_ = settings(Quantity::KeskarSharpness).with(Setting::Epsilon, 0.01);
    close("Keskar", quadratic.measured(&w, 0, |site| keskar(site, &box_)), 2.6305, 1e-4);
    // At the minimum: every maximum is that along the top eigenvector.
    let ball = Region::Ellipsoid { rho: 0.1, scale: vec![1.0; 3] };
    let ascent = MeasureSettings::new(&[(Setting::Steps, 200.0), (Setting::Starts, 4.0)]);
    let highest = quadratic.measured(&[0.0; 3], 0, |site| highest(site, &ball, &ascent));
    close("max over the ball", highest, 0.5 * 4.0 * 0.01, 1e-6);
    let noise = MeasureSettings::new(&[(Setting::Sigma, 0.3), (Setting::Probes, 4000.0)]);
    let average = quadratic.measured(&w, 0, |site| sharpness::average(site, &noise));
    assert!((average.value - 0.045 * 5.25).abs() < 3.5 * average.uncertainty, "{average:?}");
    let basin = settings(Quantity::BasinWidth).with(Setting::Rise, 0.02).with(Setting::Tolerance, 1e-10);
    let (widths, first) =
        quadratic.measured(&[0.0; 3], 0, |site| slices::basins(site, "basin_width", &basin));
    for (found, expected) in widths.weight.iter().zip([0.1, 0.2, 0.4]) {
        close("half-width", *found, expected, 1e-7);
    }
    assert_eq!(first, widths.weight[0]);
    let probes = settings(Quantity::ParticipationRatio);
    let ratio = quadratic.measured(&w, 0, |site| trace::participation(site, &probes));
    close("participation", ratio, 5.25_f64.powi(2) / 17.0625, 1e-12);
    let pairs = quadratic.measured(&w, 0, |site| largest(site, &settings(Quantity::Eigenvalues)));
    for (pair, expected) in pairs.iter().zip(spectrum) {
        close("eigenvalue", pair.value, expected, 1e-10);
        assert!((norm(&pair.vector) - 1.0).abs() < 1e-12);
    }
}

/// f = a·b at x = 1, y = 0.6.
fn product(a: f64, b: f64) -> (Network, Examples<f64>, [f64; 2]) {
    let network = Network::new(&linear(&[1], HE), 1, 1, Loss::Squared).unwrap();
    let examples = Examples::new(&network, Batch { x: &[1.0], y: &[0.6], n: 1 });
    (network, examples, [a, b])
}

#[test]
fn rescaling_moves_the_hessian_and_not_relative_flatness() {
    let root = 0.6_f64.sqrt();
    for (alpha, sharpest) in [(1.0, 1.2), (2.0, 2.55), (5.0, 15.024), (10.0, 60.006)] {
        let (network, examples, w) = product(root * alpha, root / alpha);
        let at = |measure: &dyn Fn(&mut super::site::Site<'_, '_>) -> f64| {
            measured(&network, &w, examples.rows(), 0, |site| Ok(measure(site)))
        };
        let top =
            at(&|site| lambda_max(site, Matrix::Hessian, &settings(Quantity::LambdaMax)).unwrap().value);
        close("λmax", top, sharpest, 1e-9);
        for layer in [1.0, 2.0] {
            let of_layer = settings(Quantity::RelativeFlatness).with(Setting::Layer, layer);
            let flatness = at(&|site| flatness::relative(site, &of_layer).unwrap().value);
            close("relative flatness", flatness, 0.36, 1e-9);
        }
        // At a perfect fit every derivative of the loss is 0.
        assert!(at(&|site| flatness::fisher_rao(site).unwrap()) < 1e-28);
    }
    let (network, examples, w) = product(0.5, 0.7);
    let fisher = measured(&network, &w, examples.rows(), 0, flatness::fisher_rao);
    // ⟨w, ∇ℓ⟩ = (ab − y)(ab + ab).
    close("Fisher–Rao", fisher, ((0.35 - 0.6) * 0.7_f64).powi(2), 1e-12);
}

#[test]
fn relative_flatness_by_probes_is_that_of_all_products() {
    let net = NetA::new();
    let of = |probes: f64, seed| {
        let settings = MeasureSettings::new(&[(Setting::Probes, probes), (Setting::Layer, 1.0)]);
        net.measured(seed, |site| flatness::relative(site, &settings))
    };
    let exact = of(9.0, 0);
    assert_eq!(exact.uncertainty, 0.0);
    let values: Vec<f64> = (0..2000).map(|seed| of(8.0, seed).value).collect();
    let found = trace::mean(&values);
    assert!((found.value - exact.value).abs() < 3.5 * found.uncertainty, "{found:?} {exact:?}");
}

#[test]
fn bounds_have_the_values_that_others_computed() {
    assert!((pac_bayes::mcallester(0.03, 5000.0, 60_000.0, 0.05) - 0.234_312).abs() < 1e-6);
    // kl(q‖p) ≥ 2 (p − q)²: the bound by kl is never the weaker one.
    for error in [0.0, 0.03, 0.3] {
        let of = |bound: fn(f64, f64, f64, f64) -> f64| bound(error, 700.0, 9000.0, 0.05);
        assert!(of(pac_bayes::by_kl) <= of(pac_bayes::mcallester) + 1e-12);
    }
}

#[test]
fn noise_is_borne_up_to_its_standard_deviation() {
    // One weight w = 1 and inputs ±1 of two classes through f = (wx, −wx): wrong where w + σz < 0, so the mean error is
    // the share of z below −1/σ, and over these z the largest σ is known.
    let network = Network::new(&linear(&[], HE), 1, 2, Loss::CrossEntropy).unwrap();
    let examples = Examples::new(&network, Batch { x: &[1.0, -1.0], y: &[1.0, 0.0, 0.0, 1.0], n: 2 });
    let w = [1.0, -1.0];
    let labels = [0, 1];
    let context =
        super::Context { labels: &labels, clean: &[], truth: None, initial: &[0.0, 0.0], seed: 4, rate: 0.1 };
    let mut recorder = crate::science::fixtures::Recorder::default();
    let mut pulse = super::Pulse::new(&mut recorder, 0);
    let mut site = super::Site::new(&network, &w, examples.rows(), context, &mut pulse).unwrap();
    let settings =
        settings(Quantity::PacBayesSigma).with(Setting::Probes, 2000.0).with(Setting::Tolerance, 1e-4);
    let sigma = pac_bayes::sigma(&mut site, &settings).unwrap();
    // The difference of the two weights is 2 + σ(z₁ − z₂), so the error is Φ(−√2/σ) = 0.1 at σ = √2 / 1.2816.
    close("σ", sigma, 2.0_f64.sqrt() / 1.281_551_6, 0.06);
}

#[test]
fn barriers_are_above_the_chord() {
    // f = ab between the minima (√.6, √.6) and (−√.6, −√.6): at the middle a = b = 0 and the loss is 0.18.
    let root = 0.6_f64.sqrt();
    let (network, examples, w) = product(root, root);
    let mut slice = super::details::Slice::of("barrier", "line", 1);
    measured(&network, &w, examples.rows(), 0, |site| {
        slices::way(site, &[-root, -root], &[root, root], 25, &mut slice, 0)
    });
    assert_eq!((slice.x[0], slice.x[24]), (0.0, 1.0));
    assert!(slice.loss[0] < 1e-30 && slice.loss[24] < 1e-30, "both ends are there");
    close("barrier", slices::barrier(&slice.x, &slice.loss), 0.18, 1e-12);
}

#[test]
fn directions_are_normal_and_as_long_as_the_filters() {
    let net = NetA::new();
    let mut stream = Stream::new(1, "test");
    let d = slices::filter_normalised(&net.network, &net.parameters, &mut stream);
    for layer in net.network.layers() {
        for (own, drawn) in net.parameters[layer.weight.clone()]
            .chunks(layer.inputs)
            .zip(d[layer.weight.clone()].chunks(layer.inputs))
        {
            close("a filter", norm(drawn), norm(own), 1e-12);
        }
        assert!(d[layer.bias.clone()].iter().all(|d| *d == 0.0), "biases are left alone");
    }
    let few = settings(Quantity::Slice).with(Setting::Directions, 3.0).with(Setting::Points, 5.0);
    let slice = net.measured(1, |site| slices::lines(site, "slice", &few));
    assert_eq!(slice.x[..5], [-1.0, -0.5, 0.0, 0.5, 1.0]);
    assert!(slice.part == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    for middle in [2, 7, 12] {
        close("the middle of every line", slice.loss[middle], 0.325_294_707_879_116_1, 1e-14);
    }
    let square = settings(Quantity::Plane).with(Setting::Points, 3.0);
    let plane = net.measured(1, |site| slices::planes(site, "plane", &square));
    assert_eq!((plane.x.len(), plane.x[1], plane.y[1], plane.y[8]), (9, 0.0, -1.0, 1.0));
    close("the middle of the plane", plane.loss[4], 0.325_294_707_879_116_1, 1e-14);
}

/// A random network with data, and its weights.
fn random(activation: Activation, seed: u64) -> (Network, Examples<f64>, Vec<f64>) {
    let network = Network::new(&mlp(&[4, 3], activation, HE), 3, 2, Loss::Squared).unwrap();
    let mut stream = Stream::new(seed, "test");
    let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
    let (x, y, w) = (draw(3 * 20), draw(2 * 20), draw(network.parameters()));
    let examples = Examples::new(&network, Batch { x: &x, y: &y, n: 20 });
    (network, examples, w)
}

/// Every number that is exact, at these weights.
fn exact(network: &Network, examples: &Examples<f64>, w: &[f64]) -> Vec<(Quantity, f64)> {
    let without_draws = [
        Quantity::GradientNorm,
        Quantity::LambdaMax,
        Quantity::LambdaMin,
        Quantity::GgnLambdaMax,
        Quantity::GradientCurvature,
        Quantity::ImplicitRegularizer,
        Quantity::SamSharpness,
        Quantity::MSharpness,
        Quantity::AdaptiveSharpness,
        Quantity::RelativeFlatness,
        Quantity::FisherRao,
        Quantity::PathNorm,
        Quantity::FrobeniusProduct,
        Quantity::SpectralProduct,
    ];
    let (mut values, mut details) = (Values::new(), Details::default());
    measured(network, w, examples.rows(), 0, |site| {
        for quantity in without_draws {
            let mut spec = MeasureSpec::at_end(quantity);
            if matches!(quantity, Quantity::LambdaMax | Quantity::LambdaMin | Quantity::GgnLambdaMax) {
                spec.settings.set(Setting::Tolerance, 1e-12);
            }
            family::measure(site, &spec, &mut values, &mut details)?;
        }
        Ok(())
    });
    without_draws.into_iter().map(|quantity| (quantity, values[quantity.name()])).collect()
}

/// Whether most weights of every layer mean something to the loss: of so few rectified units nearly all of a layer may
/// be silent.
fn learns(network: &Network, examples: &Examples<f64>, w: &[f64]) -> bool {
    let curvature = Curvature::at(network, w, examples.rows());
    network.layers().iter().all(|layer| {
        let slopes = &curvature.gradient()[layer.weight.clone()];
        slopes.iter().filter(|&&slope| slope != 0.0).count() * 2 > slopes.len()
    })
}

/// Swaps units 0 and 2 of the first hidden layer, and gives unit 1 the other sign if `sign` is −1.
fn permuted(network: &Network, w: &[f64], sign: f64) -> Vec<f64> {
    let (first, second) = (&network.layers()[0], &network.layers()[1]);
    let mut out = w.to_vec();
    let order = [2, 1, 0, 3];
    for (to, from) in order.into_iter().enumerate() {
        let sign = if to == 1 { sign } else { 1.0 };
        for input in 0..first.inputs {
            out[first.weight.start + to * first.inputs + input] =
                sign * w[first.weight.start + from * first.inputs + input];
        }
        out[first.bias.start + to] = sign * w[first.bias.start + from];
        for output in 0..second.outputs {
            out[second.weight.start + output * second.inputs + to] =
                sign * w[second.weight.start + output * second.inputs + from];
        }
    }
    out
}

/// Makes the first hidden layer `alpha` times as large, and the weights above it smaller by as much.
fn rescaled(network: &Network, w: &[f64], alpha: f64) -> Vec<f64> {
    let (first, second) = (&network.layers()[0], &network.layers()[1]);
    let mut out = w.to_vec();
    out[first.weight.start..first.bias.end].iter_mut().for_each(|w| *w *= alpha);
    out[second.weight.clone()].iter_mut().for_each(|w| *w /= alpha);
    out
}

/// Asserts that the gradient of a random network is the derivative of its loss, and the Hessian that of the gradient;
/// the gradient.
fn derivatives_are_right(hidden: &[usize], activation: Activation, loss: Loss, seed: u64) -> Vec<f64> {
    let outputs = if loss == Loss::Logistic { 1 } else { 3 };
    let network = Network::new(&mlp(hidden, activation, HE), 3, outputs, loss).unwrap();
    let mut stream = Stream::new(seed, "test");
    let x: Vec<f64> = (0..30).map(|_| stream.normal()).collect();
    let target = |k: usize| match loss {
        Loss::Logistic | Loss::Perceptron => [-1.0, 1.0, 1.0][k % 3],
        Loss::Squared | Loss::CrossEntropy => f64::from(u8::from(k % 3 == k / 3 % 3)),
    };
    let y: Vec<f64> = (0..10 * outputs).map(target).collect();
    let w: Vec<f64> = (0..network.parameters()).map(|_| stream.normal()).collect();
    let batch = Batch { x: &x, y: &y, n: 10 };
    let examples = Examples::new(&network, batch);
    let mut curvature = Curvature::at(&network, &w, examples.rows());
    let gradient = curvature.gradient().to_vec();
    let (mut unit, mut column) = (vec![0.0; w.len()], vec![0.0; w.len()]);
    for index in 0..w.len() {
        let at = |step: f64| {
            let (mut moved, mut slope) = (w.clone(), vec![0.0; w.len()]);
            moved[index] += step;
            (network.loss_and_gradient(&moved, batch, &mut slope), slope)
        };
        let ((above, above_slope), (below, below_slope)) = (at(1e-5), at(-1e-5));
        let check = |value: f64, above: f64, below: f64| {
            let expected = (above - below) / 2e-5;
            let off = (value - expected).abs();
            assert!(off < 1e-6 * expected.abs().max(1.0), "{activation:?} {loss:?} {seed} {index}: {off}");
        };
        check(gradient[index], above, below);
        unit[index] = 1.0;
        curvature.hessian_vector(&unit, &mut column);
        unit[index] = 0.0;
        for ((value, above), below) in column.iter().zip(above_slope).zip(below_slope) {
            check(*value, above, below);
        }
    }
    gradient
}

#[test]
fn gradients_and_products_are_the_derivatives_of_every_network_and_loss() {
    // Rectified units have a kink, which these draws are far enough from.
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Linear] {
        for loss in [Loss::Squared, Loss::CrossEntropy, Loss::Logistic] {
            let gradient = derivatives_are_right(&[5, 4], activation, loss, 11);
            assert!(gradient.iter().filter(|slope| **slope != 0.0).count() > gradient.len() / 2);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn order_and_sign_of_units_move_nothing(seed in 0_u64..1000) {
        for (activation, sign) in [(Activation::Tanh, -1.0), (Activation::Relu, 1.0), (Activation::Gelu, 1.0)] {
            let (network, examples, w) = random(activation, seed);
            let other = permuted(&network, &w, sign);
            let pairs = exact(&network, &examples, &w).into_iter().zip(exact(&network, &examples, &other));
            for ((quantity, a), (_, b)) in pairs {
                let told = quantity.info().invariant.contains(&Invariance::Permutation);
                prop_assert!(told && (a - b).abs() <= 1e-7 * a.abs().max(1e-6), "{quantity:?} {a} {b}");
            }
        }
    }

    #[test]
    fn rescaling_of_layers_moves_what_it_is_said_to(seed in 0_u64..1000) {
        let (network, examples, w) = random(Activation::Relu, seed);
        prop_assume!(learns(&network, &examples, &w));
        let other = rescaled(&network, &w, 3.0);
        let pairs = exact(&network, &examples, &w).into_iter().zip(exact(&network, &examples, &other));
        let mut moved = 0;
        for ((quantity, a), (_, b)) in pairs {
            if quantity.info().invariant.contains(&Invariance::Rescaling) {
                prop_assert!((a - b).abs() <= 1e-7 * a.abs().max(1e-6), "{quantity:?} {a} {b}");
            } else {
                moved += usize::from((a - b).abs() > 1e-3 * a.abs());
            }
        }
        prop_assert!(moved >= 5, "{moved} moved");
    }

    #[test]
    fn the_full_hessian_is_the_derivative_of_the_gradient(seed in 0_u64..1000) {
        for activation in [Activation::Tanh, Activation::Gelu, Activation::Linear] {
            for loss in [Loss::Squared, Loss::CrossEntropy, Loss::Logistic] {
                derivatives_are_right(&[3], activation, loss, seed);
            }
        }
    }
}

/// Every quantity that the weights of one run tell.
fn of_weights() -> impl Iterator<Item = &'static crate::spec::QuantityInfo> {
    CATALOGUE.iter().filter(|info| !info.always && Procedure::owner(info.quantity).is_none())
}

#[test]
fn every_quantity_of_one_run_is_measured_and_the_same_twice() {
    let net = NetA::new();
    let measure = || {
        let (mut values, mut details) = (Values::new(), Details::default());
        net.measured(7, |site| {
            for info in of_weights() {
                family::measure(site, &MeasureSpec::at_end(info.quantity), &mut values, &mut details)?;
            }
            Ok(())
        });
        (values, details)
    };
    let (values, details) = measure();
    for info in of_weights() {
        for column in info.columns {
            assert!(values.contains_key(*column), "{column}");
        }
        let spectrum = details.spectra.iter().any(|spectrum| spectrum.quantity == info.name);
        let slice = details.slices.iter().any(|slice| slice.quantity == info.name);
        assert_eq!(spectrum, info.picture == Picture::Spectrum, "{}", info.name);
        assert_eq!(slice, matches!(info.picture, Picture::Lines | Picture::Planes), "{}", info.name);
    }
    // Without classes what is of classes is undefined, and nothing else is.
    let undefined: Vec<_> =
        values.iter().filter(|(_, value)| value.is_nan()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        undefined,
        [
            "excess_risk",
            "margin",
            "mcallester_bound",
            "noisy_fitted",
            "normalized_margin",
            "pac_bayes_bound",
            "pac_bayes_sigma"
        ]
    );
    let again = measure();
    assert_eq!(format!("{:?}", (values, details)), format!("{again:?}"));
}
