//! Following a journal while it is written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::JOURNAL;
use super::line::Line;

/// Longest stretch read at once, so that a huge journal cannot take all memory; the rest comes with the next poll.
const LONGEST_READ: u64 = 64 << 20;

/// Longest last line: a record with its spec has a few kilobytes.
const LONGEST_END: u64 = 1 << 20;

/// Where a reader stands in a journal.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    /// Number of the file on its disk: when the run is begun anew, it is another file.
    file: Option<(u64, u64)>,
    /// Bytes of whole lines read so far.
    offset: u64,
}

impl JournalReader {
    /// At the beginning of the journal in the folder of a run, which need not be there yet.
    pub fn open(folder: &Path) -> Self {
        Self { path: folder.join(JOURNAL), file: None, offset: 0 }
    }

    /// The lines written since the last poll. A torn last line is left for the next; a line that cannot be
    /// understood is skipped. After a `start` that is not the first line seen, everything before it is void.
    pub fn poll(&mut self) -> Vec<Line> {
        // A journal that cannot be read now is as good as one with nothing new.
        let bytes = self.read_new().unwrap_or_default();
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        self.offset += whole as u64;
        let lines = bytes.get(..whole).unwrap_or_default().split(|&byte| byte == b'\n');
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    fn read_new(&mut self) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        let number = (metadata.dev(), metadata.ino());
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

/// Whether the journal in the folder of a run has its last line. Only its tail is read.
pub fn has_ended(folder: &Path) -> bool {
    let tail = || -> io::Result<Vec<u8>> {
        let mut file = File::open(folder.join(JOURNAL))?;
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
