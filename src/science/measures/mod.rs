//! What is measured of a network in training, one file per family. Values are collected by column name.
//!
//! Fit is measured in f32, as the network trains; curvature and sharpness in f64 on the same weights, always over all
//! training examples (of a mini-batch they would be another quantity, and a larger one).

//!
//! ```text
//! vector  lanczos  tridiagonal    what all of it is made of
//! site                            one set of weights over all examples: losses, gradients, products
//! details                         what is no number: spectra and slices
//! fit                             losses and accuracies
//! norms  tangent  code            sizes of weights and margins; what the Jacobian tells; bits
//! curvature  trace  density       extreme eigenvalues, sums over all, all of them
//! blocks                          layer by layer
//! sharpness  ascent               the loss nearby: after one step and on average; at its worst
//! flatness  pac_bayes             curvature seen from the weights; how much noise they bear
//! slices  pairs                   along lines and over planes; between two runs
//! family                          which of these a quantity is
//! ```

use std::collections::BTreeMap;

pub mod ascent;
pub mod blocks;
pub mod code;
pub mod curvature;
pub mod density;
pub mod details;
pub(super) mod family;
pub mod fit;
pub mod flatness;
pub mod lanczos;
pub mod needs;
pub mod norms;
pub mod pac_bayes;
pub mod pairs;
pub mod sharpness;
pub mod site;
pub mod slices;
pub mod tangent;
#[cfg(test)]
mod tests;
pub mod trace;
pub mod tridiagonal;
pub mod vector;

use self::details::Details;
use self::fit::Fit;
use self::site::{Context, Site};
use self::vector::widened;
use super::dense::{Examples, Network, Parameters, Pass};
use super::init;
use super::pulse::{Interrupted, Pulse};
use crate::data::Problem;
use crate::spec::{MeasureSpec, Quantity, RunSpec};

/// Measured values by column name.
pub type Values = BTreeMap<String, f64>;

/// Work of one measurement, in example-gradients: a forward pass counts a third, a Hessian-vector product two,
/// and everything in f64 twice as much.
pub type Work = f64;

/// A forward pass.
pub const FORWARD: Work = 1.0 / 3.0;
/// Anything in f64.
pub const WIDE: Work = 2.0;
/// A product with the Hessian, in gradients.
pub const PRODUCT: Work = 2.0;

/// Measures networks of one shape on one problem.
pub struct Meter<'a> {
    network: &'a Network,
    problem: &'a Problem,
    /// The examples of the problem, to train on and to test on.
    examples: &'a [Examples<f32>; 2],
    spec: &'a RunSpec,
    pass: Pass<'a, f32>,
    /// Weights that the run began with, if not those of its spec.
    began: Option<Vec<f32>>,
    /// What is measured in f64 needs, made when first needed.
    wide: Option<Wide>,
}

/// What is measured in f64 needs besides the weights.
struct Wide {
    examples: Examples<f64>,
    initial: Vec<f64>,
}

impl<'a> Meter<'a> {
    /// For weights of `network`, trained on `problem` as `spec` says; `examples` are those of the problem, to train on and
    /// to test on.
    pub fn new(
        network: &'a Network,
        problem: &'a Problem,
        examples: &'a [Examples<f32>; 2],
        spec: &'a RunSpec,
    ) -> Self {
        let rows = problem.train.n.max(problem.test.n);
        Self { network, problem, examples, spec, pass: Pass::forward(network, rows), began: None, wide: None }
    }

    /// The same for a run that began with these weights.
    #[must_use]
    pub fn begun_at(self, weights: Vec<f32>) -> Self {
        Self { began: Some(weights), ..self }
    }

    /// Work of [`Self::always`].
    pub fn always_work(&self) -> Work {
        FORWARD * (self.problem.train.n + self.problem.test.n) as f64
    }

    /// Work of [`Self::look`].
    pub fn look_work(&self, gradient: bool) -> Work {
        let passes = if gradient { FORWARD + WIDE } else { FORWARD };
        passes * self.problem.train.n as f64
    }

    /// What may end a training: fit of all training examples and, if asked for, the norm of the gradient; the same
    /// numbers as they are measured.
    pub fn look(
        &mut self,
        weights: &Parameters<f32>,
        gradient: bool,
        pulse: &mut Pulse<'_>,
    ) -> Result<Values, Interrupted> {
        let fit = Fit::of(&mut self.pass, weights, &self.problem.train, self.examples[0].rows(), None);
        pulse.worked(self.multiply_adds(self.look_work(false)))?;
        let mut values = fit::quantities(fit, None);
        if gradient {
            let norm = MeasureSpec::at_end(Quantity::GradientNorm);
            self.asked(&[&norm], weights, &mut values, &mut Details::default(), pulse)?;
        }
        Ok(values)
    }

    /// What is measured whether asked for or not: fit and weight norm.
    pub fn always(
        &mut self,
        weights: &Parameters<f32>,
        pulse: &mut Pulse<'_>,
    ) -> Result<Values, Interrupted> {
        let values = fit::always(&mut self.pass, weights, self.problem, self.examples);
        pulse.worked(self.multiply_adds(self.always_work()))?;
        Ok(values)
    }

    /// What only some cells ask for, all at the same weights; the work of each, in the order of `asked`. Quantities
    /// that are always measured are not the business of this call, and cost nothing here.
    pub fn asked(
        &mut self,
        asked: &[&MeasureSpec],
        weights: &Parameters<f32>,
        values: &mut Values,
        details: &mut Details,
        pulse: &mut Pulse<'_>,
    ) -> Result<Vec<Work>, Interrupted> {
        if asked.iter().all(|spec| spec.quantity.info().always) {
            return Ok(vec![0.0; asked.len()]);
        }
        let (network, spec) = (self.network, self.spec);
        let began = self.began.as_ref();
        let wide = self.wide.get_or_insert_with(|| {
            let drawn = || init::weights(network, &spec.model, spec.init_seed());
            let initial = widened(began.map_or_else(drawn, Clone::clone));
            Wide { examples: self.examples[0].cast(), initial }
        });
        let context = Context::of(self.problem, &wide.initial, spec.seed, spec.optimizer.learning_rate);
        let weights = widened(weights.flat());
        let mut site = Site::new(network, &weights, wide.examples.rows(), context, pulse)?;
        let shared = site.take_work();
        let mut works = Vec::with_capacity(asked.len());
        for spec in asked {
            if spec.quantity.info().always {
                works.push(0.0);
                continue;
            }
            family::measure(&mut site, spec, values, details)?;
            works.push(shared + site.take_work());
        }
        Ok(works)
    }

    /// Multiply-adds of so much work: a gradient takes three per weight and example.
    fn multiply_adds(&self, work: Work) -> f64 {
        3.0 * work * self.network.parameters() as f64
    }
}

pub(in crate::science) fn put(values: &mut Values, quantity: Quantity, value: f64) {
    values.insert(quantity.name().to_owned(), value);
}

/// A vector as columns `name_0`, `name_1`, …
pub(super) fn put_vector(values: &mut Values, quantity: Quantity, vector: &[f64]) {
    for (index, value) in vector.iter().enumerate() {
        values.insert(format!("{}_{index}", quantity.name()), *value);
    }
}
