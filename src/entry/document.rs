//! An entry taken apart: its blocks, its cells, and what is wrong with it before anyone has read the YAML.

use std::ops::Range;

use super::fence::{self, CellKind, Info};
use super::front::{self, Front};
use super::syntax::{self, CodeBlockKind, Event, LinkType, Tag};
use crate::base::Diagnostic;

/// Largest entry that is opened, in bytes. A research log is text; what is larger is a mistake, and would be read
/// and drawn anew at every key.
pub const MAX_ENTRY_BYTES: usize = 16 << 20;

/// Largest cell that is read, in bytes.
pub const MAX_CELL_BYTES: usize = 64 << 10;

/// An entry and the places in it. Every span is in bytes of `source`, on character boundaries.
#[derive(Clone, Debug)]
pub struct Document {
    /// Path as the person knows it: relative to the notebook.
    pub file: String,
    /// The whole text.
    pub source: String,
    /// Whether `source` is the file's text.
    pub encoding: Encoding,
    /// The front matter, if there is one.
    pub front: Option<FrontMatter>,
    /// Where the Markdown starts: after a byte-order mark and the front matter.
    pub body: usize,
    /// Top-level blocks of the body, in order.
    pub blocks: Vec<Block>,
    /// Cells, in order.
    pub cells: Vec<RawCell>,
    /// What `[[links]]` call the entries that it links to, in order.
    pub links: Vec<String>,
    /// What it cites: `@key` or `@one; @other`, with the bytes of each, in order.
    pub citations: Vec<(String, Range<usize>)>,
    /// What is wrong with the entry as Markdown; why a cell is refused stands with the cell.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether a document's text is the file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// It is.
    Utf8,
    /// The file is not UTF-8 or too large: the text is for reading only, and must never be written back.
    Lossy,
}

/// The YAML between the lines of `---`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontMatter {
    /// The YAML.
    pub text: String,
    /// Its bytes.
    pub span: Range<usize>,
}

/// A top-level block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its bytes.
    pub span: Range<usize>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading of this level, 1 to 6.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// A list, bulleted or numbered.
    List,
    /// A block quote.
    Quote,
    /// A table.
    Table,
    /// Code that is not a cell.
    Code,
    /// The cell of this index in [`Document::cells`].
    Cell(usize),
    /// Raw HTML.
    Html,
    /// The text of a footnote.
    Footnote,
    /// A thematic break.
    Rule,
}

/// A cell, its YAML unread.
#[derive(Clone, Debug, PartialEq)]
pub struct RawCell {
    /// What it is.
    pub kind: CellKind,
    /// Bytes of the YAML between the fences.
    pub text_span: Range<usize>,
    /// Bytes of the whole block, fences included.
    pub span: Range<usize>,
    /// Bytes of the info string, `yaml claim`.
    pub info_span: Range<usize>,
    /// Why its YAML must not be read, if it must not.
    pub refusal: Option<Diagnostic>,
}

/// Refuses a file of `bytes` bytes that is too large for an entry, before it is read.
pub fn check_size(file: &str, bytes: u64) -> Result<(), Diagnostic> {
    if bytes <= MAX_ENTRY_BYTES as u64 {
        return Ok(());
    }
    let (size, limit) = (bytes.div_ceil(1 << 20), MAX_ENTRY_BYTES >> 20);
    Err(Diagnostic::error(format!("the entry is {size} MiB large; at most {limit} MiB are opened"))
        .in_file(file)
        .help("data belongs into datasets/"))
}

