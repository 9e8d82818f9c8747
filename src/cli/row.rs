//! Which row of a table of runs is meant: a run by the beginning of its id, or whatever a filter leaves one row of.

use super::target::UsageError;
use crate::base::RunId;
use crate::compare::runs::{Query, RunTable, View};
use crate::spec::query::{self, Problem};

/// So many rows are named where it could be any of them.
const NAMED: usize = 5;

/// What a reader of `text` is told of a mistake in it.
pub fn told(error: &Problem, text: &str) -> UsageError {
    let Problem { message, help, .. } = error;
    let help = help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    UsageError(format!("{message}{help} in `{text}`"))
}

/// The first run of the row that `text` leaves: a single run, or the mean over seeds that it is in.
pub fn find(text: &str, table: &RunTable, grouped: bool) -> Result<RunId, UsageError> {
    let filter = query::filter(text).map_err(|error| told(&error, text))?;
    let view = View::new(table, &Query { filter, grouped, ..Query::default() });
    let view = view.map_err(|error| told(&error, text))?;
    let first = |row: usize| view.runs(row).first().copied();
    match (view.len(), first(0).and_then(|run| table.run(run))) {
        (1, Some(run)) => Ok(run.clone()),
        (0, _) | (_, None) => Err(UsageError(format!("no run passes `{text}`"))),
        (count, _) => {
            let names = (0..count.min(NAMED)).filter_map(|row| {
                let run = first(row)?;
                let id = table.run(run).filter(|_| !grouped).map_or("", RunId::short);
                Some(format!("{id} {}", view.name(table, run)).trim().to_owned())
            });
            let names = names.collect::<Vec<_>>().join(", ");
            let more = if count > NAMED { " …" } else { "" };
            Err(UsageError(format!("`{text}` could be any of {count} rows: {names}{more}")))
        }
    }
}

/// All runs of the row with that one: itself, or its group.
pub fn runs(run: &RunId, table: &RunTable, grouped: bool) -> Vec<u32> {
    let view = View::new(table, &Query { grouped, ..Query::default() });
    let row = || Some(view.ok()?.runs_with(table.row(run)?)?.to_vec());
    row().unwrap_or_default()
}
