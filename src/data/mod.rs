//! Datasets: read and checked, or generated; split, corrupted and scaled as a run's spec says.
//!
//! `parquet` is the one place that decodes Parquet; `store` reads its tables through it too.

pub mod corrupt;
pub mod error;
pub mod file;
mod footer;
pub mod generate;
pub mod library;
pub mod parquet;
pub mod prepare;
pub mod problem;
pub mod scale;
pub mod shape;
#[cfg(test)]
mod tests;

pub use error::DataError;
pub use file::read;
pub use library::Library;
pub use prepare::{prepare, prepare_run};
pub use problem::{Part, Problem, Truth};
pub use shape::Shape;

/// A whole dataset as stored, before a run takes its part.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Inputs, row-major, `rows × inputs`.
    pub x: Vec<f32>,
    /// What is to be predicted, one per row.
    pub y: Labels,
    /// Input dimension.
    pub inputs: usize,
    /// The first `train_rows` rows are for training, the rest for testing.
    pub train_rows: usize,
    /// Largest storable value if the inputs are pixels (255, or 16 for `digits`).
    pub pixel_max: Option<f32>,
    /// What there is to be found, where the targets are linear.
    pub truth: Option<Truth>,
}

/// What is to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub enum Labels {
    /// Classes 0 … `classes` − 1.
    Classes {
        /// One per row.
        labels: Vec<u32>,
        /// How many there are.
        classes: usize,
    },
    /// Real targets, `outputs` per row, row-major.
    Targets {
        /// `rows × outputs`.
        targets: Vec<f32>,
        /// Outputs per row.
        outputs: usize,
    },
}
