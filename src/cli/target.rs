//! What a command is about, as named on the command line: `entry`, `entry#cell`, `entry#cell:arm`.

use std::sync::Arc;

use thiserror::Error;

use crate::base::suggest;
use crate::notebook::{CellView, Entry, Reference, Snapshot, find_entry};

/// Something was named that is not there: wrong usage.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// An entry, or one cell of it.
pub struct Target<'a> {
    /// The entry.
    pub entry: &'a Arc<Entry>,
    /// Index of the cell within it.
    pub cell: Option<usize>,
}

impl<'a> Target<'a> {
    /// What `text` names.
    pub fn find(text: &str, snapshot: &'a Snapshot) -> Result<Self, UsageError> {
        let reference = Reference::outside(text);
        let part = reference.entry.unwrap_or_default();
        let slug =
            find_entry(part, snapshot.entries.iter().map(|entry| entry.slug.as_str())).map_err(UsageError)?;
        let missing = || UsageError(format!("there is no entry `{part}`"));
        let entry = snapshot.entries.iter().find(|entry| entry.slug == slug).ok_or_else(missing)?;
        let cell = reference.cell.map(|id| find_cell(entry, id)).transpose()?;
        Ok(Self { entry, cell })
    }

    /// The cells that are meant: the one named, or all of the entry.
    pub fn cells(&self) -> impl Iterator<Item = &'a CellView> + use<'a> {
        let chosen = self.cell;
        self.entry
            .cells
            .iter()
            .enumerate()
            .filter(move |(index, _)| chosen.is_none_or(|cell| cell == *index))
            .map(|(_, cell)| cell)
    }
}

fn find_cell(entry: &Entry, id: &str) -> Result<usize, UsageError> {
    entry.cells.iter().position(|cell| cell.id() == Some(id)).ok_or_else(|| {
        let known: Vec<&str> = entry.cells.iter().filter_map(CellView::id).collect();
        let advice =
            if known.is_empty() { String::new() } else { format!(" ({})", suggest::advice(id, &known)) };
        UsageError(format!("{} has no cell `{id}`{advice}", entry.slug))
    })
}