impl Document {
    /// Takes the text of a file apart. Never fails: what is wrong stands in `diagnostics`.
    pub fn parse(file: &str, source: String) -> Self {
        let mut diagnostics = Vec::new();
        let (front, body) = match front::find(&source) {
            Front::Found(span, body) => {
                (Some(FrontMatter { text: source[span.clone()].to_owned(), span }), body)
            }
            Front::Missing(body) => (None, body),
            Front::Unclosed(body) => {
                diagnostics.push(unclosed_front(file, &source, body));
                (None, body)
            }
        };
        let mut reader = Reader {
            file,
            source: &source,
            blocks: Vec::new(),
            cells: Vec::new(),
            links: Vec::new(),
            citations: Vec::new(),
            diagnostics,
        };
        reader.read(body);
        let Reader { blocks, cells, links, citations, diagnostics, .. } = reader;
        let file = file.to_owned();
        let encoding = Encoding::Utf8;
        Self { file, source, encoding, front, body, blocks, cells, links, citations, diagnostics }
    }

    /// [`Self::parse`] of a file's bytes; where they are not UTF-8 it says so, at the first bad byte, and shows
    /// what can be shown.
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Self {
        let (text, problem) = match check_size(file, bytes.len() as u64) {
            Err(refusal) => (String::new(), Some(refusal)),
            Ok(()) => decode(file, bytes),
        };
        let mut document = Self::parse(file, text);
        if let Some(problem) = problem {
            document.encoding = Encoding::Lossy;
            document.diagnostics.insert(0, problem);
        }
        document
    }

    /// Whether what is shown is what the file holds, so that it may be written back.
    pub fn is_writable(&self) -> bool {
        self.encoding == Encoding::Utf8
    }

    /// The YAML of a cell.
    pub fn text(&self, cell: &RawCell) -> &str {
        self.source.get(cell.text_span.clone()).unwrap_or_default()
    }

    /// The Markdown events of the body, with their bytes.
    pub fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        self.events_until(self.source.len())
    }

    /// The Markdown events of the body up to a byte that [`Self::beginning`] gave.
    pub fn events_until(&self, end: usize) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        syntax::events(self.source.get(self.body..end).unwrap_or_default(), self.body)
    }

    /// Where a block ends after at least so many bytes of the body, if all before it reads the same without the rest;
    /// else the end of everything. What a later line may define, a link or a footnote, is known by its `]:`.
    pub fn beginning(&self, bytes: usize) -> usize {
        let ends = self.blocks.iter().map(|block| block.span.end);
        let end = ends.into_iter().find(|end| *end >= self.body.saturating_add(bytes));
        let alone = |end: &usize| self.source.get(*end..).is_some_and(|rest| !rest.contains("]:"));
        end.filter(alone).unwrap_or(self.source.len())
    }

    /// The words of the first heading: the title of an entry whose front matter has none.
    pub fn first_heading(&self) -> Option<String> {
        let heading = self.blocks.iter().find(|block| matches!(block.kind, BlockKind::Heading(_)))?;
        let text = self.source.get(heading.span.clone())?;
        let words: String = syntax::events(text, 0)
            .filter_map(|(event, _)| match event {
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => Some(text.to_string()),
                Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
                _ => None,
            })
            .collect();
        Some(words.trim().to_owned()).filter(|words| !words.is_empty())
    }

    /// The whole text with the bytes of `span` replaced, every other byte as it was. A span that leaves the text
    /// or cuts a character changes nothing.
    pub fn replace_range(&self, span: Range<usize>, new: &str) -> String {
        let mut text = self.source.clone();
        if self.source.get(span.clone()).is_some() {
            text.replace_range(span, new);
        }
        text
    }
}

/// The text of a file, and its first byte that is not UTF-8.
fn decode(file: &str, bytes: &[u8]) -> (String, Option<Diagnostic>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            let problem = Diagnostic::error(format!("the entry is not UTF-8: byte 0x{byte:02x}"))
                .at(file, &text, at..at + char::REPLACEMENT_CHARACTER.len_utf8())
                .help("save it as UTF-8; until then it is shown, but not edited");
            (text, Some(problem))
        }
    }
}

