//! What runs are made of that are made of other runs: those that the notebook has.

use super::bench::Bench;
use super::execute::Place;
use crate::data::Problem;
use crate::runner::Job;
use crate::science::Supply;
use crate::science::after::Array;
use crate::spec::RunSpec;
use crate::store::{RunRecord, Status, journal, read_weights};

/// The datasets and the finished runs at hand.
pub struct Stock<'a> {
    pub place: &'a Place,
    pub bench: &'a mut Bench,
    pub job: &'a Job,
}

impl Supply for Stock<'_> {
    fn problem(&mut self, spec: &RunSpec) -> Result<Problem, String> {
        self.bench.problem_of(spec, self.job)
    }

    /// From the tables, or from the journal of a run that has ended and is not in them yet. What cannot be read is as if it
    /// were not there: the run is trained again.
    fn weights(&mut self, spec: &RunSpec) -> Option<(Vec<Array>, u64)> {
        // Runs that are trained only to be compared are made of nothing that is stored.
        if self.place.live != journal::live_root(&self.place.root) {
            return None;
        }
        let run = spec.id(if spec.dataset_file().is_some() { &self.job.dataset_hash } else { "" });
        let done = |record: &RunRecord| record.run == run && record.status == Status::Done;
        if let Some(record) = journal::finished(&self.place.live, &run).filter(&done) {
            let weights = read_weights(&journal::weights_of(&self.place.live, &run)).ok()?;
            return Some((weights, record.steps));
        }
        let path = self.place.store.weights_path(&run).ok()?;
        if !path.is_file() {
            return None;
        }
        let (records, _) = self.place.store.read_summaries();
        let steps = records.iter().find(|record| done(record.as_ref()))?.steps;
        Some((read_weights(&path).ok()?, steps))
    }
}
