//! Writing a journal: by the process that trains, and only by it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::checkpoint::{self, Header, Kept};
use super::claim::Claim;
use super::line::{Beat, Line, Row, Start};
use super::{CHECKPOINT, DETAILS, JOURNAL, WEIGHTS, harvest, live};
use crate::base::paths::PathError;
use crate::base::{RunId, clock, files};
use crate::science::Checkpoint;
use crate::science::measures::details::Details;
use crate::store::{CurveHash, RunRecord, StoreError, weights};

/// Longest line of a journal that is gone on with: a row has at most some kilobytes.
const LONGEST_LINE: u64 = 1 << 20;

/// The journal of one run, and with it the claim on the run.
#[derive(Debug)]
pub struct JournalWriter {
    run: RunId,
    folder: PathBuf,
    file: File,
    /// The rows written so far.
    curve: CurveHash,
    _claim: Claim,
}

/// Where a run that is gone on with stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumed {
    /// Where the training stands.
    pub checkpoint: Checkpoint,
    /// Seconds of training up to there, over all attempts.
    pub seconds: f64,
}

impl JournalWriter {
    /// Claims a run and begins its journal anew, over whatever a killed attempt left. Refused while another process is
    /// at the run ([`StoreError::Claimed`]), or its finished journal waits for harvest ([`StoreError::Ended`]).
    pub fn create(live_root: &Path, start: &Start) -> Result<Self, StoreError> {
        let (folder, claim) = claim(live_root, &start.run)?;
        Self::anew(folder, claim, start)
    }

    /// As [`Self::create`], but goes on from the last checkpoint, if there is one of a run with these measures
    /// (fingerprints). The journal then has the rows that go with it, and none of those that came after.
    pub fn resume(
        live_root: &Path,
        start: &Start,
        measured: &[String],
    ) -> Result<(Self, Option<Resumed>), StoreError> {
        let (folder, claim) = claim(live_root, &start.run)?;
        let Some(Kept { header, checkpoint }) = checkpoint::read(&folder, &start.run, measured) else {
            return Ok((Self::anew(folder, claim, start)?, None));
        };
        let seconds = header.seconds;
        let kept = go_on(&folder, &Start { seconds, ..start.clone() }, &header).inspect_err(|_| {
            // On a full disk every byte is wanted.
            let _ = fs::remove_file(folder.join(FRESH));
        })?;
        let Some((file, curve)) = kept else {
            return Ok((Self::anew(folder, claim, start)?, None));
        };
        put_in_place(&folder)?;
        let writer = Self { run: start.run.clone(), folder, file, curve, _claim: claim };
        Ok((writer, Some(Resumed { checkpoint, seconds })))
    }

    fn anew(folder: PathBuf, claim: Claim, start: &Start) -> Result<Self, StoreError> {
        let file = begin(&folder, start)?;
        forget_checkpoint(&folder);
        put_in_place(&folder)?;
        Ok(Self { run: start.run.clone(), folder, file, curve: CurveHash::default(), _claim: claim })
    }

    /// Begins the journal anew: it turned out that the training cannot go on from the checkpoint.
    pub fn restart(&mut self, start: &Start) -> Result<(), StoreError> {
        self.file = begin(&self.folder, start)?;
        self.curve = CurveHash::default();
        forget_checkpoint(&self.folder);
        put_in_place(&self.folder)
    }

