//! Random streams that stay as they are while the seeds of an experiment vary.

use serde::{Deserialize, Serialize};

use super::RunSpec;

/// The streams of a run whose seed is not the run's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedOf {
    /// Of initial weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<u64>,
    /// Of the examples that are drawn, and of what makes them up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<u64>,
    /// Of the order in which training sees its examples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u64>,
    /// Of label noise and of whatever else is corrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<u64>,
}

impl SeedOf {
    /// Whether every stream is of the run's own seed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl RunSpec {
    /// Seed of its initial weights.
    pub fn init_seed(&self) -> u64 {
        self.seed_of.init.unwrap_or(self.seed)
    }

    /// Seed of its examples.
    pub fn data_seed(&self) -> u64 {
        self.seed_of.data.unwrap_or(self.seed)
    }

    /// Seed of the order in which it sees them.
    pub fn order_seed(&self) -> u64 {
        self.seed_of.order.unwrap_or(self.seed)
    }

    /// Seed of what is corrupted.
    pub fn noise_seed(&self) -> u64 {
        self.seed_of.noise.unwrap_or(self.seed)
    }
}
