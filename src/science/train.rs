//! The training loop. All that changes from step to step is in `State`, and changes at the end of a step, at once:
//! wherever a run is called away, it stands between two steps and can go on from there.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::autograd::AutogradError;
use super::batches::{Batches, Chosen};
use super::checkpoint::{Bits, Checkpoint, Misfit};
use super::dense::{Batch, Examples, Network, Parameters};
use super::gradient::{DropOut, Gradient, Masked, engine, hold};
use super::measures::details::Details;
use super::measures::{Meter, Values, Work};
use super::optimizer::noise::LabelNoise;
use super::optimizer::{Demand, Optimizer};
use super::pulse::{Interrupted, Pulse};
use super::schedule::{Due, Schedule};
use super::target::Approach;
use super::{Go, Observer, init};
use crate::base::RunId;
use crate::data::{Part, Problem};
use crate::spec::{Loss, MeasureSpec, RunSpec};

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The training loss reached the target.
    TrainLoss,
    /// The accuracy on the training examples did.
    TrainAccuracy,
    /// The norm of the gradient did.
    GradientNorm,
    /// The last step was taken.
    Steps,
    /// The time was over.
    Time,
    /// There was nothing to step towards: the minimiser was computed.
    Solved,
    /// No step led further down.
    Converged,
    /// The loss or a weight left the finite numbers, or the loss of a batch rose a million-fold over the first.
    Diverged,
    /// The observer asked for a stop.
    Interrupted,
}

impl Ending {
    /// Its name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainLoss => "train_loss",
            Self::TrainAccuracy => "train_accuracy",
            Self::GradientNorm => "gradient_norm",
            Self::Steps => "steps",
            Self::Time => "time",
            Self::Solved => "solved",
            Self::Converged => "converged",
            Self::Diverged => "diverged",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What a run comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Steps taken.
    pub steps: u64,
    /// Final value of every measure, by column name; NaN where the weights allow none. Empty if interrupted.
    pub measures: Values,
    /// Spectra and slices, measured along the way and at the end; empty if interrupted.
    pub details: Details,
    /// Final weights, as (`layer.0.weight`, shape, values), in order.
    pub weights: Vec<(String, Vec<usize>, Vec<f32>)>,
}

impl Outcome {
    /// Of a run that was called away after so many steps: nothing is measured of it.
    pub fn interrupted(steps: u64) -> Self {
        Self::nothing(Ending::Interrupted, steps)
    }

    /// Of a run that something went wrong with on its way, after so many steps.
    pub fn diverged(steps: u64) -> Self {
        Self::nothing(Ending::Diverged, steps)
    }

    fn nothing(ending: Ending, steps: u64) -> Self {
        Self { ending, steps, measures: Values::new(), details: Details::default(), weights: Vec::new() }
    }
}

/// Why there is no outcome.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TrainError {
    /// The run cannot be trained.
    #[error("{0}")]
    Run(String),
    /// It cannot go on from this checkpoint, and can be begun anew.
    #[error(transparent)]
    Checkpoint(#[from] Misfit),
}

impl From<String> for TrainError {
    fn from(message: String) -> Self {
        Self::Run(message)
    }
}

/// What training begins with, where that is not what its spec says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start {
    /// Flat weights.
    pub weights: Option<Vec<f32>>,
    /// 1 for every weight that moves, 0 for those that are held at zero.
    pub mask: Option<Vec<f32>>,
}

/// Trains `spec` on `problem`, measuring `measures` (and what is always measured): from the start, or from where an
/// earlier call with the same arguments stood.
pub fn train(
    spec: &RunSpec,
    problem: &Problem,
    measures: &[MeasureSpec],
    from: Option<&Checkpoint>,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    train_from(spec, problem, measures, Start::default(), from, observer)
}

/// The same from other weights, or with some of them held at zero.
pub fn train_from(
    spec: &RunSpec,
    problem: &Problem,
    measures: &[MeasureSpec],
    start: Start,
    from: Option<&Checkpoint>,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    check(spec, problem)?;
    let network = network(spec, problem)?;
    let examples = examples(&network, problem);
    // Units drop out of steps alone: what is measured is the whole network.
    let stepped = if spec.model.dropout() > 0.0 { network.wired() } else { network.clone() };
    let sizes = [&start.weights, &start.mask].into_iter().flatten().map(Vec::len);
    if sizes.into_iter().any(|size| size != network.parameters()) {
        return Err(TrainError::Run("it begins with the weights of another network".to_owned()));
    }
    let mut run = Run::new(spec, problem, [&network, &stepped], &examples, measures, start);
    if let Some(checkpoint) = from {
        run.restore(checkpoint)?;
    }
    let mut pulse = Pulse::new(observer, run.state.step);
    let called_away = (Ending::Interrupted, Values::new(), Details::default());
    let (ending, measures, details) = match run.steps(&mut pulse)? {
        Ending::Interrupted => called_away,
        ending => run.conclude(ending, &mut pulse).unwrap_or(called_away),
    };
    if ending == Ending::Interrupted {
        pulse.checkpoint(&run.checkpoint());
    }
    Ok(Outcome {
        ending,
        steps: run.state.step,
        measures,
        details,
        weights: network.named(&run.state.weights.flat()),
    })
}

