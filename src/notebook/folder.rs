//! The notebook as a folder: found, opened, looked at again and again.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::album::{self, Album, Touched};
use super::cells::{self, Experiments, Planner, Plans};
use super::curves;
use super::flight;
use super::judge::{self, Shelf};
use super::kept;
use super::known::Known;
use super::ledger;
use super::price::{Counted, Pricer};
use super::read::{self, Draft, FileState};
use super::runs::Scope;
use super::seal::Seals;
use super::snapshot::{Entry, Snapshot};
use super::stub::Stubs;
use super::tabled::Tabled;
use crate::base::Diagnostic;
use crate::base::spread::spread;
use crate::base::text::clean_line;
use crate::data::Library;
use crate::entry::bibliography::Bibliography;
use crate::runner::cost::Rates;
use crate::runner::supervisor::Watch;
use crate::spec::Context;
use crate::store::journal::{self, LiveRun, LiveRuns};
use crate::store::{RunRecord, Store};

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
    pub(super) root: PathBuf,
    pub(super) library: Library,
    pub(super) store: Store,
    /// What was asked for and is not done.
    pub(super) watch: Watch,
    /// The runs in flight, followed: of a long journal only what is new is read.
    pub(super) live: LiveRuns,
    /// The table of runs that was made last, and of which runs it is.
    pub(super) tabled: Option<(Scope, Tabled)>,
    /// Entries as last read, by path: an unchanged file is not parsed again.
    pub(super) drafts: HashMap<PathBuf, Arc<Draft>>,
    /// Experiments as last laid out.
    pub(super) planner: Planner,
    /// Stored runs as last counted.
    pub(super) counted: Counted,
    /// Entries as last judged, by slug: one about which nothing changed is handed out again as it is.
    pub(super) judged: HashMap<String, Judged>,
    /// What was kept of all entries, as it stands now.
    pub(super) album: Option<Album>,
    /// The entries there were when what was kept was last compared with what is there.
    pub(super) listed: Option<Vec<PathBuf>>,
    /// What was known when everything was last kept for the screen; 0 while runs were in flight.
    pub(super) kept_at: Option<u64>,
    /// Entries that were not looked at.
    pub(super) stubs: Stubs,
    /// The works that entries cite, and the file's state when they were read.
    pub(super) bibliography: (Option<FileState>, Arc<Bibliography>),
}

/// An entry and what it was judged from.
#[derive(Debug)]
pub(super) struct Judged {
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
            live: LiveRuns::new(&journal::live_root(root)),
            tabled: None,
            drafts: HashMap::new(),
            planner: Planner::default(),
            counted: Counted::default(),
            judged: HashMap::new(),
            album: None,
            listed: None,
            kept_at: None,
            stubs: Stubs::default(),
            bibliography: (None, Arc::default()),
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

    /// The runs that have a journal, as they are now.
    pub(super) fn journals(&mut self) -> Vec<LiveRun> {
        self.live.poll().cloned().collect()
    }

    /// Stores what finished while nobody was there to store it.
    pub fn tidy(&self) {
        // What cannot be stored now stays where it is, and is read from there.
        let _ = journal::harvest(&self.store, &journal::live_root(&self.root));
    }

    /// Slugs of its entries, newest first.
    pub fn slugs(&self) -> Vec<String> {
        let entries = read::entries(&self.root).unwrap_or_default();
        entries.iter().map(|path| clean_line(&album::slug(path))).collect()
    }

    /// What stands in it now. `detail` says how much is wanted of each entry, by slug.
    pub fn snapshot(&mut self, detail: impl Fn(&str) -> Detail) -> Snapshot {
        self.look(detail).snapshot
    }

