//! What comes of runs that were trained again, beside what is stored of them.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::Verdict;
use crate::base::RunId;
use crate::cli::output;
use crate::compare::agreement::{Account, Agreement, Comparison, agreement};
use crate::store::journal::{LiveRun, LiveRuns, LiveState, Scratch};
use crate::store::{Curve, RunRecord, Store, StoreError, Weights, read_weights};

/// What is found of a run whose stored curve is lost, from how it agrees in all else.
fn without_curve(rest: Comparison) -> Verdict {
    let rest = match rest.agreement {
        Agreement::Differs(_) => return Verdict::Compared(rest),
        Agreement::Within(_) => "within the tolerance",
        Agreement::Identical => "bit-identical",
    };
    Verdict::Cannot(format!(
        "its stored curve is damaged or lost; all else is {rest}; `lowland run` trains it anew"
    ))
}

/// Runs that are compared at once: what is stored of them stands in few files, each of which is then read once.
const BATCH: usize = 64;

/// Compares runs that were trained again with what is stored of them.
pub struct Judge<'a> {
    store: &'a Store,
    live: LiveRuns,
    scratch: &'a Scratch,
    records: HashMap<RunId, &'a Arc<RunRecord>>,
    /// Runs that are trained and not compared yet.
    ended: Vec<RunId>,
    /// Why runs could not be trained.
    reasons: HashMap<RunId, String>,
    tolerance: f64,
    /// What is found of each run.
    pub verdicts: HashMap<RunId, Verdict>,
}

impl<'a> Judge<'a> {
    /// Of the runs of these records, whose journals are written into `scratch`.
    pub fn new(
        store: &'a Store,
        scratch: &'a Scratch,
        records: HashMap<RunId, &'a Arc<RunRecord>>,
        tolerance: f64,
    ) -> Self {
        let live = LiveRuns::new(scratch.path());
        let (ended, reasons, verdicts) = (Vec::new(), HashMap::new(), HashMap::new());
        Self { store, live, scratch, records, ended, reasons, tolerance, verdicts }
    }

    /// Takes in that a run ended.
    pub fn ended(&mut self, run: RunId) {
        self.ended.push(run);
        if self.ended.len() >= BATCH {
            self.judge();
        }
    }

    /// Takes in runs that ended without a journal.
    pub fn lost(&mut self, lost: Vec<RunRecord>) {
        self.reasons.extend(lost.into_iter().map(|record| (record.run, record.reason)));
    }

    /// How far each run in flight is.
    pub fn going(&mut self) -> HashMap<RunId, f64> {
        let going = self.live.poll().filter(|live| matches!(live.state, LiveState::Running));
        going.map(|live| (live.run.clone(), live.fraction())).collect()
    }

    /// Compares what is there.
    pub fn judge(&mut self) {
        let ended = std::mem::take(&mut self.ended);
        let chosen: HashSet<&RunId> = ended.iter().collect();
        let mut now: HashMap<RunId, LiveRun> = self
            .live
            .poll()
            .filter(|live| chosen.contains(&live.run))
            .map(|live| (live.run.clone(), live.clone()))
            .collect();
        let wanted: Vec<_> = ended
            .iter()
            .filter_map(|run| Some((run.clone(), self.records.get(run)?.record.clone())))
            .collect();
        let (mut curves, problems) = self.store.read_curves(&wanted);
        for problem in problems {
            output::complain(&problem.to_string());
        }
        for run in ended {
            let Some(record) = self.records.get(&run) else { continue };
            let verdict = self.verdict(record, curves.remove(&run).as_ref(), now.remove(&run));
            self.scratch.forget(&run);
            self.verdicts.insert(run, verdict);
        }
    }

    fn verdict(&self, stored: &RunRecord, curve: Option<&Curve>, now: Option<LiveRun>) -> Verdict {
        let again = match now {
            Some(LiveRun { state: LiveState::Finished(record), curve, .. }) => Ok((record, curve)),
            _ => Err(self.reasons.get(&stored.run).map_or("it was not trained to its end", String::as_str)),
        };
        let (record, again) = match again {
            Ok((record, _)) if !record.status.is_result() => {
                return Verdict::Cannot(format!(
                    "training it again {}: {}",
                    record.status.name(),
                    record.reason
                ));
            }
            Ok(again) => again,
            Err(why) => return Verdict::Cannot(format!("it could not be trained again: {why}")),
        };
        let (kept, weights) = match self.weights(&stored.run) {
            Ok(weights) => weights,
            Err(error) => return Verdict::Cannot(error.to_string()),
        };
        // A curve that is lost cannot be compared: all else can.
        let is_lost = curve.is_none() && !again.steps.is_empty();
        let curve = curve.unwrap_or(&again);
        let stored = Account { record: stored, curve, weights: kept.as_ref() };
        let now = Account { record: &record, curve: &again, weights: weights.as_ref() };
        let comparison = agreement(stored, now, self.tolerance);
        if is_lost { without_curve(comparison) } else { Verdict::Compared(comparison) }
    }

    /// The weights of a run, as stored and as they are now, each if there are any.
    fn weights(&self, run: &RunId) -> Result<(Option<Weights>, Option<Weights>), StoreError> {
        let read = |path: &Path| if path.is_file() { read_weights(path).map(Some) } else { Ok(None) };
        Ok((read(&self.store.weights_path(run)?)?, read(&self.scratch.weights(run))?))
    }
}
