//! Everything that a notebook has stored, read twice: as lowland reads it, and as any other reader of Parquet would.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use lowland::base::RunId;
use lowland::store::{Curve, RunRecord, Store};
use polars::prelude::{AnyValue, Column, DataFrame, ParquetReader, SerReader};

/// Columns that tell when and where, and in which batch: they may differ.
const OF_THE_OCCASION: [&str; 4] = ["seconds", "finished", "host", "curves"];

/// A row, by column, each value to the bit.
type Row = BTreeMap<String, String>;

/// What is stored.
#[derive(Debug, Default)]
pub struct Tables {
    /// Records as lowland reads them.
    records: BTreeMap<RunId, String>,
    /// Curves as lowland reads them.
    joined: BTreeMap<RunId, String>,
    /// Rows of the summaries, by run; rows of one run that differ.
    summary: BTreeMap<String, Row>,
    /// Rows of the curves, by run.
    curves: BTreeMap<String, Vec<Row>>,
    /// Bytes of the weights, by name.
    weights: BTreeMap<String, Vec<u8>>,
    /// What is wrong with it: problems, things that should not be there, storings that disagree.
    faults: Vec<String>,
}

impl Tables {
    /// What the notebook at `root` has stored.
    pub fn read(root: &Path) -> Self {
        let mut tables = Self::default();
        tables.read_as_lowland_does(root);
        for path in files(&root.join("runs/summary")) {
            tables.add_summary(&frame(&path));
        }
        for path in files(&root.join("runs/curves")) {
            tables.add_curves(&frame(&path));
        }
        for path in files(&root.join("runs/weights")) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            tables.weights.insert(name, fs::read(&path).unwrap());
        }
        tables.faults.extend(leftovers(root));
        tables
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.records.len()
    }

    /// What `other` has that this has not, or otherwise; and what is wrong with either.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = [self.faults.clone(), other.faults.clone()].concat();
        differences.extend(apart("record", &self.records, &other.records));
        differences.extend(apart("curve", &self.joined, &other.joined));
        differences.extend(apart("row of the summary", &self.summary, &other.summary));
        differences.extend(apart("rows of the curve", &self.curves, &other.curves));
        differences.extend(apart("weights", &self.weights, &other.weights));
        differences
    }

    fn read_as_lowland_does(&mut self, root: &Path) {
        let store = Store::open(root);
        let (records, problems) = store.read_summaries();
        self.faults.extend(problems.iter().map(ToString::to_string));
        let wanted: Vec<_> =
            records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
        let (curves, problems) = store.read_curves(&wanted);
        self.faults.extend(problems.iter().map(ToString::to_string));
        self.records = records.iter().map(|record| (record.run.clone(), lasting(record))).collect();
        self.joined = curves.iter().map(|(run, curve)| (run.clone(), bits(curve))).collect();
    }

    fn add_summary(&mut self, frame: &DataFrame) {
        for mut row in rows(frame) {
            row.retain(|name, _| !OF_THE_OCCASION.contains(&name.as_str()));
            let run = row["run"].clone();
            let first = self.summary.entry(run.clone()).or_insert_with(|| row.clone());
            if *first != row {
                self.faults.push(format!("two rows of {run} differ: {first:?} {row:?}"));
            }
        }
    }

    fn add_curves(&mut self, frame: &DataFrame) {
        let mut storings: BTreeMap<(String, String), Vec<Row>> = BTreeMap::new();
        for mut row in rows(frame) {
            let record = row.remove("record").unwrap();
            storings.entry((row["run"].clone(), record)).or_default().push(row);
        }
        for ((run, _), rows) in storings {
            let first = self.curves.entry(run.clone()).or_insert_with(|| rows.clone());
            if *first != rows {
                self.faults.push(format!("two curves of {run} differ"));
            }
        }
    }
}

/// What of a record does not depend on the occasion, floats to the bit.
fn lasting(record: &RunRecord) -> String {
    let mut lasting = record.clone();
    (lasting.seconds, lasting.finished) = (0.0, String::new());
    lasting.host = String::new();
    let measures: Vec<_> = record.measures.iter().map(|(name, value)| (name, value.to_bits())).collect();
    format!("{lasting:?} {measures:?}")
}

fn bits(curve: &Curve) -> String {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let columns: Vec<_> = curve.columns.iter().map(|(name, column)| (name, bits(column))).collect();
    format!("{:?} {:?} {columns:?}", curve.steps, bits(&curve.epochs))
}

/// Every `*.…` below a folder; a file whose name begins with a dot is one that was never finished.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => found.extend(files(&entry.path())),
            _ if entry.file_name().to_string_lossy().starts_with('.') => {}
            _ => found.push(entry.path()),
        }
    }
    found
}

fn frame(path: &Path) -> DataFrame {
    let bytes = fs::read(path).unwrap();
    ParquetReader::new(Cursor::new(bytes))
        .finish()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a table. What has no value is left out: whether a column is there at all depends on the batch.
fn rows(frame: &DataFrame) -> Vec<Row> {
    let mut rows = vec![Row::new(); frame.height()];
    for column in frame.columns() {
        for (at, row) in rows.iter_mut().enumerate() {
            if let Some(value) = value(column, at) {
                row.insert(column.name().to_string(), value);
            }
        }
    }
    rows
}

fn value(column: &Column, at: usize) -> Option<String> {
    match column.get(at).unwrap() {
        AnyValue::Null => None,
        AnyValue::Float64(value) => Some(format!("{:016x}", value.to_bits())),
        other => Some(other.get_str().map_or_else(|| format!("{other:?}"), ToOwned::to_owned)),
    }
}

/// What differs between two maps, by key.
fn apart<K: Ord + ToString, V: PartialEq>(what: &str, a: &BTreeMap<K, V>, b: &BTreeMap<K, V>) -> Vec<String> {
    let keys: BTreeSet<&K> = a.keys().chain(b.keys()).collect();
    let differ = keys.into_iter().filter(|key| a.get(key) != b.get(key));
    let which = |key: &K| if b.contains_key(key) { "differs or is too much" } else { "is missing" };
    differ.map(|key| format!("{what} of {}: it {}", key.to_string(), which(key))).collect()
}

/// What nothing should have left in a notebook where all is done.
fn leftovers(root: &Path) -> Vec<String> {
    let names = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let live = names("runs/.live")
        .into_iter()
        .filter(|name| !["supervisor", "compact.lock"].contains(&name.as_str()));
    let orders = names("runs/.live/supervisor/orders").into_iter().filter(|name| !name.starts_with('.'));
    let aside = names("runs").into_iter().filter(|name| name == "quarantine");
    live.chain(orders).chain(aside).map(|name| format!("{name} is left over")).collect()
}
