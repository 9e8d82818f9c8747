//! The screen as one sees and handles it: keys in, state, effects and pictures out.

mod editing;
mod finding;
mod keys;
mod pictures;
mod reading;
mod steps;
