//! Files to rows. Only the columns that a [`RunRecord`] needs are decoded: the settings are there for DuckDB and
//! pandas, and stand once more in `spec`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::slice;
use std::sync::Arc;

use polars::prelude::{
    ChunkedArray, Column, DataFrame, DataType, Float64Chunked, Float64Type, PolarsNumericType, StringChunked,
    UInt64Chunked, UInt64Type,
};

use super::schema;
use crate::data::parquet::{self, Columns};
use crate::science::measures::details::Details;
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

/// The curves of a file, by record, of the records that `wanted` names.
pub fn curves(bytes: &[u8], wanted: &dyn Fn(&str) -> bool) -> Result<BTreeMap<String, Curve>, Fault> {
    let passes = |name: &str| name != "run";
    let table = parquet::decode_in_pieces(bytes, Columns::Where(&passes)).map_err(Fault::Damaged)?;
    curves_of(&table.frame, wanted)
}

/// The same of a table at hand.
pub fn curves_of(frame: &DataFrame, wanted: &dyn Fn(&str) -> bool) -> Result<BTreeMap<String, Curve>, Fault> {
    let columns = Curves::of(frame).map_err(Fault::Foreign)?;
    let mut kept: BTreeMap<&str, Kept> = BTreeMap::new();
    for (record, rows) in stretches(&columns.record).into_iter().filter(|(record, _)| wanted(record)) {
        let steps = columns.step.at(slice::from_ref(&rows));
        kept.entry(record).or_default().take(rows, &steps);
    }
    Ok(kept.into_iter().map(|(record, kept)| (record.to_owned(), columns.curve(&kept.rows))).collect())
}

/// The rows of a table that make a curve.
#[derive(Default)]
struct Kept {
    rows: Vec<Range<usize>>,
    last: Option<u64>,
}

impl Kept {
    /// Takes in a stretch of rows with these steps. The steps of a curve increase. A record that was stored twice may
    /// stand here twice: one row after the other or one curve after the other, the second says nothing new.
    fn take(&mut self, rows: Range<usize>, steps: &[u64]) {
        for (row, &step) in rows.zip(steps) {
            if self.last.is_some_and(|last| step <= last) {
                continue;
            }
            self.last = Some(step);
            match self.rows.last_mut() {
                Some(before) if before.end == row => before.end = row + 1,
                _ => self.rows.push(row..row + 1),
            }
        }
    }
}

/// Every stretch of rows of one record in a table at hand, in the order in which they stand.
pub fn stretches_of(frame: &DataFrame) -> Result<Vec<(String, Curve)>, Fault> {
    let columns = Curves::of(frame).map_err(Fault::Foreign)?;
    let stretches = stretches(&columns.record).into_iter();
    Ok(stretches.map(|(record, rows)| (record.to_owned(), columns.curve(slice::from_ref(&rows)))).collect())
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

/// The columns of curves.
struct Curves<'a> {
    record: StringChunked,
    /// 0 where there is none.
    step: Values<UInt64Type>,
    /// NaN where there is none, as in the quantities.
    epoch: Values<Float64Type>,
    quantities: Vec<(&'a str, Values<Float64Type>)>,
}

/// A column of numbers, in the pieces in which the file has it.
struct Values<T: PolarsNumericType> {
    column: ChunkedArray<T>,
    /// What stands where there is none.
    none: T::Native,
}

impl<T: PolarsNumericType> Values<T> {
    /// Those of `rows`, side by side. Copied stretch by stretch: asking the column for one after the other takes longer
    /// than reading the file.
    fn at(&self, rows: &[Range<usize>]) -> Vec<T::Native> {
        let mut values = Vec::with_capacity(rows.iter().map(ExactSizeIterator::len).sum());
        for rows in rows {
            let mut start = 0;
            for piece in self.column.downcast_iter() {
                let end = start + piece.len();
                let (from, to) = (rows.start.max(start), rows.end.min(end));
                if from < to {
                    let within = from - start..to - start;
                    let there = piece.values().get(within.clone()).unwrap_or_default();
                    match piece.validity().filter(|known| known.unset_bits() > 0) {
                        None => values.extend_from_slice(there),
                        Some(known) => values.extend(
                            within.zip(there).map(
                                |(row, &value)| {
                                    if known.get_bit(row) { value } else { self.none }
                                },
                            ),
                        ),
                    }
                }
                start = end;
            }
        }
        values
    }
}

impl<'a> Curves<'a> {
    fn of(frame: &'a DataFrame) -> Result<Self, String> {
        let quantities = quantities(frame, schema::is_quantity).into_iter();
        Ok(Self {
            record: text(frame, "record")?,
            step: Values { column: whole(frame, "step")?, none: 0 },
            epoch: Values { column: real(frame, "epoch")?, none: f64::NAN },
            quantities: quantities.map(|(name, column)| (name, Values { column, none: f64::NAN })).collect(),
        })
    }

    /// These rows as a curve.
    fn curve(&self, rows: &[Range<usize>]) -> Curve {
        let columns = self.quantities.iter().map(|(name, values)| ((*name).to_owned(), values.at(rows)));
        Curve {
            steps: self.step.at(rows),
            epochs: self.epoch.at(rows),
            // Another run of the same file may have measured what this one did not.
            columns: columns.filter(|(_, column)| column.iter().any(|value| !value.is_nan())).collect(),
            details: Details::default(),
        }
    }
}

/// Rows of the same record stand together: each record with its rows.
fn stretches(records: &StringChunked) -> Vec<(&str, Range<usize>)> {
    let mut stretches: Vec<(&str, Range<usize>)> = Vec::new();
    for (row, record) in records.iter().enumerate() {
        let record = record.unwrap_or_default();
        match stretches.last_mut() {
            Some((last, rows)) if *last == record => rows.end = row + 1,
            _ => stretches.push((record, row..row + 1)),
        }
    }
    stretches
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
