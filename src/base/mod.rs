//! What every room may use: names, places, errors, time. Nothing here knows what a notebook is about.

pub mod atomic;
pub mod clock;
pub mod diagnostic;
pub mod dirs;
pub mod files;
pub mod ids;
pub mod interrupt;
pub mod kitty;
pub mod load;
pub mod memory;
pub mod number;
pub mod osc52;
pub mod paths;
pub mod quiet;
pub mod rng;
pub mod sixel;
pub mod spread;
pub mod stopwatch;
pub mod suggest;
pub mod tail;
pub mod text;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use ids::RunId;

/// Name of this machine, as it goes into records and journals.
pub fn host() -> String {
    text::clean_line(&rustix::system::uname().nodename().to_string_lossy())
}

/// This very program, to be started again. Its file may have been replaced by another version since it was started,
/// with which it could not talk.
pub fn program() -> PathBuf {
    let (itself, number) = (Path::new("/proc/self/exe"), |path: &Path| {
        path.metadata().map(|file| (file.dev(), file.ino())).ok()
    });
    match std::env::current_exe() {
        Ok(path) if !itself.exists() || number(&path) == number(itself) => path,
        _ => itself.to_owned(),
    }
}

/// What tells this start of this machine's system from every other, empty if nothing does. Processes to whom it is the
/// same share their locks, whatever they call their host.
pub fn boot() -> String {
    static BOOT: LazyLock<String> = LazyLock::new(|| {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        text::clean_line(id.trim())
    });
    BOOT.clone()
}
