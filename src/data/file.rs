//! A dataset file: `index` (not read), `split` (`train` rows first, then `test`), then `label` or `target`, then
//! either `pixels`, the bytes of an image of the same length in every row, or one column of numbers per input.
//!
//! Everything is checked while it is read, so that no later code meets a gap, a NaN or a class without examples.

use std::io;
use std::path::Path;

use polars::prelude::{Column, DataFrame, DataType};

use super::parquet::{self, Columns, Table};
use super::{DataError, Dataset, Labels};
use crate::base::files;
use crate::base::text::clean_line;
use crate::spec::run::dataset_hash;

/// Columns that are not inputs.
const RESERVED: [&str; 5] = ["index", "split", "label", "target", "pixels"];

/// Reads and checks a dataset file.
pub fn read(path: &Path) -> Result<Dataset, DataError> {
    let file = path.display().to_string();
    let bytes = files::read(path).map_err(|error| DataError::Io { file: clean_line(&file), error })?;
    from_bytes(&file, &bytes)
}

/// The content hash of a dataset file, as it enters run ids.
pub fn hash(path: &Path) -> io::Result<String> {
    Ok(dataset_hash(&files::read(path)?))
}

/// Checks and unpacks a dataset file at hand; `file` is what errors call it.
pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Dataset, DataError> {
    parquet::decode(bytes, Columns::All)
        .and_then(|table| unpack(&table))
        .map_err(|problem| DataError::Unfit { file: clean_line(file), problem: clean_line(&problem) })
}

/// Rows, those of them to train on, inputs and outputs of a dataset file at hand. Only what tells them is decoded, which the inputs are not.
pub fn size(bytes: &[u8]) -> Result<(usize, usize, usize, usize), String> {
    let first = parquet::first_row(bytes)?.frame;
    let inputs = match first.column("pixels") {
        Ok(pixels) => pixels.binary().ok().and_then(|images| images.get(0)).map_or(0, <[u8]>::len),
        Err(_) => input_columns(&first).len(),
    };
    let told = |name: &str| name == "split" || name == "label";
    let frame = parquet::decode(bytes, Columns::Where(&told))?.frame;
    let train_rows = train_rows(&frame)?;
    let outputs = match frame.column("label") {
        Ok(labels) => match classes(labels, train_rows)? {
            Labels::Classes { classes, .. } => classes,
            Labels::Targets { outputs, .. } => outputs,
        },
        Err(_) => 1,
    };
    Ok((frame.height(), train_rows, inputs, outputs))
}

fn unpack(table: &Table) -> Result<Dataset, String> {
    let frame = &table.frame;
    let rows = frame.height();
    let train_rows = train_rows(frame)?;
    let y = match (frame.column("label"), frame.column("target")) {
        (Ok(labels), Err(_)) => classes(labels, train_rows)?,
        (Err(_), Ok(targets)) => Labels::Targets { targets: floats(targets)?, outputs: 1 },
        (Ok(_), Ok(_)) => return Err("it has both `label` and `target`; one of them must go".to_owned()),
        (Err(_), Err(_)) => return Err("it has neither a `label` nor a `target` column".to_owned()),
    };
    let (x, inputs, pixel_max) = match (frame.column("pixels"), input_columns(frame)) {
        (Ok(pixels), others) if others.is_empty() => {
            let (x, inputs) = unpack_pixels(pixels, rows)?;
            let pixel_max = pixel_max(&table.notes, &x);
            (x, inputs, Some(pixel_max))
        }
        (Ok(_), others) => return Err(format!("beside `pixels` there is a column `{}`", others[0].name())),
        (Err(_), columns) => (unpack_columns(&columns, rows)?, columns.len(), None),
    };
    Ok(Dataset { x, y, inputs, train_rows, pixel_max, truth: None })
}

/// How many rows are for training: all of them stand before the first for testing.
fn train_rows(frame: &DataFrame) -> Result<usize, String> {
    let split = column(frame, "split")?;
    let words = split.str().map_err(|_| "column `split` is not text".to_owned())?;
    let (mut train, mut tests) = (0, 0);
    for (row, word) in words.iter().enumerate() {
        match word {
            Some("train") if tests == 0 => train += 1,
            Some("train") => return Err(format!("row {row} is a `train` row after a `test` row")),
            Some("test") => tests += 1,
            other => {
                let word = other.unwrap_or("nothing");
                return Err(format!(
                    "column `split` says `{word}` in row {row}; it must be `train` or `test`"
                ));
            }
        }
    }
    if train == 0 { Err("it has no `train` rows".to_owned()) } else { Ok(train) }
}

