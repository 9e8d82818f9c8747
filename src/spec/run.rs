//! One run, with nothing left to default: what is trained, on what, how, until when, and from which seed.
//!
//! Its canonical JSON is what a run is hashed from, what is stored beside its results, and what two runs are
//! compared by; the keys are the ones a person writes in a cell (`optimizer.learning_rate`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SeedOf;
pub use super::optimizer::{Moments, OptimizerKind, OptimizerSpec, RateSchedule, RateShape};
use super::procedure::Procedure;
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
    #[serde(default, skip_serializing_if = "Stop::is_none")]
    pub stop: Stop,
    /// Which code computes gradients.
    pub engine: Engine,
    /// Root of every random stream of the run: init, data, label noise, batch order, probes.
    pub seed: u64,
    /// The streams that have a root of their own.
    #[serde(default, skip_serializing_if = "SeedOf::is_empty")]
    pub seed_of: SeedOf,
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
    /// What the training labels are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub labels: LabelKind,
    /// What the inputs are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pixels: PixelKind,
    /// Inputs that are added to every example and tell nothing: N(0, 1).
    #[serde(default, skip_serializing_if = "is_default")]
    pub noise_inputs: usize,
}

/// Whether a setting that came later is what it always was: then it is not written, and old runs keep their ids.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl DatasetSpec {
    /// `train` and `test` examples of `source` as they are, unscaled.
    pub fn of(source: Source, train: usize, test: usize) -> Self {
        Self {
            source,
            train,
            test,
            label_noise: 0.0,
            normalize: Normalize::None,
            labels: LabelKind::True,
            pixels: PixelKind::True,
            noise_inputs: 0,
        }
    }
}

impl Source {
    /// Whether its examples are in classes; of a file nothing is known here, and most are.
    pub fn has_classes(&self) -> bool {
        match self {
            Self::File { .. }
            | Self::Teacher { .. }
            | Self::Boolean { .. }
            | Self::Parity { .. }
            | Self::Spirals { .. } => true,
            Self::Chebyshev { .. }
            | Self::Sine { .. }
            | Self::LinearTeacher { .. }
            | Self::TwoScale { .. }
            | Self::NetworkTeacher { .. }
            | Self::Gaussian { .. }
            | Self::Step { .. }
            | Self::Staircase { .. }
            | Self::Points { .. } => false,
        }
    }

    /// Its word in cells: the name of a file, the kind of a generator.
    pub fn word(&self) -> &str {
        match self {
            Self::File { name } => name,
            Self::Teacher { .. } => "teacher",
            Self::Chebyshev { .. } => "chebyshev",
            Self::Sine { .. } => "sine",
            Self::LinearTeacher { .. } => "linear_teacher",
            Self::TwoScale { .. } => "two_scale",
            Self::NetworkTeacher { .. } => "network_teacher",
            Self::Gaussian { .. } => "gaussian",
            Self::Step { .. } => "step",
            Self::Staircase { .. } => "staircase",
            Self::Boolean { .. } => "boolean",
            Self::Parity { .. } => "parity",
            Self::Spirals { .. } => "spirals",
            Self::Points { .. } => "points",
        }
    }
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
    /// sin(2π f x) at the same points.
    Sine {
        /// f.
        frequency: f64,
    },
    /// y = ⟨β, x⟩ with x ~ N(0, diag(λ)), λᵢ ∝ i^−decay with mean 1.
    LinearTeacher {
        /// Input dimension.
        inputs: usize,
        /// Standard deviation of y; of isotropic inputs that is ‖β‖.
        norm: f64,
        /// How fast the variances fall; 0: isotropic.
        decay: f64,
        /// Where β points.
        target: Direction,
    },
    /// The same with variance 1 of the first half of the inputs and 1/ratio² of the rest.
    TwoScale {
        /// Input dimension.
        inputs: usize,
        /// How much smaller the second half is.
        ratio: f64,
        /// Standard deviation of y.
        norm: f64,
    },
    /// y = A φ(W x) of Gaussian inputs, with random A and W.
    NetworkTeacher {
        /// Input dimension.
        inputs: usize,
        /// Hidden units.
        hidden: usize,
        /// φ.
        activation: Activation,
        /// Outputs.
        outputs: usize,
    },
    /// Gaussian inputs, and Gaussian targets that have nothing to do with them.
    Gaussian {
        /// Input dimension.
        inputs: usize,
        /// Targets of each example.
        outputs: usize,
    },
    /// The sign of the first of these coordinates, uniform on [-1, 1].
    Step {
        /// Input dimension.
        inputs: usize,
    },
    /// (x₁ + x₁x₂ + … + `x₁⋯x_k`) / √k of random ±1 inputs.
    Staircase {
        /// Input dimension.
        inputs: usize,
        /// k.
        degree: usize,
    },
    /// All inputs of so many bits, in two classes.
    Boolean {
        /// How many.
        bits: u32,
        /// Which class each has.
        function: BooleanFunction,
    },
    /// The parity of `degree` of random ±1 inputs.
    Parity {
        /// Input dimension.
        inputs: usize,
        /// Of how many of them.
        degree: usize,
    },
    /// Arms of a spiral in the plane, one for each class.
    Spirals {
        /// How many.
        classes: usize,
        /// How often each winds around the origin.
        turns: f64,
    },
    /// These points, all to train on.
    Points {
        /// Inputs.
        x: Vec<Vec<f64>>,
        /// One target for each.
        y: Vec<f64>,
    },
}

