//! Results on disk: immutable Parquet tables and the journals of runs in flight.
//!
//! ```text
//! runs/summary/date=2026-11-22/<hash>.parquet   a row per run
//! runs/curves/date=2026-11-22/<hash>.parquet    a row per recorded step of those runs
//! runs/spectra/date=2026-11-22/<hash>.parquet   eigenvalues and densities of those runs
//! runs/slices/date=2026-11-22/<hash>.parquet    their losses along lines and over planes
//! runs/weights/<run>.safetensors                final weights
//! runs/quarantine/                              files that turned out damaged
//! runs/.live/<run>/                             a run in flight: lock, journal.jsonl, checkpoint, weights, details
//! runs/.live/.verify-<pid>-<nonce>/             runs trained again to be compared, as long as that lasts
//! runs/.live/compact.lock                       held by whoever compacts or cleans up the tables
//! ```
//!
//! The only room beside `data` that names Polars (it decodes through [`crate::data::parquet`]); what leaves it are
//! the plain values of `record`.

pub mod error;
pub mod journal;
mod number;
pub mod record;
pub mod tables;
#[cfg(test)]
pub mod tests;
pub mod weights;

pub use error::StoreError;
pub use journal::{JournalReader, JournalWriter, LiveRun, LiveRuns, LiveState, Start};
pub use record::{Curve, CurveHash, Origin, RunRecord, Status, StoredSpec};
pub use tables::{Stamp, Store, TableRead, unite};
pub use weights::{Weights, read_weights};
