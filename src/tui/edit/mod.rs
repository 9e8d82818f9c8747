//! Editing an entry in place.
//!
//! ```text
//! buffer ── text, cursor, undo          regions  ── which parts are YAML
//! wrap   ── a line on rows              check    ── what is wrong with the cell at the cursor
//! lines  ── where two texts differ      complete ── what could stand at the cursor
//! merge  ── two versions of one file    conflict ── what is decided where they part
//! ```
//!
//! Pure as the rest: what is to be written comes out as effects. Every change is kept as a draft before the frame that
//! shows it is sent, so that what was seen is never lost, whatever ends the program.

pub mod buffer;
pub mod check;
pub mod complete;
pub mod conflict;
pub mod lines;
pub mod merge;
pub mod regions;
pub mod wrap;

use std::ops::Range;
use std::path::PathBuf;

use self::buffer::{Buffer, Kind};
use self::complete::Completion;
use self::regions::Region;
use super::motion::Motion;
use super::view::highlight;
use crate::base::Diagnostic;
use crate::render::style::Look;

/// An entry that is being edited.
#[derive(Clone, Debug)]
pub struct Editor {
    /// Slug of the entry.
    pub slug: String,
    /// Its file.
    pub path: PathBuf,
    /// The file as people know it: relative to the notebook.
    pub file: String,
    /// What the file held when editing began, or was last saved.
    pub base: String,
    /// The text.
    pub buffer: Buffer,
    /// What is searched for; empty for nothing.
    pub needle: String,
    /// What could stand at the cursor, while it is offered.
    pub completion: Option<Completion>,
    /// What is wrong with the cell at the cursor.
    pub problem: Option<Diagnostic>,
    /// Whether the file has changed since, by another hand.
    pub overtaken: bool,
    /// What was asked to be saved and is not yet.
    pub saving: Option<Saving>,
    /// The revision that was last kept as a draft.
    pub kept: u64,
    /// Parts of the text that are YAML or code.
    pub regions: Vec<Region>,
    /// What `problem` and `regions` were made of: the revision, and the cell.
    seen: Option<(u64, Option<usize>)>,
    /// First byte of the first row on the screen.
    pub top: usize,
    columns: usize,
    height: usize,
    /// The column that going up and down keeps to.
    goal: Option<usize>,
    look: Look,
}

/// A text on its way to the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// The text.
    pub text: String,
    /// What follows when it is there.
    pub then: Then,
}

/// What Esc leads out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Words are offered.
    Offer,
    /// Something is searched for.
    Search,
    /// The text itself.
    Text,
}

/// What follows when the text was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Editing goes on.
    Stay,
    /// The editor is left.
    Leave,
}

impl Editor {
    /// Begins with `text`, of which the file held `base`, at byte `cursor`.
    pub fn new(
        slug: String,
        path: PathBuf,
        file: String,
        base: String,
        text: String,
        cursor: usize,
        look: Look,
    ) -> Self {
        Self {
            slug,
            path,
            file,
            base,
            buffer: Buffer::new(text, cursor),
            needle: String::new(),
            completion: None,
            problem: None,
            overtaken: false,
            saving: None,
            kept: 0,
            regions: Vec::new(),
            seen: None,
            top: 0,
            columns: 80,
            height: 24,
            goal: None,
            look,
        }
    }

    /// Whether there is something that is not saved.
    pub fn is_changed(&self) -> bool {
        self.buffer.text() != self.base
    }

    /// The innermost layer.
    pub fn layer(&self) -> Layer {
        match (&self.completion, self.needle.is_empty()) {
            (Some(_), _) => Layer::Offer,
            (None, false) => Layer::Search,
            (None, true) => Layer::Text,
        }
    }

    /// Brings up to date what follows from the text and the size of the screen.
    pub fn settle(&mut self, columns: usize, height: usize, datasets: &[String]) {
        (self.columns, self.height) = (columns.max(1), height.max(1));
        if self.seen.is_none_or(|(revision, _)| revision != self.buffer.revision()) {
            self.regions = regions::regions(self.buffer.text());
        }
        let here = regions::at(&self.regions, self.buffer.cursor()).map(|region| region.text.start);
        if self.seen != Some((self.buffer.revision(), here)) {
            self.problem =
                check::check(&self.file, self.buffer.text(), &self.regions, self.buffer.cursor(), datasets);
            self.seen = Some((self.buffer.revision(), here));
        }
        self.keep_cursor_visible();
    }

