//! Networks and problems that the tests of this room share.

use std::collections::BTreeMap;

use super::checkpoint::Checkpoint;
use super::dense::{Batch, Examples, Network, Rows};
use super::measures::site::{Context, Site};
use super::pulse::{Interrupted, Pulse};
use super::{Go, Observer};
use crate::base::rng::Stream;
use crate::data::{Part, Problem};
use crate::spec::{
    Activation, DatasetSpec, Engine, Init, InitKind, Loss, ModelSpec, OptimizerSpec, Procedure, RunSpec,
    SeedOf, Source, Stop,
};

/// A network with biases.
pub fn mlp(hidden: &[usize], activation: Activation, init: Init) -> ModelSpec {
    dense(hidden, activation, init, true)
}

/// A network of linear units without biases.
pub fn linear(hidden: &[usize], init: Init) -> ModelSpec {
    dense(hidden, Activation::Linear, init, false)
}

fn dense(hidden: &[usize], activation: Activation, init: Init, bias: bool) -> ModelSpec {
    ModelSpec::Mlp { hidden: hidden.to_vec(), activation, bias, init, batch_norm: false, dropout: 0.0 }
}

/// He initialisation at scale 1.
pub const HE: Init = Init { kind: InitKind::He, scale: 1.0 };

/// `NetA` of the ground truths: tanh 2-3-1 with biases and squared loss, its parameters, inputs and targets.
pub struct NetA {
    pub network: Network,
    pub parameters: Vec<f64>,
    pub examples: Examples<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl NetA {
    pub fn new() -> Self {
        let network = Network::new(&mlp(&[3], Activation::Tanh, HE), 2, 1, Loss::Squared).unwrap();
        let x: Vec<f64> = (0..5).flat_map(|k| [f64::from(k).cos(), f64::from(k + 2).cos()]).collect();
        let y: Vec<f64> = (0..5).map(|k| f64::from(2 * k + 1).sin()).collect();
        let examples = Examples::new(&network, Batch { x: &x, y: &y, n: 5 });
        let parameters = (0..13).map(|i| 0.8 * (0.3 + 1.7 * f64::from(i)).sin()).collect();
        Self { network, parameters, examples, x, y }
    }

    /// What `measure` finds there.
    pub fn measured<T>(
        &self,
        seed: u64,
        measure: impl FnOnce(&mut Site<'_, '_>) -> Result<T, Interrupted>,
    ) -> T {
        measured(&self.network, &self.parameters, self.examples.rows(), seed, measure)
    }

    pub fn batch(&self) -> Batch<'_, f64> {
        Batch { x: &self.x, y: &self.y, n: 5 }
    }
}

/// What `measure` finds at these weights, which are the initial ones too, without classes.
pub fn measured<T>(
    network: &Network,
    weights: &[f64],
    rows: Rows<'_, f64>,
    seed: u64,
    measure: impl FnOnce(&mut Site<'_, '_>) -> Result<T, Interrupted>,
) -> T {
    measured_from(network, weights, weights, rows, seed, measure)
}

/// The same of a run that began elsewhere.
fn measured_from<T>(
    network: &Network,
    initial: &[f64],
    weights: &[f64],
    rows: Rows<'_, f64>,
    seed: u64,
    measure: impl FnOnce(&mut Site<'_, '_>) -> Result<T, Interrupted>,
) -> T {
    let context = Context { labels: &[], clean: &[], truth: None, initial, seed, rate: 0.1 };
    let mut recorder = Recorder::default();
    let mut pulse = Pulse::new(&mut recorder, 0);
    let mut site = Site::new(network, weights, rows, context, &mut pulse).unwrap();
    measure(&mut site).unwrap()
}

/// ½ Σ λᵢ wᵢ² as a network: one linear unit without bias, an example √(nλᵢ) along each input, targets 0.
pub struct Quadratic {
    pub network: Network,
    pub examples: Examples<f64>,
}

