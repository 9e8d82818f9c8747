//! Writes what happens into the journal, keeps checkpoints, and hears of stops.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::pace::Pace;
use crate::science::{Checkpoint, Go, Observer};
use crate::store::StoreError;
use crate::store::journal::{JournalWriter, Start};

/// How often a run says that it is alive, when no row of the curve does.
const BEAT: Duration = Duration::from_millis(500);

/// Writes what happens into the journal, keeps checkpoints, and hears of stops.
pub struct Watcher<'a> {
    pub journal: JournalWriter,
    stop: &'a dyn Fn() -> bool,
    /// Fingerprints of what is measured.
    measured: Vec<String>,
    beaten: Instant,
    pace: Pace,
    /// Seconds of training by earlier attempts.
    before: f64,
    began: Instant,
    /// The first thing that went wrong with the journal; the run stops over it.
    pub error: Option<StoreError>,
}

impl<'a> Watcher<'a> {
    /// For a run with these measures whose journal is open; `stop` says whether it is to stop. Earlier attempts, which
    /// it goes on from, took `before` seconds.
    pub fn new(
        journal: JournalWriter,
        measured: Vec<String>,
        before: f64,
        stop: &'a dyn Fn() -> bool,
    ) -> Self {
        let (now, pace) = (Instant::now(), Pace::of_environment());
        Self { journal, stop, measured, beaten: now, pace, before, began: now, error: None }
    }

    /// Seconds so far, over all attempts.
    pub fn seconds(&self) -> f64 {
        self.before + self.began.elapsed().as_secs_f64()
    }

    /// Begins the journal anew: earlier attempts turned out to be of no use.
    pub fn restart(&mut self, start: &Start) {
        self.before = 0.0;
        self.error = self.journal.restart(start).err();
    }
}

impl Observer for Watcher<'_> {
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        if self.error.is_none() {
            self.error = self.journal.row(step, epoch, values).err();
            self.beaten = Instant::now();
        }
    }

    fn tick(&mut self, step: u64, last_loss: f64) -> Go {
        let now = Instant::now();
        if self.error.is_none() && now - self.beaten >= BEAT {
            self.error = self.journal.beat(step, last_loss).err();
            self.beaten = now;
        }
        if self.error.is_some() || (self.stop)() {
            Go::Stop
        } else if self.pace.is_due(now) {
            Go::Save
        } else {
            Go::On
        }
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        // After a failed write the journal lacks a row that the training counts as recorded: the last checkpoint before
        // stands.
        if self.error.is_some() {
            return;
        }
        let (began, seconds) = (Instant::now(), self.seconds());
        // One that cannot be kept costs the work since the last one if this process dies, and nothing else.
        let _ = self.journal.checkpoint(checkpoint, &self.measured, seconds);
        self.pace.took(began.elapsed(), Instant::now());
    }
}
