//! What a run is trained and tested on: where its examples come from, and what is done to them.

use serde::{Deserialize, Serialize};

use super::is_default;
use super::model::Activation;

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
    /// `[k, m]`: of m disjoint parts that a sample of m·`train` examples is dealt into, part k.
    #[serde(default, skip_serializing_if = "is_default")]
    pub part: Option<[usize; 2]>,
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
            part: None,
        }
    }
}

impl DatasetSpec {
    /// Training examples that are drawn so that this run gets its own.
    pub fn drawn(&self) -> usize {
        self.train * self.part.map_or(1, |[_, parts]| parts)
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
