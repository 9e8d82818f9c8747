//! The selected entry as lines, and where one is in it.
//!
//! The lines are made once per entry, width and look, and kept: scrolling only shows others of them. A notebook
//! hands on the very same entry (the same `Arc`) as long as nothing about it changed.

use std::ops::Range;
use std::sync::Arc;

use ratatui::text::Line;

use super::motion::Motion;
use super::view::highlight;
use crate::notebook::Entry;
use crate::render;
use crate::render::Rendered;
use crate::render::style::Look;

/// An entry drawn at a width.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// What was drawn.
    entry: Arc<Entry>,
    /// At this width.
    width: u16,
    /// With these colours and glyphs.
    look: Look,
    /// Its lines.
    pub lines: Vec<Line<'static>>,
    /// The lines of each cell.
    pub cells: Vec<Range<usize>>,
}

/// The selected entry and where one is in it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    drawn: Option<Drawn>,
    height: usize,
    /// First line seen.
    pub top: usize,
    /// The selected cell: always one that is seen, if one is.
    pub cell: Option<usize>,
    /// What is searched for; empty for nothing.
    pub needle: String,
    /// The line of the place found last.
    hit: Option<usize>,
}

impl Page {
    /// Shows `entry` in `height` lines of `width` columns. Where the same entry has changed, the selected cell
    /// stays where it was on the screen.
    pub fn show(&mut self, entry: Option<Arc<Entry>>, width: u16, height: usize, look: Look) {
        let resized = self.height != height || self.drawn.as_ref().is_some_and(|drawn| drawn.width != width);
        self.height = height;
        if !self.is_current(entry.as_ref(), width, look) {
            self.draw(entry, width, look);
        }
        self.scroll_to(self.top);
        if let Some(lines) = self.selected_lines().filter(|_| resized) {
            self.reveal(&lines);
        }
        self.select_visible();
    }

    fn is_current(&self, entry: Option<&Arc<Entry>>, width: u16, look: Look) -> bool {
        match (&self.drawn, entry) {
            (Some(drawn), Some(entry)) => {
                Arc::ptr_eq(&drawn.entry, entry) && drawn.width == width && drawn.look == look
            }
            (drawn, entry) => drawn.is_none() && entry.is_none(),
        }
    }

    fn draw(&mut self, entry: Option<Arc<Entry>>, width: u16, look: Look) {
        let same =
            matches!((&self.drawn, &entry), (Some(drawn), Some(entry)) if drawn.entry.slug == entry.slug);
        let anchor = self.anchor();
        let whole = self.selected_lines().is_some_and(|range| range.end <= self.top + self.height);
        self.drawn = entry.map(|entry| {
            let Rendered { lines, anchors, .. } = render::entry::entry(&entry, usize::from(width), look);
            let cells = anchors.into_iter().map(|anchor| anchor.lines).collect();
            Drawn { entry, width, look, lines, cells }
        });
        if same {
            let moved = self.anchor();
            self.top = (self.top + moved).saturating_sub(anchor);
            // A cell that was seen whole, and has grown by its first results, is shown whole as far as it fits.
            if let Some(range) = self.selected_lines().filter(|_| whole) {
                let top = range.end.saturating_sub(self.height).min(range.start);
                self.scroll_to(top.max(self.top));
            }
        } else {
            (self.top, self.cell, self.hit) = (0, None, None);
            self.needle.clear();
        }
    }

    /// First line of the selected cell, or the first line of all.
    fn anchor(&self) -> usize {
        self.cell.and_then(|cell| self.cells().get(cell)).map_or(0, |range| range.start)
    }

    /// The lines of the entry.
    pub fn lines(&self) -> &[Line<'static>] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.lines)
    }

    /// The lines of each cell, in order.
    pub fn cells(&self) -> &[Range<usize>] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.cells)
    }

    /// The lines of the selected cell.
    pub fn selected_lines(&self) -> Option<Range<usize>> {
        self.cells().get(self.cell?).cloned()
    }

    /// Scrolls.
    pub fn travel(&mut self, motion: Motion) {
        self.top = motion.travel(self.top, self.last_top(), self.height);
        self.select_visible();
    }

    fn last_top(&self) -> usize {
        self.lines().len().saturating_sub(self.height.max(1))
    }

    fn scroll_to(&mut self, top: usize) {
        self.top = top.min(self.last_top());
    }

    /// Keys act on the selected cell, so it must be one that the person sees.
    fn select_visible(&mut self) {
        let seen = self.top..self.top + self.height.max(1);
        let is_seen = |range: &Range<usize>| range.start < seen.end && range.end > seen.start;
        if !self.cell.and_then(|cell| self.cells().get(cell)).is_some_and(is_seen) {
            self.cell = self.cells().iter().position(is_seen);
        }
    }

    /// Selects the next cell (or the one before) and scrolls to it; whether there is one.
    pub fn step_cell(&mut self, forward: bool) -> bool {
        let from = self.cell;
        let to = match (from, forward) {
            (Some(cell), true) => cell + 1,
            (Some(cell), false) => cell.wrapping_sub(1),
            // No cell is seen: the nearest below or above.
            (None, true) => self.cells().partition_point(|range| range.start < self.top),
            (None, false) => self.cells().partition_point(|range| range.start < self.top).wrapping_sub(1),
        };
        let Some(range) = self.cells().get(to).cloned() else { return false };
        self.cell = Some(to);
        self.reveal(&range);
        true
    }

    /// Scrolls as little as shows `range` whole, or its beginning where it is longer than the screen.
    fn reveal(&mut self, range: &Range<usize>) {
        if range.end > self.top + self.height {
            self.scroll_to(range.end.saturating_sub(self.height));
        }
        if range.start < self.top {
            self.scroll_to(range.start);
        }
    }

    /// Searches for `needle` while it is typed: the first place from line `origin` on, around the end; whether
    /// there is one.
    pub fn search(&mut self, needle: &str, origin: usize) -> bool {
        needle.clone_into(&mut self.needle);
        self.hit = None;
        self.scroll_to(origin);
        self.needle.is_empty() || self.find(|line| line >= origin, true)
    }

    /// Goes to the next place found (or the one before), around the end; whether there is one.
    pub fn find_next(&mut self, forward: bool) -> bool {
        match (self.hit, forward) {
            (Some(hit), true) => self.find(|line| line > hit, true),
            (Some(hit), false) => self.find(|line| line < hit, false),
            (None, _) => self.find(|_| true, forward),
        }
    }

    /// Goes to the first line with the needle that is `wanted` (the last, going back), else to the first (last).
    fn find(&mut self, wanted: impl Fn(usize) -> bool, forward: bool) -> bool {
        let mut found: Vec<usize> = (0..self.lines().len()).filter(|&line| self.has_needle(line)).collect();
        if !forward {
            found.reverse();
        }
        let next = found.iter().find(|&&line| wanted(line)).or(found.first());
        let Some(&line) = next else { return false };
        self.hit = Some(line);
        self.reveal(&(line..line + 1));
        self.select_visible();
        true
    }

    fn has_needle(&self, line: usize) -> bool {
        let text = self.lines().get(line).map(Line::to_string).unwrap_or_default();
        !highlight::matches(&text, &self.needle).is_empty()
    }
}
