//! One folder on disk, seen whole: which entries it has, what their cells mean, which of their runs are stored,
//! in flight or missing, and what compares and claims come to. Every command and the screen read this and
//! nothing else.

pub mod snapshot;

pub use snapshot::{CellView, ClaimView, CompareView, Entry, EntryMark, ExperimentView, Snapshot};
