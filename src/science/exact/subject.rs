//! A network on its examples in f64.

use super::Order;
use super::dynamics::Objective;
use crate::science::dense::parameters::Target;
use crate::science::dense::product::Update;
use crate::science::dense::{Curvature, Examples, Network, Parameters, Pass};
use crate::science::init;
use crate::science::measures::details::Details;
use crate::science::measures::fit;
use crate::science::measures::site::{Context, Site};
use crate::science::measures::{Values, family};
use crate::science::pulse::{Interrupted, Pulse};
use crate::science::train::{Ending, Halt, Outcome, examples, network};
use crate::spec::{MeasureSpec, Procedure, RunSpec};

/// A network, the examples of its run, and the weights that the run begins with.
pub struct Subject {
    pub network: Network,
    pub initial: Vec<f64>,
    /// To train on and to test on.
    examples: [Examples<f64>; 2],
}

impl Subject {
    /// Of an order whose model is a network.
    pub fn new(order: &Order<'_>) -> Result<Self, Halt> {
        let Order { spec, problem, .. } = order;
        let network = network(spec, problem).map_err(Halt::Failed)?;
        let initial = init::exact_weights(&network, &spec.model, spec.init_seed());
        let examples = examples(&network, problem).map(|examples| examples.cast());
        Ok(Self { network, initial, examples })
    }

    /// Multiply-adds of a gradient.
    pub fn gradient_work(&self) -> f64 {
        3.0 * (self.examples[0].rows().n() * self.network.parameters()) as f64
    }

    /// What is always measured, at these weights.
    pub fn always(&self, order: &Order<'_>, weights: &[f64]) -> Values {
        let (network, problem) = (&self.network, order.problem);
        let mut pass = Pass::forward(network, problem.train.n.max(problem.test.n));
        fit::always(&mut pass, &Parameters::new(network, weights), problem, &self.examples)
    }

    /// What is asked for besides and does not stand in `values` yet, at these weights.
    pub fn asked<'m>(
        &self,
        order: &Order<'_>,
        measures: impl IntoIterator<Item = &'m MeasureSpec>,
        weights: &[f64],
        values: &mut Values,
        pulse: &mut Pulse<'_>,
    ) -> Result<Details, Interrupted> {
        let open = |measure: &&MeasureSpec| {
            !measure.quantity.info().always && !values.contains_key(measure.quantity.name())
        };
        let asked: Vec<_> = measures.into_iter().filter(open).collect();
        let mut details = Details::default();
        if asked.is_empty() {
            return Ok(details);
        }
        let context = Context::of(order.problem, &self.initial, order.spec.seed, rate(order.spec));
        let mut site = Site::new(&self.network, weights, self.examples[0].rows(), context, pulse)?;
        for measure in asked {
            family::measure(&mut site, measure, values, &mut details)?;
        }
        Ok(details)
    }

    /// What a run comes to that ends at these weights after so many steps; `more` is measured already.
    pub fn outcome(
        &self,
        order: &Order<'_>,
        (ending, steps): (Ending, u64),
        weights: &[f64],
        more: Values,
        pulse: &mut Pulse<'_>,
    ) -> Result<Outcome, Halt> {
        let mut values = self.always(order, weights);
        values.extend(more);
        let details = self.asked(order, order.measures, weights, &mut values, pulse)?.at(steps);
        pulse.row(steps, steps as f64, &values);
        let finite = weights.iter().all(|weight| weight.is_finite());
        let narrow: Vec<f32> = weights.iter().map(|&weight| weight as f32).collect();
        Ok(Outcome {
            ending: if finite { ending } else { Ending::Diverged },
            steps,
            measures: values,
            details,
            weights: self.network.named(&narrow),
        })
    }
}

/// The step size that measures of gradient descent are told.
fn rate(spec: &RunSpec) -> f64 {
    match spec.procedure {
        Procedure::Gd { step, .. } | Procedure::ModifiedFlow { step, .. } => step,
        _ => spec.optimizer.learning_rate,
    }
}

/// The training loss of a subject as a function of its weights.
pub struct Loss<'a> {
    subject: &'a Subject,
    pass: Pass<'a, f64>,
    point: Parameters<f64>,
    gradient: Parameters<f64>,
}

impl<'a> Loss<'a> {
    /// Of this one.
    pub fn new(subject: &'a Subject) -> Self {
        let network = &subject.network;
        Self {
            subject,
            pass: Pass::gradient(network, subject.examples[0].rows().n()),
            point: Parameters::zeros(network),
            gradient: Parameters::zeros(network),
        }
    }
}

impl Objective for Loss<'_> {
    fn gradient(&mut self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let rows = self.subject.examples[0].rows();
        self.point.set(weights);
        let loss = self.pass.look(&self.point, rows);
        self.pass.collect(rows, Update::replace(1.0), Target::Beside(&self.point, &mut self.gradient));
        self.gradient.write(gradient);
        loss
    }

    fn hessian_vector(&mut self, weights: &[f64], v: &[f64], out: &mut [f64]) {
        let rows = self.subject.examples[0].rows();
        Curvature::at(&self.subject.network, weights, rows).hessian_vector(v, out);
    }

    fn work(&self) -> f64 {
        self.subject.gradient_work()
    }
}
