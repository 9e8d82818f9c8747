//! Faults, injected: kill -9 at seeded random instants, disks that are full or broken or read-only, workers that get
//! no memory. Whatever happens, what is stored in the end must be what an undisturbed notebook has, bit for bit.
//!
//! `LOWLAND_FAULTS_SEED` seeds the instants. What was done and what differed is printed past the test harness, so
//! that it stands in every log of the tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../common/mod.rs"]
mod common;

mod census;
mod chance;
mod compaction;
mod disk;
mod instant;
mod kills;
mod memory;
mod mount;
mod processes;
mod real_disk;
mod running;
mod screen;
mod shim;
mod sweep;
mod tables;
mod tally;

use std::io::Write;

/// Says something that is to stand in the log of the tests whether or not they pass.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
