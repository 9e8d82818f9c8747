//! The table of runs over the panes: what is asked of it, where the cursor is, what is being typed.

mod typing;

use std::sync::Arc;

pub use typing::{LinePurpose, TypedLine};

use super::layout::Panes;
use super::motion::Motion;
use super::rows::TableRow;
use crate::base::RunId;
use crate::compare::runs::{Query, RunTable, Source, View};
use crate::notebook::{RunOrder, Scope};
use crate::render::runs::{Grid, Sight};
use crate::render::style::Look;
use crate::spec::query::{self, Filter, Name, Problem, Sort};

/// The table of runs.
#[derive(Clone, Debug)]
pub struct RunsPanel {
    /// Which runs it is of.
    pub scope: Scope,
    /// The runs; `None` until they were read.
    pub table: Option<Arc<RunTable>>,
    /// What is asked of them.
    pub query: Query,
    /// What that makes of them.
    pub view: Option<Arc<View>>,
    /// The row under the cursor.
    pub at: usize,
    /// The run that the cursor was put on, which stays its run when rows become groups and groups rows.
    held: Option<RunId>,
    /// The first row seen.
    pub top: usize,
    /// The column under the cursor.
    pub column: usize,
    /// Columns, beside the first, that are scrolled out at the left.
    pub left: usize,
    /// The runs that are marked, in the order in which they were.
    pub marked: Vec<RunId>,
    /// What is being typed.
    pub line: Option<TypedLine>,
    /// The columns as they were typed.
    pub columns: String,
}

/// Lines of the panel that are no rows: its heading and that of the columns.
const HEADINGS: usize = 1;
/// Lines below the rows while something is typed: the line, and what is wrong with it or is offered.
const TYPING: usize = 2;

