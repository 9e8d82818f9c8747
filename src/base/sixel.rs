//! Pictures as sixels: six rows of pixels to a band, a band as one line of text for each of its colours. Few terminals
//! draw them, and those that do need no more than the text, so a part of a picture can be sent wherever it is seen.
//! <https://vt100.net/docs/vt3xx-gp/chapter14.html>

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

/// Most colours of a picture: what terminals have registers for.
const MOST: usize = 256;

/// Rows of pixels in a band.
const BAND: usize = 6;

/// A pixel: red, green, blue, and how much of it there is.
pub type Pixel = [u8; 4];

/// A picture in few colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    palette: Vec<[u8; 3]>,
    /// The colour of each pixel; none where the ground is rather seen than it.
    pixels: Vec<Option<u8>>,
}

impl Picture {
    /// A picture of these pixels, row by row.
    pub fn new(width: usize, pixels: &[Pixel]) -> Self {
        let opaque = |pixel: &&Pixel| pixel[3] >= 128;
        let (palette, table) = palette(pixels.iter().filter(opaque));
        let index = |pixel: &Pixel| opaque(&pixel).then(|| table.get(bin(*pixel)).copied()).flatten();
        Self { width: width.max(1), palette, pixels: pixels.iter().map(index).collect() }
    }

    /// What draws a part of it where the cursor is.
    pub fn draw(&self, columns: Range<usize>, rows: Range<usize>) -> String {
        let rows = rows.start..rows.end.min(self.pixels.len() / self.width);
        let columns = columns.start..columns.end.min(self.width);
        // Pixels that are not told stay what they are; a pixel is as high as it is wide.
        let mut out = format!("\x1bP0;1q\"1;1;{};{}", columns.len(), rows.len());
        for &index in &self.colours(&columns, &rows) {
            let percent = |part: u8| (usize::from(part) * 100 + 127) / 255;
            if let Some([red, green, blue]) = self.palette.get(usize::from(index)) {
                let (red, green, blue) = (percent(*red), percent(*green), percent(*blue));
                // Writing into a string does not fail.
                let _ = write!(out, "#{index};2;{red};{green};{blue}");
            }
        }
        for top in rows.clone().step_by(BAND) {
            let band = top..(top + BAND).min(rows.end);
            for (nth, &index) in self.colours(&columns, &band).iter().enumerate() {
                let _ = write!(out, "{}#{index}", if nth == 0 { "" } else { "$" });
                self.line(&mut out, index, &columns, &band);
            }
            out.push('-');
        }
        out.trim_end_matches('-').to_owned() + "\x1b\\"
    }

    fn at(&self, x: usize, y: usize) -> Option<u8> {
        self.pixels.get(y * self.width + x).copied().flatten()
    }

    fn colours(&self, columns: &Range<usize>, rows: &Range<usize>) -> BTreeSet<u8> {
        rows.clone().flat_map(|y| columns.clone().filter_map(move |x| self.at(x, y))).collect()
    }

    /// The pixels of a colour in a band: a character for each column, and a number before one that is repeated.
    fn line(&self, out: &mut String, index: u8, columns: &Range<usize>, band: &Range<usize>) {
        let sixel = |x: usize| {
            let bit = |(nth, y): (usize, usize)| u8::from(self.at(x, y) == Some(index)) << nth;
            band.clone().enumerate().map(bit).sum::<u8>()
        };
        let sixels: Vec<u8> = columns.clone().map(sixel).collect();
        let end = sixels.iter().rposition(|sixel| *sixel != 0).map_or(0, |last| last + 1);
        for run in sixels[..end].chunk_by(|one, other| one == other) {
            let character = char::from(b'?' + run.first().copied().unwrap_or(0));
            match run.len() {
                count @ 0..=3 => out.extend(std::iter::repeat_n(character, count)),
                count => {
                    let _ = write!(out, "!{count}{character}");
                }
            }
        }
    }
}

/// Colours that are told apart: five bits of each part.
const BINS: usize = 1 << 15;

fn bin(pixel: Pixel) -> usize {
    pixel[..3].iter().fold(0, |bin, part| bin << 5 | usize::from(part >> 3))
}

/// The pixels of a bin.
#[derive(Clone, Copy, Default)]
struct Bin {
    number: usize,
    count: u64,
    sum: [u64; 3],
}

impl Bin {
    fn mean(&self, part: usize) -> u64 {
        self.sum[part] / self.count.max(1)
    }
}

/// The colours that stand for those of a picture, and for each bin which one does (Heckbert 1982, median cut: the colours
/// are halved where they spread most, until there are enough parts).
fn palette<'a>(pixels: impl Iterator<Item = &'a Pixel>) -> (Vec<[u8; 3]>, Vec<u8>) {
    let mut bins: Vec<Bin> = (0..BINS).map(|number| Bin { number, ..Bin::default() }).collect();
    for pixel in pixels {
        let bin = &mut bins[bin(*pixel)];
        bin.count += 1;
        for (sum, part) in bin.sum.iter_mut().zip(pixel) {
            *sum += u64::from(*part);
        }
    }
    bins.retain(|bin| bin.count > 0);
    let mut boxes = vec![bins];
    while boxes.len() < MOST {
        let widest = (0..boxes.len()).max_by_key(|index| spread(&boxes[*index]).0);
        let Some(index) = widest.filter(|index| spread(&boxes[*index]).0 > 0) else { break };
        let part = spread(&boxes[index]).1;
        boxes[index].sort_by_key(|bin| bin.mean(part));
        let half = boxes[index].iter().map(|bin| bin.count).sum::<u64>() / 2;
        let mut before = 0;
        let middle = boxes[index].iter().position(|bin| {
            before += bin.count;
            before > half
        });
        let middle = middle.unwrap_or(0).clamp(1, boxes[index].len() - 1);
        let upper = boxes[index].split_off(middle);
        boxes.push(upper);
    }
    let mut table = vec![0; BINS];
    let mut palette = Vec::new();
    for (index, bins) in (0..=u8::MAX).zip(&boxes) {
        let count = bins.iter().map(|bin| bin.count).sum::<u64>().max(1);
        let mean = |part: usize| (bins.iter().map(|bin| bin.sum[part]).sum::<u64>() / count) as u8;
        palette.push([mean(0), mean(1), mean(2)]);
        for bin in bins {
            table[bin.number] = index;
        }
    }
    (palette, table)
}

