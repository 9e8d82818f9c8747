//! Following a journal while it is written.

use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::JOURNAL;
use super::line::Line;
use crate::base::files;

/// Longest stretch read at once, so that a huge journal cannot take all memory; the rest comes with the next poll,
/// and [`JournalReader::is_behind`] says that there is a rest.
const LONGEST_READ: u64 = 64 << 20;

/// Longest last line: a record with its spec has a few kilobytes.
const LONGEST_END: u64 = 1 << 20;

/// Where a reader stands in a journal.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    /// Number of the file on its disk, and when it was made: when the run is begun anew or gone on with, it is another
    /// file, which may have got the number of the one before last.
    file: Option<(u64, u64, Option<SystemTime>)>,
    /// Bytes of whole lines read so far.
    offset: u64,
    /// Whether the last poll stopped at the longest stretch.
    behind: bool,
}

impl JournalReader {
    /// At the beginning of the journal in the folder of a run, which need not be there yet.
    pub fn open(folder: &Path) -> Self {
        Self { path: folder.join(JOURNAL), file: None, offset: 0, behind: false }
    }

    /// The lines written since the last poll. A torn last line is left for the next; a line that cannot be
    /// understood is skipped. After a `start` that is not the first line seen, everything before it is void.
    pub fn poll(&mut self) -> Vec<Line> {
        // A journal that cannot be read now is as good as one with nothing new.
        let bytes = self.read_new().unwrap_or_default();
        self.behind = bytes.len() as u64 == LONGEST_READ;
        let whole = match bytes.iter().rposition(|&byte| byte == b'\n') {
            Some(newline) => newline + 1,
            // Longer than any line of a journal: it is passed over, or the reader would never get beyond it.
            None if self.behind => bytes.len(),
            None => 0,
        };
        self.offset += whole as u64;
        let lines = bytes.get(..whole).unwrap_or_default().split(|&byte| byte == b'\n');
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Whether more was there than the last poll read: to be polled again at once.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    fn read_new(&mut self) -> io::Result<Vec<u8>> {
        let mut file = files::open_own(&self.path)?;
        let metadata = file.metadata()?;
        let number = (metadata.dev(), metadata.ino(), metadata.created().ok());
        if self.file != Some(number) {
            (self.file, self.offset) = (Some(number), 0);
        }
        let mut bytes = Vec::new();
        if metadata.len() > self.offset {
            file.seek(SeekFrom::Start(self.offset))?;
            file.take(LONGEST_READ).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }
}

/// Whether the journal in the folder of a run seems to have its last line. Only its tail is read; whether the line can
/// be understood is for [`super::live::finished`] to say.
pub fn seems_ended(folder: &Path) -> bool {
    let tail = || -> io::Result<Vec<u8>> {
        let mut file = files::open_own(&folder.join(JOURNAL))?;
        let start = file.metadata()?.len().saturating_sub(LONGEST_END);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(LONGEST_END).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = tail().unwrap_or_default();
    let Some(lines) = bytes.strip_suffix(b"\n") else { return false };
    lines.rsplit(|&byte| byte == b'\n').next().is_some_and(|last| last.starts_with(b"{\"end\":"))
}
