//! The list of entries: which are shown, which is selected, where it is scrolled to.

use std::sync::Arc;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::motion::Motion;
use crate::notebook::{Entry, EntryMark};

/// The list of entries.
#[derive(Clone, Debug, Default)]
pub struct LogPane {
    /// What the entries are filtered by; empty for all.
    pub filter: String,
    /// Indices of the entries shown, newest first.
    pub shown: Vec<usize>,
    /// First row seen.
    pub top: usize,
    /// Slug of the selected entry: it stays selected when others come and go.
    selected: Option<String>,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The month of the entries below, as the index of the first of them.
    Month(usize),
    /// The entry of this index.
    Entry(usize),
}

impl LogPane {
    /// Decides anew which entries are shown. Where the filter hides the selected one, the best match is selected.
    pub fn refresh(&mut self, entries: &[Arc<Entry>]) {
        let scores = scores(entries, &self.filter);
        self.shown = scores.iter().map(|&(index, _)| index).collect();
        if self.position(entries).is_none() {
            // The first of equals: the newest.
            let best = scores.iter().rev().max_by_key(|(_, score)| *score);
            self.selected = best.and_then(|&(index, _)| entries.get(index)).map(|entry| entry.slug.clone());
        }
    }

    /// The selected entry.
    pub fn selected_of<'a>(&self, entries: &'a [Arc<Entry>]) -> Option<&'a Arc<Entry>> {
        let slug = self.selected.as_ref()?;
        entries.iter().find(|entry| entry.slug == *slug)
    }

    /// The entries that the selected one is left for most often: the one above and the two below.
    pub fn near<'a>(&'a self, entries: &'a [Arc<Entry>]) -> impl Iterator<Item = &'a Arc<Entry>> {
        let at = self.position(entries).unwrap_or(0);
        let (from, to) = (at.saturating_sub(1), (at + 3).min(self.shown.len()));
        let near = self.shown.get(from..to).unwrap_or_default().iter();
        near.filter_map(|&index| entries.get(index)).filter(|entry| !self.is_selected(entry))
    }

    /// Whether this entry is the selected one.
    pub fn is_selected(&self, entry: &Entry) -> bool {
        self.selected.as_deref() == Some(&entry.slug)
    }

    /// Selects an entry that may not be known yet.
    pub fn expect(&mut self, slug: &str) {
        self.selected = Some(slug.to_owned());
    }

    /// Selects an entry by its slug; whether it is among those shown.
    pub fn select(&mut self, entries: &[Arc<Entry>], slug: &str) -> bool {
        let shown =
            self.shown.iter().any(|&index| entries.get(index).is_some_and(|entry| entry.slug == slug));
        if shown {
            self.selected = Some(slug.to_owned());
        }
        shown
    }

    /// Selects another entry.
    pub fn travel(&mut self, entries: &[Arc<Entry>], motion: Motion, height: usize) {
        let last = self.shown.len().saturating_sub(1);
        let to = motion.travel(self.position(entries).unwrap_or(0), last, height);
        let entry = self.shown.get(to).and_then(|&index| entries.get(index));
        self.selected = entry.map(|entry| entry.slug.clone());
    }

    /// The rows of the list: entries under their months.
    pub fn rows(&self, entries: &[Arc<Entry>]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.shown.len() + 16);
        let mut month = None;
        for &index in &self.shown {
            let its = entries.get(index).map(|entry| month_of(&entry.date));
            if its != month {
                month = its;
                rows.push(Row::Month(index));
            }
            rows.push(Row::Entry(index));
        }
        rows
    }

    /// Scrolls just so far that the selected entry is seen, with its month where it is the first.
    pub fn keep_visible(&mut self, entries: &[Arc<Entry>], height: usize) {
        let rows = self.rows(entries);
        let selected = self.position(entries).and_then(|at| self.shown.get(at)).copied();
        let at = rows.iter().position(|row| Some(*row) == selected.map(Row::Entry)).unwrap_or(0);
        let heading = usize::from(at > 0 && matches!(rows.get(at - 1), Some(Row::Month(_))));
        let room = height.max(1);
        self.top = self.top.min(rows.len().saturating_sub(room));
        if at - heading < self.top {
            self.top = at - heading;
        }
        if at >= self.top + room {
            self.top = at + 1 - room;
        }
    }

    /// Where the selected entry stands among those shown.
    fn position(&self, entries: &[Arc<Entry>]) -> Option<usize> {
        self.shown.iter().position(|&index| entries.get(index).is_some_and(|entry| self.is_selected(entry)))
    }
}

/// `2026-11` of `2026-11-22`.
pub fn month_of(date: &str) -> &str {
    date.get(..7).unwrap_or(date)
}

/// Least score per letter of a fuzzy match. nucleo gives 16 for a letter, more where it follows the one before or
/// begins a word, and takes some for each gap: below this the letters are merely scattered.
const LEAST_PER_LETTER: u32 = 14;

/// The entries that match `filter`, in their order, with how well they do: those that have all of its words, or
/// where none has, those whose letters nearly do.
fn scores(entries: &[Arc<Entry>], filter: &str) -> Vec<(usize, u32)> {
    let exact = with_words(entries, filter);
    if exact.is_empty() && !filter.split_whitespace().any(is_test) { fuzzy(entries, filter) } else { exact }
}

