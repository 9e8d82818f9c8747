//! What is fitted.

use serde::{Deserialize, Serialize};

use super::is_default;

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
        /// Whether hidden units are normalised over the batch before φ (Ioffe & Szegedy 2015).
        #[serde(default, skip_serializing_if = "is_default")]
        batch_norm: bool,
        /// Share of the hidden units that a step of training leaves out (Srivastava et al. 2014).
        #[serde(default, skip_serializing_if = "is_default")]
        dropout: f64,
    },
    /// Convolutions over an image, each followed by φ and the mean over squares, then a dense network.
    Convolutional {
        /// Channels of each convolution.
        channels: Vec<usize>,
        /// Side of its kernels, odd; beyond the edges of the image there are zeros.
        kernel: usize,
        /// Side of the squares whose mean is taken; 1 takes none.
        pool: usize,
        /// Width of each hidden dense layer.
        hidden: Vec<usize>,
        /// Nonlinearity after each convolution and hidden layer.
        activation: Activation,
        /// Whether layers have biases (they start at zero).
        bias: bool,
        /// How weights are drawn.
        init: Init,
        /// Whether channels and hidden units are normalised over the batch before φ.
        #[serde(default, skip_serializing_if = "is_default")]
        batch_norm: bool,
        /// Share of the hidden units that a step of training leaves out.
        #[serde(default, skip_serializing_if = "is_default")]
        dropout: f64,
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

impl ModelSpec {
    /// Whether it is a dense network: something that can be trained, and whose landscape can be measured.
    pub fn is_network(&self) -> bool {
        matches!(
            self,
            Self::Mlp { .. } | Self::Convolutional { .. } | Self::Linear { .. } | Self::Product { .. }
        )
    }

    /// Share of the hidden units that a step of training leaves out.
    pub fn dropout(&self) -> f64 {
        match self {
            Self::Mlp { dropout, .. } | Self::Convolutional { dropout, .. } => *dropout,
            _ => 0.0,
        }
    }

    /// How its weights are drawn, if they are.
    pub fn init(&self) -> Option<Init> {
        match self {
            Self::Mlp { init, .. } | Self::Convolutional { init, .. } | Self::Linear { init, .. } => {
                Some(*init)
            }
            _ => None,
        }
    }

    /// Whether it is dense layers and nothing else: what norms and alignments of layers are of.
    pub fn is_dense(&self) -> bool {
        match self {
            Self::Mlp { batch_norm, .. } => !batch_norm,
            Self::Linear { .. } | Self::Product { .. } => true,
            _ => false,
        }
    }

    /// Its word in cells.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Mlp { .. } => "mlp",
            Self::Convolutional { .. } => "convolutional",
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
