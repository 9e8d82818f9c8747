//! Exact products with the Hessian and the Gauss–Newton matrix of the mean loss at fixed parameters: the
//! R-operator (Pearlmutter 1994), forward over reverse.
//!
//! Writing R{·} for the derivative along v = (V, β), with z = s·W a + b, a′ = φ(z), δ = ∂L/∂z and h = s·Wᵀδ of the
//! layer above:
//!
//! ```text
//! R{z} = s (W R{a} + V a) + β             R{a′} = φ′ R{z}
//! R{δ} = φ′ s (Wᵀ R{δ} + Vᵀ δ) + φ″ h R{z}    at the outputs: ∂²L/∂f² R{f}
//! R{∂L/∂W} = s (R{δ} aᵀ + δ R{a}ᵀ)        R{∂L/∂b} = R{δ}
//! ```
//!
//! The Gauss–Newton product Jᵀ (∂²L/∂f²) J v drops every term with V or φ″ on the way back. What does not depend
//! on v (values, slopes, φ″h, deltas) is computed once per point and kept, so a product costs two gradients and
//! not three.

use super::backward::multiply_into;
use super::forward::{Keep, add_bias};
use super::matmul::{Store, View, multiply};
use super::tape::buffers;
use super::{Batch, Network, Real, Tape, loss};

/// Bytes of kept passes above which they are computed anew for every product.
pub const KEPT_BYTES: usize = 256 << 20;

/// The second-order behaviour of the mean loss of a batch around one point.
pub struct Curvature<'a, T> {
    network: &'a Network,
    parameters: &'a [T],
    batch: Batch<'a, T>,
    /// Finished passes, one per chunk; or one alone, overwritten chunk after chunk.
    tapes: Vec<Tape<T>>,
    tangents: Tangents<T>,
    loss: f64,
    gradient: Vec<T>,
}

/// R{·} of what a tape holds, shaped like it.
struct Tangents<T> {
    /// R{a} of each hidden layer, R{f} of the last.
    values: Vec<Vec<T>>,
    /// φ″ h R{z} of each hidden layer, where φ″ is not zero.
    bent: Vec<Vec<T>>,
    /// R{δ} of each layer.
    deltas: Vec<Vec<T>>,
}

/// Which matrix is multiplied by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matrix {
    Hessian,
    GaussNewton,
}

impl<'a, T: Real> Curvature<'a, T> {
    /// Passes once over `batch` at `parameters`.
    pub fn at(network: &'a Network, parameters: &'a [T], batch: Batch<'a, T>) -> Self {
        let widths: usize = network.layers.iter().map(|layer| layer.outputs).sum();
        let kept = batch.n * widths * 4 * size_of::<T>() <= KEPT_BYTES;
        let mut gradient = vec![T::ZERO; network.parameters];
        let (mut tapes, mut sum, mut into) = (Vec::new(), 0.0, Store::Overwrite);
        for chunk in batch.chunks() {
            if kept || tapes.is_empty() {
                tapes.push(Tape::with_bends(network, chunk.n));
            }
            let Some(tape) = tapes.last_mut() else { continue };
            sum += run(network, parameters, chunk, batch.n, tape);
            network.gradient_from(chunk, &tape.values, &tape.deltas, into, &mut gradient);
            into = Store::Add;
        }
        let tangents = Tangents::new(network, batch.n);
        Self { network, parameters, batch, tapes, tangents, loss: sum / batch.n as f64, gradient }
    }

    /// Mean loss.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Gradient of the mean loss.
    pub fn gradient(&self) -> &[T] {
        &self.gradient
    }

    /// `out` = Hessian · `v`.
    pub fn hessian_vector(&mut self, v: &[T], out: &mut [T]) {
        self.product(Matrix::Hessian, v, out);
    }

    /// `out` = Gauss–Newton matrix · `v`.
    pub fn gauss_newton_vector(&mut self, v: &[T], out: &mut [T]) {
        self.product(Matrix::GaussNewton, v, out);
    }

    fn product(&mut self, matrix: Matrix, v: &[T], out: &mut [T]) {
        let chunks = self.batch.chunks().count();
        let kept = self.tapes.len() == chunks;
        let mut into = Store::Overwrite;
        for (index, chunk) in self.batch.chunks().enumerate() {
            let Some(tape) = self.tapes.get_mut(if kept { index } else { 0 }) else { continue };
            if !kept {
                run(self.network, self.parameters, chunk, self.batch.n, tape);
            }
            let pass = Pass { network: self.network, parameters: self.parameters, v, chunk, tape };
            pass.forward(&mut self.tangents);
            pass.backward(&mut self.tangents, matrix, T::of(1.0 / self.batch.n as f64));
            pass.collect(&self.tangents, matrix, into, out);
            into = Store::Add;
        }
    }
}

