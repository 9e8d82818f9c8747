//! Why a number is not there.

use std::fmt;

use crate::store::Status;

/// A run, as a reader finds it: `flat, hidden [32,32], seed 3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its arm.
    pub arm: String,
    /// Its sweep point in words, empty without a sweep.
    pub point: String,
    /// Its seed.
    pub seed: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = if self.point.is_empty() { String::new() } else { format!(", {}", self.point) };
        write!(f, "{}{point}, seed {}", self.arm, self.seed)
    }
}

/// Why a number is not there.
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    /// The run is not stored (yet).
    NotRun(Place),
    /// The run ended, but not with a result.
    Ended(Place, Status),
    /// The run diverged: what it last measured is no result of training.
    Diverged(Place),
    /// The run has no finite value of the quantity.
    NotMeasured(Place, String),
    /// The run has no curve of the quantity.
    NoCurve(Place, String),
    /// The arithmetic has no finite result, or no number to start from; in words.
    Undefined(String),
}

impl Gap {
    /// The run that it is about.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::NotRun(place)
            | Self::Ended(place, _)
            | Self::Diverged(place)
            | Self::NotMeasured(place, _)
            | Self::NoCurve(place, _) => Some(place),
            Self::Undefined(_) => None,
        }
    }

    /// The run that diverged, if that is why.
    pub fn diverged(&self) -> Option<&Place> {
        if let Self::Diverged(place) = self { Some(place) } else { None }
    }

    /// Whether running what is planned would fill it.
    pub fn is_unrun(&self) -> bool {
        matches!(self, Self::NotRun(_) | Self::Ended(..))
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRun(place) => write!(f, "not run: {place}"),
            Self::Ended(place, status) => write!(f, "{}: {place}", status.name()),
            Self::Diverged(place) => write!(f, "diverged: {place}"),
            Self::NotMeasured(place, quantity) => write!(f, "no `{quantity}` was measured: {place}"),
            Self::NoCurve(place, quantity) => write!(f, "no curve of `{quantity}` was recorded: {place}"),
            Self::Undefined(why) => f.write_str(why),
        }
    }
}