impl Quadratic {
    pub fn new(spectrum: &[f64]) -> Self {
        let n = spectrum.len();
        let network = Network::new(&linear(&[], HE), n, 1, Loss::Squared).unwrap();
        let entry = |k: usize| if k / n == k % n { (n as f64 * spectrum[k / n]).sqrt() } else { 0.0 };
        let x: Vec<f64> = (0..n * n).map(entry).collect();
        let examples = Examples::new(&network, Batch { x: &x, y: &vec![0.0; n], n });
        Self { network, examples }
    }

    pub fn measured<T>(
        &self,
        weights: &[f64],
        seed: u64,
        measure: impl FnOnce(&mut Site<'_, '_>) -> Result<T, Interrupted>,
    ) -> T {
        measured(&self.network, weights, self.examples.rows(), seed, measure)
    }

    pub fn measured_from<T>(
        &self,
        initial: &[f64],
        weights: &[f64],
        seed: u64,
        measure: impl FnOnce(&mut Site<'_, '_>) -> Result<T, Interrupted>,
    ) -> T {
        measured_from(&self.network, initial, weights, self.examples.rows(), seed, measure)
    }
}

/// Gaussian inputs in `classes` classes, told apart by the largest of the first inputs.
pub fn blobs(train: usize, test: usize, inputs: usize, classes: usize) -> Problem {
    let mut stream = Stream::new(5, "blobs");
    let mut part = |n: usize| {
        let x: Vec<f32> = (0..n * inputs).map(|_| stream.normal() as f32).collect();
        let largest = |row: &[f32]| (0..classes).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap() as u32;
        let labels: Vec<u32> = x.chunks(inputs).map(largest).collect();
        let one_hot =
            |label: &u32| (0..classes as u32).map(|class| f32::from(u8::from(class == *label))).collect();
        let y: Vec<f32> = labels.iter().flat_map::<Vec<f32>, _>(one_hot).collect();
        Part { x, y, labels, n }
    };
    Problem { train: part(train), test: part(test), inputs, outputs: classes, ..Problem::default() }
}

/// A run on [`blobs`]: 16 tanh units, batches of 8, cross-entropy.
pub fn run_spec() -> RunSpec {
    RunSpec {
        dataset: DatasetSpec::of(Source::Teacher { inputs: 6, hidden: 1, classes: 3 }, 60, 30),
        model: mlp(&[16], Activation::Tanh, HE),
        loss: Loss::CrossEntropy,
        procedure: Procedure::Train,
        optimizer: OptimizerSpec::sgd(0.1, 8),
        stop: Stop::after(200),
        engine: Engine::Dense,
        seed: 1,
        seed_of: SeedOf::default(),
    }
}

/// Remembers rows and checkpoints, and asks for a stop or for checkpoints at the given ticks.
#[derive(Default)]
pub struct Recorder {
    pub rows: Vec<(u64, BTreeMap<String, f64>)>,
    pub ticks: usize,
    pub stop_at: Option<usize>,
    /// Ticks between two checkpoints asked for.
    pub save_every: Option<usize>,
    /// Each checkpoint, and how many rows there were.
    pub kept: Vec<(Checkpoint, usize)>,
    /// Whether any work at all makes a tick.
    pub impatient: bool,
}

impl Observer for Recorder {
    fn row(&mut self, step: u64, _epoch: f64, values: &BTreeMap<String, f64>) {
        self.rows.push((step, values.clone()));
    }

    fn tick(&mut self, _step: u64, _last_loss: f64) -> Go {
        self.ticks += 1;
        if self.stop_at == Some(self.ticks) {
            Go::Stop
        } else if self.save_every.is_some_and(|every| self.ticks.is_multiple_of(every)) {
            Go::Save
        } else {
            Go::On
        }
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        self.kept.push((checkpoint.clone(), self.rows.len()));
    }

    fn beat(&self) -> f64 {
        if self.impatient { 1.0 } else { 2e7 }
    }
}

/// Asserts that a number is what it is known to be, but for a relative error, and prints the line of a table.
pub fn close(what: &str, value: f64, expected: f64, relative: f64) {
    let off = if expected == 0.0 { value.abs() } else { ((value - expected) / expected).abs() };
    println!("{what:<44} {value:>24.16} {expected:>24.16} {off:>9.1e} {relative:>9.0e}");
    assert!((value - expected).abs() <= relative * expected.abs(), "{what}: {value}, expected {expected}");
}
