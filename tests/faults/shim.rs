//! A disk that fails on demand: `shim.c`, compiled when first needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use rustix::io::Errno;
use tempfile::TempDir;

use crate::common::Notebook;
use crate::say;
use crate::sweep::CHECKPOINTS;

/// The compiled shim; `None` where there is no C compiler.
static SHIM: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Another test program may be using the one of this name: it is replaced, not written into.
    let (shim, fresh) = (folder.join("shim.so"), folder.join(format!("shim-{}.so", std::process::id())));
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&fresh, &source])
        .arg("-ldl")
        .status();
    if made.is_err() {
        say("faults: there is no C compiler (cc): the disk faults are skipped");
        return None;
    }
    assert!(made.unwrap().success(), "shim.c does not compile");
    fs::rename(fresh, &shim).unwrap();
    Some(shim)
});

/// What fails, as the control file of the shim says it.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The error.
    pub errno: Errno,
    /// Letters of the operations that fail.
    pub operations: &'static str,
    /// Below which folder of the notebook.
    pub below: &'static str,
    /// Part of the paths that are spared; `//` for none.
    pub spared: &'static str,
}

/// A disk as some commands see it.
pub struct Disk {
    shim: &'static Path,
    control: TempDir,
}

impl Disk {
    /// One that works; `None` where none can be made to fail.
    pub fn new() -> Option<Self> {
        Some(Self { shim: SHIM.as_deref()?, control: tempfile::tempdir().unwrap() })
    }

    /// A command whose processes have this disk.
    pub fn command(&self, notebook: &Notebook, args: &[&str]) -> Command {
        let mut command = notebook.command(args);
        command.env("LD_PRELOAD", self.shim).env("FAULTS_CONTROL", self.control.path().join("control"));
        command.env(CHECKPOINTS.0, CHECKPOINTS.1);
        command
    }

    /// From now on it fails.
    pub fn fail(&self, notebook: &Notebook, fault: Fault) {
        let Fault { errno, operations, below, spared } = fault;
        let folder = notebook.path().canonicalize().unwrap().join(below);
        let fresh = self.control.path().join("fresh");
        fs::write(&fresh, format!("{} {operations} {} {spared}\n", errno.raw_os_error(), folder.display()))
            .unwrap();
        fs::rename(fresh, self.control.path().join("control")).unwrap();
    }

    /// From now on it works.
    pub fn heal(&self) {
        fs::remove_file(self.control.path().join("control")).unwrap();
    }
}
