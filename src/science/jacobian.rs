//! The derivatives of every output at every example, in f64: what least-squares steps and tangent kernels are made of. It
//! is written for small networks, row by row.

use faer::Mat;

use super::dense::{Network, activation};

/// Outputs and their derivatives at some weights.
pub struct Jacobian {
    /// `n × outputs`, row-major.
    pub outputs: Vec<f64>,
    /// `n · outputs` rows, example by example, of one number per weight.
    pub matrix: Mat<f64>,
}

/// Numbers that a Jacobian holds.
pub fn size(network: &Network, n: usize) -> usize {
    n.saturating_mul(network.outputs()).saturating_mul(network.parameters())
}

/// The outputs of `network` at `weights` on `n` examples with these inputs (row-major), and their derivatives.
pub fn jacobian(network: &Network, weights: &[f64], x: &[f64], n: usize) -> Jacobian {
    let (inputs, outputs) = (network.inputs(), network.outputs());
    let mut matrix = Mat::zeros(n * outputs, network.parameters());
    let mut values = Vec::with_capacity(n * outputs);
    let mut row = vec![0.0; network.parameters()];
    for (example, x) in x.chunks(inputs.max(1)).take(n).enumerate() {
        let pass = Forward::of(network, weights, x.to_vec());
        for output in 0..outputs {
            pass.back(network, weights, output, &mut row);
            for (entry, derivative) in matrix.row_mut(example * outputs + output).iter_mut().zip(&row) {
                *entry = *derivative;
            }
        }
        values.extend(pass.values.last().into_iter().flatten());
    }
    Jacobian { outputs: values, matrix }
}

/// One example on its way through the network.
struct Forward {
    /// The inputs of each layer, then the outputs of the last.
    values: Vec<Vec<f64>>,
    /// φ′ of each hidden layer.
    slopes: Vec<Vec<f64>>,
}

impl Forward {
    fn of(network: &Network, weights: &[f64], x: Vec<f64>) -> Self {
        let (mut values, mut slopes) = (vec![x], Vec::new());
        let last = network.layers().len().saturating_sub(1);
        for (index, layer) in network.layers().iter().enumerate() {
            let below = values.last().map_or(&[][..], Vec::as_slice);
            let (weight, bias) = (&weights[layer.weight.clone()], &weights[layer.bias.clone()]);
            let z = weight.chunks(layer.inputs).enumerate().map(|(unit, row)| {
                let sum: f64 = row.iter().zip(below).map(|(w, a)| w * a).sum();
                layer.scale * sum + bias.get(unit).copied().unwrap_or(0.0)
            });
            if index == last {
                let outputs = z.collect();
                values.push(outputs);
            } else {
                let jets: Vec<_> = z.map(|z| activation::at(network.activation(), z)).collect();
                values.push(jets.iter().map(|jet| jet.0).collect());
                slopes.push(jets.iter().map(|jet| jet.1).collect());
            }
        }
        Self { values, slopes }
    }

    /// The derivatives of one output.
    fn back(&self, network: &Network, weights: &[f64], output: usize, row: &mut [f64]) {
        let mut delta = vec![0.0; network.outputs()];
        delta[output] = 1.0;
        for (index, layer) in network.layers().iter().enumerate().rev() {
            let below = &self.values[index];
            for (unit, into) in row[layer.weight.clone()].chunks_mut(layer.inputs).enumerate() {
                let factor = layer.scale * delta[unit];
                into.iter_mut().zip(below).for_each(|(entry, a)| *entry = factor * a);
            }
            row[layer.bias.clone()].copy_from_slice(if layer.bias.is_empty() { &[] } else { &delta });
            let Some(slopes) = index.checked_sub(1).and_then(|below| self.slopes.get(below)) else { break };
            let mut next = vec![0.0; layer.inputs];
            for (unit, weights) in weights[layer.weight.clone()].chunks(layer.inputs).enumerate() {
                let factor = layer.scale * delta[unit];
                next.iter_mut().zip(weights).for_each(|(sum, w)| *sum += factor * w);
            }
            next.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum *= slope);
            delta = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::{Batch, Examples, Parameters, Pass};
    use crate::science::fixtures::{blobs, mlp};
    use crate::spec::{Activation, Init, InitKind, Loss};

    #[test]
    fn it_is_the_slope_of_the_outputs_and_they_are_those_of_the_passes() {
        let part = blobs(7, 0, 5, 3).train;
        for (activation, kind) in [
            (Activation::Tanh, InitKind::Lecun),
            (Activation::Relu, InitKind::Ntk),
            (Activation::Gelu, InitKind::He),
        ] {
            let init = Init { kind, scale: 1.0 };
            let network = Network::new(&mlp(&[6, 4], activation, init), 5, 3, Loss::Squared).unwrap();
            let weights: Vec<f64> = (0..network.parameters()).map(|k| (1.3 * k as f64).sin()).collect();
            let x: Vec<f64> = part.x.iter().map(|&x| f64::from(x)).collect();
            let found = jacobian(&network, &weights, &x, 7);
            let examples = Examples::new(&network, Batch { x: &x, y: &[0.0; 21], n: 7 });
            let mut pass = Pass::forward(&network, 7);
            let mut outputs = |weights: &[f64]| {
                let mut all = Vec::new();
                pass.outputs(&Parameters::new(&network, weights), examples.rows(), |chunk, view| {
                    (0..chunk.n()).for_each(|row| all.extend(view.row(row)));
                });
                all
            };
            for (found, known) in found.outputs.iter().zip(outputs(&weights)) {
                assert!((found - known).abs() < 1e-12, "{activation:?}");
            }
            let h = 1e-5;
            for at in (0..network.parameters()).step_by(5) {
                let moved = |by: f64| {
                    let mut moved = weights.clone();
                    moved[at] += by;
                    moved
                };
                let (above, below) = (outputs(&moved(h)), outputs(&moved(-h)));
                for (row, (above, below)) in above.iter().zip(below).enumerate() {
                    let slope = (above - below) / (2.0 * h);
                    assert!((found.matrix[(row, at)] - slope).abs() < 1e-7, "{activation:?} {row} {at}");
                }
            }
        }
    }
}
