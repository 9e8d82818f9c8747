//! Examples: two row-major arrays side by side, as everybody has them, and in panels, as the passes read them.

use super::panels::{Panels, View};
use super::product::pieces;
use super::{Network, Real};

/// Examples in consecutive rows: `x` is `n × inputs`, `y` is `n × outputs`.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a, T> {
    /// Inputs.
    pub x: &'a [T],
    /// Targets; one-hot where there are classes.
    pub y: &'a [T],
    /// Number of examples.
    pub n: usize,
}

/// Examples in panels.
#[derive(Clone, Debug)]
pub struct Examples<T: Real> {
    x: Panels<T>,
    y: Panels<T>,
}

/// Some of them, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T: Real> {
    /// Inputs.
    pub x: View<'a, T>,
    /// Targets.
    pub y: View<'a, T>,
}

/// Bytes of activations that a pass carries through the network at once: half of a common second-level cache. What the
/// forward half leaves behind is then still there for the backward half, and a large data set needs no more memory than a
/// small one.
const CHUNK_BYTES: usize = 256 << 10;

/// Rows that a pass takes at once: at least so many, over which the reading of the weights is spread, and at most.
const FEWEST: usize = 128;
const MOST: usize = 512;

/// How many rows a pass takes at once whose activations are so many bytes each.
#[inline]
pub fn chunk(bytes: usize) -> usize {
    (CHUNK_BYTES / bytes.max(1)).clamp(FEWEST, MOST)
}

impl<T: Real> Examples<T> {
    /// A copy of `batch`.
    pub fn new(network: &Network, batch: Batch<'_, T>) -> Self {
        Self {
            x: Panels::from_rows(batch.x, batch.n, network.inputs()),
            y: Panels::from_rows(batch.y, batch.n, network.outputs()),
        }
    }

    /// The same in another number type.
    pub fn cast<U: Real>(&self) -> Examples<U> {
        Examples { x: self.x.cast(), y: self.y.cast() }
    }

    /// Room for `n` examples.
    pub fn room(network: &Network, n: usize) -> Self {
        Self { x: Panels::new(n, network.inputs()), y: Panels::new(n, network.outputs()) }
    }

    /// All of them.
    #[inline]
    pub fn rows(&self) -> Rows<'_, T> {
        Rows { x: self.x.view(), y: self.y.view() }
    }

    /// Copies the `chosen` ones of `from` here.
    pub fn gather(&mut self, from: Rows<'_, T>, chosen: &[usize]) -> Rows<'_, T> {
        self.x.gather(from.x, chosen);
        self.y.gather(from.y, chosen);
        Rows { x: self.x.top(chosen.len()), y: self.y.top(chosen.len()) }
    }
}

impl<'a, T: Real> Rows<'a, T> {
    /// How many there are.
    #[inline]
    pub fn n(&self) -> usize {
        self.x.rows()
    }

    /// From `start` on, `n` of them or as many as there are.
    #[must_use]
    #[inline]
    pub fn slice(self, start: usize, n: usize) -> Self {
        Self { x: self.x.slice(start, n), y: self.y.slice(start, n) }
    }

    /// The same in consecutive parts, about as large as each other, of at most `most` rows.
    #[inline]
    pub(super) fn chunks(self, most: usize) -> impl Iterator<Item = Self> + 'a {
        pieces(self.n(), most).map(move |(start, rows)| self.slice(start, rows))
    }
}
