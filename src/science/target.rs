//! Stopping at a training loss.
//!
//! The loss that counts is that of all training examples at the current weights. A full-batch step computes it anyway,
//! so it is looked at before every step. With mini-batches it costs a pass of its own, which is spent only at the
//! end of an epoch and only if the mean of the epoch's mini-batch losses is below twice the target; while it is
//! above the target itself, these passes may cost a tenth of the training so far.
//!
//! None of this looks at what is measured or recorded, so neither can move the end of a run.

use super::measures::Work;

/// Share of the training's work that looking may cost before the target seems reached.
pub const SHARE: f64 = 0.1;

/// Loss of the last epoch, and what looking has cost.
#[derive(Clone, Debug)]
pub struct Approach {
    target: Option<f64>,
    sum: f64,
    examples: f64,
    spent: Work,
}

impl Approach {
    /// Towards `target`, if there is one.
    pub fn new(target: Option<f64>) -> Self {
        Self { target, sum: 0.0, examples: 0.0, spent: 0.0 }
    }

    /// Whether `loss`, that of all training examples, is low enough.
    pub fn reached(&self, loss: f64) -> bool {
        self.target.is_some_and(|target| loss <= target)
    }

    /// Whether a full-batch step that saw `loss` should be held until the measured training loss confirms it. The
    /// slack covers engines that round differently from what measures.
    pub fn full_batch_is_near(&self, loss: f64) -> bool {
        self.target.is_some_and(|target| loss <= target * (1.0 + 1e-5))
    }

    /// Takes note of a mini-batch.
    pub fn saw(&mut self, loss: f64, examples: usize) {
        self.sum += loss * examples as f64;
        self.examples += examples as f64;
    }

    /// At the end of an epoch: whether to look at the training loss, at cost `look`, after training for `work`.
    pub fn worth_a_look(&mut self, look: Work, work: Work) -> bool {
        let mean = self.sum / self.examples;
        (self.sum, self.examples) = (0.0, 0.0);
        let Some(target) = self.target else { return false };
        let worth = mean <= target || (mean <= 2.0 * target && self.spent + look <= SHARE * work);
        if worth {
            self.spent += look;
        }
        worth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Epochs of ten examples, each at this mean loss: which are looked at.
    fn looked(target: Option<f64>, losses: &[f64]) -> Vec<bool> {
        let mut approach = Approach::new(target);
        let mut work = 0.0;
        let look = |loss: &f64| {
            approach.saw(loss * 0.5, 6);
            approach.saw(loss * 1.75, 4);
            work += 10.0;
            approach.worth_a_look(10.0 / 3.0, work)
        };
        losses.iter().map(look).collect()
    }

    #[test]
    fn looking_waits_until_it_is_near_and_paid_for() {
        assert_eq!(looked(None, &[0.0, 0.0]), [false; 2]);
        assert_eq!(looked(Some(1.0), &[9.0, 3.0, 2.1, 0.9, 0.9]), [false, false, false, true, true]);
        // Near, above the target: every fourth epoch or so is paid for.
        let near = looked(Some(1.0), &[1.5; 40]);
        assert_eq!(near.iter().filter(|look| **look).count(), 12);
    }
}
