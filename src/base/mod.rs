//! What every room may use: names, places, errors, time. Nothing here knows what a notebook is about.

pub mod atomic;
pub mod clock;
pub mod diagnostic;
pub mod files;
pub mod ids;
pub mod interrupt;
pub mod load;
pub mod memory;
pub mod number;
pub mod paths;
pub mod quiet;
pub mod rng;
pub mod stopwatch;
pub mod suggest;
pub mod text;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use ids::RunId;

/// Name of this machine, as it goes into records and journals.
pub fn host() -> String {
    text::clean_line(&rustix::system::uname().nodename().to_string_lossy())
}
