//! What two runs differ in, a line each: `optimizer.batch_size   4 → 64`.

use ratatui::text::{Line, Span};

use super::field::field;
use crate::base::text::counted;
use crate::compare::runs::difference::Changed;
use crate::compare::runs::{Difference, Value};
use crate::render::style::{Look, Role};
use crate::render::width;

/// The lines, within `columns`.
pub fn lines(difference: &Difference, columns: usize, look: Look) -> Vec<Line<'static>> {
    let [old, new] = &difference.names;
    let mut lines = vec![
        Line::from(vec![look.span("  from  ", Role::Dim), look.span(old, Role::Strong)]),
        Line::from(vec![look.span("  to    ", Role::Dim), look.span(new, Role::Strong)]),
    ];
    let parts = [("settings", &difference.settings), ("what came of it", &difference.outcomes)];
    for (title, changed) in parts {
        lines.push(Line::default());
        lines.push(Line::from(look.span(title, Role::Heading)));
        if changed.is_empty() {
            lines.push(Line::from(look.span("  the same in both", Role::Dim)));
        }
        lines.extend(section(changed, columns, look));
    }
    lines.push(Line::default());
    let same = format!("{} the same in both", are(difference.same));
    lines.push(Line::from(look.span(&same, Role::Dim)));
    lines.into_iter().map(|line| width::crop_line(line, columns, look)).collect()
}

fn are(count: usize) -> String {
    format!("{} {}", counted(count, "setting"), if count == 1 { "is" } else { "are" })
}

fn section(changed: &[Changed], columns: usize, look: Look) -> Vec<Line<'static>> {
    let most = columns / 2;
    let rows: Vec<[String; 4]> = changed
        .iter()
        .map(|one| {
            let texts = [&one.old, &one.new].map(|value| text(value, look));
            let [old, new] = texts;
            let is_change = matches!(one.change, Value::Change(_) | Value::MeanChange(_));
            let change =
                if is_change { format!("({})", text(&one.change, look).trim_end()) } else { String::new() };
            [width::truncate(&look.text(&one.name), most, look), old, new, change]
        })
        .collect();
    let widest = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|text| width::width(text));
        widths.max().unwrap_or(0).min(most)
    };
    let widths: Vec<usize> = (0..3).map(widest).collect();
    let [names, olds, news] = [0, 1, 2].map(|column| widths.get(column).copied().unwrap_or(0));
    let arrow = look.text("→");
    rows.into_iter()
        .map(|[name, old, new, change]| {
            Line::from(vec![
                Span::raw("  "),
                Span::styled(width::pad(&name, names), look.style(Role::Text)),
                Span::styled(format!("  {} {arrow} ", width::pad(&old, olds)), look.style(Role::Dim)),
                Span::styled(width::pad(&new, news), look.style(Role::Strong)),
                Span::styled(format!("  {change}"), look.style(Role::Text)),
            ])
        })
        .collect()
}

fn text(value: &Value, look: Look) -> String {
    let count = if let Value::Mean(estimate) = value { estimate.n } else { 0 };
    field(value, count, look).text
}
