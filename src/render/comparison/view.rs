//! How a comparison is looked at: along what, on which scales, how smoothed, in which dots, with the cursor where.

use crate::compare::Base;
use crate::render::plot::Marker;

/// How a comparison is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// Along what curves are drawn; as suits each quantity where nothing is said.
    pub base: Option<Base>,
    /// The upright scales.
    pub y: Scaling,
    /// The level scales.
    pub x: Scaling,
    /// How much curves are smoothed.
    pub smoothing: Smoothing,
    /// Whether histograms of the seeds stand in the place of curves.
    pub seeds: bool,
    /// What lines are made of.
    pub marker: Marker,
    /// Where the cursor is, as a share of the level axis.
    pub cursor: Option<f64>,
}

/// Which scale is drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// As suits each quantity.
    #[default]
    Suited,
    /// A logarithmic one.
    Log,
    /// A linear one.
    Linear,
}

impl Scaling {
    /// The next of the three.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Suited => Self::Log,
            Self::Log => Self::Linear,
            Self::Linear => Self::Suited,
        }
    }

    /// Whether it is logarithmic where `suited` is what suits.
    pub fn is_log(self, suited: bool) -> bool {
        match self {
            Self::Suited => suited,
            Self::Log => true,
            Self::Linear => false,
        }
    }

    /// How a heading names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Suited => "log where it helps",
            Self::Log => "log scale",
            Self::Linear => "linear scale",
        }
    }
}

/// How much curves are smoothed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Smoothing {
    /// Not at all.
    #[default]
    Off,
    /// A little.
    Light,
    /// Much.
    Strong,
    /// Very much.
    Heavy,
}

impl Smoothing {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Off => Self::Light,
            Self::Light => Self::Strong,
            Self::Strong => Self::Heavy,
            Self::Heavy => Self::Off,
        }
    }

    /// The weight of what came before; `None` where nothing is smoothed.
    pub fn strength(self) -> Option<f64> {
        match self {
            Self::Off => None,
            Self::Light => Some(0.6),
            Self::Strong => Some(0.9),
            Self::Heavy => Some(0.97),
        }
    }

    /// In words.
    pub fn name(self) -> String {
        self.strength()
            .map_or("not smoothed".to_owned(), |strength| format!("lines smoothed, EMA {strength}"))
    }
}
