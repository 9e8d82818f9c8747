//! Initial weights.

use super::dense::{Layer, Network};
use super::measures::vector::widened;
use crate::base::rng::Stream;
use crate::spec::{Init, InitKind, ModelSpec};

/// The weights that a model on `network` begins with, at this seed.
pub fn weights(network: &Network, model: &ModelSpec, seed: u64) -> Vec<f32> {
    match model {
        ModelSpec::Product { init } => init.iter().map(|weight| *weight as f32).collect(),
        model => match model.init() {
            Some(init) => draw(network, init, seed),
            None => vec![0.0; network.parameters()],
        },
    }
}

/// The same in f64: what is given is not rounded.
pub fn exact_weights(network: &Network, model: &ModelSpec, seed: u64) -> Vec<f64> {
    match model {
        ModelSpec::Product { init } => init.clone(),
        _ => widened(weights(network, model, seed)),
    }
}

/// Weights from N(0, (scale·σ)²), biases zero, gains one. All draws come from the stream `init` of `seed`, layer by layer in the
/// order of the parameters (`outputs × inputs` row-major), in f64, rounded to f32 last.
pub fn draw(network: &Network, init: Init, seed: u64) -> Vec<f32> {
    draw_from(network, init, &mut Stream::new(seed, "init"))
}

/// The next weights of a stream, distributed as those that a model begins with.
pub fn next(network: &Network, model: &ModelSpec, stream: &mut Stream) -> Vec<f32> {
    match model.init() {
        Some(init) => draw_from(network, init, stream),
        None => weights(network, model, 0),
    }
}

fn draw_from(network: &Network, init: Init, stream: &mut Stream) -> Vec<f32> {
    let mut parameters = vec![0.0; network.parameters()];
    for layer in network.layers() {
        let deviation = init.scale * sigma(init.kind, layer);
        parameters[layer.weight.clone()].fill_with(|| (deviation * stream.normal()) as f32);
    }
    for gain in network.gains() {
        parameters[gain].fill(1.0);
    }
    parameters
}

fn sigma(kind: InitKind, layer: &Layer) -> f64 {
    match kind {
        InitKind::He => (2.0 / layer.inputs as f64).sqrt(),
        InitKind::Lecun => (1.0 / layer.inputs as f64).sqrt(),
        InitKind::Ntk | InitKind::Normal => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::mlp;
    use crate::spec::{Activation, Loss};

    #[test]
    fn spread_is_that_of_the_kind_and_biases_are_zero() {
        let cases =
            [(InitKind::He, 0.02), (InitKind::Lecun, 0.01), (InitKind::Ntk, 1.0), (InitKind::Normal, 1.0)];
        for (kind, variance) in cases {
            let init = Init { kind, scale: 0.5 };
            let network = Network::new(&mlp(&[400], Activation::Tanh, init), 100, 1, Loss::Squared).unwrap();
            let parameters = draw(&network, init, 7);
            let first = &network.layers()[0];
            let weights = &parameters[first.weight.clone()];
            let measured = weights.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>() / weights.len() as f64;
            // Relative standard error of a variance of 40,000 normals is √(2/40000) = 0.7 %.
            assert!((measured / (0.25 * variance) - 1.0).abs() < 0.03, "{kind:?}: {measured}");
            assert!(parameters[first.bias.clone()].iter().all(|bias| *bias == 0.0));
        }
    }
}
