//! The parameters of a network in panels: all lines one after the other, so that an optimiser walks over them once.
//!
//! The weights of the first layer stand `inputs × outputs`, those of all others `outputs × inputs`. So every product of a
//! training step finds its operands as it reads them but one, the forward half of a layer that has another one
//! below it, for which the weights are turned: n products with a weight pay for one move of it.

use std::ops::Range;
use std::sync::Arc;

use pulp::{Simd, WithSimd};

use super::elementwise::add_scaled;
use super::panels::{Panels, View, ViewMut};
use super::product::Update;
use super::real::vectorized;
use super::transpose::transpose;
use super::{Network, Real};

/// Parameters, or one number for each of them: a gradient, a velocity.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<T: Real> {
    lines: Vec<T::Line>,
    places: Arc<[Place]>,
}

/// Where a layer's parameters are.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    /// Lines of the weights.
    weight: Range<usize>,
    /// Lines of the biases.
    bias: Range<usize>,
    /// The weights among the flat parameters, `outputs × inputs` row by row.
    flat_weight: Range<usize>,
    /// The biases among them; empty if there are none.
    flat_bias: Range<usize>,
    inputs: usize,
    outputs: usize,
    /// Whether the weights stand `inputs × outputs`.
    first: bool,
}

impl Place {
    #[inline]
    fn shape(&self) -> (usize, usize) {
        if self.first { (self.inputs, self.outputs) } else { (self.outputs, self.inputs) }
    }
}

impl<T: Real> Parameters<T> {
    /// Zeros.
    pub fn zeros(network: &Network) -> Self {
        let mut end = 0;
        let mut take = |lines: usize| {
            end += lines;
            end - lines..end
        };
        let place = |(index, layer): (usize, &super::Layer)| {
            let first = index == 0;
            let (rows, columns) =
                if first { (layer.inputs, layer.outputs) } else { (layer.outputs, layer.inputs) };
            Place {
                weight: take(rows * columns.div_ceil(T::WIDTH)),
                bias: take(layer.outputs.div_ceil(T::WIDTH)),
                flat_weight: layer.weight.clone(),
                flat_bias: layer.bias.clone(),
                inputs: layer.inputs,
                outputs: layer.outputs,
                first,
            }
        };
        let mut places: Vec<Place> = network.layers().iter().enumerate().map(place).collect();
        places.extend(network.gains().map(|gain| Place {
            weight: take(gain.len().div_ceil(T::WIDTH)),
            bias: take(0),
            flat_bias: 0..0,
            inputs: gain.len(),
            outputs: 1,
            first: false,
            flat_weight: gain,
        }));
        let places: Arc<[Place]> = places.into();
        Self { lines: vec![T::Line::default(); end], places }
    }

    /// From the flat parameters of `network`.
    pub fn new(network: &Network, flat: &[T]) -> Self {
        let mut parameters = Self::zeros(network);
        parameters.set(flat);
        parameters
    }

    /// Takes over flat parameters.
    pub fn set(&mut self, flat: &[T]) {
        self.each(flat, |number, place| *place = *number);
    }

    /// Writes them out flat.
    pub fn write(&self, flat: &mut [T]) {
        let Self { lines, places } = self;
        for place in &**places {
            let weight = &mut flat[place.flat_weight.clone()];
            let view = View::<T>::new(&lines[place.weight.clone()], place.shape().0, place.shape().1);
            for row in 0..view.rows() {
                for (column, number) in view.row(row).enumerate() {
                    let (output, input) = if place.first { (column, row) } else { (row, column) };
                    weight[output * place.inputs + input] = number;
                }
            }
            if place.flat_bias.is_empty() {
                continue;
            }
            let bias = View::<T>::new(&lines[place.bias.clone()], 1, place.outputs);
            flat[place.flat_bias.clone()].iter_mut().zip(bias.row(0)).for_each(|(b, number)| *b = number);
        }
    }

    /// Flat, in an array of its own.
    pub fn flat(&self) -> Vec<T> {
        let numbers = self.places.iter().map(|place| place.flat_weight.len() + place.flat_bias.len());
        let mut flat = vec![T::ZERO; numbers.sum()];
        self.write(&mut flat);
        flat
    }

