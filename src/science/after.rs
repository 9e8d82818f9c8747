//! Measuring after the fact, at weights that are stored: what training would have measured at its end.

use std::ops::Range;

use super::Observer;
use super::dense::{Network, Parameters};
use super::measures::details::{Details, Slice};
use super::measures::site::{Context, Site};
use super::measures::vector::widened;
use super::measures::{Meter, Values, pairs};
use super::pulse::Pulse;
use super::train::{self, check, examples};
use crate::data::Problem;
use crate::spec::{Activation, MeasureSpec, Procedure, Quantity, RunSpec};

/// An array of weights: name, shape, values.
pub type Array = (String, Vec<usize>, Vec<f32>);

/// Weights as they are stored.
pub type Named = [Array];

/// What is always measured of `weights`, and `measures`; `step` is that of the end, and gets the row that training would
/// have recorded there.
pub fn measure(
    spec: &RunSpec,
    problem: &Problem,
    weights: &Named,
    measures: &[MeasureSpec],
    step: u64,
    observer: &mut dyn Observer,
) -> Result<(Values, Details), String> {
    refuse_beginnings(spec, measures)?;
    let network = network(spec, problem)?;
    let examples = examples(&network, problem);
    let weights = Parameters::new(&network, &flat(&network, weights)?);
    let mut meter = Meter::new(&network, problem, &examples, spec);
    let mut pulse = Pulse::new(observer, step);
    let mut details = Details::default();
    let measured = meter.always(&weights, &mut pulse).and_then(|mut values| {
        let asked: Vec<_> = measures.iter().collect();
        meter.asked(&asked, &weights, &mut values, &mut details, &mut pulse)?;
        Ok(values)
    });
    match measured {
        Ok(values) => {
            pulse.row(step, epoch(spec, problem.train.n, step), &values);
            Ok((values, details.at(step)))
        }
        Err(_) => Err("it was called away".to_owned()),
    }
}

/// Refuses what is told from where training began, of runs whose last training did not begin at drawn weights.
fn refuse_beginnings(spec: &RunSpec, measures: &[MeasureSpec]) -> Result<(), String> {
    let elsewhere = matches!(
        spec.procedure,
        Procedure::Continue { .. }
            | Procedure::WarmStart { .. }
            | Procedure::Prune { .. }
            | Procedure::LevenbergMarquardt { .. }
    );
    let of_beginning = |measure: &&MeasureSpec| {
        use Quantity::{
            DescriptionLength, DistanceFromInit, InitPath, McallesterBound, NtkDrift, PacBayesBound,
        };
        let quantity = measure.quantity;
        matches!(
            quantity,
            DescriptionLength | DistanceFromInit | InitPath | McallesterBound | NtkDrift | PacBayesBound
        )
    };
    match measures.iter().find(of_beginning) {
        Some(measure) if elsewhere => Err(format!(
            "{} is told from where its last training began, which is not stored: the cell can ask for it",
            measure.quantity.name()
        )),
        _ => Ok(()),
    }
}

/// Weights with the first layer (its biases too) times `alpha` and the second divided by it: of rectified or linear units
/// the same function (Dinh et al. 2017, §4), which is refused of others.
pub fn rescaled(
    spec: &RunSpec,
    problem: &Problem,
    weights: &Named,
    alpha: f64,
) -> Result<Vec<Array>, String> {
    let network = network(spec, problem)?;
    let mut flat = flat(&network, weights)?;
    let [first, second, ..] = network.layers() else {
        return Err("a network without hidden layers has nothing to rescale".to_owned());
    };
    if !matches!(network.activation(), Activation::Relu | Activation::Linear) {
        return Err("layers rescaled are the same function only of relu and linear units".to_owned());
    }
    if network.normalizes() {
        return Err("the weights into normalised units have no scale that could be moved".to_owned());
    }
    let mut times = |place: Range<usize>, factor: f64| {
        for weight in &mut flat[place] {
            *weight = (f64::from(*weight) * factor) as f32;
        }
    };
    times(first.weight.clone(), alpha);
    times(first.bias.clone(), alpha);
    times(second.weight.clone(), 1.0 / alpha);
    Ok(network.named(&flat))
}