/// The network of a run on its problem; why there is none.
pub fn network(spec: &RunSpec, problem: &Problem) -> Result<Network, String> {
    Network::new(&spec.model, problem.inputs, problem.outputs, spec.loss).map_err(|error| error.to_string())
}

/// The examples of `problem` as passes read them: those to train on, those to test on.
pub fn examples(network: &Network, problem: &Problem) -> [Examples<f32>; 2] {
    [&problem.train, &problem.test]
        .map(|part| Examples::new(network, Batch { x: &part.x, y: &part.y, n: part.n }))
}

/// Refuses a problem that the passes over it would trip on.
pub(super) fn check(spec: &RunSpec, problem: &Problem) -> Result<(), String> {
    let fits = |part: &Part| {
        part.x.len() == part.n * problem.inputs
            && part.y.len() == part.n * problem.outputs
            && (part.labels.is_empty() || part.labels.len() == part.n)
    };
    if problem.train.n == 0 {
        return Err("there are no training examples".to_owned());
    }
    if !fits(&problem.train) || !fits(&problem.test) {
        return Err("the examples do not have the shape that the problem says".to_owned());
    }
    if spec.loss.is_of_signs() && problem.train.y.iter().any(|y| y.abs() != 1.0) {
        return Err("losses of signs need targets ±1".to_owned());
    }
    if spec.loss == Loss::CrossEntropy && problem.train.labels.is_empty() {
        return Err("cross-entropy needs classes, and the targets are real numbers".to_owned());
    }
    Ok(())
}

/// A run with its fixed parts; what changes from step to step is all in `state`.
struct Run<'a> {
    spec: &'a RunSpec,
    train: &'a Part,
    /// Number of weights and biases.
    parameters: usize,
    /// Gradients of each example that a step takes.
    gradients: Work,
    engine: Box<dyn Gradient<f32> + 'a>,
    meter: Meter<'a>,
    /// Which weights move, if not all do.
    mask: Option<Parameters<f32>>,
    state: State,
}

/// How often the first loss (or 1, if that is more) a loss may be before the run counts as diverged.
const BLOWN_UP: f64 = 1e6;

/// Everything a run would need to go on from where it stands.
struct State {
    step: u64,
    /// Loss of the first batch.
    first_loss: Option<f64>,
    /// Training so far, in example-gradients.
    work: Work,
    weights: Parameters<f32>,
    optimizer: Optimizer<f32>,
    batches: Batches,
    /// Noise on the targets of steps, if they have any.
    noise: Option<LabelNoise>,
    schedule: Schedule,
    approach: Approach,
    /// Spectra and slices so far.
    details: Details,
}

/// Version of how checkpoints are laid out. One of another version is not gone on from.
const FORMAT: u32 = 1;

/// What the loop itself keeps in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    /// Name of the spec and the engine, without the data.
    spec: RunId,
    step: u64,
    first_loss: Option<Bits>,
    work: Bits,
}

/// Name of it, and of the weights.
const PART: &str = "run";
const WEIGHTS: &str = "weights";
/// Name of the spectra and slices.
const DETAILS: &str = "details";

