//! How it stands with everything that was asked for, as the log of the supervisor tells. Every screen comes to the same.

use std::collections::{BTreeMap, BTreeSet};

use super::log::{Begin, Line};
use super::orders::OrderName;
use crate::base::RunId;
use crate::runner::{Event, Seat};

/// Who is at work, on what, and what waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// The supervisor; `None` when there is none.
    pub begin: Option<Begin>,
    /// Workers at most.
    pub workers: usize,
    /// Orders whose runs are counted here.
    pub taken: BTreeSet<OrderName>,
    /// Runs that wait, by run, with where each stands.
    pub queued: BTreeMap<RunId, Seat>,
    /// Runs on a worker.
    pub running: BTreeMap<RunId, Going>,
    /// What is wrong and concerns no single run: the disk is full, no worker can be started.
    pub trouble: Option<String>,
}

/// A run on a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Going {
    /// Where it stands.
    pub seat: Seat,
    /// Since when, RFC 3339.
    pub since: String,
}

impl Roster {
    /// Takes note of a line.
    pub fn apply(&mut self, line: &Line) {
        match line {
            Line::Begin(begin) => {
                *self = Self { begin: Some(begin.clone()), workers: begin.workers, ..Self::default() };
            }
            Line::Workers(workers) => self.workers = *workers,
            Line::Taken(orders) => self.taken.extend(orders.iter().cloned()),
            Line::Event { at, what } => self.happened(at, what),
        }
    }

    fn happened(&mut self, at: &str, event: &Event) {
        match event {
            Event::Queued(runs) => {
                self.queued.extend(runs.iter().map(|queued| (queued.run.clone(), queued.seat.clone())));
            }
            Event::Started(run) => {
                if let Some(seat) = self.queued.remove(run) {
                    self.running.insert(run.clone(), Going { seat, since: at.to_owned() });
                }
            }
            Event::Requeued(run) => {
                if let Some(going) = self.running.remove(run) {
                    self.queued.entry(run.clone()).or_insert(going.seat);
                }
            }
            Event::Ended(run, _) => {
                self.queued.remove(run);
                self.running.remove(run);
            }
            Event::Trouble(message) => self.trouble = Some(message.clone()),
            Event::Recovered => self.trouble = None,
            Event::Idle => {
                self.queued.clear();
                self.running.clear();
            }
            Event::Stored(_) => {}
        }
    }

    /// Whether a run was asked for and has not ended.
    pub fn has(&self, run: &RunId) -> bool {
        self.queued.contains_key(run) || self.running.contains_key(run)
    }

    /// Runs that were asked for and have not ended.
    pub fn open(&self) -> usize {
        self.queued.len() + self.running.len()
    }
}