/// How far the colours of a box spread, weighed by how many pixels there are; and which part of them spreads so.
fn spread(bins: &[Bin]) -> (u64, usize) {
    let range = |part: usize| {
        let values = bins.iter().map(|bin| bin.mean(part));
        values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
    };
    let count = bins.iter().map(|bin| bin.count).sum::<u64>();
    let (range, part) = (0..3).map(|part| (range(part), part)).max().unwrap_or((0, 0));
    if bins.len() < 2 { (0, part) } else { ((range + 1) * (1 + u64::from(count.ilog2())), part) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// What a terminal makes of sixels: the colours in percent, by column and row.
    fn decoded(text: &str) -> BTreeMap<(usize, usize), [usize; 3]> {
        let body = text.strip_prefix("\x1bP0;1q").unwrap().strip_suffix("\x1b\\").unwrap();
        let (mut seen, mut palette) = (BTreeMap::new(), BTreeMap::new());
        let (mut x, mut top, mut colour, mut rest) = (0, 0, 0, body);
        let numbers = |rest: &mut &str| -> Vec<usize> {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
            let (head, tail) = rest.split_at(end);
            *rest = tail;
            head.split(';').map(|number| number.parse().unwrap()).collect()
        };
        while let Some(command) = rest.chars().next() {
            rest = &rest[1..];
            let mut count = 1;
            let mut sixel = command;
            match command {
                '"' => {
                    numbers(&mut rest);
                    continue;
                }
                '#' => {
                    let all = numbers(&mut rest);
                    colour = all[0];
                    if all.len() == 5 {
                        palette.insert(colour, [all[2], all[3], all[4]]);
                    }
                    continue;
                }
                '$' => {
                    x = 0;
                    continue;
                }
                '-' => {
                    (x, top) = (0, top + BAND);
                    continue;
                }
                '!' => {
                    count = numbers(&mut rest)[0];
                    sixel = rest.chars().next().unwrap();
                    rest = &rest[1..];
                }
                _ => {}
            }
            let bits = sixel as usize - '?' as usize;
            for _ in 0..count {
                for y in (0..BAND).filter(|y| bits >> y & 1 == 1) {
                    seen.insert((x, top + y), palette[&colour]);
                }
                x += 1;
            }
        }
        seen
    }

    proptest! {
        /// Every pixel of a part is drawn once, near its colour, and nothing else.
        #[test]
        fn what_is_written_reads_as_the_picture(
            width in 1usize..40, pixels in prop::collection::vec(any::<Pixel>(), 1..400), from in 0usize..10, top in 0usize..10
        ) {
            let height = pixels.len().div_ceil(width);
            let mut pixels = pixels;
            pixels.resize(width * height, [0; 4]);
            let picture = Picture::new(width, &pixels);
            let seen = decoded(&picture.draw(from.min(width)..width, top.min(height)..height));
            let mut expected = 0;
            for y in top.min(height)..height {
                for x in from.min(width)..width {
                    let [r, g, b, opaque] = pixels[y * width + x];
                    if opaque < 128 {
                        continue;
                    }
                    expected += 1;
                    let colour = seen[&(x - from.min(width), y - top.min(height))];
                    for (part, percent) in [r, g, b].into_iter().zip(colour) {
                        // So few pixels have a colour each, but for what five bits and percents leave out.
                        prop_assert!(pixels.len() > MOST || (f64::from(part) / 2.55 - percent as f64).abs() < 4.5);
                    }
                }
            }
            prop_assert_eq!(seen.len(), expected);
        }
    }

    #[test]
    fn many_colours_become_256_and_stay_near() {
        let pixels: Vec<Pixel> =
            (0..=255u8).flat_map(|r| (0..=255u8).map(move |g| [r, g, 128, 255])).collect();
        let picture = Picture::new(256, &pixels);
        assert_eq!(picture.palette.len(), MOST);
        let near = pixels.iter().zip(&picture.pixels).map(|(pixel, index)| {
            let colour = picture.palette[usize::from(index.unwrap())];
            colour.iter().zip(pixel).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
        });
        assert!(near.max().unwrap() <= 20);
    }

    #[test]
    fn runs_are_counted_and_a_part_is_drawn_alone() {
        let mut pixels = vec![[255, 0, 0, 255]; 20 * 8];
        pixels[0] = [0, 0, 0, 0];
        let picture = Picture::new(20, &pixels);
        assert_eq!(picture.draw(0..20, 0..8), "\x1bP0;1q\"1;1;20;8#0;2;100;0;0#0}!19~-#0!20B\x1b\\");
        assert_eq!(picture.draw(1..3, 0..6), "\x1bP0;1q\"1;1;2;6#0;2;100;0;0#0~~\x1b\\");
    }
}
