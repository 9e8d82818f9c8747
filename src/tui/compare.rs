//! What a comparison is about, and how arms of different cells are laid side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::model::Model;
use super::overlay::Overlay;
use super::rows::{self, TableRow};
use crate::compare::results::Choice;
use crate::compare::{Compared, Results};
use crate::notebook::{CellView, Entry, ExperimentView, Reference, Snapshot, find_entry};
use crate::spec::Quantity;

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The marked arms.
    Marks,
    /// Rows of the table of runs.
    Rows(Vec<TableRow>),
    /// A cell.
    Cell {
        /// Slug of its entry.
        entry: String,
        /// Its place among the cells of the entry.
        index: usize,
        /// Its id, if it has one.
        id: Option<String>,
    },
}

/// Said while an entry that takes part is known only at a glance.
pub const BEING_READ: &str = "the runs are being read";

/// Arms of one cell that take part in a comparison: all, or one.
struct Part<'a> {
    entry: &'a Entry,
    view: &'a ExperimentView,
    arm: Option<&'a str>,
}

/// What `c` compares: rows of the table of runs, where that lies over the panes; else what is marked, else the selected
/// cell, else the first experiment of the entry.
pub fn subject(model: &Model) -> Option<Subject> {
    if let Some(Overlay::Runs(panel)) = model.overlays.last() {
        return Some(panel.to_compare()).filter(|rows| !rows.is_empty()).map(Subject::Rows);
    }
    if !model.marks.is_empty() {
        return Some(Subject::Marks);
    }
    let entry = model.entry()?;
    let is_experiment = |cell: &CellView| matches!(cell, CellView::Experiment(_));
    let index = model.page.cell.or_else(|| entry.cells.iter().position(is_experiment))?;
    let id = match entry.cells.get(index)? {
        CellView::Bad(_) => return None,
        cell => cell.id().map(str::to_owned),
    };
    Some(Subject::Cell { entry: entry.slug.clone(), index, id })
}

/// The comparison of `subject` as it stands, or why there is none.
pub fn compared(model: &Model, subject: &Subject) -> Result<Compared, String> {
    let snapshot = model.snapshot.as_deref().ok_or("the notebook is being read")?;
    match subject {
        Subject::Marks => together(&marked(model, snapshot)?),
        Subject::Rows(rows) => rows::compared(snapshot, rows),
        Subject::Cell { .. } => {
            let (entry, cell) = find(snapshot, subject)?;
            of_cell(snapshot, entry, cell)
        }
    }
}

/// The entry and the cell that are compared.
fn find<'a>(snapshot: &'a Snapshot, subject: &Subject) -> Result<(&'a Entry, &'a CellView), String> {
    let Subject::Cell { entry, index, id } = subject else { return Err("this is no cell".to_owned()) };
    let entry = snapshot.entries.iter().find(|other| other.slug == *entry).ok_or("the entry is gone")?;
    if !entry.is_read {
        return Err(BEING_READ.to_owned());
    }
    let by_id = |id: &String| entry.cells.iter().find(|cell| cell.id() == Some(id));
    let cell = id.as_ref().and_then(by_id).or_else(|| entry.cells.get(*index)).ok_or("the cell is gone")?;
    Ok((entry.as_ref(), cell))
}

/// The entries whose runs are compared: they are read with their curves while they are looked at.
pub fn entries<'a>(model: &'a Model, subject: &Subject) -> Vec<&'a Arc<Entry>> {
    let Some(snapshot) = model.snapshot.as_deref() else { return Vec::new() };
    let mut slugs: BTreeSet<&str> = BTreeSet::new();
    match subject {
        Subject::Marks => slugs.extend(model.marks.entries()),
        Subject::Rows(rows) => slugs.extend(rows.iter().map(|row| row.entry.as_str())),
        Subject::Cell { .. } => {
            if let Ok((own, cell)) = find(snapshot, subject) {
                slugs.insert(&own.slug);
                slugs.extend(named(cell).iter().filter_map(|name| abroad(snapshot, name)));
            } else if let Subject::Cell { entry, .. } = subject {
                slugs.extend(
                    snapshot.entries.iter().map(|other| other.slug.as_str()).filter(|slug| slug == entry),
                );
            }
        }
    }
    snapshot.entries.iter().filter(|entry| slugs.contains(entry.slug.as_str())).collect()
}

