//! kill -9 while tables are compacted.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use lowland::store::Store;

use crate::census::Count;
use crate::chance::Chance;
use crate::common::Notebook;
use crate::instant::wait;
use crate::running::Running;
use crate::sweep::LONG;
use crate::tally::Tally;

/// A notebook with the results of another, each run in files of its own.
fn scattered(whole: &Notebook) -> Notebook {
    let (from, notebook) = (Store::open(whole.path()), LONG.notebook());
    let to = Store::open(notebook.path());
    let (records, _) = from.read_summaries();
    let wanted: Vec<_> = records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
    let (mut curves, _) = from.read_curves(&wanted);
    for record in &records {
        to.append(&[(record.as_ref().clone(), curves.remove(&record.run).unwrap())]).unwrap();
    }
    copy(&whole.path().join("runs/weights"), &notebook.path().join("runs/weights"));
    notebook
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn files(notebook: &Notebook) -> usize {
    let partitions = fs::read_dir(notebook.path().join("runs/summary")).unwrap().flatten();
    let names = partitions.flat_map(|partition| fs::read_dir(partition.path()).unwrap().flatten());
    names.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).count()
}

/// Notebooks that are compacted at the same time.
const LANES: usize = 2;

/// Should it take longer to compact them, the machine stood still meanwhile.
const SLOWEST: Duration = Duration::from_secs(1);

/// Many small files, and how long it takes to compact them.
static SCATTERED: LazyLock<(Notebook, Duration)> = LazyLock::new(|| {
    let template = scattered(&LONG.done());
    assert_eq!(files(&template), LONG.runs);
    let trial = copied(&template);
    let began = Instant::now();
    assert_eq!(trial.run(&["compact"]).code, 0);
    (template, began.elapsed().min(SLOWEST))
});

/// A notebook with the same results.
fn copied(template: &Notebook) -> Notebook {
    let notebook = LONG.notebook();
    copy(&template.path().join("runs"), &notebook.path().join("runs"));
    notebook
}

fn strike(chance: &mut Chance, tally: &mut Tally) {
    let (template, longest) = &*SCATTERED;
    while tally.wants_more() {
        let notebook = copied(template);
        loop {
            let mut compact = Running::start(notebook.command(&["compact"]));
            let halfway = tally.wants_more() && wait(chance, *longest, notebook.path());
            if !tally.wants_more() || compact.is_over() {
                assert_eq!(compact.end().code, 0);
                break;
            }
            drop(compact);
            tally.kill(true, halfway);
            // What is lost once is lost in the end.
            if chance.happens(0.2) {
                tally.look(&notebook);
            }
        }
        tally.close(&notebook, Count::default());
        assert_eq!(files(&notebook), 1);
    }
}

#[test]
fn killed_compactions_lose_nothing() {
    Tally::by("compactions", LANES, strike).end();
}
