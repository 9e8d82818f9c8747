//! `lowland stop`: asks whoever trains to stop.

use std::collections::BTreeSet;

use super::Exit;
use super::args::Stop;
use super::output::Output;
use super::target::{Target, UsageError};
use crate::base::RunId;
use crate::base::text::counted;
use crate::notebook::{CellView, Detail, Notebook, Reference, find_entry};
use crate::runner::Seat;
use crate::runner::supervisor::Client;

/// Stops runs of entries or cells, or all of the notebook.
pub fn stop(args: &Stop, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let mut client = Client::new(notebook.root());
    client.poll();
    let roster = client.roster().clone();
    let mut open = roster.queued.iter().collect::<Vec<_>>();
    open.extend(roster.running.iter().map(|(run, going)| (run, &going.seat)));
    let runs = if args.targets.is_empty() { None } else { Some(named(args, &mut notebook, &open)?) };
    let hit = open.iter().filter(|(run, _)| runs.as_ref().is_none_or(|runs| runs.contains(run))).count();
    if hit == 0 {
        output.print("nothing is running here\n")?;
    } else {
        client.stop(runs)?;
        output.print(&format!("stopping {}\n", counted(hit, "run")))?;
    }
    Ok(Exit::Fine)
}

/// The runs of the entries and cells that are named: those they ask for now, and those that are going because they
/// asked for them before they were changed.
fn named(args: &Stop, notebook: &mut Notebook, open: &[(&RunId, &Seat)]) -> Result<Vec<RunId>, UsageError> {
    let snapshot = notebook.snapshot_about(&args.targets, Detail::Verdicts);
    let mut runs: Vec<RunId> = Vec::new();
    for text in &args.targets {
        let target = match Target::find(text, &snapshot) {
            Ok(target) => target,
            // An entry or cell that is gone may have left runs behind.
            Err(error) => match left_behind(text, open) {
                left if left.is_empty() => return Err(error),
                left => {
                    runs.extend(left);
                    continue;
                }
            },
        };
        let slug = &target.entry.slug;
        for cell in target.cells() {
            if let CellView::Experiment(view) = cell {
                runs.extend(view.runs.iter().cloned());
                runs.extend(asked_for(slug, Some(&view.experiment.id), open));
            }
        }
        if target.cell.is_none() {
            runs.extend(asked_for(slug, None, open));
        }
    }
    Ok(runs)
}

/// The runs that this entry, or one cell of it, has asked for.
fn asked_for<'a>(
    entry: &'a str,
    cell: Option<&'a str>,
    open: &'a [(&RunId, &Seat)],
) -> impl Iterator<Item = RunId> + 'a {
    let is_of_it =
        move |seat: &Seat| seat.origin.entry == entry && cell.is_none_or(|cell| seat.origin.cell == cell);
    open.iter().filter(move |(_, seat)| is_of_it(seat)).map(|(run, _)| (*run).clone())
}

/// The runs of an entry or cell that is named as if it were there.
fn left_behind(text: &str, open: &[(&RunId, &Seat)]) -> Vec<RunId> {
    let reference = Reference::outside(text);
    let entries: BTreeSet<&str> = open.iter().map(|(_, seat)| seat.origin.entry.as_str()).collect();
    let entry = find_entry(reference.entry.unwrap_or_default(), entries.iter().copied());
    entry.map_or_else(|_| Vec::new(), |entry| asked_for(entry, reference.cell, open).collect())
}
