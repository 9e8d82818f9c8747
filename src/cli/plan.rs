//! What a `run` comes to before it is begun: which runs, how many are there already, how long it will take.

use crate::base::clock;
use crate::compare::CellState;
use crate::notebook::{CellView, ExperimentView, Snapshot};
use crate::runner::{Eta, Job};

use super::target::{Target, UsageError};

/// The runs of one experiment cell that are to be done.
pub struct Share {
    /// `entry#cell`.
    pub cell: String,
    /// Runs the cell asks for.
    pub planned: usize,
    /// Those that are missing.
    pub jobs: Vec<Job>,
    /// Seconds they are expected to take, if something is known of their like.
    pub seconds: Option<f64>,
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
    /// What the stored runs of these cells took.
    pub eta: Eta,
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
                        view.times.iter().for_each(|(kind, seconds)| plan.eta.learn(kind, *seconds));
                        plan.shares.push(Share::new(&target.entry.slug, view));
                    }
                    CellView::Bad(_) => plan.broken += 1,
                    CellView::Compare(_) | CellView::Claim(_) => {}
                }
            }
            plan.broken += target.entry.diagnostics.len();
        }
        Ok(plan)
    }

    /// How many runs are missing.
    pub fn missing(&self) -> usize {
        self.shares.iter().map(|share| share.jobs.len()).sum()
    }

    /// Every job, in order.
    pub fn jobs(&self) -> Vec<Job> {
        self.shares.iter().flat_map(|share| share.jobs.iter().cloned()).collect()
    }

    /// A line per cell: what there is, what is to do, what it costs.
    pub fn describe(&self) -> String {
        let left_out = |cell: &String| format!("{cell}: left out (cost: full); --full runs it\n");
        self.shares.iter().map(Share::describe).chain(self.left_out.iter().map(left_out)).collect()
    }
}

impl Share {
    fn describe(&self) -> String {
        let Self { cell, planned, .. } = self;
        match (self.jobs.len(), self.seconds) {
            (0, _) => format!("{cell}: all {planned} runs are there\n"),
            (missing, Some(seconds)) => {
                format!("{cell}: {missing} of {planned} runs to do, about {}\n", clock::duration(seconds))
            }
            (missing, None) if missing == *planned => {
                format!("{cell}: {missing} runs to do, none timed yet\n")
            }
            (missing, None) => format!("{cell}: {missing} of {planned} runs to do\n"),
        }
    }

    fn new(slug: &str, view: &ExperimentView) -> Self {
        Self {
            cell: format!("{slug}#{}", view.experiment.id),
            planned: view.runs.len(),
            jobs: view.missing.clone(),
            seconds: view.seconds_left,
        }
    }
}