impl<'a> Run<'a> {
    fn new(
        spec: &'a RunSpec,
        problem: &'a Problem,
        [network, stepped]: [&'a Network; 2],
        examples: &'a [Examples<f32>; 2],
        measures: &[MeasureSpec],
        start: Start,
    ) -> Self {
        let drawn = || init::weights(network, &spec.model, spec.init_seed());
        let mut weights = Parameters::new(network, &start.weights.unwrap_or_else(drawn));
        let mask = start.mask.map(|mask| Parameters::new(network, &mask));
        if let Some(mask) = &mask {
            hold(&mut weights, mask);
        }
        let meter = Meter::new(network, problem, examples, spec).begun_at(weights.flat());
        let batches = Batches::new(problem.train.n, spec.optimizer.batch_size, spec.order_seed());
        let steps_per_epoch = problem.train.n.div_ceil(batches.size()) as u64;
        let noise = LabelNoise::new(spec, batches.size(), problem.outputs);
        let dropout = DropOut { rate: spec.model.dropout(), seed: spec.order_seed() };
        let rows = examples[0].rows();
        let engine = engine(spec.engine, stepped, &problem.train, rows, batches.size(), dropout);
        Self {
            spec,
            train: &problem.train,
            parameters: network.parameters(),
            gradients: Demand::of(&spec.optimizer).gradients.into(),
            engine: match &mask {
                Some(mask) => Box::new(Masked::new(engine, mask.clone())),
                None => engine,
            },
            state: State {
                step: 0,
                first_loss: None,
                work: 0.0,
                weights,
                optimizer: Optimizer::new(&spec.optimizer, network, spec.stop.steps, steps_per_epoch),
                schedule: Schedule::new(measures, steps_per_epoch, meter.always_work()),
                approach: Approach::new(&spec.stop, noise.is_none() && spec.model.dropout() == 0.0),
                details: Details::default(),
                batches,
                noise,
            },
            meter,
            mask,
        }
    }

    /// Where the run stands. Within a step this is where it stood before: what a step has done until it moves the
    /// weights is done once more, to the same end.
    fn checkpoint(&self) -> Checkpoint {
        let state = &self.state;
        let mut into = Checkpoint::default();
        into.put(
            PART,
            &Saved {
                format: FORMAT,
                spec: self.spec.id(""),
                step: state.step,
                first_loss: state.first_loss.map(Bits),
                work: Bits(state.work),
            },
        );
        into.put_array(WEIGHTS, &state.weights.flat());
        state.optimizer.save(&mut into);
        state.batches.save(&mut into);
        if let Some(noise) = &state.noise {
            noise.save(&mut into);
        }
        state.schedule.save(&mut into);
        state.approach.save(&mut into);
        if !state.details.is_empty() {
            into.put(DETAILS, &state.details);
        }
        into
    }

    /// Goes to where a run stood. After an error this one stands nowhere.
    fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let saved: Saved = from.get(PART)?;
        if saved.format != FORMAT || saved.spec != self.spec.id("") {
            return Err(Misfit::new("it is of another run, or another version wrote it"));
        }
        let state = &mut self.state;
        (state.step, state.work) = (saved.step, saved.work.0);
        state.first_loss = saved.first_loss.map(|loss| loss.0);
        let mut weights = state.weights.flat();
        from.fill(WEIGHTS, &mut weights)?;
        state.weights.set(&weights);
        state.optimizer.restore(from)?;
        state.batches.restore(from)?;
        if let Some(noise) = &mut state.noise {
            noise.restore(from)?;
        }
        state.schedule.restore(from)?;
        if from.state.contains_key(DETAILS) {
            state.details = from.get(DETAILS)?;
        }
        state.approach.restore(from)
    }

    /// Steps until the run ends; an interruption is an ending, too.
    fn steps(&mut self, pulse: &mut Pulse<'_>) -> Result<Ending, String> {
        loop {
            match pulse.wish() {
                Go::On => {}
                Go::Save => pulse.checkpoint(&self.checkpoint()),
                Go::Stop => return Ok(Ending::Interrupted),
            }
            match self.step(pulse) {
                Ok(None) => {}
                Ok(Some(ending)) => return Ok(ending),
                Err(Halt::Interrupted) => return Ok(Ending::Interrupted),
                Err(Halt::Failed(message)) => return Err(message),
            }
        }
    }

    /// One step, or the reason why there is none. Rows describe the weights before the step, and so does the loss of
    /// the full batch, so that a run it ends keeps the very weights whose loss was low enough.
    ///
    /// It can be called away only before the weights move. Until then it changes nothing that would not come out the
    /// same again.
    fn step(&mut self, pulse: &mut Pulse<'_>) -> Result<Option<Ending>, Halt> {
        if self.state.approach.look_is_due()
            && let Some(ending) = self.at_target(pulse)?
        {
            return Ok(Some(ending));
        }
        if self.state.step >= self.spec.stop.steps {
            return Ok(Some(Ending::Steps));
        }
        let (examples, loss) = self.look()?;
        if self.has_diverged(loss) {
            return Ok(Some(Ending::Diverged));
        }
        // Whether this is the loss of all training examples as they are.
        let noisy = self.state.noise.is_some() || self.spec.model.dropout() > 0.0;
        let full = self.state.batches.is_full() && !noisy;
        if full
            && self.state.approach.full_batch_is_near(loss)
            && let Some(ending) = self.at_target(pulse)?
        {
            return Ok(Some(ending));
        }
        if let Some(due) = self.state.schedule.due(self.state.step, self.state.work) {
            self.record(&due, pulse)?;
        }
        let state = &mut self.state;
        state.optimizer.step(state.step, &mut state.weights, &mut *self.engine)?;
        // Weights that are held at zero stay there, whatever the optimiser makes of a gradient of zero.
        if let Some(mask) = &self.mask {
            hold(&mut state.weights, mask);
        }
        state.batches.advance();
        if let Some(noise) = &mut state.noise {
            noise.advance();
        }
        state.step += 1;
        let work = self.gradients * examples as f64;
        state.work += work;
        if !full || self.spec.stop.looks_along() {
            state.approach.saw(loss, examples);
            if state.batches.epoch_ended() {
                let look = self.meter.look_work(self.spec.stop.gradient_norm.is_some());
                state.approach.epoch_ended(look, state.work);
            }
        }
        pulse.stepped(state.step, loss, 3.0 * work * self.parameters as f64);
        Ok(None)
    }

