//! Which examples each step sees.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, Misfit};
use super::dense::Batch;
use crate::base::rng::{Position, Stream};
use crate::data::Part;

/// The mini-batches of a run: each epoch goes once through the training examples in an order of its own, drawn from the
/// stream `order` of the seed; the last batch of an epoch may be smaller. A batch size that takes in all examples
/// means the stored arrays in stored order, and draws nothing.
#[derive(Clone, Debug)]
pub struct Batches {
    stream: Stream,
    /// The stream as it stood when this epoch began; none before the first.
    began: Option<Stream>,
    order: Vec<usize>,
    /// Examples of this epoch that steps were already taken with.
    used: usize,
    size: usize,
    x: Vec<f32>,
    y: Vec<f32>,
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
    /// Batches of `size` examples of `part`.
    pub fn new(part: &Part, size: usize, seed: u64) -> Self {
        let full = size >= part.n;
        let rows = if full { 0 } else { size.max(1) };
        Self {
            stream: Stream::new(seed, "order"),
            began: None,
            order: if full { Vec::new() } else { (0..part.n).collect() },
            used: part.n,
            size: size.clamp(1, part.n.max(1)),
            x: vec![0.0; rows * width(&part.x, part.n)],
            y: vec![0.0; rows * width(&part.y, part.n)],
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

    /// The next batch of `part`, the one these batches were made for: the same one until a step was taken with it.
    pub fn next<'a>(&'a mut self, part: &'a Part) -> Batch<'a, f32> {
        if self.is_full() {
            return Batch { x: &part.x, y: &part.y, n: part.n };
        }
        if self.used >= self.order.len() {
            self.reshuffle();
        }
        let chosen = &self.order[self.used..self.end()];
        let n = chosen.len();
        let x = gather(&mut self.x, &part.x, width(&part.x, part.n), chosen);
        let y = gather(&mut self.y, &part.y, width(&part.y, part.n), chosen);
        Batch { x, y, n }
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

fn width(rows: &[f32], n: usize) -> usize {
    rows.len() / n.max(1)
}

/// Copies the chosen rows next to each other into `buffer`.
fn gather<'a>(buffer: &'a mut [f32], rows: &[f32], width: usize, chosen: &[usize]) -> &'a [f32] {
    for (row, &index) in buffer.chunks_exact_mut(width).zip(chosen) {
        row.copy_from_slice(&rows[index * width..(index + 1) * width]);
    }
    &buffer[..chosen.len() * width]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(n: u16) -> Part {
        let x: Vec<f32> = (0..n).flat_map(|i| [f32::from(i), -f32::from(i)]).collect();
        Part { y: (0..n).map(f32::from).collect(), labels: Vec::new(), n: usize::from(n), x }
    }

    fn epoch(batches: &mut Batches, part: &Part) -> (Vec<f32>, Vec<usize>) {
        let (mut seen, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let batch = batches.next(part);
            assert!(batch.x.chunks(2).zip(batch.y).all(|(x, y)| x == [*y, -*y]));
            seen.extend_from_slice(batch.y);
            sizes.push(batch.n);
            batches.advance();
            if batches.epoch_ended() {
                return (seen, sizes);
            }
        }
    }

    #[test]
    fn an_epoch_is_a_permutation_and_the_next_another() {
        let part = part(10);
        let mut batches = Batches::new(&part, 4, 3);
        let (first, sizes) = epoch(&mut batches, &part);
        let (second, _) = epoch(&mut batches, &part);
        assert_eq!(sizes, [4, 4, 2]);
        assert_ne!(first, second);
        for mut seen in [first, second] {
            seen.sort_by(f32::total_cmp);
            assert_eq!(seen, part.y);
        }
    }

    #[test]
    fn a_full_batch_is_the_stored_arrays() {
        let part = part(5);
        for size in [5, 6, 1000] {
            let mut batches = Batches::new(&part, size, 3);
            let batch = batches.next(&part);
            assert!(std::ptr::eq(batch.x, part.x.as_slice()));
            batches.advance();
            assert!(batches.epoch_ended() && batches.size() == 5);
        }
    }

    #[test]
    fn batches_go_on_from_anywhere_in_an_epoch() {
        let part = part(10);
        for taken in 0..12 {
            let mut batches = Batches::new(&part, 4, 3);
            (0..taken).for_each(|_| {
                let _ = batches.next(&part);
                batches.advance();
            });
            let mut kept = Checkpoint::default();
            batches.save(&mut kept);
            // Looked at already, but no step taken: the same batch comes again.
            let _ = batches.next(&part);
            let mut other = Batches::new(&part, 4, 3);
            other.restore(&kept).unwrap();
            for _ in 0..7 {
                assert_eq!(batches.next(&part).y, other.next(&part).y, "after {taken}");
                batches.advance();
                other.advance();
                assert_eq!(batches.epoch_ended(), other.epoch_ended());
            }
            let fits = Batches::new(&part, 10, 3).restore(&kept).is_ok();
            assert_eq!(fits, taken == 0, "a full batch has no epoch to go on with");
        }
    }
}
