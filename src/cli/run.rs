//! `lowland run`: trains what is missing, tells how far it is, then draws and judges.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Exit;
use super::args::Run;
use super::output::{self, Output};
use super::plan::Plan;
use super::show;
use super::target::Target;
use crate::base::interrupt::Interrupt;
use crate::base::{RunId, clock, text};
use crate::notebook::{Detail, Notebook, Snapshot};
use crate::render::entry;
use crate::runner::{Crew, CrewOptions, Eta, Event, Open};
use crate::store::Status;
use crate::store::journal::{self, LiveRun};

/// How often the progress line moves.
const INTERVAL: Duration = Duration::from_millis(250);

/// Runs entries or cells.
pub fn run(args: &Run, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot(|_| Detail::Verdicts);
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
    let outcome = if plan.missing() > 0 { work(args, &notebook, &plan)? } else { Outcome::default() };
    let snapshot = notebook.snapshot(|_| Detail::Curves);
    report(args, &plan, &snapshot, output)?;
    let mut broken = 0;
    output.diagnostics(&snapshot.diagnostics, |_| None);
    for target in targets(args, &snapshot)? {
        broken += output.entry_diagnostics(target.entry);
    }
    Ok(match outcome {
        Outcome { interrupted: true, .. } | Outcome { stopped: 1.., .. } => Exit::Interrupted,
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

/// How the work went.
#[derive(Default)]
struct Outcome {
    done: usize,
    failed: usize,
    /// Stopped before their end, by a signal or by `lowland stop`.
    stopped: usize,
    /// A signal came.
    interrupted: bool,
}

impl Outcome {
    fn count(&mut self, status: Status) {
        match status {
            Status::Done | Status::Diverged => self.done += 1,
            Status::Failed => self.failed += 1,
            Status::Cancelled | Status::Interrupted => self.stopped += 1,
        }
    }
}

/// Has a crew work the plan off.
fn work(args: &Run, notebook: &Notebook, plan: &Plan) -> anyhow::Result<Outcome> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = args.workers.map_or(cores, usize::from).min(plan.missing());
    let interrupt = Interrupt::new();
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Who asks twice does not want to wait.
        signal_hook::flag::register_conditional_shutdown(signal, 130, interrupt.flag())?;
        signal_hook::flag::register(signal, interrupt.flag())?;
    }
    let options = CrewOptions {
        root: notebook.root().to_owned(),
        workers,
        live: None,
        program: std::env::current_exe()?,
    };
    let (crew, events) = Crew::start(options);
    let mut progress = Progress::new(plan, workers);
    crew.submit(plan.jobs());
    let mut outcome = Outcome::default();
    loop {
        match events.recv_timeout(INTERVAL) {
            Ok(Event::Ended(run, status)) => {
                outcome.count(status);
                progress.ended(&run, status);
            }
            Ok(Event::Trouble(message)) => progress.say(&message),
            Ok(Event::Idle) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Event::Started(run)) => progress.began(&run),
            Ok(Event::Stored(_)) => {}
            Err(RecvTimeoutError::Timeout) => progress.tick(notebook),
        }
        if interrupt.raised() && !outcome.interrupted {
            outcome.interrupted = true;
            crew.cancel(&crew.runs());
        }
    }
    progress.finish(&outcome);
    Ok(outcome)
}

/// The progress line: a bar on a terminal, a last word in a pipe.
struct Progress {
    bar: ProgressBar,
    started: Instant,
    workers: usize,
    /// Runs to do, with the kind of each and since when it is going.
    open: HashMap<RunId, (String, Option<Instant>)>,
    total: usize,
    eta: Eta,
}

impl Progress {
    fn new(plan: &Plan, workers: usize) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(4)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(plan.missing() as u64 * 1000), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let open: HashMap<_, _> =
            plan.jobs().into_iter().map(|job| (job.run.clone(), (job.kind(), None))).collect();
        Self { bar, started: Instant::now(), workers, total: open.len(), open, eta: plan.eta.clone() }
    }

    fn began(&mut self, run: &RunId) {
        if let Some((_, since)) = self.open.get_mut(run) {
            *since = Some(Instant::now());
        }
    }

    fn ended(&mut self, run: &RunId, status: Status) {
        if let Some((kind, Some(since))) = self.open.remove(run)
            && status.is_result()
        {
            self.eta.learn(&kind, since.elapsed().as_secs_f64());
        }
        self.draw(0.0);
    }

    /// Looks into the journals for how far the runs in flight are.
    fn tick(&mut self, notebook: &Notebook) {
        let live = journal::read_all(&journal::live_root(notebook.root()));
        let part = live.iter().filter(|live| self.open.contains_key(&live.run)).map(LiveRun::fraction).sum();
        self.draw(part);
    }

    fn draw(&self, part: f64) {
        let done = self.total - self.open.len();
        self.bar.set_prefix(format!("{done}/{} runs", self.total));
        self.bar.set_position(((done as f64 + part) * 1000.0) as u64);
        let elapsed = |since: &Option<Instant>| since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        let open = self.open.values().map(|(kind, since)| Open::new(kind.clone(), elapsed(since)));
        let left = self.eta.remaining(&open.collect::<Vec<_>>(), self.workers);
        let left = left.map(|left| format!("  eta {}", clock::duration(left))).unwrap_or_default();
        let elapsed = clock::duration(self.started.elapsed().as_secs_f64());
        self.bar.set_message(format!("{elapsed}{left}"));
    }

    fn say(&self, message: &str) {
        self.bar.suspend(|| output::complain(message));
    }

    fn finish(&self, outcome: &Outcome) {
        self.bar.finish_and_clear();
        let seconds = self.started.elapsed().as_secs_f64();
        let done = text::counted(outcome.done, "run");
        let workers = text::counted(self.workers, "worker");
        let failed = if outcome.failed > 0 { format!(", {} failed", outcome.failed) } else { String::new() };
        let stopped =
            if outcome.stopped > 0 { format!(", {} stopped", outcome.stopped) } else { String::new() };
        output::note(&format!("{done} in {seconds:.1} s on {workers}{failed}{stopped}"));
    }
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
