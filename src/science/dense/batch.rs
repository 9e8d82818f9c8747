//! Examples as a pass sees them: two row-major arrays side by side.

use super::Real;

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

/// Most rows that a pass carries through the network at once. At common widths the activations of that many rows
/// still lie in the second-level cache, and a large data set needs no more memory than a small one.
pub const CHUNK: usize = 512;

impl<'a, T: Real> Batch<'a, T> {
    /// The same examples in consecutive parts of at most [`CHUNK`] rows.
    pub(super) fn chunks(self) -> impl Iterator<Item = Batch<'a, T>> {
        let (inputs, outputs) = (self.x.len() / self.n.max(1), self.y.len() / self.n.max(1));
        (0..self.n).step_by(CHUNK).map(move |start| {
            let end = (start + CHUNK).min(self.n);
            Batch {
                x: &self.x[start * inputs..end * inputs],
                y: &self.y[start * outputs..end * outputs],
                n: end - start,
            }
        })
    }
}
