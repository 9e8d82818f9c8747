//! What is to be seen and what the terminal shows. The difference is sent: whole where the line takes it, else the part
//! that matters most first. What was not sent is not queued: when there is room again, what is to be seen *then* is
//! sent, so frames are dropped and the newest state wins.
//!
//! A frame in which no cell differs is no bytes, and nothing is ever asked of the terminal: over SSH the first is noise
//! and the answer to the second may not come. What is sent is wrapped so that the terminal shows it at once.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};

use super::easel::{Easel, Hung};
use super::ink;
use crate::render::width::width;

/// Around everything that is sent: shown at once, not as it comes in.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// Everything is gone from the terminal.
const CLEAR: &str = "\x1b[2J";

/// The other half of a wide character: whatever is to stand there when that is gone must be sent, for terminals do not
/// agree what it leaves.
const COVERED: Cell = Cell::new("\0");

/// The screen as it is to be and as it is.
#[derive(Debug)]
pub struct Screen {
    /// What is to be seen.
    wanted: Buffer,
    /// What the terminal shows.
    shown: Buffer,
    /// Whether nobody knows what it shows.
    unknown: bool,
    /// Draws pictures as sixels, where that is wanted.
    easel: Option<Easel>,
}

impl Screen {
    /// A screen of `size`; nobody knows what stands there.
    pub fn new(size: Size) -> Self {
        let blank = Buffer::empty(Rect::from((Position::ORIGIN, size)));
        Self { wanted: blank.clone(), shown: blank, unknown: true, easel: None }
    }

    /// What stands there may be cut or gone: everything is to be sent again.
    pub fn forget(&mut self) {
        self.unknown = true;
    }

    /// Draws pictures as sixels from now on, in cells of so many pixels; not at all where that is not known.
    pub fn draw_pictures(&mut self, cell: Option<(usize, usize)>) {
        self.easel = cell.map(Easel::new);
    }

    /// The pictures that may be seen.
    pub fn hang(&mut self, hung: &Hung) {
        if let Some(easel) = &mut self.easel {
            easel.hang(hung);
        }
    }

    /// A blank sheet of `size`, for what is to be seen from now on.
    pub fn blank(&mut self, size: Size) -> &mut Buffer {
        let area = Rect::from((Position::ORIGIN, size));
        if self.wanted.area != area {
            *self = Self { easel: self.easel.take(), ..Self::new(size) };
        }
        self.wanted.reset();
        &mut self.wanted
    }

    /// Whether the terminal shows something else than it is to.
    pub fn is_behind(&self) -> bool {
        self.unknown || self.shown.diff_iter(&self.wanted).next().is_some()
    }

    /// At most about `room` bytes of what differs, that in the `first` areas before the rest, each as one update. An area
    /// that fits into `most` is sent whole or not at all: half of an old and half of a new one is no sight. Empty if
    /// nothing differs, or nothing fits.
    pub fn update(&mut self, first: &[Rect], room: usize, most: usize) -> Vec<u8> {
        let whole = self.wanted.area;
        self.sent(first.iter().copied().chain([whole]), room, most)
    }

    /// The same of this area alone.
    pub fn update_area(&mut self, area: Rect, room: usize, most: usize) -> Vec<u8> {
        self.sent([area].into_iter(), room, most)
    }

    /// Whether the terminal shows something else in this area than it is to.
    pub fn is_behind_in(&self, area: Rect) -> bool {
        self.unknown || !self.places(area).is_empty()
    }

    fn sent(&mut self, areas: impl Iterator<Item = Rect>, room: usize, most: usize) -> Vec<u8> {
        let mut body = String::new();
        if std::mem::take(&mut self.unknown) {
            if room == 0 {
                self.unknown = true;
                return Vec::new();
            }
            self.shown.reset();
            body.push_str(CLEAR);
        }
        for area in areas {
            let places = self.places(area);
            let bytes = self.drawn(&places);
            if body.len() + bytes.len() <= room {
                body.push_str(&bytes);
                self.has_sent(&places);
            } else if bytes.len() > most {
                self.rows(&places, room, most, &mut body);
                break;
            } else {
                break;
            }
        }
        if body.is_empty() { Vec::new() } else { [BEGIN, &body, END].concat().into_bytes() }
    }

