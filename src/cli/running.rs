//! `lowland list --running`: who is at work, on which runs, and what waits.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Exit;
use super::output::Output;
use crate::base::text::{clean_line, counted};
use crate::base::{RunId, clock};
use crate::notebook::Notebook;
use crate::runner::supervisor::{Begin, Roster, Watch};
use crate::runner::{Seat, seeds};
use crate::store::Origin;
use crate::store::journal::{self, LiveRun, LiveState};

/// Everything, as `--json` prints it.
#[derive(Serialize)]
struct Listed<'a> {
    supervisor: &'a Option<Begin>,
    trouble: &'a Option<String>,
    running: Vec<Running<'a>>,
    queued: Vec<Which<'a>>,
}

/// Which run it is.
#[derive(Serialize)]
struct Which<'a> {
    run: &'a str,
    entry: &'a str,
    cell: &'a str,
    arm: &'a str,
    point: BTreeMap<&'a str, &'a Value>,
    seed: u64,
}

/// A run in flight.
#[derive(Serialize)]
struct Running<'a> {
    #[serde(flatten)]
    which: Which<'a>,
    step: u64,
    of: u64,
    seconds: f64,
    host: &'a str,
}

/// Prints what is going on.
pub fn running(json: bool, notebook: &Notebook, output: &Output) -> anyhow::Result<Exit> {
    let mut watch = Watch::new(notebook.root());
    watch.poll();
    let live = journal::read_all(&journal::live_root(notebook.root()));
    let mut live: Vec<&LiveRun> = live.iter().filter(|run| run.state == LiveState::Running).collect();
    live.sort_by_cached_key(|run| order(&seat(run)));
    if json {
        output.json(&listed(watch.roster(), &live))?;
    } else {
        output.print(&lines(watch.roster(), &live))?;
    }
    Ok(Exit::Fine)
}

fn listed<'a>(roster: &'a Roster, live: &[&'a LiveRun]) -> Listed<'a> {
    let mut queued: Vec<_> = roster.queued.iter().collect();
    queued.sort_by_cached_key(|(_, seat)| order(seat));
    Listed {
        supervisor: &roster.begin,
        trouble: &roster.trouble,
        running: live.iter().map(|run| one(run)).collect(),
        queued: queued.into_iter().map(|(run, seat)| Which::new(run, &seat.origin, seat.seed)).collect(),
    }
}

impl<'a> Which<'a> {
    fn new(run: &'a RunId, origin: &'a Origin, seed: u64) -> Self {
        let Origin { entry, cell, arm, point } = origin;
        let point = point.iter().map(|(path, value)| (path.as_str(), value)).collect();
        Self { run: run.as_str(), entry, cell, arm, point, seed }
    }
}

fn seat(run: &LiveRun) -> Seat {
    Seat { origin: run.start.origin.clone(), seed: run.start.seed() }
}

/// What sorts runs that are listed.
fn order(seat: &Seat) -> (String, u64) {
    (seat.kind(), seat.seed)
}

fn one(run: &LiveRun) -> Running<'_> {
    let start = &run.start;
    Running {
        which: Which::new(&run.run, &start.origin, start.seed()),
        step: run.steps(),
        of: start.total_steps,
        seconds: start.seconds + clock::seconds_since(&start.started).unwrap_or(0.0),
        host: &start.host,
    }
}

fn lines(roster: &Roster, live: &[&LiveRun]) -> String {
    let mut lines: Vec<String> = live.iter().map(|run| line(run)).collect();
    // Runs that only their seeds tell apart share a line.
    let mut waiting: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for seat in roster.queued.values() {
        waiting.entry(seat.place()).or_default().push(seat.seed);
    }
    lines.extend(waiting.into_iter().map(|(place, waiting)| {
        let runs = counted(waiting.len(), "run");
        format!("{runs} queued  {} {}", clean_line(&place), seeds(waiting))
    }));
    lines.extend(roster.trouble.iter().map(|trouble| format!("held up: {}", clean_line(trouble))));
    match &roster.begin {
        _ if lines.is_empty() => lines.push("nothing is running here".to_owned()),
        Some(begin) => {
            let who = format!("process {} on {}", begin.pid, clean_line(&begin.host));
            lines.push(format!("{} of {who}", counted(roster.workers, "worker")));
        }
        None if live.is_empty() => {
            lines.push("nobody is at work: `lowland watch` or opening the notebook goes on".to_owned());
        }
        None => {}
    }
    lines.join("\n") + "\n"
}

fn line(run: &LiveRun) -> String {
    let Running { step, of, seconds, .. } = one(run);
    let (what, time) = (clean_line(&seat(run).to_string()), clock::duration(seconds));
    let share = run.fraction() * 100.0;
    format!("{}  {share:>3.0} %  step {step} of {of}  {time}  {what}", run.run.short())
}