    /// The rows of the line that byte `at` is in, as ranges of the text.
    pub fn rows(&self, at: usize) -> Vec<Range<usize>> {
        let (start, end) = (self.buffer.line_start(at), self.buffer.line_end(at));
        let line = self.buffer.text().get(start..end).unwrap_or_default();
        let rows = wrap::rows(line, self.columns, self.look);
        rows.into_iter().map(|row| start + row.start..start + row.end).collect()
    }

    /// The row that byte `at` is on.
    fn row(&self, at: usize) -> Range<usize> {
        let rows = self.rows(at);
        rows.get(wrap::row_of(&rows, at)).cloned().unwrap_or(at..at)
    }

    /// The row after the one that `row` is, in this line or the next.
    pub fn row_after(&self, row: &Range<usize>) -> Option<Range<usize>> {
        let rows = self.rows(row.start);
        let here = wrap::row_of(&rows, row.start);
        if let Some(next) = rows.get(here + 1) {
            return Some(next.clone());
        }
        let newline = row.start + self.buffer.text().get(row.start..)?.find('\n')?;
        self.rows(newline + 1).into_iter().next()
    }

    fn row_before(&self, row: &Range<usize>) -> Option<Range<usize>> {
        let rows = self.rows(row.start);
        let here = wrap::row_of(&rows, row.start);
        if let Some(before) = here.checked_sub(1).and_then(|before| rows.get(before)) {
            return Some(before.clone());
        }
        let start = self.buffer.line_start(row.start);
        self.rows(start.checked_sub(1)?).into_iter().next_back()
    }

    /// The rows on the screen.
    pub fn visible(&self) -> Vec<Range<usize>> {
        let first = self.row(self.top.min(self.buffer.text().len()));
        std::iter::successors(Some(first), |row| self.row_after(row)).take(self.height).collect()
    }

    fn keep_cursor_visible(&mut self) {
        self.top = self.row(self.top.min(self.buffer.text().len())).start;
        let cursor = self.row(self.buffer.cursor());
        if cursor.start < self.top {
            self.top = cursor.start;
            return;
        }
        // The first row that may be on top: so many rows above the cursor.
        let lowest = (1..self.height).try_fold(cursor, |row, _| self.row_before(&row).ok_or(row));
        if let Ok(lowest) = lowest
            && self.top < lowest.start
        {
            self.top = lowest.start;
        }
    }

    /// Moves the cursor by rows.
    pub fn travel(&mut self, motion: Motion) {
        let steps = match motion {
            Motion::Down | Motion::Up => 1,
            Motion::HalfDown | Motion::HalfUp => (self.height / 2).max(1),
            Motion::PageDown | Motion::PageUp => self.height.saturating_sub(1).max(1),
            Motion::First => return self.move_to(0),
            Motion::Last => return self.move_to(self.buffer.text().len()),
        };
        let row = self.row(self.buffer.cursor());
        let column = self.goal.unwrap_or_else(|| self.column());
        let step = |row: Range<usize>| match motion {
            Motion::Down | Motion::HalfDown | Motion::PageDown => self.row_after(&row).ok_or(row),
            _ => self.row_before(&row).ok_or(row),
        };
        let (Ok(row) | Err(row)) = (0..steps).try_fold(row, |row, _| step(row));
        let text = self.buffer.text().get(row.clone()).unwrap_or_default();
        let mut at = row.start + wrap::byte_at(text, column, self.look);
        // The place behind the last grapheme of a wrapped row is the first of the next row.
        if at == row.end && self.row(at) != row && at > row.start {
            at = self.buffer.before(at);
        }
        self.move_to(at);
        self.goal = Some(column);
    }

    /// The column of the cursor in its row.
    pub fn column(&self) -> usize {
        let row = self.row(self.buffer.cursor());
        let text = self.buffer.text().get(row.clone()).unwrap_or_default();
        wrap::column_of(text, self.buffer.cursor() - row.start, self.look)
    }

    /// Puts the cursor somewhere; what was offered there is no longer.
    pub fn move_to(&mut self, at: usize) {
        self.buffer.move_to(at);
        self.goal = None;
        self.completion = None;
    }

