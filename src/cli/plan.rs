//! What a `run` comes to before it is begun: which runs, how many are there already, how long it will take.

use crate::base::clock;
use crate::base::text::counted;
use crate::compare::CellState;
use crate::notebook::{CellView, ExperimentView, Snapshot};
use crate::runner::{Eta, Job};

use super::target::{Target, UsageError};

/// Up to so many cells, those that are fresh are named too.
const FEW: usize = 4;

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
        let open = self.shares.iter().filter(|share| !share.jobs.is_empty());
        // In a whole notebook most cells are fresh, and only what is to be done is worth a line.
        let fresh = self.shares.iter().filter(|share| share.jobs.is_empty() && self.shares.len() <= FEW);
        let lines: String =
            fresh.chain(open).map(Share::describe).chain(self.left_out.iter().map(left_out)).collect();
        match self.missing() {
            0 if lines.is_empty() => "nothing to run\n".to_owned(),
            missing if self.shares.len() > FEW => {
                format!("{lines}{} to do in all\n", counted(missing, "run"))
            }
            _ => lines,
        }
    }
}

impl Share {
    fn describe(&self) -> String {
        let Self { cell, planned, .. } = self;
        match (self.jobs.len(), self.seconds) {
            (0, _) => format!("{cell}: all {} are there\n", counted(*planned, "run")),
            (missing, Some(seconds)) => {
                let all = counted(*planned, "run");
                format!("{cell}: {missing} of {all} to do, about {}\n", clock::duration(seconds))
            }
            (missing, None) if missing == *planned => {
                format!("{cell}: {} to do, none timed yet\n", counted(missing, "run"))
            }
            (missing, None) => format!("{cell}: {missing} of {} to do\n", counted(*planned, "run")),
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