impl RunsPanel {
    /// Of these runs, which are still to be read.
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            table: None,
            query: Query::default(),
            view: None,
            at: 0,
            held: None,
            top: 0,
            column: 0,
            left: 0,
            marked: Vec::new(),
            line: None,
            columns: String::new(),
        }
    }

    /// The table that it needs.
    pub fn order(&self) -> RunOrder {
        RunOrder { scope: self.scope.clone(), reductions: self.query.reductions() }
    }

    /// Takes over the runs as they are now; the cursor stays on its run. What was asked may mean nothing among them: then
    /// all are shown, and it comes back what was wrong.
    pub fn read(&mut self, table: Arc<RunTable>) -> Result<(), Problem> {
        let here = self.run();
        let outcome = View::new(&table, &self.query);
        let view = outcome.clone().or_else(|_| {
            self.query = Query { grouped: self.query.grouped, ..Query::default() };
            self.columns.clear();
            View::new(&table, &self.query)
        });
        (self.table, self.view) = (Some(table), view.ok().map(Arc::new));
        self.go_to(here.as_ref());
        outcome.map(|_| ())
    }

    /// Asks something else of the runs; or says which name means nothing, and nothing has changed.
    pub fn ask(&mut self, query: Query) -> Result<(), Problem> {
        let here = self.run();
        if let Some(table) = &self.table {
            self.view = Some(Arc::new(View::new(table, &query)?));
        }
        self.query = query;
        self.go_to(here.as_ref());
        Ok(())
    }

    fn go_to(&mut self, run: Option<&RunId>) {
        self.held = run.cloned();
        let row = run.and_then(|run| self.view.as_ref()?.row_of(self.table.as_ref()?.row(run)?));
        self.at = row.unwrap_or(self.at);
        self.column = self.column.min(self.columns_shown().saturating_sub(1));
    }

    /// The runs of the row under the cursor, as rows of the table.
    pub fn here(&self) -> &[u32] {
        self.view.as_ref().map_or(&[], |view| view.runs(self.at))
    }

    /// The run under the cursor; of a group the one it was on, else its first.
    pub fn run(&self) -> Option<RunId> {
        let (table, here) = (self.table.as_ref()?, self.here());
        let is_here = |run: &RunId| table.row(run).is_some_and(|row| here.contains(&row));
        let held = self.held.as_ref().filter(|run| is_here(run));
        held.or_else(|| table.run(*here.first()?)).cloned()
    }

    /// The runs of the row that has this run: itself, or its group.
    pub fn row_with(&self, run: &RunId) -> Vec<u32> {
        let Some(row) = self.table.as_ref().and_then(|table| table.row(run)) else { return Vec::new() };
        let view = self.view.as_ref();
        let runs = view.and_then(|view| view.runs_with(row));
        runs.map_or_else(|| vec![row], <[u32]>::to_vec)
    }

    /// Whether a row has a marked run.
    pub fn is_marked(&self, row: usize) -> bool {
        let (Some(table), Some(view)) = (&self.table, &self.view) else { return false };
        if self.marked.is_empty() {
            return false;
        }
        view.runs(row).iter().filter_map(|&run| table.run(run)).any(|run| self.marked.contains(run))
    }

    /// Marks every row that is shown.
    pub fn mark_all(&mut self) {
        let (Some(table), Some(view)) = (&self.table, &self.view) else { return };
        let first = |row: usize| table.run(*view.runs(row).first()?).cloned();
        self.marked = (0..view.len()).filter_map(first).collect();
    }

    /// The rows that are meant: those that are marked, in the order in which they were; else the one under the cursor.
    fn chosen(&self) -> Vec<Vec<u32>> {
        let mut rows: Vec<Vec<u32>> = Vec::new();
        for row in self.marked.iter().map(|run| self.row_with(run)) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        if rows.is_empty() { vec![self.here().to_vec()] } else { rows }
    }

    /// What is compared: the rows that are meant, to the pinned one if there is one.
    pub fn to_compare(&self) -> Vec<TableRow> {
        let (Some(table), Some(view)) = (&self.table, &self.view) else { return Vec::new() };
        let mut rows = self.chosen();
        if !view.base().is_empty() {
            rows.retain(|row| row != view.base());
            rows.insert(0, view.base().to_vec());
        }
        let row = |runs: &Vec<u32>| {
            let place = table.place(*runs.first()?)?;
            Some(TableRow {
                name: view.name(table, *runs.first()?),
                entry: place.entry.clone(),
                cell: place.cell.clone(),
                arm: place.arm.clone(),
                runs: runs.iter().filter_map(|&run| table.run(run)).cloned().collect(),
            })
        };
        rows.iter().filter_map(row).collect()
    }

    /// The runs that can be stopped, and what they are called: those of the rows that are meant, as far as they are going.
    pub fn to_cancel(&self, is_going: impl Fn(&RunId) -> bool) -> Option<(Vec<RunId>, String)> {
        let (table, view) = (self.table.as_ref()?, self.view.as_ref()?);
        let going = |rows: &[Vec<u32>]| -> Vec<RunId> {
            let runs = rows.iter().flatten().filter_map(|&run| table.run(run));
            runs.filter(|run| is_going(run)).cloned().collect()
        };
        let chosen = self.chosen();
        let name = match chosen.as_slice() {
            [row] => view.name(table, *row.first()?),
            rows => format!("{} marked rows", rows.len()),
        };
        Some((going(&chosen), name)).filter(|(runs, _)| !runs.is_empty())
    }

    /// Goes to another row.
    pub fn travel(&mut self, motion: Motion, height: usize) {
        let last = self.view.as_ref().map_or(0, |view| view.len()).saturating_sub(1);
        self.at = motion.travel(self.at, last, height);
    }

    /// Goes to the next column, or the one before.
    pub fn step_column(&mut self, forward: bool) {
        let last = self.columns_shown().saturating_sub(1);
        self.column = if forward { (self.column + 1).min(last) } else { self.column.saturating_sub(1) };
    }

    fn columns_shown(&self) -> usize {
        self.view.as_ref().map_or(0, |view| view.columns.len())
    }

    /// Rows in sight.
    pub fn height(&self, panes: &Panes) -> usize {
        let typing = if self.line.is_some() { TYPING } else { 0 };
        panes.sheet_height().saturating_sub(HEADINGS + typing)
    }

    /// Scrolls so that the row and the column under the cursor are seen.
    pub fn settle(&mut self, panes: &Panes, look: Look) {
        let rows = self.view.as_ref().map_or(0, |view| view.len());
        self.at = self.at.min(rows.saturating_sub(1));
        let height = self.height(panes).max(1);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height));
        self.top = self.top.min(rows.saturating_sub(height));
        if self.column == 0 {
            self.left = 0;
            return;
        }
        self.left = self.left.min(self.column - 1);
        let (Some(table), Some(view)) = (self.table.clone(), self.view.clone()) else { return };
        let grid = Grid { table: &table, view: &view, look };
        let width = usize::from(panes.body.width);
        while self.left + 1 < self.column
            && self.left + grid.in_sight(&self.sight(height, width)) < self.column
        {
            self.left += 1;
        }
    }

    /// What of the table is in sight, without marks.
    pub fn sight(&self, height: usize, width: usize) -> Sight<'_> {
        Sight {
            top: self.top,
            height,
            left: self.left,
            width,
            cursor: Some((self.at, self.column)),
            marked: &|_| false,
        }
    }

    /// Sorts by the column under the cursor: the least first, then the greatest, then as in the log.
    pub fn sort(&mut self) -> Result<(), Problem> {
        let Some(name) = self.column_name() else { return Ok(()) };
        let sort = match &self.query.sort {
            Some(sort) if sort.name == name && sort.descending => None,
            Some(sort) if sort.name == name => Some(Sort { name, descending: true }),
            _ => Some(Sort { name, descending: false }),
        };
        let at = self.at;
        self.ask(Query { sort, ..self.query.clone() })?;
        // Whoever sorts wants to see what comes first.
        self.at = if at == 0 { 0 } else { self.at };
        Ok(())
    }

    /// The name of the column under the cursor.
    fn column_name(&self) -> Option<Name> {
        let (table, shown) = (self.table.as_ref()?, self.view.as_ref()?.columns.get(self.column)?);
        match shown.of {
            Source::Label => query::sort("run").ok().map(|sort| sort.name),
            Source::Column(at) => table.columns.get(at)?.as_name(),
            Source::Pending => None,
        }
    }

    /// Shows all runs again, whatever the filter was; whether there was one.
    pub fn clear_filter(&mut self) -> bool {
        let had = !self.query.filter.is_everything();
        let _ = self.ask(Query { filter: Filter::EVERYTHING, ..self.query.clone() });
        had
    }
}
