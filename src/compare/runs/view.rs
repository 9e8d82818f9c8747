//! What a query makes of a table: rows, columns, and what stands where they cross.

use std::collections::{BTreeSet, HashMap};

use super::choose;
use super::column::Datum;
use super::filter::passing;
use super::group::Rows;
use super::names::{Meaning, meaning};
use super::order::order;
use super::table::{Place, RunTable};
use super::value::{Key, Value};
use crate::base::RunId;
use crate::base::number::significant;
use crate::spec::query::{self, Filter, Name, Problem, Reduction, Sort};

/// What is asked of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which runs.
    pub filter: Filter,
    /// What of each; those that say most, where none is named.
    pub columns: Vec<query::Column>,
    /// In which order; that of the log, where none is named.
    pub sort: Option<Sort>,
    /// Whether runs that differ in nothing but the seed are put together.
    pub grouped: bool,
    /// Whether all columns are shown that have anything.
    pub all: bool,
    /// What the others are compared to: a run, or the group it is in.
    pub baseline: Option<RunId>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            filter: Filter::EVERYTHING,
            columns: Vec::new(),
            sort: None,
            grouped: false,
            all: false,
            baseline: None,
        }
    }
}

impl Query {
    /// The reductions of curves that it speaks of.
    pub fn reductions(&self) -> Vec<(Reduction, String)> {
        let columns = self.columns.iter().map(|column| &column.name);
        let names = columns.chain(self.filter.names()).chain(self.sort.iter().map(|sort| &sort.name));
        let reductions = names.filter_map(|name| Some((name.reduction?, name.text.clone())));
        // What a run ends with is known without its curve.
        let reductions = reductions.filter(|(reduction, _)| *reduction != Reduction::Last);
        reductions.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// What a query makes of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The columns; the first stays where it is when the others are scrolled.
    pub columns: Vec<Shown>,
    rows: Rows,
    /// Whether each row is a group.
    pub grouped: bool,
    /// The row of the baseline.
    pub baseline: Option<usize>,
    /// By which column it is sorted, if that is shown, and whether the greatest comes first.
    pub sorted: Option<(usize, bool)>,
    /// Runs that pass the filter.
    pub passing: usize,
    /// The runs of the baseline.
    base: Vec<u32>,
    /// What it takes to tell the rows apart.
    label: Label,
}

/// A column of a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its heading.
    pub title: String,
    /// What it shows.
    pub of: Source,
}

/// What a column of a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Where the run stands, as `entry#cell:arm`.
    Label,
    /// A column of the table.
    Column(usize),
    /// Something that the table does not have yet.
    Pending,
}

/// Which parts of `entry#cell:arm` tell the rows apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Label {
    entry: bool,
    cell: bool,
    arm: bool,
}

impl View {
    /// What `query` makes of `table`; or which of its names means nothing.
    pub fn new(table: &RunTable, query: &Query) -> Result<Self, Problem> {
        let passes = passing(&query.filter, table, &query.columns)?;
        let runs: Vec<u32> =
            table.rows().zip(&passes).filter(|(_, passes)| **passes).map(|(row, _)| row).collect();
        let passing = runs.len();
        let rows = if query.grouped { Rows::grouped(&runs, table) } else { Rows::single(runs) };
        let columns = if query.columns.is_empty() {
            choose::columns(table, &rows, query.grouped, query.all)
        } else {
            query.columns.iter().map(|column| shown(column, table)).collect::<Result<_, _>>()?
        };
        let label = Label::of(table, &rows);
        let mut view = Self {
            columns,
            rows,
            grouped: query.grouped,
            baseline: None,
            sorted: None,
            passing,
            base: Vec::new(),
            label,
        };
        if let Some(sort) = &query.sort {
            view.sort(sort, table, &query.columns)?;
        }
        if let Some(base) = query.baseline.as_ref().and_then(|run| table.row(run)) {
            view.compare_to(base, table);
        }
        Ok(view)
    }

    fn sort(&mut self, sort: &Sort, table: &RunTable, given: &[query::Column]) -> Result<(), Problem> {
        let (keys, source) = if sort.name.text == "run" && sort.name.reduction.is_none() {
            (self.keys_by_label(table), Source::Label)
        } else {
            let Meaning::Column(at) = meaning(&sort.name, table, given)? else { return Ok(()) };
            let Some(column) = table.columns.get(at) else { return Ok(()) };
            let key = |rows| Value::of(table, column, rows, self.grouped).key();
            let keys = match column.ranks().filter(|_| !self.grouped) {
                Some(ranks) => self.rows.runs().map(|run| ranks.key(run)).collect(),
                None => self.rows.iter().map(key).collect(),
            };
            (keys, Source::Column(at))
        };
        self.rows = self.rows.reordered(&order(&keys, sort.descending));
        let at = self.columns.iter().position(|column| column.of == source);
        self.sorted = at.map(|at| (at, sort.descending));
        Ok(())
    }

    /// What the rows are called, by the alphabet: each place is called once, however many runs it has.
    fn keys_by_label(&self, table: &RunTable) -> Vec<Key> {
        let labels: Vec<String> =
            table.places.iter().map(|place| self.label.write(place).to_lowercase()).collect();
        let different: BTreeSet<&str> = labels.iter().map(String::as_str).collect();
        let ranks: HashMap<&str, f64> =
            different.iter().zip(0..).map(|(label, rank)| (*label, f64::from(rank))).collect();
        let rank = |run: u32| ranks.get(labels.get(*table.place_of.get(run as usize)? as usize)?.as_str());
        let key = |rows: &[u32]| {
            rows.first().and_then(|&run| rank(run)).map_or(Key::Nothing, |rank| Key::Number(*rank))
        };
        self.rows.iter().map(key).collect()
    }

