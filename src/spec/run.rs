//! One run, with nothing left to default: what is trained, on what, how, until when, and from which seed.
//!
//! Its canonical JSON is what a run is hashed from, what is stored beside its results, and what two runs are
//! compared by; the keys are the ones a person writes in a cell (`optimizer.learning_rate`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SeedOf;
pub use super::dataset::{BooleanFunction, DatasetSpec, Direction, LabelKind, Normalize, PixelKind, Source};
pub use super::model::{Activation, FeatureMap, Init, InitKind, ModelSpec};
pub use super::optimizer::{Moments, OptimizerKind, OptimizerSpec, RateSchedule, RateShape};
use super::procedure::{Procedure, RunStream};
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
    /// How its weights come about.
    #[serde(default, skip_serializing_if = "Procedure::is_train")]
    pub procedure: Procedure,
    /// What takes the steps; nothing where the procedure takes none.
    #[serde(default = "OptimizerSpec::none", skip_serializing_if = "OptimizerSpec::is_none")]
    pub optimizer: OptimizerSpec,
    /// Until when it does.
    #[serde(default = "Stop::none", skip_serializing_if = "Stop::is_none")]
    pub stop: Stop,
    /// Which code computes gradients.
    pub engine: Engine,
    /// Root of every random stream of the run: init, data, label noise, batch order, probes.
    pub seed: u64,
    /// The streams that have a root of their own.
    #[serde(default, skip_serializing_if = "SeedOf::is_empty")]
    pub seed_of: SeedOf,
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
    /// max(0, −y f) of one output, with y = ±1: its steps on single examples are those of the perceptron (Rosenblatt 1958),
    /// which takes an output of 0 for wrong.
    Perceptron,
}

impl Loss {
    /// Whether it is of one output whose sign tells the class.
    pub fn is_of_signs(self) -> bool {
        matches!(self, Self::Logistic | Self::Perceptron)
    }
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
    /// Of procedures that take no steps.
    pub fn none() -> Self {
        Self::after(0)
    }

    /// Whether there are no steps to end.
    pub fn is_none(&self) -> bool {
        *self == Self::none()
    }

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
    /// Closed forms, solvers and integrators in f64, of every procedure but training.
    Exact,
}

/// How far the seeds of streams lie apart in which the runs of a pair differ: cells count theirs from 0.
const APART: u64 = 1_000_000;

impl RunSpec {
    /// The same at another seed, and what it is made of with it.
    #[must_use]
    pub fn at_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        match &mut self.procedure {
            Procedure::Continue { after } => **after = after.as_ref().clone().at_seed(seed),
            Procedure::Pair { one, other, apart } => {
                **one = one.as_ref().clone().at_seed(seed);
                **other = other.as_ref().clone().at_seed(seed).apart(apart, seed.wrapping_add(APART));
            }
            _ => {}
        }
        self
    }

    /// The same with some of its streams from another seed, and so what it is made of.
    fn apart(mut self, streams: &[RunStream], seed: u64) -> Self {
        for stream in streams {
            let own = match stream {
                RunStream::Init => &mut self.seed_of.init,
                RunStream::Data => &mut self.seed_of.data,
                RunStream::Order => &mut self.seed_of.order,
                RunStream::Noise => &mut self.seed_of.noise,
            };
            *own = Some(seed);
        }
        if let Procedure::Continue { after } = &mut self.procedure {
            **after = after.as_ref().clone().apart(streams, seed);
        }
        self
    }

    /// The spec as JSON with sorted keys and no spaces.
    pub fn canonical(&self) -> String {
        canonical_json(&serde_json::to_value(self).unwrap_or(Value::Null))
    }

    /// The run's name. `dataset_hash` is the content hash of the data it reads (empty for generated data).
    pub fn id(&self, dataset_hash: &str) -> RunId {
        let (canonical, engine) = (self.canonical(), ENGINE.to_le_bytes());
        let mut parts: Vec<&[u8]> =
            vec![b"lowland run", canonical.as_bytes(), dataset_hash.as_bytes(), &engine];
        // Made by another cosine, the same features are other numbers in their last places, and the same runs other runs.
        if let ModelSpec::RandomFeatures { map: FeatureMap::Fourier { .. }, .. } = self.model {
            parts.push(b"cosine 2");
        }
        RunId::of(&parts)
    }

    /// Name of the dataset file it reads, if it reads one.
    pub fn dataset_file(&self) -> Option<&str> {
        match &self.dataset.source {
            Source::File { name } => Some(name),
            _ => None,
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
