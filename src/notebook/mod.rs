//! One folder on disk, seen whole: which entries it has, what their cells mean, which of their runs are stored,
//! in flight or missing, and what compares and claims come to. Every command and the screen read this and
//! nothing else.

mod album;
mod cells;
mod curves;
mod flight;
mod folder;
mod glance;
#[cfg(test)]
mod glance_tests;
pub mod image;
mod judge;
mod kept;
mod known;
pub mod ledger;
mod links;
pub mod price;
mod read;
mod reference;
pub mod runs;
#[cfg(test)]
mod runs_tests;
mod seal;
pub mod search;
pub mod snapshot;
mod stale;
mod stub;
mod tabled;
pub mod templates;
mod there;
pub mod write;

pub use flight::Flight;
pub use folder::{Detail, Notebook, NotebookError};
pub use glance::Glance;
pub use read::problem_at;
pub use reference::{Reference, find_entry};
pub use runs::{RunOrder, Scope};
pub use seal::{Fixed, seal};
pub use snapshot::{CellView, ClaimView, CompareView, Entry, EntryMark, ExperimentView, Snapshot};
