//! Every run that is known, with every value of it, column by column.

use std::collections::{BTreeSet, HashMap};

use super::column::{Column, Datum};
use crate::base::RunId;
use crate::entry::undated;
use crate::spec::query::Reduction;
use crate::store::Status;

/// Every run that is known, column by column.
#[derive(Clone, Debug, Default)]
pub struct RunTable {
    /// The runs.
    pub runs: Vec<RunId>,
    /// How each stands.
    pub states: Vec<State>,
    /// Where each stands in the notebook, by [`Self::places`].
    pub(super) place_of: Vec<u32>,
    /// Entries with their cells and arms.
    pub places: Vec<Place>,
    /// The cell of each place, by its number.
    pub(super) cell_of: Vec<u32>,
    /// How many cells there are.
    pub(super) cells: usize,
    /// Which runs differ in nothing but the seed: those of one arm and sweep point have the same number.
    pub(super) group_of: Vec<u32>,
    /// Paths of the settings that some experiment sweeps.
    pub(super) axes: BTreeSet<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// Columns by their full name.
    pub(super) by_name: HashMap<String, usize>,
    /// The reductions of curves that were asked for, those too that no run has.
    pub reductions: Vec<(Reduction, String)>,
}

/// Where a run stands in the notebook.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// Slug of the entry.
    pub entry: String,
    /// Id of the cell.
    pub cell: String,
    /// Arm.
    pub arm: String,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    /// It has ended.
    Ended(Status),
    /// A worker is at it; the share that is done, in [0, 1].
    Running(f64),
    /// It waits for a worker.
    Queued,
    /// Nobody asked for it yet.
    Missing,
}

impl State {
    /// Its name, as filters know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ended(status) => status.name(),
            Self::Running(_) => "running",
            Self::Queued => "queued",
            Self::Missing => "missing",
        }
    }

    /// Whether its numbers may stand in a mean: it ended as it should.
    pub fn counts(self) -> bool {
        self == Self::Ended(Status::Done)
    }
}

impl Place {
    /// The entry without its date.
    pub fn undated(&self) -> &str {
        undated(&self.entry)
    }
}

impl RunTable {
    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How run `row` stands.
    pub fn state(&self, row: u32) -> State {
        self.states.get(row as usize).copied().unwrap_or(State::Missing)
    }

    /// Where run `row` stands.
    pub fn place(&self, row: u32) -> Option<&Place> {
        self.places.get(*self.place_of.get(row as usize)? as usize)
    }

    /// Its id.
    pub fn run(&self, row: u32) -> Option<&RunId> {
        self.runs.get(row as usize)
    }

    /// The row of a run.
    pub fn row(&self, run: &RunId) -> Option<u32> {
        self.runs.iter().position(|other| other == run).and_then(|row| u32::try_from(row).ok())
    }

    /// All rows.
    pub fn rows(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.runs.len()).unwrap_or(u32::MAX)
    }

    /// The column of that full name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(*self.by_name.get(name)?)
    }

    /// What run `row` has in the column of that full name.
    pub fn datum(&self, name: &str, row: u32) -> Datum<'_> {
        self.column(name).map_or(Datum::None, |column| column.at(row))
    }

    /// The seed of run `row`.
    pub fn seed(&self, row: u32) -> u64 {
        self.column("seed").and_then(|column| column.number(row)).map_or(0, |seed| seed as u64)
    }
}
