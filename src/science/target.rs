//! Stopping at a target: a training loss, an accuracy, the norm of the gradient.
//!
//! The loss that counts is that of all training examples at the current weights. A full-batch step computes it anyway,
//! so it is looked at before every step. With mini-batches it costs a pass of its own, which is spent only
//! between two epochs and only if the mean of the epoch's mini-batch losses is below twice the target; while it is
//! above the target itself, these passes may cost a tenth of the training so far.
//!
//! Of accuracies and gradients the losses of steps tell nothing. They are looked at between two epochs, as often as a tenth
//! of the training so far pays for.
//!
//! Where every step draws noise on its targets, the losses it sees tell nothing of this one. Then the full batch is
//! looked at as mini-batches are, and the tenth of the training alone decides how often.
//!
//! None of this looks at what is measured or recorded, so neither can move the end of a run.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Bits, Checkpoint, Misfit};
use super::measures::{Values, Work};
use super::train::Ending;
use crate::spec::{Quantity, Stop};

/// Share of the training's work that looking may cost before the target seems reached.
pub const SHARE: f64 = 0.1;

/// Loss of the last epoch, and what looking has cost.
#[derive(Clone, Debug)]
pub struct Approach {
    stop: Stop,
    /// Whether the losses of batches tell of the training loss.
    tells: bool,
    sum: f64,
    examples: f64,
    spent: Work,
    /// Whether the training examples are to be looked at before the next step.
    look: bool,
}

/// All of it but the targets, as it is kept in a checkpoint.
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
    /// Towards the targets of `stop`, if it has any; `tells` is whether the losses of batches tell of the training loss.
    pub fn new(stop: &Stop, tells: bool) -> Self {
        Self { stop: stop.clone(), tells, sum: 0.0, examples: 0.0, spent: 0.0, look: false }
    }

    /// Which target is reached, as far as `values`, over all training examples, tell.
    pub fn reached(&self, values: &Values) -> Option<Ending> {
        let reached = |quantity: Quantity, target: Option<f64>, enough: fn(&f64, &f64) -> bool| {
            target.zip(values.get(quantity.name())).is_some_and(|(target, value)| enough(value, &target))
        };
        let Stop { train_loss, train_accuracy, gradient_norm, .. } = self.stop;
        let targets = [
            (Ending::TrainLoss, reached(Quantity::TrainLoss, train_loss, f64::le)),
            (Ending::TrainAccuracy, reached(Quantity::TrainAccuracy, train_accuracy, f64::ge)),
            (Ending::GradientNorm, reached(Quantity::GradientNorm, gradient_norm, f64::le)),
        ];
        targets.into_iter().find(|(_, reached)| *reached).map(|(ending, _)| ending)
    }

    /// Whether a full-batch step that saw `loss` should be held until the measured training loss confirms it. The
    /// slack covers engines that round differently from what measures.
    pub fn full_batch_is_near(&self, loss: f64) -> bool {
        self.stop.train_loss.is_some_and(|target| loss <= target * (1.0 + 1e-5))
    }

    /// Takes note of a mini-batch.
    pub fn saw(&mut self, loss: f64, examples: usize) {
        self.sum += loss * examples as f64;
        self.examples += examples as f64;
    }

    /// At the end of an epoch: decides whether to look at the training examples, at cost `look`, after training for `work`.
    pub fn epoch_ended(&mut self, look: Work, work: Work) {
        let mean = self.sum / self.examples;
        (self.sum, self.examples) = (0.0, 0.0);
        let within = |factor: f64| self.stop.train_loss.is_some_and(|target| mean <= factor * target);
        let blind = self.stop.looks_along() || (self.stop.has_target() && !self.tells);
        let (there, near) = (self.tells && within(1.0), blind || within(2.0));
        self.look = there || (near && self.spent + look <= SHARE * work);
        if self.look {
            self.spent += look;
        }
    }

    /// Whether the training examples are to be looked at before the next step.
    pub fn look_is_due(&self) -> bool {
        self.look
    }

    /// What the look saw; which target is reached. A look that saw one stays due: a run that is interrupted while it is
    /// measured for the last time, and gone on with, must find its end again.
    pub fn looked(&mut self, values: &Values) -> Option<Ending> {
        let reached = self.reached(values);
        self.look = reached.is_some();
        reached
    }

    /// Keeps all of it but the targets.
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

    /// Towards this training loss.
    fn stop(target: Option<f64>) -> Stop {
        Stop { train_loss: target, ..Stop::after(0) }
    }

    /// Epochs of ten examples, each at this mean loss: which are looked at. After every call `between` is called.
    fn looked_with(target: Option<f64>, losses: &[f64], between: fn(&mut Approach)) -> Vec<bool> {
        let mut approach = Approach::new(&stop(target), true);
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
            let mut other = Approach::new(&approach.stop, true);
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
        let looked = |stop: Stop, tells: bool, loss: f64| {
            let mut approach = Approach::new(&stop, tells);
            let look = |epoch: u32| {
                approach.saw(loss, 10);
                approach.epoch_ended(10.0 / 3.0, 10.0 * f64::from(epoch));
                approach.look_is_due()
            };
            (1..=40).map(look).filter(|look| *look).count()
        };
        let accuracy = Stop { train_accuracy: Some(1.0), ..Stop::after(0) };
        for loss in [0.5, 1.5, 1e3] {
            assert_eq!(looked(stop(Some(1.0)), false, loss), 12);
            assert_eq!(looked(accuracy.clone(), true, loss), 12);
            assert_eq!(looked(Stop::after(0), false, loss), 0);
        }
    }

    #[test]
    fn each_target_is_reached_by_its_own_quantity() {
        let all = Stop {
            train_loss: Some(0.1),
            train_accuracy: Some(0.9),
            gradient_norm: Some(0.01),
            ..Stop::after(0)
        };
        let reached = |loss: f64, accuracy: f64, norm: f64| {
            let values = [("train_loss", loss), ("train_accuracy", accuracy), ("gradient_norm", norm)];
            let values = values.map(|(name, value)| (name.to_owned(), value));
            Approach::new(&all, true).reached(&Values::from(values))
        };
        assert_eq!(reached(0.2, 0.8, 0.02), None);
        assert_eq!(reached(0.1, 0.9, 0.01), Some(Ending::TrainLoss));
        assert_eq!(reached(0.2, 0.9, 0.01), Some(Ending::TrainAccuracy));
        assert_eq!(reached(0.2, 0.8, 0.01), Some(Ending::GradientNorm));
        assert_eq!(reached(f64::NAN, f64::NAN, f64::NAN), None);
        assert_eq!(Approach::new(&all, true).reached(&Values::new()), None);
    }
}
