//! Through all layers, from inputs to outputs and back.

use super::super::{Network, Real};
use super::matrix::{Kind, Matrix};
use super::number::Number;
use super::{Entry, Wire, Wiring};
use crate::base::rng::Stream;

/// Added to every variance, as everybody does.
const EPSILON: f64 = 1e-5;

/// Mean and variance of every unit of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments<N> {
    mean: Vec<N>,
    variance: Vec<N>,
}

/// Which units drop out.
#[derive(Clone, Debug)]
pub struct Dropout {
    /// The share of them.
    pub rate: f64,
    /// Where they are drawn from.
    pub stream: Stream,
}

/// What a layer leaves behind for the way back.
pub struct Trace<N> {
    /// The inputs of its product.
    x: Matrix<N>,
    /// Its units less their mean over their deviation, and 1 over that.
    normal: Option<(Matrix<N>, Vec<N>)>,
    /// φ′, and what drops out; none of the last layer.
    slope: Option<Matrix<N>>,
}

/// What a way forward comes to.
pub struct Forward<N> {
    /// A row for each example.
    pub outputs: Matrix<N>,
    /// One for each layer.
    pub traces: Vec<Trace<N>>,
    /// One for each layer that normalises.
    pub moments: Vec<Moments<N>>,
}

impl Wiring {
    /// From inputs to outputs at the parameters `w`. Layers that normalise do so by `known` moments if there are such, else
    /// by those of these examples. The units of each hidden layer, after φ, are shown to `see`.
    pub(super) fn forward<N: Number>(
        &self,
        network: &Network,
        w: &[N],
        mut x: Matrix<N>,
        known: Option<&[Moments<N>]>,
        mut dropout: Option<Dropout>,
        mut see: impl FnMut(&Matrix<N>),
    ) -> Forward<N> {
        let (mut traces, mut moments) = (Vec::new(), Vec::new());
        for (index, (wire, layer)) in self.wires.iter().zip(network.layers()).enumerate() {
            let inputs = wire.entry.arrange(x);
            let weight = Matrix {
                rows: layer.outputs,
                columns: layer.inputs,
                numbers: w[layer.weight.clone()].to_vec(),
            };
            let mut z = N::product(Kind::Right, &inputs, &weight);
            scale(&mut z, layer.scale);
            let mut normal = None;
            if !wire.gain.is_empty() {
                let own = known.and_then(|known| known.get(moments.len()).cloned());
                let own = own.unwrap_or_else(|| Moments::of(&z));
                let inverse = own.normalize(&mut z);
                normal = Some((z.clone(), inverse));
                moments.push(own);
                columns(&mut z, &w[wire.gain.clone()], |z, gain| z * gain);
            }
            if !layer.bias.is_empty() {
                columns(&mut z, &w[layer.bias.clone()], |z, bias| z + bias);
            }
            let last = index + 1 == network.layers().len();
            let slope = (!last).then(|| bend(network, &mut z, &mut dropout));
            if !last {
                see(&z);
            }
            x = match wire.pool {
                Some((image, by)) => image.pool(&z, by),
                None => z,
            };
            traces.push(Trace { x: inputs, normal, slope });
        }
        Forward { outputs: x, traces, moments }
    }

    /// Adds to `out` the derivatives with respect to all parameters, from `delta`, those with respect to the outputs. The way
    /// forward must have normalised by the moments of its own examples.
    pub(super) fn backward<N: Number>(
        &self,
        network: &Network,
        w: &[N],
        traces: &[Trace<N>],
        mut delta: Matrix<N>,
        out: &mut [N],
    ) {
        for (index, (wire, trace)) in self.wires.iter().zip(traces).enumerate().rev() {
            let Some(layer) = network.layers().get(index) else { continue };
            if let Some((image, by)) = wire.pool {
                delta = image.spread(&delta, by);
            }
            if let Some(slope) = &trace.slope {
                delta.numbers.iter_mut().zip(&slope.numbers).for_each(|(d, slope)| *d = *d * *slope);
            }
            if !layer.bias.is_empty() {
                add(&mut out[layer.bias.clone()], &delta.sums());
            }
            if let Some((normal, inverse)) = &trace.normal {
                add(&mut out[wire.gain.clone()], &products(&delta, normal).sums());
                columns(&mut delta, &w[wire.gain.clone()], |d, gain| d * gain);
                unnormalize(&mut delta, normal, inverse);
            }
            scale(&mut delta, layer.scale);
            add(&mut out[layer.weight.clone()], &N::product(Kind::Left, &delta, &trace.x).numbers);
            if index > 0 {
                let weight = Matrix {
                    rows: layer.outputs,
                    columns: layer.inputs,
                    numbers: w[layer.weight.clone()].to_vec(),
                };
                delta = wire.entry.gather(N::product(Kind::Straight, &delta, &weight));
            }
        }
    }
}

