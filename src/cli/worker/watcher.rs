//! Writes what happens into the journal, and hears of stops.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Stop;
use crate::science::Observer;
use crate::store::StoreError;
use crate::store::journal::JournalWriter;

/// How often a run says that it is alive, when no row of the curve does.
const BEAT: Duration = Duration::from_millis(500);

/// Writes what happens into the journal, and hears of stops.
pub struct Watcher<'a> {
    pub journal: JournalWriter,
    stop: &'a dyn Fn() -> Option<Stop>,
    beaten: Instant,
    /// The first thing that went wrong with the journal; the run stops over it.
    pub error: Option<StoreError>,
}

impl<'a> Watcher<'a> {
    /// For a run whose journal is open; `stop` says whether it is to stop.
    pub fn new(journal: JournalWriter, stop: &'a dyn Fn() -> Option<Stop>) -> Self {
        Self { journal, stop, beaten: Instant::now(), error: None }
    }
}

impl Observer for Watcher<'_> {
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        if self.error.is_none() {
            self.error = self.journal.row(step, epoch, values).err();
            self.beaten = Instant::now();
        }
    }

    fn tick(&mut self, step: u64, last_loss: f64) -> bool {
        if self.error.is_none() && self.beaten.elapsed() >= BEAT {
            self.error = self.journal.beat(step, last_loss).err();
            self.beaten = Instant::now();
        }
        self.error.is_none() && (self.stop)().is_none()
    }
}
