//! Pictures that are sent as sixels. In the buffer they are cells that say which part of which picture stands there, as
//! for kitty; so what has changed, what is scrolled and what is cut off is told as for text, and only that is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::style::Color;

use crate::base::kitty;
use crate::base::sixel::Picture;
use crate::notebook::image::Image;

/// Pictures to be drawn: by number, with columns and rows of cells.
pub type Hung = BTreeMap<u8, (Arc<Image>, (usize, usize))>;

/// The pictures, in the size that they have on the screen.
#[derive(Debug)]
pub struct Easel {
    /// Pixels of a cell, across and down.
    cell: (usize, usize),
    pictures: BTreeMap<u8, Drawn>,
}

#[derive(Debug)]
struct Drawn {
    image: Arc<Image>,
    size: (usize, usize),
    picture: Picture,
}

/// Cells beside each other that show a part of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patch {
    id: u8,
    /// Place on the screen.
    at: (u16, u16),
    /// Place in the picture.
    from: (usize, usize),
    columns: usize,
    rows: usize,
}

impl Easel {
    /// For a terminal with cells of so many pixels.
    pub fn new(cell: (usize, usize)) -> Self {
        Self { cell, pictures: BTreeMap::new() }
    }

    /// Makes the pictures that are new or have another size, and forgets those that are not there any more.
    pub fn hang(&mut self, hung: &Hung) {
        self.pictures.retain(|id, drawn| {
            hung.get(id).is_some_and(|(image, size)| Arc::ptr_eq(image, &drawn.image) && *size == drawn.size)
        });
        for (id, (image, size)) in hung {
            let (width, height) = (size.0 * self.cell.0, size.1 * self.cell.1);
            self.pictures.entry(*id).or_insert_with(|| {
                let scaled = image.scaled(width, height);
                let pixels: Vec<_> = (0..height).flat_map(|y| scaled.row(y).iter().copied()).collect();
                Drawn { image: Arc::clone(image), size: *size, picture: Picture::new(width, &pixels) }
            });
        }
    }

    /// What draws the parts of pictures that are to stand at these places.
    pub fn draw(&self, wanted: &Buffer, places: &[(u16, u16)]) -> String {
        let (across, down) = self.cell;
        let each = patches(wanted, places).into_iter().filter_map(|patch| {
            let picture = &self.pictures.get(&patch.id)?.picture;
            let ((x, y), (column, row)) = (patch.at, patch.from);
            let columns = column * across..(column + patch.columns) * across;
            let rows = row * down..(row + patch.rows) * down;
            Some(format!("\x1b[{};{}H{}", y + 1, x + 1, picture.draw(columns, rows)))
        });
        each.collect()
    }
}

/// The parts of pictures at these places, which are in the order of reading.
fn patches(wanted: &Buffer, places: &[(u16, u16)]) -> Vec<Patch> {
    let mut runs: Vec<Patch> = Vec::new();
    for &(x, y) in places {
        let cell = &wanted[(x, y)];
        let (Some((row, column)), Color::Indexed(id)) = (kitty::position(cell.symbol()), cell.fg) else {
            continue;
        };
        let patch = Patch { id, at: (x, y), from: (column, row), columns: 1, rows: 1 };
        match runs.last_mut().filter(|run| run.goes_on_with(&patch)) {
            Some(run) => run.columns += 1,
            None => runs.push(patch),
        }
    }
    let mut patches: Vec<Patch> = Vec::new();
    for run in runs {
        match patches.iter_mut().find(|patch| patch.stands_on(&run)) {
            Some(patch) => patch.rows += 1,
            None => patches.push(run),
        }
    }
    patches
}

impl Patch {
    /// Whether the other is the cell to its right, here and in the picture.
    fn goes_on_with(&self, other: &Self) -> bool {
        let (x, y) = (usize::from(self.at.0) + self.columns, self.at.1);
        (self.id, x, y) == (other.id, usize::from(other.at.0), other.at.1)
            && (self.from.0 + self.columns, self.from.1) == other.from
    }

    /// Whether the other is the row below it, here and in the picture.
    fn stands_on(&self, other: &Self) -> bool {
        (self.id, self.columns, self.at.0, self.from.0) == (other.id, other.columns, other.at.0, other.from.0)
            && usize::from(self.at.1) + self.rows == usize::from(other.at.1)
            && self.from.1 + self.rows == other.from.1
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    /// A buffer with a part of picture 3 from (column, row) of it on at (2, 1), 4 cells by 3.
    fn buffer(column: usize, row: usize) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 6));
        for y in 0..3 {
            for x in 0..4 {
                let symbol = kitty::placeholder(row + usize::from(y), column + usize::from(x)).unwrap();
                buffer[(x + 2, y + 1)].set_symbol(&symbol).set_style(Style::new().fg(Color::Indexed(3)));
            }
        }
        buffer
    }

    fn all() -> Vec<(u16, u16)> {
        (0..6).flat_map(|y| (0..10).map(move |x| (x, y))).collect()
    }

    #[test]
    fn a_picture_is_one_patch_and_text_over_it_cuts_it() {
        let whole = Patch { id: 3, at: (2, 1), from: (1, 5), columns: 4, rows: 3 };
        assert_eq!(patches(&buffer(1, 5), &all()), [whole]);
        let mut cut = buffer(1, 5);
        cut[(4, 2)].set_symbol("x");
        let around = [
            Patch { rows: 1, ..whole },
            Patch { at: (2, 2), from: (1, 6), columns: 2, rows: 1, ..whole },
            Patch { at: (5, 2), from: (4, 6), columns: 1, rows: 1, ..whole },
            Patch { at: (2, 3), from: (1, 7), rows: 1, ..whole },
        ];
        assert_eq!(patches(&cut, &all()), around);
        let below: Vec<_> = all().into_iter().filter(|(_, y)| *y > 1).collect();
        assert_eq!(patches(&buffer(1, 5), &below), [Patch { at: (2, 2), from: (1, 6), rows: 2, ..whole }]);
    }

    #[test]
    fn a_patch_is_drawn_at_its_place_from_its_part_of_the_picture() {
        let mut easel = Easel::new((2, 3));
        let pixels = (0..8 * 12).map(|index| if index / 8 < 6 { [255, 0, 0, 255] } else { [0, 0, 255, 255] });
        let image = Arc::new(Image::new(8, 12, pixels.collect()).unwrap());
        easel.hang(&BTreeMap::from([(3, (image, (4, 4)))]));
        let drawn = easel.draw(&buffer(0, 1), &all());
        assert!(drawn.starts_with("\x1b[2;3H\x1bP0;1q\"1;1;8;9") && drawn.ends_with("\x1b\\"), "{drawn:?}");
        easel.hang(&BTreeMap::new());
        assert_eq!(easel.draw(&buffer(0, 1), &all()), "");
    }
}
