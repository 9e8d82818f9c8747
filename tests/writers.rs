//! Many processes on one store, and stores copied together: every row is there, once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lowland::base::RunId;
use lowland::data::parquet::{self, Columns};
use lowland::store::{Curve, Origin, RunRecord, Status, Store};
use serde_json::json;

/// Tells a process of this test program where it is to write, and which of the writers it is.
const PLACE: &str = "LOWLAND_TEST_STORE";
const NUMBER: &str = "LOWLAND_TEST_WRITER";

/// Where the store of all writers is left for others to read; a temporary folder, if it is not set.
const KEEP: &str = "LOWLAND_TEST_KEEP";

/// How many write at once.
const WRITERS: usize = 200;

/// Each of them adds so many files …
const FILES: usize = 2;
/// … of so many runs.
const RUNS: usize = 3;

/// Run `name` with a curve whose length and values are its own.
fn run(name: &str) -> (RunRecord, Curve) {
    let id = RunId::of(&[name.as_bytes()]);
    let own = u64::from_str_radix(id.short(), 16).unwrap();
    let mut curve = Curve::default();
    for step in 0..=own % 9 {
        let values = BTreeMap::from([("train_loss".to_owned(), own as f64 / (step + 1) as f64)]);
        curve.push(step * 10, step as f64, &values);
    }
    let record = RunRecord {
        record: format!("record of {name}"),
        run: id,
        origin: Origin {
            entry: "2026-01-02-many".to_owned(),
            cell: "writers".to_owned(),
            arm: "base".to_owned(),
            point: Vec::new(),
        },
        seed: own,
        spec: json!({"optimizer": {"learning_rate": 0.1}, "seed": own, "loss": "squared"}).into(),
        dataset_hash: String::new(),
        engine: 1,
        status: Status::Done,
        reason: "steps".to_owned(),
        measured: Vec::new(),
        measures: BTreeMap::from([("train_loss".to_owned(), own as f64)]),
        steps: own % 9 * 10,
        seconds: 0.25,
        finished: "2026-01-02T08:00:00.000Z".to_owned(),
        host: "here".to_owned(),
        version: "0.1.0".to_owned(),
        lost_curve: false,
    };
    (record, curve)
}

/// Writers from this number on go on for longer, so that others can come between.
const BUSY: usize = 1000;
/// They add so many files.
const MANY_FILES: usize = 15;

/// The files that a writer adds.
fn files_of(writer: usize) -> Vec<Vec<(RunRecord, Curve)>> {
    let file = |file: usize| (0..RUNS).map(|at| run(&format!("{writer}.{file}.{at}"))).collect();
    let count = if writer < BUSY { FILES } else { MANY_FILES };
    let mut files: Vec<_> = (0..count).map(file).collect();
    // And one that is the same for all of them.
    files.push(vec![run("of all")]);
    files
}

#[test]
#[ignore = "this is one of the processes of the test below"]
fn one_of_many_writers() {
    let (Ok(place), Ok(number)) = (env::var(PLACE), env::var(NUMBER)) else { return };
    let place = PathBuf::from(place);
    wait_for("the start", || place.join("go").exists());
    let store = Store::open(&place);
    for runs in files_of(number.parse().unwrap()) {
        store.append(&runs).unwrap();
    }
}

/// Starts a process that will write as soon as there is a file `go`.
fn writer(place: &Path, number: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "one_of_many_writers", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for a minute, or as long as a slow machine takes for as many looks.
fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let came = (0..30_000).any(|_| {
        there() || {
            std::thread::sleep(Duration::from_millis(2));
            false
        }
    });
    assert!(came, "{what} did not come");
}

/// Every table file.
fn files(root: &Path, table: &str) -> Vec<PathBuf> {
    let partitions = fs::read_dir(root.join("runs").join(table)).unwrap().map(|entry| entry.unwrap().path());
    partitions.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect()
}

/// Rows of a table, in all its files.
fn rows(root: &Path, table: &str) -> usize {
    let height =
        |file: &PathBuf| parquet::decode(&fs::read(file).unwrap(), Columns::All).unwrap().frame.height();
    files(root, table).iter().map(height).sum()
}

/// What is read must be `wanted`, to the last row of each curve.
fn must_hold(store: &Store, wanted: &[(RunRecord, Curve)]) {
    let (records, problems) = store.read_summaries();
    assert!(problems.is_empty(), "{problems:?}");
    let wanted: BTreeMap<_, _> =
        wanted.iter().map(|(record, curve)| (record.run.clone(), (record, curve))).collect();
    assert_eq!(records.len(), wanted.len());
    let keys: Vec<_> = records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
    let (curves, problems) = store.read_curves(&keys);
    assert!(problems.is_empty(), "{problems:?}");
    for record in records {
        let (was, curve) = wanted[&record.run];
        assert_eq!((record.as_ref(), &curves[&record.run]), (was, curve));
    }
}

