//! Where the training loop gets its gradients from.

use super::autograd::{Autograd, AutogradError};
use super::batches::Chosen;
use super::dense::parameters::Target;
use super::dense::product::Update;
use super::dense::{Batch, Examples, Network, Parameters, Pass, Rows};
use crate::data::Part;
use crate::spec::Engine;

/// Something that differentiates the mean loss of a batch. Both engines run under the same loop, on the same random
/// streams and are measured by the same code.
pub trait Gradient {
    /// The mean loss over the `chosen` examples at `weights`.
    fn look(&mut self, weights: &Parameters<f32>, chosen: Chosen<'_>) -> Result<f64, AutogradError>;

    /// `out = keep · out + scale · gradient` for the `out` of the target and the gradient of the loss that was looked at
    /// last, at the parameters of the target.
    fn add_to(&mut self, target: Target<'_, f32>, update: Update<f32>);
}

/// The engine of that kind, for batches of up to `rows` of the examples of `part`, which are also there in panels.
pub fn engine<'a>(
    kind: Engine,
    network: &'a Network,
    part: &'a Part,
    examples: Rows<'a, f32>,
    rows: usize,
) -> Box<dyn Gradient + 'a> {
    match kind {
        // What is exact is not trained, and does not come here.
        Engine::Dense | Engine::Exact => Box::new(Dense::new(network, examples, rows)),
        Engine::Autograd => Box::new(ByAutograd {
            network,
            part,
            x: Vec::new(),
            y: Vec::new(),
            gradient: Parameters::zeros(network),
        }),
    }
}

/// The hand-written pass with its buffers.
struct Dense<'a> {
    pass: Pass<'a, f32>,
    examples: Rows<'a, f32>,
    /// The examples of a mini-batch.
    batch: Examples<f32>,
    /// How many of them; `None` for all examples.
    chosen: Option<usize>,
}

impl<'a> Dense<'a> {
    fn new(network: &'a Network, examples: Rows<'a, f32>, rows: usize) -> Self {
        Self {
            pass: Pass::gradient(network, rows),
            examples,
            batch: Examples::room(network, if rows < examples.n() { rows } else { 0 }),
            chosen: None,
        }
    }
}

impl Gradient for Dense<'_> {
    fn look(&mut self, weights: &Parameters<f32>, chosen: Chosen<'_>) -> Result<f64, AutogradError> {
        let rows = match chosen {
            Chosen::All => self.examples,
            Chosen::Some(chosen) => self.batch.gather(self.examples, chosen),
        };
        self.chosen = if let Chosen::Some(chosen) = chosen { Some(chosen.len()) } else { None };
        Ok(self.pass.look(weights, rows))
    }

    fn add_to(&mut self, target: Target<'_, f32>, update: Update<f32>) {
        let rows = match self.chosen {
            None => self.examples,
            Some(n) => self.batch.rows().slice(0, n),
        };
        self.pass.collect(rows, update, target);
    }
}

/// candle's autograd, which knows rows and flat parameters.
struct ByAutograd<'a> {
    network: &'a Network,
    part: &'a Part,
    x: Vec<f32>,
    y: Vec<f32>,
    gradient: Parameters<f32>,
}

impl Gradient for ByAutograd<'_> {
    fn look(&mut self, weights: &Parameters<f32>, chosen: Chosen<'_>) -> Result<f64, AutogradError> {
        let Part { x, y, n, .. } = self.part;
        let batch = match chosen {
            Chosen::All => Batch { x, y, n: *n },
            Chosen::Some(chosen) => {
                gather(&mut self.x, x, self.network.inputs(), chosen);
                gather(&mut self.y, y, self.network.outputs(), chosen);
                Batch { x: &self.x, y: &self.y, n: chosen.len() }
            }
        };
        let weights = weights.flat();
        let mut gradient = vec![0.0; weights.len()];
        let loss = Autograd::new(self.network).loss_and_gradient(&weights, batch, &mut gradient)?;
        self.gradient.set(&gradient);
        Ok(loss)
    }

    fn add_to(&mut self, mut target: Target<'_, f32>, update: Update<f32>) {
        target.out().combine(update, &self.gradient);
    }
}

/// Copies the chosen rows next to each other into `buffer`.
fn gather(buffer: &mut Vec<f32>, rows: &[f32], width: usize, chosen: &[usize]) {
    buffer.clear();
    for &index in chosen {
        buffer.extend_from_slice(&rows[index * width..(index + 1) * width]);
    }
}
