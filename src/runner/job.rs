//! What is asked of a crew and what it tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::{RunId, clock};
use crate::spec::{ENGINE, MeasureSpec, RunSpec};
use crate::store::{CurveHash, Origin, RunRecord, Status};

/// One run to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The run.
    pub run: RunId,
    /// What is trained.
    pub spec: RunSpec,
    /// Content hash of the dataset file, empty for generated data.
    pub dataset_hash: String,
    /// What is measured.
    pub measures: Vec<MeasureSpec>,
    /// Who asks.
    pub origin: Origin,
}

impl Job {
    /// What makes two runs cost about the same: the cell, the arm and the sweep point; everything but the seed.
    pub fn kind(&self) -> String {
        let Origin { entry, cell, arm, point } = &self.origin;
        format!("{entry}#{cell} {arm} {point:?}")
    }

    /// As it waits.
    pub fn queued(&self) -> Queued {
        Queued { run: self.run.clone(), kind: self.kind() }
    }

    /// Measures these, too.
    pub fn measure_too(&mut self, measures: &[MeasureSpec]) {
        for measure in measures {
            if !self.measures.contains(measure) {
                self.measures.push(measure.clone());
            }
        }
        // In an order of their own, so that it does not depend on who asked first.
        self.measures.sort_by_key(MeasureSpec::fingerprint);
    }

    /// Whether what is stored of the run is all that is asked of it.
    pub fn is_answered_by(&self, record: &RunRecord) -> bool {
        record.status.is_result() && self.measures.iter().all(|measure| measure.is_in(&record.measured))
    }

    /// The record of this run, ended just now, with nothing measured and no curve. Whoever adds to it gives it another
    /// id ([`RunRecord::with_id`]).
    pub fn record(&self, status: Status, reason: String) -> RunRecord {
        let record = RunRecord {
            run: self.run.clone(),
            record: String::new(),
            origin: self.origin.clone(),
            seed: self.spec.seed,
            spec: serde_json::to_value(&self.spec).unwrap_or_default().into(),
            dataset_hash: self.dataset_hash.clone(),
            engine: ENGINE,
            status,
            reason,
            measured: Vec::new(),
            measures: BTreeMap::new(),
            steps: 0,
            seconds: 0.0,
            finished: clock::now(),
            host: crate::base::host(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        record.with_id(&CurveHash::default())
    }
}

/// What happens to the runs that were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Runs wait for their turn.
    Queued(Vec<Queued>),
    /// A worker began a run.
    Started(RunId),
    /// A run waits again: its worker died, or could not go on.
    Requeued(RunId),
    /// A run ended; its journal is complete.
    Ended(RunId, Status),
    /// Runs that have ended are in the tables now, results and failures. Until then they are not over: whoever had them
    /// in hand may be killed.
    Stored(Vec<RunId>),
    /// Something is wrong that concerns no single run: a worker that cannot be started, a disk that is full.
    Trouble(String),
    /// What was wrong is over.
    Recovered,
    /// Nothing is queued or running any more, and everything is stored.
    Idle,
}

/// A run that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The run.
    pub run: RunId,
    /// Its kind ([`Job::kind`]).
    pub kind: String,
}
