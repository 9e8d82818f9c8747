//! What the log showed when it was last looked at, kept between two calls: with a thousand entries nobody waits until
//! each of them has been read and judged again. It holds nothing that is not in the notebook, and is believed only
//! where what it was made of did not change: an entry's file, the tables that hold its runs, the datasets, lowland.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::glance::Glance;
use super::ledger::Line;
use super::read::{Draft, FileState, REFERENCES};
use super::snapshot::Neighbour;
use crate::base::{Diagnostic, RunId, dirs, files, ids};
use crate::data::Library;
use crate::runner::cost::{MOST_TIMED, Timed};
use crate::spec::{ENGINE, Ledger};
use crate::store::{Stamp, TableRead};

/// How long an album is kept that is not written again. To make one takes a second or two.
const KEPT: Duration = Duration::from_hours(24 * 90);

/// Entries at a glance, and what each was judged from.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Album {
    /// What all of it depends on.
    key: String,
    /// Every summary file, by its path as text: paths are slow to compare.
    tables: HashMap<String, Leaf>,
    /// Every entry, by its slug.
    pages: HashMap<String, Page>,
    /// Files of the entries that were seen with runs in flight.
    restless: HashSet<String>,
    /// How long runs took, the latest first.
    pub examples: Vec<Timed>,
}

/// What a summary file is about.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Leaf {
    stamp: Stamp,
    /// The files of their curves.
    curves: Vec<String>,
    /// Its runs.
    runs: Vec<u64>,
    /// The entries for which they were made.
    entries: BTreeSet<String>,
}

/// One entry.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its file, as [`slug`] has it.
    pub file: String,
    /// What its file was like.
    pub stamp: FileState,
    /// Its runs.
    pub runs: Vec<u64>,
    /// Whether it speaks of experiments of other entries.
    pub abroad: bool,
    /// Whether it has experiments of its own.
    pub experiments: bool,
    /// What its text links to.
    pub links: Vec<String>,
    /// What is wrong in it.
    pub problems: Vec<Told>,
    /// Its claims.
    pub claims: Vec<Line>,
    /// Its ledgers.
    pub ledgers: Vec<Ledger>,
    /// What the log shows of it.
    pub glance: Glance,
}

/// A diagnostic with all of its place.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    diagnostic: Diagnostic,
    span: Option<Range<usize>>,
}

impl Told {
    /// To be kept.
    pub fn of(diagnostic: &Diagnostic) -> Self {
        let span = diagnostic.place.as_ref().map(|place| place.span.clone());
        Self { diagnostic: diagnostic.clone(), span }
    }

    /// What was kept.
    pub fn tell(&self) -> Diagnostic {
        let mut diagnostic = self.diagnostic.clone();
        if let (Some(place), Some(span)) = (&mut diagnostic.place, &self.span) {
            place.span.clone_from(span);
        }
        diagnostic
    }
}

/// What rows of a table are about.
#[derive(Debug, Default)]
pub struct Touched {
    runs: HashSet<u64>,
    entries: HashSet<String>,
}

impl Touched {
    /// These runs of these entries.
    pub fn new(runs: impl Iterator<Item = u64>, entries: impl Iterator<Item = String>) -> Self {
        Self { runs: runs.collect(), entries: entries.collect() }
    }

    /// Whether that is about one of these runs, or about this entry.
    pub fn has(&self, runs: &[u64], entry: &str) -> bool {
        self.entries.contains(entry) || runs.iter().any(|run| self.runs.contains(run))
    }
}

