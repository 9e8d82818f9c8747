//! Markdown as styled lines: one pass over the parser's events, with a stack of what the text stands inside.
//!
//! `frame` holds the stack (quotes, list items) that prefixes every line, `inline` gathers the text of a block,
//! `table` and `code` lay out what is not wrapped like prose.

mod code;
mod frame;
mod inline;
mod math;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use ratatui::text::Line;

use self::frame::Frames;
use self::inline::Inline;
pub(in crate::render) use self::inline::{Target, is_letter};
use self::table::Table;
use super::image::Images;
use super::spot::{Spot, SpotKind, locate};
use super::style::{Look, Role};
use super::width::{self, Spans};
use crate::compare::Outcome;
use crate::entry::bibliography::Work;
use crate::entry::syntax::{BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

/// Turns events into lines.
pub struct Writer<'a> {
    look: Look,
    /// The pictures that are drawn below their captions.
    images: &'a Images,
    columns: usize,
    lines: Vec<Line<'static>>,
    frames: Frames,
    inline: Inline,
    gap: Gap,
    leaf: Leaf,
    /// Number of the next item of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// What can be acted upon in the lines so far.
    spots: Vec<Spot>,
    /// How many headings had the same words.
    headings: HashMap<String, usize>,
}

/// Whether the next block is set off by a blank line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Closed,
    Wanted,
}

/// The innermost block, where its text is not prose.
enum Leaf {
    Prose,
    /// Code in a language, or HTML (which is none), as it stands.
    Verbatim(String, Option<String>),
    Table(Table),
}

impl<'a> Writer<'a> {
    /// A writer of lines of at most `columns` (at least 1), with these pictures.
    pub fn new(columns: usize, look: Look, images: &'a Images) -> Self {
        Self {
            look,
            images,
            columns: columns.max(1),
            lines: Vec::new(),
            frames: Frames::default(),
            inline: Inline::new(look),
            gap: Gap::Closed,
            leaf: Leaf::Prose,
            lists: Vec::new(),
            spots: Vec::new(),
            headings: HashMap::new(),
        }
    }

    /// These works can be cited.
    #[must_use]
    pub fn citing(mut self, works: &[Work]) -> Self {
        self.inline.cite(works);
        self
    }

    /// Links to these claims tell what became of them.
    #[must_use]
    pub fn judging(mut self, verdicts: &BTreeMap<String, Option<Outcome>>) -> Self {
        self.inline.judge(verdicts);
        self
    }

    /// The lines written, and what can be acted upon in them.
    pub fn finish(mut self) -> (Vec<Line<'static>>, Vec<Spot>) {
        self.flush();
        self.spots.sort_by_key(|spot| spot.from);
        (self.lines, self.spots)
    }

    /// Number of lines so far.
    pub fn position(&self) -> usize {
        self.lines.len()
    }

    /// Sets lines made elsewhere between the blocks.
    pub fn insert(&mut self, lines: Vec<Line<'static>>) {
        self.separate();
        let (columns, look) = (self.columns, self.look);
        self.lines.extend(lines.into_iter().map(|line| width::crop_line(line, columns, look)));
        self.gap = Gap::Wanted;
    }

    /// Sets something that can be acted upon, made elsewhere, between the blocks.
    pub fn insert_spot(&mut self, kind: SpotKind, lines: Vec<Line<'static>>) -> Range<usize> {
        let count = lines.len();
        self.insert(lines);
        let range = self.position() - count..self.position();
        self.spots.push(Spot::lines(kind, range.clone()));
        range
    }

    /// [`Self::insert_spot`], without a blank line before it.
    pub fn insert_close(&mut self, kind: SpotKind, lines: Vec<Line<'static>>) {
        self.gap = Gap::Closed;
        self.insert_spot(kind, lines);
    }

    /// Takes one event, which stands at the bytes `span` of the entry.
    pub fn event(&mut self, event: Event<'_>, span: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Rule => self.rule(),
            Event::TaskListMarker(done) => {
                self.frames.set_marker(&self.look.text(if done { "☑ " } else { "☐ " }));
                // `[x]`: the byte between the brackets is what toggling changes.
                let kind = SpotKind::Task { at: span.start + 1, done };
                self.spots.push(Spot::lines(kind, self.lines.len()..self.lines.len()));
            }
            Event::Text(text) | Event::Html(text) => match &mut self.leaf {
                Leaf::Verbatim(verbatim, _) => verbatim.push_str(&text),
                Leaf::Prose | Leaf::Table(_) => self.inline.text(&text),
            },
            other => self.inline.event(&other),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if self.inline.open(&tag) {
            return;
        }
        match tag {
            Tag::TableHead | Tag::TableRow | Tag::TableCell => return,
            _ => self.flush(),
        }
        match tag {
            Tag::List(first) => self.lists.push(first),
            Tag::Item => self.start_item(),
            Tag::BlockQuote(kind) => self.start_quote(kind),
            Tag::FootnoteDefinition(label) => {
                self.separate();
                let at = self.lines.len();
                self.spots.push(Spot::lines(SpotKind::Note(label.to_string()), at..at));
                self.frames.push_item(&self.look.text(&format!("[{label}] ")));
            }
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split_whitespace().next().unwrap_or_default().to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.start_leaf(Leaf::Verbatim(String::new(), Some(language)));
            }
            Tag::HtmlBlock => self.start_leaf(Leaf::Verbatim(String::new(), None)),
            Tag::Table(alignments) => self.start_leaf(Leaf::Table(Table::new(alignments))),
            _ => self.separate(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if self.inline.close(tag) {
            return;
        }
        match tag {
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::Item => {
                self.flush();
                self.end_frame();
                return;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                if !self.lists.is_empty() {
                    return;
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.flush();
                self.end_frame();
            }
            TagEnd::TableCell | TagEnd::TableHead | TagEnd::TableRow => return self.end_in_table(tag),
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Table => self.end_leaf(),
            _ => self.flush(),
        }
        self.gap = Gap::Wanted;
    }

    fn start_item(&mut self) {
        self.separate();
        let depth = self.lists.len();
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => format!("{} ", ["•", "◦", "▪"][depth.saturating_sub(1) % 3]),
        };
        self.frames.push_item(&self.look.text(&marker));
    }

    fn start_quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.separate();
        self.frames.push_quote();
        let title = match kind {
            None => return,
            Some(BlockQuoteKind::Note) => "Note",
            Some(BlockQuoteKind::Tip) => "Tip",
            Some(BlockQuoteKind::Important) => "Important",
            Some(BlockQuoteKind::Warning) => "Warning",
            Some(BlockQuoteKind::Caution) => "Caution",
        };
        self.emit(width::wrap(&[self.look.span(title, Role::Strong)], self.room()));
    }