    /// What entries are judged with besides their experiments: works that can be cited, read again where the file
    /// changed, and predictions; and a number that moves when they do.
    pub(super) fn shelf(&mut self) -> (Shelf, u64) {
        let state = Draft::file_state(&self.root.join(read::REFERENCES));
        if state.is_none() || self.bibliography.0 != state {
            self.bibliography = (state, Arc::new(read::bibliography(&self.root)));
        }
        let seals = Seals::read(&self.root);
        let mut hasher = DefaultHasher::new();
        (state, seals.count()).hash(&mut hasher);
        (Shelf { bibliography: Arc::clone(&self.bibliography.1), seals }, hasher.finish())
    }

    /// Looks at everything.
    pub(super) fn look(&mut self, detail: impl Fn(&str) -> Detail) -> Look {
        let mut diagnostics = Vec::new();
        let drafts = self.read_entries(&mut diagnostics);
        let (shelf, cited) = self.shelf();
        diagnostics.extend(shelf.bibliography.problems.iter().cloned());
        // The journals first: a run that is moved into the tables in between is then seen twice, and never not at all.
        let live = self.journals();
        let (mut records, mut problems) = self.store.read_summaries();
        diagnostics.append(&mut problems);
        self.watch.poll();
        if let Some(trouble) = &self.watch.roster().trouble {
            diagnostics.push(held_up(trouble));
        }
        let moving = kept::moving(&live, self.watch.roster());
        let flights = flight::of(&live);
        let mut known = Known::new(records.clone(), live, self.watch.roster().clone());
        let plans = Plans::new(&drafts, &self.library, &mut self.planner);
        if !self.read_curves(&drafts, &plans, &mut known, &detail, &mut diagnostics) {
            // What turned out damaged is lost from now on.
            records = self.store.read_summaries().0;
            let live = self.journals();
            let curves = known.take_curves();
            known = Known::new(records.clone(), live, self.watch.roster().clone());
            known.put_curves(curves);
        }
        let pricer = Pricer::new(&self.root, &self.library, &records, &self.counted);
        let state = known.state().map(|known| known ^ plans.state() ^ Pricer::state(&self.root) ^ cited);
        let mut last = std::mem::take(&mut self.judged);
        // Laid out when an entry is judged: where nothing changed, none is.
        let experiments = OnceCell::new();
        let experiments = || experiments.get_or_init(|| Experiments::new(&drafts, &plans, &known, &pricer));
        let judge = |draft: &Arc<Draft>| {
            let detail = detail(&draft.slug);
            match last.remove(&draft.slug) {
                Some(last) if last.is_current(draft, detail, state) => last,
                _ => {
                    let entry = Arc::new(judge::entry(draft, experiments(), &shelf));
                    Judged { entry, draft: Arc::clone(draft), detail, state }
                }
            }
        };
        let mut judged: Vec<Judged> = drafts.iter().map(judge).collect();
        let mut entries: Vec<Arc<Entry>> = judged.iter().map(|judged| Arc::clone(&judged.entry)).collect();
        ledger::fill(&mut entries, |all| all.iter().flat_map(|entry| ledger::lines(entry)).collect());
        for (judged, entry) in judged.iter_mut().zip(&entries) {
            judged.entry = Arc::clone(entry);
        }
        self.judged = judged.into_iter().map(|judged| (judged.draft.slug.clone(), judged)).collect();
        let snapshot =
            Snapshot { entries, others: Vec::new(), diagnostics, datasets: self.library.names(), flights };
        Look { snapshot, drafts, plans, records, moving, state }
    }

    /// Reads the curves that entries show or judge by; `false` if one of their files is damaged or gone.
    pub(super) fn read_curves(
        &self,
        drafts: &[Arc<Draft>],
        plans: &Plans,
        known: &mut Known,
        detail: impl Fn(&str) -> Detail,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let drawn = drafts.iter().map(|draft| (draft.as_ref(), detail(&draft.slug) == Detail::Curves));
        let wanted = cells::storings(drafts, plans, known, &curves::cells(drawn, drafts));
        let (curves, mut problems) = self.store.read_curves(&wanted);
        let sound = problems.is_empty();
        diagnostics.append(&mut problems);
        known.add_curves(curves);
        sound
    }

