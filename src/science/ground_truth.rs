//! The engine against numbers that were computed by independent programs: `NetA` (tanh 2-3-1) and the edge of stability.
//! `cargo test --release --lib -- ground_truth measures::tests --nocapture --test-threads 1` prints the table: what it is,
//! ours, expected, how far off relatively and how far it may be.

use std::convert::Infallible;

use super::dense::{Curvature, Examples};
use super::fixtures::{HE, NetA, Recorder, close, mlp, run_spec};
use super::measures::curvature::lambda_max;
use super::measures::lanczos::Lanczos;
use super::measures::sharpness::sam;
use super::measures::site::Matrix;
use super::measures::trace::trace;
use super::measures::tridiagonal::Eigen;
use super::measures::vector::{add_scaled, dot, norm};
use super::train::{Ending, train};
use crate::base::rng::Stream;
use crate::data::{Part, Problem};
use crate::spec::{Activation, Init, InitKind, Loss, MeasureSettings, MeasureSpec, Quantity, Setting, When};

/// Columns of a symmetric 13 × 13 matrix, by its products with the unit vectors.
fn columns(mut product: impl FnMut(&[f64], &mut [f64])) -> Vec<Vec<f64>> {
    let column = |index: usize| {
        let (mut unit, mut out) = (vec![0.0; 13], vec![0.0; 13]);
        unit[index] = 1.0;
        product(&unit, &mut out);
        out
    };
    (0..13).map(column).collect()
}

/// The eigenvalues (each once), through a Lanczos run that fills the space, sorted.
fn eigenvalues(matrix: &[Vec<f64>]) -> Vec<f64> {
    let mut lanczos = Lanczos::new((0..13).map(|i| 1.0 + f64::from(i).sin()).collect());
    for _ in 0..13 {
        let product = |v: &[f64], out: &mut [f64]| {
            out.iter_mut().zip(matrix).for_each(|(out, row)| *out = dot(row, v));
            Ok::<_, Infallible>(())
        };
        let _ = lanczos.extend(product);
    }
    let mut values = Eigen::new(&lanczos.alphas, &lanczos.betas[..lanczos.alphas.len() - 1], []).values;
    values.sort_by(f64::total_cmp);
    values
}

fn trace_of(matrix: &[Vec<f64>]) -> f64 {
    (0..13).map(|i| matrix[i][i]).sum()
}

fn frobenius_squared(matrix: &[Vec<f64>]) -> f64 {
    matrix.iter().map(|column| dot(column, column)).sum()
}

#[test]
fn gt_10_loss_gradient_hessian_and_gauss_newton() {
    let net = NetA::new();
    let mut curvature = Curvature::at(&net.network, &net.parameters, net.examples.rows());
    let gradient = curvature.gradient().to_vec();
    let hessian = columns(|v, out| curvature.hessian_vector(v, out));
    let gauss_newton = columns(|v, out| curvature.gauss_newton_vector(v, out));
    let spectrum = eigenvalues(&hessian);
    let mut image = vec![0.0; 13];
    curvature.hessian_vector(&gradient, &mut image);
    let modified = {
        // ∇(E + ¼h‖∇E‖²) = g + ½h Hg at h = 0.1: the loss that gradient descent follows (Barrett & Dherin 2021).
        let mut modified = gradient.clone();
        add_scaled(&mut modified, 0.05, &image);
        norm(&modified)
    };
    for (name, value, expected) in [
        ("loss", curvature.loss(), 0.325_294_707_879_116_1),
        ("|grad|", norm(&gradient), 0.974_964_737_160_813_4),
        ("tr H", trace_of(&hessian), 2.841_406_040_703_767),
        ("lam_max", *spectrum.last().unwrap(), 2.396_478_903_520_206),
        ("lam_min", spectrum[0], -0.517_053_518_505_607_3),
        ("|H|_F^2", frobenius_squared(&hessian), 7.102_429_504_423_14),
        ("tr GGN", trace_of(&gauss_newton), 2.976_569_897_475_849),
        ("lam_max GGN", *eigenvalues(&gauss_newton).last().unwrap(), 2.249_634_916_146_191),
        ("gHg/gg", dot(&gradient, &image) / dot(&gradient, &gradient), 2.289_400_851_825_536),
        ("|grad of the modified loss|", modified, 1.086_818_596_392_426_2),
    ] {
        close(name, value, expected, 1e-10);
    }
}

