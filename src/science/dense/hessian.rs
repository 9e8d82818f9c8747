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

use super::activation::pull;
use super::batch::Rows;
use super::elementwise::{add_bias, add_into, product_into};
use super::panels::{Panels, View, ViewMut};
use super::parameters::{Parameters, Target, Turned};
use super::product::{Update, multiply};
use super::tape::{Keep, Tape, buffers, deltas};
use super::wired::Look;
use super::{Network, Real, loss};

/// Bytes of kept passes above which they are computed anew for every product.
pub const KEPT_BYTES: usize = 256 << 20;

/// The second-order behaviour of the mean loss of some examples around one point.
pub struct Curvature<'a, T: Real> {
    network: &'a Network,
    rows: Rows<'a, T>,
    point: Point<T>,
    /// The same parameters, flat, where the network is wired.
    wired: Option<Vec<T>>,
    /// Finished passes, one per chunk; or one alone, overwritten chunk after chunk.
    tapes: Vec<Tape<T>>,
    tangents: Tangents<T>,
    loss: f64,
    gradient: Vec<T>,
    /// The direction of a product.
    v: Point<T>,
    out: Parameters<T>,
}

/// Parameters, and what the forward half reads of them.
struct Point<T: Real> {
    parameters: Parameters<T>,
    turned: Turned<T>,
}

impl<T: Real> Point<T> {
    fn new(network: &Network, flat: &[T]) -> Self {
        let mut point = Self { parameters: Parameters::zeros(network), turned: Turned::new(network) };
        point.set(flat);
        point
    }

    fn set(&mut self, flat: &[T]) {
        self.parameters.set(flat);
        self.turned.turn(&self.parameters);
    }

    fn view(&self) -> At<'_, T> {
        At { parameters: &self.parameters, turned: &self.turned }
    }
}

/// The same, lent.
#[derive(Clone, Copy)]
struct At<'a, T: Real> {
    parameters: &'a Parameters<T>,
    turned: &'a Turned<T>,
}

/// R{·} of what a tape holds, shaped like it.
struct Tangents<T: Real> {
    /// R{a} of each hidden layer, R{f} of the last.
    values: Vec<Panels<T>>,
    /// φ″ h R{z} of each hidden layer, where φ″ is not zero.
    bent: Vec<Panels<T>>,
    /// R{δ} of each layer; of the first a panel at a time.
    deltas: Vec<Panels<T>>,
}

/// Which matrix is multiplied by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matrix {
    Hessian,
    GaussNewton,
}

impl<'a, T: Real> Curvature<'a, T> {
    /// Passes once over `rows` at `parameters`.
    pub fn at(network: &'a Network, parameters: &[T], rows: Rows<'a, T>) -> Self {
        if network.wiring().is_some() {
            return Self::wired(network, parameters, rows);
        }
        let point = Point::new(network, parameters);
        let widths = network.layers.iter().map(|layer| layer.outputs);
        let kept = Network::kept_bytes::<T>(rows.n(), widths) <= KEPT_BYTES;
        let mut out = Parameters::zeros(network);
        let (mut tapes, mut sum, mut update) = (Vec::new(), 0.0, Update::replace(T::ONE));
        for chunk in rows.chunks(network.chunk::<T>()) {
            if kept || tapes.is_empty() {
                tapes.push(Tape::new(network, chunk.n(), Keep::Second));
            }
            let Some(tape) = tapes.last_mut() else { continue };
            sum += run(network, point.view(), chunk, rows.n(), tape);
            network.collect(chunk, tape, update, &mut Target::Beside(&point.parameters, &mut out));
            update = Update::add(T::ONE);
        }
        let most = rows.n().min(network.chunk::<T>());
        let tangents = Tangents::new(network, most, tapes.first().is_some_and(|tape| !tape.bends.is_empty()));
        let v = Point { parameters: Parameters::zeros(network), turned: Turned::new(network) };
        let (loss, gradient) = (sum / rows.n() as f64, out.flat());
        Self { network, rows, point, wired: None, tapes, tangents, loss, gradient, v, out }
    }

