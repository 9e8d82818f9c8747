//! How often runs were begun: a thread that reads the beginnings of all journals while a test goes on.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lowland::store::journal;
use serde_json::Value;

/// How often it looks. An attempt that lives shorter may go unseen.
const LOOK: Duration = Duration::from_millis(4);

/// An attempt at a run: which run, when it began and in which process.
type Attempt = (String, String, u64);

/// Attempts seen so far.
#[derive(Default)]
struct Seen {
    begun: BTreeSet<Attempt>,
    /// Those that went on from a checkpoint.
    resumed: BTreeSet<Attempt>,
    /// First lines of journals, as they were read last.
    read: HashMap<PathBuf, String>,
}

/// The thread, and what it has seen.
pub struct Census {
    seen: Arc<Mutex<Seen>>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What it came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// Attempts at runs that had been begun before.
    pub again: usize,
    /// Attempts that went on from a checkpoint.
    pub resumed: usize,
}

impl Census {
    /// Of the notebook at `root`, from now on.
    pub fn begin(root: &Path) -> Self {
        let (seen, end) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let live = journal::live_root(root);
        let thread = thread::spawn({
            let (seen, end) = (Arc::clone(&seen), Arc::clone(&end));
            move || {
                while !end.load(Ordering::Relaxed) {
                    look(&live, &mut seen.lock().unwrap());
                    thread::sleep(LOOK);
                }
            }
        });
        Self { seen, end, thread: Some(thread) }
    }

    /// Ends it.
    pub fn end(mut self) -> Count {
        self.end.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
        let seen = self.seen.lock().unwrap();
        let runs: BTreeSet<&String> = seen.begun.iter().map(|(run, ..)| run).collect();
        Count { again: seen.begun.len() - runs.len(), resumed: seen.resumed.len() }
    }
}

fn look(live: &PathBuf, seen: &mut Seen) {
    for entry in std::fs::read_dir(live).into_iter().flatten().flatten() {
        let path = entry.path().join("journal.jsonl");
        let Some(line) = first_line(&path).filter(|line| seen.read.get(&path) != Some(line)) else {
            continue;
        };
        if let Some((attempt, resumed)) = beginning(&line) {
            if resumed {
                seen.resumed.insert(attempt.clone());
            }
            seen.begun.insert(attempt);
        }
        seen.read.insert(path, line);
    }
}

fn first_line(path: &Path) -> Option<String> {
    let mut line = String::new();
    BufReader::new(File::open(path).ok()?).read_line(&mut line).ok()?;
    Some(line)
}

/// What the first line of a journal says: the attempt, and whether earlier ones are gone on from.
fn beginning(line: &str) -> Option<(Attempt, bool)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let start = &line["start"];
    let attempt = (start["run"].as_str()?.into(), start["started"].as_str()?.into(), start["pid"].as_u64()?);
    Some((attempt, start["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0)))
}
