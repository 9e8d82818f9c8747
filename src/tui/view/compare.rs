//! A comparison over the whole screen.

use ratatui::text::Line;

use super::super::compare::{Subject, summary};
use super::super::model::Model;
use super::super::overlay::Scale;
use super::theme;
use crate::base::text::counted;
use crate::compare::Summary;
use crate::render::comparison::full;

/// The comparison of `subject`: title and lines.
pub fn sheet(model: &Model, subject: &Subject, scale: Scale, width: u16) -> (String, Vec<Line<'static>>) {
    let title = format!("compare {} ({})", name(model, subject), scale.name());
    let lines = match summary(model, subject) {
        Ok(summary) => full(&scaled(summary, scale), usize::from(width), model.look),
        Err(why) => theme::wrapped(&why, usize::from(width), model.look),
    };
    (title, lines)
}

fn name(model: &Model, subject: &Subject) -> String {
    match subject {
        Subject::Marks => counted(model.marks.len(), "marked arm"),
        Subject::Cell { id: Some(id), .. } => id.clone(),
        Subject::Cell { entry, .. } => entry.clone(),
    }
}

fn scaled(mut summary: Summary, scale: Scale) -> Summary {
    for series in &mut summary.series {
        series.log = match scale {
            Scale::Suited => series.log,
            Scale::Log => true,
            Scale::Linear => false,
        };
    }
    summary
}
