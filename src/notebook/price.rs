//! What the runs that are missing will cost, by what is stored here and what was tried. Nothing is tried here: this is
//! for the screen, which does not train.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base;
use crate::compare::Cost;
use crate::data::Library;
use crate::runner::Job;
use crate::runner::cost::{Calibration, Quote, Rates, Timed, calibration, latest, rates};
use crate::store::RunRecord;

/// Stored runs as they were counted, by record: counting them anew for every look at the notebook would be a waste.
#[derive(Debug, Default)]
pub struct Counted(Mutex<HashMap<String, Option<Timed>>>);

impl Counted {
    /// Everything that is known of how fast this machine works, with these runs stored, and others that were `kept`.
    pub fn rates(&self, root: &Path, records: &[Arc<RunRecord>], kept: &[Timed], library: &Library) -> Rates {
        let Calibration { probes, start, .. } = Calibration::read(root, &base::host());
        let mut timed = self.timed(records, library);
        timed.extend_from_slice(kept);
        Rates::new(timed, probes, start)
    }

    /// Those of `records` that tell how fast this machine works, counted.
    pub fn timed(&self, records: &[Arc<RunRecord>], library: &Library) -> Vec<Timed> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut still = HashMap::new();
        let mut timed = Vec::new();
        for record in latest(records, &base::host()) {
            let known = counted.remove(&record.record).unwrap_or_else(|| count(record, library));
            timed.extend(known.clone());
            still.insert(record.record.clone(), known);
        }
        *counted = still;
        timed
    }
}

/// A stored run counted, if the dataset it was trained on is still the one there is.
fn count(record: &RunRecord, library: &Library) -> Option<Timed> {
    Timed::of(record, |spec| {
        let same = match spec.dataset_file() {
            Some(name) => library.hash(name).is_ok_and(|hash| hash == record.dataset_hash),
            None => true,
        };
        if same { library.shape(&spec.dataset) } else { None }
    })
}

/// Prices runs at one moment.
pub struct Pricer<'a> {
    /// The notebook.
    pub root: &'a Path,
    /// Its datasets.
    pub library: &'a Library,
    /// What is stored in it.
    pub records: &'a [Arc<RunRecord>],
    /// The same counted.
    pub counted: &'a Counted,
    /// What was kept of others.
    kept: &'a [Timed],
    /// Made when first asked for: where nothing is missing, nothing is.
    rates: OnceCell<Rates>,
}

impl<'a> Pricer<'a> {
    /// For the notebook at `root`.
    pub fn new(
        root: &'a Path,
        library: &'a Library,
        records: &'a [Arc<RunRecord>],
        counted: &'a Counted,
    ) -> Self {
        Self { root, library, records, counted, kept: &[], rates: OnceCell::new() }
    }

    /// By what was kept of stored runs, too.
    #[must_use]
    pub fn by(self, kept: &'a [Timed]) -> Self {
        Self { kept, ..self }
    }

    /// A number that tells two states of what was tried apart.
    pub fn state(root: &Path) -> u64 {
        let mut hasher = DefaultHasher::new();
        calibration::stamp(root).hash(&mut hasher);
        hasher.finish()
    }

    /// What these runs will take; `stored` are kinds and seconds of runs of the same cell that are there.
    pub fn quote(&self, missing: &[Job], stored: &[(String, f64)]) -> Quote {
        if missing.is_empty() {
            return Quote::default();
        }
        let rates =
            self.rates.get_or_init(|| self.counted.rates(self.root, self.records, self.kept, self.library));
        let shape = |job: &Job| self.library.shape(&job.spec.dataset);
        Quote::new(missing, shape, stored, rates, rates::FAR)
    }
}

/// What these runs, of which `quote` was made, cost on so many workers.
pub fn cost<'a>(jobs: impl IntoIterator<Item = &'a Job>, quote: &Quote, workers: usize) -> Cost {
    let jobs: Vec<_> = jobs.into_iter().collect();
    Cost {
        runs: jobs.len(),
        seconds: quote.seconds(jobs, workers),
        at_most: quote.at_most(),
        memory: (quote.bytes > 0.0).then_some(quote.bytes as u64),
    }
}
