//! Images between layers: a row for each pixel of each example, a column for each channel.

use super::super::Real;
use super::matrix::Matrix;
use super::number::Number;

/// The shape of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Numbers in a pixel.
    pub channels: usize,
}

impl Image {
    /// What so many inputs show: a square if they make one, else a single row.
    pub fn of_inputs(inputs: usize) -> Self {
        let side = (1..=inputs).take_while(|side| side * side <= inputs).last().unwrap_or(0);
        let (height, width) = if side * side == inputs { (side, side) } else { (1, inputs) };
        Self { height, width, channels: 1 }
    }

    /// Pixels.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// A square of that side as far as the image has room for it.
    pub fn square(self, side: usize) -> [usize; 2] {
        [side.min(self.height), side.min(self.width)]
    }

    /// What becomes of it when squares of so many pixels are averaged; what is left at the edges is dropped.
    #[must_use]
    pub fn pooled(self, [high, wide]: [usize; 2]) -> Self {
        Self { height: self.height / high, width: self.width / wide, ..self }
    }

    /// Where the numbers of the patch around a pixel stand, channel by channel and row by row; `None` beyond the edges.
    fn patch(self, pixel: usize, kernel: [usize; 2]) -> impl Iterator<Item = Option<usize>> {
        let (y, x) = (pixel / self.width, pixel % self.width);
        let offsets = (0..kernel[0]).flat_map(move |dy| (0..kernel[1]).map(move |dx| (dy, dx)));
        (0..self.channels).flat_map(move |channel| {
            offsets.clone().map(move |(dy, dx)| {
                let row = (y + dy).checked_sub(kernel[0] / 2).filter(|row| *row < self.height)?;
                let column = (x + dx).checked_sub(kernel[1] / 2).filter(|column| *column < self.width)?;
                Some((row * self.width + column) * self.channels + channel)
            })
        })
    }

    /// The patch around every pixel: beyond the edges there are zeros.
    pub fn patches<N: Number>(self, x: &Matrix<N>, kernel: [usize; 2]) -> Matrix<N> {
        let (size, pixels) = (self.pixels() * self.channels, self.pixels());
        let columns = kernel[0] * kernel[1] * self.channels;
        let places: Vec<Option<usize>> = (0..pixels).flat_map(|pixel| self.patch(pixel, kernel)).collect();
        let mut numbers = Vec::with_capacity(x.numbers.len() * kernel[0] * kernel[1]);
        for example in x.numbers.chunks(size.max(1)) {
            numbers.extend(places.iter().map(|place| place.map_or(N::zero(), |place| example[place])));
        }
        Matrix { rows: numbers.len() / columns.max(1), columns, numbers }
    }

    /// What derivatives with respect to patches are with respect to pixels.
    pub fn gathered<N: Number>(self, patches: &Matrix<N>, kernel: [usize; 2]) -> Matrix<N> {
        let (size, pixels) = (self.pixels() * self.channels, self.pixels());
        let places: Vec<Option<usize>> = (0..pixels).flat_map(|pixel| self.patch(pixel, kernel)).collect();
        let examples = patches.numbers.chunks(places.len().max(1));
        let mut out = Matrix::filled(examples.len() * pixels, self.channels, N::zero());
        for (example, into) in examples.zip(out.numbers.chunks_mut(size.max(1))) {
            for (number, place) in example.iter().zip(&places) {
                if let Some(place) = place {
                    into[*place] += *number;
                }
            }
        }
        out
    }

    /// The mean of every square of so many pixels.
    pub fn pool<N: Number>(self, x: &Matrix<N>, by: [usize; 2]) -> Matrix<N> {
        let (small, share) = (self.pooled(by), Self::share::<N>(by));
        let examples = x.numbers.chunks(self.pixels() * self.channels);
        let mut out = Matrix::filled(examples.len() * small.pixels(), self.channels, N::zero());
        for (example, into) in examples.zip(out.numbers.chunks_mut(small.pixels() * self.channels)) {
            self.squares(by, |to, from| into[to] += example[from] * share);
        }
        out
    }

    /// What derivatives with respect to those means are with respect to pixels.
    pub fn spread<N: Number>(self, means: &Matrix<N>, by: [usize; 2]) -> Matrix<N> {
        let (small, share) = (self.pooled(by), Self::share::<N>(by));
        let examples = means.numbers.chunks(small.pixels() * self.channels);
        let mut out = Matrix::filled(examples.len() * self.pixels(), self.channels, N::zero());
        for (example, into) in examples.zip(out.numbers.chunks_mut(self.pixels() * self.channels)) {
            self.squares(by, |from, to| into[to] += example[from] * share);
        }
        out
    }

    fn share<N: Number>(by: [usize; 2]) -> N {
        N::constant(N::Real::of(1.0 / (by[0] * by[1]) as f64))
    }

    /// Calls `visit` with every number of the small image and each of those in its square.
    fn squares(self, by: [usize; 2], mut visit: impl FnMut(usize, usize)) {
        let small = self.pooled(by);
        for y in 0..small.height * by[0] {
            for x in 0..small.width * by[1] {
                let to = (y / by[0]) * small.width + x / by[1];
                for channel in 0..self.channels {
                    visit(to * self.channels + channel, (y * self.width + x) * self.channels + channel);
                }
            }
        }
    }

    /// All numbers of an example in one row, channel by channel.
    pub fn flat<N: Number>(self, x: &Matrix<N>) -> Matrix<N> {
        turned(x, self.pixels(), self.channels, self.pixels() * self.channels)
    }

    /// The same back.
    pub fn unflat<N: Number>(self, x: &Matrix<N>) -> Matrix<N> {
        turned(x, self.channels, self.pixels(), self.channels)
    }
}

/// Each example, `rows × columns`, transposed, in rows that are so long.
fn turned<N: Number>(x: &Matrix<N>, rows: usize, columns: usize, length: usize) -> Matrix<N> {
    let mut numbers = Vec::with_capacity(x.numbers.len());
    for example in x.numbers.chunks((rows * columns).max(1)) {
        for column in 0..columns {
            numbers.extend((0..rows).map(|row| example[row * columns + column]));
        }
    }
    Matrix { rows: numbers.len() / length.max(1), columns: length, numbers }
}
