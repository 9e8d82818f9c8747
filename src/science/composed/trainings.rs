//! One training after the other. Which they are, and in which order they come, is decided by the spec and by their results,
//! so a run that is gone on with asks for the same ones: those that had been done are told from the checkpoint, and the
//! one that was under way goes on from its own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Stop, Supply};
use crate::base::RunId;
use crate::data::Problem;
use crate::science::checkpoint::{Checkpoint, Misfit};
use crate::science::train::{Ending, Halt, Outcome, Start, network, train_from};
use crate::science::{Go, Observer, after};
use crate::spec::{MeasureSpec, Procedure, RunSpec};

/// A training that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Which run it was.
    run: RunId,
    /// Final weights, flat.
    pub weights: Vec<f32>,
    /// Steps that it took.
    pub steps: u64,
}

/// Version of how checkpoints of several trainings are laid out.
const FORMAT: u32 = 1;

/// Names of the parts of one: what was done, and the state and the arrays of the training under way.
const PART: &str = "trainings";
const INNER: &str = "training";

/// What of the trainings that were done is no array.
#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    spec: RunId,
    /// Which runs they were, and the steps of each.
    done: Vec<(RunId, u64)>,
}

/// The trainings of a run.
pub struct Trainings<'a> {
    spec: &'a RunSpec,
    problem: &'a Problem,
    supply: &'a mut dyn Supply,
    observer: &'a mut dyn Observer,
    done: Vec<Done>,
    /// Where the one under way stood.
    inner: Option<Checkpoint>,
}

impl<'a> Trainings<'a> {
    /// Of a run on its own problem; none is done yet.
    pub fn new(
        spec: &'a RunSpec,
        problem: &'a Problem,
        supply: &'a mut dyn Supply,
        observer: &'a mut dyn Observer,
    ) -> Self {
        Self { spec, problem, supply, observer, done: Vec::new(), inner: None }
    }

    /// Goes to where a run stood.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let saved: Saved = from.get(PART)?;
        if saved.format != FORMAT || saved.spec != self.spec.id("") {
            return Err(Misfit::new("it is of another run, or another version wrote it"));
        }
        for (index, (run, steps)) in saved.done.into_iter().enumerate() {
            let weights = from.arrays.get(&done_name(index));
            let weights = weights.ok_or_else(|| Misfit::new(format!("training {index} is missing")))?.clone();
            self.done.push(Done { run, weights, steps });
        }
        let prefix = format!("{INNER}.");
        let arrays = from.arrays.iter();
        let arrays =
            arrays.filter_map(|(name, array)| Some((name.strip_prefix(&prefix)?.to_owned(), array.clone())));
        let state: Map<String, Value> = from.get(INNER)?;
        self.inner = (!state.is_empty()).then(|| Checkpoint { state, arrays: arrays.collect() });
        Ok(())
    }

    /// Steps of all that were done.
    pub fn steps(&self) -> u64 {
        self.done.iter().map(|done| done.steps).sum()
    }

    /// The examples of a run that is part of this one.
    pub fn problem(&mut self, spec: &RunSpec) -> Result<Cow<'a, Problem>, Stop> {
        let seeds = |spec: &RunSpec| (spec.data_seed(), spec.noise_seed());
        if spec.dataset == self.spec.dataset && seeds(spec) == seeds(self.spec) {
            return Ok(Cow::Borrowed(self.problem));
        }
        Ok(Cow::Owned(self.supply.problem(spec)?))
    }

    /// What a run that others go on from comes to: told, found, or trained.
    pub fn weights(&mut self, spec: &RunSpec) -> Result<Done, Stop> {
        let run = spec.id("");
        if let Some(done) = self.told(&run) {
            return Ok(done);
        }
        if self.inner.is_none()
            && let Some((weights, steps)) = self.supply.weights(spec)
        {
            let problem = self.problem(spec)?;
            let network = network(spec, &problem)?;
            let weights = after::flat(&network, &weights)?;
            return Ok(self.push(Done { run, weights, steps }));
        }
        let start = super::before::start(spec, self)?;
        let problem = self.problem(spec)?;
        self.train(spec, &problem, start)
    }

    /// Trains once, unless that has been done; nothing is measured.
    pub fn train(&mut self, spec: &RunSpec, problem: &Problem, start: Start) -> Result<Done, Stop> {
        let run = spec.id("");
        if let Some(done) = self.told(&run) {
            return Ok(done);
        }
        let outcome = self.one(spec, problem, &[], start, false)?;
        if outcome.ending == Ending::Diverged {
            return Err(Stop::Diverged(outcome.steps));
        }
        let weights = outcome.weights.into_iter().flat_map(|(_, _, values)| values).collect();
        Ok(self.push(Done { run, weights, steps: outcome.steps }))
    }

    /// The training whose end is that of the run.
    pub fn last(
        &mut self,
        spec: &RunSpec,
        problem: &Problem,
        measures: &[MeasureSpec],
        start: Start,
    ) -> Result<Outcome, Stop> {
        self.one(spec, problem, measures, start, true)
    }

    /// Tells the observer that the run is alive, where nothing is trained.
    pub fn beat(&mut self) -> Result<(), Stop> {
        match self.observer.tick(self.steps(), f64::NAN) {
            Go::Stop => {
                let kept = wrapped(self.spec, &self.done, &Checkpoint::default());
                self.observer.checkpoint(&kept);
                Err(Stop::Halt(Halt::Interrupted))
            }
            _ => Ok(()),
        }
    }

    /// Who watches the run.
    pub fn observer(&mut self) -> &mut dyn Observer {
        self.observer
    }

    /// Hands a row of the curve on.
    pub fn row(&mut self, step: u64, values: &crate::science::measures::Values) {
        self.observer.row(step, step as f64, values);
    }

    fn told(&self, run: &RunId) -> Option<Done> {
        self.done.iter().find(|done| done.run == *run).cloned()
    }

    fn push(&mut self, done: Done) -> Done {
        self.done.push(done.clone());
        done
    }

    fn one(
        &mut self,
        spec: &RunSpec,
        problem: &Problem,
        measures: &[MeasureSpec],
        start: Start,
        is_last: bool,
    ) -> Result<Outcome, Stop> {
        let plain = RunSpec { procedure: Procedure::Train, ..spec.clone() };
        let from = self.inner.take();
        let before = self.steps();
        let Self { spec: whole, done, observer, .. } = self;
        let mut relay = Relay { spec: whole, done, observer: &mut **observer, before, is_last };
        let outcome = train_from(&plain, problem, measures, start, from.as_ref(), &mut relay)?;
        if outcome.ending == Ending::Interrupted {
            return Err(Stop::Halt(Halt::Interrupted));
        }
        Ok(outcome)
    }
}

