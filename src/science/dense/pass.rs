//! A pass over a network: from examples to losses and gradients, in buffers that are made once.

use pulp::{Simd, WithSimd};

use super::batch::{Batch, Examples, Rows};
use super::panels::View;
use super::parameters::{Parameters, Target, Turned};
use super::product::Update;
use super::real::vectorized;
use super::tape::{Keep, Tape};
use super::transpose::{WIDEST, columns};
use super::wired::{Dropout, Look};
use super::{Network, Real, loss};
use crate::base::rng::Stream;

/// A network with the buffers of a pass over it; no call allocates.
#[derive(Clone, Debug)]
pub struct Pass<'a, T: Real> {
    network: &'a Network,
    turned: Turned<T>,
    tape: Tape<T>,
    /// The gradient of examples that are too many to be taken at once; none where no such are expected.
    sum: Option<Parameters<T>>,
    /// Which units drop out, if any do.
    dropout: Option<Dropout>,
}

impl<'a, T: Real> Pass<'a, T> {
    /// For losses and outputs over batches of up to `rows` examples.
    pub fn forward(network: &'a Network, rows: usize) -> Self {
        let tape = Tape::new(network, rows, Keep::Values);
        Self { network, turned: Turned::new(network), tape, sum: None, dropout: None }
    }

    /// For gradients too.
    pub fn gradient(network: &'a Network, rows: usize) -> Self {
        let tape = Tape::new(network, rows, Keep::First);
        let many = rows > network.chunk::<T>() || network.wiring().is_some();
        let sum = many.then(|| Parameters::zeros(network));
        Self { network, turned: Turned::new(network), tape, sum, dropout: None }
    }

    /// Lets this share of the hidden units drop out of gradients from now on, those that `stream` draws. The network must
    /// be [`Network::wired`].
    pub fn drop_out(&mut self, rate: f64, stream: Stream) {
        self.dropout = (rate > 0.0).then_some(Dropout { rate, stream });
    }

    /// The network.
    #[inline]
    pub fn network(&self) -> &'a Network {
        self.network
    }

    /// Hands the outputs of consecutive parts of `rows` to `see`, in order. Where units are normalised it is by their
    /// moments over `rows`, which are then all examples there are.
    pub fn outputs(
        &mut self,
        parameters: &Parameters<T>,
        rows: Rows<'_, T>,
        see: impl FnMut(Rows<'_, T>, View<'_, T>),
    ) {
        self.outputs_by(parameters, rows, None, see);
    }

    /// The same by their moments over `population`, if there is one.
    pub fn outputs_by(
        &mut self,
        parameters: &Parameters<T>,
        rows: Rows<'_, T>,
        population: Option<Rows<'_, T>>,
        mut see: impl FnMut(Rows<'_, T>, View<'_, T>),
    ) {
        if self.network.wiring().is_some() {
            let weights = parameters.flat();
            if let Some(look) = Look::at(self.network, &weights) {
                look.outputs(rows, population, see);
            }
            return;
        }
        self.turned.turn(parameters);
        for chunk in rows.chunks(self.network.chunk::<T>()) {
            self.network.forward(parameters, &self.turned, chunk, &mut self.tape);
            if let Some(outputs) = self.tape.values.last() {
                see(chunk, outputs.top(chunk.n()));
            }
        }
    }

    /// Mean loss over `rows`.
    pub fn loss(&mut self, parameters: &Parameters<T>, rows: Rows<'_, T>) -> f64 {
        let (network, mut sum) = (self.network, 0.0);
        self.outputs(parameters, rows, |chunk, outputs| sum += network.loss_sum(outputs, chunk.y));
        sum / rows.n() as f64
    }

    /// Mean loss over `rows`; what [`Self::collect`] needs is left behind.
    pub fn look(&mut self, parameters: &Parameters<T>, rows: Rows<'_, T>) -> f64 {
        if self.network.wiring().is_some() {
            return self.look_wired(parameters, rows);
        }
        self.turned.turn(parameters);
        let (mut loss, mut update) = (0.0, Update::replace(T::ONE));
        let mut sum = self.sum.take();
        for chunk in rows.chunks(self.network.chunk::<T>()) {
            loss += self.there_and_back(parameters, chunk, rows.n());
            if let Some(sum) = sum.as_mut().filter(|_| chunk.n() < rows.n()) {
                self.network.collect(chunk, &mut self.tape, update, &mut Target::Beside(parameters, sum));
                update = Update::add(T::ONE);
            }
        }
        self.sum = sum;
        loss / rows.n() as f64
    }

    fn look_wired(&mut self, parameters: &Parameters<T>, rows: Rows<'_, T>) -> f64 {
        let (weights, network) = (parameters.flat(), self.network);
        let Some(look) = Look::at(network, &weights) else { return f64::NAN };
        let mut gradient = vec![T::ZERO; weights.len()];
        let loss = look.gradient(rows, self.dropout.clone(), &mut gradient);
        self.sum.get_or_insert_with(|| Parameters::zeros(network)).set(&gradient);
        loss
    }

    /// `out = keep · out + scale · gradient` for the `out` of the target and the gradient of the last look, which was at these
    /// rows, at the parameters of the target. If they were taken at once the gradient is made only now, in its place.
    pub fn collect(&mut self, rows: Rows<'_, T>, update: Update<T>, mut target: Target<'_, T>) {
        match &self.sum {
            Some(sum) if rows.n() > self.network.chunk::<T>() || self.network.wiring().is_some() => {
                target.out().combine(update, sum);
            }
            _ => self.network.collect(rows, &mut self.tape, update, &mut target),
        }
    }

    #[inline]
    fn there_and_back(&mut self, parameters: &Parameters<T>, chunk: Rows<'_, T>, total: usize) -> f64 {
        self.network.forward(parameters, &self.turned, chunk, &mut self.tape);
        self.network.backward(parameters, chunk, T::of(1.0 / total as f64), &mut self.tape)
    }
}

