//! Many runs that differ in their random streams, and their mean prediction.

use super::Stop;
use super::components::{Components, components};
use super::trainings::Trainings;
use crate::data::{Part, Problem};
use crate::science::dense::pass::largest;
use crate::science::dense::{Parameters, Pass};
use crate::science::init;
use crate::science::measures::details::Details;
use crate::science::measures::fit::{self, Fit};
use crate::science::measures::{Values, put};
use crate::science::train::{Ending, Outcome, examples, network};
use crate::spec::{Loss, MeasureSpec, Procedure, Quantity, RunSpec};

/// Trains all members and compares what they say of the test examples.
pub fn run(
    spec: &RunSpec,
    measures: &[MeasureSpec],
    sizes: [u64; 3],
    trainings: &mut Trainings<'_>,
) -> Result<Outcome, Stop> {
    let mut all = Members::default();
    for member in members(spec, sizes) {
        let weights = trainings.weights(&member)?.weights;
        let problem = trainings.problem(&member)?;
        all.add(&member, &problem, &weights)?;
        trainings.beat()?;
    }
    let values = all.values(spec.loss, sizes.map(|size| size as usize));
    let asked = |name: &str| {
        measures.iter().any(|measure| measure.quantity.name() == name)
            || Quantity::find(name).is_ok_and(|quantity| quantity.info().always)
    };
    let measures: Values = values.into_iter().filter(|(name, _)| asked(name)).collect();
    // Those of one member, as the steps of every run are those of one training: what it costs is told from them.
    let steps = trainings.steps() / sizes.iter().product::<u64>().max(1);
    trainings.row(steps, &measures);
    Ok(Outcome { ending: Ending::Steps, steps, measures, details: Details::default(), weights: Vec::new() })
}

/// The members: all values of each stream crossed, those of the noise varying fastest. The first value is that of the run
/// itself, and members of other seeds of the cell are others.
pub fn members(spec: &RunSpec, [init, data, noise]: [u64; 3]) -> Vec<RunSpec> {
    let mut all = Vec::new();
    for i in 0..init {
        for d in 0..data {
            for k in 0..noise {
                let mut member = RunSpec { procedure: Procedure::Train, ..spec.clone() };
                member.seed = spec.seed.wrapping_mul(init).wrapping_add(i);
                // What does not vary with the member's seed is pinned to that of the run.
                member.seed_of.data = Some(spec.data_seed());
                member.seed_of.noise = Some(spec.noise_seed().wrapping_mul(noise).wrapping_add(k));
                if data > 1 {
                    member.dataset.part = Some([d as usize, data as usize]);
                }
                all.push(member);
            }
        }
    }
    all
}

/// What members say, one after the other.
#[derive(Default)]
struct Members {
    /// Outputs on the test examples, row by row, less those of the initial weights.
    centred: Vec<Vec<f64>>,
    /// What counts as a prediction: outputs, or probabilities.
    predictions: Vec<Vec<f64>>,
    /// Fit of each.
    train: Vec<Fit>,
    test: Vec<Fit>,
    norms: Vec<f64>,
    parameters: usize,
    /// The test examples, the same for all.
    part: Part,
    /// Numbers in a prediction.
    outputs: usize,
}

impl Members {
    fn add(&mut self, spec: &RunSpec, problem: &Problem, weights: &[f32]) -> Result<(), String> {
        let network = network(spec, problem)?;
        let wide: Vec<f64> = weights.iter().map(|weight| f64::from(*weight)).collect();
        let examples = examples(&network, problem).map(|examples| examples.cast::<f64>());
        let mut pass = Pass::forward(&network, problem.train.n.max(problem.test.n));
        let parameters = Parameters::new(&network, &wide);
        let population = examples[0].rows();
        self.train.push(Fit::of(&mut pass, &parameters, &problem.train, population, None));
        self.test.push(Fit::of(&mut pass, &parameters, &problem.test, examples[1].rows(), Some(population)));
        let mut outputs = |weights: &[f64]| {
            let (parameters, mut all) = (Parameters::new(&network, weights), Vec::new());
            pass.outputs_by(&parameters, examples[1].rows(), Some(population), |rows, f| {
                all.extend((0..rows.n()).flat_map(|row| f.row(row).collect::<Vec<_>>()));
            });
            all
        };
        let now = outputs(&wide);
        let then = outputs(&init::exact_weights(&network, &spec.model, spec.init_seed()));
        self.centred.push(now.iter().zip(&then).map(|(now, then)| now - then).collect());
        self.predictions.push(predictions(spec.loss, now, problem.outputs));
        self.norms.push(wide.iter().map(|weight| weight * weight).sum::<f64>().sqrt());
        self.parameters = network.parameters();
        (self.part, self.outputs) = (problem.test.clone(), problem.outputs);
        Ok(())
    }