    /// Calls `visit` with every flat number and its place.
    fn each(&mut self, flat: &[T], visit: impl Fn(&T, &mut T)) {
        let Self { lines, places } = self;
        for place in &**places {
            let (rows, _) = place.shape();
            let lines = &mut lines[place.weight.start..place.bias.end];
            for (index, number) in flat[place.flat_weight.clone()].iter().enumerate() {
                let (output, input) = (index / place.inputs, index % place.inputs);
                let (row, column) = if place.first { (input, output) } else { (output, input) };
                let line = &mut lines[column / T::WIDTH * rows + row];
                visit(number, &mut line.as_mut()[column % T::WIDTH]);
            }
            let biases = &mut lines[place.weight.len()..];
            for (output, number) in flat[place.flat_bias.clone()].iter().enumerate() {
                visit(number, &mut biases[output / T::WIDTH].as_mut()[output % T::WIDTH]);
            }
        }
    }

    /// All numbers in an order of their own, with the padding, and biases where a layer has none: zeros.
    pub fn numbers(&self) -> impl Iterator<Item = T> {
        self.lines.iter().flat_map(|line| line.as_ref().iter().copied())
    }

    /// The same as they stand in lines.
    pub fn lines(&self) -> &[T::Line] {
        &self.lines
    }

    /// Calls `visit` with every number and those in its place in `others`, of the same network. The padding, zeros
    /// everywhere, must stay zero.
    pub fn each_with<const N: usize>(&mut self, others: [&Self; N], visit: impl Fn(&mut T, [T; N])) {
        for (index, line) in self.lines.iter_mut().enumerate() {
            let others = others.map(|other| other.lines[index].as_ref());
            for (place, number) in line.as_mut().iter_mut().enumerate() {
                visit(number, others.map(|line| line[place]));
            }
        }
    }

    /// The same by vectors.
    pub fn map_with<const N: usize>(&mut self, others: [&Self; N], map: impl Map<T, N>) {
        vectorized(Mapped { lines: &mut self.lines, others: others.map(|other| &other.lines[..]), map });
    }

    /// Takes over `other`, of the same network.
    pub fn copy_from(&mut self, other: &Self) {
        self.lines.copy_from_slice(&other.lines);
    }

    /// The Euclidean norm, summed up in f64.
    pub fn norm(&self) -> f64 {
        self.numbers().map(|number| number.wide() * number.wide()).sum::<f64>().sqrt()
    }

    /// `self = keep · self + scale · other`, of the same network.
    pub fn combine(&mut self, update: Update<T>, other: &Self) {
        let Self { lines, .. } = self;
        let (n, columns) = (lines.len(), T::WIDTH);
        add_scaled(ViewMut::new(lines, n, columns), update, View::new(&other.lines, n, columns));
    }

    /// The weights of a layer as they stand.
    #[inline]
    pub(super) fn weight(&self, layer: usize) -> View<'_, T> {
        let place = &self.places[layer];
        View::new(&self.lines[place.weight.clone()], place.shape().0, place.shape().1)
    }

    /// The same, to be written, and the biases: `None` where there are none.
    #[inline]
    pub(super) fn layer_mut(&mut self, layer: usize) -> (ViewMut<'_, T>, Option<&mut [T::Line]>) {
        let place = &self.places[layer];
        let lines = &mut self.lines[place.weight.start..place.bias.end];
        let (weight, bias) = lines.split_at_mut(place.weight.len());
        let (rows, columns) = place.shape();
        (ViewMut::new(weight, rows, columns), (!place.flat_bias.is_empty()).then_some(bias))
    }

    /// The biases of a layer, one line per panel of its outputs; zeros where there are none.
    #[inline]
    pub(super) fn bias(&self, layer: usize) -> &[T::Line] {
        &self.lines[self.places[layer].bias.clone()]
    }
}

/// What is made of numbers and those in their places elsewhere.
pub trait Map<T: Real, const N: usize> {
    /// What is made of x.
    fn of<S: Simd>(&self, simd: S, x: T::Lanes<S>, others: [T::Lanes<S>; N]) -> T::Lanes<S>;
}

