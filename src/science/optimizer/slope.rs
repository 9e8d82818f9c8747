//! Which gradient a step follows: that of the batch, that of a point uphill of the weights, or that of the batch with a
//! penalty on its own length; then clipped, and decay added.

use super::super::autograd::AutogradError;
use super::super::dense::parameters::Target;
use super::super::dense::product::Update;
use super::super::dense::{Network, Parameters, Real};
use super::super::gradient::Gradient;
use crate::spec::{OptimizerKind, OptimizerSpec};

/// Finds gradients, in buffers of its own.
#[derive(Debug)]
pub struct Slope<T: Real> {
    of: Of<T>,
    /// Longest gradient.
    clip: Option<f64>,
    /// λ of what is added to it.
    decay: T,
    gradient: Parameters<T>,
}

/// What is differentiated.
#[derive(Debug)]
enum Of<T: Real> {
    /// The loss, at the weights.
    Loss,
    /// The loss, uphill of the weights.
    Uphill { rho: f64, scale: Scale, point: Parameters<T> },
    /// The loss with ½λ‖∇L‖².
    Penalized { lambda: T, plain: Parameters<T> },
}

/// The ball within which the way uphill stays.
#[derive(Clone, Copy, Debug)]
enum Scale {
    /// Round: ρ·g/‖g‖ (Foret et al. 2021).
    One,
    /// As wide in each direction as |w| + η: ρ·T²g/‖Tg‖ (Kwon et al. 2021).
    Weights { eta: f64 },
}

impl<T: Real> Slope<T> {
    /// For the parameters of `network`.
    pub fn new(spec: &OptimizerSpec, network: &Network) -> Self {
        let uphill = |rho, scale| Of::Uphill { rho, scale, point: Parameters::zeros(network) };
        let of = match spec.kind {
            OptimizerKind::Sam { rho } => uphill(rho, Scale::One),
            OptimizerKind::Asam { rho, eta } => uphill(rho, Scale::Weights { eta }),
            _ if spec.gradient_penalty != 0.0 => {
                Of::Penalized { lambda: T::of(spec.gradient_penalty), plain: Parameters::zeros(network) }
            }
            _ => Of::Loss,
        };
        let decoupled = matches!(spec.kind, OptimizerKind::Adamw(_));
        let decay = T::of(if decoupled { 0.0 } else { spec.weight_decay });
        Self { of, clip: spec.clip, decay, gradient: Parameters::zeros(network) }
    }

    /// The gradient of a step from `weights`, at which `engine` has just looked at the loss of a batch.
    pub fn find(
        &mut self,
        weights: &Parameters<T>,
        engine: &mut dyn Gradient<T>,
    ) -> Result<&Parameters<T>, AutogradError> {
        let gradient = &mut self.gradient;
        engine.add_to(Target::Beside(weights, gradient), Update::replace(T::ONE));
        match &mut self.of {
            Of::Loss => {}
            Of::Uphill { rho, scale, point } => {
                climb(weights, gradient, *rho, *scale, point);
                engine.look_again(point)?;
                engine.add_to(Target::Beside(point, gradient), Update::replace(T::ONE));
            }
            Of::Penalized { lambda, plain } => {
                plain.copy_from(gradient);
                engine.hessian_vector(weights, plain, Update::add(*lambda), gradient)?;
            }
        }
        if let Some(longest) = self.clip {
            clip(gradient, longest);
        }
        if self.decay != T::ZERO {
            gradient.combine(Update::add(self.decay), weights);
        }
        Ok(gradient)
    }
}

/// Goes from `weights` as far uphill as one step within the ball does; nowhere where the gradient is 0.
fn climb<T: Real>(
    weights: &Parameters<T>,
    gradient: &mut Parameters<T>,
    rho: f64,
    scale: Scale,
    point: &mut Parameters<T>,
) {
    let width = |weight: T, eta: T| (if weight < T::ZERO { -weight } else { weight }) + eta;
    if let Scale::Weights { eta } = scale {
        gradient.each_with([weights], |g, [weight]| *g *= width(weight, T::of(eta)));
    }
    let length = gradient.norm();
    let step = T::of(if length > 0.0 { rho / length } else { 0.0 });
    point.copy_from(weights);
    match scale {
        Scale::One => point.combine(Update::add(step), gradient),
        Scale::Weights { eta } => point.each_with([gradient], |weight, [turned]| {
            *weight += step * (width(*weight, T::of(eta)) * turned);
        }),
    }
}

/// Scales a gradient that is too long to `longest`.
fn clip<T: Real>(gradient: &mut Parameters<T>, longest: f64) {
    let length = gradient.norm();
    if length > longest {
        let factor = T::of(longest / length);
        gradient.each_with([], |g, []| *g = factor * *g);
    }
}
