//! Cells as bytes for the terminal, as few as need be: a colour or an attribute is said when it changes, blanks at the
//! end of a row are one command, and a cell or two that did not change are written over sooner than jumped over.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::base::kitty;

/// Most cells that are written over rather than jumped over: to jump takes four bytes at least.
const GAP: u16 = 4;

/// Fewest blanks at the end of a row that are erased by a command.
const BLANKS: u16 = 4;

/// How attributes are said.
const ATTRIBUTES: [(Modifier, &str); 8] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// How a cell is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    attributes: Modifier,
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, attributes: cell.modifier }
    }
}

/// The cells of `wanted` at these places, in the order of reading, for a terminal that shows `wanted` at all places
/// of their rows that are not among them. The pen is left as it was found. `hollow`: pictures are left blank, for they are
/// drawn in another way.
pub fn draw(wanted: &Buffer, places: &[(u16, u16)], hollow: bool) -> String {
    let mut ink = Ink { out: String::new(), pen: Pen::default(), at: None, hollow };
    let mut erased = None;
    for &(x, y) in places {
        if erased == Some(y) {
            continue;
        }
        if blank_from(wanted, x, y) {
            ink.go_to(wanted, x, y);
            ink.take(Pen::default());
            ink.out.push_str("\x1b[K");
            erased = Some(y);
            continue;
        }
        ink.go_to(wanted, x, y);
        ink.put(&wanted[(x, y)]);
        ink.at = Some((x + 1, y));
    }
    ink.take(Pen::default());
    ink.out
}

/// Whether nothing stands from here to the end of the row, which is worth a command.
fn blank_from(wanted: &Buffer, x: u16, y: u16) -> bool {
    let end = wanted.area.right();
    end - x >= BLANKS && (x..end).all(|x| is_blank(&wanted[(x, y)]))
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Pen::of(cell) == Pen::default()
}

struct Ink {
    out: String,
    pen: Pen,
    /// Where the cursor is, if that is known.
    at: Option<(u16, u16)>,
    /// Whether pictures are left blank.
    hollow: bool,
}