/// Enough of a run's name to tell it from ten thousand others: two that are taken for one cost a look too many.
pub fn short(run: &RunId) -> u64 {
    run.as_str().get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// What every page depends on: the program, the datasets there are, and the works that can be cited.
pub fn key(root: &Path, library: &Library) -> String {
    let state = |path: &Path| fs::metadata(path).ok().map(|file| (file.len(), file.modified().ok()));
    let program = std::env::current_exe().ok().and_then(|path| state(&path));
    let names = library.names();
    let datasets: Vec<_> =
        names.iter().map(|name| (name, library.path(name).ok().and_then(|path| state(&path)))).collect();
    let works = state(&root.join(REFERENCES));
    format!("{} {ENGINE} {program:?} {datasets:?} {works:?}", env!("CARGO_PKG_VERSION"))
}

impl Album {
    /// Made of the rows of every table and of how long runs took; without pages.
    pub fn new(key: String, tables: &[TableRead], examples: Vec<Timed>) -> Self {
        let mut album =
            Self { key, tables: HashMap::new(), pages: HashMap::new(), restless: HashSet::new(), examples };
        for table in tables {
            album.add(table);
        }
        album
    }

    /// Whether it was made under this key.
    pub fn is_of(&self, key: &str) -> bool {
        self.key == key
    }

    /// Takes in how long runs took that have ended since.
    pub fn learn(&mut self, examples: Vec<Timed>) {
        self.examples.splice(0..0, examples);
        self.examples.truncate(MOST_TIMED);
    }

    /// The one kept of the notebook at `root`, if it was made under the same `key`.
    pub fn read(root: &Path, key: &str) -> Option<Self> {
        let bytes = files::read_own(&place(root)?).ok()?;
        serde_json::from_slice(&bytes).ok().filter(|album: &Self| album.is_of(key))
    }

    /// Keeps it. Where that is not possible, it is made again next time.
    pub fn write(&self, root: &Path) {
        let written = || {
            let place = place(root)?;
            let folder = place.parent()?;
            fs::create_dir_all(folder).ok()?;
            // Nothing is lost with it, so nobody waits for the disk.
            let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
            file.write_all(&serde_json::to_vec(self).ok()?).ok()?;
            file.persist(&place).ok()?;
            forget_old(folder);
            Some(())
        };
        let _ = written();
    }

    /// Those of `tables` that it does not know; `None` if one that it knows is gone or another, or has lost its curves,
    /// of which those at `curves` are there.
    pub fn unknown(
        &self,
        tables: &BTreeMap<PathBuf, Stamp>,
        curves: &HashSet<String>,
    ) -> Option<BTreeMap<PathBuf, Stamp>> {
        let mut unknown = BTreeMap::new();
        let mut known = 0;
        for (path, stamp) in tables {
            match self.tables.get(path.to_str()?) {
                Some(leaf)
                    if leaf.stamp == *stamp && leaf.curves.iter().all(|file| curves.contains(file)) =>
                {
                    known += 1;
                }
                Some(_) => return None,
                None => {
                    unknown.insert(path.clone(), stamp.clone());
                }
            }
        }
        (known == self.tables.len()).then_some(unknown)
    }

    /// Takes in a table.
    pub fn add(&mut self, table: &TableRead) {
        let leaf = Leaf {
            stamp: table.stamp.clone(),
            curves: table.curves.iter().map(ToString::to_string).collect(),
            runs: table.records.iter().map(|row| short(&row.run)).collect(),
            entries: table.records.iter().map(|row| row.origin.entry.clone()).collect(),
        };
        self.tables.insert(table.path.to_string_lossy().into_owned(), leaf);
    }

    /// The tables with rows about `touched`.
    pub fn tables_about(&self, touched: &Touched) -> BTreeMap<PathBuf, Stamp> {
        let about = |leaf: &Leaf| {
            leaf.entries.iter().any(|entry| touched.entries.contains(entry)) || touched.has(&leaf.runs, "")
        };
        let tables = self.tables.iter().filter(|(_, leaf)| about(leaf));
        tables.map(|(path, leaf)| (PathBuf::from(path), leaf.stamp.clone())).collect()
    }

    /// Forgets the entries that are not among `entries`, and says which of those must be looked at, `touched` being
    /// new.
    pub fn stale(&mut self, entries: &[PathBuf], touched: &Touched) -> Vec<PathBuf> {
        let before = self.pages.len();
        let slugs: HashSet<Cow<'_, str>> = entries.iter().map(|path| slug(path)).collect();
        self.pages.retain(|slug, _| slugs.contains(slug.as_str()));
        let current = |path: &Path| {
            let page = self.pages.get(slug(path).as_ref())?;
            let same = Draft::file_state(path).as_ref() == Some(&page.stamp);
            (same && !touched.has(&page.runs, &page.glance.slug)).then_some(page)
        };
        let pages: Vec<_> = entries.iter().map(|path| (path, current(path))).collect();
        // What entries say of each other hangs on all of them.
        let still = pages.iter().all(|(_, page)| page.is_some())
            && before == self.pages.len()
            && touched.runs.is_empty();
        let is_stale = |page: &Page| page.abroad && !still || self.restless.contains(&page.file);
        let stale = pages.into_iter().filter(|(_, page)| page.is_none_or(is_stale));
        stale.map(|(path, _)| path.clone()).collect()
    }

    /// Those of `entries` whose files are not what they were.
    pub fn changed(&self, entries: &[PathBuf]) -> Vec<PathBuf> {
        let same = |path: &Path| {
            let page = self.pages.get(slug(path).as_ref());
            page.is_some_and(|page| Draft::file_state(path).as_ref() == Some(&page.stamp))
        };
        entries.iter().filter(|path| !same(path)).cloned().collect()
    }

    /// What is kept of the entry at `path`.
    pub fn page(&self, path: &Path) -> Option<&Page> {
        self.pages.get(slug(path).as_ref())
    }

    /// Whether the entry at `path` is what `touched` is about.
    pub fn is_about(&self, path: &Path, touched: &Touched) -> bool {
        self.page(path).is_some_and(|page| touched.has(&page.runs, &page.glance.slug))
    }

    /// What links need of `entries`.
    pub fn neighbours(&self, entries: &[PathBuf]) -> Vec<Neighbour> {
        let pages = entries.iter().filter_map(|path| self.pages.get(slug(path).as_ref()));
        let neighbour = |page: &Page| Neighbour {
            slug: page.glance.slug.clone(),
            title: page.glance.title.clone(),
            links: page.links.clone(),
        };
        pages.map(neighbour).collect()
    }

    /// Whether some entry was seen with runs in flight, and not since they are over.
    pub fn is_restless(&self) -> bool {
        !self.restless.is_empty()
    }

    /// Has an entry be looked at again, as it was seen while its runs were in flight.
    pub fn distrust(&mut self, path: &Path) {
        self.restless.insert(slug(path).into_owned());
    }

    /// Takes in an entry.
    pub fn put(&mut self, page: Page) {
        self.restless.remove(&page.file);
        self.pages.insert(page.file.clone(), page);
    }

    /// Slugs of the entries that have experiments, but for those at `others`.
    pub fn with_experiments(&self, others: &[PathBuf]) -> Vec<String> {
        let others: HashSet<Cow<'_, str>> = others.iter().map(|path| slug(path)).collect();
        let pages =
            self.pages.values().filter(|page| page.experiments && !others.contains(page.file.as_str()));
        pages.map(|page| page.glance.slug.clone()).collect()
    }

    /// What the log shows of `entries`, in their order.
    pub fn glances(mut self, entries: &[PathBuf]) -> Option<Vec<Glance>> {
        entries.iter().map(|path| Some(self.pages.remove(slug(path).as_ref())?.glance)).collect()
    }
}

/// The name of an entry's file without `.md`, as it is: what is shown is cleaned.
pub fn slug(path: &Path) -> Cow<'_, str> {
    let name = path.as_os_str().as_encoded_bytes().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    String::from_utf8_lossy(name.strip_suffix(b".md").unwrap_or(name))
}

/// Where what is kept of the notebook at `root` stands.
pub fn place(root: &Path) -> Option<PathBuf> {
    let name = ids::content_hash(&[root.as_os_str().as_encoded_bytes()]);
    Some(dirs::cache()?.join(format!("log-{}.json", name.get(..16)?)))
}

/// Forgets the albums of notebooks at which nobody has looked for long: many of those are gone.
fn forget_old(folder: &Path) {
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = file.file_name();
        let is_album = name.to_str().is_some_and(|name| name.starts_with("log-"));
        let age = file.metadata().ok().and_then(|state| state.modified().ok()?.elapsed().ok());
        if is_album && age.is_some_and(|age| age > KEPT) {
            // One that another lowland forgets is gone as well.
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Forgets what is kept of a notebook that was made for a test.
#[cfg(test)]
pub fn forget(root: &Path) {
    let _ = place(root).map(fs::remove_file);
}
