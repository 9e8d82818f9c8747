//! A diagnostic in place: what is wrong, the line it is on with the bad word underlined, and what would be right.

use std::ops::Range;

use ratatui::text::Line;

use super::style::{Look, Role};
use super::width::{self, Spans};
use crate::base::{Diagnostic, Place, Severity};

/// The diagnostic in lines of at most `columns`; `source` is the whole text of the file it is about.
pub fn diagnostic_lines(
    diagnostic: &Diagnostic,
    source: &str,
    columns: usize,
    look: Look,
) -> Vec<Line<'static>> {
    let (sign, role) = match diagnostic.severity {
        Severity::Error => ("✗ error: ", Role::Bad),
        Severity::Warning => ("? warning: ", Role::Unsure),
    };
    let message = [look.span(sign, role), look.span(&diagnostic.message, Role::Text)];
    let mut lines = width::wrap(&message, columns);
    // Of settings the text is not at hand.
    if let Some(place) =
        diagnostic.place.as_ref().filter(|place| !place.span.is_empty() && !source.is_empty())
    {
        lines.extend(quote(place, source, columns, look));
    }
    if let Some(help) = &diagnostic.help {
        lines.extend(width::wrap(&[look.span("→ ", Role::Good), look.span(help, Role::Text)], columns));
    }
    lines.into_iter().map(Line::from).collect()
}

/// The line of the place, and carets under its span.
fn quote(place: &Place, source: &str, columns: usize, look: Look) -> [Spans; 2] {
    let (text, span) = line_of(source, &place.span);
    let number = format!("{} │ ", place.line);
    let gutter = format!("{}│ ", " ".repeat(width::width(&number).saturating_sub(2)));
    let [before, bad] = [0..span.start, span].map(|part| look.text(text.get(part).unwrap_or_default()));
    let carets = "^".repeat(width::width(&bad).max(1));
    // A long line is scrolled so that the bad word is seen.
    let room = columns.saturating_sub(width::width(&look.text(&number)) + width::width(&carets)).max(1);
    let skip = width::width(&before).saturating_sub(room);
    let hidden = width::head(&before, skip).len();
    let shown = look.text(text).get(hidden..).unwrap_or_default().to_owned();
    let indent = " ".repeat(width::width(before.get(hidden..).unwrap_or_default()));
    let quoted = vec![look.span(&number, Role::Dim), look.span(&shown, Role::Code)];
    let marked = vec![look.span(&gutter, Role::Dim), look.span(&format!("{indent}{carets}"), Role::Bad)];
    [quoted, marked].map(|line| width::crop(line, columns, look))
}

/// The line that `span` starts on, and the part of the span on that line, in bytes of the line.
fn line_of<'a>(source: &'a str, span: &Range<usize>) -> (&'a str, Range<usize>) {
    let start = source.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let rest = source.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
    let from = (span.start - start).min(line.len());
    (line, from..(span.end.max(span.start) - start).min(line.len()).max(from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::to_plain;

    fn shown(columns: usize) -> String {
        let source = "id: x\nloss: hinge, of 日本 origin\n";
        let at = source.find("hinge").unwrap();
        let diagnostic = Diagnostic::error("unknown loss `hinge`")
            .at("e.md", source, at..at + 5)
            .help("one of cross_entropy, squared");
        to_plain(&diagnostic_lines(&diagnostic, source, columns, Look::PLAIN))
    }

    #[test]
    fn the_bad_word_is_underlined() {
        insta::assert_snapshot!(shown(60), @r"
        ✗ error: unknown loss `hinge`
        2 │ loss: hinge, of 日本 origin
          │       ^^^^^
        → one of cross_entropy, squared
        ");
    }

    #[test]
    fn a_narrow_view_scrolls_to_the_bad_word() {
        insta::assert_snapshot!(shown(12), @r"
        ✗ error:
        unknown loss
        `hinge`
        2 │ s: hing…
          │    ^^^^^
        → one of
        cross_entrop
        y, squared
        ");
    }
}
