use super::super::{Batch, Curvature, Examples, Network, Parameters, Pass};
use super::Image;
use crate::base::rng::Stream;
use crate::science::autograd::Autograd;
use crate::science::fixtures::{HE, mlp};
use crate::science::init;
use crate::spec::{Activation, Loss, ModelSpec};

/// Networks of every kind, with the inputs that they take.
fn networks(activation: Activation, loss: Loss) -> Vec<Network> {
    let normal = |hidden: &[usize], batch_norm| match mlp(hidden, activation, HE) {
        ModelSpec::Mlp { hidden, activation, bias, init, dropout, .. } => {
            ModelSpec::Mlp { hidden, activation, bias, init, batch_norm, dropout }
        }
        other => other,
    };
    let images = |channels: &[usize], pool, hidden: &[usize], batch_norm| ModelSpec::Convolutional {
        channels: channels.to_vec(),
        kernel: 3,
        pool,
        hidden: hidden.to_vec(),
        activation,
        bias: true,
        init: HE,
        batch_norm,
        dropout: 0.0,
    };
    let models = [
        (normal(&[7, 5], true), 6),
        (images(&[4], 2, &[], false), 16),
        (images(&[3, 4], 2, &[6], false), 25),
        (images(&[3], 1, &[5], true), 9),
        // A row of pixels.
        (images(&[3, 2], 2, &[], true), 11),
    ];
    models.iter().map(|(model, inputs)| Network::new(model, *inputs, 3, loss).unwrap()).collect()
}

/// Some examples and weights of a network, the same for the same seed.
struct Some {
    weights: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    n: usize,
}

impl Some {
    fn of(network: &Network, n: usize, seed: u64) -> Self {
        let mut stream = Stream::new(seed, "wired");
        let mut normals = |count: usize| (0..count).map(|_| stream.normal()).collect::<Vec<_>>();
        let mut weights: Vec<f64> = init::draw(network, HE, seed).into_iter().map(f64::from).collect();
        weights.iter_mut().zip(normals(network.parameters())).for_each(|(w, off)| *w += 0.1 * off);
        let x = normals(n * network.inputs());
        let y = (0..n).flat_map(|k| (0..3).map(move |c| f64::from(u8::from(c == k % 3)))).collect();
        Self { weights, x, y, n }
    }

    fn batch(&self) -> Batch<'_, f64> {
        Batch { x: &self.x, y: &self.y, n: self.n }
    }
}

#[test]
fn gradients_are_those_of_autograd() {
    for loss in [Loss::Squared, Loss::CrossEntropy] {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu] {
            for network in networks(activation, loss) {
                let some = Some::of(&network, 12, 3);
                let (mut own, mut oracle) = (vec![0.0; some.weights.len()], vec![0.0; some.weights.len()]);
                let own_loss = network.loss_and_gradient(&some.weights, some.batch(), &mut own);
                let loss = Autograd::new(&network)
                    .loss_and_gradient(&some.weights, some.batch(), &mut oracle)
                    .unwrap();
                assert!((own_loss - loss).abs() < 1e-12 * loss, "{own_loss} {loss}");
                let largest = oracle.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
                for (index, (own, oracle)) in own.iter().zip(&oracle).enumerate() {
                    assert!((own - oracle).abs() < 1e-10 * largest, "{network:?} {index}: {own} {oracle}");
                }
            }
        }
    }
}

