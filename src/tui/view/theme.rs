//! The few glyphs of the screen's own furniture; its styles are the roles of [`Look`]. What stands in entries is
//! drawn by `render`. Colour only ever repeats what a glyph, a word or a modifier says already.

use ratatui::text::Line;

use crate::render::style::{Glyphs, Look};
use crate::render::width;

/// The glyphs of the furniture.
#[derive(Debug)]
pub struct Furniture {
    /// Beside what is selected.
    pub bar: &'static str,
    /// Before the heading of what has the keys.
    pub pointer: &'static str,
    /// Between words of a line.
    pub dot: &'static str,
    /// After what is being typed.
    pub cursor: &'static str,
    /// A vertical rule.
    pub vertical: &'static str,
    /// A horizontal rule.
    pub horizontal: &'static str,
}

const UNICODE: Furniture =
    Furniture { bar: "▌", pointer: "▸", dot: "·", cursor: "▏", vertical: "│", horizontal: "─" };

const ASCII: Furniture =
    Furniture { bar: ">", pointer: ">", dot: "-", cursor: "_", vertical: "|", horizontal: "-" };

/// The glyphs that the terminal can show.
pub fn glyphs(look: Look) -> &'static Furniture {
    match look.glyphs {
        Glyphs::Unicode => &UNICODE,
        Glyphs::Ascii => &ASCII,
    }
}

/// Plain text in lines of at most `columns`.
pub fn wrapped(text: &str, columns: usize, look: Look) -> Vec<Line<'static>> {
    let span = look.span(text, crate::render::style::Role::Text);
    width::wrap(&[span], columns).into_iter().map(Line::from).collect()
}
