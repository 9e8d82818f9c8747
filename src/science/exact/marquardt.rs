//! Levenberg–Marquardt: Gauss–Newton steps on the squared loss, damped until they lead down. Small networks come to
//! their minima in tens of steps where gradient descent takes 10⁵, so whether a width can fit its examples is told in
//! a second.

use faer::Mat;

use super::Order;
use super::subject::Subject;
use crate::science::init;
use crate::science::jacobian::{Jacobian, jacobian};
use crate::science::measures::Values;
use crate::science::measures::vector::widened;
use crate::science::pulse::{Interrupted, Pulse};
use crate::science::schedule::next_row;
use crate::science::solve::Gram;
use crate::science::train::{Ending, Halt, Outcome};

/// Damping at the start, how it changes after a step that led down or up, and where it says that nothing does.
const DAMPING: f64 = 1e-2;
const LESS: f64 = 1.0 / 3.0;
const MORE: f64 = 2.0;
const LEAST: f64 = 1e-15;
const MOST: f64 = 1e12;

/// A squared error per target below which there is nothing left to fit.
const FITTED: f64 = 1e-24;

/// The best end of so many tries of so many steps.
pub fn fit(order: &Order<'_>, steps: u64, tries: u64, pulse: &mut Pulse<'_>) -> Result<Outcome, Halt> {
    let subject = Subject::new(order)?;
    let mut best: Option<Try> = None;
    for number in 0..tries {
        // The first begins where training would; seeds of cells end at 2⁵³.
        let seed = order.spec.init_seed().wrapping_add(number << 54);
        let begin = init::exact_weights(&subject.network, &order.spec.model, seed);
        let attempt = attempt(order, &subject, begin, steps, pulse)?;
        if best.as_ref().is_none_or(|best| attempt.error < best.error) {
            best = Some(attempt);
        }
        if best.as_ref().is_some_and(|best| best.error <= FITTED) {
            break;
        }
    }
    let Some(Try { weights, ending, steps, rows, .. }) = best else {
        return Err(Halt::Failed("there is nothing to try".to_owned()));
    };
    // The end has a row of its own.
    for (step, values) in rows.iter().filter(|(step, _)| *step < steps) {
        pulse.row(*step, *step as f64, values);
    }
    subject.outcome(order, (ending, steps), &weights, Values::new(), pulse)
}

/// Where a try came to.
struct Try {
    weights: Vec<f64>,
    /// Mean squared error per target.
    error: f64,
    ending: Ending,
    steps: u64,
    /// Its curve: only that of the best is kept.
    rows: Vec<(u64, Values)>,
}

fn attempt(
    order: &Order<'_>,
    subject: &Subject,
    mut weights: Vec<f64>,
    steps: u64,
    pulse: &mut Pulse<'_>,
) -> Result<Try, Interrupted> {
    let (network, part) = (&subject.network, &order.problem.train);
    let x = widened(part.x.iter().copied());
    let mut here = jacobian(network, &weights, &x, part.n);
    let mut error = mean_square(&here.outputs, &part.y);
    let mut damping = DAMPING;
    let mut rows = Vec::new();
    let mut next = 0;
    for taken in 0..steps {
        if error <= FITTED {
            return Ok(Try { weights, error, ending: Ending::Converged, steps: taken, rows });
        }
        if taken >= next {
            rows.push((taken, subject.always(order, &weights)));
            next = next_row(taken);
        }
        loop {
            pulse.worked(work(&here))?;
            let to: Vec<f64> =
                weights.iter().zip(step(&here, &part.y, damping)).map(|(w, d)| w - d).collect();
            let there = jacobian(network, &to, &x, part.n);
            let reached = mean_square(&there.outputs, &part.y);
            if reached < error {
                (weights, here, error) = (to, there, reached);
                damping = (damping * LESS).max(LEAST);
                break;
            }
            damping *= MORE;
            if damping > MOST {
                return Ok(Try { weights, error, ending: Ending::Converged, steps: taken, rows });
            }
        }
    }
    Ok(Try { weights, error, ending: Ending::Steps, steps, rows })
}

/// The δ of (`JᵀJ` + μ) δ = Jᵀ r; where there are more weights than residuals by Jᵀ (`JJᵀ` + μ)⁻¹ r, which is the same.
fn step(here: &Jacobian, y: &[f32], damping: f64) -> Vec<f64> {
    let matrix = &here.matrix;
    let residuals = Mat::from_fn(matrix.nrows(), 1, |row, _| here.outputs[row] - f64::from(y[row]));
    let step = if matrix.nrows() < matrix.ncols() {
        let mut gram = Gram::zero(matrix.nrows());
        gram.add(matrix.as_ref());
        gram.factor(damping);
        matrix.transpose() * gram.solve(residuals.as_ref())
    } else {
        let mut gram = Gram::zero(matrix.ncols());
        gram.add(matrix.transpose());
        gram.factor(damping);
        gram.solve((matrix.transpose() * residuals).as_ref())
    };
    step.col(0).iter().copied().collect()
}

/// Multiply-adds of a step.
fn work(here: &Jacobian) -> f64 {
    let (rows, columns) = (here.matrix.nrows() as f64, here.matrix.ncols() as f64);
    let least = rows.min(columns);
    2.0 * rows * columns * least + least.powi(3)
}

fn mean_square(outputs: &[f64], y: &[f32]) -> f64 {
    outputs.iter().zip(y).map(|(f, &y)| (f - f64::from(y)).powi(2)).sum::<f64>() / outputs.len() as f64
}