    fn wired(network: &'a Network, parameters: &[T], rows: Rows<'a, T>) -> Self {
        let mut gradient = vec![T::ZERO; parameters.len()];
        let loss =
            Look::at(network, parameters).map_or(f64::NAN, |look| look.gradient(rows, None, &mut gradient));
        let point = || Point { parameters: Parameters::zeros(network), turned: Turned::new(network) };
        Self {
            network,
            rows,
            point: point(),
            wired: Some(parameters.to_vec()),
            tapes: Vec::new(),
            tangents: Tangents::new(network, 0, false),
            loss,
            gradient,
            v: point(),
            out: Parameters::zeros(network),
        }
    }

    /// What is asked of a wired network.
    fn look(&self) -> Option<Look<'_, T>> {
        self.wired.as_deref().and_then(|weights| Look::at(self.network, weights))
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

    /// ⟨`v`, ∇ℓᵢ⟩ of every example: R{f} meets ∂ℓ/∂f at the outputs, and nothing goes back.
    pub fn directional(&mut self, v: &[T]) -> Vec<f64> {
        if let Some(look) = self.look() {
            return look.directional(self.rows, v);
        }
        self.v.set(v);
        let (total, most) = (self.rows.n(), self.network.chunk::<T>());
        let kept = self.tapes.len() == self.rows.chunks(most).count();
        let mut derivatives = Vec::with_capacity(total);
        for (index, chunk) in self.rows.chunks(most).enumerate() {
            let Some(tape) = self.tapes.get_mut(if kept { index } else { 0 }) else { continue };
            if !kept {
                run(self.network, self.point.view(), chunk, total, tape);
                self.network.finish_bends(&self.point.parameters, chunk, tape);
            }
            let matrix = Matrix::GaussNewton;
            let (point, v) = (self.point.view(), self.v.view());
            let pass = Pass { network: self.network, matrix, point, v, chunk, tape };
            pass.forward(&mut self.tangents);
            let (Some(rf), Some(delta)) = (self.tangents.values.last(), tape.deltas.last()) else { continue };
            let (rf, delta) = (rf.top(chunk.n()), delta.top(chunk.n()));
            // The deltas are those of the mean over all examples.
            derivatives.extend((0..chunk.n()).map(|row| {
                let terms = delta.row(row).zip(rf.row(row)).map(|(delta, rf)| delta.wide() * rf.wide());
                total as f64 * terms.sum::<f64>()
            }));
        }
        derivatives
    }

    fn product(&mut self, matrix: Matrix, v: &[T], out: &mut [T]) {
        if let Some(look) = self.look() {
            match matrix {
                Matrix::Hessian => look.hessian_vector(self.rows, v, out),
                Matrix::GaussNewton => look.gauss_newton_vector(self.rows, v, out),
            }
            return;
        }
        self.v.set(v);
        let total = self.rows.n();
        let most = self.network.chunk::<T>();
        let kept = self.tapes.len() == self.rows.chunks(most).count();
        let mut update = Update::replace(T::ONE);
        for (index, chunk) in self.rows.chunks(most).enumerate() {
            let Some(tape) = self.tapes.get_mut(if kept { index } else { 0 }) else { continue };
            if !kept {
                run(self.network, self.point.view(), chunk, total, tape);
                self.network.finish_bends(&self.point.parameters, chunk, tape);
            }
            let (point, v) = (self.point.view(), self.v.view());
            let pass = Pass { network: self.network, matrix, point, v, chunk, tape };
            pass.forward(&mut self.tangents);
            pass.backward(&mut self.tangents, T::of(1.0 / total as f64));
            pass.collect(&mut self.tangents, update, &mut self.out);
            update = Update::add(T::ONE);
        }
        self.out.write(out);
    }
}

/// Products with the Hessian on the way of a training, at weights that move and over batches that change; no call
/// allocates.
pub struct Products<'a, T: Real> {
    network: &'a Network,
    tape: Tape<T>,
    tangents: Tangents<T>,
    turned: Turned<T>,
    turned_direction: Turned<T>,
}

