//! Fenced blocks: where their text lies, and whether they are cells.

use std::ops::Range;

use crate::base::suggest::nearest;

/// What a cell is, by its info string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// `yaml experiment`: trains.
    Experiment,
    /// `yaml compare`: draws results.
    Compare,
    /// `yaml claim`: judges results.
    Claim,
    /// `yaml ledger`: every claim of the notebook.
    Ledger,
}

impl CellKind {
    const ALL: [Self; 4] = [Self::Experiment, Self::Compare, Self::Claim, Self::Ledger];

    /// The word after `yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Experiment => "experiment",
            Self::Compare => "compare",
            Self::Claim => "claim",
            Self::Ledger => "ledger",
        }
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

/// What an info string makes of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Info {
    /// A cell.
    Cell(CellKind),
    /// Code, but it looks as if a cell of this kind was meant.
    NearMiss(CellKind),
    /// Code.
    Code,
}

/// Reads an info string. Only the exact words make a cell: what a forge highlights as YAML is what runs here.
pub(super) fn read_info(info: &str) -> Info {
    if let Some(kind) = info.strip_prefix("yaml ").and_then(CellKind::named) {
        return Info::Cell(kind);
    }
    let mut words = info.split_whitespace();
    let (Some(first), second) = (words.next(), words.next()) else { return Info::Code };
    let names = CellKind::ALL.map(CellKind::name);
    let meant = match second {
        Some(word) if nearest(first, ["yaml", "yml"]).is_some() => nearest(word, names),
        // The bare word `experiment`, in whatever case, is a slip; a word merely like it may be a language.
        None => names.into_iter().find(|name| first.eq_ignore_ascii_case(name)),
        Some(_) => None,
    };
    meant.and_then(CellKind::named).map_or(Info::Code, Info::NearMiss)
}

/// The parts of a fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    /// Bytes of the info string.
    pub(super) info: Range<usize>,
    /// Bytes between the fences: whole lines.
    pub(super) text: Range<usize>,
    /// Whether there is a closing fence.
    pub(super) closed: bool,
}

/// Finds the parts of the fenced block at `span` of `source`.
pub(super) fn parts(source: &str, span: &Range<usize>) -> Fence {
    let block = source.get(span.clone()).unwrap_or_default();
    let first_end = line_end(block);
    let opening = block.get(..first_end).unwrap_or_default();
    let info = info_in(opening);
    let last_start = last_line_start(block).max(first_end);
    let closed = closes(block.get(last_start..).unwrap_or_default(), opening);
    let text_end = if closed { last_start } else { block.len() };
    Fence {
        info: span.start + info.start..span.start + info.end,
        text: span.start + first_end..span.start + text_end,
        closed,
    }
}

/// The info string within the opening line.
fn info_in(opening: &str) -> Range<usize> {
    let after = opening.trim_start().trim_start_matches(['`', '~']).trim_start();
    let start = opening.len() - after.len();
    start..start + after.trim_end().len()
}

/// Whether `line` closes the fence that `opening` opens (the spec of `CommonMark` 0.31, §4.5: same character, at
/// least as many, indented by at most three spaces, nothing after it).
fn closes(line: &str, opening: &str) -> bool {
    let marker = opening.trim_start();
    let Some(character) = marker.chars().next() else { return false };
    let length = marker.len() - marker.trim_start_matches(character).len();
    let bare = line.trim_end();
    let indent = bare.len() - bare.trim_start_matches(' ').len();
    let run = bare.trim_start_matches(' ');
    indent <= 3 && run.len() >= length && run.chars().all(|c| c == character)
}

/// Length of the first line with its line ending.
fn line_end(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

/// Where the last line starts that is not empty.
fn last_line_start(text: &str) -> usize {
    text.trim_end_matches(['\n', '\r']).rfind('\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_words_make_a_cell() {
        use CellKind::{Claim, Compare, Experiment};
        for (info, expected) in [
            ("yaml experiment", Info::Cell(Experiment)),
            ("yaml compare", Info::Cell(Compare)),
            ("yaml claim", Info::Cell(Claim)),
            ("yaml experimnt", Info::NearMiss(Experiment)),
            ("yml experiment", Info::NearMiss(Experiment)),
            ("yaml  claim", Info::NearMiss(Claim)),
            ("YAML Compare", Info::NearMiss(Compare)),
            ("yaml claim extra", Info::NearMiss(Claim)),
            ("Experiment", Info::NearMiss(Experiment)),
            ("yaml", Info::Code),
            ("yaml title=x", Info::Code),
            ("json experiment", Info::Code),
            ("python", Info::Code),
            ("", Info::Code),
        ] {
            assert_eq!(read_info(info), expected, "{info}");
        }
    }

    #[test]
    fn the_text_lies_between_the_fences() {
        for (block, text, closed) in [
            ("```yaml claim\na: 1\n```", "a: 1\n", true),
            ("```yaml claim\r\na: 1\r\n```", "a: 1\r\n", true),
            ("~~~~ yaml claim\n~~~\n~~~~~", "~~~\n", true),
            ("```yaml claim\n```", "", true),
            ("```yaml claim", "", false),
            ("```yaml claim\na: 1\n``` x", "a: 1\n``` x", false),
            ("```yaml claim\na: 1\n    ```", "a: 1\n    ```", false),
        ] {
            let fence = parts(block, &(0..block.len()));
            assert_eq!((&block[fence.text], fence.closed), (text, closed), "{block:?}");
            assert_eq!(&block[fence.info], "yaml claim");
        }
    }
}