#[test]
fn gt_10_lambda_max_as_it_is_measured() {
    let net = NetA::new();
    let settings = MeasureSpec::at_end(Quantity::LambdaMax).settings.with(Setting::Tolerance, 1e-9);
    for seed in 0..5 {
        let estimate = net.measured(seed, |site| lambda_max(site, Matrix::Hessian, &settings));
        close("lam_max", estimate.value, 2.396_478_903_520_206, 1e-10);
        assert!(estimate.uncertainty <= 2e-9, "{estimate:?}");
    }
}

#[test]
fn gt_11_lanczos_and_its_quadrature() {
    let net = NetA::new();
    let mut curvature = Curvature::at(&net.network, &net.parameters, net.examples.rows());
    let mut lanczos = Lanczos::new(vec![1.0; 13]);
    for _ in 0..4 {
        let product = |v: &[f64], out: &mut [f64]| {
            curvature.hessian_vector(v, out);
            Ok::<_, Infallible>(())
        };
        let _ = lanczos.extend(product);
    }
    let eigen = Eigen::new(&lanczos.alphas, &lanczos.betas[..3], [0]);
    let mut nodes: Vec<(f64, f64)> =
        eigen.values.iter().copied().zip(eigen.rows[0].iter().map(|y| y * y)).collect();
    nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let moment = |j: i32| nodes.iter().map(|(node, weight)| weight * node.powi(j)).sum::<f64>();
    let (values, weights): (Vec<f64>, Vec<f64>) = nodes.iter().copied().unzip();
    let moments: Vec<f64> = (1..=6).map(moment).collect();
    for (name, found, expected) in [
        ("alpha", &lanczos.alphas[..], &[0.111_632_82, 0.406_644_26, 1.506_101_20, 0.488_729_22][..]),
        ("beta", &lanczos.betas[..3], &[0.230_254_00, 0.629_829_35, 1.136_156_31]),
        ("node", &values, &[-0.431_744_23, 0.032_204_88, 0.524_409_11, 2.388_237_74]),
        ("weight", &weights, &[0.038_442_68, 0.766_689_59, 0.194_144_13, 0.000_723_60]),
        (
            "moment",
            &moments,
            &[
                0.111_632_822_8,
                0.065_478_789_5,
                0.034_787_027_5,
                0.039_559_412_4,
                0.063_342_606_0,
                0.138_552_436_2,
            ],
        ),
    ] {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-8, "{name}: {found}, expected {expected}");
        }
    }
}

#[test]
fn gt_12_hutchinson_variance_and_standard_error() {
    let net = NetA::new();
    let mut curvature = Curvature::at(&net.network, &net.parameters, net.examples.rows());
    let hessian = columns(|v, out| curvature.hessian_vector(v, out));
    let off_diagonal = frobenius_squared(&hessian) - (0..13).map(|i| hessian[i][i].powi(2)).sum::<f64>();
    close("2 (|H|_F^2 − Σ h_ii²)", 2.0 * off_diagonal, 10.810_014_8, 1e-8);
    let settings = MeasureSettings::new(&[(Setting::Probes, 10_000.0)]);
    let estimate = net.measured(3, |site| trace(site, Matrix::Hessian, &settings));
    close("sample variance", estimate.uncertainty.powi(2) * 1e4, 10.810_014_8, 0.05);
    assert!((estimate.value - 2.841_406_040_703_767).abs() < 3.0 * estimate.uncertainty, "{estimate:?}");
}

