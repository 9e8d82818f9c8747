//! How a loss is minimised: the update rule, which gradient it follows, and the size of its steps.
//!
//! A key that stands at its default is left out of the JSON, as long as it was not there from the beginning: what a cell
//! does not ask for decides nothing, and leaves the names of stored runs as they are.

use serde::{Deserialize, Serialize};

use super::is_default;

/// How the loss is minimised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimizerSpec {
    /// The update rule.
    #[serde(flatten)]
    pub kind: OptimizerKind,
    /// Step size.
    pub learning_rate: f64,
    /// Examples per step; at `dataset.train` (or `full`) every step uses all of them, in stored order.
    pub batch_size: usize,
    /// μ of a velocity v ← μv + g, in [0, 1): heavy-ball, w ← w − `learning_rate`·v (Polyak 1964).
    pub momentum: f64,
    /// Whether the step looks ahead along the velocity: w ← w − `learning_rate`·(g + μv) (Nesterov 1983 as of Sutskever
    /// et al. 2013, in the variables of PyTorch, whose weights are the point looked at).
    #[serde(default, skip_serializing_if = "is_default")]
    pub nesterov: bool,
    /// λ of ½ λ ‖w‖², added to the gradient of all weights and biases; `adamw` shrinks the weights by it instead.
    pub weight_decay: f64,
    /// Longest gradient, in loss per unit of weight: a longer one is scaled to this norm (Pascanu et al. 2013, alg. 1),
    /// before decay is added.
    #[serde(default, skip_serializing_if = "is_default")]
    pub clip: Option<f64>,
    /// λ of ½ λ ‖∇L‖², added to the loss of each batch: the step follows g + λHg (Barrett & Dherin 2021, whose implicit
    /// penalty at learning rate h is that of λ = h/2).
    #[serde(default, skip_serializing_if = "is_default")]
    pub gradient_penalty: f64,
    /// Noise drawn anew on the targets of every step (Blanc et al. 2020; Damian et al. 2021): the standard deviation of a
    /// normal number added to each under squared loss, else the probability of another class.
    #[serde(default, skip_serializing_if = "is_default")]
    pub label_noise: f64,
    /// How the step size changes along the way.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: RateSchedule,
}

impl OptimizerSpec {
    /// Of procedures that take no steps.
    pub fn none() -> Self {
        Self::sgd(0.0, 0)
    }

    /// Whether it takes no steps.
    pub fn is_none(&self) -> bool {
        self.learning_rate == 0.0
    }

    /// Plain gradient descent.
    pub fn sgd(learning_rate: f64, batch_size: usize) -> Self {
        Self {
            kind: OptimizerKind::Sgd,
            learning_rate,
            batch_size,
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            clip: None,
            gradient_penalty: 0.0,
            label_noise: 0.0,
            schedule: RateSchedule::default(),
        }
    }
}

/// Update rules, from a gradient g (decay added) and a learning rate η.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OptimizerKind {
    /// v ← `momentum`·v + g; w ← w − η·v (`gd` in a cell is this with the full batch).
    Sgd,
    /// w ← w − η·m̂/(√v̂ + ε) with m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², m̂ = m/(1 − β₁ᵗ) and
    /// v̂ = v/(1 − β₂ᵗ) (Kingma & Ba 2015, alg. 1).
    Adam(Moments),
    /// The same after w ← (1 − η·`weight_decay`)·w, which is no part of g (Loshchilov & Hutter 2019, in PyTorch's form,
    /// where the learning rate scales the decay).
    Adamw(Moments),
    /// w ← w − η·sign(g), sign(0) = 0: steepest descent in the largest coordinate (Bernstein et al. 2018).
    SignGd,
    /// w ← β·sinh(asinh(w/β) − η·g): mirror descent in the hypentropy potential (Ghai et al. 2020), whose steps are
    /// about multiplicative where |w| ≫ β, and additive, of size η·β, where |w| ≪ β.
    Mirror {
        /// Scale β of a weight at which the one turns into the other.
        beta: f64,
    },
    /// `sgd` along the gradient at w + ρ·g/‖g‖, of the same batch (Foret et al. 2021).
    Sam {
        /// Distance ρ, in units of weight.
        rho: f64,
    },
    /// `sgd` along the gradient at w + ρ·T²g/‖Tg‖, T = |w| + η, of the same batch (Kwon et al. 2021).
    Asam {
        /// Distance ρ, relative to the weights.
        rho: f64,
        /// η, in units of weight: what a weight at 0 counts as.
        eta: f64,
    },
}

/// The moving averages of Adam.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Share β₁ that the mean gradient keeps per step, in [0, 1).
    pub beta1: f64,
    /// Share β₂ that the mean square keeps per step, in [0, 1).
    pub beta2: f64,
    /// ε beside the root of the mean square, in loss per unit of weight.
    pub epsilon: f64,
}

/// How the learning rate changes: its factor at step t = 0, 1, …
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RateSchedule {
    /// From the end of the warm-up on.
    #[serde(flatten)]
    pub shape: RateShape,
    /// Steps n at the beginning over which it rises in a line: the factor is (t + 1)/n while t < n (Goyal et al. 2017).
    pub warmup: u64,
}

/// Shapes of a learning rate, with T the number of steps allowed and n those of the warm-up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RateShape {
    /// 1.
    #[default]
    Constant,
    /// `factor` to the number of those epochs that have been completed.
    Step {
        /// Epochs after which it falls.
        decay_at: Vec<u64>,
        /// What it is multiplied by each time.
        factor: f64,
    },
    /// f + (1 − f)·½(1 + cos πx) with x = (t − n)/(T − n) (Loshchilov & Hutter 2017, without restarts).
    Cosine {
        /// f, which it would reach at step T.
        #[serde(rename = "final")]
        last: f64,
    },
    /// 1 − (1 − f)·x.
    Linear {
        /// f, which it would reach at step T.
        #[serde(rename = "final")]
        last: f64,
    },
    /// √(m/(t + 1)) with m = max(n, 1) (Vaswani et al. 2017, §5.3, at height 1).
    InverseSqrt,
}
