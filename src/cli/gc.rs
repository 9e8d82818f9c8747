//! `lowland gc`: removes what no cell of the notebook asks for any more.
//!
//! What a broken cell asks for cannot be known, and would look as if nobody asked for it. So nothing is removed while
//! anything in the entries is broken, or while no entry asks for anything at all.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use super::Exit;
use super::args::Gc;
use super::output::Output;
use super::target::UsageError;
use crate::base::text::{bytes, counted};
use crate::base::{RunId, Severity};
use crate::notebook::{CellView, Detail, Notebook, Snapshot};
use crate::runner::supervisor::{Watch, old_bad_orders};
use crate::spec::run::canonical_json;
use crate::store::RunRecord;
use crate::store::journal::{self, Discarded};
use crate::store::tables::Removal;

/// Removes stored runs that nobody asks for, or says which that would be.
pub fn gc(args: &Gc, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    notebook.tidy();
    let snapshot = notebook.snapshot(|_| Detail::Verdicts);
    if refuse(&snapshot, output) {
        return Ok(Exit::Failed);
    }
    let mut wanted: HashSet<RunId> = experiments(&snapshot).flatten().cloned().collect();
    // What is going or waits was asked for, whatever the cell says by now.
    let mut watch = Watch::new(notebook.root());
    watch.poll();
    wanted.extend(watch.roster().queued.keys().chain(watch.roster().running.keys()).cloned());
    let plan = Plan::new(&notebook, &wanted)?;
    output.diagnostics(&plan.stored.left, |_| None);
    if plan.is_empty() {
        let all = plan.stored.left.is_empty();
        output.print(if all {
            "nothing to remove: every stored run is asked for by a cell\n"
        } else {
            "nothing else to remove\n"
        })?;
        return Ok(Exit::Fine);
    }
    if wanted.is_empty() && !args.dry_run {
        anyhow::bail!(
            "no cell of this notebook asks for any run, so all of them would go; \
             if that is what you want, remove the folder runs/ yourself"
        );
    }
    output.print(&plan.describe())?;
    if args.dry_run {
        return Ok(Exit::Fine);
    }
    if !args.yes && !asked(output)? {
        output.print("nothing was removed\n")?;
        return Ok(Exit::Fine);
    }
    // Whoever is asked takes their time, and others write meanwhile.
    notebook.tidy();
    let snapshot = notebook.snapshot(|_| Detail::Verdicts);
    if refuse(&snapshot, output) {
        return Ok(Exit::Failed);
    }
    if experiments(&snapshot).flatten().any(|run| !wanted.contains(run)) {
        anyhow::bail!("an entry was changed meanwhile: nothing was removed; look again");
    }
    let stored = notebook.store().discard(&wanted, false)?;
    let left = leftovers(&notebook, &wanted, false);
    let orders = plan.orders.iter().filter(|(path, _)| fs::remove_file(path).is_ok());
    let orders: u64 = orders.map(|(_, bytes)| bytes).sum();
    output.print(&format!("removed, {} freed\n", bytes(stored.bytes + left.bytes + orders)))?;
    Ok(Exit::Fine)
}

/// Names what is broken; whether anything is.
fn refuse(snapshot: &Snapshot, output: &Output) -> bool {
    let mut broken: usize = snapshot.entries.iter().map(|entry| output.entry_diagnostics(entry)).sum();
    output.diagnostics(&snapshot.diagnostics, |_| None);
    // What is wrong with a table of results has a place there; it costs nobody's cell.
    broken += snapshot
        .diagnostics
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .filter(|problem| problem.place.as_ref().is_none_or(|place| !place.file.starts_with("runs/")))
        .count();
    if broken > 0 {
        super::output::complain(
            "nothing is removed while something in the entries is broken: the runs of a cell that cannot be read \
             would look as if nobody asked for them",
        );
    }
    broken > 0
}

/// The runs of every experiment.
fn experiments(snapshot: &Snapshot) -> impl Iterator<Item = &Vec<RunId>> {
    snapshot.entries.iter().flat_map(|entry| &entry.cells).filter_map(|cell| match cell {
        CellView::Experiment(view) => Some(&view.runs),
        _ => None,
    })
}

/// Asks a person at a terminal.
fn asked(output: &Output) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(
            UsageError("there is nobody to ask here: --yes removes it, --dry-run only looks".into()).into()
        );
    }
    output.print("remove it? [y/N] ")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn leftovers(notebook: &Notebook, wanted: &HashSet<RunId>, dry_run: bool) -> Discarded {
    journal::discard(&journal::live_root(notebook.root()), &|run| !wanted.contains(run), dry_run)
}

/// What would be removed.
struct Plan {
    stored: Removal,
    left: Discarded,
    /// Orders that nobody could understand, with their lengths.
    orders: Vec<(PathBuf, u64)>,
}

impl Plan {
    fn new(notebook: &Notebook, wanted: &HashSet<RunId>) -> anyhow::Result<Self> {
        let stored = notebook.store().discard(wanted, true)?;
        let (left, orders) = (leftovers(notebook, wanted, true), old_bad_orders(notebook.root()));
        Ok(Self { stored, left, orders })
    }

    fn is_empty(&self) -> bool {
        let Removal { runs, weights, strays, .. } = &self.stored;
        runs.is_empty() && *weights + *strays + self.left.runs + self.orders.len() == 0
    }

    /// Cell by cell, and in all.
    fn describe(&self) -> String {
        let mut cells: BTreeMap<String, Vec<&RunRecord>> = BTreeMap::new();
        for record in self.stored.runs.values() {
            let cell = format!("{}#{}", record.origin.entry, record.origin.cell);
            cells.entry(cell).or_default().push(record);
        }
        let line = |(cell, records): (&String, &Vec<_>)| format!("{cell}: {}\n", of_settings(records));
        let mut lines: Vec<_> = cells.iter().map(line).collect();
        if self.left.runs > 0 {
            let were = if self.left.runs == 1 { "was" } else { "were" };
            let runs = counted(self.left.runs, "run");
            lines.push(format!("{runs} that {were} interrupted and nobody asks for\n"));
        }
        let files = self.stored.weights + self.stored.strays;
        if self.stored.runs.is_empty() && files > 0 {
            lines.push(format!("{} that belong to no stored run\n", counted(files, "file")));
        }
        if !self.orders.is_empty() {
            let them = if self.orders.len() == 1 { "it" } else { "them" };
            let orders = counted(self.orders.len(), "order");
            lines.push(format!("{orders} of runs, set aside because nobody could understand {them}\n"));
        }
        let all: Vec<_> = self.stored.runs.values().collect();
        let orders: u64 = self.orders.iter().map(|(_, bytes)| bytes).sum();
        let size = bytes(self.stored.bytes + self.left.bytes + orders);
        lines.push(match all.len() {
            0 => format!("{size} in all\n"),
            _ => format!("{}, {size}\n", of_settings(&all)),
        });
        lines.concat()
    }
}

/// `12 runs of 3 former settings`: runs that differ by their seed alone have the same.
fn of_settings(records: &[&RunRecord]) -> String {
    let settings = |record: &RunRecord| {
        let mut spec = serde_json::Value::clone(&record.spec);
        if let Some(spec) = spec.as_object_mut() {
            spec.remove("seed");
        }
        (canonical_json(&spec), record.dataset_hash.clone(), record.engine)
    };
    let different: BTreeSet<_> = records.iter().map(|record| settings(record)).collect();
    format!("{} of {}", counted(records.len(), "run"), counted(different.len(), "former setting"))
}
