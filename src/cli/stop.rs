//! `lowland stop`: asks whoever trains to stop.

use super::Exit;
use super::args::Stop;
use super::output::Output;
use super::target::Target;
use crate::base::RunId;
use crate::base::text::counted;
use crate::notebook::{CellView, Detail, Notebook};
use crate::runner::supervisor::Client;

/// Stops runs of entries or cells, or all of the notebook.
pub fn stop(args: &Stop, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let runs = if args.targets.is_empty() {
        None
    } else {
        let snapshot = notebook.snapshot(|_| Detail::Verdicts);
        let mut runs: Vec<RunId> = Vec::new();
        for text in &args.targets {
            let target = Target::find(text, &snapshot)?;
            runs.extend(
                target
                    .cells()
                    .filter_map(|cell| match cell {
                        CellView::Experiment(view) => Some(view.runs.iter().cloned()),
                        _ => None,
                    })
                    .flatten(),
            );
        }
        Some(runs)
    };
    let mut client = Client::new(notebook.root());
    client.poll();
    let roster = client.roster();
    let open = roster.queued.keys().chain(roster.running.keys());
    let hit = open.filter(|run| runs.as_ref().is_none_or(|runs| runs.contains(run))).count();
    if hit == 0 {
        output.print("nothing is running here\n")?;
    } else {
        client.stop(runs)?;
        output.print(&format!("stopping {}\n", counted(hit, "run")))?;
    }
    Ok(Exit::Fine)
}
