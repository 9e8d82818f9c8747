//! What is wrong with the notebook as a whole.

use ratatui::text::Line;

use super::super::model::Model;
use super::super::progress::count;
use crate::base::Diagnostic;
use crate::render::problem::diagnostic_lines;
use crate::render::style::{Look, Role};

/// Every diagnostic of the notebook: title and lines.
pub fn sheet(model: &Model, width: u16) -> (String, Vec<Line<'static>>) {
    let problems = model.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.diagnostics);
    let lines = problems.iter().flat_map(|problem| lines(problem, usize::from(width), model.look));
    (count(problems.len(), "problem"), lines.collect())
}

/// The file, then what is wrong with it.
fn lines(problem: &Diagnostic, columns: usize, look: Look) -> Vec<Line<'static>> {
    let file = problem.place.as_ref().map(|place| Line::from(look.span(&place.file, Role::Accent)));
    file.into_iter().chain(diagnostic_lines(problem, "", columns, look)).collect()
}
