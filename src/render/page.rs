//! A page of Markdown with cells: its head, its prose, and between them whatever the cells are said to come to.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::text::Line;

use super::image::Images;
use super::markdown::Writer;
use super::problem::diagnostic_lines;
use super::spot::{Spot, SpotKind};
use super::style::{Look, Role};
use super::width;
use crate::base::Diagnostic;
use crate::compare::Outcome;
use crate::entry::bibliography::Work;
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
    /// The works that it cites, in order.
    pub works: Vec<Work>,
    /// What the claims came to that it links to, by how the links are written.
    pub verdicts: BTreeMap<String, Option<Outcome>>,
    /// The entries that link to it.
    pub linked_from: Vec<BackLink>,
}

/// An entry that links to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackLink {
    /// Its slug.
    pub slug: String,
    /// Its title.
    pub title: String,
}

/// An entry as lines.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The lines, none wider than asked.
    pub lines: Vec<Line<'static>>,
    /// Whether there is more that is not among them.
    pub unfinished: bool,
    /// Where each cell stands.
    pub anchors: Vec<Anchor>,
    /// What can be acted upon, in the order of the lines.
    pub spots: Vec<Spot>,
}

/// Where a cell stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Index in [`Document::cells`].
    pub cell: usize,
    /// Its lines.
    pub lines: Range<usize>,
}

/// Gives the lines of a cell, by its index and the columns there are.
pub type CellLines<'a> = dyn Fn(usize, usize) -> Vec<Line<'static>> + 'a;

/// How an entry is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The pictures that were asked for.
    pub images: &'a Images,
    /// No line is wider.
    pub columns: usize,
    /// Colours and glyphs.
    pub look: Look,
    /// So many lines are enough: what follows the block that they end in is left out.
    pub least: usize,
}

/// Draws `document`, with what is wrong outside its cells.
pub fn entry(
    document: &Document,
    page: &Page,
    diagnostics: &[Diagnostic],
    cells: &CellLines<'_>,
    setting: &Setting<'_>,
) -> Rendered {
    let mut bytes = setting.least.saturating_mul(setting.columns.max(BYTES_PER_LINE));
    loop {
        let end = document.beginning(bytes);
        let rendered = up_to(end, document, page, diagnostics, cells, setting);
        if end == document.source.len() || rendered.lines.len() >= setting.least {
            return rendered;
        }
        bytes = bytes.saturating_mul(4);
    }
}

/// How many bytes are taken to make a line, at least. To be wrong costs time only.
const BYTES_PER_LINE: usize = 64;

/// [`entry`], read no further than to the byte `end`.
fn up_to(
    end: usize,
    document: &Document,
    page: &Page,
    diagnostics: &[Diagnostic],
    cells: &CellLines<'_>,
    setting: &Setting<'_>,
) -> Rendered {
    let (columns, look) = (setting.columns.max(1), setting.look);
    let problems = Problems { diagnostics, source: &document.source, columns, look };
    let mut writer = Writer::new(columns, look, setting.images).citing(&page.works).judging(&page.verdicts);
    writer.insert(head(page, columns, look));
    let code = problems.code_spans(document);
    problems.insert(&mut writer, |problem| !code.iter().any(|span| within(problem, span)));
    let body = after_title(document, page);
    let (mut anchors, mut skipped) = (Vec::new(), 0);
    let (mut depth, mut unfinished) = (0_usize, end < document.source.len());
    for (event, span) in document.events_until(end).filter(|(_, span)| span.start >= body) {
        if depth == 0 && writer.position() >= setting.least {
            unfinished = true;
            break;
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let fenced = matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))));
        let ends = matches!(event, Event::End(TagEnd::CodeBlock));
        if let Some(cell) = document.cells.iter().position(|cell| fenced && cell.span == span) {
            let lines = writer.insert_spot(SpotKind::Cell(cell), cells(cell, columns));
            anchors.push(Anchor { cell, lines });
            skipped = span.end;
        }
        if span.start >= skipped {
            writer.event(event, &span);
        }
        if ends {
            problems.insert(&mut writer, |problem| within(problem, &span));
        }
    }
    if !unfinished {
        references(&mut writer, page, columns, look);
        back_links(&mut writer, page, columns, look);
    }
    let (lines, spots) = writer.finish();
    Rendered { lines, unfinished, anchors, spots }
}

/// The works that are cited, as the text calls each and in full.
fn references(writer: &mut Writer<'_>, page: &Page, columns: usize, look: Look) {
    if page.works.is_empty() {
        return;
    }
    let rule = look.span(&"─".repeat(columns), Role::Dim);
    writer.insert(vec![Line::from(rule), Line::from(look.span("references", Role::Dim))]);
    for work in &page.works {
        let spans =
            [look.span(&format!("{}  ", work.short), Role::Accent), look.span(&work.full, Role::Text)];
        let lines = width::wrap(&spans, columns).into_iter().map(Line::from).collect();
        writer.insert_close(SpotKind::Note(format!("@{}", work.key)), lines);
    }
}

/// Most entries that are named as linking to one, the newest of them.
const MOST_LINKED: usize = 20;

/// The entries that link to this one, each a link to follow.
fn back_links(writer: &mut Writer<'_>, page: &Page, columns: usize, look: Look) {
    if page.linked_from.is_empty() {
        return;
    }
    let rule = look.span(&"─".repeat(columns), Role::Dim);
    writer.insert(vec![Line::from(rule), Line::from(look.span("linked from", Role::Dim))]);
    for link in page.linked_from.iter().take(MOST_LINKED) {
        let spans = [look.span("← ", Role::Dim), look.span(&link.title, Role::Accent)];
        let lines = width::wrap(&spans, columns).into_iter().map(Line::from).collect();
        writer.insert_close(SpotKind::Entry(link.slug.clone()), lines);
    }
    let more = page.linked_from.len().saturating_sub(MOST_LINKED);
    if more > 0 {
        let more = if more == 1 { "and an older one".to_owned() } else { format!("and {more} older ones") };
        writer.insert(vec![Line::from(look.span(&more, Role::Dim))]);
    }
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

/// What is wrong outside the cells: shown beside the code block it is about, or else at the head.
struct Problems<'a> {
    diagnostics: &'a [Diagnostic],
    source: &'a str,
    columns: usize,
    look: Look,
}

impl Problems<'_> {
    fn insert(&self, writer: &mut Writer<'_>, which: impl Fn(&Diagnostic) -> bool) {
        for problem in self.diagnostics.iter().filter(|problem| which(problem)) {
            writer.insert(diagnostic_lines(problem, self.source, self.columns, self.look));
        }
    }

    /// The code blocks. Not looked for where nothing is wrong.
    fn code_spans(&self, document: &Document) -> Vec<Range<usize>> {
        if self.diagnostics.is_empty() {
            return Vec::new();
        }
        let starts = document.events().filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_))));
        starts.map(|(_, span)| span).collect()
    }
}

fn within(diagnostic: &Diagnostic, span: &Range<usize>) -> bool {
    let place = diagnostic.place.as_ref();
    place.is_some_and(|place| span.contains(&place.span.start) && !place.span.is_empty())
}
