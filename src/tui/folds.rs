//! Sections and cells of which only the first line is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ratatui::text::Line;
use serde::{Deserialize, Serialize};

use crate::notebook::{CellView, Entry};
use crate::render::entry::{brief, standing};
use crate::render::style::{Look, Role};
use crate::render::width::{crop_line, spans_width};
use crate::render::{Anchor, Point, Rendered, Spot, SpotKind};

/// What is folded, by the slug of the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Folds(BTreeMap<String, BTreeSet<String>>);

impl Folds {
    /// Folds what has this name, or unfolds it.
    pub fn toggle(&mut self, slug: &str, name: String) {
        let of_entry = self.0.entry(slug.to_owned()).or_default();
        if !of_entry.remove(&name) {
            of_entry.insert(name);
        }
        self.0.retain(|_, names| !names.is_empty());
    }

    /// Folds all of these, or unfolds everything where something is folded.
    pub fn toggle_all(&mut self, slug: &str, names: BTreeSet<String>) {
        if self.0.remove(slug).is_none() && !names.is_empty() {
            self.0.insert(slug.to_owned(), names);
        }
    }

    /// What is folded of an entry.
    pub fn of(&self, slug: &str) -> Option<&BTreeSet<String>> {
        self.0.get(slug)
    }
}

/// What a place is called when it is folded; `None` if it does not fold. It outlives edits elsewhere in the entry.
pub fn name(entry: &Entry, spot: &Spot) -> Option<String> {
    match &spot.kind {
        SpotKind::Heading { level, name } => Some(format!("{} {name}", "#".repeat(usize::from(*level)))),
        SpotKind::Cell(index) => {
            Some(entry.cells.get(*index).and_then(CellView::id).map_or(index.to_string(), str::to_owned))
        }
        _ => None,
    }
}

/// The entry with the lines left out that folds hide; `None` where they hide none.
pub fn folded(
    full: &Rendered,
    entry: &Entry,
    names: &BTreeSet<String>,
    columns: usize,
    look: Look,
) -> Option<Rendered> {
    let is_folded = |spot: &&Spot| name(entry, spot).is_some_and(|name| names.contains(&name));
    let heads: Vec<(&Spot, Range<usize>)> =
        full.spots.iter().filter(is_folded).map(|spot| (spot, inside(full, spot))).collect();
    let inside = heads.iter().map(|(_, range)| range.clone());
    let hidden = merged(inside.filter(|range| !range.is_empty()).collect());
    if hidden.is_empty() {
        return None;
    }
    let to = |line: usize| moved(&hidden, line);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut from = 0;
    for range in &hidden {
        lines.extend(full.lines.get(from..range.start).unwrap_or_default().iter().cloned());
        if let Some(first) = lines.pop() {
            let spot = heads.iter().find(|(_, inside)| inside.start == range.start).map(|(spot, _)| *spot);
            lines.push(head(first, spot, full, entry, range, columns, look));
        }
        from = range.end;
    }
    lines.extend(full.lines.get(from..).unwrap_or_default().iter().cloned());
    let anchors = full.anchors.iter().map(|Anchor { cell, lines }| Anchor {
        cell: *cell,
        lines: to(lines.start)..to(lines.end).max(to(lines.start)),
    });
    let visible = |spot: &&Spot| !hidden.iter().any(|range| range.contains(&spot.from.line));
    let spots = full.spots.iter().filter(visible).map(|spot| Spot {
        kind: spot.kind.clone(),
        from: Point { line: to(spot.from.line), ..spot.from },
        to: Point { line: to(spot.to.line + 1).max(to(spot.from.line) + 1) - 1, ..spot.to },
    });
    Some(Rendered { lines, unfinished: full.unfinished, anchors: anchors.collect(), spots: spots.collect() })
}

/// The lines that a fold hides: of a cell all but the first, of a section all up to the next of its level.
fn inside(full: &Rendered, spot: &Spot) -> Range<usize> {
    match &spot.kind {
        SpotKind::Heading { level, .. } => {
            let ends = |other: &&Spot| {
                other.from > spot.from
                    && matches!(&other.kind, SpotKind::Heading { level: its, .. } if its <= level)
            };
            let end = full.spots.iter().find(ends).map_or(full.lines.len(), |next| next.from.line);
            spot.to.line + 1..blank_before(full, end).max(spot.to.line + 1)
        }
        _ => spot.from.line + 1..spot.to.line + 1,
    }
}

/// `end` without the blank line before it: what follows a fold stays set off.
fn blank_before(full: &Rendered, end: usize) -> usize {
    let blank =
        end > 0 && end < full.lines.len() && full.lines.get(end - 1).is_some_and(|line| line.width() == 0);
    end - usize::from(blank)
}

/// The same lines as ranges that do not touch.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Where a line is when the hidden ones are gone; a hidden one is where they were.
fn moved(hidden: &[Range<usize>], line: usize) -> usize {
    let before = hidden.iter().take_while(|range| range.start < line);
    line - before.map(|range| range.end.min(line) - range.start).sum::<usize>()
}

/// The line that is left of a fold: what is folded, how many lines that is, and how it stands with the cells among them.
fn head(
    first: Line<'static>,
    spot: Option<&Spot>,
    full: &Rendered,
    entry: &Entry,
    hidden: &Range<usize>,
    columns: usize,
    look: Look,
) -> Line<'static> {
    let cells = full.anchors.iter().filter(|anchor| hidden.contains(&anchor.lines.start));
    let mut tail = vec![look.span(&format!(" … +{}", hidden.len()), Role::Dim)];
    tail.extend(standing(entry, cells.map(|anchor| anchor.cell), look));
    let room = columns.saturating_sub(spans_width(&tail));
    let brief = match spot.map(|spot| &spot.kind) {
        Some(SpotKind::Cell(cell)) => brief(entry, *cell, room, look),
        _ => None,
    };
    let mut head = crop_line(brief.unwrap_or(first), room, look);
    head.spans.extend(tail);
    crop_line(head, columns, look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_move_what_is_below_them() {
        let hidden = merged(vec![5..8, 2..4, 7..9]);
        assert_eq!(hidden, [2..4, 5..9]);
        let to: Vec<usize> = (0..11).map(|line| moved(&hidden, line)).collect();
        assert_eq!(to, [0, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4]);
    }
}
