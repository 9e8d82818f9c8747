//! The selected entry as lines, and where one is in it.
//!
//! The lines are made once per entry, width and look, and kept: scrolling only shows others of them. A notebook
//! hands on the very same entry (the same `Arc`) as long as nothing about it changed.
//!
//! Of a long entry only the beginning is made at once, and the rest by the `typesetter`. Whatever asks for a line that is
//! not there yet has it made on the spot ([`Page::ensure`]), so that nothing else can tell the difference.

mod images;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use ratatui::text::Line;

use super::folds::{self, Folds};
use super::motion::Motion;
use super::typesetter::Galley;
use super::view::highlight;
use crate::notebook::Entry;
use crate::render::style::Look;
use crate::render::{BackLink, Images, Rendered, Spot, SpotKind};
use crate::spec::settings::Drawing;

/// How many bytes an entry has, at most, that is laid out whole at once: it takes some milliseconds.
const SHORT: usize = 128 << 10;

/// How many screens of a longer one are laid out at once, beyond what is seen.
const AHEAD: usize = 8;

/// An entry drawn at a width.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// What was drawn, and how.
    galley: Galley,
    /// Its lines, or the first of them.
    full: Arc<Rendered>,
    /// What folds leave of it, where there are any.
    folded: Option<Rendered>,
    /// The lines of each cell as shown; of one that a fold hides, none.
    cells: Vec<Range<usize>>,
}

impl Drawn {
    fn shown(&self) -> &Rendered {
        self.folded.as_ref().unwrap_or(&self.full)
    }

    fn fold(&mut self, folds: &Folds) {
        let Galley { entry, width, look, .. } = &self.galley;
        let names = folds.of(&entry.slug);
        self.folded =
            names.and_then(|names| folds::folded(&self.full, entry, names, usize::from(*width), *look));
        self.cells = self.shown().anchors.iter().map(|anchor| anchor.lines.clone()).collect();
    }
}

/// What is shown, and how.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: usize,
    /// Colours and glyphs.
    pub look: Look,
}

/// The selected entry and where one is in it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    drawn: Option<Drawn>,
    height: usize,
    /// First line seen.
    pub top: usize,
    /// The selected cell: always one that is seen, if one is, unless something else is selected.
    pub cell: Option<usize>,
    /// The place that is selected, where it is not a cell.
    spot: Option<usize>,
    /// What is searched for; empty for nothing.
    pub needle: String,
    /// The line of the place found last.
    hit: Option<usize>,
    /// The pictures that are drawn of this entry.
    images: Images,
    /// Who draws them.
    drawing: Drawing,
    /// What the terminal was sent of them, to draw it by itself: under which number, over how many columns and rows.
    placed: BTreeMap<u8, (usize, usize)>,
    /// Whether it is to be drawn anew although it did not change: its pictures did.
    outdated: bool,
    /// What the typesetter is to be given.
    to_lay: Option<Galley>,
    /// The number of the last drawing.
    drawings: u64,
    /// What is folded, in all entries.
    pub folds: Folds,
    /// Where to go in an entry as soon as it is shown, and read.
    expected: Option<(String, Arrival)>,
}

/// A place in an entry that one goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The line that is seen first.
    Top(usize),
    /// The `nth` line with these words, which are searched for from there.
    Found(String, usize),
    /// The cell of this id.
    Cell(String),
}

impl Page {
    /// Says where to go in an entry, which may not be there yet.
    pub fn expect(&mut self, slug: &str, place: Arrival) {
        self.expected = Some((slug.to_owned(), place));
    }

