//! The place at which things are measured: one set of weights, all training examples, in f64. Whatever is evaluated there
//! counts its work, tells the observer, and can be called away from.

use super::{FORWARD, PRODUCT, WIDE, Work};
use crate::base::rng::Stream;
use crate::data::{Problem, Truth};
use crate::science::dense::panels::View;
use crate::science::dense::parameters::Target;
use crate::science::dense::product::Update;
use crate::science::dense::wired::activity;
use crate::science::dense::{Curvature, Network, Parameters, Pass, Rows};
use crate::science::pulse::{Interrupted, Pulse};

/// What is known of the run besides its weights.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Class of each training example; empty where targets are real numbers.
    pub labels: &'a [u32],
    /// The same before any was replaced; empty where none was.
    pub clean: &'a [u32],
    /// What there is to be found, where the targets are linear.
    pub truth: Option<&'a Truth>,
    /// Weights that the run began with.
    pub initial: &'a [f64],
    /// Seed of the run: each estimator draws from a stream of its own.
    pub seed: u64,
    /// The run's learning rate.
    pub rate: f64,
}

impl<'a> Context<'a> {
    /// Of a run on `problem` from these weights, with this seed and learning rate.
    pub fn of(problem: &'a Problem, initial: &'a [f64], seed: u64, rate: f64) -> Self {
        let (labels, clean, truth) = (&problem.train.labels, &problem.clean, problem.truth.as_ref());
        Self { labels, clean, truth, initial, seed, rate }
    }
}

/// Which matrix is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// The Hessian.
    Hessian,
    /// The Gauss–Newton matrix.
    GaussNewton,
}

/// One set of weights over all training examples.
pub struct Site<'a, 'b> {
    /// The network.
    pub network: &'a Network,
    /// The weights, flat.
    pub weights: &'a [f64],
    /// The training examples.
    pub rows: Rows<'a, f64>,
    /// What else is known of the run.
    pub context: Context<'a>,
    curvature: Curvature<'a, f64>,
    /// Passes at other weights, made when first needed.
    elsewhere: Option<Elsewhere<'a>>,
    pulse: &'a mut Pulse<'b>,
    work: Work,
}

/// What it takes to go somewhere else.
struct Elsewhere<'a> {
    pass: Pass<'a, f64>,
    point: Parameters<f64>,
    gradient: Parameters<f64>,
}

impl<'a, 'b> Site<'a, 'b> {
    /// Passes over all examples once, forward and back.
    pub fn new(
        network: &'a Network,
        weights: &'a [f64],
        rows: Rows<'a, f64>,
        context: Context<'a>,
        pulse: &'a mut Pulse<'b>,
    ) -> Result<Self, Interrupted> {
        let curvature = Curvature::at(network, weights, rows);
        let mut site = Self { network, weights, rows, context, curvature, elsewhere: None, pulse, work: 0.0 };
        site.spend(1.0)?;
        Ok(site)
    }

    /// Number of weights and biases.
    pub fn size(&self) -> usize {
        self.weights.len()
    }

    /// The training loss here.
    pub fn loss(&self) -> f64 {
        self.curvature.loss()
    }

    /// Its gradient here.
    pub fn gradient(&self) -> &[f64] {
        self.curvature.gradient()
    }

    /// The stream of an estimator: the same at every step of a run, so that curves show the change of what is measured
    /// and not of the draws.
    pub fn stream(&self, name: &str) -> Stream {
        Stream::new(self.context.seed, name)
    }

    /// `out` = matrix · `v`.
    pub fn product(&mut self, matrix: Matrix, v: &[f64], out: &mut [f64]) -> Result<(), Interrupted> {
        match matrix {
            Matrix::Hessian => self.curvature.hessian_vector(v, out),
            Matrix::GaussNewton => self.curvature.gauss_newton_vector(v, out),
        }
        self.spend(PRODUCT)
    }

    /// ⟨`v`, ∇ℓᵢ⟩ of every example.
    pub fn directional(&mut self, v: &[f64]) -> Result<Vec<f64>, Interrupted> {
        let derivatives = self.curvature.directional(v);
        self.spend(PRODUCT)?;
        Ok(derivatives)
    }

    /// The training loss at other weights.
    pub fn loss_at(&mut self, weights: &[f64]) -> Result<f64, Interrupted> {
        let rows = self.rows;
        let Elsewhere { pass, point, .. } = self.elsewhere();
        point.set(weights);
        let loss = pass.loss(point, rows);
        self.spend(FORWARD)?;
        Ok(loss)
    }