    /// Entries whose text was read so far.
    #[cfg(test)]
    pub fn drafts_read(&self) -> usize {
        self.drafts.len()
    }

    /// Everything that is known of how fast this machine works.
    pub fn rates(&self) -> Rates {
        let (records, _) = self.store.read_summaries();
        self.counted.rates(&self.root, &records, &[], &self.library)
    }

    /// Every entry, newest first, from the cache where the file did not change.
    fn read_entries(&mut self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Arc<Draft>> {
        let context = Context { datasets: self.library.names() };
        let paths = read::entries(&self.root).unwrap_or_else(|error| {
            diagnostics.push(Diagnostic::error(format!("entries/ cannot be read: {error}")));
            Vec::new()
        });
        let drafts = self.drafts(&paths, &context);
        self.drafts = paths.into_iter().zip(drafts.iter().cloned()).collect();
        drafts
    }

    /// The entries at `paths`, in order, from the cache where the file did not change.
    pub(super) fn drafts(&mut self, paths: &[PathBuf], context: &Context) -> Vec<Arc<Draft>> {
        let current = |path: &PathBuf| self.drafts.get(path).filter(|draft| draft.is_current(path, context));
        let known: Vec<Option<Arc<Draft>>> = paths.iter().map(|path| current(path).cloned()).collect();
        let new: Vec<&PathBuf> =
            paths.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(path, _)| path).collect();
        let mut read = spread(&new, |path| Arc::new(Draft::read(&self.root, path, context))).into_iter();
        let drafts: Vec<_> = known.into_iter().filter_map(|known| known.or_else(|| read.next())).collect();
        self.drafts.extend(paths.iter().cloned().zip(drafts.iter().cloned()));
        drafts
    }
}

/// What [`Notebook::look`] found, and what it found it by.
pub(super) struct Look {
    pub snapshot: Snapshot,
    pub drafts: Vec<Arc<Draft>>,
    pub plans: Plans,
    /// Everything that is stored.
    pub records: Vec<Arc<RunRecord>>,
    /// What the runs in flight are about.
    pub moving: Touched,
    /// A number that tells two states of the notebook apart; `None` while runs are in flight.
    pub state: Option<u64>,
}

/// What is said when runs are held up.
pub(super) fn held_up(trouble: &str) -> Diagnostic {
    Diagnostic::warning(format!("runs are held up: {}", clean_line(trouble)))
}

#[cfg(test)]
mod tests {
    use std::fs;

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
    fn cells_that_measure_the_same_runs_by_other_settings_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("entries")).unwrap();
        let cell = |id: &str, seeds: &str, measure: &str| {
            CELL.replace("id: e", &format!("id: {id}\nseeds: {seeds}\nmeasure: [{measure}]"))
        };
        let narrow = "{basin_width: {rise: 0.001}}";
        let wide = "{basin_width: {rise: 0.1}}";
        for (first, second, third, told) in [
            (cell("a", "2", narrow), cell("b", "2", wide), CELL.to_owned(), true),
            (cell("a", "2", narrow), cell("b", "[5, 6]", wide), CELL.to_owned(), false),
            (cell("a", "2", narrow), cell("b", "[1, 2]", wide), CELL.to_owned(), true),
            (cell("a", "2", narrow), cell("b", "2", "lambda_max"), cell("c", "2", narrow), false),
        ] {
            fs::write(folder.path().join("entries/2026-01-01-a.md"), [first, second, third].concat())
                .unwrap();
            let snapshot = Notebook::open(folder.path()).snapshot(|_| Detail::Verdicts);
            let problems: Vec<String> =
                snapshot.entries[0].problems().map(|problem| problem.message.clone()).collect();
            assert_eq!(problems.len(), usize::from(told), "{problems:?}");
            assert!(problems.iter().all(|problem| problem.contains("`a` measures `basin_width`")));
        }
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
