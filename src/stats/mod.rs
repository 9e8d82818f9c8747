//! Statistics on plain numbers. Nothing here knows what a run is.

pub mod estimate;

pub use estimate::Estimate;
