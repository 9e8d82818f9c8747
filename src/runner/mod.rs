//! Getting runs done: what is asked for, by whom it is worked off, how it is stopped.
//!
//! A [`Crew`] owns the queue and the worker processes; progress itself stands in the journals on disk. The crew of a
//! notebook belongs to its [`supervisor`], a process that outlives every screen, and screens and commands talk to
//! that one as a [`supervisor::Client`].

pub mod cost;
pub mod crew;
pub mod eta;
mod feeder;
pub mod job;
mod keeper;
pub mod protocol;
mod seat;
pub mod supervisor;
mod worker;

pub use crew::{Batch, Crew, CrewOptions};
pub use eta::{Eta, Open};
pub use job::{Event, Job, Queued};
pub use seat::{Seat, seeds};
