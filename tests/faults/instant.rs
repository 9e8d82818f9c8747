//! Instants at which to strike.

use std::fs::{self, DirEntry};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use lowland::runner::supervisor::Client;
use lowland::store::journal::{self, LiveRun, LiveState};

use crate::chance::Chance;
use crate::common::wait_for;

/// A file that is written takes so long at most; what a killed process left half written is older.
const WRITING: Duration = Duration::from_millis(50);

/// How often it is looked whether one is.
const GLANCE: Duration = Duration::from_micros(300);

/// Waits for the next instant: some time, and now and then until a file is half written; whether one is.
pub fn wait(chance: &mut Chance, longest: Duration, root: &Path) -> bool {
    thread::sleep(chance.moment(longest));
    if chance.happens(0.4) {
        let began = Instant::now();
        while !is_writing(root) && began.elapsed() < longest {
            thread::sleep(GLANCE);
        }
    }
    is_writing(root)
}

/// Waits until every run in flight has come further: one that is killed five times without does fail, as it should.
pub fn breathe(root: &Path) {
    let (live, since) = (journal::live_root(root), SystemTime::now());
    let has_moved = |run: &LiveRun| {
        matches!(run.state, LiveState::Finished(_))
            || journal::saved(&live, &run.run).is_some_and(|saved| saved > since)
    };
    wait_for("progress", || journal::read_all(&live).iter().all(has_moved));
}

/// Waits until every order is done. A `run` that finds all its runs ended does not wait until they are stored, where it was
/// others who asked for them.
pub fn settle(root: &Path) {
    let client = Client::new(root);
    wait_for("orders to be done", || client.all_is_settled());
}

/// Whether some file of the notebook is just being written.
fn is_writing(root: &Path) -> bool {
    let folders = ["summary", "curves", ".live"].map(|folder| root.join("runs").join(folder));
    let inner = folders.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    inner
        .flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten())
        .any(|file| is_half(&file))
}

fn is_half(file: &DirEntry) -> bool {
    let name = file.file_name();
    let name = name.to_string_lossy();
    let age = || file.metadata().ok()?.modified().ok()?.elapsed().ok();
    (name.starts_with(".tmp") || name.ends_with(".new")) && age().is_some_and(|age| age < WRITING)
}
