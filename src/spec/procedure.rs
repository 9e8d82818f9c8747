//! How the weights of a run come about.

use serde::{Deserialize, Serialize};

use super::{Family, Quantity, RunSpec};

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
    /// Steps of an optimiser from where another run ended: what was trained on random labels, say, goes on with true ones
    /// (Liu et al. 2020, arXiv:1906.02613).
    Continue {
        /// The run before.
        after: Box<RunSpec>,
    },
    /// Steps of an optimiser from where a smaller run ended, which began where a still smaller one did (Belkin et al. 2019,
    /// §S.4; Ash & Adams 2020).
    WarmStart {
        /// What grows.
        over: Growing,
        /// The sizes before this one, ascending.
        through: Vec<usize>,
    },
    /// Magnitude pruning, round after round, each trained to its end (Frankle & Carbin 2019, arXiv:1803.03635).
    Prune {
        /// How often the smallest weights are taken away.
        rounds: u64,
        /// The share of each layer's weights that goes in a round; of the last layer half as much.
        fraction: f64,
        /// Where the weights that are left begin.
        rewind: Rewind,
        /// Which weights are left.
        mask: Mask,
    },
    /// Many runs that differ in their random streams, and their mean prediction. Numbers of values, all crossed.
    Ensemble {
        /// Of initial weights and of the order of examples.
        init: u64,
        /// Of training examples: disjoint parts of one sample.
        data: u64,
        /// Of the noise on their targets.
        noise: u64,
    },
    /// Two trainings, and what lies between their weights (Frankle et al. 2020, arXiv:1912.05671).
    Pair {
        /// One of them.
        one: Box<RunSpec>,
        /// The other, which has its streams from other seeds where they are to be …
        other: Box<RunSpec>,
        /// … apart.
        apart: Vec<RunStream>,
    },
    /// The most examples that training fits, by bisection between 1 and `dataset.train` (Nakkiran et al. 2020, def. 1).
    EffectiveComplexity {
        /// Up to this error on the training examples.
        train_error: f64,
    },
    /// The code length of the training labels, each block coded by what was trained on those before it (Blier & Ollivier
    /// 2018, arXiv:1802.07044), in blocks that double.
    Prequential {
        /// Examples of the first block, which is coded uniformly.
        first: usize,
    },
}

/// A stream of random numbers that a run draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStream {
    /// Initial weights.
    Init,
    /// Examples.
    Data,
    /// The order in which they are seen.
    Order,
    /// What is corrupted.
    Noise,
}

/// What a warm start grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Growing {
    /// The width of the one hidden layer: new units begin as they would anyway.
    Hidden,
    /// The number of training examples.
    Train,
}

/// Where pruned networks begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rewind {
    /// At the initial weights.
    Init,
    /// At other initial weights, for which the mask was not found: the control of Frankle & Carbin.
    Fresh,
    /// Where the round before ended.
    Last,
    /// Where the dense network stood after so many steps (Frankle et al. 2020, arXiv:1912.05671).
    Step(u64),
}

/// Which weights pruning leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// The largest at the end of the round before.
    Magnitude,
    /// As many of each layer, at random.
    Random,
}

impl Procedure {
    /// Whether it is training, which is not written.
    pub fn is_train(&self) -> bool {
        *self == Self::Train
    }

    /// Whether it takes steps of an optimiser.
    pub fn uses_optimizer(&self) -> bool {
        !matches!(
            self,
            Self::Solve { .. }
                | Self::Gd { .. }
                | Self::GradientFlow { .. }
                | Self::ModifiedFlow { .. }
                | Self::LevenbergMarquardt { .. }
                | Self::Guess { .. }
        )
    }

    /// About how many trainings of this length it takes, if none of them is stored.
    pub fn trainings(&self, examples: usize) -> f64 {
        match self {
            Self::Continue { after } => 1.0 + after.procedure.trainings(examples),
            Self::WarmStart { through, .. } => 1.0 + through.len() as f64,
            Self::Prune { rounds, .. } => 1.0 + *rounds as f64,
            Self::Ensemble { init, data, noise } => (init * data * noise) as f64,
            Self::Pair { one, other, .. } => {
                one.procedure.trainings(examples) + other.procedure.trainings(examples)
            }
            Self::EffectiveComplexity { .. } => 2.0 + (examples.max(1) as f64).log2().ceil(),
            Self::Prequential { first } => {
                1.0 + (examples.max(1) as f64 / (*first).max(1) as f64).log2().ceil().max(0.0)
            }
            _ => 1.0,
        }
    }

    /// The procedure that a quantity is of, by its word; `None` for what is measured of weights.
    pub fn owner(quantity: Quantity) -> Option<&'static str> {
        match quantity {
            Quantity::CodeLength => Some("prequential"),
            Quantity::EffectiveComplexity => Some("effective_complexity"),
            Quantity::Barrier
            | Quantity::AlignedBarrier
            | Quantity::CurvedBarrier
            | Quantity::ErrorBarrier => Some("pair"),
            _ if quantity.info().family == Family::Ensemble => Some("ensemble"),
            _ => None,
        }
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
            Self::Continue { .. } => "continue",
            Self::WarmStart { .. } => "warm_start",
            Self::Prune { .. } => "prune",
            Self::Ensemble { .. } => "ensemble",
            Self::Pair { .. } => "pair",
            Self::EffectiveComplexity { .. } => "effective_complexity",
            Self::Prequential { .. } => "prequential",
        }
    }
}
