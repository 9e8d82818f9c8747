//! A notebook in a temporary folder, and the real program run on it.
#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

/// A cell that trains in a few milliseconds and needs no file.
pub const QUICK: &str = "\
```yaml experiment
id: quick
dataset: {kind: teacher, inputs: 5, hidden: 4, classes: 3, train: 60, test: 60}
model: {kind: mlp, hidden: [8], activation: tanh}
loss: squared
optimizer: {learning_rate: 0.1, batch_size: 10}
stop: {epochs: 20}
arms:
  slow: {optimizer: {learning_rate: 0.01}}
  fast: {}
seeds: 4
measure: [lambda_max, {hessian_trace: {probes: 4}}]
```

```yaml compare
of: quick
show: [train_loss, test_accuracy, lambda_max]
baseline: slow
```

```yaml claim
id: fast-fits-better
says: Larger steps come further in as many epochs.
kind: direction
from: quick
expect: fast.train_loss < slow.train_loss
must: supported
```
";

/// A notebook that is gone after the test.
pub struct Notebook {
    folder: TempDir,
}

impl Notebook {
    /// One without entries.
    pub fn empty() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// One without entries, in a folder of its own within `folder`.
    pub fn within(folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        fs::create_dir(folder.path().join("entries")).unwrap();
        Self { folder }
    }

    /// One with the quick entry.
    pub fn quick() -> Self {
        let notebook = Self::empty();
        notebook.entry("2026-01-02-quick", format!("---\ntitle: Quick\ntags: [a]\n---\nProse.\n\n{QUICK}"));
        notebook
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes an entry.
    pub fn entry(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join("entries").join(format!("{name}.md"));
        fs::write(&path, text).unwrap();
        path
    }

    /// The program, about to be run on it.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lowland"));
        command.current_dir(self.path()).args(args).env("NO_COLOR", "1").envs(self.own_folders());
        command
    }

    /// What a test leaves behind is its own, and not that of whoever runs it.
    pub fn own_folders(&self) -> [(&'static str, PathBuf); 3] {
        [("XDG_CACHE_HOME", ".cache"), ("XDG_STATE_HOME", ".state"), ("XDG_CONFIG_HOME", ".config")]
            .map(|(name, folder)| (name, self.path().join(folder)))
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }
}

/// How often it is looked for something, and how many times before it counts as never coming: a minute, or as long as
/// a slow machine takes for as many looks. A clock would go on while the machine stands still.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: usize = 3000;

/// Waits until something is there; whether it came.
pub fn comes(mut there: impl FnMut() -> bool) -> bool {
    (0..LOOKS).any(|_| {
        there() || {
            std::thread::sleep(LOOK);
            false
        }
    })
}

/// Waits until something is there.
pub fn wait_for(what: &str, there: impl FnMut() -> bool) {
    assert!(comes(there), "{what} did not come");
}

/// A cell whose runs go on until they are stopped.
pub fn endless() -> String {
    QUICK.replace("epochs: 20", "steps: 900000000").replace("seeds: 4", "seeds: 2")
}

/// A cell whose runs take a second or so.
pub fn slow() -> String {
    QUICK.replace("epochs: 20", "epochs: 4000")
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; −1 for a signal.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// What is left of a process.
    pub fn of(output: &Output) -> Self {
        let ran = Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(!ran.err.contains("panicked"), "{ran:?}");
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains('\u{1b}'), "an escape sequence reached a pipe: {ran:?}");
        }
        ran
    }

    /// Its standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
