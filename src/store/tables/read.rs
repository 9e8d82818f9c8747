//! Files to rows. Only the columns that a [`RunRecord`] needs are decoded: the settings are there for DuckDB and
//! pandas, and stand once more in `spec`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{Column, DataFrame, DataType, Float64Chunked, StringChunked, UInt64Chunked};

use super::curves::{CurveTable, select};
use super::schema;
use crate::data::parquet::{self, Columns, Parts};
use crate::store::{Curve, Origin, RunRecord, Status, StoredSpec};

/// What is wrong with a table file.
#[derive(Debug)]
pub enum Fault {
    /// Its bytes are not what was written.
    Damaged(String),
    /// It is a sound Parquet file of something else.
    Foreign(String),
}

impl Fault {
    /// What is wrong, in words.
    pub fn words(self) -> String {
        match self {
            Self::Damaged(words) | Self::Foreign(words) => words,
        }
    }
}

/// One row of a summary, and the file its curve stands in.
#[derive(Clone, Debug)]
pub struct Row {
    /// The run.
    pub record: Arc<RunRecord>,
    /// Path of its curves within the table of curves.
    pub curves: Arc<str>,
}

/// The rows of a summary file, and how many could not be understood.
pub fn summary(bytes: &[u8]) -> Result<(Vec<Row>, usize), Fault> {
    let passes = |name: &str| schema::SUMMARY.contains(&name) || schema::is_measure(name);
    let table = parquet::decode(bytes, Columns::Where(&passes)).map_err(Fault::Damaged)?;
    rows(&table.frame)
}

/// The rows of a summary at hand, and how many could not be understood.
pub fn rows(frame: &DataFrame) -> Result<(Vec<Row>, usize), Fault> {
    let columns = Summary::of(frame).map_err(Fault::Foreign)?;
    let mut shared: HashMap<&str, Arc<str>> = HashMap::new();
    let mut rows = Vec::with_capacity(frame.height());
    for row in 0..frame.height() {
        if let Some(record) = columns.record(row) {
            let curves = columns.curves.get(row).unwrap_or_default();
            let curves = shared.entry(curves).or_insert_with(|| Arc::from(curves)).clone();
            rows.push(Row { record: Arc::new(record), curves });
        }
    }
    let lost = frame.height() - rows.len();
    Ok((rows, lost))
}

/// Bytes of a file of curves that is decoded in parts.
const LARGE: usize = 1 << 20;

