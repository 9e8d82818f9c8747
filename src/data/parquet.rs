//! Parquet files read without trusting them: what a file says of itself is checked before a decoder allocates or
//! indexes by it, and a panic of the decoder is an error like any other. `store` reads its tables through here too.

use std::fmt::Display;
use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{ArrowDataType, DataFrame, ParallelStrategy, ParquetReader, SerReader};
use polars_io::parquet::read::{FileMetadata, infer_schema};

use super::footer;
use crate::base::quiet;

/// First and last four bytes of a Parquet file.
const MAGIC: &[u8] = b"PAR1";

/// Most rows of a file that is read at all: beyond it, memory is not ours to risk on a number in a footer.
const MOST_ROWS: usize = 50_000_000;

/// What a file holds.
#[derive(Debug)]
pub struct Table {
    /// Its columns.
    pub frame: DataFrame,
    /// Its key-value metadata.
    pub notes: Vec<(String, String)>,
}

/// Which columns to decode.
#[derive(Clone, Copy)]
pub enum Columns<'a> {
    /// All of them.
    All,
    /// Those whose name passes.
    Where(&'a dyn Fn(&str) -> bool),
}

/// Decodes a Parquet file at hand, or says what is wrong with it.
pub fn decode(bytes: &[u8], columns: Columns<'_>) -> Result<Table, String> {
    let parts = Parts::of(bytes, columns)?;
    let mut frame = parts.all()?;
    frame.rechunk_mut();
    Ok(Table { frame, notes: key_values(&parts.metadata) })
}

/// Decodes the first row of a Parquet file at hand.
pub fn first_row(bytes: &[u8]) -> Result<Table, String> {
    let parts = Parts::of(bytes, Columns::All)?;
    let frame = parts.read(parts.names(), &(0..parts.rows().min(1)))?;
    Ok(Table { frame, notes: key_values(&parts.metadata) })
}

/// A Parquet file at hand that is decoded a part at a time: some rows of some columns. Of a large file the memory that one
/// part took serves the next, and several can be decoded side by side.
pub struct Parts<'a> {
    bytes: &'a [u8],
    metadata: Arc<FileMetadata>,
    names: Vec<String>,
}

impl<'a> Parts<'a> {
    /// Of a file that can be decoded, as far as can be told without doing it; of these columns of it.
    pub fn of(bytes: &'a [u8], columns: Columns<'_>) -> Result<Self, String> {
        check_frame(bytes)?;
        caught(|| {
            let mut reader = ParquetReader::new(Cursor::new(bytes));
            let metadata = reader.get_metadata().map_err(|error| damaged(&error))?.clone();
            check_claims(&metadata, bytes.len())?;
            let names = readable_columns(&metadata, columns)?;
            Ok(Self { bytes, metadata, names })
        })
    }

    /// Its columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of its rows.
    pub fn rows(&self) -> usize {
        self.metadata.num_rows
    }

    /// Which of them are stored together, group by group: to decode a part of a group takes about as long as all of it.
    pub fn groups(&self) -> Vec<Range<usize>> {
        let mut groups: Vec<Range<usize>> = Vec::new();
        for group in &self.metadata.row_groups {
            let start = groups.last().map_or(0, |before| before.end);
            groups.push(start..start + group.num_rows());
        }
        groups
    }

    /// All rows of all its columns.
    pub fn all(&self) -> Result<DataFrame, String> {
        self.read(&self.names, &(0..self.rows()))
    }

    /// These rows of these columns, in the pieces in which they are stored.
    pub fn read(&self, names: &[String], rows: &Range<usize>) -> Result<DataFrame, String> {
        let frame = caught(|| {
            let mut reader = ParquetReader::new(Cursor::new(self.bytes));
            reader.set_metadata(Arc::clone(&self.metadata));
            reader
                .read_parallel(ParallelStrategy::None)
                .with_columns(Some(names.to_vec()))
                .with_slice((rows.len() < self.rows()).then_some((rows.start, rows.len())))
                .finish()
                .map_err(|error| damaged(&error))
        })?;
        // Polars puts a frame together without asking whether its columns are of one length.
        if frame.columns().iter().any(|column| column.len() != rows.len()) {
            return Err("it is damaged: columns are of different lengths".to_owned());
        }
        Ok(frame)
    }
}

fn caught<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    quiet::catch(decode).unwrap_or_else(|panic| Err(damaged(&panic)))
}

/// Size, magic and the length of the footer: what tells a truncated or foreign file at once.
fn check_frame(bytes: &[u8]) -> Result<(), String> {
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    if !bytes.starts_with(MAGIC) {
        return Err("it is not a Parquet file".to_owned());
    }
    let cut = || "it is cut short or damaged: a Parquet file ends in PAR1".to_owned();
    let tail = bytes.last_chunk::<8>().filter(|_| bytes.len() >= 12).ok_or_else(cut)?;
    let ([a, b, c, d], magic) = tail.split_first_chunk::<4>().ok_or_else(cut)?;
    let footer = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
    if magic != MAGIC || footer > bytes.len() - 12 {
        return Err(cut());
    }
    let footer = bytes.get(bytes.len() - 8 - footer..bytes.len() - 8).unwrap_or_default();
    if footer::is_sound(footer) { Ok(()) } else { Err(damaged(&"its footer is no footer")) }
}

/// Refuses a footer whose numbers cannot be true, before anything is allocated by them: an allocation that fails
/// aborts the process, and no `catch` helps there.
fn check_claims(metadata: &FileMetadata, length: usize) -> Result<(), String> {
    let rows: usize = metadata.row_groups.iter().map(|group| group.num_rows().min(MOST_ROWS + 1)).sum();
    if rows > MOST_ROWS {
        return Err(format!("it claims more than {MOST_ROWS} rows"));
    }
    let whole = metadata.num_rows == rows
        && metadata.row_groups.iter().all(|group| {
            group.parquet_columns().iter().all(|column| {
                column.num_values() == group.num_rows() as i64 && column.byte_range().end <= length as u64
            })
        });
    whole.then_some(()).ok_or_else(|| "it is damaged: its footer contradicts itself".to_owned())
}

fn readable_columns(metadata: &FileMetadata, columns: Columns<'_>) -> Result<Vec<String>, String> {
    let schema = infer_schema(metadata).map_err(|error| damaged(&error))?;
    let mut wanted = Vec::new();
    for field in schema.iter_values() {
        let name = field.name.as_str();
        if matches!(columns, Columns::Where(passes) if !passes(name)) {
            continue;
        }
        if !is_readable(field.dtype()) {
            return Err(format!(
                "column `{name}` has a type that is not read here; \
                 store it as u32, u64, i32, i64, f32, f64, bool, string or bytes"
            ));
        }
        wanted.push(name.to_owned());
    }
    Ok(wanted)
}

/// The types that Polars knows without its optional `dtype` features; meeting another, it panics.
fn is_readable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(
        dtype,
        T::Boolean
            | T::Int32
            | T::Int64
            | T::UInt32
            | T::UInt64
            | T::Float32
            | T::Float64
            | T::Utf8
            | T::LargeUtf8
            | T::Utf8View
            | T::Binary
            | T::LargeBinary
            | T::BinaryView
            | T::FixedSizeBinary(_)
    )
}

fn key_values(metadata: &FileMetadata) -> Vec<(String, String)> {
    let pairs = metadata.key_value_metadata.iter().flatten();
    pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect()
}

fn damaged(error: &dyn Display) -> String {
    format!("it is damaged: {}", first_line(&error.to_string()))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