/// The experiments that a cell names.
fn named(cell: &CellView) -> &[String] {
    match cell {
        CellView::Compare(view) => &view.compare.of,
        CellView::Claim(view) => &view.claim.from,
        CellView::Experiment(_) | CellView::Ledger(_) | CellView::Bad(_) => &[],
    }
}

/// The other entry that a name leads to.
fn abroad<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a str> {
    let part = Reference::within(name).entry?;
    find_entry(part, snapshot.entries.iter().map(|entry| entry.slug.as_str())).ok()
}

fn of_cell(snapshot: &Snapshot, entry: &Entry, cell: &CellView) -> Result<Compared, String> {
    match cell {
        CellView::Experiment(view) => {
            Ok(Compared { results: view.results.clone(), summary: view.summary.clone() })
        }
        CellView::Compare(view) => {
            if let Err(problem) = &view.summary {
                return Err(problem.to_string());
            }
            let parts = evidence(snapshot, entry, &view.compare.of)?;
            let results = beside(&parts);
            Ok(Compared::new(results, &view.compare.show, view.compare.baseline.as_deref()))
        }
        CellView::Claim(view) => together(&evidence(snapshot, entry, &view.claim.from)?),
        CellView::Ledger(_) => Err("a ledger compares nothing".to_owned()),
        CellView::Bad(problem) => Err(problem.to_string()),
    }
}

/// The experiments of an entry.
pub fn experiments(entry: &Entry) -> impl Iterator<Item = &ExperimentView> {
    entry.cells.iter().filter_map(|cell| match cell {
        CellView::Experiment(view) => Some(view.as_ref()),
        _ => None,
    })
}

/// The marked arms, in the order of the log.
fn marked<'a>(model: &Model, snapshot: &'a Snapshot) -> Result<Vec<Part<'a>>, String> {
    let mut parts = Vec::new();
    for entry in snapshot.entries.iter().filter(|entry| model.marks.any_of(&entry.slug)) {
        if !entry.is_read {
            return Err(BEING_READ.to_owned());
        }
        for view in experiments(entry) {
            let arms = view.experiment.arms.iter();
            let own = arms.filter(|arm| model.marks.has(&entry.slug, &view.experiment.id, arm));
            let own: Vec<&str> = own.map(String::as_str).collect();
            if own.len() == view.experiment.arms.len() {
                parts.push(Part { entry, view, arm: None });
            } else {
                parts.extend(own.into_iter().map(|arm| Part { entry, view, arm: Some(arm) }));
            }
        }
    }
    Ok(parts)
}

/// The arms that names mean, seen from the entry `own`.
fn evidence<'a>(snapshot: &'a Snapshot, own: &'a Entry, from: &'a [String]) -> Result<Vec<Part<'a>>, String> {
    let parts = from.iter().map(|name| part(snapshot, own, name));
    Ok(parts.collect::<Result<Vec<_>, String>>()?.into_iter().flatten().collect())
}

fn part<'a>(snapshot: &'a Snapshot, own: &'a Entry, name: &'a str) -> Result<Option<Part<'a>>, String> {
    let reference = Reference::within(name);
    let entry = match reference.entry {
        Some(_) => {
            let slug = abroad(snapshot, name);
            let Some(entry) = snapshot.entries.iter().find(|entry| Some(entry.slug.as_str()) == slug) else {
                return Ok(None);
            };
            entry.as_ref()
        }
        None => own,
    };
    if !entry.is_read {
        return Err(BEING_READ.to_owned());
    }
    let view = experiments(entry).find(|view| Some(view.experiment.id.as_str()) == reference.cell);
    Ok(view.map(|view| Part { entry, view, arm: reference.arm }))
}