/// Both halves of the ordinary pass; returns the summed loss.
fn run<T: Real>(
    network: &Network,
    parameters: &[T],
    chunk: Batch<'_, T>,
    total: usize,
    tape: &mut Tape<T>,
) -> f64 {
    network.forward(parameters, chunk, tape, Keep::Derivatives);
    network.backward(parameters, chunk, T::of(1.0 / total as f64), tape)
}

impl<T: Real> Tangents<T> {
    fn new(network: &Network, rows: usize) -> Self {
        Self { values: buffers(network, rows), bent: buffers(network, rows), deltas: buffers(network, rows) }
    }
}

/// One chunk along one direction.
struct Pass<'a, T> {
    network: &'a Network,
    parameters: &'a [T],
    v: &'a [T],
    chunk: Batch<'a, T>,
    tape: &'a Tape<T>,
}

impl<T: Real> Pass<'_, T> {
    /// R{z} and R{a}, layer by layer. R{x} = 0, so the first layer has one product less.
    fn forward(&self, tangents: &mut Tangents<T>) {
        let n = self.chunk.n;
        for (index, layer) in self.network.layers.iter().enumerate() {
            let scale = T::of(layer.scale);
            let (before, rest) = tangents.values.split_at_mut(index);
            let Some(values) = rest.first_mut() else { continue };
            let values = &mut values[..n * layer.outputs];
            let x = if index == 0 { self.chunk.x } else { &self.tape.values[index - 1] };
            let x = View::new(x, n, layer.inputs);
            multiply(values, Store::Overwrite, scale, x, layer.weight_view(self.v).transposed());
            if let Some(before) = before.last() {
                let weight = layer.weight_view(self.parameters);
                let before = View::new(before, n, layer.inputs);
                multiply(values, Store::Add, scale, before, weight.transposed());
            }
            if !layer.bias.is_empty() {
                add_bias(values, &self.v[layer.bias.clone()]);
            }
            if let Some(bends) = self.tape.bends.get(index) {
                for ((bent, bend), rz) in tangents.bent[index].iter_mut().zip(bends).zip(&*values) {
                    *bent = *bend * *rz;
                }
            }
            if let Some(slopes) = self.tape.slopes.get(index) {
                multiply_into(values, slopes);
            }
        }
    }

    /// R{δ}, from the outputs down.
    fn backward(&self, tangents: &mut Tangents<T>, matrix: Matrix, scale: T) {
        let (network, n, width) = (self.network, self.chunk.n, self.network.outputs());
        let (Some(f), Some(rf)) = (self.tape.values.last(), tangents.values.last()) else { return };
        let (size, Some(delta)) = (n * width, tangents.deltas.last_mut()) else { return };
        loss::second_derivative(network.loss, &f[..size], &rf[..size], width, scale, &mut delta[..size]);
        for (index, layer) in network.layers.iter().enumerate().skip(1).rev() {
            let (lower, upper) = tangents.deltas.split_at_mut(index);
            let (Some(below), Some(delta)) = (lower.last_mut(), upper.first()) else { continue };
            let below = &mut below[..n * layer.inputs];
            layer.pull_back(self.parameters, delta, n, Store::Overwrite, below);
            if matrix == Matrix::Hessian {
                layer.pull_back(self.v, &self.tape.deltas[index], n, Store::Add, below);
            }
            multiply_into(below, &self.tape.slopes[index - 1]);
            if matrix == Matrix::Hessian && !self.tape.bends.is_empty() {
                for (below, bent) in below.iter_mut().zip(&tangents.bent[index - 1]) {
                    *below += *bent;
                }
            }
        }
    }

    /// R{∂L/∂W} and R{∂L/∂b}.
    fn collect(&self, tangents: &Tangents<T>, matrix: Matrix, into: Store, out: &mut [T]) {
        self.network.gradient_from(self.chunk, &self.tape.values, &tangents.deltas, into, out);
        if matrix == Matrix::Hessian {
            for (index, layer) in self.network.layers.iter().enumerate().skip(1) {
                let (delta, values) = (&self.tape.deltas[index], &tangents.values[index - 1]);
                layer.outer_product(delta, values, self.chunk.n, Store::Add, out);
            }
        }
    }
}