    /// Goes there, if that is the entry that is shown.
    fn arrive(&mut self) {
        let Some(entry) = self.drawn.as_ref().map(|drawn| &drawn.galley.entry) else { return };
        if self.expected.as_ref().is_some_and(|(slug, _)| *slug != entry.slug) {
            // It is gone, or another one was gone to.
            self.expected = None;
        }
        if entry.is_read {
            match self.expected.take() {
                Some((_, Arrival::Top(top))) => self.scroll_to(top),
                Some((_, Arrival::Found(needle, nth))) => self.go_to_text(&needle, nth),
                Some((_, Arrival::Cell(id))) => {
                    let cell = entry.cells.iter().position(|cell| cell.id() == Some(&id));
                    if let Some(cell) = cell {
                        self.select_first(|kind| *kind == SpotKind::Cell(cell));
                    }
                }
                None => {}
            }
        }
    }

    /// Shows `entry`. Where the same entry has changed, what is selected stays where it was on the screen.
    pub fn show(&mut self, entry: Option<(Arc<Entry>, Vec<BackLink>)>, view: View) {
        let resized = self.height != view.height
            || self.drawn.as_ref().is_some_and(|drawn| drawn.galley.width != view.width);
        self.outdated |= self.height != view.height && !self.images.sights.is_empty();
        self.height = view.height;
        if !self.is_current(entry.as_ref(), view) {
            self.draw(entry, view);
        } else if std::mem::take(&mut self.outdated) {
            self.draw_images();
        }
        self.arrive();
        self.scroll_to(self.top);
        if let Some(lines) = self.selected_lines().filter(|_| resized) {
            self.reveal(&lines);
        }
        self.select_visible();
    }

    fn is_current(&self, entry: Option<&(Arc<Entry>, Vec<BackLink>)>, view: View) -> bool {
        match (&self.drawn, entry) {
            (Some(Drawn { galley, .. }), Some((entry, linked_from))) => {
                Arc::ptr_eq(&galley.entry, entry)
                    && galley.linked_from == *linked_from
                    && (galley.width, galley.look) == (view.width, view.look)
            }
            (drawn, entry) => drawn.is_none() && entry.is_none(),
        }
    }

    fn draw(&mut self, entry: Option<(Arc<Entry>, Vec<BackLink>)>, View { width, look, .. }: View) {
        let same = matches!((&self.drawn, &entry),
            (Some(drawn), Some((entry, _))) if drawn.galley.entry.slug == entry.slug);
        if !same {
            self.hide_images(|_| true);
        }
        self.fit_images(width);
        self.outdated = false;
        let anchor = self.anchor();
        let selected = self.spot().map(|spot| spot.kind.clone());
        let whole = self.selected_lines().is_some_and(|range| range.end <= self.top + self.height);
        let galley = entry.map(|(entry, linked_from)| {
            self.drawings += 1;
            Galley { id: self.drawings, entry, linked_from, images: self.images.clone(), width, look }
        });
        self.begin(galley, if same { self.top } else { 0 });
        if same {
            self.spot =
                selected.and_then(|kind| self.spots().iter().position(|spot| is_same(&spot.kind, &kind)));
            let moved = self.anchor();
            self.top = (self.top + moved).saturating_sub(anchor);
            // A cell that was seen whole, and has grown by its first results, is shown whole as far as it fits.
            if let Some(range) = self.selected_lines().filter(|_| whole) {
                let top = range.end.saturating_sub(self.height).min(range.start);
                self.scroll_to(top.max(self.top));
            }
        } else {
            (self.top, self.cell, self.spot, self.hit) = (0, None, None, None);
            self.needle.clear();
        }
    }

    /// Draws `galley`, as far as is seen from line `top` on and somewhat further; where something is folded, whole:
    /// where a fold ends is known only then.
    fn begin(&mut self, galley: Option<Galley>, top: usize) {
        let screens = top + AHEAD * self.height.max(1);
        let folds = &self.folds;
        self.drawn = galley.map(|galley| {
            let short = galley.entry.document.source.len() <= SHORT;
            let whole = short || folds.of(&galley.entry.slug).is_some();
            let full = Arc::new(galley.set(if whole { usize::MAX } else { screens }));
            let mut drawn = Drawn { galley, full, folded: None, cells: Vec::new() };
            drawn.fold(folds);
            drawn
        });
        self.to_lay =
            self.drawn.as_ref().filter(|drawn| drawn.full.unfinished).map(|drawn| drawn.galley.clone());
    }

