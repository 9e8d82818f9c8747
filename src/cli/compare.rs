//! `lowland compare`: any cells or arms side by side, drawn or as data.

use super::Exit;
use super::args::Compare;
use super::output::Output;
use super::target::UsageError;
use super::weighed;
use crate::base::suggest;
use crate::compare::{Results, summarise};
use crate::notebook::{Detail, Notebook, Snapshot};
use crate::render::comparison;
use crate::spec::Quantity;

/// Compares what was named.
pub fn compare(args: &Compare, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot_about(&args.targets, Detail::Curves);
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
    let (view, arm) = weighed::experiment(text, snapshot)?;
    let name = view.experiment.id.clone();
    Ok(match arm {
        None => (name, view.results.clone()),
        Some(arm) => (name, view.results.of_arm(arm)),
    })
}
