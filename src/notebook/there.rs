//! What there is of a notebook before any of it is read.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::read;
use crate::store::{Stamp, Store};

/// The files there are.
pub struct There {
    /// Entries, newest first.
    pub entries: Vec<PathBuf>,
    /// Summaries of runs.
    pub tables: BTreeMap<PathBuf, Stamp>,
    /// Their curves.
    pub curves: HashSet<String>,
}

impl There {
    /// As they are now; `None` if the entries cannot be listed.
    pub fn of(root: &Path, store: &Store) -> Option<Self> {
        let entries = read::entries(root).ok()?;
        Some(Self { entries, tables: store.tables(), curves: store.curve_files() })
    }
}
