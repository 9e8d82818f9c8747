//! One run, with nothing left to default: what is trained, on what, how, until when, and from which seed.
//!
//! Its canonical JSON is what a run is hashed from, what is stored beside its results, and what two runs are
//! compared by; the keys are the ones a person writes in a cell (`optimizer.learning_rate`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::optimizer::{Moments, OptimizerKind, OptimizerSpec, RateSchedule, RateShape};
use crate::base::{RunId, ids};

/// Raised whenever a change to the engine changes the numbers a run comes to. Stored results of another version
/// are stale, and say so.
pub const ENGINE: u32 = 3;

/// Everything that decides a run's weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSpec {
    /// What it is trained and tested on.
    pub dataset: DatasetSpec,
    /// What is trained.
    pub model: ModelSpec,
    /// What is minimised.
    pub loss: Loss,
    /// How.
    pub optimizer: OptimizerSpec,
    /// Until when.
    pub stop: Stop,
    /// Which code computes gradients.
    pub engine: Engine,
    /// Root of every random stream of the run: init, data, label noise, batch order, probes.
    pub seed: u64,
}

/// What a run is trained and tested on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetSpec {
    /// Where the examples come from.
    #[serde(flatten)]
    pub source: Source,
    /// Examples to train on, drawn from the training part by the run's `data` stream.
    pub train: usize,
    /// Examples to test on, likewise from the test part; 0 for none.
    pub test: usize,
    /// Fraction of training labels replaced by a different class, in [0, 1]; for real targets, the standard
    /// deviation of Gaussian noise added to them.
    pub label_noise: f64,
    /// How inputs are scaled.
    pub normalize: Normalize,
}

/// Where examples come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// `datasets/<name>.parquet` of the notebook.
    File {
        /// Name without folder or ending.
        name: String,
    },
    /// Gaussian inputs labelled by a random tanh network of the same form (argmax of its outputs).
    Teacher {
        /// Input dimension.
        inputs: usize,
        /// Hidden units of the teacher.
        hidden: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Equally spaced points on [-1, 1] with the Chebyshev polynomial of the first kind as target.
    Chebyshev {
        /// Degree of the polynomial.
        degree: u32,
    },
}

/// How inputs are scaled before training; always by statistics of the training examples alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalize {
    /// Images: one mean and one standard deviation over all pixels. Tables: one of each per column.
    Standard,
    /// Images: divided by the largest storable value. Tables: each column mapped onto [0, 1].
    Unit,
    /// As stored.
    None,
}

/// What is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ModelSpec {
    /// A dense network, inputs → hidden layers → outputs.
    Mlp {
        /// Width of each hidden layer; empty for a linear model.
        hidden: Vec<usize>,
        /// Nonlinearity after each hidden layer.
        activation: Activation,
        /// Whether layers have biases (they start at zero).
        bias: bool,
        /// How weights are drawn.
        init: Init,
    },
}

/// Nonlinearities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// max(0, x), with derivative 0 at 0.
    Relu,
    /// tanh x.
    Tanh,
    /// x Φ(x) in its tanh form (Hendrycks & Gimpel 2016, eq. 2).
    Gelu,
    /// x: a deep linear network.
    Linear,
}

/// The distribution weights are drawn from: N(0, (scale·σ)²) with σ set by the kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Init {
    /// Sets σ.
    pub kind: InitKind,
    /// Multiplies σ.
    pub scale: f64,
}

/// Standard deviations of initial weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitKind {
    /// σ² = 2 / fan-in (He et al. 2015).
    He,
    /// σ² = 1 / fan-in (LeCun et al. 1998).
    Lecun,
    /// σ = 1, and every layer computes W x / √fan-in + b (Jacot et al. 2018).
    Ntk,
    /// σ = 1, so that `scale` is the standard deviation.
    Normal,
}

/// What is minimised, as a mean over examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// −log softmax(f)ᵧ, in nats.
    CrossEntropy,
    /// ½ ‖f − y‖², summed over outputs; classes become one-hot targets.
    Squared,
    /// ln(1 + exp(−y f)) of one output, in nats, with y = ±1: class 1 of two is +1.
    Logistic,
}

/// When training ends: at whichever comes first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// Number of steps that ends it at the latest. Epochs and time are turned into steps before this point.
    pub steps: u64,
    /// Training loss over all training examples that ends it.
    pub train_loss: Option<f64>,
    /// Share of all training examples classified as labelled that ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_accuracy: Option<f64>,
    /// Norm of the gradient of that training loss, decay left out, that ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_norm: Option<f64>,
}

impl Stop {
    /// After so many steps.
    pub fn after(steps: u64) -> Self {
        Self { steps, train_loss: None, train_accuracy: None, gradient_norm: None }
    }

    /// Whether something else may end it sooner.
    pub fn has_target(&self) -> bool {
        self.train_loss.is_some() || self.looks_along()
    }

    /// Whether it takes more than the losses of steps to tell that it is near its end.
    pub fn looks_along(&self) -> bool {
        self.train_accuracy.is_some() || self.gradient_norm.is_some()
    }
}

/// Which code computes gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// lowland's own pass over preallocated buffers.
    Dense,
    /// candle's autograd: slower, general, and what the other is checked against.
    Autograd,
}

impl RunSpec {
    /// The spec as JSON with sorted keys and no spaces.
    pub fn canonical(&self) -> String {
        canonical_json(&serde_json::to_value(self).unwrap_or(Value::Null))
    }

    /// The run's name. `dataset_hash` is the content hash of the data it reads (empty for generated data).
    pub fn id(&self, dataset_hash: &str) -> RunId {
        RunId::of(&[
            b"lowland run",
            self.canonical().as_bytes(),
            dataset_hash.as_bytes(),
            &ENGINE.to_le_bytes(),
        ])
    }

    /// Name of the dataset file it reads, if it reads one.
    pub fn dataset_file(&self) -> Option<&str> {
        match &self.dataset.source {
            Source::File { name } => Some(name),
            Source::Teacher { .. } | Source::Chebyshev { .. } => None,
        }
    }

    /// Every setting by its dotted path, in sorted order: `("optimizer.learning_rate", 0.05)`.
    pub fn settings(&self) -> Vec<(String, Value)> {
        settings_of(&serde_json::to_value(self).unwrap_or(Value::Null))
    }
}

/// Every leaf of a JSON spec by its dotted path, in sorted order; lists are leaves.
pub fn settings_of(spec: &Value) -> Vec<(String, Value)> {
    fn walk(prefix: &str, value: &Value, into: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                    walk(&path, inner, into);
                }
            }
            leaf => into.push((prefix.to_owned(), leaf.clone())),
        }
    }
    let mut settings = Vec::new();
    walk("", spec, &mut settings);
    settings.sort_by(|(a, _), (b, _)| a.cmp(b));
    settings
}

/// JSON with keys sorted at every level and no spaces, whatever features other crates switch on in `serde_json`.
pub fn canonical_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let inner: Vec<_> = entries
                .into_iter()
                .map(|(key, inner)| format!("{}:{}", Value::String(key.clone()), canonical_json(inner)))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical_json).collect::<Vec<_>>().join(","))
        }
        leaf => leaf.to_string(),
    }
}

/// The content hash of a dataset file, as it enters run ids.
pub fn dataset_hash(bytes: &[u8]) -> String {
    ids::content_hash(&[b"lowland dataset", bytes])
}
