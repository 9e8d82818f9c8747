//! Instants, victims and keys, drawn from a seed.

use std::time::Duration;

use lowland::base::rng::Stream;

/// The seed where the environment names none.
const SEED: u64 = 20_261_123;

/// Draws of one test.
pub struct Chance(Stream);

/// What all draws come from.
pub fn seed() -> u64 {
    std::env::var("LOWLAND_FAULTS_SEED").map_or(SEED, |seed| seed.parse().expect("a seed is a whole number"))
}

impl Chance {
    /// The draws of the test called `name`.
    pub fn of(name: &str) -> Self {
        Self(Stream::new(seed(), name))
    }

    /// One of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.0.below(items.len())) }
    }

    /// Whether it happens that has this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.0.uniform() < probability
    }

    /// A stretch of time up to `longest`.
    pub fn moment(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.0.uniform())
    }
}
