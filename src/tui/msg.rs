//! Everything that can happen to the screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;
use ratatui::layout::Size;

use crate::compare::runs::RunTable;
use crate::notebook::image::Image;
use crate::notebook::write::SaveError;
use crate::notebook::{Scope, Snapshot};
use crate::render::Rendered;
use crate::runner::supervisor::News;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size.
    Resize(Size),
    /// The notebook was read.
    Snapshot(Arc<Snapshot>),
    /// Something is known of the runs.
    Runs(News),
    /// It is this long since the program started.
    Time(Duration),
    /// The editor was closed; what went wrong, if anything did.
    EditorClosed(Result<(), String>),
    /// An entry was to be written.
    Saved {
        /// Its file.
        path: PathBuf,
        /// What came of it.
        outcome: Result<(), SaveError>,
    },
    /// An entry was written to from outside of the editor: it is at this path, to be gone to.
    Written(Result<PathBuf, String>),
    /// A long entry was laid out whole.
    Laid {
        /// Of which [`super::typesetter::Galley`].
        id: u64,
        /// Its lines.
        rendered: Arc<Rendered>,
    },
    /// A picture was read, or cannot be.
    Image {
        /// Slug of the entry that has it.
        slug: String,
        /// Its address, as the entry has it.
        address: String,
        /// The picture, or why there is none.
        outcome: Result<Arc<Image>, String>,
    },
    /// The runs that were asked for.
    Table {
        /// Of which entry or cell.
        scope: Scope,
        /// The runs.
        table: Arc<RunTable>,
    },
    /// One line of news.
    Said(String),
    /// Somebody else had the terminal, and has given it back: what it was told before, it may have forgotten.
    TerminalBack,
    /// No key will ever come again: the terminal is gone.
    TerminalGone,
}

/// The same messages without those that a later one makes void: of a storm of resizes only the last counts, and
/// of several readings of the notebook the newest.
pub fn coalesce(batch: Vec<Msg>) -> Vec<Msg> {
    let kind = |msg: &Msg| {
        matches!(msg, Msg::Resize(_) | Msg::Snapshot(_) | Msg::Table { .. })
            .then(|| std::mem::discriminant(msg))
    };
    let mut seen = Vec::new();
    let mut kept: Vec<Msg> = batch
        .into_iter()
        .rev()
        .filter(|msg| match kind(msg) {
            Some(kind) if seen.contains(&kind) => false,
            Some(kind) => {
                seen.push(kind);
                true
            }
            None => true,
        })
        .collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn of_a_storm_of_resizes_the_last_counts_and_no_key_is_lost() {
        let key = |character| Msg::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE));
        let resize = |width| Msg::Resize(Size::new(width, 24));
        let kept = coalesce(vec![resize(80), key('a'), resize(81), resize(82), key('b')]);
        let shown: Vec<String> = kept
            .iter()
            .map(|msg| match msg {
                Msg::Resize(size) => size.width.to_string(),
                Msg::Key(event) => event.code.to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(shown, ["a", "82", "b"]);
    }
}
