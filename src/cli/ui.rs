//! The screen's notebook: what it shows comes from the folder, what it asks goes to the supervisor.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Exit;
use super::output::Output;
use super::taste::Taste;
use crate::base::clock::Moment;
use crate::base::{RunId, text};
use crate::compare::runs::RunTable;
use crate::notebook::write::{self, SaveError};
use crate::notebook::{EntryMark, Notebook, RunOrder, Snapshot, seal};
use crate::runner::supervisor::{Client, News, Watch};
use crate::runner::{Event, Job};
use crate::tui::desk::Desk;
use crate::tui::{self, Backend, Wanted};

/// Opens the notebook on the screen.
pub fn open(notebook: Notebook, output: &Output, taste: Taste) -> anyhow::Result<Exit> {
    let root = notebook.root().to_owned();
    let client = Client::new(&root);
    let shown = Shown {
        notebook,
        client,
        trouble: Vec::new(),
        snapshot: None,
        seen: None,
        busy: false,
        loaded: Instant::now(),
    };
    let desk = state_home(|name| std::env::var_os(name)).map(|home| Desk::new(&home, &root));
    tui::run(shown, output.look, desk, taste.keys, taste.images, taste.bell, taste.problems)?;
    let mut watch = Watch::new(&root);
    watch.poll();
    if watch.roster().open() > 0 {
        let open = text::counted(watch.roster().open(), "run");
        output.print(&format!("{open} going on; `lowland` shows them, `lowland stop` stops them\n"))?;
    }
    Ok(Exit::Fine)
}

/// Where a person's state is kept (XDG Base Directory Specification): a relative path is to be ignored.
fn state_home(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| var(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))
}

struct Shown {
    notebook: Notebook,
    client: Client,
    /// What could not be asked of the supervisor, and is not told yet.
    trouble: Vec<News>,
    /// What was loaded last.
    snapshot: Option<Arc<Snapshot>>,
    /// What the folder was like at the last load, if it was looked at.
    seen: Option<u64>,
    /// Whether runs were in flight then, whoever does them.
    busy: bool,
    /// When that was.
    loaded: Instant,
}

impl Shown {
    /// Says it when something could not be asked for.
    fn tell(&mut self, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.trouble.push(News::Event(Event::Trouble(format!("cannot be asked for: {error}"))));
        }
    }
}

/// How often a notebook is looked at in which somebody runs something.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Backend for Shown {
    fn root(&self) -> PathBuf {
        self.notebook.root().to_owned()
    }

    fn load(&mut self, wanted: &Wanted, texts: bool, news: bool) -> Arc<Snapshot> {
        // Before reading: what changes meanwhile is seen as a change next time. The first frame does not wait for it.
        if news || self.seen.is_none() {
            self.seen = texts.then(|| fingerprint(self.notebook.root()));
        }
        let snapshot = self.notebook.log(|slug| wanted.detail(slug), texts, news);
        self.busy = snapshot.entries.iter().any(|entry| matches!(entry.mark, EntryMark::Running(_)));
        self.loaded = Instant::now();
        let snapshot = Arc::new(snapshot);
        self.snapshot = Some(Arc::clone(&snapshot));
        snapshot
    }

    fn runs(&mut self, order: &RunOrder, tags: Vec<(String, Vec<String>)>) -> RunTable {
        self.notebook.runs(order, tags)
    }

    fn changed(&mut self) -> bool {
        // That a process at work has died changes no file: while one is, it is looked again.
        let look_again = self.busy && self.loaded.elapsed() >= LOOK_AGAIN;
        look_again || self.seen != Some(fingerprint(self.notebook.root()))
    }

    fn submit(&mut self, jobs: Vec<Job>) {
        let asking: BTreeSet<&str> = jobs.iter().map(|job| job.origin.entry.as_str()).collect();
        let shown = self.snapshot.iter().flat_map(|snapshot| &snapshot.entries);
        // What cannot be put on record is no reason not to run.
        let sealed: io::Result<()> = shown
            .filter(|entry| asking.contains(entry.slug.as_str()))
            .try_for_each(|entry| seal(self.notebook.root(), entry));
        if let Err(error) = sealed {
            let what = format!("what the claims predict cannot be put on record: {error}");
            self.trouble.push(News::Event(Event::Trouble(what)));
        }
        let outcome = self.client.submit(jobs, None);
        self.tell(outcome);
    }

    fn cancel(&mut self, runs: &[RunId]) {
        let outcome = self.client.stop(Some(runs.to_vec()));
        self.tell(outcome);
    }

    fn save(&mut self, path: &Path, base: &str, text: &str) -> Result<(), SaveError> {
        write::save(self.notebook.root(), path, base, text)
    }

    fn create(&mut self, title: &str) -> Result<PathBuf, String> {
        write::create(self.notebook.root(), title, &Moment::now())
    }

    fn append(&mut self, line: &str) -> Result<PathBuf, String> {
        write::log(self.notebook.root(), line, &Moment::now())
    }

    fn news(&mut self) -> Vec<News> {
        let mut news = std::mem::take(&mut self.trouble);
        news.extend(self.client.poll());
        news
    }
}

/// A number that changes whenever an entry, a dataset, a table or a journal does. Only names, sizes and times are
/// looked at.
fn fingerprint(root: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for folder in ["entries", "datasets"] {
        files(&root.join(folder), 0, &mut hasher);
    }
    files(&root.join("runs/summary"), 1, &mut hasher);
    files(&root.join("runs/.live"), 1, &mut hasher);
    hasher.finish()
}

fn files(folder: &Path, depth: u32, hasher: &mut DefaultHasher) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            if depth > 0 {
                files(&entry.path(), depth - 1, hasher);
            }
        } else if entry.file_name() != "lock" {
            // A lock is touched by its holder again and again, and tells nothing.
            (entry.file_name(), metadata.len(), metadata.modified().ok()).hash(hasher);
        }
    }
}
