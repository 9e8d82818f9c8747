//! `lowland list`: the log, a line per entry.

use serde::Serialize;

use super::Exit;
use super::args::List;
use super::output::Output;
use super::running::running;
use crate::compare::{CellState, Cost, Outcome};
use crate::notebook::{CellView, Detail, Entry, Glance, Notebook};

/// One entry, as `--json` prints it.
#[derive(Serialize)]
struct Listed<'a> {
    entry: &'a str,
    date: &'a str,
    title: &'a str,
    tags: &'a [String],
    question: &'a str,
    experiments: Vec<Experiment<'a>>,
    supported: usize,
    refuted: usize,
    inconclusive: usize,
    not_run: usize,
    problems: Vec<String>,
}

/// One experiment cell.
#[derive(Serialize)]
struct Experiment<'a> {
    cell: &'a str,
    runs: usize,
    missing: usize,
    #[serde(flatten)]
    state: &'a CellState,
    cost: &'a Cost,
}

/// Prints the log.
pub fn list(args: &List, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    if args.running {
        return running(args.json, &notebook, output);
    }
    let diagnostics = if args.json {
        let snapshot = notebook.snapshot(|_| Detail::Verdicts);
        let listed: Vec<_> = snapshot.entries.iter().map(|entry| listed(entry)).collect();
        output.json(&listed)?;
        snapshot.diagnostics
    } else {
        let (entries, diagnostics) = notebook.glances();
        if entries.is_empty() {
            output.print("no entries yet: write one as entries/YYYY-MM-DD-name.md (lowland help cells)\n")?;
        }
        output.print(&entries.iter().map(|entry| line(entry, output)).collect::<String>())?;
        diagnostics
    };
    output.diagnostics(&diagnostics, |_| None);
    Ok(Exit::Fine)
}

fn listed(entry: &Entry) -> Listed<'_> {
    let count = |wanted: Outcome| entry.outcomes().filter(|outcome| *outcome == wanted).count();
    let experiments = entry.cells.iter().filter_map(|cell| match cell {
        CellView::Experiment(view) => Some(Experiment {
            cell: &view.experiment.id,
            runs: view.runs.len(),
            missing: view.missing.len(),
            state: &view.state,
            cost: &view.cost,
        }),
        _ => None,
    });
    Listed {
        entry: &entry.slug,
        date: &entry.date,
        title: &entry.title,
        tags: &entry.tags,
        question: &entry.question,
        experiments: experiments.collect(),
        supported: count(Outcome::Supported),
        refuted: count(Outcome::Refuted),
        inconclusive: count(Outcome::Inconclusive),
        not_run: count(Outcome::NotRun),
        problems: entry.problems().map(ToString::to_string).collect(),
    }
}

fn line(entry: &Glance, output: &Output) -> String {
    let (mark, words) = (output.entry_mark(entry.mark), output.dim(&entry.words));
    format!("{mark} {}  {}  {words}\n", entry.date, entry.title)
}