#[test]
fn products_are_derivatives_of_the_gradient() {
    for loss in [Loss::Squared, Loss::CrossEntropy] {
        for network in networks(Activation::Tanh, loss) {
            let some = Some::of(&network, 10, 5);
            let examples = Examples::new(&network, some.batch());
            let v: Vec<f64> = (0..some.weights.len()).map(|k| (1.0 + k as f64).sin()).collect();
            let mut product = v.clone();
            let mut curvature = Curvature::at(&network, &some.weights, examples.rows());
            curvature.hessian_vector(&v, &mut product);
            let h = 1e-5;
            let gradient = |sign: f64| {
                let at: Vec<f64> = some.weights.iter().zip(&v).map(|(w, v)| w + sign * h * v).collect();
                let mut gradient = vec![0.0; at.len()];
                network.loss_and_gradient(&at, some.batch(), &mut gradient);
                gradient
            };
            let largest = product.iter().fold(0.0_f64, |most, p| most.max(p.abs()));
            for ((own, above), below) in product.iter().zip(gradient(1.0)).zip(gradient(-1.0)) {
                assert!((own - (above - below) / (2.0 * h)).abs() < 1e-6 * largest, "{network:?}");
            }
            // ⟨v, ∇ℓ⟩ over all examples comes to ⟨v, ∇L⟩.
            let along: f64 = curvature.directional(&v).iter().sum::<f64>() / 10.0;
            let whole: f64 = curvature.gradient().iter().zip(&v).map(|(g, v)| g * v).sum();
            assert!((along - whole).abs() < 1e-10 * whole.abs().max(1.0));
        }
    }
}

#[test]
fn the_gauss_newton_matrix_is_that_of_the_jacobian() {
    // Of the squared loss it is JᵀJ / n: ⟨v, G v⟩ is the mean square of how far the outputs move along v.
    for network in networks(Activation::Tanh, Loss::Squared) {
        let some = Some::of(&network, 8, 7);
        let examples = Examples::new(&network, some.batch());
        let v: Vec<f64> = (0..some.weights.len()).map(|k| (2.0 + k as f64).cos()).collect();
        let mut product = v.clone();
        Curvature::at(&network, &some.weights, examples.rows()).gauss_newton_vector(&v, &mut product);
        let outputs = |sign: f64| {
            let at: Vec<f64> = some.weights.iter().zip(&v).map(|(w, v)| w + sign * 1e-5 * v).collect();
            let mut all = Vec::new();
            Pass::forward(&network, 8).outputs(
                &Parameters::new(&network, &at),
                examples.rows(),
                |rows, f| {
                    all.extend((0..rows.n()).flat_map(|row| f.row(row).collect::<Vec<_>>()));
                },
            );
            all
        };
        let moved: f64 =
            outputs(1.0).iter().zip(outputs(-1.0)).map(|(a, b)| ((a - b) / 2e-5).powi(2)).sum::<f64>() / 8.0;
        let found: f64 = product.iter().zip(&v).map(|(g, v)| g * v).sum();
        assert!((found / moved - 1.0).abs() < 1e-7, "{found} {moved}");
    }
}

/// A wired network without anything but products comes to what the fused passes come to.
#[test]
fn plain_layers_are_those_of_the_fused_passes() {
    let network = Network::new(&mlp(&[9, 4], Activation::Gelu, HE), 6, 3, Loss::CrossEntropy).unwrap();
    let some = Some::of(&network, 300, 1);
    let (mut fused, mut wired) = (vec![0.0; some.weights.len()], vec![0.0; some.weights.len()]);
    let one = network.loss_and_gradient(&some.weights, some.batch(), &mut fused);
    let other = network.wired().loss_and_gradient(&some.weights, some.batch(), &mut wired);
    assert!((one - other).abs() < 1e-12);
    assert!(fused.iter().zip(&wired).all(|(a, b)| (a - b).abs() < 1e-12));
}

/// Scaling the weights into a normalised unit changes nothing, so the gradient stands upright on them (S1-24).
#[test]
fn normalised_weights_have_no_scale() {
    let network = &networks(Activation::Relu, Loss::CrossEntropy)[0];
    let some = Some::of(network, 50, 2);
    let mut gradient = vec![0.0; some.weights.len()];
    network.loss_and_gradient(&some.weights, some.batch(), &mut gradient);
    for layer in &network.layers()[..2] {
        let along: f64 = layer.weight.clone().map(|k| some.weights[k] * gradient[k]).sum();
        let size: f64 = layer.weight.clone().map(|k| gradient[k].powi(2)).sum::<f64>().sqrt();
        // What is added to the variance spoils it by as much.
        assert!(along.abs() < 1e-4 * size.max(1e-3), "{along}");
    }
}

