//! Everything that is known of runs at one moment: stored, in flight, or there once under other settings.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::base::RunId;
use crate::runner::supervisor::Roster;
use crate::spec::{MeasureSpec, PlannedRun};
use crate::store::journal::{LiveRun, LiveState};
use crate::store::{Curve, RunRecord};

/// Where a run stands in the notebook: what stays the same when its settings change.
type Seat = (String, String, String, u64);

/// Everything that is known of runs.
#[derive(Debug, Default)]
pub struct Known {
    /// Stored results and failures, by run.
    records: HashMap<RunId, Arc<RunRecord>>,
    /// The same by entry, cell, arm and seed.
    seats: HashMap<Seat, Vec<Arc<RunRecord>>>,
    /// Curves of stored runs, as far as they were asked for.
    curves: HashMap<RunId, Arc<Curve>>,
    /// Runs in flight.
    live: HashMap<RunId, LiveRun>,
    /// Runs that were begun and not ended, and at which nobody is.
    interrupted: HashSet<RunId>,
    /// What was asked for and is not done.
    roster: Roster,
}

impl Known {
    /// From what the tables, the journals and the supervisor say.
    pub fn new(records: Vec<Arc<RunRecord>>, live: Vec<LiveRun>, roster: Roster) -> Self {
        let mut known = Self { roster, ..Self::default() };
        for record in records {
            known.insert(record);
        }
        for run in live {
            match run.state {
                LiveState::Running => {
                    known.live.insert(run.run.clone(), run);
                }
                // Finished, and not in the tables yet: a result like any other.
                LiveState::Finished(record) => {
                    known.curves.insert(run.run.clone(), Arc::new(run.curve));
                    known.insert(Arc::new(*record));
                }
                LiveState::Dead => {
                    known.interrupted.insert(run.run);
                }
            }
        }
        known
    }

    fn insert(&mut self, record: Arc<RunRecord>) {
        let origin = &record.origin;
        let seat = (origin.entry.clone(), origin.cell.clone(), origin.arm.clone(), record.seed);
        self.seats.entry(seat).or_default().push(Arc::clone(&record));
        let slot = self.records.entry(record.run.clone()).or_insert_with(|| Arc::clone(&record));
        let worth =
            |record: &RunRecord| (record.is_whole(), record.status.is_result(), record.measured.len());
        if worth(&record) > worth(slot) {
            *slot = record;
        }
    }

    /// A number that tells two states of knowledge apart; `None` while runs are in flight, since those move.
    pub fn state(&self) -> Option<u64> {
        if !self.live.is_empty() || self.roster.open() > 0 {
            return None;
        }
        // The order of a hash map is no part of what is known, so the parts are mixed by addition.
        let each = self.records.values().map(|record| {
            let mut hasher = DefaultHasher::new();
            (&record.run, &record.record, &record.measured, &record.finished).hash(&mut hasher);
            record.lost_curve.hash(&mut hasher);
            hasher.finish()
        });
        // Spectra and slices may come to a run that is stored already.
        let details = self.curves.values().map(|curve| {
            let slices = curve.details.slices.iter().map(|slice| slice.loss.len() as u64);
            let spectra = curve.details.spectra.iter().map(|spectrum| spectrum.value.len() as u64);
            slices.chain(spectra).sum::<u64>()
        });
        Some(each.chain(details).fold(self.interrupted.len() as u64, u64::wrapping_add))
    }

    /// Takes in curves that were read.
    pub fn add_curves(&mut self, curves: HashMap<RunId, Curve>) {
        self.curves.extend(curves.into_iter().map(|(run, curve)| (run, Arc::new(curve))));
    }

    /// Hands over the curves it has, to knowledge that is made anew.
    pub fn take_curves(&mut self) -> HashMap<RunId, Arc<Curve>> {
        std::mem::take(&mut self.curves)
    }

    /// Takes in such curves, where it has none.
    pub fn put_curves(&mut self, curves: HashMap<RunId, Arc<Curve>>) {
        for (run, curve) in curves {
            self.curves.entry(run).or_insert(curve);
        }
    }

    /// What is stored of a run.
    pub fn record(&self, run: &RunId) -> Option<&Arc<RunRecord>> {
        self.records.get(run)
    }

    /// What is stored of a run, if it is a result that has every one of `measures`.
    pub fn result(&self, run: &RunId, measures: &[MeasureSpec]) -> Option<&Arc<RunRecord>> {
        self.record(run).filter(|record| {
            record.status.is_result() && measures.iter().all(|measure| measure.is_in(&record.measured))
        })
    }

    /// The same, if nothing that was stored of it is lost: then there is nothing to run.
    pub fn answer(&self, run: &RunId, measures: &[MeasureSpec]) -> Option<&Arc<RunRecord>> {
        self.result(run, measures).filter(|record| !record.lost_curve)
    }

    /// A run in flight.
    pub fn live(&self, run: &RunId) -> Option<&LiveRun> {
        self.live.get(run)
    }

    /// Whether a run waits for a worker, or is about to begin.
    pub fn is_asked_for(&self, run: &RunId) -> bool {
        self.roster.has(run)
    }

    /// Whether a worker has a run, as far as the supervisor says: its journal may not have begun.
    pub fn is_running(&self, run: &RunId) -> bool {
        self.roster.running.contains_key(run)
    }

    /// Whether a run was begun and is not ended, with nobody at it.
    pub fn is_interrupted(&self, run: &RunId) -> bool {
        self.interrupted.contains(run)
    }

    /// What holds up the runs that were asked for.
    pub fn trouble(&self) -> Option<&str> {
        self.roster.trouble.as_deref()
    }

    /// The curve of a run: of its result, if that has all of `measures`, or else so far. Runs that were cancelled or
    /// failed have none: half a curve would be taken for a whole one.
    pub fn curve(&self, run: &RunId, measures: &[MeasureSpec]) -> Option<Arc<Curve>> {
        match self.result(run, measures) {
            Some(_) => self.curves.get(run).cloned(),
            None => self.live.get(run).map(|live| Arc::new(live.curve.clone())),
        }
    }

    /// The latest result that stood where `planned` stands, under other settings.
    pub fn former(&self, entry: &str, cell: &str, planned: &PlannedRun) -> Option<&Arc<RunRecord>> {
        let seat = (entry.to_owned(), cell.to_owned(), planned.arm.clone(), planned.spec.seed);
        let candidates = self.seats.get(&seat)?;
        // With a sweep several runs share a seat: the one at the same point says best what changed.
        let results = || candidates.iter().filter(|record| record.status.is_result());
        results()
            .filter(|record| is_at_point(record, planned))
            .max_by(|a, b| a.finished.cmp(&b.finished))
            .or_else(|| results().max_by(|a, b| a.finished.cmp(&b.finished)))
    }

    /// The latest result of the very same arm, sweep point and seed under other settings: what can be shown in the
    /// place of a result that is not there yet.
    pub fn predecessor(&self, entry: &str, cell: &str, planned: &PlannedRun) -> Option<&Arc<RunRecord>> {
        self.former(entry, cell, planned).filter(|record| is_at_point(record, planned))
    }

    /// The curve of a stored run, if it was read.
    pub fn stored_curve(&self, run: &RunId) -> Option<Arc<Curve>> {
        self.curves.get(run).cloned()
    }
}

fn is_at_point(record: &RunRecord, planned: &PlannedRun) -> bool {
    record.origin.point.iter().map(|(_, value)| value).eq(planned.point.iter())
}