    fn start_leaf(&mut self, leaf: Leaf) {
        self.separate();
        self.leaf = leaf;
    }

    fn end_leaf(&mut self) {
        let room = self.room();
        let lines = match std::mem::replace(&mut self.leaf, Leaf::Prose) {
            Leaf::Prose => Vec::new(),
            Leaf::Verbatim(text, language) => code::lines(&text, language.as_deref(), room, self.look),
            Leaf::Table(table) => return self.end_table(table),
        };
        self.emit(lines);
    }

    /// A link in a table is found by its line alone: cells are moved about.
    fn end_table(&mut self, table: Table) {
        let first = self.lines.len();
        let (lines, targets) = table.lines(self.room(), self.look);
        let spot = |(row, kind): (usize, SpotKind)| Spot::lines(kind, first + row..first + row + 1);
        self.spots.extend(targets.into_iter().map(spot));
        self.emit(lines);
        self.emit_images();
    }

    fn end_in_table(&mut self, tag: TagEnd) {
        let Leaf::Table(table) = &mut self.leaf else { return };
        match tag {
            TagEnd::TableCell => {
                let (spans, targets) = self.inline.take();
                table.cell(spans, targets);
            }
            _ => table.end_row(),
        }
    }

    /// Headings keep their marks: they tell the levels apart in plain text, and the eye finds them.
    fn end_heading(&mut self, level: HeadingLevel) {
        let (words, mut targets) = self.inline.take();
        let title: String = words.iter().map(|span| span.content.as_ref()).collect();
        let mark = format!("{} ", "#".repeat(level as usize));
        for target in &mut targets {
            target.letters = target.letters.start + level as usize..target.letters.end + level as usize;
        }
        let heading = self.look.style(Role::Heading);
        let words = words.into_iter().map(|span| span.patch_style(heading));
        let spans: Spans = std::iter::once(self.look.span(&mark, Role::Dim)).chain(words).collect();
        let lines = width::wrap(&spans, self.room());
        let range = self.lines.len()..self.lines.len() + lines.len();
        let kind = SpotKind::Heading { level: level as u8, name: self.name_heading(&title) };
        self.spots.push(Spot::lines(kind, range));
        self.emit_text(lines, targets);
    }

    fn name_heading(&mut self, title: &str) -> String {
        let count = self.headings.entry(title.to_owned()).or_insert(0);
        *count += 1;
        if *count == 1 { title.to_owned() } else { format!("{title} {count}") }
    }

    fn rule(&mut self) {
        self.flush();
        self.separate();
        let rule = self.look.text(&"─".repeat(self.room()));
        self.emit(vec![vec![self.look.span(&rule, Role::Dim)]]);
        self.gap = Gap::Wanted;
    }

    /// Leaves a quote or an item; an item that held nothing still shows its marker.
    fn end_frame(&mut self) {
        if self.frames.marker_is_pending() {
            self.emit(vec![Spans::new()]);
        }
        self.frames.pop();
    }

    /// Writes out the text gathered so far, wrapped.
    fn flush(&mut self) {
        let (spans, targets) = self.inline.take();
        if !spans.is_empty() {
            self.emit_text(width::wrap(&spans, self.room()), targets);
        }
    }

    /// Writes out wrapped text, and notes where in it something leads elsewhere.
    fn emit_text(&mut self, lines: Vec<Spans>, targets: Vec<Target>) {
        let indent = self.frames.width(self.columns);
        self.spots.extend(locate(targets, &lines, self.lines.len(), indent));
        self.emit(lines);
        self.emit_images();
    }

    /// The pictures of the block at hand, below it.
    fn emit_images(&mut self) {
        for address in self.inline.take_images() {
            let lines = self.images.lines(&address, self.room(), self.look);
            self.emit(lines);
        }
    }

    /// A blank line, if the block before wants one.
    fn separate(&mut self) {
        if self.gap == Gap::Wanted && !self.lines.is_empty() {
            let spans = self.frames.blank(self.columns, self.look);
            self.lines.push(Line::from(spans));
        }
        self.gap = Gap::Closed;
    }

    /// Columns that remain beside the prefix.
    fn room(&self) -> usize {
        self.columns - self.frames.width(self.columns)
    }

    fn emit(&mut self, lines: Vec<Spans>) {
        for line in lines {
            let mut spans = self.frames.prefix(self.columns, self.look);
            spans.extend(line);
            self.lines.push(Line::from(spans));
        }
    }
}