/// The same for flat parameters and row-major examples, with buffers that are made anew: for what is done once.
impl Network {
    /// Loss summed over the rows of `outputs` against those of `y`.
    pub fn loss_sum<T: Real>(&self, outputs: View<'_, T>, y: View<'_, T>) -> f64 {
        loss::sum(self.loss, outputs, y)
    }

    /// Tells `see` the class of each row of `outputs`, in order: the first of the largest, or whether a single one is
    /// positive.
    pub fn classes<T: Real>(&self, outputs: View<'_, T>, mut see: impl FnMut(usize)) {
        if self.loss.is_of_signs() {
            return outputs.panel(0).iter().for_each(|line| see(usize::from(line.as_ref()[0] > T::ZERO)));
        }
        vectorized(Largest { outputs, see });
    }

    /// How many rows of `outputs` are of the class that `labels` says, row by row.
    pub fn right<'a, T: Real>(&self, outputs: View<'_, T>, labels: impl Iterator<Item = &'a u32>) -> usize {
        let (mut right, mut labels) = (0, labels);
        self.classes(outputs, |class| {
            right += usize::from(labels.next().is_some_and(|&label| class == label as usize));
        });
        right
    }

    /// Mean loss over `batch`.
    pub fn loss<T: Real>(&self, parameters: &[T], batch: Batch<'_, T>) -> f64 {
        let examples = Examples::new(self, batch);
        Pass::forward(self, batch.n).loss(&Parameters::new(self, parameters), examples.rows())
    }

    /// Mean loss over `batch`; its gradient replaces what stands in `gradient`.
    pub fn loss_and_gradient<T: Real>(
        &self,
        parameters: &[T],
        batch: Batch<'_, T>,
        gradient: &mut [T],
    ) -> f64 {
        let examples = Examples::new(self, batch);
        let (parameters, mut out) = (Parameters::new(self, parameters), Parameters::zeros(self));
        let mut pass = Pass::gradient(self, batch.n);
        let loss = pass.look(&parameters, examples.rows());
        pass.collect(examples.rows(), Update::replace(T::ONE), Target::Beside(&parameters, &mut out));
        out.write(gradient);
        loss
    }
}

/// Tells the first of the largest outputs of each row.
struct Largest<'a, T: Real, F> {
    outputs: View<'a, T>,
    see: F,
}

impl<T: Real, F: FnMut(usize)> WithSimd for Largest<'_, T, F> {
    type Output = ();

    /// As many rows side by side as a line has numbers, class by class. What is no number is no larger, and nothing is larger
    /// than it.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut square = [T::Line::default(); WIDEST];
        for start in (0..self.outputs.rows()).step_by(T::WIDTH) {
            let rows = self.outputs.slice(start, T::WIDTH);
            let (mut largest, mut first) = (T::Line::default(), T::Line::default());
            for p in 0..rows.panels() {
                let classes = columns(rows, p, &mut square);
                if p == 0 {
                    largest = square[0];
                }
                for class in 0..classes {
                    let here = T::splat(simd, T::of((p * T::WIDTH + class) as f64));
                    let f = T::lanes::<S>(&square[class]);
                    let (largest, first) = (T::lanes_mut::<S>(&mut largest), T::lanes_mut::<S>(&mut first));
                    for v in 0..f.len() {
                        first[v] = T::if_greater(simd, f[v], largest[v], here, first[v]);
                        largest[v] = T::if_greater(simd, f[v], largest[v], f[v], largest[v]);
                    }
                }
            }
            first.as_ref()[..rows.rows()].iter().for_each(|class| (self.see)(class.wide() as usize));
        }
    }
}

/// Index of the largest number, the first of equals; 0 where there is none.
pub fn largest<T: PartialOrd>(numbers: impl Iterator<Item = T>) -> usize {
    let larger = |(best, most), (index, value)| if value > most { (index, value) } else { (best, most) };
    numbers.enumerate().reduce(larger).map_or(0, |(index, _)| index)
}
