//! The screen's notebook: what it shows comes from the folder, what it asks goes to a crew.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Exit;
use super::output::Output;
use crate::base::RunId;
use crate::notebook::{Detail, EntryMark, Notebook, Snapshot};
use crate::runner::{Crew, CrewOptions, Event, Job};
use crate::tui::{self, Backend, Options};

/// Opens the notebook on the screen.
pub fn open(notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = CrewOptions {
        root: notebook.root().to_owned(),
        workers: cores,
        live: None,
        program: std::env::current_exe()?,
    };
    let crew = Arc::new(Mutex::new(CrewSlot { options, crew: None }));
    let cleanup = {
        let crew = Arc::clone(&crew);
        // A signal ends the screen: the crew is stopped in order, so that no worker is left alone.
        Box::new(move || drop(lock(&crew).crew.take()))
    };
    tui::run(
        Shown { notebook, crew: Arc::clone(&crew), seen: 0, busy: false, loaded: Instant::now() },
        Options { look: output.look, cleanup },
    )?;
    drop(lock(&crew).crew.take());
    Ok(Exit::Fine)
}

/// A crew that is only there once something was asked of it: most of the time a notebook is read.
struct CrewSlot {
    options: CrewOptions,
    crew: Option<(Crew, Receiver<Event>)>,
}

fn lock(slot: &Mutex<CrewSlot>) -> std::sync::MutexGuard<'_, CrewSlot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Shown {
    notebook: Notebook,
    crew: Arc<Mutex<CrewSlot>>,
    /// What the folder was like at the last load.
    seen: u64,
    /// Whether runs were in flight then, whoever does them.
    busy: bool,
    /// When that was.
    loaded: Instant,
}

/// How often a notebook is looked at in which somebody runs something.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Backend for Shown {
    fn load(&mut self, wanted: &BTreeSet<String>) -> Arc<Snapshot> {
        // Before reading: what changes meanwhile is seen as a change next time.
        self.seen = fingerprint(self.notebook.root());
        let detail = |slug: &str| if wanted.contains(slug) { Detail::Curves } else { Detail::Verdicts };
        let snapshot = self.notebook.snapshot(detail);
        self.busy = snapshot.entries.iter().any(|entry| matches!(entry.mark, EntryMark::Running(_)));
        self.loaded = Instant::now();
        Arc::new(snapshot)
    }

    fn changed(&mut self) -> bool {
        // That a process at work has died changes no file: while one is, it is looked again.
        let look_again = self.busy && self.loaded.elapsed() >= LOOK_AGAIN;
        look_again || fingerprint(self.notebook.root()) != self.seen
    }

    fn submit(&mut self, jobs: Vec<Job>) {
        let mut slot = lock(&self.crew);
        let options = slot.options.clone();
        slot.crew.get_or_insert_with(|| Crew::start(options)).0.submit(jobs);
    }

    fn cancel(&mut self, runs: &[RunId]) {
        if let Some((crew, _)) = &lock(&self.crew).crew {
            crew.cancel(runs);
        }
    }

    fn events(&mut self) -> Vec<Event> {
        lock(&self.crew).crew.as_ref().map(|(_, events)| events.try_iter().collect()).unwrap_or_default()
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
        } else {
            (entry.file_name(), metadata.len(), metadata.modified().ok()).hash(hasher);
        }
    }
}