impl Ink {
    fn go_to(&mut self, wanted: &Buffer, x: u16, y: u16) {
        match self.at {
            Some((at, row)) if row == y && at == x => {}
            Some((at, row)) if row == y && at < x && self.writes_over(wanted, at, x, y) => {
                for between in at..x {
                    self.out.push_str(wanted[(between, y)].symbol());
                }
            }
            // Always to a column and never so many further: terminals do not agree how wide everything is.
            Some((_, row)) if row == y => self.say(format_args!("\x1b[{}G", x + 1)),
            _ if x == 0 => self.say(format_args!("\x1b[{}H", y + 1)),
            _ => self.say(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
    }

    /// Whether to write over the cells from `at` up to `x` takes less than to jump over them.
    fn writes_over(&self, wanted: &Buffer, at: u16, x: u16, y: u16) -> bool {
        let plain = |cell: &Cell| cell.symbol().len() == 1 && Pen::of(cell) == self.pen;
        x - at <= GAP
            && at > 0
            && wanted[(at - 1, y)].symbol().len() == 1
            && (at..x).all(|x| plain(&wanted[(x, y)]))
    }

    fn put(&mut self, cell: &Cell) {
        let hollow = self.hollow && kitty::position(cell.symbol()).is_some();
        let (pen, text) = if hollow { (Pen::default(), " ") } else { (Pen::of(cell), cell.symbol()) };
        self.take(pen);
        self.out.push_str(text);
    }

    /// Takes another pen: what is new of it, or all of it where an attribute is to go.
    fn take(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        if pen == Pen::default() {
            self.out.push_str("\x1b[m");
            self.pen = pen;
            return;
        }
        let mut words: Vec<String> = Vec::new();
        if !pen.attributes.contains(self.pen.attributes) {
            words.push(String::new());
            self.pen = Pen::default();
        }
        let added = pen.attributes - self.pen.attributes;
        let said = ATTRIBUTES.iter().filter(|(attribute, _)| added.contains(*attribute));
        words.extend(said.map(|(_, word)| (*word).to_owned()));
        if pen.fg != self.pen.fg {
            words.push(colour(pen.fg, 30));
        }
        if pen.bg != self.pen.bg {
            words.push(colour(pen.bg, 40));
        }
        self.say(format_args!("\x1b[{}m", words.join(";")));
        self.pen = pen;
    }

    fn say(&mut self, words: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = self.out.write_fmt(words);
    }
}

/// A colour of text (`base` 30) or of what is behind it (`base` 40).
fn colour(colour: Color, base: u8) -> String {
    let bright = base + 60;
    match colour {
        Color::Reset => (base + 9).to_string(),
        Color::Black => base.to_string(),
        Color::Red => (base + 1).to_string(),
        Color::Green => (base + 2).to_string(),
        Color::Yellow => (base + 3).to_string(),
        Color::Blue => (base + 4).to_string(),
        Color::Magenta => (base + 5).to_string(),
        Color::Cyan => (base + 6).to_string(),
        Color::Gray => (base + 7).to_string(),
        Color::DarkGray => bright.to_string(),
        Color::LightRed => (bright + 1).to_string(),
        Color::LightGreen => (bright + 2).to_string(),
        Color::LightYellow => (bright + 3).to_string(),
        Color::LightBlue => (bright + 4).to_string(),
        Color::LightMagenta => (bright + 5).to_string(),
        Color::LightCyan => (bright + 6).to_string(),
        Color::White => (bright + 7).to_string(),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn drawn(row: &str, style: Style, places: std::ops::Range<u16>) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, row, Style::new());
        for x in places.clone() {
            buffer[(x, 0)].set_style(style);
        }
        draw(&buffer, &places.map(|x| (x, 0)).collect::<Vec<_>>(), false)
    }

    #[test]
    fn a_pen_is_said_in_one_word_and_put_back() {
        for (style, expected) in [
            (Style::new(), "\x1b[1Hab"),
            (Style::new().fg(Color::Cyan), "\x1b[1H\x1b[36mab\x1b[m"),
            (Style::new().fg(Color::White).bg(Color::DarkGray), "\x1b[1H\x1b[97;100mab\x1b[m"),
            (Style::new().fg(Color::Indexed(73)).bold(), "\x1b[1H\x1b[1;38;5;73mab\x1b[m"),
            (Style::new().bg(Color::Rgb(1, 2, 3)).reversed(), "\x1b[1H\x1b[7;48;2;1;2;3mab\x1b[m"),
        ] {
            assert_eq!(drawn("abc", style, 0..2), expected);
        }
    }

    #[test]
    fn blanks_at_the_end_of_a_row_are_one_command() {
        assert_eq!(drawn("ab", Style::new(), 1..20), "\x1b[1;2Hb\x1b[K");
        assert_eq!(drawn("ab", Style::new().bg(Color::Red), 18..20), "\x1b[1;19H\x1b[41m  \x1b[m");
    }

    #[test]
    fn few_cells_are_written_over_and_many_are_jumped_over() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        buffer.set_string(0, 0, "abcdefghijklmnopqrst", Style::new());
        buffer.set_string(0, 1, "日本abc", Style::new());
        for (places, expected) in [
            (&[(0, 0), (3, 0)][..], "\x1b[1Habcd"),
            (&[(0, 0), (9, 0)], "\x1b[1Ha\x1b[10Gj"),
            (&[(5, 0), (5, 1)], "\x1b[1;6Hf\x1b[2;6Hb"),
            (&[(0, 1), (2, 1), (4, 1)], "\x1b[2H日\x1b[3G本\x1b[5Ga"),
        ] {
            assert_eq!(draw(&buffer, places, false), expected);
        }
    }
}
