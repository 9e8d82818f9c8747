//! The screen as one sees and handles it: keys in, state, effects and pictures out.

mod comparing;
mod editing;
mod finding;
mod images;
mod keys;
mod long;
mod pictures;
mod reading;
mod steps;
mod table;
mod waiting;
mod workers;
