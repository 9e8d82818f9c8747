//! `lowland list`: the log, a line per entry.

use serde::Serialize;

use super::Exit;
use super::args::List;
use super::output::Output;
use super::running::running;
use crate::base::text::clean_line;
use crate::compare::{CellState, Cost, Outcome};
use crate::notebook::{CellView, Detail, Entry, EntryMark, Notebook};

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
    let snapshot = notebook.snapshot(|_| Detail::Verdicts);
    if args.json {
        let listed: Vec<_> = snapshot.entries.iter().map(|entry| listed(entry)).collect();
        output.json(&listed)?;
    } else if snapshot.entries.is_empty() {
        output.print("no entries yet: write one as entries/YYYY-MM-DD-name.md (lowland help cells)\n")?;
    } else {
        let lines: String = snapshot.entries.iter().map(|entry| line(entry, output)).collect();
        output.print(&lines)?;
    }
    output.diagnostics(&snapshot.diagnostics, |_| None);
    Ok(Exit::Fine)
}

fn outcomes(entry: &Entry) -> impl Iterator<Item = Outcome> + '_ {
    entry.cells.iter().filter_map(|cell| match cell {
        CellView::Claim(view) => view.verdict.as_ref().ok().map(|verdict| verdict.outcome),
        _ => None,
    })
}

fn listed(entry: &Entry) -> Listed<'_> {
    let count = |wanted: Outcome| outcomes(entry).filter(|outcome| *outcome == wanted).count();
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

fn line(entry: &Entry, output: &Output) -> String {
    format!(
        "{} {}  {}  {}\n",
        output.entry_mark(entry.mark),
        entry.date,
        entry.title,
        output.dim(&state(entry))
    )
}

/// What holds up the runs of an entry.
fn trouble(entry: &Entry) -> Option<String> {
    entry.cells.iter().find_map(|cell| match cell {
        CellView::Experiment(view) => match &view.state {
            CellState::Running { trouble, .. } => trouble.as_deref().map(clean_line),
            _ => None,
        },
        _ => None,
    })
}

/// The state of an entry in words.
fn state(entry: &Entry) -> String {
    let stale = entry.cells.iter().find_map(|cell| match cell {
        CellView::Experiment(view) => match &view.state {
            CellState::Stale { reasons } => Some(format!("stale: {}", reasons.join(", "))),
            CellState::Partial { stored, planned } => Some(format!("{stored} of {planned} runs")),
            CellState::Failed { message } => Some(format!("failed: {message}")),
            _ => None,
        },
        _ => None,
    });
    match entry.mark {
        EntryMark::Broken => {
            entry.problems().next().map_or_else(|| stale.unwrap_or_default(), ToString::to_string)
        }
        EntryMark::Running(share) => match trouble(entry) {
            Some(trouble) => format!("held up at {:.0} %: {trouble}", share * 100.0),
            None => format!("running, {:.0} %", share * 100.0),
        },
        EntryMark::Stale => stale.unwrap_or_else(|| "not all run".to_owned()),
        EntryMark::NotRun => "not run".to_owned(),
        EntryMark::Plain => String::new(),
        EntryMark::Supported | EntryMark::Refuted | EntryMark::Inconclusive => {
            let count = |wanted: Outcome| outcomes(entry).filter(|outcome| *outcome == wanted).count();
            [
                (Outcome::Supported, "supported"),
                (Outcome::Refuted, "refuted"),
                (Outcome::Inconclusive, "inconclusive"),
                (Outcome::NotRun, "not run"),
            ]
            .into_iter()
            .map(|(outcome, word)| (count(outcome), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect::<Vec<_>>()
            .join(", ")
        }
    }
}
