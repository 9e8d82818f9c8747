//! Pictures of more than one row of text: bars, curves with their spread, heat maps. In characters that `--ascii` knows,
//! and without colour they say the same.

mod bars;
mod curve;
mod heat;

pub use bars::bars;
pub use curve::curve;
pub use heat::heat;