impl Entry {
    fn arrange<N: Number>(&self, x: Matrix<N>) -> Matrix<N> {
        match self {
            Self::Same => x,
            Self::Patches(image, kernel) => image.patches(&x, *kernel),
            Self::Flat(image) => image.flat(&x),
        }
    }

    /// The same for derivatives, back.
    fn gather<N: Number>(&self, x: Matrix<N>) -> Matrix<N> {
        match self {
            Self::Same => x,
            Self::Patches(image, kernel) => image.gathered(&x, *kernel),
            Self::Flat(image) => image.unflat(&x),
        }
    }
}

impl<N: Number> Moments<N> {
    /// Of every column.
    fn of(z: &Matrix<N>) -> Self {
        let share = N::constant(N::Real::of(1.0 / z.rows.max(1) as f64));
        let mean: Vec<N> = z.sums().into_iter().map(|sum| sum * share).collect();
        let mut variance = vec![N::zero(); z.columns];
        for line in z.lines() {
            for ((sum, z), mean) in variance.iter_mut().zip(line).zip(&mean) {
                let off = *z - *mean;
                *sum += off * off;
            }
        }
        for sum in &mut variance {
            *sum = *sum * share;
        }
        Self { mean, variance }
    }

    /// Takes the mean from every column and divides it by the deviation; 1 over that.
    fn normalize(&self, z: &mut Matrix<N>) -> Vec<N> {
        let (one, epsilon) = (N::constant(N::Real::ONE), N::constant(N::Real::of(EPSILON)));
        let inverse: Vec<N> =
            self.variance.iter().map(|variance| one / (*variance + epsilon).root()).collect();
        columns(z, &self.mean, |z, mean| z - mean);
        columns(z, &inverse, |z, inverse| z * inverse);
        inverse
    }
}

/// From derivatives with respect to normalised units to those with respect to the units (Ioffe & Szegedy 2015, §3).
fn unnormalize<N: Number>(delta: &mut Matrix<N>, normal: &Matrix<N>, inverse: &[N]) {
    let share = N::constant(N::Real::of(1.0 / delta.rows.max(1) as f64));
    let mean: Vec<N> = delta.sums().into_iter().map(|sum| sum * share).collect();
    let along: Vec<N> = products(delta, normal).sums().into_iter().map(|sum| sum * share).collect();
    for (line, normal) in delta.lines_mut().zip(normal.lines()) {
        for (unit, d) in line.iter_mut().enumerate() {
            *d = (*d - mean[unit] - normal[unit] * along[unit]) * inverse[unit];
        }
    }
}

/// φ of every unit of a hidden layer, in its place, with what drops out; φ′ times the same.
fn bend<N: Number>(network: &Network, z: &mut Matrix<N>, dropout: &mut Option<Dropout>) -> Matrix<N> {
    let mut slope = z.clone();
    for (z, slope) in z.numbers.iter_mut().zip(&mut slope.numbers) {
        (*z, *slope) = z.bent(network.activation());
    }
    if let Some(Dropout { rate, stream }) = dropout {
        let kept = N::constant(N::Real::of(1.0 / (1.0 - *rate)));
        for (z, slope) in z.numbers.iter_mut().zip(&mut slope.numbers) {
            let factor = if stream.uniform() < *rate { N::zero() } else { kept };
            (*z, *slope) = (*z * factor, *slope * factor);
        }
    }
    slope
}

/// Number by number.
fn products<N: Number>(a: &Matrix<N>, b: &Matrix<N>) -> Matrix<N> {
    let numbers = a.numbers.iter().zip(&b.numbers).map(|(a, b)| *a * *b).collect();
    Matrix { rows: a.rows, columns: a.columns, numbers }
}

/// What `f` makes of every number and that of its column.
fn columns<N: Number>(matrix: &mut Matrix<N>, numbers: &[N], f: impl Fn(N, N) -> N) {
    for line in matrix.lines_mut() {
        line.iter_mut().zip(numbers).for_each(|(place, number)| *place = f(*place, *number));
    }
}

fn scale<N: Number>(matrix: &mut Matrix<N>, factor: f64) {
    if factor != 1.0 {
        let factor = N::constant(N::Real::of(factor));
        matrix.numbers.iter_mut().for_each(|number| *number = *number * factor);
    }
}

fn add<N: Number>(into: &mut [N], numbers: &[N]) {
    into.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += *number);
}

impl Wire {
    /// Of a layer without anything around it.
    pub(in super::super) fn same() -> Self {
        Self { entry: Entry::Same, pool: None, gain: 0..0 }
    }
}
