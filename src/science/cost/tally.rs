//! What one measurement takes: passes over the training examples, and what goes on besides them.

use super::Outline;
use crate::science::measures::code::MOST_BITS;
use crate::science::measures::{self, density, flatness, pac_bayes};
use crate::spec::{MeasureSpec, Quantity, Setting};

/// Lanczos steps to a relative residual of 1e-6, as found on networks and data of all the sizes here (9 to 28).
const LANCZOS: f64 = 16.0;
const LANCZOS_DIGITS: f64 = 6.0;
/// How much longer it takes for each eigenvalue after the first.
const LATER: f64 = 0.25;

/// Of the steps that an ascent may take, how many it takes, and how many of these lead higher.
const CLIMBS: f64 = 0.6;
const HIGHER: f64 = 0.5;

/// Values of σ that are tried until it is bisected, and places on each side of a basin.
const SIGMAS: f64 = 14.0;
const BASIN: f64 = 44.0;

/// A gradient in f64 as a share of a product.
const PASS: f64 = 1.0 / measures::PRODUCT;

/// How often each part of a measurement comes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Products with the Hessian or the Gauss–Newton matrix.
    pub products: f64,
    /// Gradients; one is taken in any case.
    pub gradients: f64,
    /// Losses.
    pub losses: f64,
    /// Numbers drawn from a normal distribution, per weight.
    pub normals: f64,
    /// Signs drawn, per weight.
    pub signs: f64,
    /// Vectors made orthogonal to each other, per weight: the sum of the squares of their numbers, halved.
    pub pairs: f64,
    /// Vectors as long as the weights that are held at once.
    pub vectors: f64,
}

impl Tally {
    /// All passes, in products.
    pub fn passes(&self) -> f64 {
        self.products + PASS * (self.gradients + measures::FORWARD * self.losses)
    }

    fn lanczos(steps: f64) -> Self {
        let pairs = steps * steps / 2.0;
        Self { products: steps, normals: 1.0, pairs, vectors: steps + 2.0, ..Self::default() }
    }

    fn signs(probes: f64) -> Self {
        Self { products: probes, signs: probes, vectors: 2.0, ..Self::default() }
    }

    fn losses(losses: f64) -> Self {
        Self { losses, vectors: 1.0, ..Self::default() }
    }

    /// Several of the kind, one after the other.
    fn times(self, count: f64) -> Self {
        Self {
            products: self.products * count,
            gradients: self.gradients * count,
            losses: self.losses * count,
            normals: self.normals * count,
            signs: self.signs * count,
            pairs: self.pairs * count,
            vectors: self.vectors,
        }
    }
}

impl Outline {
    /// What one measurement takes.
    pub fn tally(&self, measure: &MeasureSpec) -> Tally {
        let one = Tally { gradients: 1.0, ..Tally::default() };
        if measure.quantity.info().always {
            return Tally::default();
        }
        let more = self.besides_the_gradient(measure);
        Tally { gradients: one.gradients + more.gradients, ..more }
    }