struct Mapped<'a, T: Real, const N: usize, M> {
    lines: &'a mut [T::Line],
    others: [&'a [T::Line]; N],
    map: M,
}

impl<T: Real, const N: usize, M: Map<T, N>> WithSimd for Mapped<'_, T, N, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { lines, others, map } = self;
        for index in 0..lines.len() {
            let line = T::lanes_mut::<S>(&mut lines[index]);
            for v in 0..line.len() {
                let mut there = [line[v]; N];
                for n in 0..N {
                    there[n] = T::lanes::<S>(&others[n][index])[v];
                }
                line[v] = map.of(simd, line[v], there);
            }
        }
    }
}

/// Where a gradient goes.
#[derive(Debug)]
pub enum Target<'a, T: Real> {
    /// To the very parameters that it is taken at: a step of plain gradient descent needs no gradient beside them.
    There(&'a mut Parameters<T>),
    /// It is taken at the first, and goes to the second.
    Beside(&'a Parameters<T>, &'a mut Parameters<T>),
}

impl<T: Real> Target<'_, T> {
    /// Where the gradient is taken.
    #[inline]
    pub fn at(&self) -> &Parameters<T> {
        match self {
            Self::There(parameters) => parameters,
            Self::Beside(parameters, _) => parameters,
        }
    }

    /// Where it goes.
    #[inline]
    pub fn out(&mut self) -> &mut Parameters<T> {
        match self {
            Self::There(parameters) => parameters,
            Self::Beside(_, out) => out,
        }
    }
}

/// The weights of all layers `inputs × outputs`, as the forward half reads them.
#[derive(Clone, Debug)]
pub(super) struct Turned<T: Real>(Vec<Panels<T>>);

impl<T: Real> Turned<T> {
    /// Room for the weights of `network`.
    pub fn new(network: &Network) -> Self {
        let above = network.layers().iter().skip(1);
        Self(above.map(|layer| Panels::new(layer.inputs, layer.outputs)).collect())
    }

    /// Turns these.
    #[inline]
    pub fn turn(&mut self, parameters: &Parameters<T>) {
        for (index, turned) in self.0.iter_mut().enumerate() {
            transpose(&mut turned.view_mut(), parameters.weight(index + 1));
        }
    }

    /// The weights of a layer, `inputs × outputs`: those of the first stand so themselves.
    #[inline]
    pub fn weight<'a>(&'a self, parameters: &'a Parameters<T>, layer: usize) -> View<'a, T> {
        match layer.checked_sub(1).and_then(|index| self.0.get(index)) {
            Some(turned) => turned.view(),
            None => parameters.weight(layer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::{HE, mlp};
    use crate::spec::{Activation, Loss};

    #[test]
    fn flat_parameters_come_back() {
        for hidden in [&[][..], &[5], &[20, 3], &[16, 16]] {
            let network = Network::new(&mlp(hidden, Activation::Tanh, HE), 33, 10, Loss::Squared).unwrap();
            let flat: Vec<f32> = (1..=network.parameters() as u16).map(f32::from).collect();
            let parameters = Parameters::new(&network, &flat);
            assert_eq!(parameters.flat(), flat, "{hidden:?}");
            let sum: f32 = parameters.numbers().sum();
            assert_eq!(sum, flat.iter().sum::<f32>(), "the padding is zero");
        }
    }

    #[test]
    fn turned_weights_are_the_weights() {
        let network = Network::new(&mlp(&[20, 7], Activation::Tanh, HE), 3, 2, Loss::Squared).unwrap();
        let flat: Vec<f64> = (1..=network.parameters() as u16).map(f64::from).collect();
        let parameters = Parameters::new(&network, &flat);
        let mut turned = Turned::new(&network);
        turned.turn(&parameters);
        for (index, layer) in network.layers().iter().enumerate() {
            let weight = turned.weight(&parameters, index);
            for input in 0..layer.inputs {
                let expected =
                    (0..layer.outputs).map(|output| flat[layer.weight.start + output * layer.inputs + input]);
                assert!(weight.row(input).eq(expected), "layer {index}");
            }
        }
    }
}
