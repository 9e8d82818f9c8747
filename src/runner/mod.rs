//! Getting runs done: what is asked for, by whom it is worked off, how it is stopped.
//!
//! A [`Crew`] owns the queue and the worker processes. Callers see it only through [`Crew::submit`],
//! [`Crew::cancel`] and its [`Event`]s; progress itself stands in the journals on disk. That is the seam: a
//! supervisor that outlives the screen takes the crew's place behind the same three.

pub mod control;
pub mod cost;
pub mod crew;
pub mod eta;
mod feeder;
pub mod job;
mod keeper;
pub mod protocol;
mod worker;

pub use crew::{Crew, CrewOptions};
pub use eta::{Eta, Open};
pub use job::{Event, Job};
