//! Parquet files read without trusting them: what a file says of itself is checked before a decoder allocates or
//! indexes by it, and a panic of the decoder is an error like any other. `store` reads its tables through here too.

use std::fmt::Display;
use std::io::Cursor;

use polars::prelude::{ArrowDataType, DataFrame, ParallelStrategy, ParquetReader, SerReader};
use polars_io::parquet::read::{FileMetadata, infer_schema};

use super::footer;
use crate::base::quiet;
use crate::base::spread::spread;

/// First and last four bytes of a Parquet file.
const MAGIC: &[u8] = b"PAR1";

/// Most rows of a file that is read at all: beyond it, memory is not ours to risk on a number in a footer.
const MOST_ROWS: usize = 50_000_000;

/// Bytes of a file that is worth a second thread.
const LARGE: usize = 1 << 20;

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
    let mut table = decode_rows(bytes, columns, usize::MAX, usize::MAX)?;
    table.frame.rechunk_mut();
    Ok(table)
}

/// The same without laying the pieces of each column one after the other, for whoever goes through them piece by piece:
/// of a large file that is one copy less. Of such a file several columns are decoded at a time.
pub fn decode_in_pieces(bytes: &[u8], columns: Columns<'_>) -> Result<Table, String> {
    let together = if bytes.len() < LARGE { usize::MAX } else { 1 };
    decode_rows(bytes, columns, usize::MAX, together)
}

/// Decodes the first row of a Parquet file at hand.
pub fn first_row(bytes: &[u8]) -> Result<Table, String> {
    decode_rows(bytes, Columns::All, 1, usize::MAX)
}

/// At most so many rows, and so many columns at a time on one thread.
fn decode_rows(bytes: &[u8], columns: Columns<'_>, most: usize, together: usize) -> Result<Table, String> {
    check_frame(bytes)?;
    caught(|| decode_checked(bytes, columns, most, together))
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

fn decode_checked(bytes: &[u8], columns: Columns<'_>, most: usize, together: usize) -> Result<Table, String> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let metadata = reader.get_metadata().map_err(|error| damaged(&error))?.clone();
    check_claims(&metadata, bytes.len())?;
    let wanted = readable_columns(&metadata, columns)?;
    let rows = metadata.num_rows.min(most);
    let read = |columns: &[String]| {
        ParquetReader::new(Cursor::new(bytes))
            .read_parallel(ParallelStrategy::None)
            .with_columns(Some(columns.to_vec()))
            .with_slice((rows < metadata.num_rows).then_some((0, rows)))
            .finish()
            .map_err(|error| damaged(&error))
    };
    let frame = if wanted.len() > together {
        let shares: Vec<&[String]> = wanted.chunks(together).collect();
        let mut columns = Vec::with_capacity(wanted.len());
        for share in spread(&shares, |share| caught(|| read(share))) {
            columns.extend(share?.into_columns());
        }
        DataFrame::new(rows, columns).map_err(|error| damaged(&error))?
    } else {
        read(&wanted)?
    };
    // Polars puts a frame together without asking whether its columns are of one length.
    if frame.columns().iter().any(|column| column.len() != rows) {
        return Err("it is damaged: columns are of different lengths".to_owned());
    }
    Ok(Table { frame, notes: key_values(&metadata) })
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