#[test]
fn test_examples_are_normalised_by_the_moments_of_training() {
    let network = &networks(Activation::Tanh, Loss::Squared)[0];
    let some = Some::of(network, 40, 4);
    let (examples, weights) = (Examples::new(network, some.batch()), Parameters::new(network, &some.weights));
    let mut pass = Pass::forward(network, 40);
    let mut all = Vec::new();
    pass.outputs(&weights, examples.rows(), |rows, f| {
        all.extend((0..rows.n()).flat_map(|row| f.row(row).collect::<Vec<_>>()));
    });
    // One example alone among the training examples has the outputs that it has with all of them.
    let one = examples.rows().slice(7, 1);
    pass.outputs_by(&weights, one, Some(examples.rows()), |_, f| {
        assert!(f.row(0).zip(&all[21..24]).all(|(a, b)| (a - b).abs() < 1e-12));
    });
}

#[test]
fn dropout_leaves_the_mean_where_it_is_and_is_drawn_by_the_step() {
    let network = Network::new(&mlp(&[400], Activation::Linear, HE), 5, 1, Loss::Squared).unwrap().wired();
    let (weights, x, y) = (vec![0.05_f32; network.parameters()], vec![1.0_f32; 200 * 5], vec![0.0; 200]);
    let examples = Examples::new(&network, Batch { x: &x, y: &y, n: 200 });
    let parameters = Parameters::new(&network, &weights);
    let loss = |rate, step: u64| {
        let mut pass = Pass::gradient(&network, 200);
        pass.drop_out(rate, Stream::new(1, &format!("dropout.{step}")));
        pass.look(&parameters, examples.rows())
    };
    assert_eq!(loss(0.5, 1), loss(0.5, 1));
    assert_ne!(loss(0.5, 1), loss(0.5, 2));
    // f = Σ 0.05 a m + 0.05 with a = 0.3, m of mean 1 and variance 1: its mean is 6.05, its variance 400 · 0.015².
    let expected = 0.5 * (6.05_f64.powi(2) + 400.0 * 0.015_f64.powi(2));
    let found: f64 = (0..20).map(|step| loss(0.5, step)).sum::<f64>() / 20.0;
    assert!((found / expected - 1.0).abs() < 0.005, "{found} {expected}");
    assert!((loss(0.0, 0) - 0.5 * 6.05_f64.powi(2)).abs() < 1e-3);
}

#[test]
fn an_image_is_a_square_or_a_row() {
    let shape = |inputs| {
        let Image { height, width, .. } = Image::of_inputs(inputs);
        (height, width)
    };
    assert_eq!([64, 784, 40, 1, 2].map(shape), [(8, 8), (28, 28), (1, 40), (1, 1), (1, 2)]);
}

/// Weights leave as everybody else has them: `outputs × channels × height × width`, flattened channel by channel.
#[test]
fn a_convolution_by_hand() {
    let model = ModelSpec::Convolutional {
        channels: vec![1],
        kernel: 3,
        pool: 2,
        hidden: vec![],
        activation: Activation::Linear,
        bias: false,
        init: HE,
        batch_norm: false,
        dropout: 0.0,
    };
    let network = Network::new(&model, 4, 1, Loss::Squared).unwrap();
    let shapes: Vec<_> = network
        .named(&vec![0.0; network.parameters()])
        .into_iter()
        .map(|(name, shape, _)| (name, shape))
        .collect();
    assert_eq!(shapes[0], ("layer.0.weight".to_owned(), vec![1, 1, 3, 3]));
    // On [[1, 2], [3, 4]] a kernel of 1 … 9 sees, around the first pixel, 5·1 + 6·2 + 8·3 + 9·4 = 77, and then 67, 47, 37.
    let weights: Vec<f64> = (1..=9).map(f64::from).chain([2.0]).collect();
    let examples = Examples::new(&network, Batch { x: &[1.0, 2.0, 3.0, 4.0], y: &[0.0], n: 1 });
    Pass::forward(&network, 1).outputs(&Parameters::new(&network, &weights), examples.rows(), |_, f| {
        assert_eq!(f.row(0).collect::<Vec<_>>(), [2.0 * (77.0 + 67.0 + 47.0 + 37.0) / 4.0]);
    });
}
