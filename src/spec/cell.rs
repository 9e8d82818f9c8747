//! Cells as they are meant: typed, resolved, expanded. How they are read from YAML stands in `parse`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::expr::Expr;
use super::{MeasureSpec, Quantity, RunSpec};

/// A cell of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Trains.
    Experiment(Experiment),
    /// Draws results.
    Compare(Compare),
    /// Judges results.
    Claim(Claim),
    /// Shows every claim of the notebook.
    Ledger(Ledger),
}

/// An experiment with its runs laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Name within the entry.
    pub id: String,
    /// Names of the arms, in the order written; `["base"]` where the cell names none.
    pub arms: Vec<String>,
    /// The axes of the sweep, in the order written.
    pub axes: Vec<Axis>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// What is measured, the always-measured quantities left out unless the cell says when.
    pub measures: Vec<MeasureSpec>,
    /// Whether it is run only when asked for (`cost: full`).
    pub full_cost: bool,
    /// Every run: arms × sweep points × seeds, seeds innermost.
    pub runs: Vec<PlannedRun>,
}

/// One axis of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The dotted path that is varied (`model.hidden`).
    pub path: String,
    /// Its values, in the order written.
    pub values: Vec<Value>,
}

impl Axis {
    /// What claims call it: the last word of the path (`hidden`).
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }
}

/// A run and where it stands in its experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRun {
    /// Which arm.
    pub arm: String,
    /// Value of each axis, in the order of [`Experiment::axes`].
    pub point: Vec<Value>,
    /// What is trained.
    pub spec: RunSpec,
}

/// Draws the results of experiments side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// Name within the entry; may be empty.
    pub id: String,
    /// Experiment cells, `cell` or `entry#cell`.
    pub of: Vec<String>,
    /// Quantities to show, in order; empty for a good choice.
    pub show: Vec<Quantity>,
    /// Arm that differences are taken to.
    pub baseline: Option<String>,
    /// How it is drawn in the entry.
    pub plot: Plot,
}

/// How a compare cell is drawn in its entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plot {
    /// A sparkline and numbers for each arm; along a sweep over numbers a chart.
    #[default]
    Rows,
    /// A chart of all arms for each quantity.
    Lines,
    /// Every run as a point: measures against the generalization gap.
    Scatter,
    /// A shade for each pair of places of a sweep over two axes of numbers.
    Map,
}

/// Judges results.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Name within the entry.
    pub id: String,
    /// The claim in words.
    pub says: String,
    /// Ids of the claims in the literature that it puts to the test.
    pub source: Vec<String>,
    /// What evidence decides it.
    pub kind: ClaimKind,
    /// Experiment cells, `cell` or `entry#cell`; arms of later ones must not repeat names.
    pub from: Vec<String>,
    /// Named constants, in the order written: each may use those before it.
    pub constants: Vec<Constant>,
    /// What is expected, parsed; `None` only where the kind is `undefined`.
    pub expect: Option<Expr>,
    /// The same as written.
    pub expect_text: String,
    /// Byte of the cell at which it is written.
    pub expect_at: usize,
    /// Smallest difference that would matter, in the unit of the left-hand side; 0 where none is given.
    pub smallest_effect: f64,
    /// The verdict that `check` insists on.
    pub must: Option<Must>,
}

/// A constant of a claim. Its value displays in canonical form: a number as its shortest digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value: a number, or an expression over the constants before it.
    pub value: Expr,
    /// Byte of the cell at which the value is written.
    pub at: usize,
}

/// Shows every claim of the notebook by its source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Name within the entry; may be empty.
    pub id: String,
    /// Names of sources, each with how many claims it makes, numbered from 1: `S0-1`, `S0-2`, …
    pub sources: Vec<(String, u64)>,
    /// Claims of sources that contradict each other.
    pub contradictions: Vec<Vec<String>>,
    /// Sources that belong together, each group by its name.
    pub groups: Vec<(String, Vec<String>)>,
    /// The parts that are drawn, in their order.
    pub show: Vec<LedgerPart>,
}

/// A part of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerPart {
    /// Every claim, by its source.
    Claims,
    /// The groups, each with what its claims came to.
    Groups,
    /// What contradicts what.
    Contradictions,
    /// Every source with how many of its claims came to what, side by side.
    Overview,
    /// Sources that no claim puts to the test.
    Untested,
}

impl LedgerPart {
    /// All of them, in the order in which they are drawn when none is named.
    pub const ALL: [Self; 5] =
        [Self::Claims, Self::Groups, Self::Contradictions, Self::Overview, Self::Untested];
}

/// What evidence decides a claim (SCIENCE §0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// Closed form: true to rounding, or false; no seeds.
    Identity,
    /// A number is predicted: the 95 % interval of the estimate must lie in the predicted one.
    Law,
    /// A is better than B: the paired 95 % interval must exceed the smallest effect of interest.
    Direction,
    /// For all: one counterexample refutes.
    Universal,
    /// There is: one instance supports.
    Existence,
    /// The quantity it speaks of is not defined: inconclusive by kind.
    Undefined,
}

/// The verdict that `check` insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// It must stay supported.
    Supported,
    /// It must stay refuted.
    Refuted,
}