    /// As many rows as there is room for; one at least where half of the most is free, for a row may be more than that.
    fn rows(&mut self, places: &[(u16, u16)], room: usize, most: usize, body: &mut String) {
        for row in places.chunk_by(|(_, a), (_, b)| a == b) {
            let bytes = self.drawn(row);
            let alone = body.is_empty() && room >= most / 2;
            if body.len() + bytes.len() > room && !alone {
                return;
            }
            body.push_str(&bytes);
            self.has_sent(row);
        }
    }

    /// What draws these places: text, and the pictures over it.
    fn drawn(&self, places: &[(u16, u16)]) -> String {
        let text = ink::draw(&self.wanted, places, self.easel.is_some());
        text + &self.easel.as_ref().map_or_else(String::new, |easel| easel.draw(&self.wanted, places))
    }

    /// The places in an area where the terminal shows something else than it is to.
    fn places(&self, area: Rect) -> Vec<(u16, u16)> {
        let differing = self.shown.diff_iter(&self.wanted).map(|(x, y, _)| (x, y));
        differing.filter(|&(x, y)| area.contains(Position::new(x, y))).collect()
    }

    fn has_sent(&mut self, places: &[(u16, u16)]) {
        let right = self.shown.area.right();
        for &(x, y) in places {
            let cell = &self.wanted[(x, y)];
            for covered in (x + 1..right).take(width(cell.symbol()).saturating_sub(1)) {
                self.shown[(covered, y)] = COVERED;
            }
            self.shown[(x, y)] = cell.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use proptest::prelude::*;
    use ratatui::style::{Color, Style};

    use super::*;

    const ALL: usize = usize::MAX;

    fn show(screen: &mut Screen, text: &str, size: Size) {
        screen.blank(size).set_string(0, 0, text, Style::new());
    }

    #[test]
    fn a_frame_that_looks_the_same_is_no_bytes() {
        let size = Size::new(20, 2);
        let mut screen = Screen::new(size);
        let frames = ["one", "one", "two", "two"].map(|text| {
            show(&mut screen, text, size);
            screen.update(&[], ALL, 0)
        });
        assert!(frames[0].starts_with(b"\x1b[?2026h") && frames[0].ends_with(b"\x1b[?2026l"));
        assert_eq!(frames.map(|frame| frame.is_empty()), [false, true, false, true]);
    }

    #[test]
    fn an_area_goes_by_itself_and_the_rest_is_left_for_later() {
        let size = Size::new(20, 2);
        let (top, foot) = (Rect::new(0, 0, 20, 1), Rect::new(0, 1, 20, 1));
        let mut screen = Screen::new(size);
        screen.blank(size).set_string(0, 0, "one", Style::new());
        assert!(screen.is_behind_in(foot), "nobody knows what stands there");
        screen.update(&[], ALL, ALL);
        let buffer = screen.blank(size);
        buffer.set_string(0, 0, "two", Style::new());
        buffer.set_string(0, 1, "foot", Style::new());
        let part = screen.update_area(foot, ALL, ALL);
        let part = String::from_utf8(part).unwrap();
        assert!(part.contains("foot") && !part.contains("two"), "{part:?}");
        assert_eq!((screen.is_behind_in(foot), screen.is_behind_in(top)), (false, true));
        assert!(screen.update_area(foot, ALL, ALL).is_empty());
        assert!(screen.update_area(top, 3, ALL).is_empty(), "an area that does not fit is not sent in part");
    }

    #[test]
    fn a_new_size_draws_everything_and_asks_nothing() {
        let mut screen = Screen::new(Size::new(20, 2));
        show(&mut screen, "one", Size::new(20, 2));
        screen.update(&[], ALL, 0);
        show(&mut screen, "one", Size::new(10, 1));
        let frame = String::from_utf8(screen.update(&[], ALL, 0)).unwrap();
        assert!(frame.contains("one") && frame.contains("\x1b[2J"), "{frame:?}");
        assert!(!frame.contains("\x1b[6n"));
    }

    #[test]
    fn what_matters_most_is_sent_first_and_the_rest_as_it_is_when_there_is_room() {
        let (size, top, rest) = (Size::new(20, 3), Rect::new(0, 0, 20, 1), Rect::new(0, 1, 20, 2));
        let mut screen = Screen::new(size);
        let text = |screen: &mut Screen, lines: [&str; 3]| {
            let buffer = screen.blank(size);
            for (y, line) in (0..).zip(lines) {
                buffer.set_string(0, y, line, Style::new());
            }
        };
        text(&mut screen, ["a", "old old old old", "old old old old"]);
        let sent = String::from_utf8(screen.update(&[top, rest], 20, 100)).unwrap();
        assert!(sent.contains('a') && !sent.contains("old") && screen.is_behind());
        text(&mut screen, ["b", "new new new new", "new new new new"]);
        let sent = String::from_utf8(screen.update(&[top, rest], ALL, 100)).unwrap();
        assert!(sent.contains('b') && sent.contains("new") && !sent.contains("old") && !screen.is_behind());
    }

    #[test]
    fn an_area_that_never_fits_is_sent_row_by_row() {
        let size = Size::new(40, 10);
        let mut screen = Screen::new(size);
        for y in 0..10 {
            screen.blank(size);
            for row in 0..10 {
                screen.wanted.set_string(0, row, "x".repeat(40), Style::new());
            }
            let sent = screen.update(&[], 60, 60);
            assert_eq!(sent.is_empty(), y > 9, "{y}");
            assert!(sent.len() <= 60 + BEGIN.len() + END.len());
        }
        assert!(!screen.is_behind());
    }

    fn terminal() -> vt100::Parser {
        vt100::Parser::new(NonZero::new(8).unwrap(), NonZero::new(30).unwrap(), 0)
    }

    /// A screen: text at places, in styles.
    fn sights() -> impl Strategy<Value = Vec<Vec<(u16, u16, String, u8)>>> {
        let word = prop::sample::select(vec!["a", "word ", "日本語", "naïve", "      ", "x  y  z", "▇▅▃"]);
        let piece =
            (0u16..30, 0u16..8, word, 0u8..6).prop_map(|(x, y, word, style)| (x, y, word.to_owned(), style));
        prop::collection::vec(prop::collection::vec(piece, 0..12), 1..6)
    }

    fn style(number: u8) -> Style {
        match number {
            0 => Style::new(),
            1 => Style::new().fg(Color::Cyan),
            2 => Style::new().bg(Color::Indexed(73)),
            3 => Style::new().fg(Color::Rgb(1, 2, 3)).bold(),
            4 => Style::new().reversed(),
            _ => Style::new().italic().underlined(),
        }
    }

    proptest! {
        /// However little room there is at a time, the terminal comes to show what it is to, as if drawn anew.
        #[test]
        fn the_terminal_shows_what_it_is_to(sights in sights(), room in 30usize..400) {
            let size = Size::new(30, 8);
            let mut screen = Screen::new(size);
            let (mut told, areas) = (terminal(), [Rect::new(0, 0, 10, 8), Rect::new(10, 0, 20, 8)]);
            for pieces in &sights {
                let buffer = screen.blank(size);
                for (x, y, text, number) in pieces {
                    buffer.set_string(*x, *y, text, style(*number));
                }
                told.process(&screen.update(&areas, room, room));
            }
            for _ in 0..40 {
                told.process(&screen.update(&areas, room.max(120), room.max(120)));
            }
            prop_assert!(!screen.is_behind());
            let mut anew = terminal();
            screen.forget();
            anew.process(&screen.update(&[], ALL, 0));
            for y in 0..8 {
                for x in 0..30 {
                    let cell = |parser: &vt100::Parser| {
                        let cell = parser.screen().cell(y, x).unwrap();
                        let text = if cell.contents().trim().is_empty() { String::new() } else { cell.contents().to_owned() };
                        (text, cell.bgcolor(), cell.inverse(), cell.underline())
                    };
                    prop_assert_eq!(cell(&told), cell(&anew), "{} {}", x, y);
                }
            }
        }
    }
}
