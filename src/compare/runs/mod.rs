//! Runs as a table: one row each, or one per arm and sweep point with means over seeds. A [`RunTable`] holds every value
//! in columns and is made once, off the screen; what is asked of it ([`Query`]) makes a [`View`] of it within a frame:
//! filtered, sorted, grouped, with only the columns that say something.
//!
//! Numbers come out, with their intervals; how they are written stands in `render`.

mod build;
mod choose;
mod column;
mod complete;
pub mod difference;
mod filter;
#[cfg(test)]
pub mod fixture;
mod group;
mod names;
mod order;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod view;

pub use build::{Builder, Facts};
pub use column::{Column, Datum, Kind};
pub use complete::{completed, offers};
pub use difference::{Difference, difference};
pub use table::{Place, RunTable, State};
pub use value::Value;
pub use view::{Query, Shown, Source, View};
