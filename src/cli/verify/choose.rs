//! Which stored runs are verified: those that the cells ask for, all of them or a sample.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::base::RunId;
use crate::base::rng::Stream;
use crate::cli::target::Target;
use crate::notebook::{CellView, ExperimentView};
use crate::runner::{Job, Seat};
use crate::spec::measure::from_fingerprint;
use crate::spec::{ENGINE, PlannedRun};
use crate::store::{Origin, RunRecord};

/// What is to be verified.
pub struct Choice {
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// Every run once, in the order of the cells.
    pub runs: Vec<Run>,
    /// Cells with stored runs that were left out because they are `cost: full`.
    pub left_out: Vec<String>,
}

/// A cell and which of its runs are verified.
pub struct Cell {
    /// `entry#cell`.
    pub name: String,
    /// Runs it asks for.
    pub planned: usize,
    /// Runs of it that are stored.
    pub stored: usize,
    /// Those that are verified.
    pub runs: Vec<RunId>,
}

/// A run that is verified.
pub struct Run {
    /// Its name, as the cell asks for it.
    pub id: RunId,
    /// Its cell.
    pub cell: String,
    /// Where it stands.
    pub seat: Seat,
    /// How.
    pub task: Task,
}

/// What is done about a run.
pub enum Task {
    /// It is trained again, and compared with its record.
    Train(Box<Job>, Arc<RunRecord>),
    /// It cannot be, and why.
    Cannot(String),
}

impl Choice {
    /// Every stored run of the experiments that are meant; of those that are `cost: full` only if `full`.
    pub fn new(targets: &[Target<'_>], records: &[Arc<RunRecord>], full: bool) -> Self {
        let known = Known::new(records);
        let mut choice = Self { cells: Vec::new(), runs: Vec::new(), left_out: Vec::new() };
        let mut seen = BTreeSet::new();
        for target in targets {
            for cell in target.cells() {
                let CellView::Experiment(view) = cell else { continue };
                let name = format!("{}#{}", target.entry.slug, view.experiment.id);
                let runs = known.stored(&target.entry.slug, &name, view);
                if view.experiment.full_cost && !full {
                    choice.left_out.extend((!runs.is_empty()).then_some(name));
                    continue;
                }
                choice.cells.push(Cell {
                    name,
                    planned: view.runs.len(),
                    stored: runs.len(),
                    runs: runs.iter().map(|run| run.id.clone()).collect(),
                });
                choice.runs.extend(runs.into_iter().filter(|run| seen.insert(run.id.clone())));
            }
        }
        choice
    }

    /// Keeps so many runs, dealt from all cells in turn, so that none is left out while another has several.
    pub fn sample(&mut self, count: usize, seed: u64) {
        let mut stream = Stream::new(seed, "verify sample");
        let mut hands: Vec<Vec<RunId>> = self.cells.iter().map(|cell| cell.runs.clone()).collect();
        for hand in &mut hands {
            stream.shuffle(hand);
        }
        stream.shuffle(&mut hands);
        let mut kept = BTreeSet::new();
        while kept.len() < count && hands.iter().any(|hand| !hand.is_empty()) {
            for hand in &mut hands {
                // A run that another cell has given already is no run of this one's.
                while let Some(run) = hand.pop() {
                    if kept.len() == count || kept.insert(run) {
                        break;
                    }
                }
            }
        }
        self.runs.retain(|run| kept.contains(&run.id));
        for cell in &mut self.cells {
            cell.runs.retain(|run| kept.contains(run));
        }
    }

    /// The runs that are trained.
    pub fn jobs(&self) -> impl Iterator<Item = (&Job, &Arc<RunRecord>)> {
        self.runs.iter().filter_map(|run| match &run.task {
            Task::Train(job, record) => Some((job.as_ref(), record)),
            Task::Cannot(_) => None,
        })
    }
}

/// What the notebook knows that a run can be trained again by.
struct Known<'a> {
    /// Results by run.
    results: HashMap<&'a RunId, &'a Arc<RunRecord>>,
    /// The same by their settings, whatever dataset and engine they are of.
    by_settings: HashMap<String, Vec<&'a Arc<RunRecord>>>,
}

impl<'a> Known<'a> {
    fn new(records: &'a [Arc<RunRecord>]) -> Self {
        let results = || records.iter().filter(|record| record.status.is_result());
        let mut by_settings: HashMap<String, Vec<_>> = HashMap::new();
        for record in results() {
            by_settings.entry(settings(&record.spec)).or_default().push(record);
        }
        Self { results: results().map(|record| (&record.run, record)).collect(), by_settings }
    }

    /// The runs of an experiment that are stored, or were before its dataset or the engine changed.
    fn stored(&self, entry: &str, cell: &str, view: &ExperimentView) -> Vec<Run> {
        let runs = view.experiment.runs.iter().zip(&view.runs);
        runs.filter_map(|(planned, run)| {
            let axes = view.experiment.axes.iter().map(|axis| axis.path.clone());
            let origin = Origin {
                entry: entry.to_owned(),
                cell: view.experiment.id.clone(),
                arm: planned.arm.clone(),
                point: axes.zip(planned.point.iter().cloned()).collect(),
            };
            let task = match self.results.get(run) {
                Some(record) => Self::task(planned, run, record, &origin),
                None => Task::Cannot(self.former(planned, &origin)?),
            };
            let seat = Seat { origin, seed: planned.spec.seed };
            Some(Run { id: run.clone(), cell: cell.to_owned(), seat, task })
        })
        .collect()
    }

    fn task(planned: &PlannedRun, run: &RunId, record: &Arc<RunRecord>, origin: &Origin) -> Task {
        if record.engine != ENGINE {
            return Task::Cannot(other_engine(record));
        }
        if planned.spec.id(&record.dataset_hash) != *run {
            return Task::Cannot("its row names another dataset than its id".to_owned());
        }
        let job = Job {
            run: run.clone(),
            spec: planned.spec.clone(),
            dataset_hash: record.dataset_hash.clone(),
            // What a later version measured is left out of the comparison.
            measures: record.measured.iter().filter_map(|how| from_fingerprint(how)).collect(),
            origin: origin.clone(),
        };
        Task::Train(Box::new(job), Arc::clone(record))
    }

    /// Why a run that was stored once, with the very same settings, is not what is asked for now.
    fn former(&self, planned: &PlannedRun, origin: &Origin) -> Option<String> {
        let spec = serde_json::to_value(&planned.spec).unwrap_or_default();
        let same = self.by_settings.get(&settings(&spec)).into_iter().flatten();
        // A later engine may write settings that the earlier one did not know: then the place tells.
        let there = self.results.values().filter(|record| {
            record.engine != ENGINE && record.origin == *origin && record.seed == planned.spec.seed
        });
        let former = same.chain(there).max_by(|a, b| a.finished.cmp(&b.finished))?;
        Some(if former.engine == ENGINE {
            let name = planned.spec.dataset_file().unwrap_or_default();
            format!("dataset {name} changed since it was stored")
        } else {
            other_engine(former)
        })
    }
}

fn settings(spec: &serde_json::Value) -> String {
    crate::spec::run::canonical_json(spec)
}

fn other_engine(record: &RunRecord) -> String {
    format!("it was made by engine {}, and this is engine {ENGINE}", record.engine)
}