/// Lays the parts side by side and compares them to the first.
fn together(parts: &[Part<'_>]) -> Result<Compared, String> {
    if parts.is_empty() {
        return Err("there is nothing to compare: mark cells with Space".to_owned());
    }
    Ok(Compared::new(beside(parts), &quantities(parts), None))
}

fn beside(parts: &[Part<'_>]) -> Results {
    let names: Vec<String> = parts.iter().map(|part| name(part, parts)).collect();
    let chosen = parts.iter().zip(&names).map(|(part, name)| Choice {
        name,
        results: &part.view.results,
        arm: part.arm,
    });
    Results::beside(&chosen.collect::<Vec<_>>())
}

/// The entry that a comparison is written into: that of its cell or of its first row, else the selected one.
pub fn subject_entry<'a>(model: &'a Model, subject: &Subject) -> Option<&'a Arc<Entry>> {
    match subject {
        Subject::Cell { entry, .. } => model.entries().iter().find(|other| other.slug == *entry),
        Subject::Rows(rows) => {
            let first = rows.first().map(|row| row.entry.as_str());
            model.entries().iter().find(|other| Some(other.slug.as_str()) == first)
        }
        Subject::Marks => model.entry(),
    }
}

/// What is compared, as a compare cell of the entry `own` names it.
pub fn references(model: &Model, subject: &Subject, own: &Entry) -> Result<Vec<String>, String> {
    let snapshot = model.snapshot.as_deref().ok_or(BEING_READ)?;
    let parts = match subject {
        Subject::Marks => marked(model, snapshot)?,
        // A cell names arms, and no single runs.
        Subject::Rows(rows) => rows.iter().filter_map(|row| arm_of(snapshot, row)).collect(),
        Subject::Cell { .. } => {
            let (entry, cell) = find(snapshot, subject)?;
            match cell {
                CellView::Experiment(view) => vec![Part { entry, view, arm: None }],
                other => evidence(snapshot, entry, named(other))?,
            }
        }
    };
    let mut names: Vec<String> = Vec::new();
    for name in parts.iter().map(|part| reference(part, own)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The arm that the runs of a row are of.
fn arm_of<'a>(snapshot: &'a Snapshot, row: &'a TableRow) -> Option<Part<'a>> {
    let entry = snapshot.entries.iter().find(|entry| entry.slug == row.entry)?;
    let view = experiments(entry).find(|view| view.experiment.id == row.cell)?;
    Some(Part { entry, view, arm: Some(&row.arm) })
}

fn reference(part: &Part<'_>, own: &Entry) -> String {
    let entry = if part.entry.slug == own.slug { String::new() } else { format!("{}#", part.entry.slug) };
    let arm = part.arm.map(|arm| format!(":{arm}")).unwrap_or_default();
    format!("{entry}{}{arm}", part.view.experiment.id)
}

/// What tells a cell from the others: its id, and its entry where two have the same.
fn name(part: &Part<'_>, parts: &[Part<'_>]) -> String {
    let id = &part.view.experiment.id;
    let is_twin = |other: &&Part<'_>| other.view.experiment.id == *id && other.entry.slug != part.entry.slug;
    if parts.iter().any(|other| is_twin(&other)) { format!("{}#{id}", part.entry.slug) } else { id.clone() }
}

/// Whatever any of the cells shows, in the order of the catalogue.
fn quantities(parts: &[Part<'_>]) -> Vec<Quantity> {
    let series = parts.iter().flat_map(|part| &part.view.summary.series);
    series.map(|series| series.quantity).collect::<BTreeSet<_>>().into_iter().collect()
}
