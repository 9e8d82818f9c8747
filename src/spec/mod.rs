//! From the YAML of a cell to what it means. The only room that reads YAML: cells, front matter and settings
//! all pass through here, so that every error has a place and a mend.
//!
//! Pure: no files, no clock. A dataset is named here and looked up elsewhere.

pub mod cell;
pub mod dataset;
pub mod expr;
pub mod measure;
pub mod model;
mod optimizer;
pub mod parse;
pub mod prediction;
pub mod problem;
pub mod procedure;
pub mod query;
pub mod run;
pub mod seed;
pub mod settings;
#[cfg(test)]
mod tests;
pub mod yaml;

pub use cell::{
    Axis, Cell, Claim, ClaimKind, Compare, Constant, Experiment, Ledger, LedgerPart, Must, PlannedRun, Plot,
};
pub use measure::{
    CATALOGUE, Family, Invariance, Limits, MeasureSettings, MeasureSpec, Picture, Quantity, QuantityInfo,
    Setting, When, from_fingerprint, from_word, measured_how, measured_quantity,
};
pub use parse::{Context, FrontMatter};
pub use procedure::{Growing, Mask, Procedure, Rewind, RunStream};
pub use run::{
    Activation, BooleanFunction, DatasetSpec, Direction, ENGINE, Engine, FeatureMap, Init, InitKind,
    LabelKind, Loss, ModelSpec, Moments, Normalize, OptimizerKind, OptimizerSpec, PixelKind, RateSchedule,
    RateShape, RunSpec, Source, Stop,
};
pub use seed::SeedOf;

/// Whether a setting that came later is what it always was: then it is not written, and old runs keep their ids.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
