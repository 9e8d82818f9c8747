//! `lowland run`: trains what is missing, tells how far it is, then draws and judges.

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
use crate::base::clock;
use crate::base::interrupt::Interrupt;
use crate::notebook::{Detail, Notebook, Snapshot};
use crate::render::entry;
use crate::runner::{Crew, CrewOptions, Eta, Event};
use crate::store::Status;
use crate::store::journal::{self, LiveRun};

/// How often the progress line moves.
const INTERVAL: Duration = Duration::from_millis(250);

/// Runs entries or cells.
pub fn run(args: &Run, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot(|_| Detail::Verdicts);
    let plan = Plan::new(&args.targets, args.full, &snapshot)?;
    let description = plan.describe();
    if args.dry_run {
        output.print(&description)?;
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
        Outcome { interrupted: true, .. } => Exit::Interrupted,
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
    interrupted: bool,
}

/// Has a crew work the plan off.
fn work(args: &Run, notebook: &Notebook, plan: &Plan) -> anyhow::Result<Outcome> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = args.workers.map_or(cores, usize::from).min(plan.missing());
    let interrupt = Interrupt::new();
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, interrupt.flag())?;
    }
    let options =
        CrewOptions { root: notebook.root().to_owned(), workers, program: std::env::current_exe()? };
    let (crew, events) = Crew::start(options);
    let mut progress = Progress::new(plan, workers);
    crew.submit(plan.jobs());
    let mut outcome = Outcome::default();
    loop {
        match events.recv_timeout(INTERVAL) {
            Ok(Event::Ended(run, status)) => {
                outcome.done += 1;
                outcome.failed += usize::from(status == Status::Failed);
                progress.ended(&run);
            }
            Ok(Event::Trouble(message)) => progress.say(&message),
            Ok(Event::Idle) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Event::Started(_) | Event::Stored(_)) => {}
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
    /// Runs to do, with what each costs about the same as.
    open: Vec<(crate::base::RunId, String)>,
    total: usize,
    eta: Eta,
    root_seen: Option<Instant>,
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
        let mut eta = Eta::default();
        for share in &plan.shares {
            if let (Some(seconds), missing @ 1..) = (share.seconds, share.jobs.len()) {
                // What a share is expected to take in all, spread over its runs: replaced as soon as one is timed.
                let each = seconds * workers as f64 / missing as f64;
                share.jobs.iter().for_each(|job| eta.learn(&kind(job), each));
            }
        }
        let open: Vec<_> = plan.jobs().iter().map(|job| (job.run.clone(), kind(job))).collect();
        let total = open.len();
        Self { bar, started: Instant::now(), workers, open, total, eta, root_seen: None }
    }

    fn ended(&mut self, run: &crate::base::RunId) {
        self.open.retain(|(open, _)| open != run);
        self.draw(0.0);
    }

    /// Looks into the journals for how far the runs in flight are.
    fn tick(&mut self, notebook: &Notebook) {
        if self.root_seen.is_some_and(|seen| seen.elapsed() < INTERVAL * 2) {
            return;
        }
        self.root_seen = Some(Instant::now());
        let live = journal::read_all(&journal::live_root(notebook.root()));
        let going = live.iter().filter(|live| self.open.iter().any(|(run, _)| *run == live.run));
        let part = going.map(LiveRun::fraction).sum();
        self.draw(part);
    }

    fn draw(&self, part: f64) {
        let done = self.total - self.open.len();
        self.bar.set_prefix(format!("{done}/{} runs", self.total));
        self.bar.set_position(((done as f64 + part) * 1000.0) as u64);
        let elapsed = clock::duration(self.started.elapsed().as_secs_f64());
        let left =
            self.seconds_left(done as f64 + part).map(|left| format!("  eta {}", clock::duration(left)));
        self.bar.set_message(format!("{elapsed}{}", left.unwrap_or_default()));
    }

    /// From what runs of the same kind took; before any ended, from how far the first ones are.
    fn seconds_left(&self, done: f64) -> Option<f64> {
        let elapsed = self.started.elapsed().as_secs_f64();
        let by_share = (done > 0.0).then(|| elapsed * (self.total as f64 - done) / done);
        self.eta.remaining(self.open.iter().map(|(_, kind)| kind.as_str()), self.workers).or(by_share)
    }

    fn say(&self, message: &str) {
        self.bar.suspend(|| output::complain(message));
    }

    fn finish(&self, outcome: &Outcome) {
        self.bar.finish_and_clear();
        let seconds = self.started.elapsed().as_secs_f64();
        let failed = if outcome.failed > 0 { format!(", {} failed", outcome.failed) } else { String::new() };
        let cut = if outcome.interrupted { ", interrupted" } else { "" };
        let done = outcome.done;
        output::note(&format!("{done} runs in {seconds:.1} s on {} workers{failed}{cut}", self.workers));
    }
}

fn kind(job: &crate::runner::Job) -> String {
    format!("{}#{} {} {:?}", job.origin.entry, job.origin.cell, job.origin.arm, job.origin.point)
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
