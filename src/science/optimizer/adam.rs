//! Adam (Kingma & Ba 2015), with the decay of `AdamW` (Loshchilov & Hutter 2019).
#![allow(
    clippy::inline_always,
    reason = "what computes on vectors must be part of the function that is compiled for them"
)]

use pulp::Simd;

use super::super::checkpoint::{Checkpoint, Misfit};
use super::super::dense::parameters::Map;
use super::super::dense::product::Update;
use super::super::dense::{Network, Parameters, Real};
use super::restore_array;
use crate::spec::Moments;

/// Moving averages of the gradient and its square.
#[derive(Debug)]
pub struct Adam<T: Real> {
    moments: Moments,
    /// λ of w ← (1 − ηλ)w, apart from the gradient.
    decay: f64,
    mean: Parameters<T>,
    square: Parameters<T>,
}

/// Names of the averages in a checkpoint.
const MEAN: &str = "mean_gradient";
const SQUARE: &str = "mean_square";

impl<T: Real> Adam<T> {
    /// At rest, for the parameters of `network`.
    pub fn new(moments: Moments, decay: f64, network: &Network) -> Self {
        Self { moments, decay, mean: Parameters::zeros(network), square: Parameters::zeros(network) }
    }

    /// The step after `step` others. The factors that undo the zeros of the start are powers, and not products that are
    /// carried along: they need no place in a checkpoint.
    pub fn step(&mut self, step: u64, weights: &mut Parameters<T>, gradient: &Parameters<T>, rate: f64) {
        let Moments { beta1, beta2, epsilon } = self.moments;
        let missing = |beta: f64| 1.0 - beta.powf(step as f64 + 1.0);
        self.mean.combine(Update { keep: T::of(beta1), scale: T::of(1.0 - beta1) }, gradient);
        let (keep, scale) = (T::of(beta2), T::of(1.0 - beta2));
        self.square.map_with([gradient], Square { keep, scale });
        let (keep, rate) = (T::of(1.0 - rate * self.decay), T::of(rate / missing(beta1)));
        let (unbias, epsilon) = (T::of(1.0 / missing(beta2)), T::of(epsilon));
        weights.map_with([&self.mean, &self.square], Step { keep, rate, unbias, epsilon });
    }
}

/// keep · v + scale · g².
struct Square<T> {
    keep: T,
    scale: T,
}

impl<T: Real> Map<T, 1> for Square<T> {
    #[inline(always)]
    fn of<S: Simd>(&self, simd: S, square: T::Lanes<S>, [g]: [T::Lanes<S>; 1]) -> T::Lanes<S> {
        let (keep, scale) = (T::splat(simd, self.keep), T::splat(simd, self.scale));
        T::plus(simd, T::times(simd, keep, square), T::times(simd, scale, T::times(simd, g, g)))
    }
}

/// keep · w − rate · m / (√(unbias · v) + ε).
struct Step<T> {
    keep: T,
    rate: T,
    unbias: T,
    epsilon: T,
}

impl<T: Real> Map<T, 2> for Step<T> {
    #[inline(always)]
    fn of<S: Simd>(&self, simd: S, weight: T::Lanes<S>, [mean, square]: [T::Lanes<S>; 2]) -> T::Lanes<S> {
        let number = |number: T| T::splat(simd, number);
        let root = T::roots(simd, T::times(simd, number(self.unbias), square));
        let change = T::times(simd, number(self.rate), mean);
        let change = T::over(simd, change, T::plus(simd, root, number(self.epsilon)));
        T::minus(simd, T::times(simd, number(self.keep), weight), change)
    }
}

impl Adam<f32> {
    /// Keeps the averages.
    pub fn save(&self, into: &mut Checkpoint) {
        into.put_array(MEAN, &self.mean.flat());
        into.put_array(SQUARE, &self.square.flat());
    }

    /// Takes them back.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        restore_array(from, MEAN, &mut self.mean)?;
        restore_array(from, SQUARE, &mut self.square)
    }
}