    fn compare_to(&mut self, base: u32, table: &RunTable) {
        self.baseline = self.rows.iter().position(|rows| rows.contains(&base));
        // It need not be among the rows that the filter lets pass.
        let group = |row: u32| table.group_of.get(row as usize);
        self.base = match self.baseline {
            Some(row) => self.rows.get(row).to_vec(),
            None if self.grouped => table.rows().filter(|row| group(*row) == group(base)).collect(),
            None => vec![base],
        };
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The runs of a row, as rows of the table.
    pub fn runs(&self, row: usize) -> &[u32] {
        self.rows.get(row)
    }

    /// The runs of the baseline, as rows of the table; none without one.
    pub fn base(&self) -> &[u32] {
        &self.base
    }

    /// The row that has this run.
    pub fn row_of(&self, run: u32) -> Option<usize> {
        self.rows.iter().position(|rows| rows.contains(&run))
    }

    /// The runs of the row that has this one.
    pub fn runs_with(&self, run: u32) -> Option<&[u32]> {
        self.row_of(run).map(|row| self.runs(row))
    }

    /// What stands in a field.
    pub fn value(&self, table: &RunTable, row: usize, column: &Shown) -> Value {
        let rows = self.rows.get(row);
        match column.of {
            Source::Label => Value::Text(self.label(table, row)),
            Source::Pending => Value::Pending,
            Source::Column(at) => match table.columns.get(at) {
                None => Value::Nothing,
                Some(column) if self.base.is_empty() || self.baseline == Some(row) => {
                    Value::of(table, column, rows, self.grouped)
                }
                Some(column) => Value::against(table, column, rows, &self.base, self.grouped),
            },
        }
    }

    /// What a row is called: as much of `entry#cell:arm` as tells it from the others.
    pub fn label(&self, table: &RunTable, row: usize) -> String {
        self.rows.get(row).first().map_or_else(String::new, |&run| self.called(table, run))
    }

    /// What the baseline is called.
    pub fn baseline_label(&self, table: &RunTable) -> Option<String> {
        Some(self.name(table, *self.base.first()?))
    }

    /// What tells the row of a run from the others: its label, the sweep point as far as rows differ in it, and the seed
    /// where it is a single run.
    pub fn name(&self, table: &RunTable, run: u32) -> String {
        let seed = if self.grouped { String::new() } else { format!(" seed {}", table.seed(run)) };
        let swept = table
            .columns
            .iter()
            .filter(|column| table.axes.contains(&column.name) && column.differs(self.rows.runs()));
        let point = swept.filter_map(|column| match column.at(run) {
            Datum::None => None,
            Datum::Number(number) => Some(format!(" {} {}", column.short, significant(number, 4))),
            Datum::Text(text) => Some(format!(" {} {text}", column.short)),
        });
        self.called(table, run) + &point.collect::<String>() + &seed
    }

    fn called(&self, table: &RunTable, run: u32) -> String {
        table.place(run).map_or_else(String::new, |place| self.label.write(place))
    }
}

impl Label {
    fn of(table: &RunTable, rows: &Rows) -> Self {
        let places: BTreeSet<u32> =
            rows.runs().filter_map(|run| table.place_of.get(run as usize).copied()).collect();
        let places: Vec<&Place> = places.iter().filter_map(|at| table.places.get(*at as usize)).collect();
        let arms: BTreeSet<&str> = places.iter().map(|place| place.arm.as_str()).collect();
        let cells: BTreeSet<&str> = places.iter().map(|place| place.cell.as_str()).collect();
        let both: BTreeSet<_> = places.iter().map(|place| (&place.entry, &place.cell)).collect();
        let entry = both.len() > cells.len();
        let cell = cells.len() > 1;
        Self { entry, cell, arm: arms.len() > 1 || !(entry || cell) }
    }

    fn write(self, place: &Place) -> String {
        let mut label = String::new();
        if self.entry {
            label.push_str(place.undated());
        }
        if self.cell {
            label.push_str(if self.entry { "#" } else { "" });
            label.push_str(&place.cell);
        }
        // Where an experiment has no arms, its cell says it all.
        if self.arm && (place.arm != "base" || label.is_empty()) {
            label.push_str(if label.is_empty() { "" } else { ":" });
            label.push_str(&place.arm);
        }
        label
    }
}

/// The column that was asked for.
fn shown(column: &query::Column, table: &RunTable) -> Result<Shown, Problem> {
    let Name { text, reduction, setting, .. } = &column.name;
    if text == "run" && reduction.is_none() && !setting {
        let title = column.alias.clone().unwrap_or_else(|| "run".to_owned());
        return Ok(Shown { title, of: Source::Label });
    }
    let (title, of) = match meaning(&column.name, table, &[])? {
        Meaning::Column(at) => {
            let short = table.columns.get(at).map(|column| column.short.clone());
            (short.unwrap_or_default(), Source::Column(at))
        }
        // Whatever no run has stands as nothing; what was not asked for is on its way.
        Meaning::Wanted(reduction, text) => {
            let title = format!("{} {text}", reduction.name());
            let came = table.reductions.contains(&(reduction, text));
            (title, if came { Source::Column(usize::MAX) } else { Source::Pending })
        }
    };
    let written = column.name.reduction.map(|_| column.name.to_string());
    Ok(Shown { title: column.alias.clone().or(written).unwrap_or(title), of })
}
