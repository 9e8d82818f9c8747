//! A Markdown entry as text with places: front matter, blocks and cells by their bytes, and an edit that changes
//! only the bytes it is told to.
//!
//! Pure: nothing here opens a file, and nothing knows what the YAML in a cell means. Front matter and cells are
//! handed on as text with spans, so that whoever reads them can point at the very character that is wrong.

pub mod bibliography;
pub mod document;
mod fence;
mod front;
pub mod name;
pub mod syntax;

pub use document::{
    Block, BlockKind, Document, Encoding, FrontMatter, MAX_CELL_BYTES, MAX_ENTRY_BYTES, RawCell, check_size,
};
pub use fence::CellKind;
pub use name::{EntryName, undated};

#[cfg(test)]
mod tests;
