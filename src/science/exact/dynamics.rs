//! Gradient descent on all examples, the flow that it follows, and the flow that it follows more closely.

use super::Order;
use super::diagonal::Diagonal;
use super::dormand_prince::Integrator;
use super::predictor::Predictor;
use super::subject::{Loss, Subject};
use crate::science::measures::Values;
use crate::science::measures::details::Details;
use crate::science::pulse::{Interrupted, Pulse};
use crate::science::train::{Ending, Halt, Outcome};
use crate::spec::{ModelSpec, Procedure, When};

/// A function of weights that is to fall.
pub trait Objective {
    /// Its value; its gradient replaces what stands in `gradient`.
    fn gradient(&mut self, weights: &[f64], gradient: &mut [f64]) -> f64;

    /// `out` = Hessian at `weights` · `v`.
    fn hessian_vector(&mut self, weights: &[f64], v: &[f64], out: &mut [f64]);

    /// Multiply-adds of a gradient.
    fn work(&self) -> f64;
}

/// What measures along the way: weights after so many steps.
type Look<'a> = dyn FnMut(&[f64], u64, &mut Pulse<'_>) -> Result<Values, Interrupted> + 'a;

/// Most steps of an integrator.
const MOST: u64 = 20_000_000;

/// A row of the curve is recorded when steps, or time, have grown by this.
const ROW: f64 = 1.12;

/// Follows the procedure of an order to its end.
pub fn follow(order: &Order<'_>, pulse: &mut Pulse<'_>) -> Result<Outcome, Halt> {
    if let ModelSpec::DiagonalLinear { scale } = order.spec.model {
        return diagonal(order, scale, pulse);
    }
    let subject = Subject::new(order)?;
    let mut details = Details::default();
    let mut look = |weights: &[f64], step: u64, pulse: &mut Pulse<'_>| {
        let due = order.measures.iter().filter(
            |measure| matches!(measure.when, When::Every(every) if step.is_multiple_of(every.max(1))),
        );
        let mut values = subject.always(order, weights);
        details.append(subject.asked(order, due, weights, &mut values, pulse)?.at(step));
        Ok(values)
    };
    let every = order.measures.iter().filter_map(|measure| match measure.when {
        When::Every(every) => Some(every.max(1)),
        _ => None,
    });
    let mut path = Path::new(order, subject.initial.clone(), every.collect());
    let end = path.walk(&mut Loss::new(&subject), &mut look, pulse)?;
    let mut outcome = subject.outcome(order, end, &path.weights, Values::new(), pulse)?;
    details.append(std::mem::take(&mut outcome.details));
    Ok(Outcome { details, ..outcome })
}

fn diagonal(order: &Order<'_>, scale: f64, pulse: &mut Pulse<'_>) -> Result<Outcome, Halt> {
    let problem = order.problem;
    if problem.outputs != 1 {
        return Err(Halt::Failed(format!(
            "diagonal_linear has one output, and the data have {}",
            problem.outputs
        )));
    }
    let mut path = Path::new(order, vec![scale; 2 * problem.inputs], Vec::new());
    let mut look = |weights: &[f64], _: u64, _: &mut Pulse<'_>| {
        Ok(Predictor::linear(problem, Diagonal::linear(weights)).always(problem))
    };
    let (ending, steps) = path.walk(&mut Diagonal::new(&problem.train, problem.inputs), &mut look, pulse)?;
    let predictor = Predictor::linear(problem, Diagonal::linear(&path.weights));
    Ok(predictor.outcome(order, ending, steps, pulse))
}

/// Weights on their way.
struct Path<'a> {
    order: &'a Order<'a>,
    weights: Vec<f64>,
    /// Steps of which every n-th is looked at.
    every: Vec<u64>,
}

impl<'a> Path<'a> {
    fn new(order: &'a Order<'a>, weights: Vec<f64>, every: Vec<u64>) -> Self {
        Self { order, weights, every }
    }

    /// To the end.
    fn walk(
        &mut self,
        objective: &mut dyn Objective,
        look: &mut Look<'_>,
        pulse: &mut Pulse<'_>,
    ) -> Result<(Ending, u64), Halt> {
        match self.order.spec.procedure {
            Procedure::Gd { step, time } => self.descend(objective, (step, time), look, pulse),
            Procedure::GradientFlow { time } => self.flow(objective, (0.0, time), look, pulse),
            Procedure::ModifiedFlow { step, time } => self.flow(objective, (step, time), look, pulse),
            _ => Err(Halt::Failed("this procedure follows no gradient".to_owned())),
        }
    }

    fn descend(
        &mut self,
        objective: &mut dyn Objective,
        (step, time): (f64, f64),
        look: &mut Look<'_>,
        pulse: &mut Pulse<'_>,
    ) -> Result<(Ending, u64), Halt> {
        // A time that is so many steps but for rounding is so many.
        let steps = (time / step - 1e-9).ceil().max(1.0) as u64;
        let mut gradient = vec![0.0; self.weights.len()];
        let mut next = 0;
        for taken in 0..steps {
            let loss = objective.gradient(&self.weights, &mut gradient);
            if !loss.is_finite() {
                return Ok((Ending::Diverged, taken));
            }
            if taken >= next || self.every.iter().any(|every| taken.is_multiple_of(*every)) {
                next = next.max((taken as f64 * ROW) as u64 + 1);
                let values = look(&self.weights, taken, pulse)?;
                pulse.row(taken, taken as f64, &values);
            }
            self.weights.iter_mut().zip(&gradient).for_each(|(weight, slope)| *weight -= step * slope);
            pulse.worked(objective.work())?;
        }
        Ok((Ending::Time, steps))
    }

    /// Along −∇(L + ¼ h ‖∇L‖²) = −(g + ½ h H g); h = 0 is the flow of L alone.
    fn flow(
        &mut self,
        objective: &mut dyn Objective,
        (h, time): (f64, f64),
        look: &mut Look<'_>,
        pulse: &mut Pulse<'_>,
    ) -> Result<(Ending, u64), Halt> {
        let work = objective.work() * if h == 0.0 { 1.0 } else { 4.0 };
        let mut slope = |weights: &[f64], out: &mut [f64]| -> Result<f64, Interrupted> {
            let loss = objective.gradient(weights, out);
            if h != 0.0 {
                let gradient = out.to_vec();
                let mut bent = vec![0.0; gradient.len()];
                objective.hessian_vector(weights, &gradient, &mut bent);
                out.iter_mut().zip(&bent).for_each(|(g, hg)| *g += 0.5 * h * hg);
            }
            for g in out {
                *g = -*g;
            }
            Ok(loss)
        };
        let mut integrator = Integrator::new(self.weights.clone(), |w, out| slope(w, out).map(drop))?;
        let (mut steps, mut next) = (0, 0.0);
        while integrator.time < time {
            if integrator.time >= next {
                let values = look(&integrator.at, steps, pulse)?;
                pulse.row(steps, integrator.time, &values);
                next = (integrator.time * ROW).max(integrator.time + 1e-3 * time);
            }
            pulse.worked(6.0 * work)?;
            if !integrator.advance(time, |w, out| slope(w, out).map(drop))? {
                self.weights = integrator.at;
                return Ok((Ending::Diverged, steps));
            }
            steps += 1;
            if steps >= MOST {
                return Err(Halt::Failed(format!(
                    "the flow takes more than {MOST} steps: it stood at time {:.3} of {time}",
                    integrator.time
                )));
            }
        }
        self.weights = integrator.at;
        Ok((Ending::Time, steps))
    }
}
