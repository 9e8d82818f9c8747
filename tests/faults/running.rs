//! A command of the program that is still running.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Child, Command, Output, Stdio};

use crate::common::Ran;

/// One that is gone with the test, and what it has said so far.
pub struct Running {
    child: Child,
    out: File,
    err: File,
}

impl Running {
    /// Starts it. What it says goes into files, where it can be read while it runs.
    pub fn start(mut command: Command) -> Self {
        let (out, err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(err.try_clone().unwrap())
            .spawn()
            .unwrap();
        Self { child, out, err }
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// What it has said on its standard error.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&contents(&self.err)).into_owned()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        Ran::of(&Output { status, stdout: contents(&self.out), stderr: contents(&self.err) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The file from its beginning. The child writes through the same position, which must be where it was.
fn contents(file: &File) -> Vec<u8> {
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
    let mut bytes = Vec::new();
    let mut again = File::open(path).unwrap();
    again.rewind().unwrap();
    again.read_to_end(&mut bytes).unwrap();
    bytes
}
