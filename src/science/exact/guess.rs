//! Guess and check: weights are drawn from the initial distribution until they fit. Whatever such a solution
//! generalizes, no gradient has chosen it (Chiang et al. 2023).

use super::Order;
use super::subject::Subject;
use crate::base::rng::Stream;
use crate::science::dense::{Parameters, Pass};
use crate::science::init;
use crate::science::measures::Values;
use crate::science::measures::fit::Fit;
use crate::science::measures::vector::widened;
use crate::science::pulse::Pulse;
use crate::science::train::{Ending, Halt, Outcome, examples};

/// Draws until enough of the training examples are classified as labelled. Steps are draws; where all are used up the
/// best of them is what the run comes to.
pub fn guess(order: &Order<'_>, draws: u64, accuracy: f64, pulse: &mut Pulse<'_>) -> Result<Outcome, Halt> {
    let subject = Subject::new(order)?;
    let (network, part) = (&subject.network, &order.problem.train);
    let [train, _] = examples(network, order.problem);
    let mut pass = Pass::<f32>::forward(network, part.n);
    let mut stream = Stream::new(order.spec.init_seed(), "guess");
    let mut parameters = Parameters::zeros(network);
    let (mut best, mut most) = (Vec::new(), -1.0);
    let mut drawn = 0;
    while drawn < draws && most < accuracy {
        let weights = init::next(network, &order.spec.model, &mut stream);
        drawn += 1;
        parameters.set(&weights);
        let found = Fit::of(&mut pass, &parameters, part, train.rows(), None).accuracy.unwrap_or(f64::NAN);
        if found > most {
            (best, most) = (weights, found);
        }
        pulse.stepped(drawn, f64::NAN, 0.0);
        pulse.worked((part.n * network.parameters()) as f64)?;
    }
    let ending = if most >= accuracy { Ending::TrainAccuracy } else { Ending::Steps };
    subject.outcome(order, (ending, drawn), &widened(best), Values::new(), pulse)
}