    /// What is to be laid out whole, once.
    pub fn to_lay(&mut self) -> Option<Galley> {
        self.to_lay.take()
    }

    /// Takes the lines of the entry, if they are still those that are wanted: the first of them stay what they were.
    pub fn laid(&mut self, id: u64, rendered: Arc<Rendered>) {
        let drawn = self.drawn.as_mut().filter(|drawn| drawn.galley.id == id && drawn.full.unfinished);
        if let Some(drawn) = drawn {
            drawn.full = rendered;
            drawn.fold(&self.folds);
        }
    }

    /// Makes so many lines, if there are so many. What is made anew is at least doubled, so that going on and on costs
    /// no more than twice what all of it does.
    fn ensure(&mut self, lines: usize) {
        let Some(drawn) = &mut self.drawn else { return };
        let there = drawn.full.lines.len();
        if drawn.full.unfinished && lines > there {
            drawn.full = Arc::new(drawn.galley.set(lines.max(2 * there)));
            drawn.fold(&self.folds);
        }
    }

    /// Makes all lines.
    fn finish(&mut self) {
        self.ensure(usize::MAX);
    }

    /// First line of what is selected, or the first line of all.
    fn anchor(&self) -> usize {
        self.selected_lines().map_or(0, |range| range.start)
    }

    /// The lines of the entry.
    pub fn lines(&self) -> &[Line<'static>] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.shown().lines)
    }

