//! `lowland stop`: asks whoever trains to stop.

use super::Exit;
use super::args::Stop;
use super::output::Output;
use super::target::Target;
use crate::base::RunId;
use crate::notebook::{CellView, Detail, Notebook};
use crate::runner::control;

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
    match control::stop(notebook.root(), runs.as_deref())? {
        0 => output.print("nothing is running here\n")?,
        1 => output.print("asked it to stop\n")?,
        several => output.print(&format!("asked {several} of them to stop\n"))?,
    }
    Ok(Exit::Fine)
}