impl<'a, T: Real> Products<'a, T> {
    /// Over batches of up to `rows` examples.
    pub fn new(network: &'a Network, rows: usize) -> Self {
        let rows = rows.min(network.chunk::<T>());
        let tape = Tape::new(network, rows, Keep::Second);
        let tangents = Tangents::new(network, rows, !tape.bends.is_empty());
        let (turned, turned_direction) = (Turned::new(network), Turned::new(network));
        Self { network, tape, tangents, turned, turned_direction }
    }

    /// `out = keep · out + scale · Hv` with H the Hessian of the mean loss over `rows` at `weights`.
    pub fn hessian_vector(
        &mut self,
        weights: &Parameters<T>,
        rows: Rows<'_, T>,
        v: &Parameters<T>,
        update: Update<T>,
        out: &mut Parameters<T>,
    ) {
        if self.network.wiring().is_some() {
            let (flat, mut product) = (weights.flat(), v.flat());
            if let Some(look) = Look::at(self.network, &flat) {
                look.hessian_vector(rows, &v.flat(), &mut product);
            }
            out.combine(update, &Parameters::new(self.network, &product));
            return;
        }
        self.turned.turn(weights);
        self.turned_direction.turn(v);
        let point = At { parameters: weights, turned: &self.turned };
        let v = At { parameters: v, turned: &self.turned_direction };
        let (network, mut update) = (self.network, update);
        for chunk in rows.chunks(network.chunk::<T>()) {
            run(network, point, chunk, rows.n(), &mut self.tape);
            network.finish_bends(weights, chunk, &mut self.tape);
            let pass = Pass { network, matrix: Matrix::Hessian, point, v, chunk, tape: &self.tape };
            pass.forward(&mut self.tangents);
            pass.backward(&mut self.tangents, T::of(1.0 / rows.n() as f64));
            pass.collect(&mut self.tangents, update, out);
            update = Update::add(update.scale);
        }
    }
}

impl Network {
    /// Bytes of the passes over so many rows, if layers as wide as these are kept with all their derivatives.
    pub fn kept_bytes<T: Real>(rows: usize, widths: impl Iterator<Item = usize>) -> usize {
        let lines: usize = widths.map(|width| width.div_ceil(T::WIDTH)).sum();
        rows * lines * 4 * size_of::<T::Line>()
    }
}

/// Both halves of the ordinary pass; returns the summed loss.
fn run<T: Real>(
    network: &Network,
    point: At<'_, T>,
    chunk: Rows<'_, T>,
    total: usize,
    tape: &mut Tape<T>,
) -> f64 {
    network.forward(point.parameters, point.turned, chunk, tape);
    network.backward(point.parameters, chunk, T::of(1.0 / total as f64), tape)
}

impl<T: Real> Tangents<T> {
    fn new(network: &Network, rows: usize, bent: bool) -> Self {
        let only = |count: usize| buffers(network, rows, count);
        let layers = network.layers.len();
        Self {
            values: only(layers),
            bent: only(if bent { layers.saturating_sub(1) } else { 0 }),
            deltas: deltas(network, rows),
        }
    }
}

/// One chunk along one direction.
struct Pass<'a, T: Real> {
    network: &'a Network,
    matrix: Matrix,
    point: At<'a, T>,
    v: At<'a, T>,
    chunk: Rows<'a, T>,
    tape: &'a Tape<T>,
}

