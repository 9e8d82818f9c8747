//! Keys over the table of runs.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::model::{Focus, Model};
use super::super::motion::Motion;
use super::super::overlay::{Overlay, SheetKind};
use super::super::page::Arrival;
use super::super::prompt;
use super::super::runs::{LinePurpose, RunsPanel};
use super::{act, say};
use crate::base::text::counted;
use crate::compare::runs::{Query, RunTable, completed, difference};
use crate::notebook::{CellView, Scope};

/// What a key does over the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKey {
    /// Goes to the column before.
    ColumnLeft,
    /// Goes to the next column.
    ColumnRight,
    /// Sorts by the column under the cursor.
    Sort,
    /// Types which runs.
    FilterRuns,
    /// Types what of each.
    Columns,
    /// Shows every column, or those that say most.
    AllColumns,
    /// Puts runs together that differ in nothing but the seed, or takes them apart.
    Group,
    /// Compares all others to the run under the cursor, or stops that.
    Pin,
    /// Marks the run under the cursor.
    MarkRun,
    /// Mark every row.
    MarkAll,
    /// Forgets the marks.
    UnmarkRuns,
    /// Shows in what two runs differ.
    Differences,
    /// Goes to the cell that the run came from.
    GoToCell,
    /// Copies the id of the run.
    CopyRun,
    /// Shows the runs of the whole notebook, or of the cell again.
    Whole,
    /// Takes what is offered.
    Complete,
}

/// Lays the runs of the selected cell over the panes; from the log, those of the whole notebook.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let scope = match (model.focus, model.entry()) {
        (Focus::Entry, Some(entry)) => match model.cell() {
            Some(CellView::Experiment(view)) => Scope::Cell(entry.slug.clone(), view.experiment.id.clone()),
            _ => Scope::Entry(entry.slug.clone()),
        },
        _ => Scope::Notebook,
    };
    model.overlays.push(Overlay::Runs(Box::new(RunsPanel::new(scope))));
    Vec::new()
}

/// The runs were read.
pub fn read(model: &mut Model, scope: &Scope, table: &Arc<RunTable>) {
    let panels = model.overlays.iter_mut().filter_map(|overlay| match overlay {
        Overlay::Runs(panel) if panel.scope == *scope => Some(panel),
        _ => None,
    });
    let errors: Vec<_> = panels.filter_map(|panel| panel.read(Arc::clone(table)).err()).collect();
    for error in errors {
        say(model, format!("{}: all runs are shown", error.message));
    }
}

/// Does what a key does.
pub fn perform(model: &mut Model, key: TableKey) -> Vec<Effect> {
    let Some(panel) = panel(model) else { return Vec::new() };
    match key {
        TableKey::ColumnLeft => panel.step_column(false),
        TableKey::ColumnRight => panel.step_column(true),
        TableKey::FilterRuns => begin(panel, LinePurpose::Filter),
        TableKey::Columns => begin(panel, LinePurpose::Columns),
        TableKey::Complete => complete(panel),
        TableKey::Sort => {
            if let Err(error) = panel.sort() {
                say(model, error.message);
            }
        }
        TableKey::AllColumns => {
            let query = Query { all: !panel.query.all, columns: Vec::new(), ..panel.query.clone() };
            panel.columns.clear();
            ask(model, query);
        }
        TableKey::Group => {
            let query = Query { grouped: !panel.query.grouped, ..panel.query.clone() };
            ask(model, query);
        }
        TableKey::Pin => pin(model),
        TableKey::MarkRun => mark(model),
        TableKey::MarkAll => mark_all(model),
        TableKey::UnmarkRuns => panel.marked.clear(),
        TableKey::Differences => differences(model),
        TableKey::GoToCell => return go_to_cell(model),
        TableKey::CopyRun => return copy(model),
        TableKey::Whole => whole(model),
    }
    Vec::new()
}

/// Goes to another row; while something is typed, to another of what is offered.
pub fn travel(panel: &mut RunsPanel, motion: Motion, height: usize) {
    match &mut panel.line {
        Some(line) => line.chosen = motion.travel(line.chosen, line.offers.len().saturating_sub(1), 1),
        None => panel.travel(motion, height),
    }
}

/// Adds to what is typed.
pub fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    edit(model, |line| prompt::insert(line, text))
}

/// Changes what is typed.
pub fn edit(model: &mut Model, change: impl FnOnce(&mut String)) -> Vec<Effect> {
    if let Some(panel) = panel(model) {
        panel.edit_line(change);
    }
    Vec::new()
}

/// Is done with typing, if what was typed can be understood.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    if panel(model).is_some_and(|panel| !panel.accept_line()) {
        say(model, "this cannot be understood yet; Esc leaves it as it was");
    }
    Vec::new()
}

/// Out of what is typed, the filter, the baseline; whether there was something to step out of.
pub fn step_out(model: &mut Model) -> bool {
    match panel(model) {
        Some(panel) if panel.line.is_some() => {
            panel.abandon_line();
            true
        }
        Some(panel) => panel.clear_filter(),
        None => false,
    }
}

