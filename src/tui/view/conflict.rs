//! Two versions of one file, side by side: what is in the editor, and what somebody else put on the disk.

use ratatui::text::Line;

use super::super::model::Model;
use crate::render::style::Role;
use crate::render::width;

/// Both sides, and what can be done: title and lines.
pub fn sheet(model: &Model, columns: u16) -> (String, Vec<Line<'static>>) {
    let (look, columns) = (model.look, usize::from(columns));
    let title = "the file was changed by somebody else while it was edited here".to_owned();
    let Some(conflict) = &model.conflict else { return (title, Vec::new()) };
    let mut role = Role::Dim;
    let mut lines = vec![
        Line::from(look.span("m takes mine, t takes theirs, b puts both into the editor.", Role::Text)),
        Line::from(look.span("What is not taken is kept as a file of its own.", Role::Dim)),
        Line::default(),
    ];
    for text in conflict.marked.lines() {
        let (mark, next, after) = match text {
            "<<<<<<< mine" => ("mine", Role::Heading, Role::Good),
            "=======" if role == Role::Good => ("theirs, on disk", Role::Heading, Role::Unsure),
            ">>>>>>> on disk" => ("", Role::Dim, Role::Dim),
            _ => ("", role, role),
        };
        let shown = match (mark, text) {
            ("", ">>>>>>> on disk") => String::new(),
            ("", text) => format!("{}{text}", sign(role)),
            (mark, _) => mark.to_owned(),
        };
        lines.push(Line::from(width::crop(vec![look.span(&shown, next)], columns, look)));
        role = after;
    }
    (title, lines)
}

/// What tells the sides apart without colour.
fn sign(role: Role) -> &'static str {
    match role {
        Role::Good => "< ",
        Role::Unsure => "> ",
        _ => "  ",
    }
}
