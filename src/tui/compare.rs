//! What a comparison is about, and how arms of different cells are laid side by side.

use std::collections::BTreeSet;

use super::model::Model;
use crate::compare::{Group, Results, Summary, summarise};
use crate::notebook::{CellView, Entry, ExperimentView, Reference, Snapshot, find_entry};
use crate::spec::Quantity;

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The marked arms.
    Marks,
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

/// Arms of one cell that take part in a comparison.
struct Part<'a> {
    entry: &'a Entry,
    view: &'a ExperimentView,
    results: Results,
}

/// What `c` compares: what is marked, else the selected cell.
pub fn subject(model: &Model) -> Option<Subject> {
    if !model.marks.is_empty() {
        return Some(Subject::Marks);
    }
    let (entry, index) = (model.entry()?, model.page.cell?);
    let id = match entry.cells.get(index)? {
        CellView::Bad(_) => return None,
        cell => cell.id().map(str::to_owned),
    };
    Some(Subject::Cell { entry: entry.slug.clone(), index, id })
}

/// The comparison of `subject` as it stands, or why there is none.
pub fn summary(model: &Model, subject: &Subject) -> Result<Summary, String> {
    let snapshot = model.snapshot.as_deref().ok_or("the notebook is being read")?;
    match subject {
        Subject::Marks => together(&marked(model, snapshot)),
        Subject::Cell { entry, index, id } => {
            let entry =
                snapshot.entries.iter().find(|other| other.slug == *entry).ok_or("the entry is gone")?;
            let by_id = |id: &String| entry.cells.iter().find(|cell| cell.id() == Some(id));
            let cell =
                id.as_ref().and_then(by_id).or_else(|| entry.cells.get(*index)).ok_or("the cell is gone")?;
            of_cell(snapshot, entry, cell)
        }
    }
}

fn of_cell(snapshot: &Snapshot, entry: &Entry, cell: &CellView) -> Result<Summary, String> {
    match cell {
        CellView::Experiment(view) => Ok(view.summary.clone()),
        CellView::Compare(view) => view.summary.clone().map_err(|problem| problem.to_string()),
        CellView::Claim(view) => together(&evidence(snapshot, entry, &view.claim.from)),
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
fn marked<'a>(model: &Model, snapshot: &'a Snapshot) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for entry in &snapshot.entries {
        for view in experiments(entry) {
            let chosen = |group: &&Group| model.marks.has(&entry.slug, &view.experiment.id, &group.arm);
            let groups: Vec<Group> = view.results.groups.iter().filter(chosen).cloned().collect();
            if !groups.is_empty() {
                let results = Results { axes: view.results.axes.clone(), groups };
                parts.push(Part { entry, view, results });
            }
        }
    }
    parts
}

/// The cells that a claim is `from`.
fn evidence<'a>(snapshot: &'a Snapshot, own: &'a Entry, from: &[String]) -> Vec<Part<'a>> {
    from.iter().filter_map(|name| part(snapshot, own, name)).collect()
}

fn part<'a>(snapshot: &'a Snapshot, own: &'a Entry, name: &str) -> Option<Part<'a>> {
    let reference = Reference::within(name);
    let entry = match reference.entry {
        Some(part) => {
            let slug = find_entry(part, snapshot.entries.iter().map(|entry| entry.slug.as_str())).ok()?;
            snapshot.entries.iter().find(|entry| entry.slug == slug)?.as_ref()
        }
        None => own,
    };
    let view = experiments(entry).find(|view| Some(view.experiment.id.as_str()) == reference.cell)?;
    Some(Part { entry, view, results: view.results.clone() })
}

/// Lays the parts side by side and compares them to the first.
fn together(parts: &[Part<'_>]) -> Result<Summary, String> {
    let results = match parts {
        [] => return Err("there is nothing to compare: mark cells with Space".to_owned()),
        [only] => only.results.clone(),
        several => {
            let names: Vec<String> = several.iter().map(|part| name(part, several)).collect();
            Results::joined(names.iter().map(String::as_str).zip(several.iter().map(|part| &part.results)))
        }
    };
    Ok(summarise(&results, &quantities(parts), None))
}

/// What tells a cell from the others: its id, and its entry where two have the same.
fn name(part: &Part<'_>, parts: &[Part<'_>]) -> String {
    let id = &part.view.experiment.id;
    let twins = parts.iter().filter(|other| other.view.experiment.id == *id).count();
    if twins > 1 { format!("{}#{id}", part.entry.slug) } else { id.clone() }
}

/// Whatever any of the cells shows, in the order of the catalogue.
fn quantities(parts: &[Part<'_>]) -> Vec<Quantity> {
    let series = parts.iter().flat_map(|part| &part.view.summary.series);
    series.map(|series| series.quantity).collect::<BTreeSet<_>>().into_iter().collect()
}