fn panel(model: &mut Model) -> Option<&mut RunsPanel> {
    match model.overlays.last_mut() {
        Some(Overlay::Runs(panel)) => Some(panel),
        _ => None,
    }
}

fn begin(panel: &mut RunsPanel, purpose: LinePurpose) {
    panel.type_line(purpose);
    panel.edit_line(|_| ());
}

fn complete(panel: &mut RunsPanel) {
    let line = panel.line.as_ref();
    if let Some(offer) = line.and_then(|line| line.offers.get(line.chosen)).cloned() {
        panel.edit_line(|text| *text = completed(text, &offer));
    }
}

fn ask(model: &mut Model, query: Query) {
    if let Some(Err(error)) = panel(model).map(|panel| panel.ask(query)) {
        say(model, error.message);
    }
}

/// Compares all others to the run under the cursor, or stops that.
fn pin(model: &mut Model) {
    let Some(panel) = panel(model) else { return };
    let is_pinned = panel.view.as_ref().is_some_and(|view| view.baseline == Some(panel.at));
    let baseline = panel.run().filter(|_| !is_pinned);
    let query = Query { baseline, ..panel.query.clone() };
    let news = if is_pinned {
        "no longer compared"
    } else {
        "all others are compared to this one: p again stops it"
    };
    ask(model, query);
    say(model, news);
}

fn mark(model: &mut Model) {
    let Some(panel) = panel(model) else { return };
    let Some(run) = panel.run() else { return };
    let row = panel.row_with(&run);
    let table = panel.table.clone();
    let runs = row.iter().filter_map(|&row| table.as_ref()?.run(row));
    let marked: Vec<_> = runs.filter(|run| panel.marked.contains(run)).cloned().collect();
    if marked.is_empty() {
        panel.marked.push(run);
    } else {
        panel.marked.retain(|run| !marked.contains(run));
    }
    let count = panel.marked.len();
    panel.travel(Motion::Down, 1);
    if count == 2 {
        say(model, "two are marked: d shows in what they differ");
    }
}

/// So many rows can be marked at once; more are no comparison.
const MOST_MARKED: usize = 100;

fn mark_all(model: &mut Model) {
    let Some(panel) = panel(model) else { return };
    let rows = panel.view.as_ref().map_or(0, |view| view.len());
    if rows > MOST_MARKED {
        return say(model, format!("{rows} rows are too many to mark: / says which"));
    }
    panel.mark_all();
    say(model, format!("{} marked: c compares them", counted(rows, "row")));
}

/// Shows in what the two marked runs differ; with one marked, or a baseline, in what the run under the cursor differs
/// from that.
fn differences(model: &mut Model) {
    let Some(panel) = panel(model) else { return };
    let (Some(table), Some(here)) = (panel.table.clone(), panel.run()) else { return };
    let pair = match (panel.marked.as_slice(), &panel.query.baseline) {
        ([old, new], _) => Some((old.clone(), new.clone())),
        ([old], _) if *old != here => Some((old.clone(), here)),
        ([], Some(baseline)) if *baseline != here => Some((baseline.clone(), here)),
        _ => None,
    };
    let Some((old, new)) = pair else {
        return say(model, "mark two runs with Space, or pin one with p");
    };
    let (old, new) = (panel.row_with(&old), panel.row_with(&new));
    model.open_sheet(SheetKind::Difference(Arc::new(difference(&table, &old, &new))));
}

fn go_to_cell(model: &mut Model) -> Vec<Effect> {
    let Some(panel) = panel(model) else { return Vec::new() };
    let place = panel.table.as_ref().and_then(|table| table.place(*panel.here().first()?).cloned());
    let Some(place) = place else { return Vec::new() };
    if !model.entries().iter().any(|entry| entry.slug == place.entry) {
        say(model, format!("the entry {} is gone", place.entry));
        return Vec::new();
    }
    model.overlays.clear();
    act::leave(model);
    act::arrive(model, &place.entry, Arrival::Cell(place.cell));
    Vec::new()
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(run) = panel(model).and_then(|panel| panel.run()) else { return Vec::new() };
    say(model, format!("the id of run {} is copied, if the terminal allows it", run.short()));
    vec![Effect::Copy(run.to_string())]
}

/// The runs of the whole notebook, or those of the cell again. What was asked for stays.
fn whole(model: &mut Model) {
    let (slug, cell) = (model.entry().map(|entry| entry.slug.clone()), cell_id(model));
    let Some(panel) = panel(model) else { return };
    panel.scope = match (&panel.scope, slug, cell) {
        (Scope::Notebook, Some(slug), Some(cell)) => Scope::Cell(slug, cell),
        (Scope::Notebook, Some(slug), None) => Scope::Entry(slug),
        _ => Scope::Notebook,
    };
    (panel.table, panel.view) = (None, None);
}

fn cell_id(model: &Model) -> Option<String> {
    match model.cell()? {
        CellView::Experiment(view) => Some(view.experiment.id.clone()),
        _ => None,
    }
}
