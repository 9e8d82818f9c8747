//! `lowland run`: trains what is missing, tells how far it is, then draws and judges.

use anyhow::Context as _;

use super::Exit;
use super::args::Run;
use super::output::{self, Output};
use super::plan::Plan;
use super::progress::{Outcome, Progress};
use super::show;
use super::target::Target;
use crate::base::interrupt::Interrupt;
use crate::base::{Diagnostic, text};
use crate::notebook::{CellView, Detail, Notebook, Snapshot, seal};
use crate::render::entry;
use crate::runner::supervisor::Client;

/// Runs entries or cells.
pub fn run(args: &Run, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    notebook.tidy();
    let mut snapshot = notebook.snapshot_about(&args.targets, Detail::Verdicts);
    let damaged = damaged(args, &notebook, &snapshot)?;
    if !damaged.is_empty() {
        output.diagnostics(&damaged, |_| None);
        snapshot = notebook.snapshot_about(&args.targets, Detail::Verdicts);
    }
    let mut plan = Plan::new(&args.targets, args.full, &snapshot)?;
    plan.price(&notebook, args.workers, args.dry_run);
    let description = plan.describe();
    if args.dry_run {
        if args.json {
            output.json(&plan.printed())?;
        } else {
            output.print(&description)?;
        }
        return Ok(if plan.broken == 0 { Exit::Fine } else { Exit::Failed });
    }
    if !args.json {
        output.print(&description)?;
    }
    if plan.missing() > 0 {
        for target in targets(args, &snapshot)? {
            seal(notebook.root(), target.entry).context("what the claims predict cannot be put on record")?;
        }
    }
    let outcome = if plan.missing() > 0 { work(args, &notebook, &plan)? } else { Outcome::default() };
    if outcome.left > 0 {
        let left = text::counted(outcome.left, "run");
        output::note(&format!("{left} going on; `lowland watch` follows them, `lowland stop` stops them"));
        return Ok(if args.detach { Exit::Fine } else { Exit::Interrupted });
    }
    let snapshot = notebook.snapshot_about(&args.targets, Detail::Curves);
    report(args, &plan, &snapshot, output)?;
    let mut broken = 0;
    output.diagnostics(&snapshot.diagnostics, |_| None);
    for target in targets(args, &snapshot)? {
        broken += output.entry_diagnostics(target.entry);
    }
    Ok(match outcome {
        Outcome { unstored: true, .. } | Outcome { stopped: 1.., .. } => Exit::Interrupted,
        Outcome { failed, .. } if failed + broken > 0 => Exit::Failed,
        _ => Exit::Fine,
    })
}

fn targets<'a>(args: &Run, snapshot: &'a Snapshot) -> anyhow::Result<Vec<Target<'a>>> {
    if args.targets.is_empty() {
        return Ok(snapshot.entries.iter().map(|entry| Target { entry, cell: None }).collect());
    }
    args.targets.iter().map(|text| Ok(Target::find(text, snapshot)?)).collect()
}

/// What is damaged of the curves of the runs that are asked for: these runs are missing, too.
fn damaged(args: &Run, notebook: &Notebook, snapshot: &Snapshot) -> anyhow::Result<Vec<Diagnostic>> {
    let targets = targets(args, snapshot)?;
    let runs = targets.iter().flat_map(Target::cells).filter_map(|cell| match cell {
        CellView::Experiment(view) => Some(&view.runs),
        _ => None,
    });
    Ok(notebook.store().check_read_curves(&runs.flatten().collect()))
}

/// Asks for the runs of the plan and waits until they are over, or the person does not want to any more.
fn work(args: &Run, notebook: &Notebook, plan: &Plan) -> anyhow::Result<Outcome> {
    let interrupt = interrupts()?;
    let mut client = Client::new(notebook.root());
    let workers = args.workers.map(usize::from);
    client.submit(plan.jobs(), workers).context("the runs cannot be asked for")?;
    if args.detach {
        if let Err(why) = client.wait_for_supervisor() {
            anyhow::bail!("the runs stand in an order, and nobody is at them: {why}");
        }
        return Ok(Outcome { left: plan.missing(), ..Outcome::default() });
    }
    let mut progress = Progress::of(plan.jobs(), plan.eta.clone(), notebook.root(), workers);
    progress.follow(&mut client, &interrupt);
    Ok(progress.finish())
}

/// What a signal raises.
pub fn interrupts() -> anyhow::Result<Interrupt> {
    let interrupt = Interrupt::new();
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Who asks twice does not want to wait.
        signal_hook::flag::register_conditional_shutdown(signal, 130, interrupt.flag())?;
        signal_hook::flag::register(signal, interrupt.flag())?;
    }
    Ok(interrupt)
}

/// Draws what was asked for: the comparisons and the claims of the cells that were run.
fn report(args: &Run, plan: &Plan, snapshot: &Snapshot, output: &Output) -> anyhow::Result<()> {
    let targets = targets(args, snapshot)?;
    if args.json {
        let shown: Vec<_> = targets
            .iter()
            .map(|target| serde_json::json!({ "entry": target.entry.slug, "cells": show::cells(target) }))
            .collect();
        return output.json(&shown);
    }
    for target in &targets {
        let own = plan.shares.iter().filter_map(|share| share.cell.split_once('#'));
        let only: Vec<&str> =
            own.filter(|(slug, _)| *slug == target.entry.slug).map(|(_, cell)| cell).collect();
        output.lines(&entry::results(target.entry, &only, output.width, output.look))?;
    }
    Ok(())
}
