//! Which keys there are, written from the table of keys.

use ratatui::text::Line;

use super::super::keymap::{self, Binding};
use super::super::keys::Keys;
use super::super::model::Context;
use crate::render::style::{Look, Role};
use crate::render::width;

/// The keys of a context, one per line, then those that only other places have: title and lines.
pub fn sheet(context: Context, keys: &Keys, width: u16, look: Look) -> (String, Vec<Line<'static>>) {
    let columns = usize::from(width);
    let title = format!("keys in {}   / searches them", context.name());
    let mut sheet: Vec<_> =
        keymap::bindings(context).flat_map(|binding| lines(context, binding, keys, columns, look)).collect();
    let mut told = vec![context];
    for other in Context::ALL.into_iter().filter(|other| *other != context) {
        let is_new = |binding: &&Binding| !told.iter().any(|context| binding.contexts.contains(context));
        let new: Vec<_> = keymap::bindings(other).filter(is_new).collect();
        if !new.is_empty() {
            let heading = look.span(&format!("besides in {}", other.name()), Role::Heading);
            sheet.extend([Line::default(), Line::from(heading)]);
            sheet.extend(new.into_iter().flat_map(|binding| lines(other, binding, keys, columns, look)));
        }
        told.push(other);
    }
    (title, sheet)
}

/// Columns for the keys: `Enter l Right` is the longest.
const KEYS: usize = 15;

fn lines(context: Context, binding: &Binding, keys: &Keys, columns: usize, look: Look) -> Vec<Line<'static>> {
    let keys: Vec<String> = keys.of(context, binding).iter().map(ToString::to_string).collect();
    if keys.is_empty() {
        return Vec::new();
    }
    let keys = format!(" {:<KEYS$}", keys.join(" "));
    let indent = " ".repeat(width::width(&keys));
    let about = width::wrap(&[look.span(binding.about, Role::Text)], columns.saturating_sub(indent.len()));
    let heads = std::iter::once(keys).chain(std::iter::repeat(indent));
    heads
        .zip(about)
        .map(|(head, text)| std::iter::once(look.span(&head, Role::Accent)).chain(text).collect())
        .collect()
}
