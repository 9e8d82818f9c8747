//! Two trainings, and what lies between their weights.

use std::collections::BTreeMap;

use super::Stop;
use super::trainings::Trainings;
use crate::data::Problem;
use crate::science::after;
use crate::science::checkpoint::Checkpoint;
use crate::science::measures::put;
use crate::science::measures::slices::barrier;
use crate::science::train::{Ending, Outcome, network};
use crate::science::{Go, Observer};
use crate::spec::{MeasureSpec, Procedure, Quantity, RunSpec, Setting};

/// Trains both and walks from the one to the other, over the examples of `spec`. What is measured besides is of the one.
pub fn run(
    spec: &RunSpec,
    [one, other]: [&RunSpec; 2],
    problem: &Problem,
    measures: &[MeasureSpec],
    trainings: &mut Trainings<'_>,
) -> Result<Outcome, Stop> {
    let (from, to) = (trainings.weights(one)?, trainings.weights(other)?);
    let plain = RunSpec { procedure: Procedure::Train, ..spec.clone() };
    let network = network(&plain, problem)?;
    for end in [&from, &to] {
        if end.weights.len() != network.parameters() {
            return Err(Stop::from("the two are different networks".to_owned()));
        }
    }
    let [here, there] = [&from.weights, &to.weights].map(|weights| network.named(weights));
    let mut steady = Steady(trainings.observer());
    let (mut values, mut details) =
        after::measure(&plain, problem, &here, &[], from.steps, &mut steady).map_err(Stop::from)?;
    let asked = |quantity| measures.iter().find(|measure| measure.quantity == quantity);
    if asked(Quantity::Parameters).is_some() {
        put(&mut values, Quantity::Parameters, network.parameters() as f64);
    }
    let barriers = measures.iter().filter(|measure| Procedure::owner(measure.quantity).is_some());
    if let Some(points) = barriers.map(|measure| measure.settings.count(Setting::Points)).max() {
        let curved = asked(Quantity::CurvedBarrier).is_some();
        let ways = after::between(&plain, problem, [&here, &there], (points, curved), &mut steady);
        for (mut slice, height) in ways.map_err(Stop::from)? {
            let quantity = match slice.path.as_str() {
                "aligned" => Quantity::AlignedBarrier,
                "curve" => Quantity::CurvedBarrier,
                _ => Quantity::Barrier,
            };
            if asked(quantity).is_some() {
                put(&mut values, quantity, height);
            }
            if quantity == Quantity::Barrier && asked(Quantity::ErrorBarrier).is_some() {
                put(&mut values, Quantity::ErrorBarrier, barrier(&slice.x, &slice.error));
            }
            slice.step = from.steps;
            other.id("").as_str().clone_into(&mut slice.other);
            details.slices.push(slice);
        }
    }
    Ok(Outcome { ending: Ending::Steps, steps: from.steps, measures: values, details, weights: Vec::new() })
}

/// Hands rows on and is never called away: when both are trained, the rest takes moments, and nothing is kept of it half
/// done.
struct Steady<'a>(&'a mut dyn Observer);

impl Observer for Steady<'_> {
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        self.0.row(step, epoch, values);
    }

    fn tick(&mut self, _: u64, _: f64) -> Go {
        Go::On
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}
}
