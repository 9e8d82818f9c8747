//! The work of one of each part, in multiply-adds of a large product in f32; what is no multiply-add counts as many
//! as fit into the time it takes on a common core (3 GHz, AVX2). The ratios between the parts and between
//! networks are what these numbers are for: how fast the machine is, is measured.

use super::tally::Tally;
use super::{Outline, Parts};
use crate::spec::{Activation, Engine, Loss};

/// A product costs as if it had so many rows more: its sums are put where they belong, and some weights are turned.
const FEW: f64 = 5.0;
/// Calling a product.
const CALL: f64 = 4e3;
/// A step besides its products.
const STEP: f64 = 2e4;
/// A layer of the autograd engine and step: its tensors are allocated anew.
const AUTOGRAD_LAYER: f64 = 1.5e6;
/// A row besides measuring: it is written into the journal.
const ROW: f64 = 2.5e5;
/// Drawing a normal number, and a sign.
pub(super) const NORMAL: f64 = 600.0;
const SIGN: f64 = 100.0;
/// Making one number of a Lanczos vector orthogonal to one other, twice over.
const ORTHOGONAL: f64 = 20.0;
/// Drawing, copying and scaling a number of an example.
const COPY: f64 = 250.0;
/// Getting ready besides.
const READY: f64 = 2e6;
/// Everything in f64 is twice as much, and a product with the Hessian is one and a half gradients.
pub(super) const WIDE: f64 = 2.0;
const PRODUCT: f64 = 1.5;

impl Outline {
    /// The work of one of each part.
    pub fn work(&self) -> Parts {
        let (train, test) = (self.train as f64, self.test as f64);
        Parts {
            ready: READY
                + COPY * (train + test) * self.example()
                + NORMAL * self.parameters()
                + self.exact.map_or(0.0, |exact| exact.work as f64),
            steps: self.step(),
            rows: ROW + self.forward(train) + self.forward(test) + self.parameters(),
            products: WIDE * PRODUCT * self.gradient(train),
        }
    }

    /// What a measurement takes besides its passes, in products: start vectors, probes, orthogonality.
    pub(super) fn besides(&self, tally: &Tally) -> f64 {
        let per_parameter = NORMAL * tally.normals + SIGN * tally.signs + ORTHOGONAL * tally.pairs;
        per_parameter * self.parameters() / self.work().products
    }

    /// A step: gathering the batch, its gradients, the update. The last batch of an epoch may be smaller.
    fn step(&self) -> f64 {
        let batch = self.train as f64 / self.steps_per_epoch() as f64;
        let gathered = if self.batch < self.train { 2.0 * batch * self.example() } else { 0.0 };
        let update = self.parameters() * (2.0 + f64::from(self.optimizer.vectors));
        let outputs = self.widths.last().map_or(0.0, |&width| width as f64);
        let noise = if self.noise { NORMAL * batch * outputs } else { 0.0 };
        let gradient = match self.engine {
            Engine::Dense | Engine::Exact => self.gradient(batch),
            Engine::Autograd => AUTOGRAD_LAYER * self.layers().count() as f64 + 2.0 * self.gradient(batch),
        };
        STEP + gathered + f64::from(self.optimizer.gradients) * gradient + update + noise
    }

    /// A gradient over `rows` examples. What comes before the first layer needs none, so it has one product less.
    fn gradient(&self, rows: f64) -> f64 {
        if let Some(wired) = self.wired {
            return rows * wired.passes(3.0);
        }
        let products = self.layers().enumerate().map(|(layer, (inputs, outputs))| {
            let count = if layer == 0 { 2.0 } else { 3.0 };
            count * self.product(rows, inputs, outputs)
        });
        products.sum::<f64>() + 2.0 * self.elementwise(rows)
    }

    /// A pass from inputs to losses over `rows` examples.
    fn forward(&self, rows: f64) -> f64 {
        if let Some(wired) = self.wired {
            return rows * wired.passes(1.0);
        }
        let products = self.layers().map(|(inputs, outputs)| self.product(rows, inputs, outputs));
        products.sum::<f64>() + self.elementwise(rows)
    }

    /// Nonlinearities and losses.
    fn elementwise(&self, rows: f64) -> f64 {
        let outputs = self.widths.last().map_or(0.0, |&outputs| outputs as f64);
        let unit = match self.activation {
            Activation::Linear => 12.0,
            Activation::Relu => 24.0,
            Activation::Tanh => 33.0,
            Activation::Gelu => 44.0,
        };
        let output = match self.loss {
            Loss::Squared => 8.0,
            Loss::CrossEntropy => 45.0,
            // A whole line of exponentials for one output.
            Loss::Logistic => 200.0,
            Loss::Perceptron => 20.0,
        };
        rows * (unit * (self.units() - outputs) + output * outputs)
    }

    /// A product with a matrix of weights over `rows` examples, in the portions that a pass takes.
    fn product(&self, rows: f64, inputs: f64, outputs: f64) -> f64 {
        let calls = (rows / self.chunk::<f32>() as f64).ceil();
        (rows + calls * FEW) * inputs * outputs + calls * CALL
    }
}
