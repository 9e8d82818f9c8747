//! A comparison of arms as lines of text: `inline` in the entry, one line per arm with as many quantities as fit;
//! `full` with a block per quantity and all its numbers; `sheet` with a chart for each, to look at for a while.

mod along;
mod block;
mod full;
mod heat;
mod inline;
mod names;
mod pictures;
mod plotted;
mod read;
mod scatter;
mod seeds;
mod sharpness;
pub mod sheet;
mod traced;
pub mod view;

pub use full::full;
pub use inline::inline;
pub use pictures::full as charts;
pub use plotted::plotted;
pub use sheet::{Paper, Sheet, sheet, zoomed};
pub use traced::{Traced, traced};
pub use view::{Scaling, Smoothing, View};

use ratatui::text::{Line, Span};

use super::number::{significant, value_pm};
use super::sparkline::{Scale, ScaleKind};
use super::style::{Glyphs, Look, Role};
use crate::compare::{Mark, Row, Series, Summary};
use crate::spec::Quantity;

/// What a quantity is called where there is little room.
fn label(quantity: Quantity, look: Look) -> String {
    match look.glyphs {
        Glyphs::Unicode => quantity.info().symbol.to_owned(),
        // The symbols are Greek and mathematics; spelled out, the name says more than their letters.
        Glyphs::Ascii => quantity.name().to_owned(),
    }
}

/// The final value: `8.1 ±1.2`; `41 n=1!` where one seed says nothing of the spread; otherwise why there is none.
fn value(row: &Row, look: Look) -> String {
    let text = match &row.last {
        Some(last) if last.n == 1 => format!("{} n=1!", significant(last.mean, 3)),
        Some(last) => value_pm(last.mean, last.half_width()),
        None if row.stored > 0 && row.diverged == row.stored => "diverged".to_owned(),
        None => "–".to_owned(),
    };
    look.text(&text)
}

/// The sign of a difference, green where it is for the better and red where it is for the worse.
fn mark(row: &Row, quantity: Quantity, look: Look) -> Span<'static> {
    let better = |rises: bool| match quantity.info().lower_is_better {
        Some(lower) if lower == rises => Role::Bad,
        Some(_) => Role::Good,
        None => Role::Accent,
    };
    match row.mark {
        Mark::Above => look.span("▲", better(true)),
        Mark::Below => look.span("▼", better(false)),
        Mark::Overlapping => look.span("≈", Role::Dim),
        Mark::Single | Mark::None => look.span(" ", Role::Text),
    }
}

/// One scale for all groups of a quantity, so that their curves can be compared.
fn scale(series: &Series) -> Scale {
    let kind = if series.log { ScaleKind::Log } else { ScaleKind::Linear };
    Scale::over(series.rows.iter().map(|row| row.curve.as_slice()), kind)
}

/// What a reader must know, one wrapped note after the other.
fn notes(summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let wrapped = |note: &String| super::cell::indented(&format!("! {note}"), Role::Unsure, columns, look);
    summary.notes.iter().flat_map(wrapped).map(Line::from).collect()
}

#[cfg(test)]
mod tests;