/// The ways from the weights `from` to others of the same shape, over the examples of `from`, each with its barrier.
pub fn between(
    spec: &RunSpec,
    problem: &Problem,
    [from, to]: [&Named; 2],
    (points, curved): (usize, bool),
    observer: &mut dyn Observer,
) -> Result<Vec<(Slice, f64)>, String> {
    let network = network(spec, problem)?;
    let [from, to] = [from, to].map(|weights| flat(&network, weights).map(widened));
    let (from, to) = (from?, to?);
    let wide = examples(&network, problem)[0].cast();
    let context = Context::of(problem, &from, spec.seed, spec.optimizer.learning_rate);
    let mut pulse = Pulse::new(observer, 0);
    Site::new(&network, &from, wide.rows(), context, &mut pulse)
        .and_then(|mut site| pairs::between(&mut site, &to, points, curved))
        .map_err(|_| "it was called away".to_owned())
}

/// Passes over `n` training examples that so many steps take: the same number that the training loop counts.
fn epoch(spec: &RunSpec, n: usize, steps: u64) -> f64 {
    let size = spec.optimizer.batch_size.clamp(1, n.max(1));
    let each = n.div_ceil(size) as u64;
    let examples = (steps / each) * n as u64 + (steps % each) * size as u64;
    examples as f64 / n as f64
}

fn network(spec: &RunSpec, problem: &Problem) -> Result<Network, String> {
    check(spec, problem)?;
    train::network(spec, problem)
}

/// Stored weights in the order of the network, if they are its own.
pub fn flat(network: &Network, weights: &Named) -> Result<Vec<f32>, String> {
    let mut flat = vec![0.0; network.parameters()];
    let expected = network.named(&flat);
    if expected.len() != weights.len() {
        return Err(format!(
            "there are {} arrays of weights, and the network has {}",
            weights.len(),
            expected.len()
        ));
    }
    let mut place = 0;
    for (name, shape, values) in &expected {
        let own =
            weights.iter().find(|(own, ..)| own == name).ok_or_else(|| format!("`{name}` is missing"))?;
        if own.1 != *shape || own.2.len() != values.len() {
            return Err(format!("`{name}` has the shape {:?}, and the network {shape:?}", own.1));
        }
        flat[place..place + values.len()].copy_from_slice(&own.2);
        place += values.len();
    }
    Ok(flat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::{Recorder, blobs, run_spec};
    use crate::science::train::train;
    use crate::spec::CATALOGUE;

    #[test]
    fn it_comes_to_the_very_numbers_that_training_ended_with() {
        let (spec, problem) = (run_spec(), blobs(60, 30, 6, 3));
        let asked = CATALOGUE.iter().filter(|info| !info.always && info.quantity != Quantity::Barrier);
        let measures: Vec<_> = asked.map(|info| MeasureSpec::at_end(info.quantity)).collect();
        let outcome = train(&spec, &problem, &measures, None, &mut Recorder::default()).unwrap();
        let mut stored = outcome.weights.clone();
        stored.reverse();
        let found =
            measure(&spec, &problem, &stored, &measures, outcome.steps, &mut Recorder::default()).unwrap();
        assert_eq!(format!("{found:?}"), format!("{:?}", (outcome.measures, outcome.details)));
    }

    type NamedWeights = Vec<(String, Vec<usize>, Vec<f32>)>;

    #[test]
    fn weights_of_another_network_are_refused() {
        let (spec, problem) = (run_spec(), blobs(60, 30, 6, 3));
        let outcome = train(&spec, &problem, &[], None, &mut Recorder::default()).unwrap();
        let refused = |change: &dyn Fn(&mut NamedWeights)| {
            let mut weights = outcome.weights.clone();
            change(&mut weights);
            measure(&spec, &problem, &weights, &[], 0, &mut Recorder::default()).unwrap_err()
        };
        assert!(refused(&|w| drop(w.pop())).contains("3 arrays"));
        assert!(refused(&|w| w[0].0 = "other".to_owned()).contains("is missing"));
        assert!(refused(&|w| w[0].1 = vec![6, 16]).contains("has the shape [6, 16]"));
    }
}
