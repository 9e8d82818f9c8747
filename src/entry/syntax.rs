//! The Markdown that entries are written in: `CommonMark` with tables, task lists, footnotes, strikethrough,
//! alerts, `$math$` and `[[links]]` between entries. The only place that names the parser and its settings, so that what is
//! taken for a cell and what is drawn come from the same reading.

use std::ops::Range;

pub use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd,
};
use pulldown_cmark::{BrokenLink, CowStr, Options, Parser};

/// How the address of a citation begins: `[@key]` and `[@one; @other]` are read as links that nobody defined.
pub const CITATION: &str = "cite:";

/// The events of `text`, each with its bytes counted from `offset`.
pub fn events(text: &str, offset: usize) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
        | Options::ENABLE_WIKILINKS;
    let cite = |link: BrokenLink<'_>| {
        let is_citation = link.reference.starts_with('@');
        is_citation.then(|| (CowStr::from(format!("{CITATION}{}", link.reference)), CowStr::from("")))
    };
    Parser::new_with_broken_link_callback(text, options, Some(cite))
        .into_offset_iter()
        .map(move |(event, span)| (event, span.start + offset..span.end + offset))
}
