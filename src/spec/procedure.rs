//! How the weights of a run come about.

use serde::{Deserialize, Serialize};

/// How the weights come about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Procedure {
    /// Steps of an optimiser, in f32.
    #[default]
    Train,
    /// The minimiser of ‖y − f(X)‖² + `ridge`·‖w‖², in f64; without a ridge that of least norm.
    Solve {
        /// Weight of ‖w‖², beside a sum (and not a mean) over examples.
        ridge: f64,
    },
    /// w ← w − `step`·∇L on all examples, in f64.
    Gd {
        /// The step size h.
        step: f64,
        /// Until steps × h reach it.
        time: f64,
    },
    /// dw/dt = −∇L, integrated to 1e-12 (Dormand & Prince 1980).
    GradientFlow {
        /// Until then.
        time: f64,
    },
    /// dw/dt = −∇(L + ¼ h ‖∇L‖²): what gradient descent at step size h follows to second order (Barrett & Dherin 2021,
    /// arXiv:2009.11162).
    ModifiedFlow {
        /// The step size h that it is of.
        step: f64,
        /// Until then.
        time: f64,
    },
    /// Damped Gauss–Newton steps on the squared loss (Levenberg 1944; Marquardt 1963), in f64.
    LevenbergMarquardt {
        /// Most steps of one try.
        steps: u64,
        /// Initial weights that are tried; the best end counts.
        tries: u64,
    },
    /// Weights are drawn anew until they fit, in f64 (Chiang et al. 2023, "Loss landscapes are all you need").
    Guess {
        /// Most draws.
        draws: u64,
        /// Fraction of the training examples that must be classified as labelled.
        train_accuracy: f64,
    },
}

impl Procedure {
    /// Whether it is training, which is not written.
    pub fn is_train(&self) -> bool {
        *self == Self::Train
    }

    /// Whether it takes steps of an optimiser.
    pub fn uses_optimizer(&self) -> bool {
        matches!(self, Self::Train)
    }

    /// Its word in cells.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Solve { .. } => "solve",
            Self::Gd { .. } => "gd",
            Self::GradientFlow { .. } => "gradient_flow",
            Self::ModifiedFlow { .. } => "modified_flow",
            Self::LevenbergMarquardt { .. } => "levenberg_marquardt",
            Self::Guess { .. } => "guess",
        }
    }
}
