//! Which examples each step sees.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, Misfit};
use crate::base::rng::{Position, Stream};

/// The mini-batches of a run: each epoch goes once through the training examples in an order of its own, drawn from the
/// stream `order` of the seed; the last batch of an epoch may be smaller. A batch size that takes in all examples
/// means all in stored order, and draws nothing.
#[derive(Clone, Debug)]
pub struct Batches {
    stream: Stream,
    /// The stream as it stood when this epoch began; none before the first.
    began: Option<Stream>,
    order: Vec<usize>,
    /// Examples of this epoch that steps were already taken with.
    used: usize,
    size: usize,
}

/// The examples of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen<'a> {
    /// All, in stored order.
    All,
    /// These, in this order.
    Some(&'a [usize]),
}

/// Where an epoch stands, as it is kept in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Saved {
    epoch: Option<Position>,
    used: usize,
}

/// Name of it.
const PART: &str = "batches";

impl Batches {
    /// Batches of `size` of `n` examples.
    pub fn new(n: usize, size: usize, seed: u64) -> Self {
        Self {
            stream: Stream::new(seed, "order"),
            began: None,
            order: if size >= n { Vec::new() } else { (0..n).collect() },
            used: n,
            size: size.clamp(1, n.max(1)),
        }
    }

    /// Examples per step (the last of an epoch may have fewer).
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether every step sees all examples.
    pub fn is_full(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether the last step was the last of its epoch.
    pub fn epoch_ended(&self) -> bool {
        self.is_full() || self.used >= self.order.len()
    }

    /// The next batch: the same one until a step was taken with it.
    pub fn batch(&mut self) -> Chosen<'_> {
        if self.is_full() {
            return Chosen::All;
        }
        if self.used >= self.order.len() {
            self.reshuffle();
        }
        Chosen::Some(&self.order[self.used..self.end()])
    }

    /// Notes that a step was taken with the next batch.
    pub fn advance(&mut self) {
        self.used = self.end();
    }

    /// Where the next batch ends.
    fn end(&self) -> usize {
        (self.used + self.size).min(self.order.len())
    }

    /// Keeps where the epoch stands.
    pub fn save(&self, into: &mut Checkpoint) {
        into.put(PART, &Saved { epoch: self.began.as_ref().map(Stream::position), used: self.used });
    }

    /// Goes to where the epoch stood.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let Saved { epoch, used } = from.get(PART)?;
        let Some(position) = epoch else { return Ok(()) };
        if self.is_full() || used > self.order.len() || !self.stream.go_to(&position) {
            return Err(Misfit::new("it is of batches of other examples"));
        }
        self.reshuffle();
        self.used = used;
        Ok(())
    }

    /// Each epoch shuffles the stored order and not the last epoch's, so that where the stream stood when an epoch
    /// began is all that is needed to go on from inside it.
    fn reshuffle(&mut self) {
        for (index, place) in self.order.iter_mut().enumerate() {
            *place = index;
        }
        self.began = Some(self.stream.clone());
        self.stream.shuffle(&mut self.order);
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(batches: &mut Batches) -> (Vec<usize>, Vec<usize>) {
        let (mut seen, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let Chosen::Some(chosen) = batches.batch() else { panic!("a full batch") };
            seen.extend_from_slice(chosen);
            sizes.push(chosen.len());
            batches.advance();
            if batches.epoch_ended() {
                return (seen, sizes);
            }
        }
    }

    #[test]
    fn an_epoch_is_a_permutation_and_the_next_another() {
        let mut batches = Batches::new(10, 4, 3);
        let (first, sizes) = epoch(&mut batches);
        let (second, _) = epoch(&mut batches);
        assert_eq!(sizes, [4, 4, 2]);
        assert_ne!(first, second);
        for mut seen in [first, second] {
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..10));
        }
    }

    #[test]
    fn a_full_batch_is_the_stored_order() {
        for size in [5, 6, 1000] {
            let mut batches = Batches::new(5, size, 3);
            assert_eq!(batches.batch(), Chosen::All);
            batches.advance();
            assert!(batches.epoch_ended() && batches.size() == 5);
        }
    }

    #[test]
    fn batches_go_on_from_anywhere_in_an_epoch() {
        for taken in 0..12 {
            let mut batches = Batches::new(10, 4, 3);
            (0..taken).for_each(|_| {
                let _ = batches.batch();
                batches.advance();
            });
            let mut kept = Checkpoint::default();
            batches.save(&mut kept);
            // Looked at already, but no step taken: the same batch comes again.
            let _ = batches.batch();
            let mut other = Batches::new(10, 4, 3);
            other.restore(&kept).unwrap();
            for _ in 0..7 {
                assert_eq!(batches.batch(), other.batch(), "after {taken}");
                batches.advance();
                other.advance();
                assert_eq!(batches.epoch_ended(), other.epoch_ended());
            }
            let fits = Batches::new(10, 10, 3).restore(&kept).is_ok();
            assert_eq!(fits, taken == 0, "a full batch has no epoch to go on with");
        }
    }
}
