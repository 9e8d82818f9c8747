//! What a `run` comes to before it is begun: which runs, how many are there already, how long it will take.

use std::collections::HashSet;

use serde::Serialize;

use crate::base::spread::cores;
use crate::base::text::counted;
use crate::base::{load, memory};
use crate::compare::{CellState, Cost};
use crate::data::Shape;
use crate::notebook::{CellView, ExperimentView, Notebook, Snapshot, price};
use crate::runner::cost::{Quote, calibrate, rates};
use crate::runner::{Eta, Job};

use super::target::{Target, UsageError};

/// Up to so many cells, those that are fresh are named too.
const FEW: usize = 4;

/// Runs that might take less than this all in all are begun without a trial: they are over before it would be.
const WORTH_A_TRIAL: f64 = 2.0;

/// The runs of one experiment cell that are to be done.
pub struct Share {
    /// `entry#cell`.
    pub cell: String,
    /// Runs the cell asks for.
    pub planned: usize,
    /// Those that are missing.
    pub jobs: Vec<Job>,
    /// What they cost; known once the plan has its price.
    pub cost: Cost,
    /// Kind and seconds of those that are there.
    times: Vec<(String, f64)>,
}

/// Everything that is to be done.
#[derive(Default)]
pub struct Plan {
    /// Cell by cell.
    pub shares: Vec<Share>,
    /// Cells that were left out because they are `cost: full`.
    pub left_out: Vec<String>,
    /// Cells that cannot be run.
    pub broken: usize,
    /// How long each kind of run takes; known once the plan has its price.
    pub eta: Eta,
    /// What all of it costs.
    pub cost: Cost,
    /// Worker processes.
    pub workers: usize,
}

/// A plan as `--json` prints it.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    cost: &'a Cost,
    workers: usize,
    memory_available: Option<u64>,
    enough_memory: bool,
    cells: Vec<PrintedShare<'a>>,
    left_out: &'a [String],
}

/// One cell of it.
#[derive(Serialize)]
struct PrintedShare<'a> {
    cell: &'a str,
    planned: usize,
    #[serde(flatten)]
    cost: &'a Cost,
}

impl Plan {
    /// The plan for what was named (everything, if nothing was).
    pub fn new(targets: &[String], full: bool, snapshot: &Snapshot) -> Result<Self, UsageError> {
        let targets: Vec<Target<'_>> = if targets.is_empty() {
            snapshot.entries.iter().map(|entry| Target { entry, cell: None }).collect()
        } else {
            targets.iter().map(|text| Target::find(text, snapshot)).collect::<Result<_, _>>()?
        };
        let mut plan = Self::default();
        for target in &targets {
            for cell in target.cells() {
                match cell {
                    CellView::Experiment(view) if view.experiment.full_cost && !full => {
                        if !matches!(view.state, CellState::Fresh) {
                            plan.left_out.push(format!("{}#{}", target.entry.slug, view.experiment.id));
                        }
                    }
                    CellView::Experiment(view) => {
                        plan.shares.push(Share::new(&target.entry.slug, view));
                    }
                    CellView::Bad(_) => plan.broken += 1,
                    CellView::Compare(_) | CellView::Claim(_) | CellView::Ledger(_) => {}
                }
            }
            plan.broken += target.entry.diagnostics.len();
        }
        Ok(plan)
    }

    /// How many runs are missing; one that two cells ask for is one.
    pub fn missing(&self) -> usize {
        self.distinct().count()
    }

    /// The jobs, each run once.
    fn distinct(&self) -> impl Iterator<Item = &Job> {
        let mut seen = HashSet::new();
        self.shares.iter().flat_map(|share| &share.jobs).filter(move |job| seen.insert(&job.run))
    }

    /// Finds out what it costs on so many workers (one per core, if none are named). Kinds of runs of which too little
    /// is known are tried out: in any case if `thorough`, else where that takes less time than it tells of.
    pub fn price(&mut self, notebook: &Notebook, workers: Option<u16>, thorough: bool) {
        let cores = cores();
        self.workers = workers.map_or(cores, usize::from).min(self.missing()).max(1);
        if self.missing() == 0 {
            return;
        }
        let shape = |job: &Job| notebook.library().shape(&job.spec.dataset);
        let mut rates = notebook.rates();
        let unknown = self.unknown(shape);
        let guess: f64 = unknown.iter().map(|(job, shape)| rates::guess(job, *shape)).sum();
        if !unknown.is_empty() && (thorough || guess / self.workers as f64 > WORTH_A_TRIAL) {
            calibrate(notebook.root(), &unknown, &mut rates);
            rates.beside_others(load::slowdown(self.workers));
        }
        let mut all = Quote::default();
        for share in &mut self.shares {
            let quote = Quote::new(&share.jobs, shape, &share.times, &rates, f64::INFINITY);
            share.cost = price::cost(&share.jobs, &quote, self.workers);
            all.join(&quote);
        }
        self.cost = price::cost(self.distinct(), &all, self.workers);
        self.eta = all.eta();
    }

    /// The jobs of those kinds of which no run is stored, each with the shape of its dataset.
    fn unknown(&self, shape: impl Fn(&Job) -> Option<Shape>) -> Vec<(&Job, Shape)> {
        let mut unknown = Vec::new();
        for share in &self.shares {
            let taken: HashSet<&str> = share.times.iter().map(|(kind, _)| kind.as_str()).collect();
            let trained = share.jobs.iter().filter(|job| job.spec.procedure.uses_optimizer());
            let jobs = trained.filter(|job| !taken.contains(job.kind().as_str()));
            unknown.extend(jobs.filter_map(|job| Some((job, shape(job)?))));
        }
        unknown
    }

    /// Every job, in order.
    pub fn jobs(&self) -> Vec<Job> {
        self.shares.iter().flat_map(|share| share.jobs.iter().cloned()).collect()
    }

    /// A line per cell: what there is, what is to do, what it costs.
    pub fn describe(&self) -> String {
        let left_out = |cell: &String| format!("{cell}: left out (cost: full); --full runs it\n");
        let open = || self.shares.iter().filter(|share| !share.jobs.is_empty());
        // In a whole notebook most cells are fresh, and only what is to be done is worth a line.
        let fresh = self.shares.iter().filter(|share| share.jobs.is_empty() && self.shares.len() <= FEW);
        let line = |share: &Share| share.describe(self.workers);
        let lines: String = fresh.chain(open()).map(line).chain(self.left_out.iter().map(left_out)).collect();
        let warning = self.warning(memory::available()).map_or(String::new(), |warning| warning + "\n");
        match self.missing() {
            0 if lines.is_empty() => "nothing to run\n".to_owned(),
            missing if open().count() > 1 => {
                let all = counted(missing, "run");
                format!("{lines}{all} to do in all, {}\n{warning}", in_words(&self.cost, self.workers))
            }
            _ => lines + &warning,
        }
    }

    /// What to say where the workers need more than the `available` bytes.
    fn warning(&self, available: Option<u64>) -> Option<String> {
        let (each, available) = (self.cost.memory?, available?);
        let all = each.saturating_mul(self.workers as u64);
        if all <= available {
            return None;
        }
        let [each, all, free] = [each, all, available].map(|bytes| memory::in_words(bytes as f64));
        let fitting = available / self.cost.memory?.max(1);
        let advice = match fitting {
            0 => format!("even one needs {each}: it may be killed"),
            fitting => format!("--workers {fitting} would fit"),
        };
        let workers = counted(self.workers, "worker");
        Some(format!("warning: {workers} may need {all} of memory, and {free} are free; {advice}"))
    }

    /// As data.
    pub fn printed(&self) -> impl Serialize + '_ {
        let available = memory::available();
        let cells = self.shares.iter().map(|share| PrintedShare {
            cell: &share.cell,
            planned: share.planned,
            cost: &share.cost,
        });
        Printed {
            cost: &self.cost,
            workers: self.workers,
            memory_available: available,
            enough_memory: self.warning(available).is_none(),
            cells: cells.collect(),
            left_out: &self.left_out,
        }
    }
}

