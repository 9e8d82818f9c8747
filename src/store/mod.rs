//! Results on disk: immutable Parquet tables and the journals of runs in flight.
//!
//! The only room beside `data` that names Polars; what leaves it are the plain values of `record`.

pub mod journal;
pub mod record;
pub mod tables;

pub use record::{Curve, Origin, RunRecord, Status};
