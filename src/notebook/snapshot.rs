//! What stands in a notebook at one moment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::flight::Flight;
use super::ledger::Sheet;
use super::seal::Fixed;
use crate::base::{Diagnostic, RunId};
use crate::compare::{CellState, Cost, Outcome, Results, Summary, Verdict};
use crate::entry::bibliography::Work;
use crate::runner::Job;
use crate::runner::cost::Prediction;
use crate::spec::{Claim, Compare, Experiment, Ledger};

/// A notebook at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Entries, newest first.
    pub entries: Vec<Arc<Entry>>,
    /// Those that were not looked at, newest first; empty unless only some were asked for.
    pub others: Vec<Neighbour>,
    /// What is wrong with the notebook itself: a results file set aside, a folder that cannot be read.
    pub diagnostics: Vec<Diagnostic>,
    /// Names of its datasets.
    pub datasets: Vec<String>,
    /// The runs that a process is at.
    pub flights: Vec<Flight>,
}

/// What links need of an entry that was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// File name without `.md`.
    pub slug: String,
    /// Title, cleaned.
    pub title: String,
    /// What its text links to.
    pub links: Vec<String>,
}

/// One entry with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// File name without `.md`: `2026-11-22-flat-vs-sharp`. What everything else calls the entry.
    pub slug: String,
    /// Path on disk.
    pub path: PathBuf,
    /// Title, cleaned for the terminal.
    pub title: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Tags, cleaned.
    pub tags: Vec<String>,
    /// The question, cleaned; may be empty.
    pub question: String,
    /// Its text in blocks.
    pub document: Arc<crate::entry::Document>,
    /// The works that it cites, in order, each once.
    pub works: Vec<Work>,
    /// What the claims came to that its text links to, by how the links are written; `None` of one that cannot be judged.
    pub verdicts: BTreeMap<String, Option<Outcome>>,
    /// One per cell of the document, in order.
    pub cells: Vec<CellView>,
    /// What is wrong outside the cells (front matter, encoding).
    pub diagnostics: Vec<Diagnostic>,
    /// What the log shows before its title.
    pub mark: EntryMark,
    /// Whether it was read and judged just now. Else it is shown as it was kept: without cells, and perhaps without text.
    pub is_read: bool,
}

impl Entry {
    /// Everything that is wrong in it, cells included, in no particular order.
    pub fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        let of_cells = self.cells.iter().filter_map(|cell| match cell {
            CellView::Bad(problem) => Some(problem.as_ref()),
            CellView::Compare(view) => view.summary.as_ref().err(),
            CellView::Claim(view) => view.verdict.as_ref().err(),
            CellView::Experiment(_) | CellView::Ledger(_) => None,
        });
        self.diagnostics.iter().chain(of_cells)
    }

    /// What its claims came to, in order.
    pub fn outcomes(&self) -> impl Iterator<Item = Outcome> + '_ {
        self.cells.iter().filter_map(|cell| match cell {
            CellView::Claim(view) => view.verdict.as_ref().ok().map(|verdict| verdict.outcome),
            _ => None,
        })
    }
}

/// What the log shows of an entry at a glance: the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum EntryMark {
    /// A cell is broken or a run failed.
    Broken,
    /// Runs are in flight; the share of them that is done, in [0, 1].
    Running(f64),
    /// Something is stale or missing.
    Stale,
    /// Every claim supported.
    Supported,
    /// At least one claim refuted.
    Refuted,
    /// At least one claim inconclusive, none refuted.
    Inconclusive,
    /// Nothing was run yet.
    NotRun,
    /// Prose only, or no claims.
    Plain,
}

/// A cell as it stands.
#[derive(Clone, Debug)]
pub enum CellView {
    /// An experiment.
    Experiment(Box<ExperimentView>),
    /// A comparison.
    Compare(Box<CompareView>),
    /// A claim.
    Claim(Box<ClaimView>),
    /// A ledger.
    Ledger(Box<LedgerView>),
    /// It cannot be read; the diagnostic has its place.
    Bad(Box<Diagnostic>),
}

impl CellView {
    /// Its id, if it can be read and has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Experiment(view) => Some(&view.experiment.id),
            Self::Compare(view) => Some(view.compare.id.as_str()).filter(|id| !id.is_empty()),
            Self::Claim(view) => Some(&view.claim.id),
            Self::Ledger(view) => Some(view.ledger.id.as_str()).filter(|id| !id.is_empty()),
            Self::Bad(_) => None,
        }
    }
}

/// An experiment and its runs.
#[derive(Clone, Debug)]
pub struct ExperimentView {
    /// What it means.
    pub experiment: Experiment,
    /// The run of each planned run, in order.
    pub runs: Vec<RunId>,
    /// The jobs that would make it fresh, in order: what `r` submits.
    pub missing: Vec<Job>,
    /// Kind and seconds of every run that is stored and was made on this host.
    pub times: Vec<(String, f64)>,
    /// Missing runs that were begun once: they go on from where they were saved.
    pub interrupted: usize,
    /// What the missing runs will cost, on all cores.
    pub cost: Cost,
    /// How long a run of each kind that is missing will take, as far as that is known.
    pub expected: Vec<(String, Prediction)>,
    /// Fresh, stale, running …
    pub state: CellState,
    /// Its runs, stored and in flight.
    pub results: Results,
    /// Their comparison.
    pub summary: Summary,
    /// That of the results before the cell was changed, while there are no others.
    pub former: Option<Summary>,
}

/// A compare cell and what it shows.
#[derive(Clone, Debug)]
pub struct CompareView {
    /// What it means.
    pub compare: Compare,
    /// What it shows, or why it cannot.
    pub summary: Result<Summary, Diagnostic>,
}

/// A claim and what it comes to.
#[derive(Clone, Debug)]
pub struct ClaimView {
    /// What it means.
    pub claim: Claim,
    /// What it comes to, or why it cannot be judged.
    pub verdict: Result<Verdict, Diagnostic>,
    /// The name of what it predicts; empty where its experiments are not there.
    pub prediction: String,
    /// Whether that was fixed before the runs.
    pub fixed: Fixed,
    /// Seconds that the runs took by which it is judged.
    pub seconds: f64,
}

/// A ledger and what it shows.
#[derive(Clone, Debug)]
pub struct LedgerView {
    /// What it means.
    pub ledger: Ledger,
    /// Every claim of the notebook.
    pub sheet: Sheet,
}
