//! Entries, comparisons and verdicts as styled lines of text that fit a width. The screen and the command line
//! draw the same lines; what differs between terminals (colours, ASCII) is settled here, by a [`Look`].
//!
//! Pure: no terminal, no files, no clock. Text that came from a file is cleaned on its way in ([`Look::text`]),
//! and meaning never hangs on colour alone: every state has a sign or a word.

pub mod ascii;
pub mod cell;
pub mod code;
pub mod comparison;
pub mod entry;
pub mod image;
pub mod ledger;
mod markdown;
pub mod marks;
pub mod number;
pub mod page;
pub mod plain;
pub mod plot;
pub mod problem;
pub mod runs;
pub mod sparkline;
pub mod spot;
pub mod style;
pub mod theme;
pub mod width;

pub use cell::{ExperimentHead, claim_lines, experiment_lines};
pub use image::{Images, Sight};
pub use page::{Anchor, BackLink, Page, Rendered, Setting};
pub use problem::diagnostic_lines;
pub use spot::{Point, Spot, SpotKind};
pub use style::{Depth, Glyphs, Look, Role};

#[cfg(test)]
mod tests;
