//! From stored runs to what is shown and judged: which runs belong to a cell, their curves on one axis, the
//! comparison of arms, the verdict of a claim. Plain tables and verdicts come out; nothing is drawn here.

pub mod agreement;
#[cfg(test)]
mod agreement_tests;
pub mod along;
pub mod claim;
pub mod compared;
mod curves;
pub mod eval;
pub mod grid;
mod notes;
pub mod pictures;
mod point;
mod reference;
pub mod results;
pub mod runs;
pub mod scatter;
mod sentence;
pub mod sharpness;
pub mod state;
pub mod summary;
#[cfg(test)]
mod summary_tests;
mod threshold;
pub mod traces;

pub use claim::{Outcome, Verdict, judge};
pub use compared::Compared;
pub use results::{Group, Member, Results, Size};
pub use sharpness::{Sharp, Sharpness};
pub use state::{CellState, Cost};
pub use summary::{Mark, Row, Series, Summary, quantities_present, summarise};
pub use traces::{Base, Trace, traces};
