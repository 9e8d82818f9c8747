//! What every room may use: names, places, errors, time. Nothing here knows what a notebook is about.

pub mod atomic;
pub mod clock;
pub mod diagnostic;
pub mod files;
pub mod ids;
pub mod interrupt;
pub mod number;
pub mod paths;
pub mod quiet;
pub mod rng;
pub mod suggest;
pub mod text;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use ids::RunId;

/// Name of this machine, as it goes into records and journals.
pub fn host() -> String {
    text::clean_line(&rustix::system::uname().nodename().to_string_lossy())
}

/// What tells this start of this machine's system from every other, empty if nothing does. Processes to whom it is the
/// same share their locks, whatever they call their host.
pub fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text::clean_line(id.trim())
}
