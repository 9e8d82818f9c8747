//! What is asked of a wired network at some parameters and examples. Where nothing is normalised the examples are taken a
//! portion at a time, so that memory does not grow with them.

use super::super::batch::Rows;
use super::super::panels::{Panels, View};
use super::super::{Network, Real, loss};
use super::Wiring;
use super::matrix::Matrix;
use super::number::{Dual, Number};
use super::through::{Dropout, Forward, Moments};

/// Most examples at a time.
const PORTION: usize = 256;

/// A wired network at some parameters.
pub(in super::super) struct Look<'a, T> {
    network: &'a Network,
    wiring: &'a Wiring,
    weights: &'a [T],
}

impl<'a, T: Real> Look<'a, T> {
    /// Of `network` at these parameters; `None` if nothing but products is in it.
    pub fn at(network: &'a Network, weights: &'a [T]) -> Option<Self> {
        Some(Self { network, wiring: network.wiring()?, weights })
    }

    /// The portions that examples are taken in.
    fn portions<'b>(&self, rows: Rows<'b, T>) -> impl Iterator<Item = Rows<'b, T>> + use<'b, T> {
        rows.chunks(if self.wiring.normalizes { rows.n().max(1) } else { PORTION })
    }

    /// Hands the outputs of consecutive parts of `rows` to `see`. Units are normalised by the moments that they have over
    /// `population`, or else over `rows`.
    pub fn outputs(
        &self,
        rows: Rows<'_, T>,
        population: Option<Rows<'_, T>>,
        mut see: impl FnMut(Rows<'_, T>, View<'_, T>),
    ) {
        let known = population.filter(|_| self.wiring.normalizes).map(|rows| self.moments(rows));
        for chunk in self.portions(rows) {
            let forward = self.forward(chunk, known.as_deref(), None);
            see(chunk, forward.outputs.panels().view());
        }
    }

    /// The root of the mean square of all hidden units over `rows`; NaN without any.
    pub fn activity(&self, rows: Rows<'_, T>) -> f64 {
        let (mut squares, mut count) = (0.0, 0_usize);
        for chunk in self.portions(rows) {
            let x = Matrix::of_view(chunk.x);
            self.wiring.forward(self.network, self.weights, x, None, None, |units: &Matrix<T>| {
                squares += units.numbers.iter().map(|unit| unit.wide() * unit.wide()).sum::<f64>();
                count += units.numbers.len();
            });
        }
        (squares / count as f64).sqrt()
    }

    fn moments(&self, rows: Rows<'_, T>) -> Vec<Moments<T>> {
        self.forward(rows, None, None).moments
    }

    fn forward(
        &self,
        rows: Rows<'_, T>,
        known: Option<&[Moments<T>]>,
        dropout: Option<Dropout>,
    ) -> Forward<T> {
        let x = Matrix::of_view(rows.x);
        self.wiring.forward(self.network, self.weights, x, known, dropout, |_| {})
    }

    /// Mean loss over `rows`; its gradient is put into `gradient`. Which units drop out is drawn portion by portion.
    pub fn gradient(&self, rows: Rows<'_, T>, dropout: Option<Dropout>, gradient: &mut [T]) -> f64 {
        gradient.fill(T::ZERO);
        let (mut sum, scale) = (0.0, T::of(1.0 / rows.n() as f64));
        let mut dropout = dropout;
        for chunk in self.portions(rows) {
            let forward = self.forward(chunk, None, dropout.clone());
            if let Some(Dropout { stream, .. }) = &mut dropout {
                // The next portion draws others.
                *stream = crate::base::rng::Stream::new(stream.bits(), "dropout");
            }
            let outputs = forward.outputs.panels();
            let mut delta = Panels::new(chunk.n(), self.network.outputs());
            let loss = self.network.loss_kind();
            sum += loss::derivative(loss, outputs.view(), chunk.y, scale, delta.view_mut());
            let delta = Matrix::of_view(delta.view());
            self.wiring.backward(self.network, self.weights, &forward.traces, delta, gradient);
        }
        sum / rows.n() as f64
    }

    /// The outputs of `rows` with their derivatives along `v`, and what leads there.
    fn along(&self, v: &[T], rows: Rows<'_, T>) -> (Vec<Dual<T>>, Forward<Dual<T>>) {
        let weights: Vec<_> =
            self.weights.iter().zip(v).map(|(&value, &tangent)| Dual { value, tangent }).collect();
        let x = Matrix::of_view(rows.x);
        let forward = self.wiring.forward(self.network, &weights, x, None, None, |_| {});
        (weights, forward)
    }

    /// `out` = Hessian of the mean loss over `rows` · `v`.
    pub fn hessian_vector(&self, rows: Rows<'_, T>, v: &[T], out: &mut [T]) {
        let mut sums = vec![Dual::constant(T::ZERO); out.len()];
        for chunk in self.portions(rows) {
            let (weights, forward) = self.along(v, chunk);
            let (first, second) = self.derivatives(&forward.outputs, chunk, rows.n());
            let numbers = first.numbers.iter().zip(&second.numbers);
            let numbers = numbers.map(|(&value, &tangent)| Dual { value, tangent }).collect();
            let delta = Matrix { rows: first.rows, columns: first.columns, numbers };
            self.wiring.backward(self.network, &weights, &forward.traces, delta, &mut sums);
        }
        out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = sum.tangent);
    }

    /// `out` = Gauss–Newton matrix of the mean loss over `rows` · `v`.
    pub fn gauss_newton_vector(&self, rows: Rows<'_, T>, v: &[T], out: &mut [T]) {
        out.fill(T::ZERO);
        for chunk in self.portions(rows) {
            let (_, along) = self.along(v, chunk);
            let (_, second) = self.derivatives(&along.outputs, chunk, rows.n());
            let forward = self.forward(chunk, None, None);
            self.wiring.backward(self.network, self.weights, &forward.traces, second, out);
        }
    }

    /// ⟨`v`, ∇ℓᵢ⟩ of every example. Where units are normalised an example has no loss of its own; then it is the part of
    /// the derivative of the sum that shows in its outputs.
    pub fn directional(&self, rows: Rows<'_, T>, v: &[T]) -> Vec<f64> {
        let mut found = Vec::with_capacity(rows.n());
        for chunk in self.portions(rows) {
            let (_, along) = self.along(v, chunk);
            let (first, _) = self.derivatives(&along.outputs, chunk, 1);
            found.extend(first.lines().zip(along.outputs.lines()).map(|(delta, outputs)| {
                delta.iter().zip(outputs).map(|(d, f)| d.wide() * f.tangent.wide()).sum::<f64>()
            }));
        }
        found
    }

    /// The derivative of the sum of losses over `total` with respect to outputs, and its derivative along their tangents.
    fn derivatives(
        &self,
        outputs: &Matrix<Dual<T>>,
        rows: Rows<'_, T>,
        total: usize,
    ) -> (Matrix<T>, Matrix<T>) {
        let (kind, scale) = (self.network.loss_kind(), T::of(1.0 / total as f64));
        let values = outputs.map(|number| number.value).panels();
        let tangents = outputs.map(|number| number.tangent).panels();
        let (mut first, mut second) =
            (Panels::new(outputs.rows, outputs.columns), Panels::new(outputs.rows, outputs.columns));
        loss::derivative(kind, values.view(), rows.y, scale, first.view_mut());
        loss::second_derivative(kind, values.view(), tangents.view(), scale, second.view_mut());
        (Matrix::of_view(first.view()), Matrix::of_view(second.view()))
    }
}
