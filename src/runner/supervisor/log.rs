//! What a supervisor did, line by line, for anybody to follow.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::folder::Folder;
use super::orders::OrderName;
use crate::base::files;
use crate::runner::Event;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A supervisor takes over. Whatever was said before is void.
    Begin(Begin),
    /// From now on so many workers at most.
    Workers(usize),
    /// These orders were read: their runs are queued, as far as they are not done.
    Taken(Vec<OrderName>),
    /// Something happened.
    Event {
        /// When, RFC 3339.
        at: String,
        /// What.
        what: Event,
    },
}

/// Who a supervisor is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    /// Its process.
    pub pid: u32,
    /// Its machine.
    pub host: String,
    /// Its version, see [`super::orders::version`].
    pub version: String,
    /// When it began.
    pub at: String,
    /// Workers at most.
    pub workers: usize,
}

/// Room that is kept for the log on a disk that is full.
const BALLAST: usize = 64 << 10;

/// The log, as the supervisor writes it.
pub struct Log {
    file: File,
    /// Length of the file up to the last whole line.
    length: u64,
    /// Lines that could not be written yet.
    owed: Vec<u8>,
    ballast: PathBuf,
    has_ballast: bool,
}

impl Log {
    /// Begins a new log. It is another file than the last one: that is how followers notice.
    pub fn begin(folder: &Folder, begin: Begin) -> io::Result<Self> {
        let fresh = folder.log().with_extension("new");
        let file = files::begin(&fresh)?;
        let mut log =
            Self { file, length: 0, owed: Vec::new(), ballast: folder.ballast(), has_ballast: false };
        log.say(&[Line::Begin(begin)]);
        if !log.owed.is_empty() {
            return Err(io::Error::other("the log of the supervisor cannot be written"));
        }
        fs::rename(&fresh, folder.log())?;
        log.take_on_ballast();
        Ok(log)
    }

    /// Adds lines. What cannot be written now is written with the next ones.
    pub fn say(&mut self, lines: &[Line]) {
        for line in lines {
            // Such a line always serialises.
            self.owed.extend(serde_json::to_vec(line).unwrap_or_default());
            self.owed.push(b'\n');
        }
        if self.owed.is_empty() {
            return;
        }
        if self.write().is_err() && self.has_ballast {
            // Whatever else the disk has no room for: why there is none must be read.
            self.has_ballast = fs::remove_file(&self.ballast).is_err();
            let _ = self.write();
        }
    }

    /// Bytes so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Takes room on that was given up when the disk was full.
    pub fn take_on_ballast(&mut self) {
        if !self.has_ballast {
            let write =
                |path: &PathBuf| -> io::Result<()> { files::begin(path)?.write_all(&vec![0; BALLAST]) };
            self.has_ballast = write(&self.ballast).is_ok();
            if !self.has_ballast {
                let _ = fs::remove_file(&self.ballast);
            }
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if let Err(error) = self.file.write_all(&self.owed) {
            // A line that was cut would spoil the next one.
            let _ = self.file.set_len(self.length);
            let _ = io::Seek::seek(&mut self.file, io::SeekFrom::Start(self.length));
            return Err(error);
        }
        self.length += self.owed.len() as u64;
        self.owed.clear();
        Ok(())
    }
}
