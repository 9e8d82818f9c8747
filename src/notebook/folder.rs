//! The notebook as a folder: found, opened, looked at again and again.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::cells::{self, Experiments, Plans};
use super::curves;
use super::judge;
use super::known::Known;
use super::price::{Counted, Pricer};
use super::read::{self, Draft};
use super::snapshot::{Entry, Snapshot};
use crate::base::Diagnostic;
use crate::base::text::clean_line;
use crate::data::Library;
use crate::runner::cost::Rates;
use crate::runner::supervisor::Watch;
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
    /// What was asked for and is not done.
    watch: Watch,
    /// Entries as last read, by path: an unchanged file is not parsed again.
    drafts: HashMap<PathBuf, Arc<Draft>>,
    /// Stored runs as last counted.
    counted: Counted,
    /// Entries as last judged, by slug: one about which nothing changed is handed out again as it is.
    judged: HashMap<String, Judged>,
}

/// An entry and what it was judged from.
#[derive(Debug)]
struct Judged {
    draft: Arc<Draft>,
    detail: Detail,
    /// [`Known::state`], [`Plans::state`] and [`Pricer::state`] at that time; `None` while runs were in flight.
    state: Option<u64>,
    entry: Arc<Entry>,
}

impl Judged {
    fn is_current(&self, draft: &Arc<Draft>, detail: Detail, state: Option<u64>) -> bool {
        Arc::ptr_eq(&self.draft, draft) && self.detail == detail && state.is_some() && self.state == state
    }
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
            watch: Watch::new(root),
            drafts: HashMap::new(),
            counted: Counted::default(),
            judged: HashMap::new(),
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

    /// Its results.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores what finished while nobody was there to store it.
    pub fn tidy(&self) {
        // What cannot be stored now stays where it is, and is read from there.
        let _ = journal::harvest(&self.store, &journal::live_root(&self.root));
    }

    /// What stands in it now. `detail` says how much is wanted of each entry, by slug.
    pub fn snapshot(&mut self, detail: impl Fn(&str) -> Detail) -> Snapshot {
        let mut diagnostics = Vec::new();
        let drafts = self.read_entries(&mut diagnostics);
        // The journals first: a run that is moved into the tables in between is then seen twice, and never not at all.
        let live = journal::read_all(&journal::live_root(&self.root));
        let (records, mut problems) = self.store.read_summaries();
        diagnostics.append(&mut problems);
        let pricer = Pricer::new(&self.root, &self.library, &records, &self.counted);
        self.watch.poll();
        if let Some(trouble) = &self.watch.roster().trouble {
            let trouble = format!("runs are held up: {}", clean_line(trouble));
            diagnostics.push(Diagnostic::warning(trouble));
        }
        let mut known = Known::new(records.clone(), live, self.watch.roster().clone());
        let plans = Plans::new(&drafts, &self.library);
        let drawn = drafts.iter().map(|draft| (draft.as_ref(), detail(&draft.slug) == Detail::Curves));
        let wanted = cells::storings(&drafts, &plans, &known, &curves::cells(drawn, &drafts));
        let (curves, mut problems) = self.store.read_curves(&wanted);
        diagnostics.append(&mut problems);
        known.add_curves(curves);
        let experiments = Experiments::new(&drafts, &plans, &known, &pricer);
        let state = known.state().map(|known| known ^ plans.state() ^ Pricer::state(&self.root));
        let judged: Vec<Judged> = drafts
            .into_iter()
            .map(|draft| {
                let detail = detail(&draft.slug);
                match self.judged.remove(&draft.slug) {
                    Some(last) if last.is_current(&draft, detail, state) => last,
                    _ => Judged { entry: Arc::new(judge::entry(&draft, &experiments)), draft, detail, state },
                }
            })
            .collect();
        let entries = judged.iter().map(|judged| Arc::clone(&judged.entry)).collect();
        self.judged = judged.into_iter().map(|judged| (judged.draft.slug.clone(), judged)).collect();
        Snapshot { entries, diagnostics, datasets: self.library.names() }
    }

    /// Everything that is known of how fast this machine works.
    pub fn rates(&self) -> Rates {
        let (records, _) = self.store.read_summaries();
        self.counted.rates(&self.root, &records, &self.library)
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

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: &str = "```yaml experiment\nid: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n```\n";

    #[test]
    fn an_entry_about_which_nothing_changed_is_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("entries")).unwrap();
        let write =
            |name: &str, text: &str| fs::write(folder.path().join("entries").join(name), text).unwrap();
        write("2026-01-01-a.md", CELL);
        write("2026-01-02-b.md", "# B\n");
        let mut notebook = Notebook::open(folder.path());
        let first = notebook.snapshot(|_| Detail::Verdicts);
        let second = notebook.snapshot(|_| Detail::Verdicts);
        assert!(first.entries.iter().zip(&second.entries).all(|(a, b)| Arc::ptr_eq(a, b)));
        write("2026-01-01-a.md", &CELL.replace("train: 9", "train: 19"));
        let third =
            notebook.snapshot(|slug| if slug.ends_with('b') { Detail::Curves } else { Detail::Verdicts });
        assert!(!Arc::ptr_eq(&second.entries[1], &third.entries[1]), "its text changed");
        assert!(!Arc::ptr_eq(&second.entries[0], &third.entries[0]), "more is wanted of it");
    }

    #[test]
    fn a_notebook_is_found_from_below() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("entries/deep/er");
        fs::create_dir_all(&below).unwrap();
        assert_eq!(Notebook::find(&below).unwrap().root(), folder.path().canonicalize().unwrap());
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(matches!(Notebook::find(elsewhere.path()), Err(NotebookError::Nowhere(_))));
    }
}