/// The entries in which every word of `filter` stands, in whatever case; better the more of them the title has.
fn with_words(entries: &[Arc<Entry>], filter: &str) -> Vec<(usize, u32)> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let (tests, words): (Vec<String>, Vec<String>) = words.into_iter().partition(|word| is_test(word));
    let score = |entry: &Entry| {
        if !tests.iter().all(|test| passes(entry, test)) {
            return None;
        }
        let text = searched(entry).to_lowercase();
        let title = entry.title.to_lowercase();
        let in_title = words.iter().filter(|word| title.contains(word.as_str())).count();
        words.iter().all(|word| text.contains(word.as_str())).then_some(in_title as u32)
    };
    entries.iter().enumerate().filter_map(|(index, entry)| Some((index, score(entry)?))).collect()
}

/// Whether a word of a filter tests what an entry is, instead of what stands in its title.
fn is_test(word: &str) -> bool {
    word.starts_with("is:") || word.len() > 1 && word.starts_with('#')
}

/// Whether an entry has the tag of `#tag`, or the verdict of `is:refuted`; half a word is enough while it is typed.
fn passes(entry: &Entry, test: &str) -> bool {
    match test.strip_prefix('#') {
        Some(tag) => entry.tags.iter().any(|own| own.to_lowercase().starts_with(tag)),
        None => test.strip_prefix("is:").is_some_and(|name| verdict(entry.mark).starts_with(name)),
    }
}

/// What a filter calls the state of an entry.
fn verdict(mark: EntryMark) -> &'static str {
    match mark {
        EntryMark::Broken => "broken",
        EntryMark::Running(_) => "running",
        EntryMark::Stale => "stale",
        EntryMark::Supported => "supported",
        EntryMark::Refuted => "refuted",
        EntryMark::Inconclusive => "inconclusive",
        EntryMark::NotRun => "unrun",
        EntryMark::Plain => "plain",
    }
}

/// The states that occur, what needs attention first.
pub fn verdicts(entries: &[Arc<Entry>]) -> Vec<&'static str> {
    const ORDER: [&str; 8] =
        ["broken", "running", "refuted", "inconclusive", "supported", "stale", "unrun", "plain"];
    let there = |name: &&str| entries.iter().any(|entry| verdict(entry.mark) == *name);
    ORDER.into_iter().filter(there).collect()
}

/// What of an entry is searched.
fn searched(entry: &Entry) -> String {
    format!("{} {} {}", entry.title, entry.tags.join(" "), entry.slug)
}

fn fuzzy(entries: &[Arc<Entry>], filter: &str) -> Vec<(usize, u32)> {
    let letters = filter.chars().filter(|character| !character.is_whitespace()).count() as u32;
    let pattern = Pattern::parse(filter, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut score = |entry: &Entry| {
        let score = pattern.score(Utf32Str::new(&searched(entry), &mut buffer), &mut matcher);
        score.filter(|&score| score >= LEAST_PER_LETTER * letters)
    };
    entries.iter().enumerate().filter_map(|(index, entry)| Some((index, score(entry)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn titles(pane: &LogPane, entries: &[Arc<Entry>]) -> Vec<String> {
        pane.shown.iter().map(|&index| entries[index].title.clone()).collect()
    }

    #[test]
    fn a_filter_finds_titles_and_tags_in_the_order_of_the_log() {
        let snapshot = fixture::snapshot();
        let entries = &snapshot.entries;
        let mut pane = LogPane::default();
        pane.refresh(entries);
        assert_eq!(pane.shown.len(), entries.len());
        for (filter, expected) in [
            ("edge", "Edge of stability"),
            ("doub", "Double descent"),
            ("DESC doub", "Double descent"),
            ("capacity", "P ≈ M log M?,Double descent"),
            ("dscnt", "Double descent"),
            ("lr", ""),
            ("#cap", "P ≈ M log M?,Double descent"),
            ("#capacity doub", "Double descent"),
            ("is:refuted", "P ≈ M log M?"),
            ("is:stale #sgd", "Edge of stability"),
            ("is:nothing", ""),
            ("#", ""),
        ] {
            pane.filter = filter.to_owned();
            pane.refresh(entries);
            assert_eq!(titles(&pane, entries).join(","), expected, "{filter}");
        }
    }

    #[test]
    fn the_selection_is_the_best_match_and_outlives_the_filter() {
        let snapshot = fixture::snapshot();
        let entries = &snapshot.entries;
        let mut pane = LogPane::default();
        pane.refresh(entries);
        assert_eq!(pane.selected_of(entries).unwrap().title, entries[0].title);
        pane.filter = "edge".to_owned();
        pane.refresh(entries);
        pane.filter.clear();
        pane.refresh(entries);
        assert_eq!(pane.selected_of(entries).unwrap().title, "Edge of stability");
    }

    #[test]
    fn every_selection_is_seen_at_every_height() {
        let snapshot = fixture::many(40);
        let entries = &snapshot.entries;
        for height in [1, 2, 3, 10] {
            let mut pane = LogPane::default();
            pane.refresh(entries);
            for motion in [Motion::Down; 39].into_iter().chain([Motion::PageUp; 39]) {
                pane.travel(entries, motion, height);
                pane.keep_visible(entries, height);
                let rows = pane.rows(entries);
                let seen = &rows[pane.top..(pane.top + height).min(rows.len())];
                let selected =
                    |row: &Row| matches!(row, Row::Entry(index) if pane.is_selected(&entries[*index]));
                assert!(seen.iter().any(selected), "{motion:?} at height {height}");
            }
        }
    }
}
