//! Rows to files: laid out as columns, encoded in memory, named by their content, written once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, PolarsError, Series};
use serde_json::Value;

use super::schema;
use crate::base::{atomic, files, ids};
use crate::spec::run::{canonical_json, settings_of};
use crate::store::{Curve, RunRecord, StoreError};

/// The summary of `records`, whose curves stand in the file `curves` (a path within the table of curves), as bytes.
pub fn summary(records: &[&RunRecord], curves: &str) -> Result<Vec<u8>, StoreError> {
    encode(&mut summary_frame(records, curves)?)
}

/// The curves of `runs`, one after the other, as bytes.
pub fn curves(runs: &[(RunRecord, Curve)]) -> Result<Vec<u8>, StoreError> {
    encode(&mut curves_frame(runs)?)
}

/// The summary of `records` as a table.
pub fn summary_frame(records: &[&RunRecord], curves: &str) -> Result<DataFrame, StoreError> {
    let text = |name: &str, value: &dyn Fn(&RunRecord) -> String| {
        column(name, records.iter().map(|record| value(record)).collect::<Vec<_>>())
    };
    let mut columns = vec![
        text("run", &|record| record.run.to_string()),
        text("record", &|record| record.record.clone()),
        text("entry", &|record| record.origin.entry.clone()),
        text("cell", &|record| record.origin.cell.clone()),
        text("arm", &|record| record.origin.arm.clone()),
        text("point", &|record| json(&record.origin.point)),
        column("seed", records.iter().map(|record| record.seed).collect::<Vec<_>>()),
        text("spec", &|record| canonical_json(&record.spec)),
        text("dataset_hash", &|record| record.dataset_hash.clone()),
        column("engine_version", records.iter().map(|record| record.engine).collect::<Vec<_>>()),
        text("status", &|record| record.status.name().to_owned()),
        text("reason", &|record| record.reason.clone()),
        text("measured", &|record| json(&record.measured)),
        column("steps", records.iter().map(|record| record.steps).collect::<Vec<_>>()),
        column("seconds", records.iter().map(|record| record.seconds).collect::<Vec<_>>()),
        text("finished", &|record| record.finished.clone()),
        text("host", &|record| record.host.clone()),
        text("version", &|record| record.version.clone()),
        text("curves", &|_| curves.to_owned()),
    ];
    columns.extend(settings(records));
    columns.extend(measures(records)?);
    frame(columns)
}

/// The curves of `runs`, one after the other, as a table.
pub fn curves_frame(runs: &[(RunRecord, Curve)]) -> Result<DataFrame, StoreError> {
    let repeated = |name, value: &dyn Fn(&RunRecord) -> String| {
        let rows = runs.iter().flat_map(|(record, curve)| vec![value(record); curve.steps.len()]);
        column(name, rows.collect::<Vec<_>>())
    };
    let mut columns = vec![
        repeated("run", &|record| record.run.to_string()),
        repeated("record", &|record| record.record.clone()),
        column("step", runs.iter().flat_map(|(_, curve)| curve.steps.iter().copied()).collect::<Vec<_>>()),
        column("epoch", runs.iter().flat_map(|(_, curve)| curve.epochs.iter().copied()).collect::<Vec<_>>()),
    ];
    let names: BTreeSet<_> = runs.iter().flat_map(|(_, curve)| curve.columns.keys()).collect();
    for name in names {
        if !schema::is_quantity(name) {
            return Err(StoreError::Column(name.clone()));
        }
        // What was not measured at a step is NaN in a curve and null in the table, where averages skip it.
        let rows = runs.iter().flat_map(|(_, curve)| {
            let values = curve.columns.get(name);
            (0..curve.steps.len()).map(move |row| values?.get(row).copied().filter(|value| !value.is_nan()))
        });
        columns.push(column(name, rows.collect::<Vec<_>>()));
    }
    frame(columns)
}

/// Writes an encoded table into `folder` under the name of its content, and returns that name.
pub fn place(folder: &Path, bytes: &[u8]) -> Result<String, StoreError> {
    let name = file_name(bytes);
    let path = folder.join(&name);
    // A link of that name is not the table: it gives way to it. So does a file that was damaged since: it would be in
    // the way of its own repair.
    if !files::read_own(&path).is_ok_and(|there| there == bytes) {
        make_folder(folder)?;
        atomic::write(&path, bytes).map_err(StoreError::at(&path))?;
    }
    Ok(name)
}

/// The name of a table file with this content.
pub fn file_name(bytes: &[u8]) -> String {
    format!("{}.parquet", &ids::content_hash(&[b"lowland table", bytes])[..32])
}

/// Makes a folder and its ancestors, durably.
pub fn make_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else { return Ok(()) };
    make_folder(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(StoreError::at(folder)(error)),
        _ => atomic::sync_directory(parent).map_err(StoreError::at(parent)),
    }
}

/// One column per setting. Its type is that of its first value: the schema of specs is closed, a path always holds
/// the same kind of value; where it does not, `spec` still has it.
fn settings(records: &[&RunRecord]) -> Vec<Column> {
    let mut by_path: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (row, record) in records.iter().enumerate() {
        for (path, value) in
            settings_of(&record.spec).into_iter().filter(|(path, _)| schema::is_setting(path))
        {
            let values = by_path.entry(path).or_insert_with(|| vec![Value::Null; records.len()]);
            if let Some(slot) = values.get_mut(row) {
                *slot = value;
            }
        }
    }
    by_path.iter().filter_map(|(path, values)| setting(path, values)).collect()
}

/// The column of one setting; none where no run has a value, as then nothing tells its type.
fn setting(path: &str, values: &[Value]) -> Option<Column> {
    Some(match values.iter().find(|value| !value.is_null())? {
        Value::Number(_) => column(path, values.iter().map(Value::as_f64).collect::<Vec<_>>()),
        Value::Bool(_) => column(path, values.iter().map(Value::as_bool).collect::<Vec<_>>()),
        Value::String(_) => column(path, values.iter().map(Value::as_str).collect::<Vec<_>>()),
        _ => {
            let json = |value: &Value| (!value.is_null()).then(|| canonical_json(value));
            column(path, values.iter().map(json).collect::<Vec<_>>())
        }
    })
}

/// One column per measure; null where a run did not measure it.
fn measures(records: &[&RunRecord]) -> Result<Vec<Column>, StoreError> {
    let names: BTreeSet<_> = records.iter().flat_map(|record| record.measures.keys()).collect();
    let measure = |name: &String| {
        if !schema::is_measure(name) {
            return Err(StoreError::Column(name.clone()));
        }
        Ok(column(name, records.iter().map(|record| record.measures.get(name).copied()).collect::<Vec<_>>()))
    };
    names.into_iter().map(measure).collect()
}

fn column<T, P: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, P>,
{
    Series::new(name.into(), values).into()
}

pub(super) fn frame(columns: Vec<Column>) -> Result<DataFrame, StoreError> {
    DataFrame::new_infer_height(columns).map_err(|error| table_error(&error))
}

pub(super) fn encode(frame: &mut DataFrame) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).set_parallel(false);
    writer.finish(frame).map_err(|error| table_error(&error))?;
    Ok(bytes)
}

fn table_error(error: &PolarsError) -> StoreError {
    StoreError::Table(error.to_string())
}

fn json(value: &impl serde::Serialize) -> String {
    // A list of strings or of JSON values always serialises.
    serde_json::to_string(value).unwrap_or_default()
}