/// The curves of a file, by record, of the records that `wanted` names; a large file is decoded on so many threads.
pub fn curves(
    bytes: &[u8],
    threads: usize,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<BTreeMap<String, Curve>, Fault> {
    let parts = Parts::of(bytes, Columns::Where(&|name| name != "run")).map_err(Fault::Damaged)?;
    if bytes.len() < LARGE {
        return curves_of(&parts.all().map_err(Fault::Damaged)?, wanted);
    }
    let read = |names: &[String], rows: &Range<usize>| parts.read(names, rows).map_err(Fault::Damaged);
    let names = parts.names().to_vec();
    CurveTable { names, groups: parts.groups(), threads, read: &read }.curves(wanted)
}

/// The same of a table at hand.
pub fn curves_of(frame: &DataFrame, wanted: &dyn Fn(&str) -> bool) -> Result<BTreeMap<String, Curve>, Fault> {
    CurveTable::at_hand(frame, &|names, _| select(frame, names)).curves(wanted)
}

/// Every stretch of rows of one record in a table at hand, in the order in which they stand.
pub fn stretches_of(frame: &DataFrame) -> Result<Vec<(String, Curve)>, Fault> {
    CurveTable::at_hand(frame, &|names, _| select(frame, names)).stretches()
}

/// The files of curves that a summary names, those of rows that are not understood too. A table of something else
/// names none.
pub fn named_curves(bytes: &[u8]) -> Result<BTreeSet<String>, Fault> {
    let table = parquet::decode(bytes, Columns::Where(&|name| name == "curves")).map_err(Fault::Damaged)?;
    let names = text(&table.frame, "curves").map(|names| names.iter().flatten().map(str::to_owned).collect());
    Ok(names.unwrap_or_default())
}

/// Run and record of every curve in a file.
pub fn owners(bytes: &[u8]) -> Result<BTreeSet<(String, String)>, Fault> {
    let wanted = |name: &str| matches!(name, "run" | "record");
    let frame = parquet::decode(bytes, Columns::Where(&wanted)).map_err(Fault::Damaged)?.frame;
    let (runs, records) =
        (text(&frame, "run").map_err(Fault::Foreign)?, text(&frame, "record").map_err(Fault::Foreign)?);
    let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Ok(runs.iter().zip(records.iter()).map(|(run, record)| (own(run), own(record))).collect())
}

/// The columns of a summary.
struct Summary<'a> {
    run: StringChunked,
    record: StringChunked,
    entry: StringChunked,
    cell: StringChunked,
    arm: StringChunked,
    point: StringChunked,
    seed: UInt64Chunked,
    spec: StringChunked,
    dataset_hash: StringChunked,
    engine_version: UInt64Chunked,
    status: StringChunked,
    reason: StringChunked,
    measured: StringChunked,
    steps: UInt64Chunked,
    seconds: Float64Chunked,
    finished: StringChunked,
    host: StringChunked,
    version: StringChunked,
    curves: StringChunked,
    measures: Vec<(&'a str, Float64Chunked)>,
}

impl<'a> Summary<'a> {
    fn of(frame: &'a DataFrame) -> Result<Self, String> {
        Ok(Self {
            run: text(frame, "run")?,
            record: text(frame, "record")?,
            entry: text(frame, "entry")?,
            cell: text(frame, "cell")?,
            arm: text(frame, "arm")?,
            point: text(frame, "point")?,
            seed: whole(frame, "seed")?,
            spec: text(frame, "spec")?,
            dataset_hash: text(frame, "dataset_hash")?,
            engine_version: whole(frame, "engine_version")?,
            status: text(frame, "status")?,
            reason: text(frame, "reason")?,
            measured: text(frame, "measured")?,
            steps: whole(frame, "steps")?,
            seconds: real(frame, "seconds")?,
            finished: text(frame, "finished")?,
            host: text(frame, "host")?,
            version: text(frame, "version")?,
            curves: text(frame, "curves")?,
            measures: quantities(frame, schema::is_measure),
        })
    }

    /// One row, unless something in it is missing or cannot be understood.
    fn record(&self, row: usize) -> Option<RunRecord> {
        let own = |column: &StringChunked| column.get(row).map(str::to_owned);
        Some(RunRecord {
            run: self.run.get(row)?.parse().ok()?,
            record: own(&self.record)?,
            origin: Origin {
                entry: own(&self.entry)?,
                cell: own(&self.cell)?,
                arm: own(&self.arm)?,
                point: serde_json::from_str(self.point.get(row)?).ok()?,
            },
            seed: self.seed.get(row)?,
            spec: StoredSpec::read(self.spec.get(row)?)?,
            dataset_hash: own(&self.dataset_hash)?,
            engine: self.engine_version.get(row)?.try_into().ok()?,
            status: Status::named(self.status.get(row)?)?,
            reason: own(&self.reason)?,
            measured: serde_json::from_str(self.measured.get(row)?).ok()?,
            measures: self
                .measures
                .iter()
                .filter_map(|(name, values)| Some(((*name).to_owned(), values.get(row)?)))
                .collect(),
            steps: self.steps.get(row)?,
            seconds: self.seconds.get(row)?,
            finished: own(&self.finished)?,
            host: own(&self.host)?,
            version: own(&self.version)?,
            lost_curve: false,
        })
    }
}

/// Columns of f64 whose name passes.
fn quantities(frame: &DataFrame, passes: fn(&str) -> bool) -> Vec<(&str, Float64Chunked)> {
    let columns = frame.columns().iter().filter(|column| passes(column.name()));
    columns.filter_map(|column| Some((column.name().as_str(), column.f64().ok()?.clone()))).collect()
}

pub(super) fn text(frame: &DataFrame, name: &str) -> Result<StringChunked, String> {
    let cast = named(frame, name)?.cast(&DataType::String).map_err(|error| error.to_string())?;
    cast.str().cloned().map_err(|error| error.to_string())
}

pub(super) fn whole(frame: &DataFrame, name: &str) -> Result<UInt64Chunked, String> {
    let cast = named(frame, name)?.cast(&DataType::UInt64).map_err(|error| error.to_string())?;
    cast.u64().cloned().map_err(|error| error.to_string())
}

pub(super) fn real(frame: &DataFrame, name: &str) -> Result<Float64Chunked, String> {
    let cast = named(frame, name)?.cast(&DataType::Float64).map_err(|error| error.to_string())?;
    cast.f64().cloned().map_err(|error| error.to_string())
}

fn named<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Column, String> {
    frame.column(name).map_err(|_| format!("it has no `{name}` column"))
}