/// Starts these writers at one instant, looks at what is there until all have ended, and returns what they wrote.
fn all_write(place: &Path, writers: Range<usize>, mut look: impl FnMut()) -> Vec<(RunRecord, Curve)> {
    let mut children: Vec<_> = writers.clone().map(|number| writer(place, number)).collect();
    fs::write(place.join("go"), "").unwrap();
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        look();
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    writers.flat_map(files_of).flatten().collect()
}

/// Looks again and again: nothing is wrong, nothing that was there is gone, and every run has its curve.
fn watcher(store: &Store) -> impl FnMut() {
    let mut seen = BTreeSet::new();
    move || {
        let (records, problems) = store.read_summaries();
        assert!(problems.is_empty(), "{problems:?}");
        let now: BTreeSet<_> = records.iter().map(|record| record.run.clone()).collect();
        assert!(seen.is_subset(&now), "{} runs are gone", seen.difference(&now).count());
        let keys: Vec<_> = records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
        let (curves, problems) = store.read_curves(&keys);
        assert!(problems.is_empty() && curves.len() == now.len(), "{problems:?}");
        seen = now;
    }
}

#[test]
fn two_hundred_processes_write_at_once_and_every_row_is_there_once() {
    let temporary = tempfile::tempdir().unwrap();
    let place = env::var_os(KEEP).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    fs::create_dir_all(&place).unwrap();
    let store = Store::open(&place);
    let written = all_write(&place, 0..WRITERS, watcher(&store));
    must_hold(&store, &written);
    must_hold(&Store::open(&place), &written);
    let distinct: BTreeMap<_, _> =
        written.iter().map(|(record, curve)| (&record.run, curve.steps.len())).collect();
    assert_eq!(distinct.len(), WRITERS * FILES * RUNS + 1);
    assert_eq!(files(&place, "summary").len(), WRITERS * FILES + 1);
    assert_eq!(rows(&place, "summary"), distinct.len());
    assert_eq!(rows(&place, "curves"), distinct.values().sum::<usize>());
}

#[test]
fn whoever_compacts_while_many_write_loses_none_and_doubles_none() {
    let place = tempfile::tempdir().unwrap();
    let (store, other) = (Store::open(place.path()), Store::open(place.path()));
    let mut watch = watcher(&store);
    let mut merged = 0;
    let written = all_write(place.path(), BUSY..BUSY + 20, || {
        merged += other.compact(false).unwrap().merged.len();
        watch();
    });
    other.compact(false).unwrap();
    assert!(merged > 0);
    must_hold(&store, &written);
    must_hold(&Store::open(place.path()), &written);
    assert_eq!(rows(place.path(), "summary"), 20 * MANY_FILES * RUNS + 1);
    assert_eq!(files(place.path(), "summary").len(), 1);
}

/// Copies all files of one store into another, as `rsync` and a merge do: one that is there already stays.
fn copy_into(to: &Path, from: &Path) {
    for table in ["curves", "summary"] {
        for file in files(from, table) {
            let place = to.join(file.strip_prefix(from).unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            if !place.exists() {
                fs::copy(file, place).unwrap();
            }
        }
    }
}

#[test]
fn stores_that_overlap_are_united_by_copying_their_files_together() {
    let names = |range: Range<usize>| range.map(|at| run(&at.to_string())).collect::<Vec<_>>();
    let store_of = |files: &[Range<usize>]| {
        let folder = tempfile::tempdir().unwrap();
        for range in files {
            Store::open(folder.path()).append(&names(range.clone())).unwrap();
        }
        folder
    };
    // The two have one file in common, and runs that stand in other company in each.
    let (ours, theirs) = (store_of(&[0..10, 10..20, 20..30]), store_of(&[20..30, 5..8, 28..40, 40..60]));
    for compacted in [None, Some(ours.path()), Some(theirs.path())] {
        if let Some(place) = compacted {
            Store::open(place).compact(false).unwrap();
        }
        for parts in [[ours.path(), theirs.path()], [theirs.path(), ours.path()]] {
            let place = tempfile::tempdir().unwrap();
            let store = Store::open(place.path());
            for part in parts {
                copy_into(place.path(), part);
                let _ = store.read_summaries();
            }
            must_hold(&store, &names(0..60));
            must_hold(&Store::open(place.path()), &names(0..60));
            store.compact(false).unwrap();
            must_hold(&store, &names(0..60));
            assert_eq!(rows(place.path(), "summary"), 60);
        }
    }
}
