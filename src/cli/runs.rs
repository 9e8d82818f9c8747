//! `lowland runs`: the table of runs, as the screen shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::Exit;
use super::args::Runs;
use super::output::{self, Output};
use super::row::{self, told};
use super::target::UsageError;
use crate::base::text::counted;
use crate::compare::runs::difference::Changed;
use crate::compare::runs::{Query, RunTable, Value, View, difference};
use crate::notebook::{Notebook, Reference, RunOrder, Scope, find_entry};
use crate::render::runs::{self, Grid, Sight};
use crate::spec::query;

/// A row, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    entry: &'a str,
    cell: &'a str,
    arm: &'a str,
    /// Ids of its runs: one, or those of the group.
    runs: Vec<&'a str>,
    /// How many there are of each state.
    status: BTreeMap<&'static str, usize>,
    /// What stands in its columns.
    columns: serde_json::Map<String, Json>,
}

/// Prints the table.
pub fn runs(args: &Runs, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let scope = match &args.target {
        Some(target) => scope(target, &mut notebook)?,
        None => Scope::Notebook,
    };
    let mut query = query(args)?;
    let tags = notebook.tags();
    let order = RunOrder { scope, reductions: query.reductions() };
    let table = notebook.runs(&order, tags);
    if let Some([old, new]) = args.diff.as_deref() {
        return differ([old, new], &table, args, output);
    }
    if let Some(baseline) = &args.baseline {
        query.baseline = Some(row::find(baseline, &table, args.group)?);
    }
    let view = View::new(&table, &query).map_err(|error| told(&error, &whole(args)))?;
    if args.json {
        output.json(&(0..view.len()).filter_map(|row| json_row(&table, &view, row)).collect::<Vec<_>>())?;
        return Ok(Exit::Fine);
    }
    print(&table, &view, args, output)?;
    Ok(Exit::Fine)
}

/// Prints in what two rows differ.
fn differ(names: [&String; 2], table: &RunTable, args: &Runs, output: &Output) -> anyhow::Result<Exit> {
    let row =
        |text: &String| row::find(text, table, args.group).map(|run| row::runs(&run, table, args.group));
    let told = difference(table, &row(names[0])?, &row(names[1])?);
    if args.json {
        let changed = |all: &[Changed]| -> Vec<Json> { all.iter().map(json_change).collect() };
        let [from, to] = &told.names;
        let (settings, outcomes) = (changed(&told.settings), changed(&told.outcomes));
        output.json(&json!({
            "from": from, "to": to, "settings": settings, "outcomes": outcomes, "same": told.same,
        }))?;
    } else {
        output.lines(&runs::difference(&told, output.width, output.look))?;
    }
    Ok(Exit::Fine)
}

fn json_change(changed: &Changed) -> Json {
    let Changed { name, old, new, change } = changed;
    let change = match change {
        Value::Change(number) => json!(number),
        Value::MeanChange(estimate) => json!(estimate),
        _ => Json::Null,
    };
    json!({"name": name, "old": json_value(old), "new": json_value(new), "change": change})
}

fn print(table: &RunTable, view: &View, args: &Runs, output: &Output) -> anyhow::Result<()> {
    if view.is_empty() {
        output::note(if table.is_empty() { "no runs yet" } else { "no run passes the filter" });
        return Ok(());
    }
    // What was asked for by name is never left out.
    let width = if args.columns.is_some() { usize::from(u16::MAX) } else { output.width };
    let sight = Sight { top: 0, height: view.len(), left: 0, width, cursor: None, marked: &|_| false };
    let grid = Grid { table, view, look: output.look };
    output.lines(&grid.lines(&sight))?;
    if let Some(label) = view.baseline_label(table) {
        output::note(&format!("outcomes are differences to {label}"));
    }
    let left_out = grid.left_out(&sight);
    if !left_out.is_empty() {
        output::note(&format!("{} left out: {}", counted(left_out.len(), "column"), left_out.join(", ")));
    }
    Ok(())
}

fn query(args: &Runs) -> Result<Query, UsageError> {
    let filter = args.filter.as_deref().unwrap_or_default();
    let columns = args.columns.as_deref().unwrap_or_default();
    Ok(Query {
        filter: query::filter(filter).map_err(|error| told(&error, filter))?,
        columns: query::columns(columns).map_err(|error| told(&error, columns))?,
        sort: match &args.sort {
            Some(sort) => Some(query::sort(sort).map_err(|error| told(&error, sort))?),
            None => None,
        },
        grouped: args.group,
        all: args.all,
        baseline: None,
    })
}

/// Everything that was asked, for an error that may be about any of it.
fn whole(args: &Runs) -> String {
    [&args.filter, &args.columns, &args.sort].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
}

/// The entry or cell that is meant.
fn scope(target: &str, notebook: &mut Notebook) -> Result<Scope, UsageError> {
    let reference = Reference::outside(target);
    let slugs = notebook.slugs();
    let part = reference.entry.unwrap_or_default();
    let entry = find_entry(part, slugs.iter().map(String::as_str)).map_err(UsageError)?.to_owned();
    Ok(match reference.cell {
        None => Scope::Entry(entry),
        Some(cell) if notebook.has_cell(&entry, cell) => Scope::Cell(entry, cell.to_owned()),
        Some(cell) => return Err(UsageError(format!("{entry} has no experiment `{cell}`"))),
    })
}

fn json_row<'a>(table: &'a RunTable, view: &View, row: usize) -> Option<Row<'a>> {
    let runs = view.runs(row);
    let place = table.place(*runs.first()?)?;
    let mut status = BTreeMap::new();
    for &run in runs {
        *status.entry(table.state(run).name()).or_insert(0) += 1;
    }
    let columns =
        view.columns.iter().map(|column| (column.title.clone(), json_value(&view.value(table, row, column))));
    Some(Row {
        entry: &place.entry,
        cell: &place.cell,
        arm: &place.arm,
        runs: runs.iter().filter_map(|&run| table.run(run)).map(crate::base::RunId::as_str).collect(),
        status,
        columns: columns.collect(),
    })
}

/// A value as data; NaN, which JSON has not, is null.
fn json_value(value: &Value) -> Json {
    match value {
        Value::Nothing | Value::Pending | Value::Same => Json::Null,
        Value::Number(number) => json!(number),
        Value::Change(number) => json!({"change": number}),
        Value::Text(text) => json!(text),
        Value::State(state) => json!(state.name()),
        Value::States(states) => {
            states.iter().map(|(name, count)| (name.to_string(), json!(count))).collect()
        }
        Value::Mean(estimate) => json!(estimate),
        Value::MeanChange(estimate) => json!({"change": estimate}),
        Value::Several(count) => json!({"different": count}),
    }
}
