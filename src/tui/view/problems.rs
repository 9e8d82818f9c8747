//! What is wrong with the notebook and its entries.

use ratatui::text::Line;

use super::super::model::Model;
use crate::base::Diagnostic;
use crate::base::text::counted;
use crate::render::problem::diagnostic_lines;
use crate::render::style::{Look, Role};

/// Every problem: title and lines.
pub fn sheet(model: &Model, width: u16) -> (String, Vec<Line<'static>>) {
    let columns = usize::from(width);
    let each = model.problems().map(|(problem, source)| lines(problem, source, columns, model.look));
    let problems: Vec<_> = each.collect();
    (counted(problems.len(), "problem"), problems.join(&Line::default()))
}

/// The place as editors and compilers write it, then what is wrong there.
fn lines(problem: &Diagnostic, source: &str, columns: usize, look: Look) -> Vec<Line<'static>> {
    let place = problem.place.as_ref().map(|place| {
        let at =
            if place.span.is_empty() { String::new() } else { format!(":{}:{}", place.line, place.column) };
        Line::from(look.span(&format!("{}{at}", place.file), Role::Accent))
    });
    place.into_iter().chain(diagnostic_lines(problem, source, columns, look)).collect()
}