    #[allow(clippy::too_many_lines, reason = "a table with a line or two for each quantity")]
    fn besides_the_gradient(&self, measure: &MeasureSpec) -> Tally {
        let count = |setting| measure.settings.count(setting) as f64;
        let parameters = self.parameters();
        let probes = count(Setting::Probes);
        let layers = self.widths.len().saturating_sub(1) as f64;
        match measure.quantity {
            Quantity::LambdaMax | Quantity::LambdaMin | Quantity::GgnLambdaMax => {
                let tally = Tally::lanczos(self.lanczos_steps(measure, 1.0));
                Tally { products: tally.products + 1.0, ..tally }
            }
            Quantity::Eigenvalues => {
                let top = count(Setting::Top).min(parameters);
                let tally = Tally::lanczos(self.lanczos_steps(measure, top));
                Tally { products: tally.products + top, vectors: tally.vectors + top, ..tally }
            }
            Quantity::HessianTrace
            | Quantity::GgnTrace
            | Quantity::HessianSquare
            | Quantity::ParticipationRatio => Tally::signs(probes),
            Quantity::HutchppTrace => {
                let third = (probes / 3.0).floor().max(1.0).min(parameters);
                let pairs = third * third;
                Tally { pairs, vectors: third + 3.0, ..Tally::signs(3.0 * third) }
            }
            Quantity::Spectrum
            | Quantity::GgnSpectrum
            | Quantity::NegativeFraction
            | Quantity::EffectiveDimension => {
                Tally::lanczos(count(Setting::Steps).min(parameters)).times(probes)
            }
            Quantity::FullSpectrum if parameters <= density::SMALL as f64 => {
                // The eigenvalues themselves take about N³ multiply-adds, N² per weight.
                let pairs = parameters * parameters / 10.0;
                Tally { products: parameters, pairs, vectors: 2.0 * parameters, ..Tally::default() }
            }
            Quantity::LayerCurvature => {
                let tally = Tally::lanczos(self.lanczos_steps(measure, 1.0)).times(layers);
                Tally { products: tally.products + layers + probes, signs: probes, ..tally }
            }
            Quantity::GradientCurvature | Quantity::FisherRao => {
                Tally { products: 1.0, vectors: 2.0, ..Tally::default() }
            }
            Quantity::RelativeFlatness => self.flatness(measure, probes),
            Quantity::SamSharpness
            | Quantity::AdaptiveSharpness
            | Quantity::Margin
            | Quantity::NormalizedMargin
            | Quantity::NoisyFitted
            | Quantity::ActivationRms => Tally::losses(1.0),
            Quantity::MSharpness => Tally { gradients: 1.0, ..Tally::losses(1.0) },
            Quantity::PgdSharpness | Quantity::AdaptivePgdSharpness | Quantity::KeskarSharpness => {
                let (steps, starts) = (count(Setting::Steps), count(Setting::Starts));
                let tried = (CLIMBS * steps).max(1.0) * starts;
                Tally {
                    gradients: HIGHER * tried + starts - 1.0,
                    losses: tried,
                    vectors: 5.0,
                    ..Tally::default()
                }
            }
            Quantity::AverageSharpness => Tally { normals: probes, ..Tally::losses(2.0 * probes) },
            Quantity::PacBayesSigma => {
                Tally { normals: probes, vectors: probes + 1.0, ..Tally::losses(SIGMAS * probes + 1.0) }
            }
            Quantity::PacBayesBound | Quantity::McallesterBound | Quantity::DescriptionLength => Tally {
                normals: probes,
                vectors: probes + 1.0,
                ..Tally::losses(pac_bayes::GRID as f64 * probes)
            },
            Quantity::Slice => {
                let directions = count(Setting::Directions);
                Tally { normals: directions, ..Tally::losses(directions * count(Setting::Points)) }
            }
            Quantity::Plane => {
                let (directions, points) = (count(Setting::Directions), count(Setting::Points));
                Tally {
                    normals: 2.0 * directions,
                    vectors: 3.0,
                    ..Tally::losses(directions * points * points)
                }
            }
            Quantity::InitPath => Tally::losses(count(Setting::Points)),
            Quantity::Rank | Quantity::NullSpace | Quantity::ConditionNumber
                if self.exact.is_some_and(|exact| exact.solved) =>
            {
                Tally::default()
            }
            Quantity::Rank | Quantity::NullSpace | Quantity::ConditionNumber => {
                let rows = self.train as f64 * self.outputs();
                let pairs = rows * rows.min(parameters) / 2.0;
                Tally { gradients: self.outputs(), pairs, vectors: 2.0 * rows, ..Tally::default() }
            }
            Quantity::LzComplexity => {
                let all = (1_u64 << self.widths.first().map_or(0, |&bits| bits.min(MOST_BITS))) as f64;
                Tally::losses(all / self.train.max(1) as f64)
            }
            Quantity::NtkDrift | Quantity::KernelAlignment | Quantity::TangentKernel => {
                let rows = count(Setting::Examples).min(self.train as f64) * self.outputs();
                let both = if measure.quantity == Quantity::NtkDrift { 2.0 } else { 1.0 };
                let gradients = both * rows / self.train.max(1) as f64;
                Tally { gradients, pairs: both * rows * rows / 20.0, vectors: rows, ..Tally::default() }
            }
            Quantity::BasinWidth => {
                let top = count(Setting::Top).min(parameters);
                let tally = Tally::lanczos(self.lanczos_steps(measure, top));
                Tally { products: tally.products + top, losses: 2.0 * BASIN * top, ..tally }
            }
            _ => Tally::default(),
        }
    }

    /// Steps of Lanczos to `top` eigenvalues.
    fn lanczos_steps(&self, measure: &MeasureSpec, top: f64) -> f64 {
        let digits = -measure.settings.get(Setting::Tolerance).max(f64::MIN_POSITIVE).log10();
        let steps = LANCZOS * (digits / LANCZOS_DIGITS).max(0.0) * (1.0 + LATER * (top - 1.0));
        let most = (measure.settings.count(Setting::Steps) as f64).max(top).min(self.parameters());
        steps.clamp(1.0, most.max(1.0))
    }

    fn flatness(&self, measure: &MeasureSpec, probes: f64) -> Tally {
        let layer = (self.widths.len().saturating_sub(1)).checked_sub(measure.settings.count(Setting::Layer));
        let Some(&inputs) = layer.and_then(|layer| self.widths.get(layer)) else { return Tally::default() };
        let exact = flatness::exact_products(inputs) as f64;
        Tally { signs: 0.0, ..Tally::signs(if exact <= probes { exact } else { probes }) }
    }
}