    /// The same, and the fraction classified otherwise than labelled: NaN where there are no classes.
    pub fn fit_at(&mut self, weights: &[f64]) -> Result<(f64, f64), Interrupted> {
        let (rows, labels, network) = (self.rows, self.context.labels, self.network);
        let Elsewhere { pass, point, .. } = self.elsewhere();
        point.set(weights);
        let (mut loss, mut wrong, mut labelled) = (0.0, 0_usize, labels.iter());
        pass.outputs(point, rows, |chunk, outputs| {
            loss += network.loss_sum(outputs, chunk.y);
            let labelled = labelled.by_ref().take(chunk.n());
            wrong += labelled.len() - network.right(outputs, labelled);
        });
        let n = rows.n() as f64;
        let error = if labels.is_empty() { f64::NAN } else { wrong as f64 / n };
        self.spend(FORWARD)?;
        Ok((loss / n, error))
    }

    /// The margin of every training example: how far the output of its class lies above all others; of a single output
    /// with targets ±1 how far on the right side of 0. Empty where there are no classes.
    pub fn margins(&mut self) -> Result<Vec<f64>, Interrupted> {
        let (rows, labels, weights) = (self.rows, self.context.labels, self.weights);
        let Elsewhere { pass, point, .. } = self.elsewhere();
        point.set(weights);
        let (mut margins, mut labelled) = (Vec::with_capacity(labels.len()), labels.iter());
        pass.outputs(point, rows, |chunk, outputs| {
            for (row, &label) in labelled.by_ref().take(chunk.n()).enumerate() {
                margins.push(margin(outputs.row(row), label as usize));
            }
        });
        self.spend(FORWARD)?;
        Ok(margins)
    }

    /// The class that the network gives each of these examples.
    pub fn classes(&mut self, rows: Rows<'_, f64>) -> Result<Vec<usize>, Interrupted> {
        let (network, weights) = (self.network, self.weights);
        let mut pass = Pass::forward(network, rows.n());
        let mut classes = Vec::with_capacity(rows.n());
        pass.outputs_by(&Parameters::new(network, weights), rows, Some(self.rows), |_, outputs| {
            network.classes(outputs, |class| classes.push(class));
        });
        self.spend(FORWARD * rows.n() as f64 / self.rows.n() as f64)?;
        Ok(classes)
    }

    /// The root mean square of all hidden units after φ, over the training examples; NaN without any.
    pub fn activity(&mut self) -> Result<f64, Interrupted> {
        let network = self.network.wired();
        let found = activity(&network, self.weights, self.rows);
        self.spend(FORWARD)?;
        Ok(found)
    }

    /// Inputs and targets of the first `n` training examples, row-major.
    pub fn first(&self, n: usize) -> (Vec<f64>, Vec<f64>) {
        let n = n.min(self.rows.n());
        let rows = |view: View<'_, f64>| (0..n).flat_map(|row| view.row(row).collect::<Vec<_>>()).collect();
        (rows(self.rows.x), rows(self.rows.y))
    }

    /// The gradient of the training loss at other weights, and the loss there.
    pub fn gradient_at(&mut self, weights: &[f64], gradient: &mut [f64]) -> Result<f64, Interrupted> {
        let rows = self.rows;
        let loss = self.part_gradient_at(weights, rows, gradient);
        self.spend(1.0)?;
        Ok(loss)
    }

    /// The same over `rows` alone; the work is booked by whoever has done all of it.
    pub fn part_gradient_at(&mut self, weights: &[f64], rows: Rows<'_, f64>, gradient: &mut [f64]) -> f64 {
        let Elsewhere { pass, point, gradient: out } = self.elsewhere();
        point.set(weights);
        let loss = pass.look(point, rows);
        pass.collect(rows, Update::replace(1.0), Target::Beside(point, out));
        out.write(gradient);
        loss
    }

    /// The loss over `rows` alone at other weights, booked as [`Self::part_gradient_at`] is.
    pub fn part_loss_at(&mut self, weights: &[f64], rows: Rows<'_, f64>) -> f64 {
        let Elsewhere { pass, point, .. } = self.elsewhere();
        point.set(weights);
        pass.loss(point, rows)
    }

    /// Books what so many gradients take.
    pub fn spend(&mut self, gradients: f64) -> Result<(), Interrupted> {
        let work = WIDE * self.rows.n() as f64 * gradients;
        self.work += work;
        self.pulse.worked(3.0 * work * self.network.parameters() as f64)
    }

    /// What was done since this was last asked.
    pub fn take_work(&mut self) -> Work {
        std::mem::take(&mut self.work)
    }

    fn elsewhere(&mut self) -> &mut Elsewhere<'a> {
        let (network, n) = (self.network, self.rows.n());
        self.elsewhere.get_or_insert_with(|| Elsewhere {
            pass: Pass::gradient(network, n),
            point: Parameters::zeros(network),
            gradient: Parameters::zeros(network),
        })
    }
}

/// How far the output of a class lies above all others.
fn margin(outputs: impl Iterator<Item = f64>, label: usize) -> f64 {
    let outputs: Vec<f64> = outputs.collect();
    if let [only] = outputs[..] {
        return if label == 1 { only } else { -only };
    }
    let others = outputs.iter().enumerate().filter(|(class, _)| *class != label);
    outputs[label] - others.map(|(_, output)| *output).fold(f64::NEG_INFINITY, f64::max)
}