    /// Looks at the loss of the next batch, with the targets that the step will see: of how many examples, and what it is.
    fn look(&mut self) -> Result<(usize, f64), AutogradError> {
        self.engine.at_step(self.state.step);
        let State { weights, batches, noise, .. } = &mut self.state;
        let chosen = batches.batch();
        let examples = if let Chosen::Some(chosen) = chosen { chosen.len() } else { self.train.n };
        let targets = noise.as_mut().map(|noise| noise.targets(self.train, chosen));
        Ok((examples, self.engine.look(weights, chosen, targets)?))
    }

    /// Whether this loss of a batch is that of a run that has left for good. A relu network that is thrown far enough
    /// dies: its loss comes back to that of a constant, and only the height it fell from tells what happened.
    fn has_diverged(&mut self, loss: f64) -> bool {
        let first = *self.state.first_loss.get_or_insert(loss);
        !loss.is_finite() || loss > BLOWN_UP * first.max(1.0)
    }

    /// Which target is reached, if any, as measured over all training examples.
    fn at_target(&mut self, pulse: &mut Pulse<'_>) -> Result<Option<Ending>, Interrupted> {
        let gradient = self.spec.stop.gradient_norm.is_some();
        let values = self.meter.look(&self.state.weights, gradient, pulse)?;
        Ok(self.state.approach.looked(&values))
    }

    /// Measures what is due and hands the row on.
    fn record(&mut self, due: &Due, pulse: &mut Pulse<'_>) -> Result<(), Interrupted> {
        let (state, meter) = (&mut self.state, &mut self.meter);
        let mut values = if due.always { meter.always(&state.weights, pulse)? } else { Values::new() };
        let asked: Vec<_> =
            due.asked.iter().filter_map(|&index| state.schedule.measures().nth(index)).collect();
        // Kept only when all of it is there: a row that is called away is measured anew.
        let mut details = Details::default();
        let works = meter.asked(&asked, &state.weights, &mut values, &mut details, pulse)?;
        state.details.append(details.at(state.step));
        state.schedule.recorded(due, state.step, state.work, &works);
        pulse.row(state.step, self.epoch(), &values);
        Ok(())
    }

    /// Measures everything at the end, as the last row of the curve and as the result.
    fn conclude(
        &mut self,
        ending: Ending,
        pulse: &mut Pulse<'_>,
    ) -> Result<(Ending, Values, Details), Interrupted> {
        let weights = &self.state.weights;
        let mut values = self.meter.always(weights, pulse)?;
        let asked: Vec<_> = self.state.schedule.measures().collect();
        let mut last = Details::default();
        self.meter.asked(&asked, weights, &mut values, &mut last, pulse)?;
        let mut details = self.state.details.clone();
        details.append(last.at(self.state.step));
        pulse.row(self.state.step, self.epoch(), &values);
        let loss = values.get("train_loss").copied().unwrap_or(f64::NAN);
        let finite = loss.is_finite() && weights.numbers().all(f32::is_finite);
        let ending = match ending {
            _ if !finite => Ending::Diverged,
            // The last step allowed may be the one that got there.
            Ending::Steps => self.state.approach.reached(&values).unwrap_or(Ending::Steps),
            ending => ending,
        };
        Ok((ending, values, details))
    }

    /// Passes over the training examples so far.
    fn epoch(&self) -> f64 {
        self.state.work / (self.gradients * self.train.n as f64)
    }
}

/// Why a run does not go on, besides an ordinary ending.
pub(super) enum Halt {
    /// The observer asked for a stop.
    Interrupted,
    /// It cannot.
    Failed(String),
}

impl From<AutogradError> for Halt {
    fn from(error: AutogradError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Interrupted> for Halt {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}
