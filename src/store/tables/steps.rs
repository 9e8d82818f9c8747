//! Putting one file into the place of others, as steps of which any beginning leaves every row readable.
//!
//! New curves, then the new summary that names them, then the old summaries go, then the old curves. Where it is cut
//! off, rows may stand in two files, which readers take for one; never in none. The steps are data, so that tests can
//! stop after each of them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use super::bundle::Bundle;
use super::census::Census;
use super::{Store, Table, write};
use crate::store::{Curve, RunRecord, StoreError};

/// Whoever takes steps; an error ends it there.
pub type Taker<'a> = dyn FnMut(&Step) -> Result<(), StoreError> + 'a;

/// One step.
#[derive(Debug)]
pub enum Step {
    /// Writes a table into a folder, under the name of its content.
    Write {
        /// The folder.
        folder: PathBuf,
        /// The table.
        bytes: Vec<u8>,
    },
    /// Removes a file, unless it is gone already.
    Remove(PathBuf),
}

impl Step {
    /// Takes it.
    pub fn take(&self) -> Result<(), StoreError> {
        match self {
            Self::Write { folder, bytes } => write::place(folder, bytes).map(|_| ()),
            Self::Remove(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::at(path)(error)),
                _ => Ok(()),
            },
        }
    }

    /// Bytes that it writes.
    pub fn written(&self) -> u64 {
        if let Self::Write { bytes, .. } = self { bytes.len() as u64 } else { 0 }
    }
}

/// The steps that put `runs` into the place of the files of `old`, all in the folder `partition` of their tables.
/// None if they are in their place already.
pub fn replace(
    store: &Store,
    partition: &str,
    old: &[Bundle],
    runs: &[(RunRecord, Curve)],
    census: &Census,
) -> Result<Vec<Step>, StoreError> {
    let folder = |table: Table| store.folder(&format!("{}/{partition}", table.name()));
    let (summaries, curves) = (folder(Table::Summary)?, folder(Table::Curves)?);
    let mut steps = Vec::new();
    let mut new = BTreeSet::new();
    let mut place = |folder: PathBuf, bytes: Vec<u8>| {
        let name = write::file_name(&bytes);
        new.insert(folder.join(&name));
        steps.push(Step::Write { folder, bytes });
        name
    };
    if !runs.is_empty() {
        let name = place(curves, write::curves(runs)?);
        let records: Vec<_> = runs.iter().map(|(record, _)| record).collect();
        place(summaries, write::summary(&records, &format!("{partition}/{name}"))?);
    }
    let files: Vec<_> = old.iter().map(|bundle| bundle.summary.as_path()).collect();
    let unneeded = old.iter().filter(|bundle| !census.is_needed(&bundle.curves_name, &files));
    let gone: Vec<_> = (old.iter().map(|bundle| &bundle.summary))
        .chain(unneeded.map(|bundle| &bundle.curves_file))
        .filter(|path| !new.contains(*path))
        .cloned()
        .collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    steps.extend(gone.into_iter().map(Step::Remove));
    Ok(steps)
}