#[test]
fn gt_13_sam_sharpness_and_step() {
    let net = NetA::new();
    let (w, batch, rho) = (&net.parameters, net.batch(), 0.05);
    let mut gradient = vec![0.0; 13];
    net.network.loss_and_gradient(w, batch, &mut gradient);
    let rise = net.measured(0, |site| sam(site, rho));
    assert!((rise - 0.051_611_371_02).abs() < 1e-10, "{rise}");
    let (mut ascended, mut stepped) = (w.clone(), w.clone());
    add_scaled(&mut ascended, rho / norm(&gradient), &gradient);
    net.network.loss_and_gradient(&ascended, batch, &mut gradient);
    add_scaled(&mut stepped, -0.1, &gradient);
    let after = net.network.loss(&stepped, batch);
    assert!((after - 0.232_746_278_81).abs() < 1e-10, "{after}");
}

/// Twenty points of T₄ on [−1, 1].
fn chebyshev() -> Problem {
    let x: Vec<f32> = (0..20_u16).map(|i| f32::from(i) * 2.0 / 19.0 - 1.0).collect();
    let y = x.iter().map(|x| 8.0 * x.powi(4) - 8.0 * x * x + 1.0).collect();
    let empty = Part { x: Vec::new(), y: Vec::new(), labels: Vec::new(), n: 0 };
    Problem {
        train: Part { x, y, labels: Vec::new(), n: 20 },
        test: empty,
        inputs: 1,
        outputs: 1,
        ..Problem::default()
    }
}

#[test]
fn gt_6b_gradient_descent_settles_at_the_edge_of_stability() {
    let init = Init { kind: InitKind::Lecun, ..HE };
    let mut spec = run_spec();
    spec.model = mlp(&[32, 32], Activation::Tanh, init);
    spec.loss = Loss::Squared;
    (spec.optimizer.learning_rate, spec.optimizer.batch_size, spec.stop.steps) = (0.4, 20, 6000);
    let sharpness = MeasureSpec { when: When::Every(50), ..MeasureSpec::at_end(Quantity::LambdaMax) };
    let mut recorder = Recorder::default();
    let outcome = train(&spec, &chebyshev(), &[sharpness], None, &mut recorder).unwrap();
    assert_eq!((outcome.ending, outcome.steps), (Ending::Steps, 6000));
    let last_half = recorder.rows.iter().filter(|(step, _)| *step >= 3000);
    let ratios: Vec<f64> =
        last_half.filter_map(|(_, row)| row.get("lambda_max")).map(|l| l * 0.4 / 2.0).collect();
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    assert!(ratios.len() == 61 && (0.98..1.02).contains(&mean), "{mean} over {}", ratios.len());
}

#[test]
fn hessian_products_are_derivatives_of_the_gradient_across_chunks() {
    // 1300 examples make three chunks; central differences in f64 are good to about 1e-8 here.
    for (activation, loss) in [(Activation::Tanh, Loss::Squared), (Activation::Gelu, Loss::CrossEntropy)] {
        let network = super::dense::Network::new(&mlp(&[7, 5], activation, HE), 4, 3, loss).unwrap();
        let mut stream = Stream::new(2, "test");
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        let (x, w, v) = (draw(1300 * 4), draw(network.parameters()), draw(network.parameters()));
        let y: Vec<f64> = (0..1300 * 3).map(|i| f64::from(u8::from(i % 3 == i / 3 % 3))).collect();
        let batch = super::dense::Batch { x: &x, y: &y, n: 1300 };
        let gradient_at = |step: f64| {
            let (mut moved, mut gradient) = (w.clone(), vec![0.0; w.len()]);
            add_scaled(&mut moved, step, &v);
            network.loss_and_gradient(&moved, batch, &mut gradient);
            gradient
        };
        let (below, above) = (gradient_at(-1e-5), gradient_at(1e-5));
        let mut product = vec![0.0; w.len()];
        let examples = Examples::new(&network, batch);
        let mut curvature = Curvature::at(&network, &w, examples.rows());
        curvature.hessian_vector(&v, &mut product);
        let scale = norm(&product);
        for ((product, below), above) in product.iter().zip(&below).zip(&above) {
            assert!((product - (above - below) / 2e-5).abs() < 1e-7 * scale, "{activation:?}, {loss:?}");
        }
    }
}
