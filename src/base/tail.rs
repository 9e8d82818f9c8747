//! Following a file of JSON lines while another process writes it.

use std::io::{self, Read, Seek, SeekFrom};
use std::marker::PhantomData;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use super::files;

/// Longest stretch read at once, so that a huge file cannot take all memory; the rest comes with the next poll, and
/// [`Tail::is_behind`] says that there is a rest.
const LONGEST_READ: u64 = 64 << 20;

/// Where a reader stands in a file of JSON lines.
#[derive(Debug)]
pub struct Tail<T> {
    path: PathBuf,
    /// Number of the file on its disk: one that is begun anew is another file.
    file: Option<(u64, u64)>,
    /// Bytes of whole lines read so far.
    offset: u64,
    /// Whether the last poll stopped at the longest stretch.
    behind: bool,
    lines: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Tail<T> {
    /// At the beginning of a file, which need not be there yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, offset: 0, behind: false, lines: PhantomData }
    }

    /// The lines written since the last poll. A torn last line is left for the next; a line that cannot be
    /// understood is skipped. When the file was replaced, its lines come from its beginning.
    pub fn poll(&mut self) -> Vec<T> {
        // A file that cannot be read now is as good as one with nothing new.
        let bytes = self.read_new().unwrap_or_default();
        self.behind = bytes.len() as u64 == LONGEST_READ;
        let whole = match bytes.iter().rposition(|&byte| byte == b'\n') {
            Some(newline) => newline + 1,
            // Longer than any line that lowland writes: it is passed over, or the reader would never get beyond it.
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
        let number = (metadata.dev(), metadata.ino());
        if self.file != Some(number) || metadata.len() < self.offset {
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

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::*;

    #[test]
    fn whole_lines_come_once_and_a_new_file_from_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut tail = Tail::<u32>::new(path.clone());
        assert!(tail.poll().is_empty(), "it need not be there yet");
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        file.write_all(b"1\nnot a number\n2\n3").unwrap();
        assert_eq!(tail.poll(), [1, 2]);
        file.write_all(b"3\n").unwrap();
        assert_eq!(tail.poll(), [33]);
        assert!(tail.poll().is_empty());
        let other = folder.path().join("other");
        fs::write(&other, "4\n5\n").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(tail.poll(), [4, 5]);
    }
}
