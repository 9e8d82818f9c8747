//! Stored runs with their weights and examples, as whoever measures them after the fact needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::output;
use super::target::{Target, UsageError};
use crate::base::spread::{spread, spread_over};
use crate::base::{RunId, suggest};
use crate::data::{Dataset, Library, Problem, prepare_run};
use crate::notebook::{CellView, ExperimentView, Snapshot};
use crate::science::{Checkpoint, Go, Observer};
use crate::spec::RunSpec;
use crate::store::{Curve, RunRecord, Status, Store, Weights, read_weights};

/// A stored run with everything that its measures need.
pub struct Weighed {
    /// What was trained.
    pub spec: RunSpec,
    /// Its examples.
    pub problem: Problem,
    /// Its final weights.
    pub weights: Weights,
}

/// The datasets and weights of a notebook.
pub struct Shelf<'a> {
    library: &'a Library,
    store: &'a Store,
    /// Datasets read so far, by name.
    datasets: Mutex<HashMap<String, Arc<(Dataset, String)>>>,
}

impl<'a> Shelf<'a> {
    /// Those of a notebook; nothing is read yet.
    pub fn new(library: &'a Library, store: &'a Store) -> Self {
        Self { library, store, datasets: Mutex::default() }
    }

    /// A stored run with its weights, or why it cannot be measured.
    pub fn take(&self, record: &RunRecord) -> Result<Weighed, String> {
        match record.status {
            Status::Done => {}
            Status::Diverged => return Err("it diverged, and its last weights mean nothing".to_owned()),
            other => return Err(format!("it is no result: {}", other.name())),
        }
        let spec: RunSpec = RunSpec::deserialize(&*record.spec)
            .map_err(|error| format!("another version of lowland stored it: {error}"))?;
        let path = self.store.weights_path(&record.run).map_err(|error| error.to_string())?;
        if !path.is_file() {
            return Err("its weights are not there any more".to_owned());
        }
        let weights = read_weights(&path).map_err(|error| error.to_string())?;
        let problem = self.problem(&spec, &record.dataset_hash)?;
        Ok(Weighed { spec, problem, weights })
    }

    fn problem(&self, spec: &RunSpec, hash: &str) -> Result<Problem, String> {
        let dataset = spec.dataset_file().map(|name| self.dataset(name)).transpose()?;
        if dataset.as_ref().is_some_and(|dataset| dataset.1 != hash) {
            return Err("its dataset has changed since it was trained".to_owned());
        }
        let dataset = dataset.as_deref().map(|dataset| &dataset.0);
        prepare_run(spec, dataset).map_err(|error| error.to_string())
    }

    fn dataset(&self, name: &str) -> Result<Arc<(Dataset, String)>, String> {
        let mut datasets = self.datasets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dataset) = datasets.get(name) {
            return Ok(Arc::clone(dataset));
        }
        let dataset = Arc::new(self.library.load(name).map_err(|error| error.to_string())?);
        datasets.insert(name.to_owned(), Arc::clone(&dataset));
        Ok(dataset)
    }
}

/// Remembers the rows, and calls nothing away.
#[derive(Default)]
pub struct Alone {
    /// The rows.
    pub curve: Curve,
}

impl Observer for Alone {
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        self.curve.push(step, epoch, values);
    }

    fn tick(&mut self, _step: u64, _last_loss: f64) -> Go {
        Go::On
    }

    fn checkpoint(&mut self, _checkpoint: &Checkpoint) {}
}

/// What `work` comes to for each of `items`, in order, so many at once (by default one per core).
pub fn each<T: Sync, R: Send>(items: &[T], workers: Option<u16>, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    match workers {
        Some(workers) => spread_over(workers.into(), items, work),
        None => spread(items, work),
    }
}

/// Says why something could not be found of a run.
pub fn note(record: &RunRecord, problem: &str) {
    output::note(&format!("run {}: {problem}", record.run.as_str().get(..12).unwrap_or_default()));
}

/// The experiment that `entry`, `entry#cell` or `entry#cell:arm` names, and the arm if one is named.
pub fn experiment<'a, 'b>(
    text: &'b str,
    snapshot: &'a Snapshot,
) -> Result<(&'a ExperimentView, Option<&'b str>), UsageError> {
    let (cell, arm) = text.split_once(':').map_or((text, None), |(cell, arm)| (cell, Some(arm)));
    let target = Target::find(cell, snapshot)?;
    let experiments: Vec<&ExperimentView> = target
        .cells()
        .filter_map(|cell| match cell {
            CellView::Experiment(view) => Some(view.as_ref()),
            _ => None,
        })
        .collect();
    let view = match experiments.as_slice() {
        [only] => *only,
        // An entry may have heavier experiments beside the one it is about.
        [] => return Err(UsageError(format!("`{cell}` has no experiment"))),
        [first, others @ ..] if others.iter().all(|view| view.experiment.full_cost) => *first,
        several => {
            let ids: Vec<_> = several.iter().map(|view| format!("{cell}#{}", view.experiment.id)).collect();
            return Err(UsageError(format!("`{cell}` could be any of {}", ids.join(", "))));
        }
    };
    let arms: Vec<&str> = view.experiment.arms.iter().map(String::as_str).collect();
    if let Some(arm) = arm.filter(|arm| !arms.contains(arm)) {
        return Err(UsageError(format!("`{cell}` has no arm `{arm}` ({})", suggest::advice(arm, &arms))));
    }
    Ok((view, arm))
}

/// The stored results of an experiment, those of one arm if it is named, each with its arm.
pub fn stored(
    view: &ExperimentView,
    arm: Option<&str>,
    records: &HashMap<RunId, Arc<RunRecord>>,
) -> Vec<(String, Arc<RunRecord>)> {
    let planned = view.experiment.runs.iter().zip(&view.runs);
    let wanted = planned.filter(|(planned, _)| arm.is_none_or(|arm| planned.arm == arm));
    wanted
        .filter_map(|(planned, run)| {
            let record = records.get(run).filter(|record| record.status.is_result())?;
            Some((planned.arm.clone(), Arc::clone(record)))
        })
        .collect()
}

/// Everything that is stored, by run.
pub fn records(store: &Store) -> HashMap<RunId, Arc<RunRecord>> {
    store.read_summaries().0.into_iter().map(|record| (record.run.clone(), record)).collect()
}
