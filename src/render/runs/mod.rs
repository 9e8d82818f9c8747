//! Tables of runs and what two runs differ in, as lines that fit a width.

mod difference;
mod field;
mod table;
#[cfg(test)]
mod tests;

pub use difference::lines as difference;
pub use field::{Field, field};
pub use table::{Grid, Sight};
