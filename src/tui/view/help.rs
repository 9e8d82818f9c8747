//! Which keys there are, written from the table of keys.

use ratatui::text::Line;

use super::super::keymap::{self, Binding};
use super::super::model::Context;
use crate::render::style::{Look, Role};
use crate::render::width;

/// The keys of a context, one per line: title and lines.
pub fn sheet(context: Context, width: u16, look: Look) -> (String, Vec<Line<'static>>) {
    let title = format!("keys in {}", context.name());
    let lines =
        keymap::bindings(context).flat_map(|binding| lines(binding, usize::from(width), look)).collect();
    (title, lines)
}

/// Columns for the keys: `Enter l Right` is the longest.
const KEYS: usize = 15;

fn lines(binding: &Binding, columns: usize, look: Look) -> Vec<Line<'static>> {
    let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
    let keys = format!(" {:<KEYS$}", keys.join(" "));
    let indent = " ".repeat(width::width(&keys));
    let about = width::wrap(&[look.span(binding.about, Role::Text)], columns.saturating_sub(indent.len()));
    let heads = std::iter::once(keys).chain(std::iter::repeat(indent));
    heads
        .zip(about)
        .map(|(head, text)| std::iter::once(look.span(&head, Role::Accent)).chain(text).collect())
        .collect()
}
