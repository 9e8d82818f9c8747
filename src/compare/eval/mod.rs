//! What an expression comes to on results.
//!
//! A number is evaluated in a [`Scene`]: one seed (or one of each arm), one value of each axis that is not
//! collapsed, one arm for the names that give none. Seeds stay outside: whoever judges evaluates the expression
//! scene by scene, which pairs the arms of a seed without further ado, and draws the interval over scenes.
//!
//! A value that is not there is a [`Gap`] with its reason, which reaches the reader; nothing is skipped in
//! silence.

mod constants;
mod curve;
mod gap;
mod grid;
mod names;
mod reduce;
mod scene;
mod setting;
mod table;
mod truth;
mod vectors;

pub use constants::constants;
pub use gap::{Gap, Place};
pub use names::{arms, free_axes, has_quantity, has_reference, has_unnamed_quantity};
pub use scene::{Scene, Seeds};
pub use table::{Arm, Table};
pub use truth::{TOLERANCE, holds, inside, sides, truth};