    /// The lines of each cell, in order.
    pub fn cells(&self) -> &[Range<usize>] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.cells)
    }

    /// What can be acted upon, in order.
    pub fn spots(&self) -> &[Spot] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.shown().spots)
    }

    /// The place that is selected, a cell too.
    pub fn spot(&self) -> Option<&Spot> {
        let cell =
            || self.spots().iter().find(|spot| Some(&spot.kind) == self.cell.map(SpotKind::Cell).as_ref());
        self.spot.map_or_else(cell, |index| self.spots().get(index))
    }

    /// The lines of what is selected.
    pub fn selected_lines(&self) -> Option<Range<usize>> {
        match self.spot {
            Some(index) => self.spots().get(index).map(Spot::range),
            None => self.cells().get(self.cell?).cloned(),
        }
    }

    /// Scrolls.
    pub fn travel(&mut self, motion: Motion) {
        self.ensure(if motion == Motion::Last { usize::MAX } else { self.top + 4 * self.height });
        self.top = motion.travel(self.top, self.last_top(), self.height);
        self.select_visible();
    }

    fn last_top(&self) -> usize {
        self.lines().len().saturating_sub(self.height.max(1))
    }

    /// Scrolls so that `top` is the first line seen, as far as there are lines.
    pub fn scroll_to(&mut self, top: usize) {
        self.ensure(top.saturating_add(self.height.max(1)));
        self.top = top.min(self.last_top());
    }

    /// Keys act on what is selected, so it must be something that the person sees.
    fn select_visible(&mut self) {
        let seen = self.top..self.top + self.height.max(1);
        let is_seen =
            |range: &Range<usize>| range.start < seen.end && range.end > seen.start && !range.is_empty();
        if self.spot.is_some() {
            if self.selected_lines().as_ref().is_some_and(is_seen) {
                return;
            }
            self.spot = None;
        }
        if !self.cell.and_then(|cell| self.cells().get(cell)).is_some_and(is_seen) {
            self.cell = self.cells().iter().position(is_seen);
        }
    }

    /// Selects the next cell (or the one before) and scrolls to it; whether there is one.
    pub fn step_cell(&mut self, forward: bool) -> bool {
        self.step(forward, |spot| matches!(spot.kind, SpotKind::Cell(_)))
    }

    /// Selects the next place (or the one before) and scrolls to it; whether there is one.
    pub fn step_spot(&mut self, forward: bool) -> bool {
        self.step(forward, |spot| !matches!(spot.kind, SpotKind::Note(_)))
    }

    /// Selects the next place that is `wanted` and scrolls to it. With nothing selected it is one on the screen, or
    /// the nearest beyond.
    fn step(&mut self, forward: bool, wanted: impl Fn(&Spot) -> bool) -> bool {
        let spots = self.spots();
        let at = self.spot().and_then(|selected| spots.iter().position(|spot| spot == selected));
        let seen = |edge: usize| spots.partition_point(|spot| spot.from.line < edge);
        let to = match (at, forward) {
            (Some(at), true) => (at + 1..spots.len()).find(|&index| spots.get(index).is_some_and(&wanted)),
            (None, true) => {
                (seen(self.top)..spots.len()).find(|&index| spots.get(index).is_some_and(&wanted))
            }
            (Some(at), false) => (0..at).rev().find(|&index| spots.get(index).is_some_and(&wanted)),
            (None, false) => {
                (0..seen(self.top + self.height)).rev().find(|&index| spots.get(index).is_some_and(&wanted))
            }
        };
        match to {
            Some(to) => self.select(to),
            None if self.is_unfinished() => {
                self.finish();
                self.step(forward, wanted)
            }
            None => false,
        }
    }

    fn is_unfinished(&self) -> bool {
        self.drawn.as_ref().is_some_and(|drawn| drawn.full.unfinished)
    }

    /// Selects a place by its index and scrolls to it.
    fn select(&mut self, index: usize) -> bool {
        let Some(spot) = self.spots().get(index) else { return false };
        let range = spot.range();
        (self.cell, self.spot) = match spot.kind {
            SpotKind::Cell(cell) => (Some(cell), None),
            _ => (None, Some(index)),
        };
        self.reveal(&range);
        true
    }

    /// Lets go of what is selected besides cells; whether there was something.
    pub fn deselect(&mut self) -> bool {
        let was = self.spot.take().is_some();
        self.select_visible();
        was
    }

    /// Selects the first place on the screen that is `wanted`; whether there is one.
    pub fn select_seen(&mut self, wanted: impl Fn(&SpotKind) -> bool) -> bool {
        let seen = self.top..self.top + self.height.max(1);
        let found = self.spots().iter().position(|spot| seen.contains(&spot.from.line) && wanted(&spot.kind));
        found.is_some_and(|index| self.select(index))
    }

    /// Selects the first place that is `wanted`, wherever it is; whether there is one.
    pub fn select_first(&mut self, wanted: impl Fn(&SpotKind) -> bool) -> bool {
        self.finish();
        let found = self.spots().iter().position(|spot| wanted(&spot.kind));
        found.is_some_and(|index| self.select(index))
    }

    /// Folds what is selected, else the section at the top of the screen, or unfolds it; whether there is one.
    pub fn toggle_fold(&mut self) -> bool {
        self.finish();
        let Some(drawn) = &self.drawn else { return false };
        let entry = &drawn.galley.entry;
        let name_of = |spot: &Spot| Some((folds::name(entry, spot)?, spot.kind.clone()));
        let heading = |line: usize| {
            let above = self.spots().iter().rev().filter(|spot| spot.from.line <= line);
            above.filter(|spot| matches!(spot.kind, SpotKind::Heading { .. })).find_map(name_of)
        };
        let line = self.selected_lines().map_or(self.top, |range| range.start);
        let Some((name, kind)) = self.spot().and_then(name_of).or_else(|| heading(line)) else {
            return false;
        };
        let slug = entry.slug.clone();
        self.refold(|folds| folds.toggle(&slug, name));
        self.select_first(|other| *other == kind);
        true
    }

    /// Folds every section and cell, or unfolds everything where something is folded; whether something is folded now.
    pub fn toggle_all_folds(&mut self) -> bool {
        self.finish();
        let Some(drawn) = &self.drawn else { return false };
        let entry = &drawn.galley.entry;
        let names = drawn.full.spots.iter().filter_map(|spot| folds::name(entry, spot)).collect();
        let slug = entry.slug.clone();
        self.refold(|folds| folds.toggle_all(&slug, names));
        self.top = 0;
        self.folds.of(&slug).is_some()
    }

    /// Changes what is folded; what is selected keeps its place on the screen if it is still seen.
    fn refold(&mut self, change: impl FnOnce(&mut Folds)) {
        let selected = self.spot().map(|spot| spot.kind.clone());
        let anchor = self.anchor();
        change(&mut self.folds);
        if let Some(drawn) = &mut self.drawn {
            drawn.fold(&self.folds);
        }
        self.hit = None;
        self.spot = selected.and_then(|kind| self.spots().iter().position(|spot| spot.kind == kind));
        if matches!(self.spot(), Some(Spot { kind: SpotKind::Cell(_), .. })) {
            self.spot = None;
        }
        let top = (self.top + self.anchor()).saturating_sub(anchor);
        self.scroll_to(top);
        self.select_visible();
    }

    /// Goes to the `nth` line (from 0) in which `needle` stands, and searches for it from there.
    pub fn go_to_text(&mut self, needle: &str, nth: usize) {
        needle.clone_into(&mut self.needle);
        self.finish();
        let found = (0..self.lines().len()).filter(|&line| self.has_needle(line)).nth(nth);
        if let Some(line) = found.or_else(|| (0..self.lines().len()).find(|&line| self.has_needle(line))) {
            self.hit = Some(line);
            self.scroll_to(line.saturating_sub(self.height / 3));
            self.select_visible();
        }
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
        self.needle.is_empty() || self.find(origin, true)
    }

    /// Goes to the next place found (or the one before), around the end; whether there is one.
    pub fn find_next(&mut self, forward: bool) -> bool {
        match (self.hit, forward) {
            (Some(hit), true) => self.find(hit + 1, true),
            (Some(hit), false) => self.find(hit, false),
            (None, _) => self.find(0, forward),
        }
    }

    /// Goes to the first line with the needle from line `from` on (the last before it, going back), around the end;
    /// whether there is one.
    fn find(&mut self, from: usize, forward: bool) -> bool {
        let Some(line) = self.found(from, forward) else { return false };
        self.hit = Some(line);
        self.reveal(&(line..line + 1));
        self.select_visible();
        true
    }

    /// That line.
    fn found(&mut self, from: usize, forward: bool) -> Option<usize> {
        let has = |line: &usize| self.has_needle(*line);
        let there = self.lines().len();
        // What is found nearer needs nothing that is not there yet.
        let near = if forward { (from..there).find(has) } else { (0..from).rev().find(has) };
        if near.is_some() {
            return near;
        }
        self.finish();
        let has = |line: &usize| self.has_needle(*line);
        let count = self.lines().len();
        let before = 0..from.min(count);
        if forward { (there.max(from)..count).chain(before).find(has) } else { (from..count).rev().find(has) }
    }

    /// The line of the place found last.
    pub fn hit(&self) -> Option<usize> {
        self.hit
    }

    fn has_needle(&self, line: usize) -> bool {
        let Some(line) = self.lines().get(line) else { return false };
        let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        highlight::has(&text, &self.needle)
    }
}

/// Whether two places are the same, before and after an edit: a task stays itself when it is done.
fn is_same(one: &SpotKind, other: &SpotKind) -> bool {
    match (one, other) {
        (SpotKind::Task { at: one, .. }, SpotKind::Task { at: other, .. }) => one == other,
        _ => one == other,
    }
}