    /// Adds a row of the curve.
    pub fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) -> Result<(), StoreError> {
        self.line(&Line::Row(Row { step, epoch, values: values.clone() }))?;
        self.curve.push(step, epoch, named(values));
        Ok(())
    }

    /// Says that the run is alive.
    pub fn beat(&mut self, step: u64, loss: f64) -> Result<(), StoreError> {
        self.line(&Line::Beat(Beat { step, loss, at: clock::now() }))
    }

    /// Keeps a checkpoint that goes with the rows written so far, of a run with these measures (fingerprints) that has
    /// been trained for so many seconds.
    pub fn checkpoint(
        &mut self,
        checkpoint: &Checkpoint,
        measured: &[String],
        seconds: f64,
    ) -> Result<(), StoreError> {
        self.file.sync_data().map_err(StoreError::at(&self.folder))?;
        let header = Header::new(&self.run, measured, seconds, &self.curve, &checkpoint.state);
        checkpoint::write(&self.folder, &header, &checkpoint.arrays)
    }

    /// Keeps the final weights beside the journal; [`super::harvest`] moves them to their place.
    pub fn write_weights(&self, weights: &[(String, Vec<usize>, Vec<f32>)]) -> Result<(), StoreError> {
        weights::write_weights(&self.folder.join(WEIGHTS), weights)
    }

    /// Keeps spectra and slices beside the journal, as it keeps the weights; those of an earlier attempt go.
    pub fn write_details(&self, details: &Details) -> Result<(), StoreError> {
        let path = self.folder.join(DETAILS);
        if details.is_empty() {
            let _ = fs::remove_file(&path);
            return Ok(());
        }
        let write = || -> io::Result<()> { files::begin(&path)?.write_all(&serde_json::to_vec(details)?) };
        write().map_err(StoreError::at(&path))
    }

    /// The hash of the rows written so far, of earlier attempts too.
    pub fn curve(&self) -> &CurveHash {
        &self.curve
    }

    /// Ends the journal. From here on the run is finished, whatever happens to this process. It is not synced: of
    /// hundreds of runs a second each would wait for the disk. [`super::harvest`] does that for many at once, and a run
    /// that a power cut takes before that is begun anew.
    pub fn finish(mut self, record: &RunRecord) -> Result<(), StoreError> {
        self.line(&Line::End(Box::new(record.clone())))
    }

    /// A line is one write: a reader, or a crash, meets a torn line at most at the very end.
    fn line(&mut self, line: &Line) -> Result<(), StoreError> {
        write_line(&mut self.file, line).map_err(StoreError::at(&self.folder))
    }
}

/// Name of a journal that is not in its place yet.
const FRESH: &str = "journal.new";

/// Claims a run. Its journal is still the old one.
fn claim(live_root: &Path, run: &RunId) -> Result<(PathBuf, Claim), StoreError> {
    if !super::is_inside(live_root) {
        return Err(PathError::LinkOut(live_root.display().to_string()).into());
    }
    let folder = live_root.join(run.as_str());
    harvest::reuse(live_root, &folder);
    let claim = Claim::take(&folder).map_err(StoreError::at(&folder))?;
    let Some(claim) = claim else { return Err(StoreError::Claimed(run.clone())) };
    if live::finished(run, &folder).is_some() {
        return Err(StoreError::Ended(run.clone()));
    }
    Ok((folder, claim))
}

/// A journal with nothing but its start, not in its place yet.
fn begin(folder: &Path, start: &Start) -> Result<File, StoreError> {
    let path = folder.join(FRESH);
    let mut file = files::begin(&path).map_err(StoreError::at(&path))?;
    write_line(&mut file, &Line::Start(Box::new(start.clone()))).map_err(StoreError::at(&path))?;
    Ok(file)
}

/// A journal with the rows that a checkpoint goes with, not in its place yet; `None` if they are not there.
fn go_on(folder: &Path, start: &Start, header: &Header) -> Result<Option<(File, CurveHash)>, StoreError> {
    let Ok(old) = files::open_own(&folder.join(JOURNAL)) else { return Ok(None) };
    let mut rows = RowLines(BufReader::new(old));
    let mut new = BufWriter::new(begin(folder, start)?);
    let mut curve = CurveHash::default();
    while curve.rows() < header.rows {
        let Some((row, line)) = rows.next() else { return Ok(None) };
        curve.push(row.step, row.epoch, named(&row.values));
        new.write_all(&line).map_err(StoreError::at(folder))?;
    }
    if !header.belongs_to(&curve) {
        return Ok(None);
    }
    let file = new.into_inner().map_err(|error| StoreError::at(folder)(error.into_error()))?;
    // Durable before it takes the place of the old one: these rows are not made again.
    file.sync_data().map_err(StoreError::at(folder))?;
    Ok(Some((file, curve)))
}

/// A new file takes the place of the old one, which is not emptied: whoever follows sees by its number that it is
/// another journal.
fn put_in_place(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(JOURNAL);
    fs::rename(folder.join(FRESH), &path).map_err(StoreError::at(&path))
}

/// One that does not fit, or not to what is begun now. If it cannot be removed it is refused again, as it was.
fn forget_checkpoint(folder: &Path) {
    let _ = fs::remove_file(folder.join(CHECKPOINT));
}

fn write_line(file: &mut File, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

fn named(values: &BTreeMap<String, f64>) -> impl Iterator<Item = (&String, f64)> {
    values.iter().map(|(name, &value)| (name, value))
}

/// The rows of a journal with their lines, up to the first line that lowland did not write whole.
struct RowLines(BufReader<File>);

impl Iterator for RowLines {
    type Item = (Row, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = Vec::new();
            self.0.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).ok()?;
            if !line.ends_with(b"\n") {
                return None;
            }
            if let Line::Row(row) = serde_json::from_slice(&line).ok()? {
                return Some((row, line));
            }
        }
    }
}