impl<T: Real> Pass<'_, T> {
    /// R{z} and R{a}, layer by layer. R{x} = 0, so the first layer has one product less.
    fn forward(&self, tangents: &mut Tangents<T>) {
        let (n, activation) = (self.chunk.n(), self.network.activation);
        let last = self.network.layers.len() - 1;
        for (index, layer) in self.network.layers.iter().enumerate() {
            let scale = T::of(layer.scale);
            let (before, rest) = tangents.values.split_at_mut(index);
            let Some(rz) = rest.first_mut() else { continue };
            let mut rz = rz.top_mut(n);
            let x = if index == 0 { self.chunk.x } else { self.tape.values[index - 1].top(n) };
            let along = self.v.turned.weight(self.v.parameters, index);
            multiply(rz.again(), Update::replace(scale), x, along);
            if let Some(before) = before.last() {
                let weight = self.point.turned.weight(self.point.parameters, index);
                multiply(rz.again(), Update::add(scale), before.top(n), weight);
            }
            add_bias(rz.again(), self.v.parameters.bias(index));
            if index == last {
                continue;
            }
            if let Some(bends) = self.tape.bends.get(index) {
                product_into(tangents.bent[index].top_mut(n), bends.top(n), rz.view());
            }
            let slopes = self.tape.slopes.get(index).map(|slopes| slopes.top(n));
            pull(activation, rz, self.tape.values[index].top(n), slopes);
        }
    }

    /// R{δ} of all layers but the first, from the outputs down.
    fn backward(&self, tangents: &mut Tangents<T>, scale: T) {
        let (network, n) = (self.network, self.chunk.n());
        let (Some(f), Some(rf)) = (self.tape.values.last(), tangents.values.last()) else { return };
        let Some(delta) = tangents.deltas.last_mut() else { return };
        loss::second_derivative(network.loss, f.top(n), rf.top(n), scale, delta.top_mut(n));
        for index in (2..network.layers.len()).rev() {
            let (lower, upper) = tangents.deltas.split_at_mut(index);
            let (Some(below), Some(delta)) = (lower.last_mut(), upper.first()) else { continue };
            let mut below = below.top_mut(n);
            for p in 0..below.panels() {
                self.pull_back(index, p, delta.top(n), &tangents.bent, below.one(p));
            }
        }
    }

    /// One panel of R{δ} of the layer below `index`.
    fn pull_back(
        &self,
        index: usize,
        p: usize,
        delta: View<'_, T>,
        bent: &[Panels<T>],
        mut below: ViewMut<'_, T>,
    ) {
        let (n, scale) = (self.chunk.n(), T::of(self.network.layers[index].scale));
        let weight = self.point.parameters.weight(index).one(p);
        multiply(below.again(), Update::replace(scale), delta, weight);
        if self.matrix == Matrix::Hessian {
            let along = self.v.parameters.weight(index).one(p);
            multiply(below.again(), Update::add(scale), self.tape.deltas[index].top(n), along);
        }
        let slopes = self.tape.slopes.get(index - 1).map(|slopes| slopes.top(n).one(p));
        let values = self.tape.values[index - 1].top(n).one(p);
        pull(self.network.activation, below.again(), values, slopes);
        if let Some(bent) = bent.get(index - 1)
            && self.matrix == Matrix::Hessian
        {
            add_into(below, bent.top(n).one(p));
        }
    }

    /// R{∂L/∂W} and R{∂L/∂b}.
    fn collect(&self, tangents: &mut Tangents<T>, update: Update<T>, out: &mut Parameters<T>) {
        let (network, n) = (self.network, self.chunk.n());
        let Tangents { values, bent, deltas } = tangents;
        let Some((first, deltas)) = deltas.split_first_mut() else { return };
        if let Some(delta) = deltas.first() {
            for p in 0..self.tape.values[0].view().panels() {
                let mut first = first.top_mut(n).narrow(network.columns::<T>(p));
                self.pull_back(1, p, delta.top(n), bent, first.again());
                network.collect_first(self.chunk.x, first.view(), p, update, out);
            }
        } else {
            for p in 0..first.view().panels() {
                network.collect_first(self.chunk.x, first.top(n).one(p), p, update, out);
            }
        }
        for (index, delta) in (1..).zip(&*deltas) {
            network.collect_layer(index, delta.top(n), self.tape.values[index - 1].top(n), update, out);
            if self.matrix == Matrix::Hessian {
                let (delta, values) = (self.tape.deltas[index].top(n), values[index - 1].top(n));
                network.outer_product(index, delta, values, Update::add(update.scale), out);
            }
        }
    }
}
