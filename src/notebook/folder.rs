//! The notebook as a folder: found, opened, looked at again and again.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::album::{self, Album, Page, Touched};
use super::cells::{self, Experiments, Planner, Plans};
use super::curves;
use super::glance::Glance;
use super::judge;
use super::known::Known;
use super::price::{Counted, Pricer};
use super::read::{self, Draft};
use super::reference::{Reference, find_entry};
use super::snapshot::{Entry, Snapshot};
use crate::base::Diagnostic;
use crate::base::spread::spread;
use crate::base::text::clean_line;
use crate::data::Library;
use crate::runner::cost::Rates;
use crate::runner::supervisor::{Roster, Watch};
use crate::spec::Context;
use crate::store::{RunRecord, Store, TableRead, journal, unite};

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
    /// Experiments as last laid out.
    planner: Planner,
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
            planner: Planner::default(),
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

    /// Slugs of its entries, newest first.
    pub fn slugs(&self) -> Vec<String> {
        let entries = read::entries(&self.root).unwrap_or_default();
        entries.iter().map(|path| clean_line(&album::slug(path))).collect()
    }

    /// What stands in it now. `detail` says how much is wanted of each entry, by slug.
    pub fn snapshot(&mut self, detail: impl Fn(&str) -> Detail) -> Snapshot {
        self.look(detail).snapshot
    }

    /// The log: every entry at a glance, newest first, and what is wrong with the notebook itself. Where nothing changed
    /// since the last time, it is what was kept of it, and nothing is read.
    pub fn glances(&mut self) -> (Vec<Glance>, Vec<Diagnostic>) {
        let key = album::key(&self.library);
        if let Some(glances) = self.kept_glances(&key) {
            return (glances, Vec::new());
        }
        let look = self.look(|_| Detail::Verdicts);
        let glances = look.snapshot.entries.iter().map(|entry| Glance::of(entry)).collect();
        self.keep(key, &look);
        (glances, look.snapshot.diagnostics)
    }

    /// Keeps what was seen for the next look.
    fn keep(&mut self, key: String, look: &Look) {
        // What is wrong is told every time, and what moves is not worth keeping.
        if look.snapshot.diagnostics.is_empty() && self.is_quiet() {
            let pages = look.drafts.iter().zip(&look.snapshot.entries);
            let pages = pages.filter_map(|(draft, entry)| page(draft, entry, &look.plans));
            let tables = self.store.tables_read();
            Album::new(key, &tables, pages).write(&self.root);
        }
    }

    /// As [`Self::snapshot`], for whoever is only interested in the entries that `targets` name (`entry#cell:arm`), and
    /// wants so much of them: of a thousand others hardly more is read than that nothing changed. Where a name is none,
    /// or nothing is named, it is everything.
    pub fn snapshot_about(&mut self, targets: &[impl AsRef<str>], detail: Detail) -> Snapshot {
        let slugs = self.slugs();
        let found = |target: &str| {
            let part = Reference::outside(target).entry.unwrap_or_default();
            find_entry(part, slugs.iter().map(String::as_str)).ok().map(str::to_owned)
        };
        let named: Option<BTreeSet<String>> = targets.iter().map(|target| found(target.as_ref())).collect();
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return self.snapshot(|_| detail);
        };
        let key = album::key(&self.library);
        self.kept_snapshot(&key, &named, detail).unwrap_or_else(|| {
            let wanted = |slug: &str| if named.contains(slug) { detail } else { Detail::Verdicts };
            let look = self.look(wanted);
            self.keep(key, &look);
            look.snapshot
        })
    }

    /// What was kept, with the entries `named`, those that changed and those they speak of read and judged; `None` where
    /// that is no less than to look at everything.
    fn kept_snapshot(&mut self, key: &str, named: &BTreeSet<String>, detail: Detail) -> Option<Snapshot> {
        if self.store.has_damage() {
            return None;
        }
        // The journals first, as when everything is looked at.
        let live = journal::read_all(&journal::live_root(&self.root));
        let (album, entries, _) = self.kept(key)?;
        let mut wanted = album.changed(&entries);
        let is_named = |path: &Path| named.contains(clean_line(&album::slug(path)).as_str());
        wanted.extend(entries.iter().filter(|path| is_named(path)).cloned());
        wanted.sort();
        wanted.dedup();
        if wanted.len() * 2 > entries.len() {
            return None;
        }
        self.watch.poll();
        let roster = self.watch.roster().clone();
        let trouble = roster.trouble.clone();
        let some = self.read_some(&album, &entries, &wanted)?;
        let mut known = Known::new(some.records.clone(), live, roster);
        let wants = |slug: &str| if named.contains(slug) { detail } else { Detail::Verdicts };
        if !self.read_curves(&some.drafts, &some.plans, &mut known, wants, &mut Vec::new()) {
            return None;
        }
        // What runs will cost follows from all that were ever done.
        let lacking = some.drafts.iter().any(|draft| {
            named.contains(&draft.slug) && some.plans.runs(draft).any(|run| known.record(run).is_none())
        });
        let records = if lacking { self.store.read_summaries().0 } else { some.records };
        let pricer = Pricer::new(&self.root, &self.library, &records, &self.counted);
        let experiments = Experiments::new(&some.drafts, &some.plans, &known, &pricer).among(some.slugs);
        let mut judged: Vec<_> =
            some.drafts.iter().map(|draft| Arc::new(judge::entry(draft, &experiments))).collect();
        judged.sort_by(|one, other| other.path.cmp(&one.path));
        let others: Vec<PathBuf> = entries
            .iter()
            .filter(|path| !some.drafts.iter().any(|draft| draft.path == **path))
            .cloned()
            .collect();
        Some(Snapshot {
            entries: judged,
            others: album.neighbours(&others),
            diagnostics: trouble.map(|trouble| held_up(&trouble)).into_iter().collect(),
            datasets: self.library.names(),
        })
    }

    /// What was kept, the entries there are, and the tables that are new, which what was kept has now, too.
    fn kept(&self, key: &str) -> Option<(Album, Vec<PathBuf>, Vec<TableRead>)> {
        let mut album = Album::read(&self.root, key)?;
        let entries = read::entries(&self.root).ok()?;
        let new = self.store.read_tables(&album.unknown(&self.store.tables(), &self.store.curve_files())?)?;
        for table in &new {
            album.add(table);
        }
        Some((album, entries, new))
    }

    /// Whether nothing is going on in it.
    fn is_quiet(&mut self) -> bool {
        self.watch.poll();
        let roster = self.watch.roster();
        roster.open() == 0
            && roster.trouble.is_none()
            && journal::folders(&journal::live_root(&self.root)).is_empty()
    }

    /// The log by what was kept of it, with the entries judged anew about which something changed; `None` where that
    /// is no less than to look at everything.
    fn kept_glances(&mut self, key: &str) -> Option<Vec<Glance>> {
        if !self.is_quiet() {
            return None;
        }
        let (mut album, entries, new) = self.kept(key)?;
        let runs = new.iter().flat_map(|table| &table.records);
        let origins = runs.clone().map(|record| record.origin.entry.clone());
        let touched = Touched::new(runs.map(|record| album::short(&record.run)), origins);
        let stale = album.stale(&entries, &touched);
        if stale.len() * 2 > entries.len() {
            return None;
        }
        if !(stale.is_empty() && new.is_empty()) {
            for page in self.judge_some(&album, &entries, &stale)? {
                album.put(page);
            }
            album.write(&self.root);
        }
        album.glances(&entries)
    }

    /// Judges the entries at `stale` by reading no more than they need.
    fn judge_some(&mut self, album: &Album, entries: &[PathBuf], stale: &[PathBuf]) -> Option<Vec<Page>> {
        let some = self.read_some(album, entries, stale)?;
        let mut known = Known::new(some.records.clone(), Vec::new(), Roster::default());
        if !self.read_curves(&some.drafts, &some.plans, &mut known, |_| Detail::Verdicts, &mut Vec::new()) {
            return None;
        }
        let pricer = Pricer::new(&self.root, &self.library, &some.records, &self.counted);
        let experiments = Experiments::new(&some.drafts, &some.plans, &known, &pricer).among(some.slugs);
        let wanted = some.drafts.iter().filter(|draft| stale.contains(&draft.path));
        let pages = wanted.map(|draft| page(draft, &judge::entry(draft, &experiments), &some.plans));
        pages.collect()
    }

    /// Reads the entries at `wanted` and those of whose experiments they speak, and what is stored of their runs.
    fn read_some(&mut self, album: &Album, entries: &[PathBuf], wanted: &[PathBuf]) -> Option<Part> {
        let context = Context { datasets: self.library.names() };
        let own = self.drafts(wanted, &context);
        let mut slugs = album.with_experiments(wanted);
        let with = own.iter().filter(|draft| draft.experiments().next().is_some());
        slugs.extend(with.map(|draft| draft.slug.clone()));
        let others: BTreeSet<String> = own.iter().flat_map(|draft| curves::abroad(draft, &slugs)).collect();
        let others: Vec<PathBuf> = entries
            .iter()
            .filter(|path| !wanted.contains(path) && others.contains(&clean_line(&album::slug(path))))
            .cloned()
            .collect();
        let mut drafts = self.drafts(&others, &context);
        drafts.extend(own);
        let plans = Plans::new(&drafts, &self.library, &mut self.planner);
        let runs = drafts.iter().flat_map(|draft| plans.runs(draft)).map(album::short);
        let about = Touched::new(runs, drafts.iter().map(|draft| draft.slug.clone()));
        let tables = self.store.read_tables(&album.tables_about(&about))?;
        let records = unite(tables.iter().flat_map(|table| &table.records));
        Some(Part { drafts, plans, records, slugs })
    }

    /// Looks at everything.
    fn look(&mut self, detail: impl Fn(&str) -> Detail) -> Look {
        let mut diagnostics = Vec::new();
        let drafts = self.read_entries(&mut diagnostics);
        // The journals first: a run that is moved into the tables in between is then seen twice, and never not at all.
        let live = journal::read_all(&journal::live_root(&self.root));
        let (mut records, mut problems) = self.store.read_summaries();
        diagnostics.append(&mut problems);
        self.watch.poll();
        if let Some(trouble) = &self.watch.roster().trouble {
            diagnostics.push(held_up(trouble));
        }
        let mut known = Known::new(records.clone(), live, self.watch.roster().clone());
        let plans = Plans::new(&drafts, &self.library, &mut self.planner);
        if !self.read_curves(&drafts, &plans, &mut known, &detail, &mut diagnostics) {
            // What turned out damaged is lost from now on.
            records = self.store.read_summaries().0;
            let live = journal::read_all(&journal::live_root(&self.root));
            let curves = known.take_curves();
            known = Known::new(records.clone(), live, self.watch.roster().clone());
            known.put_curves(curves);
        }
        let pricer = Pricer::new(&self.root, &self.library, &records, &self.counted);
        let state = known.state().map(|known| known ^ plans.state() ^ Pricer::state(&self.root));
        let mut last = std::mem::take(&mut self.judged);
        // Laid out when an entry is judged: where nothing changed, none is.
        let experiments = OnceCell::new();
        let experiments = || experiments.get_or_init(|| Experiments::new(&drafts, &plans, &known, &pricer));
        let judge = |draft: &Arc<Draft>| {
            let detail = detail(&draft.slug);
            match last.remove(&draft.slug) {
                Some(last) if last.is_current(draft, detail, state) => last,
                _ => {
                    let entry = Arc::new(judge::entry(draft, experiments()));
                    Judged { entry, draft: Arc::clone(draft), detail, state }
                }
            }
        };
        let judged: Vec<Judged> = drafts.iter().map(judge).collect();
        let entries = judged.iter().map(|judged| Arc::clone(&judged.entry)).collect();
        self.judged = judged.into_iter().map(|judged| (judged.draft.slug.clone(), judged)).collect();
        let snapshot = Snapshot { entries, others: Vec::new(), diagnostics, datasets: self.library.names() };
        Look { snapshot, drafts, plans }
    }

    /// Reads the curves that entries show or judge by; `false` if one of their files is damaged or gone.
    fn read_curves(
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
        self.counted.rates(&self.root, &records, &self.library)
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
    fn drafts(&mut self, paths: &[PathBuf], context: &Context) -> Vec<Arc<Draft>> {
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
struct Look {
    snapshot: Snapshot,
    drafts: Vec<Arc<Draft>>,
    plans: Plans,
}

/// Some entries as they were read.
struct Part {
    drafts: Vec<Arc<Draft>>,
    plans: Plans,
    records: Vec<Arc<RunRecord>>,
    /// Slugs of all entries that have experiments, those too that were not read.
    slugs: Vec<String>,
}

fn held_up(trouble: &str) -> Diagnostic {
    Diagnostic::warning(format!("runs are held up: {}", clean_line(trouble)))
}

/// What is kept of an entry; `None` if its file was not there.
fn page(draft: &Draft, entry: &Entry, plans: &Plans) -> Option<Page> {
    Some(Page {
        file: album::slug(&draft.path).into_owned(),
        stamp: draft.stamp()?,
        runs: plans.runs(draft).map(album::short).collect(),
        abroad: draft.references().any(|reference| Reference::within(reference).entry.is_some()),
        experiments: draft.experiments().next().is_some(),
        links: entry.document.links.clone(),
        glance: Glance::of(entry),
    })
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
    fn a_notebook_is_found_from_below() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("entries/deep/er");
        fs::create_dir_all(&below).unwrap();
        assert_eq!(Notebook::find(&below).unwrap().root(), folder.path().canonicalize().unwrap());
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(matches!(Notebook::find(elsewhere.path()), Err(NotebookError::Nowhere(_))));
    }
}