/// Where the coefficients of a linear teacher point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Anywhere.
    Random,
    /// Along a few inputs, drawn by the seed, equally in size.
    Sparse {
        /// How many.
        sparsity: usize,
    },
    /// Along the input of largest variance.
    Aligned,
    /// Along that of least.
    Misaligned,
}

/// A function of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BooleanFunction {
    /// Whether an odd number of them is set.
    Parity,
    /// Whether more than half of them are.
    Majority,
    /// The first.
    First,
    /// None is ever.
    Constant,
    /// A coin for each input, thrown by the seed.
    Random,
}

/// What the labels of the training examples are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// Theirs.
    #[default]
    True,
    /// A class drawn anew for each, uniformly; real targets are dealt out anew (Zhang et al. 2017, arXiv:1611.03530).
    Random,
}

/// What the inputs of all examples are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PixelKind {
    /// Theirs.
    #[default]
    True,
    /// Theirs, in one other order for all examples (Zhang et al. 2017).
    Shuffled,
    /// Gaussian, of the same mean and standard deviation over all training inputs (likewise).
    Noise,
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

/// What is fitted.
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
    /// f(x) = W x.
    Linear {
        /// Whether there is a constant too; exact solvers take it for one more input.
        bias: bool,
        /// How the weights begin; an exact solution has no beginning.
        init: Init,
    },
    /// f(x) = w₁ w₂ ⋯ x: one weight per factor, on one input.
    Product {
        /// The weights to begin with.
        init: Vec<f64>,
    },
    /// f(x) = Σᵢ (uᵢ² − vᵢ²) xᵢ (Woodworth et al. 2020, arXiv:2002.09277).
    DiagonalLinear {
        /// α: all u and v begin there.
        scale: f64,
    },
    /// f(x) = Σₖ wₖ φ(⟨vₖ, x⟩): only the outer weights are fitted.
    RandomFeatures {
        /// φ, and how the v are drawn.
        map: FeatureMap,
        /// How many there are.
        features: usize,
        /// Whether a wider model has all features of a narrower one at the same seed, unscaled: then the norm of the
        /// least-norm fit can only fall as features are added. Else each width draws its own.
        nested: bool,
    },
    /// The neural tangent kernel of an infinitely wide relu network (Jacot et al. 2018), without biases, He-scaled.
    Ntk {
        /// Hidden layers.
        depth: usize,
    },
    /// The covariance kernel of the same network at its initialisation (Lee et al. 2018; Cho & Saul 2009).
    Nngp {
        /// Hidden layers.
        depth: usize,
    },
    /// exp(−‖x − x′‖² / 2σ²).
    GaussianKernel {
        /// σ.
        bandwidth: f64,
    },
}

/// Random features.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeatureMap {
    /// √2 cos(⟨v, x⟩ + b) with v ~ N(0, I/σ²) and b uniform on [0, 2π) (Rahimi & Recht 2007).
    Fourier {
        /// σ: the Gaussian kernel that infinitely many of them come to has this bandwidth.
        bandwidth: f64,
    },
    /// max(0, ⟨v, x⟩) with v ~ N(0, I/inputs) (Cho & Saul 2009).
    Relu,
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

impl ModelSpec {
    /// Whether it is a dense network: something that can be trained, and whose landscape can be measured.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Mlp { .. } | Self::Linear { .. } | Self::Product { .. })
    }

    /// Its word in cells.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Mlp { .. } => "mlp",
            Self::Linear { .. } => "linear",
            Self::Product { .. } => "product",
            Self::DiagonalLinear { .. } => "diagonal_linear",
            Self::RandomFeatures { .. } => "random_features",
            Self::Ntk { .. } => "ntk",
            Self::Nngp { .. } => "nngp",
            Self::GaussianKernel { .. } => "gaussian_kernel",
        }
    }
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
