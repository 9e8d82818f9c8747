//! A summary file with the curves it names, read whole, in order to be written anew together with others or without
//! some of its rows.
//!
//! Whatever is written anew loses what this version of lowland does not understand. So a file counts as understood
//! only if what was read of it, laid out again, is the very table that was read: a column of another writer, a row
//! of a later version, a null where lowland writes a number, and the file is left as it is.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{Column, DataFrame};

use super::{read, scan, write};
use crate::base::text::clean_line;
use crate::base::{clock, files};
use crate::data::parquet::{self, Columns};
use crate::store::{Curve, RunRecord, StoreError};

/// A summary file and its curves.
#[derive(Debug)]
pub struct Bundle {
    /// The summary file.
    pub summary: PathBuf,
    /// The file of its curves.
    pub curves_file: PathBuf,
    /// The same as rows name it, within the table of curves.
    pub curves_name: String,
    /// Bytes of both files.
    pub bytes: u64,
    /// Its rows. A record that was stored twice, at different times or by different hosts, has two.
    pub rows: Vec<RunRecord>,
    /// Their curves, by record.
    pub curves: BTreeMap<String, Curve>,
}

impl Bundle {
    /// Reads the summary file and its curves, which lie in the folder `curves`; or says why they must stay as they are.
    pub fn load(summary: &Path, curves: &Path) -> Result<Self, String> {
        let mut bundle = Self::without_curves(summary, curves)?;
        let of_curves = |problem: String| format!("of its curves: {problem}");
        let (frame, bytes) = table(&bundle.curves_file).map_err(of_curves)?;
        bundle.bytes += bytes;
        bundle.curves = read::curves_of(&frame, &|_| true).map_err(|fault| of_curves(fault.words()))?;
        let again = bundle.stretches_again(&frame)?;
        must_be(&frame, write::curves_frame(&again)).map_err(of_curves)?;
        Ok(bundle)
    }

    /// The same of the summary alone.
    pub fn without_curves(summary: &Path, curves: &Path) -> Result<Self, String> {
        let (frame, bytes) = table(summary)?;
        let (rows, _) = read::rows(&frame).map_err(read::Fault::words)?;
        let curves_name = rows.first().map(|row| row.curves.to_string()).unwrap_or_default();
        let records: Vec<_> = rows.iter().map(|row| row.record.as_ref()).collect();
        must_be(&frame, write::summary_frame(&records, &curves_name))?;
        if !is_curves_name(&curves_name) {
            return Err("its curves stand where lowland puts none".to_owned());
        }
        Ok(Self {
            summary: summary.to_owned(),
            curves_file: curves.join(&curves_name),
            curves_name,
            bytes,
            rows: rows.into_iter().map(|row| Arc::unwrap_or_clone(row.record)).collect(),
            curves: BTreeMap::new(),
        })
    }

    /// What was read of the curves, in the order in which it stands there.
    fn stretches_again(&self, frame: &DataFrame) -> Result<Vec<(RunRecord, Curve)>, String> {
        let rows: HashMap<&str, &RunRecord> =
            self.rows.iter().map(|row| (row.record.as_str(), row)).collect();
        let owned = |(record, curve): (String, Curve)| {
            let row = rows.get(record.as_str()).ok_or("its curves are not all of its own runs")?;
            Ok(((*row).clone(), curve))
        };
        let stretches = read::stretches_of(frame).map_err(read::Fault::words)?;
        stretches.into_iter().map(owned).collect()
    }
}

/// Rows with their curves, as they are written: the curve of a record stands once, with its first row.
pub fn runs(rows: Vec<RunRecord>, curves: &mut BTreeMap<String, Curve>) -> Vec<(RunRecord, Curve)> {
    let with_curve = |row: RunRecord| {
        let curve = curves.remove(&row.record).unwrap_or_default();
        (row, curve)
    };
    rows.into_iter().map(with_curve).collect()
}

/// Everything in a file of ours, and its length.
fn table(path: &Path) -> Result<(DataFrame, u64), String> {
    if !path.file_name().is_some_and(|name| scan::is_hashed(&name.to_string_lossy())) {
        return Err("lowland did not write it".to_owned());
    }
    let bytes = files::read_own(path).map_err(|error| error.to_string())?;
    scan::check_name(path, &bytes).map_err(read::Fault::words)?;
    Ok((parquet::decode(&bytes, Columns::All)?.frame, bytes.len() as u64))
}

/// Whether `again`, laid out from what was read of `frame`, is the same table: columns, types and values. A column
/// without a single value holds nothing that could be lost.
fn must_be(frame: &DataFrame, again: Result<DataFrame, StoreError>) -> Result<(), String> {
    let again = again.map_err(|error| error.to_string())?;
    let is_kept = |column: &&Column| {
        let same = again.column(column.name()).ok().filter(|same| same.dtype() == column.dtype());
        column.null_count() == column.len() || same.is_some_and(|same| same.equals_missing(column))
    };
    match frame.columns().iter().find(|column| !is_kept(column)) {
        None => Ok(()),
        Some(column) => Err(format!(
            "this version of lowland does not understand its column `{}`",
            clean_line(column.name())
        )),
    }
}

/// Whether a name of curves is one that lowland gives: `date=2026-11-22/<hash>.parquet`.
fn is_curves_name(name: &str) -> bool {
    name.split_once('/').is_some_and(|(folder, file)| is_partition(folder) && scan::is_hashed(file))
}

/// Whether a folder of a table is one that lowland makes: `date=2026-11-22`.
pub fn is_partition(folder: &str) -> bool {
    folder.strip_prefix("date=").is_some_and(clock::is_date)
}
