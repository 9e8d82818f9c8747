//! Writing a journal: by the process that trains, and only by it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::claim::Claim;
use super::line::{Beat, Line, Row, Start};
use super::{JOURNAL, WEIGHTS, live};
use crate::base::{clock, files};
use crate::store::{RunRecord, StoreError, weights};

/// The journal of one run, and with it the claim on the run.
#[derive(Debug)]
pub struct JournalWriter {
    folder: PathBuf,
    file: File,
    _claim: Claim,
}

impl JournalWriter {
    /// Claims a run and begins its journal anew, over whatever a killed attempt left. Refused while another process is
    /// at the run ([`StoreError::Claimed`]), or its finished journal waits for harvest ([`StoreError::Ended`]).
    pub fn create(live_root: &Path, start: &Start) -> Result<Self, StoreError> {
        if !super::is_inside(live_root) {
            let link = live_root.display().to_string();
            return Err(crate::base::paths::PathError::LinkOut(link).into());
        }
        let folder = live_root.join(start.run.as_str());
        let claim = Claim::take(&folder).map_err(StoreError::at(&folder))?;
        let Some(claim) = claim else { return Err(StoreError::Claimed(start.run.clone())) };
        if live::finished(&start.run, &folder).is_some() {
            return Err(StoreError::Ended(start.run.clone()));
        }
        let path = folder.join(JOURNAL);
        // A new file, not the old one emptied: whoever follows sees by its number that it is another journal.
        let fresh = folder.join("journal.new");
        let file = files::begin(&fresh).map_err(StoreError::at(&fresh))?;
        let mut writer = Self { folder, file, _claim: claim };
        writer.line(&Line::Start(Box::new(start.clone())))?;
        fs::rename(&fresh, &path).map_err(StoreError::at(&path))?;
        Ok(writer)
    }

    /// Adds a row of the curve.
    pub fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) -> Result<(), StoreError> {
        self.line(&Line::Row(Row { step, epoch, values: values.clone() }))
    }

    /// Says that the run is alive.
    pub fn beat(&mut self, step: u64, loss: f64) -> Result<(), StoreError> {
        self.line(&Line::Beat(Beat { step, loss, at: clock::now() }))
    }

    /// Keeps the final weights beside the journal; [`super::harvest`] moves them to their place.
    pub fn write_weights(&self, weights: &[(String, Vec<usize>, Vec<f32>)]) -> Result<(), StoreError> {
        weights::write_weights(&self.folder.join(WEIGHTS), weights)
    }

    /// Ends the journal. From here on the run is finished, whatever happens to this process or machine.
    pub fn finish(mut self, record: &RunRecord) -> Result<(), StoreError> {
        self.line(&Line::End(Box::new(record.clone())))?;
        self.file.sync_all().map_err(StoreError::at(&self.folder))
    }

    /// A line is one write: a reader, or a crash, meets a torn line at most at the very end.
    fn line(&mut self, line: &Line) -> Result<(), StoreError> {
        let mut text =
            serde_json::to_vec(line).map_err(|error| StoreError::at(&self.folder)(error.into()))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(StoreError::at(&self.folder))
    }
}
