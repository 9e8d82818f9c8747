//! Pictures of more than one row of text: charts of lines, bars, heat maps. In characters that
//! `--ascii` knows, and without colour they say the same.

pub mod axis;
mod bars;
pub mod canvas;
pub mod chart;
#[cfg(test)]
mod chart_tests;
mod heat;
mod reduce;

pub use bars::bars;
pub use canvas::{Marker, letter, role};
pub use chart::{Chart, Sign, Stroke, chart, level, swatch};
pub use heat::heat;
