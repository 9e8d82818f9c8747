//! A fitted model that is no network: its outputs on both parts, its size and its norms.

use faer::{Mat, MatRef};

use super::Order;
use crate::data::{Part, Problem};
use crate::science::dense::pass::largest;
use crate::science::measures::details::Details;
use crate::science::measures::fit::{self, Fit};
use crate::science::measures::{Values, put, put_vector};
use crate::science::pulse::Pulse;
use crate::science::solve::Rank;
use crate::science::train::{Ending, Outcome};
use crate::spec::Quantity;

/// A fitted model.
pub struct Predictor {
    /// Outputs on the training examples, `n × outputs`.
    pub train: Mat<f64>,
    /// Outputs on the test examples, likewise.
    pub test: Mat<f64>,
    /// ‖w‖₂; of a kernel the norm of the function in its space.
    pub norm: f64,
    /// ‖w‖₁, where there are weights.
    pub l1: Option<f64>,
    /// How many weights.
    pub parameters: usize,
    /// Of what the outputs are linear in, and how many directions that could have.
    pub rank: Option<(Rank, usize)>,
    /// w of a model that is linear in its inputs, one output.
    pub linear: Option<Vec<f64>>,
}

impl Predictor {
    /// f(x) = ⟨w, x⟩.
    pub fn linear(problem: &Problem, w: Vec<f64>) -> Self {
        let column = Mat::from_fn(w.len(), 1, |row, _| w[row]);
        Self {
            train: inputs(&problem.train, problem.inputs) * &column,
            test: inputs(&problem.test, problem.inputs) * &column,
            norm: w.iter().map(|w| w * w).sum::<f64>().sqrt(),
            l1: Some(w.iter().map(|w| w.abs()).sum()),
            parameters: w.len(),
            rank: None,
            linear: Some(w),
        }
    }

    /// What is always measured.
    pub fn always(&self, problem: &Problem) -> Values {
        let test = (problem.test.n > 0).then(|| of_outputs(self.test.as_ref(), &problem.test));
        let mut values = fit::quantities(of_outputs(self.train.as_ref(), &problem.train), test);
        put(&mut values, Quantity::WeightNorm, self.norm);
        values
    }

    /// What of `asked` there is of such a model.
    fn asked(&self, order: &Order<'_>, values: &mut Values) {
        for measure in order.measures {
            let value = match measure.quantity {
                Quantity::Parameters => Some(self.parameters as f64),
                Quantity::L1Norm => self.l1,
                Quantity::ExcessRisk => {
                    let truth = order.problem.truth.as_ref().zip(self.linear.as_ref());
                    truth.map(|(truth, w)| truth.excess_risk(w))
                }
                Quantity::DistanceFromInit if self.linear.is_none() => Some(self.norm),
                other => self.rank.and_then(|(rank, size)| of_rank(other, rank, size, order.problem.outputs)),
            };
            if let Some(value) = value {
                put(values, measure.quantity, value);
            }
            if let (Quantity::Weights, Some(w)) = (measure.quantity, &self.linear) {
                put_vector(values, measure.quantity, w);
            }
        }
    }

    /// What a run comes to that ends with it.
    pub fn outcome(&self, order: &Order<'_>, ending: Ending, steps: u64, pulse: &mut Pulse<'_>) -> Outcome {
        let mut values = self.always(order.problem);
        self.asked(order, &mut values);
        pulse.row(steps, steps as f64, &values);
        let weights = self.linear.as_ref().map(|w| {
            let narrow = w.iter().map(|&w| w as f32).collect();
            ("linear".to_owned(), vec![w.len()], narrow)
        });
        Outcome {
            ending: if self.norm.is_finite() { ending } else { Ending::Diverged },
            steps,
            measures: values,
            details: Details::default(),
            weights: weights.into_iter().collect(),
        }
    }
}

/// A quantity of the Jacobian of a model that is linear in `size` features: it has them once for each output.
pub fn of_rank(quantity: Quantity, rank: Rank, size: usize, outputs: usize) -> Option<f64> {
    match quantity {
        Quantity::Rank => Some((rank.rank * outputs) as f64),
        Quantity::NullSpace => Some(((size - rank.rank) * outputs) as f64),
        Quantity::ConditionNumber => Some(rank.condition),
        _ => None,
    }
}

/// Inputs as a matrix, `n × inputs`.
pub fn inputs(part: &Part, inputs: usize) -> Mat<f64> {
    Mat::from_fn(part.n, inputs, |row, column| f64::from(part.x[row * inputs + column]))
}

/// Targets as a matrix, `n × outputs`.
pub fn targets(part: &Part, outputs: usize) -> Mat<f64> {
    Mat::from_fn(part.n, outputs, |row, column| f64::from(part.y[row * outputs + column]))
}

/// Squared loss and accuracy of outputs.
fn of_outputs(outputs: MatRef<'_, f64>, part: &Part) -> Fit {
    let (mut sum, mut right) = (0.0, 0_usize);
    for row in 0..part.n {
        let outputs = outputs.row(row);
        let targets = &part.y[row * outputs.ncols()..];
        sum += outputs.iter().zip(targets).map(|(f, &y)| (f - f64::from(y)).powi(2)).sum::<f64>() / 2.0;
        let class = largest(outputs.iter());
        right += usize::from(part.labels.get(row).is_some_and(|label| *label as usize == class));
    }
    let (loss, n) = (sum / part.n as f64, part.n as f64);
    let accuracy = if loss.is_nan() { f64::NAN } else { right as f64 / n };
    Fit { loss, accuracy: (!part.labels.is_empty()).then_some(accuracy) }
}