/// Class labels; the classes are those of the training rows, 0 and up without a gap.
fn classes(column: &Column, train_rows: usize) -> Result<Labels, String> {
    let numbers = numbers(column)?;
    let most = numbers.len() as f64;
    let bad = numbers.iter().position(|&value| value < 0.0 || value.fract() != 0.0 || value >= most);
    if let Some(row) = bad {
        return Err(format!("label {} in row {row} is not a class number", numbers[row]));
    }
    let labels: Vec<u32> = numbers.iter().map(|&value| value as u32).collect();
    let (train, test) = labels.split_at(train_rows);
    let classes = train.iter().max().map_or(0, |&most| most as usize + 1);
    let mut seen = vec![false; classes];
    for &label in train {
        seen[label as usize] = true;
    }
    if let Some(missing) = seen.iter().position(|seen| !seen) {
        return Err(format!(
            "classes run from 0 to {}, but none of the training rows is a {missing}",
            classes - 1
        ));
    }
    match test.iter().find(|&&label| label as usize >= classes) {
        Some(label) => Err(format!("test label {label} is a class without training rows")),
        None => Ok(Labels::Classes { labels, classes }),
    }
}

fn input_columns(frame: &DataFrame) -> Vec<&Column> {
    frame.columns().iter().filter(|column| !RESERVED.contains(&column.name().as_str())).collect()
}

/// Row-major inputs from one column of numbers each.
fn unpack_columns(columns: &[&Column], rows: usize) -> Result<Vec<f32>, String> {
    if columns.is_empty() {
        return Err("it has no inputs: neither `pixels` nor columns of numbers".to_owned());
    }
    let mut x = vec![0.0; rows * columns.len()];
    for (place, column) in columns.iter().enumerate() {
        let values = floats(column)?;
        x.iter_mut().skip(place).step_by(columns.len()).zip(values).for_each(|(slot, value)| *slot = value);
    }
    Ok(x)
}

/// Row-major inputs from the bytes of each row, and how many bytes a row has.
fn unpack_pixels(column: &Column, rows: usize) -> Result<(Vec<f32>, usize), String> {
    let images = column.binary().map_err(|_| "column `pixels` does not hold bytes".to_owned())?;
    let inputs = images.get(0).map_or(0, <[u8]>::len);
    if inputs == 0 {
        return Err("column `pixels` is empty".to_owned());
    }
    let mut x = Vec::with_capacity(rows * inputs);
    for (row, image) in images.iter().enumerate() {
        match image {
            Some(bytes) if bytes.len() == inputs => x.extend(bytes.iter().map(|&byte| f32::from(byte))),
            other => {
                let length = other.map_or(0, <[u8]>::len);
                return Err(format!("row {row} has {length} pixels where row 0 has {inputs}"));
            }
        }
    }
    Ok((x, inputs))
}

/// The largest storable value: the file's own `value_range` (`0..16`), else a guess from what occurs.
fn pixel_max(notes: &[(String, String)], x: &[f32]) -> f32 {
    let noted = notes.iter().find(|(key, _)| key == "value_range").and_then(|(_, range)| {
        let most: f32 = range.rsplit("..").next()?.trim().parse().ok()?;
        (1.0..=255.0).contains(&most).then_some(most)
    });
    noted.unwrap_or_else(|| if x.iter().any(|&value| value > 16.0) { 255.0 } else { 16.0 })
}

/// A column of numbers as the f32 that enter the network; every one must be finite there.
fn floats(column: &Column) -> Result<Vec<f32>, String> {
    let values: Vec<f32> = numbers(column)?.into_iter().map(|value| value as f32).collect();
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(format!("column `{}` has no finite number in row {row}", column.name())),
        None => Ok(values),
    }
}

fn numbers(column: &Column) -> Result<Vec<f64>, String> {
    let name = column.name();
    if !column.dtype().is_primitive_numeric() {
        return Err(format!("column `{name}` does not hold numbers"));
    }
    let wide = column.cast(&DataType::Float64).map_err(|error| format!("column `{name}`: {error}"))?;
    let values = wide.f64().map_err(|error| format!("column `{name}`: {error}"))?;
    values
        .iter()
        .enumerate()
        .map(|(row, value)| value.ok_or_else(|| format!("column `{name}` has no value in row {row}")))
        .collect()
}

fn column<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Column, String> {
    frame.column(name).map_err(|_| format!("it has no `{name}` column"))
}