impl Share {
    fn describe(&self, workers: usize) -> String {
        let Self { cell, planned, cost, .. } = self;
        let all = counted(*planned, "run");
        match self.jobs.len() {
            0 => format!("{cell}: all {all} are there\n"),
            missing => {
                format!("{cell}: {missing} of {all} to do, {}\n", in_words(cost, workers.min(missing)))
            }
        }
    }

    fn new(slug: &str, view: &ExperimentView) -> Self {
        Self {
            cell: format!("{slug}#{}", view.experiment.id),
            planned: view.runs.len(),
            jobs: view.missing.clone(),
            cost: Cost { runs: view.missing.len(), ..Cost::default() },
            times: view.times.clone(),
        }
    }
}

/// `about 0:26 on 2 workers, 45 MB each`.
fn in_words(cost: &Cost, workers: usize) -> String {
    let time = format!("{} on {}", cost.time(), counted(workers, "worker"));
    let time = if cost.seconds.is_some() { time } else { cost.time() };
    let each = if workers == 1 { "" } else { " each" };
    let memory = cost.memory.map(|bytes| format!(", {}{each}", memory::in_words(bytes as f64)));
    time + &memory.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_do_not_fit_into_memory_are_warned_of() {
        let plan = |memory: Option<u64>| {
            let cost = Cost { runs: 9, seconds: Some(1.0), at_most: false, memory };
            Plan { workers: 4, cost, ..Plan::default() }
        };
        for (each, available, said) in [
            (None, Some(0), None),
            (Some(100), None, None),
            (Some(100_000_000), Some(400_000_000), None),
            (
                Some(300_000_000),
                Some(999_000_000),
                Some("4 workers may need 1.2 GB of memory, and 999 MB are free; --workers 3 would fit"),
            ),
            (
                Some(2_000_000_000),
                Some(1_000_000_000),
                Some(
                    "4 workers may need 8.0 GB of memory, and 1.0 GB are free; even one needs 2.0 GB: it may be killed",
                ),
            ),
            (Some(0), Some(0), None),
        ] {
            let warning = plan(each).warning(available);
            assert_eq!(warning, said.map(|said| format!("warning: {said}")), "{each:?} {available:?}");
        }
    }

    #[test]
    fn the_price_is_said_as_well_as_it_is_known() {
        for (seconds, at_most, memory, workers, words) in [
            (None, false, None, 2, "not timed yet"),
            (None, false, Some(45_200_000), 2, "not timed yet, 45 MB each"),
            (Some(26.2), false, Some(45_200_000), 2, "about 0:26 on 2 workers, 45 MB each"),
            (Some(26.2), true, Some(45_200_000), 1, "at most 0:27 on 1 worker, 45 MB"),
            (Some(0.2), true, None, 1, "under a second on 1 worker"),
        ] {
            assert_eq!(in_words(&Cost { runs: 9, seconds, at_most, memory }, workers), words);
        }
    }
}
