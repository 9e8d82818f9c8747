//! Compacting and removing lose nothing that anybody reads, wherever they are cut off and whoever reads meanwhile.

mod compact;
mod gc;
mod same;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;

use super::steps::Step;
use super::{Store, scan};
use crate::base::{RunId, clock};
use crate::data::parquet::{self, Columns};
use crate::store::tests::{curve, record};
use crate::store::{Curve, RunRecord, Status, StoreError};

/// Everything that a reader sees, as it prints: NaN equals nothing.
pub type Seen = BTreeMap<String, (String, String)>;

/// What is seen through a store that has seen nothing before; there must be nothing wrong with it.
pub fn seen(root: &Path) -> Seen {
    let (seen, problems) = seen_by(&Store::open(root));
    assert!(problems.is_empty(), "{problems:?}");
    seen
}

pub fn seen_by(store: &Store) -> (Seen, Vec<String>) {
    let (records, mut problems) = store.read_summaries();
    let keys: Vec<_> = records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
    let (curves, more) = store.read_curves(&keys);
    problems.extend(more);
    let one = |record: &RunRecord| {
        let curve = curves.get(&record.run).cloned().unwrap_or_default();
        (record.run.to_string(), (format!("{record:?}"), format!("{curve:?}")))
    };
    let problems = problems.iter().map(ToString::to_string).collect();
    (records.iter().map(|record| one(record)).collect(), problems)
}

/// The run `name` with a curve of so many rows.
pub fn run(name: &str, rows: u64) -> (RunRecord, Curve) {
    (record(name, Status::Done), curve(rows))
}

pub fn notebook(files: &[&[(RunRecord, Curve)]]) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    for runs in files {
        store.append(runs).unwrap();
    }
    (folder, store)
}

pub fn files(root: &Path, table: &str) -> Vec<PathBuf> {
    scan::files(&root.join("runs").join(table)).into_keys().collect()
}

/// Takes so many steps, and is then cut off.
pub fn cut_off_after(steps: usize) -> impl FnMut(&Step) -> Result<(), StoreError> {
    let mut left = steps;
    move |step| {
        if left == 0 {
            return Err(StoreError::Table("cut off".to_owned()));
        }
        left -= 1;
        step.take()
    }
}

/// Two hours from now.
pub fn later() -> f64 {
    clock::unix_seconds() + 7200.0
}

/// Four files: runs of three cells in turn, one run stored twice, one that failed.
pub fn mixed() -> Vec<Vec<(RunRecord, Curve)>> {
    let mut again = run("a", 4);
    again.0.record = "another record".to_owned();
    again.0.measured.push("weight_norm()@every2".to_owned());
    let failed = (record("f", Status::Failed), Curve::default());
    vec![vec![run("a", 5), run("b", 1)], vec![run("c", 3), again], vec![failed], vec![run("d", 2)]]
}

pub fn mixed_notebook() -> (tempfile::TempDir, Store) {
    let files = mixed();
    notebook(&files.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The runs of these names.
pub fn wanted(names: &[&str]) -> HashSet<RunId> {
    names.iter().map(|name| RunId::of(&[name.as_bytes()])).collect()
}

/// A table as it is.
pub fn frame(path: &Path) -> DataFrame {
    parquet::decode(&std::fs::read(path).unwrap(), Columns::All).unwrap().frame
}
