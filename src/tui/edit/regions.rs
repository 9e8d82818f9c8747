//! Which parts of an entry's source are YAML: the front matter and the cells. Read from the lines alone, so that it
//! is known after every key, also of a text that is half written.

use std::ops::Range;

use crate::entry::CellKind;

/// A part of the source that is not Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// What it is.
    pub kind: RegionKind,
    /// Its text, without the lines that fence it.
    pub text: Range<usize>,
}

/// What a part of the source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// The front matter.
    Front,
    /// A cell.
    Cell(CellKind),
    /// Code in this language.
    Code(String),
}

/// The regions of a source, in order.
pub fn regions(source: &str) -> Vec<Region> {
    let mut found = Vec::new();
    let mut open: Option<(RegionKind, usize, &str)> = None;
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let bare = line.trim_end();
        let next = at + line.len();
        match &open {
            Some((_, _, fence)) if closes(bare, fence) => {
                if let Some((kind, start, _)) = open.take() {
                    found.push(Region { kind, text: start..at });
                }
            }
            Some(_) => {}
            None if at == 0 && bare == "---" => open = Some((RegionKind::Front, next, "---")),
            None => {
                if let Some((fence, info)) = opening(bare) {
                    open = Some((kind_of(info), next, fence));
                }
            }
        }
        at = next;
    }
    if let Some((kind, start, _)) = open {
        found.push(Region { kind, text: start.min(source.len())..source.len() });
    }
    found
}

/// The fence and the info string of a line that opens code.
fn opening(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start_matches(' ');
    let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = text.trim_start_matches(mark);
    let fence = &text[..text.len() - info.len()];
    (fence.len() >= 3 && line.len() - text.len() <= 3 && !(mark == '`' && info.contains('`')))
        .then_some((fence, info.trim()))
}

fn closes(line: &str, fence: &str) -> bool {
    if fence == "---" {
        return matches!(line, "---" | "...");
    }
    let text = line.trim_start_matches(' ');
    line.len() - text.len() <= 3
        && text.len() >= fence.len()
        && text.chars().all(|mark| fence.starts_with(mark))
}

fn kind_of(info: &str) -> RegionKind {
    match info {
        "yaml experiment" => RegionKind::Cell(CellKind::Experiment),
        "yaml compare" => RegionKind::Cell(CellKind::Compare),
        "yaml claim" => RegionKind::Cell(CellKind::Claim),
        "yaml ledger" => RegionKind::Cell(CellKind::Ledger),
        other => RegionKind::Code(other.split_whitespace().next().unwrap_or_default().to_owned()),
    }
}

/// The region that byte `at` is in, its last line included.
pub fn at(regions: &[Region], at: usize) -> Option<&Region> {
    regions.iter().find(|region| region.text.start <= at && at <= region.text.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_found_in_half_written_text() {
        let source = "---\ntitle: x\n---\ntext\n```yaml claim\nid: a\n```\n~~~python\nx\n```\n~~~\n```yaml experiment\nid:";
        let texts: Vec<_> =
            regions(source).into_iter().map(|region| (region.kind, &source[region.text])).collect();
        assert_eq!(
            texts,
            [
                (RegionKind::Front, "title: x\n"),
                (RegionKind::Cell(CellKind::Claim), "id: a\n"),
                (RegionKind::Code("python".to_owned()), "x\n```\n"),
                (RegionKind::Cell(CellKind::Experiment), "id:"),
            ]
        );
    }

    /// The fences agree with those of the real parser.
    #[test]
    fn cells_are_those_of_the_entry() {
        let source = "a\n\n```yaml experiment\nid: a\n```\n\n- x\n\n````yaml claim\n```\n````\n";
        let document = crate::entry::Document::parse("e.md", source.to_owned());
        let real: Vec<_> = document.cells.iter().map(|cell| cell.text_span.clone()).collect();
        let ours: Vec<_> = regions(source).into_iter().map(|region| region.text).collect();
        assert_eq!(ours, real);
    }
}
