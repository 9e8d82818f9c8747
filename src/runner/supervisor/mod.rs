//! Who runs what the screens ask for. A supervisor is a process of its own session, one per notebook, that no screen
//! owns: closing the terminal, a dropped line, a crash of the screen, none of them touches a run.
//!
//! It and its clients share nothing but the notebook's folder:
//!
//! ```text
//! runs/.live/supervisor/lock           held by the supervisor for as long as it lives; says who it is
//! runs/.live/supervisor/orders/*.json  what is asked for: runs to do, runs to stop
//! runs/.live/supervisor/log.jsonl      what it did, line by line: anybody may follow
//! runs/.live/supervisor/errors.txt     its last words, if it ended as it should not
//! runs/.live/<run>/                    the journal of a run in flight, written by the worker that trains it
//! ```
//!
//! An order stands until every run of it is stored, so a supervisor that is killed takes nothing with it: whoever
//! looks next starts another, which reads the orders that stand, stores what has ended, skips what is stored and goes
//! on from the checkpoints. The lock is the system's and ends with the process, on whatever machine: a lock file in a copied
//! notebook, or one from before a reboot, holds nothing.

mod client;
mod folder;
mod lock;
mod log;
mod orders;
mod roster;
mod serve;
mod start;
mod watch;

pub use client::{Client, News};
pub use log::{Begin, Line};
pub use roster::{Going, Roster};
pub use serve::{ServeOptions, serve};
pub use start::detach;
pub use watch::Watch;

use std::path::{Path, PathBuf};

/// Orders in the notebook at `root` that no supervisor could understand and that were set aside long ago, with their
/// lengths.
pub fn old_bad_orders(root: &Path) -> Vec<(PathBuf, u64)> {
    folder::Folder::of(root).map_or_else(|_| Vec::new(), |folder| orders::set_aside_long_ago(&folder))
}

#[cfg(test)]
mod tests;