/// The same training once, on so many of the examples.
pub fn on(spec: &RunSpec, n: usize) -> RunSpec {
    let mut part = RunSpec { procedure: Procedure::Train, ..spec.clone() };
    part.dataset.train = n;
    part.optimizer.batch_size = spec.optimizer.batch_size.min(n);
    part
}

/// What one training tells, as the run's observer is to hear it.
struct Relay<'a> {
    spec: &'a RunSpec,
    done: &'a [Done],
    observer: &'a mut dyn Observer,
    /// Steps of those before.
    before: u64,
    /// Whether its rows are the curve of the run.
    is_last: bool,
}

impl Observer for Relay<'_> {
    fn row(&mut self, step: u64, epoch: f64, values: &std::collections::BTreeMap<String, f64>) {
        if self.is_last {
            self.observer.row(step, epoch, values);
        }
    }

    fn tick(&mut self, step: u64, last_loss: f64) -> Go {
        self.observer.tick(self.before + step, last_loss)
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        self.observer.checkpoint(&wrapped(self.spec, self.done, checkpoint));
    }

    fn beat(&self) -> f64 {
        self.observer.beat()
    }
}

/// A checkpoint of a run: what was done, and where the training under way stands.
fn wrapped(spec: &RunSpec, done: &[Done], inner: &Checkpoint) -> Checkpoint {
    let mut whole = Checkpoint::default();
    let saved = done.iter().map(|done| (done.run.clone(), done.steps)).collect();
    whole.put(PART, &Saved { format: FORMAT, spec: spec.id(""), done: saved });
    for (index, done) in done.iter().enumerate() {
        whole.put_array(&done_name(index), &done.weights);
    }
    whole.put(INNER, &inner.state);
    for (name, array) in &inner.arrays {
        whole.put_array(&format!("{INNER}.{name}"), array);
    }
    whole
}

fn done_name(index: usize) -> String {
    format!("done.{index}")
}
