//! What is measured of a network in training, one file per family. Values are collected by column name.
//!
//! Fit is measured in f32, as the network trains; curvature and sharpness in f64 on the same weights, always over all
//! training examples (of a mini-batch they would be another quantity, and a larger one).

use std::collections::BTreeMap;

pub mod curvature;
pub mod fit;
pub mod lanczos;
pub mod sharpness;
pub mod tridiagonal;
pub mod vector;

use self::curvature::{Estimate, Products};
use self::fit::Fit;
use self::vector::{norm, widened};
use super::dense::{Curvature, Examples, Network, Parameters, Pass};
use super::pulse::{Interrupted, Pulse};
use crate::data::Problem;
use crate::spec::{MeasureSpec, Quantity};

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
    seed: u64,
    pass: Pass<'a, f32>,
    /// The training examples in f64, made when first needed.
    wide: Option<Examples<f64>>,
}

impl<'a> Meter<'a> {
    /// For weights of `network`, trained on `problem` from `seed`; `examples` are those of the problem, to train on and to
    /// test on.
    pub fn new(
        network: &'a Network,
        problem: &'a Problem,
        examples: &'a [Examples<f32>; 2],
        seed: u64,
    ) -> Self {
        let rows = problem.train.n.max(problem.test.n);
        Self { network, problem, examples, seed, pass: Pass::forward(network, rows), wide: None }
    }

    /// Work of [`Self::always`].
    pub fn always_work(&self) -> Work {
        FORWARD * (self.problem.train.n + self.problem.test.n) as f64
    }

    /// Work of [`Self::train_loss`].
    pub fn train_loss_work(&self) -> Work {
        FORWARD * self.problem.train.n as f64
    }

    /// Mean loss over all training examples: the same number as `train_loss` in [`Self::always`].
    pub fn train_loss(
        &mut self,
        weights: &Parameters<f32>,
        pulse: &mut Pulse<'_>,
    ) -> Result<f64, Interrupted> {
        let loss = Fit::of(&mut self.pass, weights, &self.problem.train, self.examples[0].rows()).loss;
        pulse.worked(self.multiply_adds(self.train_loss_work()))?;
        Ok(loss)
    }

    /// What is measured whether asked for or not: fit and weight norm.
    pub fn always(
        &mut self,
        weights: &Parameters<f32>,
        pulse: &mut Pulse<'_>,
    ) -> Result<Values, Interrupted> {
        let (problem, [train, test]) = (self.problem, self.examples);
        let mut fit =
            |part, examples: &Examples<f32>| Fit::of(&mut self.pass, weights, part, examples.rows());
        let train = fit(&problem.train, train);
        let test = (problem.test.n > 0).then(|| fit(&problem.test, test));
        let mut values = fit::quantities(train, test);
        put(&mut values, Quantity::WeightNorm, norm(&widened(weights.numbers())));
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
        pulse: &mut Pulse<'_>,
    ) -> Result<Vec<Work>, Interrupted> {
        if asked.iter().all(|spec| spec.quantity.info().always) {
            return Ok(vec![0.0; asked.len()]);
        }
        let (network, seed, n) = (self.network, self.seed, self.problem.train.n);
        let pass = WIDE * n as f64;
        let (pass_cost, product_cost) = (self.multiply_adds(pass), self.multiply_adds(PRODUCT * pass));
        let wide = self.wide.get_or_insert_with(|| self.examples[0].cast());
        let (rows, weights) = (wide.rows(), widened(weights.flat()));
        let mut curvature = Curvature::at(network, &weights, rows);
        pulse.worked(pass_cost)?;
        let mut works = Vec::with_capacity(asked.len());
        for spec in asked {
            let mut products = Products { curvature: &mut curvature, pulse, cost: product_cost };
            works.push(match spec.quantity {
                Quantity::GradientNorm => {
                    put(values, spec.quantity, norm(curvature.gradient()));
                    pass
                }
                Quantity::SamSharpness => {
                    let (loss, gradient) = (curvature.loss(), curvature.gradient());
                    let rise = sharpness::sam(network, &weights, rows, loss, gradient, spec.settings.rho);
                    put(values, spec.quantity, rise);
                    pass * (1.0 + FORWARD)
                }
                Quantity::LambdaMax => {
                    let estimate = curvature::lambda_max(&mut products, seed, &spec.settings)?;
                    put_estimate(values, spec.quantity, "residual", estimate);
                    pass * (1.0 + PRODUCT * estimate.products as f64)
                }
                Quantity::HessianTrace => {
                    let estimate = curvature::trace(&mut products, seed, &spec.settings)?;
                    put_estimate(values, spec.quantity, "se", estimate);
                    pass * (1.0 + PRODUCT * estimate.products as f64)
                }
                _ => 0.0,
            });
        }
        Ok(works)
    }

    /// Multiply-adds of so much work: a gradient takes three per weight and example.
    fn multiply_adds(&self, work: Work) -> f64 {
        3.0 * work * self.network.parameters() as f64
    }
}

fn put(values: &mut Values, quantity: Quantity, value: f64) {
    values.insert(quantity.name().to_owned(), value);
}

fn put_estimate(values: &mut Values, quantity: Quantity, uncertainty: &str, estimate: Estimate) {
    put(values, quantity, estimate.value);
    values.insert(format!("{}_{uncertainty}", quantity.name()), estimate.uncertainty);
}
