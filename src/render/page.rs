//! A whole entry: its head, its prose, and what its cells come to in between.

use std::ops::Range;

use ratatui::text::Line;

use super::markdown::{Heading, Writer};
use super::problem::diagnostic_lines;
use super::style::{Look, Role};
use super::width;
use crate::base::Diagnostic;
use crate::entry::syntax::{CodeBlockKind, Event, Tag, TagEnd};
use crate::entry::{BlockKind, Document};

/// What stands at the head of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its date, `2026-11-22`.
    pub date: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The question it asks; empty for none.
    pub question: String,
}

/// An entry as lines.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The lines, none wider than asked.
    pub lines: Vec<Line<'static>>,
    /// Where each cell stands.
    pub anchors: Vec<Anchor>,
    /// The headings.
    pub headings: Vec<Heading>,
}

/// Where a cell stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Index in [`Document::cells`].
    pub cell: usize,
    /// Its lines.
    pub lines: Range<usize>,
}

/// Draws `document` in lines of at most `columns`. `cells` gives the lines of a cell, by its index and the columns
/// there are; a cell whose YAML must not be read shows why instead.
pub fn entry(
    document: &Document,
    page: &Page,
    cells: &dyn Fn(usize, usize) -> Vec<Line<'static>>,
    columns: usize,
    look: Look,
) -> Rendered {
    let columns = columns.max(1);
    let mut writer = Writer::new(columns, look);
    writer.insert(head(page, columns, look));
    let code = code_spans(document);
    let elsewhere = |diagnostic: &Diagnostic| !code.iter().any(|span| within(diagnostic, span));
    insert_problems(&mut writer, document, columns, look, elsewhere);
    let body = after_title(document, page);
    let mut anchors = Vec::new();
    let mut skipped = 0;
    for (event, span) in document.events().filter(|(_, span)| span.start >= body) {
        let fenced = matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))));
        let cell = document.cells.iter().position(|cell| fenced && cell.span == span);
        if let Some(cell) = cell {
            anchors.push(insert_cell(&mut writer, document, cell, cells, columns, look));
            skipped = span.end;
        }
        let ends = matches!(event, Event::End(TagEnd::CodeBlock));
        if span.start >= skipped {
            writer.event(event);
        }
        if ends {
            insert_problems(&mut writer, document, columns, look, |diagnostic| within(diagnostic, &span));
        }
    }
    let (lines, headings) = writer.finish();
    Rendered { lines, anchors, headings }
}

/// Title at the left, date and tags at the right, the question, a rule.
fn head(page: &Page, columns: usize, look: Look) -> Vec<Line<'static>> {
    let title = look.span(&page.title, Role::Heading);
    let facts =
        std::iter::once(&page.date).chain(&page.tags).map(String::as_str).filter(|fact| !fact.is_empty());
    let right = match facts.collect::<Vec<_>>().as_slice() {
        [date, tags @ ..] if !tags.is_empty() => format!("{date}  {}", tags.join(" ")),
        facts => facts.concat(),
    };
    let right = look.span(&right, Role::Dim);
    let (title_width, right_width) = (width::width(&title.content), width::width(&right.content));
    let mut lines = if title_width + 2 + right_width <= columns {
        let gap = " ".repeat(columns - title_width - right_width);
        vec![vec![title, look.span(&gap, Role::Text), right]]
    } else {
        [width::wrap(&[title], columns), width::wrap(&[right], columns)].concat()
    };
    lines.push(vec![look.span(&"─".repeat(columns), Role::Dim)]);
    lines.extend(width::wrap(&[look.span(&page.question, Role::Emphasis)], columns));
    lines.into_iter().map(Line::from).collect()
}

/// Where the body starts: after a first heading that only repeats the title.
fn after_title(document: &Document, page: &Page) -> usize {
    match document.blocks.first() {
        Some(block)
            if matches!(block.kind, BlockKind::Heading(_))
                && document.first_heading().as_deref() == Some(page.title.as_str()) =>
        {
            block.span.end
        }
        _ => document.body,
    }
}

fn insert_cell(
    writer: &mut Writer,
    document: &Document,
    cell: usize,
    cells: &dyn Fn(usize, usize) -> Vec<Line<'static>>,
    columns: usize,
    look: Look,
) -> Anchor {
    let refusal = document.cells.get(cell).and_then(|cell| cell.refusal.as_ref());
    let lines = match refusal {
        Some(refusal) => diagnostic_lines(refusal, &document.source, columns, look),
        None => cells(cell, columns),
    };
    let count = lines.len();
    writer.insert(lines);
    let end = writer.position();
    Anchor { cell, lines: end - count..end }
}

fn insert_problems(
    writer: &mut Writer,
    document: &Document,
    columns: usize,
    look: Look,
    which: impl Fn(&Diagnostic) -> bool,
) {
    let refused =
        |diagnostic: &Diagnostic| document.cells.iter().any(|cell| cell.refusal.as_ref() == Some(diagnostic));
    for problem in document.diagnostics.iter().filter(|diagnostic| which(diagnostic) && !refused(diagnostic))
    {
        writer.insert(diagnostic_lines(problem, &document.source, columns, look));
    }
}

/// The code blocks, beside which what is wrong with them is shown. Not looked for where nothing is wrong.
fn code_spans(document: &Document) -> Vec<Range<usize>> {
    if document.diagnostics.is_empty() {
        return Vec::new();
    }
    let starts = document.events().filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_))));
    starts.map(|(_, span)| span).collect()
}

fn within(diagnostic: &Diagnostic, span: &Range<usize>) -> bool {
    let place = diagnostic.place.as_ref();
    place.is_some_and(|place| span.contains(&place.span.start) && !place.span.is_empty())
}
