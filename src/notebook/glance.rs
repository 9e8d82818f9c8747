//! What the log shows of an entry that is not open.

use serde::{Deserialize, Serialize};

use super::snapshot::{CellView, Entry, EntryMark};
use crate::base::text::clean_line;
use crate::compare::{CellState, Outcome};

/// An entry at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// File name without `.md`.
    pub slug: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Title, cleaned.
    pub title: String,
    /// Tags, cleaned.
    pub tags: Vec<String>,
    /// The question, cleaned; may be empty.
    pub question: String,
    /// What stands before its title.
    pub mark: EntryMark,
    /// How it stands, in words.
    pub words: String,
}

impl Glance {
    /// Of an entry that was looked at.
    pub fn of(entry: &Entry) -> Self {
        Self {
            slug: entry.slug.clone(),
            date: entry.date.clone(),
            title: entry.title.clone(),
            tags: entry.tags.clone(),
            question: entry.question.clone(),
            mark: entry.mark,
            words: words(entry),
        }
    }
}

/// The state of an entry in words.
fn words(entry: &Entry) -> String {
    match entry.mark {
        EntryMark::Broken => {
            entry.problems().next().map_or_else(|| lacking(entry).unwrap_or_default(), ToString::to_string)
        }
        EntryMark::Running(share) => match trouble(entry) {
            Some(trouble) => format!("held up at {:.0} %: {trouble}", share * 100.0),
            None => format!("running, {:.0} %", share * 100.0),
        },
        EntryMark::Stale => lacking(entry).unwrap_or_else(|| "not all run".to_owned()),
        EntryMark::NotRun => "not run".to_owned(),
        EntryMark::Plain => String::new(),
        EntryMark::Supported | EntryMark::Refuted | EntryMark::Inconclusive => verdicts(entry),
    }
}

fn states(entry: &Entry) -> impl Iterator<Item = &CellState> {
    entry.cells.iter().filter_map(|cell| match cell {
        CellView::Experiment(view) => Some(&view.state),
        _ => None,
    })
}

/// What the first experiment lacks of which something is missing.
fn lacking(entry: &Entry) -> Option<String> {
    states(entry).find_map(|state| match state {
        CellState::Stale { reasons } => Some(format!("stale: {}", reasons.join(", "))),
        CellState::Partial { stored, planned } => Some(format!("{stored} of {planned} runs")),
        CellState::Failed { message } => Some(format!("failed: {message}")),
        _ => None,
    })
}

/// What holds up its runs.
fn trouble(entry: &Entry) -> Option<String> {
    states(entry).find_map(|state| match state {
        CellState::Running { trouble, .. } => trouble.as_deref().map(clean_line),
        _ => None,
    })
}

/// How many claims came to what.
fn verdicts(entry: &Entry) -> String {
    let count = |wanted: Outcome| entry.outcomes().filter(|outcome| *outcome == wanted).count();
    let kinds = [
        (Outcome::Supported, "supported"),
        (Outcome::Refuted, "refuted"),
        (Outcome::Inconclusive, "inconclusive"),
        (Outcome::NotRun, "not run"),
    ];
    let counted = kinds.into_iter().map(|(outcome, word)| (count(outcome), word));
    let told = counted.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    told.collect::<Vec<_>>().join(", ")
}
