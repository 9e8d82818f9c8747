//! How alike two runs are, as far as the speed goes at which their work is done. 0 is the same; 1 is about a factor of
//! e in size, or a run that does something else for half of its time.

use serde::{Deserialize, Serialize};

use crate::science::cost::{Outline, Parts};
use crate::spec::{Activation, Engine, Loss};

/// Another nonlinearity or loss; the number of examples, which little depends on.
const OTHER_ACTIVATION: f64 = 0.3;
const OTHER_LOSS: f64 = 0.1;
const EXAMPLES: f64 = 0.3;

/// What the speed of a run depends on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Likeness {
    engine: Engine,
    activation: Activation,
    loss: Loss,
    parameters: f64,
    batch: f64,
    examples: f64,
}

impl Likeness {
    /// Of runs of this outline.
    pub fn of(outline: &Outline) -> Self {
        Self {
            engine: outline.engine,
            activation: outline.activation,
            loss: outline.loss,
            parameters: outline.parameters().max(1.0).ln(),
            // What is not trained has no batch; runs of it are as alike as their work.
            batch: outline.exact.map_or(outline.batch.max(1) as f64, |exact| exact.work.max(1) as f64).ln(),
            examples: (outline.train.max(1) as f64).ln(),
        }
    }

    /// How far they are apart; infinitely, if other code differentiates.
    pub fn distance(&self, other: &Self) -> f64 {
        if self.engine != other.engine {
            return f64::INFINITY;
        }
        let differs = |differs: bool, by: f64| if differs { by } else { 0.0 };
        let (parameters, batch) = (self.parameters - other.parameters, self.batch - other.batch);
        let examples = EXAMPLES * (self.examples - other.examples);
        (parameters.powi(2) + batch.powi(2) + examples.powi(2)).sqrt()
            + differs(self.activation != other.activation, OTHER_ACTIVATION)
            + differs(self.loss != other.loss, OTHER_LOSS)
    }
}

/// How differently two runs spend their time, given the work of each part: from 0 to 2.
pub fn mixture(a: Parts, b: Parts) -> f64 {
    let share = |parts: Parts| {
        let sum = parts.sum();
        parts.map(|part| if sum > 0.0 { part / sum } else { 0.0 })
    };
    let other = share(b).map(|part| -part);
    (share(a) + other).map(f64::abs).sum()
}