    fn values(&self, loss: Loss, sizes: [usize; 3]) -> Values {
        let mean = |numbers: &mut dyn Iterator<Item = f64>| {
            let numbers: Vec<f64> = numbers.collect();
            numbers.iter().sum::<f64>() / numbers.len() as f64
        };
        let fit = |fits: &[Fit]| Fit {
            loss: mean(&mut fits.iter().map(|fit| fit.loss)),
            accuracy: fits
                .iter()
                .all(|fit| fit.accuracy.is_some())
                .then(|| mean(&mut fits.iter().filter_map(|fit| fit.accuracy))),
        };
        let together = (self.part.n > 0).then(|| self.together(loss));
        let mut values = fit::quantities(fit(&self.train), together);
        put(&mut values, Quantity::WeightNorm, mean(&mut self.norms.iter().copied()));
        put(&mut values, Quantity::Parameters, self.parameters as f64);
        if self.part.n == 0 {
            return values;
        }
        let members = fit(&self.test);
        put(&mut values, Quantity::MemberLoss, members.loss);
        if let Some(accuracy) = members.accuracy {
            put(&mut values, Quantity::MemberError, 1.0 - accuracy);
        }
        // Half a squared error, per example: what the squared loss is.
        let share = 0.5 / self.part.n as f64;
        let found = components(&sizes, &self.predictions, &targets(loss, &self.part.y));
        put(&mut values, Quantity::PredictionBias, share * found.bias);
        put(&mut values, Quantity::PredictionVariance, share * found.variance());
        put(&mut values, Quantity::MemberSquaredError, share * found.error);
        let [init, data, noise, interaction] = parts(&found);
        let alone = [
            (Quantity::VarianceInit, sizes[0], init),
            (Quantity::VarianceData, sizes[1], data),
            (Quantity::VarianceNoise, sizes[2], noise),
        ];
        for (quantity, _, part) in alone.iter().filter(|(_, size, _)| *size > 1) {
            put(&mut values, *quantity, share * part);
        }
        if alone.iter().filter(|(_, size, _)| *size > 1).count() > 1 {
            put(&mut values, Quantity::VarianceInteraction, share * interaction);
        }
        let zeros = vec![0.0; self.part.y.len()];
        let centred = components(&sizes, &self.centred, &zeros).variance();
        put(&mut values, Quantity::CentredVariance, share * centred);
        values
    }

    /// How well the mean prediction fits the test examples.
    fn together(&self, loss: Loss) -> Fit {
        let members = self.predictions.len() as f64;
        let (mut sum, mut right) = (0.0, 0_usize);
        for row in 0..self.part.n {
            let place = row * self.outputs..(row + 1) * self.outputs;
            let mut mean = vec![0.0; self.outputs];
            for prediction in &self.predictions {
                mean.iter_mut().zip(&prediction[place.clone()]).for_each(|(sum, p)| *sum += p / members);
            }
            let y: Vec<f64> = targets(loss, &self.part.y[place]);
            sum += loss_of(loss, &mean, &y);
            if let Some(label) = self.part.labels.get(row) {
                let class = match (loss, &mean[..]) {
                    (Loss::Logistic, [p]) => usize::from(*p > 0.5),
                    (Loss::Perceptron, [f]) => usize::from(*f > 0.0),
                    _ => largest(mean.iter().copied()),
                };
                right += usize::from(class == *label as usize);
            }
        }
        let n = self.part.n as f64;
        let accuracy = (!self.part.labels.is_empty()).then_some(right as f64 / n);
        Fit { loss: sum / n, accuracy }
    }
}

/// The variances of each factor alone, and of all sets of several.
fn parts(found: &Components) -> [f64; 4] {
    let alone = [1, 2, 4].map(|set: usize| found.variances.get(set).copied().unwrap_or(0.0));
    let [init, data, noise] = alone;
    [init, data, noise, found.variance() - init - data - noise]
}

/// Probabilities where the loss makes them of outputs, else outputs as they are.
fn predictions(loss: Loss, mut outputs: Vec<f64>, width: usize) -> Vec<f64> {
    match loss {
        Loss::CrossEntropy => {
            for row in outputs.chunks_mut(width.max(1)) {
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for f in &mut *row {
                    *f = (*f - most).exp();
                }
                let sum: f64 = row.iter().sum();
                for f in row {
                    *f /= sum;
                }
            }
        }
        Loss::Logistic => outputs.iter_mut().for_each(|f| *f = 1.0 / (1.0 + (-*f).exp())),
        Loss::Squared | Loss::Perceptron => {}
    }
    outputs
}

/// What predictions are compared with: signs become probabilities where these do.
fn targets(loss: Loss, y: &[f32]) -> Vec<f64> {
    let target = |y: &f32| if loss == Loss::Logistic { 0.5 * (f64::from(*y) + 1.0) } else { f64::from(*y) };
    y.iter().map(target).collect()
}

/// The loss of a prediction.
fn loss_of(loss: Loss, prediction: &[f64], y: &[f64]) -> f64 {
    let pairs = || prediction.iter().zip(y);
    match loss {
        Loss::Squared => 0.5 * pairs().map(|(p, y)| (p - y) * (p - y)).sum::<f64>(),
        Loss::CrossEntropy => -pairs().filter(|(_, y)| **y != 0.0).map(|(p, y)| y * p.ln()).sum::<f64>(),
        Loss::Logistic => -pairs().map(|(p, y)| if *y > 0.5 { p.ln() } else { (1.0 - p).ln() }).sum::<f64>(),
        Loss::Perceptron => pairs().map(|(f, y)| (-f * y).max(0.0)).sum(),
    }
}
