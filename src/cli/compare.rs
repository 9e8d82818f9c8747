//! `lowland compare`: any cells or arms side by side, drawn or as data.

use super::Exit;
use super::args::Compare;
use super::output::Output;
use super::target::UsageError;
use super::weighed;
use crate::base::suggest;
use crate::compare::results::Choice;
use crate::compare::{Compared, Results};
use crate::notebook::{Detail, ExperimentView, Notebook, Snapshot};
use crate::render::comparison::{Paper, View, sheet, traced};
use crate::spec::Quantity;

/// Rows of each chart.
const ROWS: usize = 9;

/// Compares what was named.
pub fn compare(args: &Compare, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot_about(&args.targets, Detail::Curves);
    let show = args.show.iter().map(|name| quantity(name)).collect::<Result<Vec<_>, _>>()?;
    let chosen = args.targets.iter().map(|text| chosen(text, &snapshot)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = chosen.iter().map(|one| called(one, &chosen)).collect();
    let side_by_side = chosen.iter().zip(&names).map(|((_, view, arm), name)| Choice {
        name,
        results: &view.results,
        arm: *arm,
    });
    let results = Results::beside(&side_by_side.collect::<Vec<_>>());
    if let Some(baseline) = &args.baseline
        && !results.groups.iter().any(|group| group.arm == *baseline)
    {
        let arms: Vec<&str> = results.groups.iter().map(|group| group.arm.as_str()).collect();
        let advice = suggest::advice(baseline, &arms);
        return Err(UsageError(format!("there is no arm `{baseline}` ({advice})")).into());
    }
    let compared = Compared::new(results, &show, args.baseline.as_deref());
    if args.json {
        output.json(&compared.summary)?;
    } else {
        let view = View { seeds: args.seeds, ..View::default() };
        let traced = traced(&compared, &view);
        let paper = Paper { columns: output.width, rows: ROWS, look: output.look };
        output.lines(&sheet(&compared, &traced, &view, None, paper).lines)?;
    }
    Ok(Exit::Fine)
}

fn quantity(name: &str) -> Result<Quantity, UsageError> {
    Quantity::find(name).map_err(|(message, advice)| UsageError(format!("{message} ({advice})")))
}

/// What a target means: its entry, its experiment, and the arm if one is named.
type Chosen<'a> = (&'a str, &'a ExperimentView, Option<&'a str>);

fn chosen<'a>(text: &'a str, snapshot: &'a Snapshot) -> Result<Chosen<'a>, UsageError> {
    let (view, arm) = weighed::experiment(text, snapshot)?;
    let entry = text.split(['#', ':']).next().unwrap_or(text);
    Ok((entry, view, arm))
}

/// What tells its cell from the others: its id, and its entry where another has the same.
fn called((entry, view, _): &Chosen<'_>, all: &[Chosen<'_>]) -> String {
    let id = &view.experiment.id;
    let is_twin = |other: &Chosen<'_>| other.1.experiment.id == *id && !std::ptr::eq(other.1, *view);
    if all.iter().any(is_twin) { format!("{entry}#{id}") } else { id.clone() }
}