fn unclosed_front(file: &str, source: &str, at: usize) -> Diagnostic {
    Diagnostic::warning("the front matter is not closed")
        .at(file, source, at..at + 3)
        .help("add a line `---` after it")
}

/// Collects blocks and cells from the events of a body.
struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    blocks: Vec<Block>,
    cells: Vec<RawCell>,
    links: Vec<String>,
    citations: Vec<(String, Range<usize>)>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn read(&mut self, body: usize) {
        let mut depth = 0_usize;
        for (event, span) in syntax::events(&self.source[body..], body) {
            match event {
                Event::Start(tag) => {
                    self.open(&tag, span, depth);
                    depth += 1;
                }
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Rule if depth == 0 => self.blocks.push(Block { kind: BlockKind::Rule, span }),
                _ => {}
            }
        }
    }

    fn open(&mut self, tag: &Tag<'_>, span: Range<usize>, depth: usize) {
        if let Tag::CodeBlock(CodeBlockKind::Fenced(info)) = tag {
            return self.fenced(info, span, depth);
        }
        if let Tag::Link { link_type: LinkType::WikiLink { .. }, dest_url, .. } = tag {
            self.links.push(dest_url.to_string());
        }
        if let Tag::Link { dest_url, .. } = tag
            && let Some(cited) = dest_url.strip_prefix(syntax::CITATION)
        {
            self.citations.push((cited.to_owned(), span.clone()));
        }
        if depth == 0 {
            self.blocks.push(Block { kind: kind_of(tag), span });
        }
    }

    fn fenced(&mut self, info: &str, span: Range<usize>, depth: usize) {
        let kind = match fence::read_info(info) {
            Info::Cell(kind) if depth == 0 => {
                self.cell(kind, span.clone());
                BlockKind::Cell(self.cells.len() - 1)
            }
            Info::Cell(kind) => {
                let what =
                    format!("this {} cell stands inside a list or a quote and is not run", kind.name());
                self.warn(what, "move it to the left margin".to_owned(), &span);
                BlockKind::Code
            }
            Info::NearMiss(kind) => {
                let what = format!("`{}` is not a cell and is shown as code", info.trim());
                self.warn(what, format!("did you mean `yaml {}`?", kind.name()), &span);
                BlockKind::Code
            }
            Info::Code => BlockKind::Code,
        };
        if depth == 0 {
            self.blocks.push(Block { kind, span });
        }
    }

    fn cell(&mut self, kind: CellKind, span: Range<usize>) {
        let parts = fence::parts(self.source, &span);
        let size = parts.text.len();
        let refusal = (size > MAX_CELL_BYTES).then(|| {
            Diagnostic::error(format!(
                "the cell is {} KiB large; at most 64 KiB are read",
                size.div_ceil(1024)
            ))
            .at(self.file, self.source, parts.info.clone())
        });
        if !parts.closed {
            let what = format!("this {} cell is not closed and reaches to the end of the entry", kind.name());
            self.warn(what, "add a closing fence".to_owned(), &span);
        }
        self.cells.push(RawCell { kind, text_span: parts.text, span, info_span: parts.info, refusal });
    }

    fn warn(&mut self, what: String, help: String, block: &Range<usize>) {
        let info = fence::parts(self.source, block).info;
        self.diagnostics.push(Diagnostic::warning(what).at(self.file, self.source, info).help(help));
    }
}

fn kind_of(tag: &Tag<'_>) -> BlockKind {
    match tag {
        Tag::Heading { level, .. } => BlockKind::Heading(*level as u8),
        Tag::List(_) => BlockKind::List,
        Tag::BlockQuote(_) => BlockKind::Quote,
        Tag::Table(_) => BlockKind::Table,
        Tag::CodeBlock(_) => BlockKind::Code,
        Tag::HtmlBlock => BlockKind::Html,
        Tag::FootnoteDefinition(_) => BlockKind::Footnote,
        _ => BlockKind::Paragraph,
    }
}
