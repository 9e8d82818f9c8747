//! `lowland stop`: asks whoever trains to stop.

use super::Exit;
use super::args::Stop;
use super::output::Output;
use super::target::{Target, UsageError};
use crate::base::RunId;
use crate::base::text::counted;
use crate::notebook::{CellView, Detail, Notebook};
use crate::runner::supervisor::Client;

/// Stops runs of entries or cells, or all of the notebook.
pub fn stop(args: &Stop, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let mut client = Client::new(notebook.root());
    client.poll();
    let roster = client.roster().clone();
    let mut open = roster.queued.iter().map(|(run, kind)| (run, kind.as_str())).collect::<Vec<_>>();
    open.extend(roster.running.iter().map(|(run, going)| (run, going.kind.as_str())));
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
fn named(args: &Stop, notebook: &mut Notebook, open: &[(&RunId, &str)]) -> Result<Vec<RunId>, UsageError> {
    let snapshot = notebook.snapshot(|_| Detail::Verdicts);
    let mut runs: Vec<RunId> = Vec::new();
    for text in &args.targets {
        let asked_for = |begin: &str| {
            let kinds = open.iter().filter(|(_, kind)| kind.starts_with(begin));
            kinds.map(|(run, _)| (*run).clone()).collect::<Vec<_>>()
        };
        let target = match Target::find(text, &snapshot) {
            Ok(target) => target,
            // An entry that is gone may have left runs behind.
            Err(error) => match asked_for(text) {
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
                runs.extend(asked_for(&format!("{slug}#{} ", view.experiment.id)));
            }
        }
        if target.cell.is_none() {
            runs.extend(asked_for(&format!("{slug}#")));
        }
    }
    Ok(runs)
}
