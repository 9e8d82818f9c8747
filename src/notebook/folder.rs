//! The notebook as a folder: found, opened, looked at again and again.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::cells::{Experiments, Plans};
use super::judge;
use super::known::Known;
use super::read::{self, Draft};
use super::snapshot::Snapshot;
use crate::base::Diagnostic;
use crate::data::Library;
use crate::spec::Context;
use crate::store::{Store, journal};

/// Why there is no notebook here.
#[derive(Debug, Error)]
pub enum NotebookError {
    /// Neither this folder nor one above it has `entries/`.
    #[error("there is no notebook in {0} or above: no folder with `entries/`")]
    Nowhere(String),
    /// It cannot be looked at.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}

/// How much of an entry a reader needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// States and verdicts: no curve is read.
    Verdicts,
    /// Curves too, for drawing.
    Curves,
}

/// An opened notebook.
#[derive(Debug)]
pub struct Notebook {
    root: PathBuf,
    library: Library,
    store: Store,
    /// Entries as last read, by path: an unchanged file is not parsed again.
    drafts: HashMap<PathBuf, Arc<Draft>>,
}

impl Notebook {
    /// The notebook whose folder is `start` or one above it.
    pub fn find(start: &Path) -> Result<Self, NotebookError> {
        let io_error = |error| NotebookError::Io(start.display().to_string(), error);
        let start = start.canonicalize().map_err(io_error)?;
        start
            .ancestors()
            .find(|folder| folder.join("entries").is_dir())
            .map(Self::open)
            .ok_or_else(|| NotebookError::Nowhere(start.display().to_string()))
    }

    /// The notebook in this very folder.
    pub fn open(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            library: Library::new(root),
            store: Store::open(root),
            drafts: HashMap::new(),
        }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its datasets.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// What stands in it now. `detail` says how much is wanted of each entry, by slug.
    pub fn snapshot(&mut self, detail: impl Fn(&str) -> Detail) -> Snapshot {
        let mut diagnostics = Vec::new();
        let drafts = self.read_entries(&mut diagnostics);
        let (records, mut problems) = self.store.read_summaries();
        diagnostics.append(&mut problems);
        let live = journal::read_all(&journal::live_root(&self.root));
        let mut known = Known::new(records, live);
        let plans = Plans::new(&drafts, &self.library);
        let wanted: Vec<_> = drafts
            .iter()
            .filter(|draft| detail(&draft.slug) == Detail::Curves)
            .flat_map(|draft| plans.runs(&draft.slug))
            .filter_map(|run| known.record(run).map(|record| (run.clone(), record.record.clone())))
            .collect();
        let (curves, mut problems) = self.store.read_curves(&wanted);
        diagnostics.append(&mut problems);
        known.add_curves(curves);
        let experiments = Experiments::new(&drafts, &plans, &known);
        let entries = drafts.iter().map(|draft| Arc::new(judge::entry(draft, &experiments))).collect();
        Snapshot { entries, diagnostics }
    }

    /// Every entry, newest first, from the cache where the file did not change.
    fn read_entries(&mut self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Arc<Draft>> {
        let context = Context { datasets: self.library.names() };
        let mut paths: Vec<PathBuf> = match fs::read_dir(self.root.join("entries")) {
            Ok(folder) => {
                folder.flatten().map(|file| file.path()).filter(|path| read::is_entry(path)).collect()
            }
            Err(error) => {
                diagnostics.push(Diagnostic::error(format!("entries/ cannot be read: {error}")));
                Vec::new()
            }
        };
        paths.sort_by(|a, b| b.file_name().cmp(&a.file_name()));
        let mut fresh = HashMap::new();
        let drafts = paths
            .into_iter()
            .map(|path| {
                let draft = match self.drafts.remove(&path) {
                    Some(draft) if draft.is_current(&path, &context) => draft,
                    _ => Arc::new(Draft::read(&self.root, &path, &context)),
                };
                fresh.insert(path, Arc::clone(&draft));
                draft
            })
            .collect();
        self.drafts = fresh;
        drafts
    }
}
