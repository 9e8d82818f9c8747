//! Stopping at a training loss.
//!
//! The loss that counts is that of all training examples at the current weights. A full-batch step computes it anyway,
//! so it is looked at before every step. With mini-batches it costs a pass of its own, which is spent only
//! between two epochs and only if the mean of the epoch's mini-batch losses is below twice the target; while it is
//! above the target itself, these passes may cost a tenth of the training so far.
//!
//! Where every step draws noise on its targets, the losses it sees tell nothing of this one. Then the full batch is
//! looked at as mini-batches are, and the tenth of the training alone decides how often.
//!
//! None of this looks at what is measured or recorded, so neither can move the end of a run.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Bits, Checkpoint, Misfit};
use super::measures::Work;

/// Share of the training's work that looking may cost before the target seems reached.
pub const SHARE: f64 = 0.1;

/// Loss of the last epoch, and what looking has cost.
#[derive(Clone, Debug)]
pub struct Approach {
    target: Option<f64>,
    /// Whether the losses of batches tell of the training loss.
    tells: bool,
    sum: f64,
    examples: f64,
    spent: Work,
    /// Whether the training loss is to be looked at before the next step.
    look: bool,
}

/// All of it but the target, as it is kept in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Saved {
    sum: Bits,
    examples: Bits,
    spent: Bits,
    look: bool,
}

/// Name of it.
const PART: &str = "approach";

impl Approach {
    /// Towards `target`, if there is one; `tells` is whether the losses of batches tell of the training loss.
    pub fn new(target: Option<f64>, tells: bool) -> Self {
        Self { target, tells, sum: 0.0, examples: 0.0, spent: 0.0, look: false }
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

    /// At the end of an epoch: decides whether to look at the training loss, at cost `look`, after training for `work`.
    pub fn epoch_ended(&mut self, look: Work, work: Work) {
        let mean = self.sum / self.examples;
        (self.sum, self.examples) = (0.0, 0.0);
        let Some(target) = self.target else { return };
        let (there, near) = (self.tells && mean <= target, !self.tells || mean <= 2.0 * target);
        self.look = there || (near && self.spent + look <= SHARE * work);
        if self.look {
            self.spent += look;
        }
    }

    /// Whether the training loss is to be looked at before the next step.
    pub fn look_is_due(&self) -> bool {
        self.look
    }

    /// What the look saw; whether it is low enough. One that was stays due: a run that is interrupted while it is
    /// measured for the last time, and gone on with, must find its end again.
    pub fn looked(&mut self, loss: f64) -> bool {
        self.look = self.reached(loss);
        self.look
    }

    /// Keeps all of it but the target.
    pub fn save(&self, into: &mut Checkpoint) {
        let [sum, examples, spent] = [self.sum, self.examples, self.spent].map(Bits);
        into.put(PART, &Saved { sum, examples, spent, look: self.look });
    }

    /// Takes it back.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let Saved { sum, examples, spent, look } = from.get(PART)?;
        (self.sum, self.examples, self.spent, self.look) = (sum.0, examples.0, spent.0, look);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Epochs of ten examples, each at this mean loss: which are looked at. After every call `between` is called.
    fn looked_with(target: Option<f64>, losses: &[f64], between: fn(&mut Approach)) -> Vec<bool> {
        let mut approach = Approach::new(target, true);
        let mut work = 0.0;
        let look = |loss: &f64| {
            approach.saw(loss * 0.5, 6);
            between(&mut approach);
            approach.saw(loss * 1.75, 4);
            between(&mut approach);
            work += 10.0;
            approach.epoch_ended(10.0 / 3.0, work);
            between(&mut approach);
            approach.look_is_due()
        };
        losses.iter().map(look).collect()
    }

    fn looked(target: Option<f64>, losses: &[f64]) -> Vec<bool> {
        looked_with(target, losses, |_| {})
    }

    #[test]
    fn it_goes_on_from_a_checkpoint_at_any_moment() {
        let again = |approach: &mut Approach| {
            let mut kept = Checkpoint::default();
            approach.save(&mut kept);
            let mut other = Approach::new(approach.target, true);
            other.restore(&kept).unwrap();
            *approach = other;
        };
        let losses: Vec<f64> = (0..60).map(|epoch| 2.5 - f64::from(epoch) / 40.0).collect();
        assert_eq!(looked_with(Some(1.0), &losses, again), looked(Some(1.0), &losses));
    }

    #[test]
    fn looking_waits_until_it_is_near_and_paid_for() {
        assert_eq!(looked(None, &[0.0, 0.0]), [false; 2]);
        assert_eq!(looked(Some(1.0), &[9.0, 3.0, 2.1, 0.9, 0.9]), [false, false, false, true, true]);
        // Near, above the target: every fourth epoch or so is paid for.
        let near = looked(Some(1.0), &[1.5; 40]);
        assert_eq!(near.iter().filter(|look| **look).count(), 12);
    }

    #[test]
    fn losses_that_tell_nothing_neither_bring_looks_nor_keep_them_away() {
        let looked = |loss: f64| {
            let mut approach = Approach::new(Some(1.0), false);
            let look = |epoch: u32| {
                approach.saw(loss, 10);
                approach.epoch_ended(10.0 / 3.0, 10.0 * f64::from(epoch));
                approach.look_is_due()
            };
            (1..=40).map(look).filter(|look| *look).count()
        };
        assert_eq!([0.5, 1.5, 1e3].map(looked), [12; 3]);
    }
}