    /// Types text: offers what could become of it.
    pub fn typed(&mut self, text: &str, vocabulary: &complete::Vocabulary<'_>) {
        self.change(|buffer| buffer.insert(text, Kind::Typed));
        self.regions = regions::regions(self.buffer.text());
        self.completion =
            complete::complete(self.buffer.text(), self.buffer.cursor(), &self.regions, vocabulary);
    }

    /// Changes the text; what was offered is no longer.
    pub fn change(&mut self, change: impl FnOnce(&mut Buffer)) {
        change(&mut self.buffer);
        self.goal = None;
        self.completion = None;
    }

    /// Puts the chosen word of what is offered in its place; whether something was offered.
    pub fn take_offer(&mut self) -> bool {
        let Some(offer) = self.completion.take() else { return false };
        if let Some(word) = offer.words.get(offer.at) {
            let range = offer.from..self.buffer.cursor();
            self.change(|buffer| buffer.replace(range, word, Kind::Whole));
        }
        true
    }

    /// Whether the chosen word of what is offered is what was typed.
    pub fn offers_what_stands(&self) -> bool {
        let chosen =
            self.completion.as_ref().and_then(|offer| Some((offer.from, offer.words.get(offer.at)?)));
        chosen.is_some_and(|(from, word)| {
            self.buffer.text().get(from..self.buffer.cursor()) == Some(word.as_str())
        })
    }

    /// Puts a text in the place of all that has in it what was written on disk, as one step of undoing; the cursor stays
    /// where it was, as far as it can.
    pub fn take_in(&mut self, text: &str) {
        let cursor = self.buffer.cursor();
        let end = self.buffer.text().len();
        self.change(|buffer| {
            buffer.replace(0..end, text, Kind::Taken);
            buffer.move_to(cursor);
        });
    }

    /// Goes to the next place of what is searched for, from byte `from` on and around the end; whether there is one.
    pub fn find(&mut self, from: usize, forward: bool) -> bool {
        let found = highlight::matches(self.buffer.text(), &self.needle);
        let next = if forward {
            found.iter().find(|range| range.start >= from).or(found.first())
        } else {
            found.iter().rev().find(|range| range.start < from).or(found.last())
        };
        let at = next.map(|range| range.start);
        if let Some(at) = at {
            self.move_to(at);
        }
        at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(text: &str, columns: usize, height: usize) -> Editor {
        let text = text.to_owned();
        let mut editor = Editor::new(
            "e".to_owned(),
            PathBuf::new(),
            "e.md".to_owned(),
            text.clone(),
            text,
            0,
            Look::PLAIN,
        );
        editor.settle(columns, height, &[]);
        editor
    }

    #[test]
    fn going_down_keeps_the_column_over_short_lines_and_wrapped_ones() {
        let mut editor = editor("abcdef\nx\nlong line that wraps\nend", 10, 9);
        editor.move_to(4);
        let mut places = Vec::new();
        for _ in 0..6 {
            places.push((editor.buffer.cursor(), editor.column()));
            editor.travel(Motion::Down);
        }
        assert_eq!(places, [(4, 4), (8, 1), (13, 4), (23, 4), (33, 3), (33, 3)]);
        editor.travel(Motion::First);
        assert_eq!(editor.buffer.cursor(), 0);
    }

    #[test]
    fn the_cursor_is_always_on_the_screen() {
        let text = "one two three four five six seven\n\nshort\n".repeat(20);
        for (columns, height) in [(1, 1), (7, 3), (80, 10)] {
            let mut editor = editor(&text, columns, height);
            for motion in
                [Motion::Last, Motion::PageUp, Motion::Up, Motion::First, Motion::PageDown, Motion::Down]
            {
                editor.travel(motion);
                editor.settle(columns, height, &[]);
                let row = editor.row(editor.buffer.cursor());
                assert!(editor.visible().contains(&row), "{motion:?} at {columns}x{height}");
            }
        }
    }

    #[test]
    fn searching_goes_around() {
        let mut editor = editor("a b a b", 10, 3);
        editor.needle = "b".to_owned();
        assert!(editor.find(0, true));
        assert_eq!(editor.buffer.cursor(), 2);
        assert!(editor.find(3, true) && editor.buffer.cursor() == 6);
        assert!(editor.find(7, true) && editor.buffer.cursor() == 2);
        assert!(editor.find(2, false) && editor.buffer.cursor() == 6);
    }
}
