//! `lowland compare`: any cells or arms side by side, drawn or as data.

use super::Exit;
use super::args::Compare;
use super::output::Output;
use super::target::{Target, UsageError};
use crate::base::suggest;
use crate::compare::{Results, summarise};
use crate::notebook::{CellView, Detail, ExperimentView, Notebook, Snapshot};
use crate::render::comparison;
use crate::spec::Quantity;

/// Compares what was named.
pub fn compare(args: &Compare, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot(|_| Detail::Curves);
    let show = args.show.iter().map(|name| quantity(name)).collect::<Result<Vec<_>, _>>()?;
    let chosen = args.targets.iter().map(|text| chosen(text, &snapshot)).collect::<Result<Vec<_>, _>>()?;
    let results = match chosen.as_slice() {
        [(_, only)] => only.clone(),
        several => Results::joined(several.iter().map(|(name, results)| (name.as_str(), results))),
    };
    if let Some(baseline) = &args.baseline
        && !results.groups.iter().any(|group| group.arm == *baseline)
    {
        let arms: Vec<&str> = results.groups.iter().map(|group| group.arm.as_str()).collect();
        let advice = suggest::advice(baseline, &arms);
        return Err(UsageError(format!("there is no arm `{baseline}` ({advice})")).into());
    }
    let summary = summarise(&results, &show, args.baseline.as_deref());
    if args.json {
        output.json(&summary)?;
    } else {
        output.lines(&comparison::full(&summary, output.width, output.look))?;
    }
    Ok(Exit::Fine)
}

fn quantity(name: &str) -> Result<Quantity, UsageError> {
    Quantity::find(name).map_err(|(message, advice)| UsageError(format!("{message} ({advice})")))
}

/// The results that `entry`, `entry#cell` or `entry#cell:arm` names, and what to call them.
fn chosen(text: &str, snapshot: &Snapshot) -> Result<(String, Results), UsageError> {
    let (cell, arm) = match text.split_once(':') {
        Some((cell, arm)) => (cell, Some(arm)),
        None => (text, None),
    };
    let target = Target::find(cell, snapshot)?;
    let experiments: Vec<&ExperimentView> = target
        .cells()
        .filter_map(|cell| match cell {
            CellView::Experiment(view) => Some(view.as_ref()),
            _ => None,
        })
        .collect();
    let view = match experiments.as_slice() {
        [only] => *only,
        // An entry may have heavier experiments beside the one it is about.
        [] => return Err(UsageError(format!("`{cell}` has no experiment"))),
        [first, others @ ..] if others.iter().all(|view| view.experiment.full_cost) => *first,
        several => {
            let ids: Vec<_> = several.iter().map(|view| format!("{cell}#{}", view.experiment.id)).collect();
            return Err(UsageError(format!("`{cell}` could be any of {}", ids.join(", "))));
        }
    };
    let name = view.experiment.id.clone();
    let Some(arm) = arm else { return Ok((name, view.results.clone())) };
    let arms: Vec<&str> = view.experiment.arms.iter().map(String::as_str).collect();
    if !arms.contains(&arm) {
        return Err(UsageError(format!("`{cell}` has no arm `{arm}` ({})", suggest::advice(arm, &arms))));
    }
    Ok((name, view.results.of_arm(arm)))
}
