//! Rows of the table of runs side by side: single runs, or means over seeds, of any cells.

use super::compare::BEING_READ;
use crate::base::RunId;
use crate::compare::{Compared, Group, Results};
use crate::notebook::{ExperimentView, Snapshot};
use crate::spec::Quantity;

/// A row of the table of runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// What tells it from the others.
    pub name: String,
    /// Slug of the entry in which its runs stand.
    pub entry: String,
    /// Id of their cell.
    pub cell: String,
    /// Their arm.
    pub arm: String,
    /// The runs.
    pub runs: Vec<RunId>,
}

/// The rows compared to the first of them; what no cell asks for any more is left out.
pub fn compared(snapshot: &Snapshot, rows: &[TableRow]) -> Result<Compared, String> {
    let mut groups = Vec::new();
    let mut quantities: Vec<Quantity> = Vec::new();
    for row in rows {
        let Some(entry) = snapshot.entries.iter().find(|entry| entry.slug == row.entry) else { continue };
        if !entry.is_read {
            return Err(BEING_READ.to_owned());
        }
        let view = super::compare::experiments(entry).find(|view| view.experiment.id == row.cell);
        let Some((view, group)) = view.and_then(|view| Some((view, group(view, row)?))) else { continue };
        groups.push(group);
        quantities.extend(view.summary.series.iter().map(|series| series.quantity));
    }
    if groups.is_empty() {
        return Err("no cell asks for these runs any more".to_owned());
    }
    quantities.sort_unstable();
    quantities.dedup();
    Ok(Compared::new(Results { axes: Vec::new(), groups }, &quantities, None))
}

/// The runs of a row, as far as their cell asks for them.
fn group(view: &ExperimentView, row: &TableRow) -> Option<Group> {
    let members = view.results.groups.iter().flat_map(|group| &group.members);
    let own = view.runs.iter().zip(members).filter(|(run, _)| row.runs.contains(run));
    let members: Vec<_> = own.map(|(_, member)| member.clone()).collect();
    (!members.is_empty()).then(|| Group { arm: row.name.clone(), members, ..Group::default() })
}

/// `3 rows`, with how many of them are left out.
pub fn in_words(rows: &[TableRow], found: Option<&Compared>) -> String {
    let all = crate::base::text::counted(rows.len(), "row");
    match found.map(|compared| rows.len() - compared.results.groups.len()) {
        Some(lost @ 1..) => format!("{all}, {lost} of them in no cell any more"),
        _ => all,
    }
}
