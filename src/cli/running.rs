//! `lowland list --running`: who is at work, on which runs, and what waits.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Exit;
use super::output::Output;
use crate::base::clock;
use crate::base::text::{clean_line, counted};
use crate::notebook::Notebook;
use crate::runner::supervisor::{Begin, Roster, Watch};
use crate::store::journal::{self, LiveRun, LiveState};

/// Everything, as `--json` prints it.
#[derive(Serialize)]
struct Listed<'a> {
    supervisor: &'a Option<Begin>,
    trouble: &'a Option<String>,
    running: Vec<Running<'a>>,
    queued: Vec<Queued<'a>>,
}

/// A run in flight.
#[derive(Serialize)]
struct Running<'a> {
    run: &'a str,
    entry: &'a str,
    cell: &'a str,
    arm: &'a str,
    seed: u64,
    step: u64,
    of: u64,
    seconds: f64,
    host: &'a str,
}

/// A run that waits.
#[derive(Serialize)]
struct Queued<'a> {
    run: &'a str,
    kind: &'a str,
}

/// Prints what is going on.
pub fn running(json: bool, notebook: &Notebook, output: &Output) -> anyhow::Result<Exit> {
    let mut watch = Watch::new(notebook.root());
    watch.poll();
    let live = journal::read_all(&journal::live_root(notebook.root()));
    let live: Vec<&LiveRun> = live.iter().filter(|run| run.state == LiveState::Running).collect();
    if json {
        output.json(&listed(watch.roster(), &live))?;
    } else {
        output.print(&lines(watch.roster(), &live))?;
    }
    Ok(Exit::Fine)
}

fn listed<'a>(roster: &'a Roster, live: &[&'a LiveRun]) -> Listed<'a> {
    Listed {
        supervisor: &roster.begin,
        trouble: &roster.trouble,
        running: live.iter().map(|run| one(run)).collect(),
        queued: roster.queued.iter().map(|(run, kind)| Queued { run: run.as_str(), kind }).collect(),
    }
}

fn one(run: &LiveRun) -> Running<'_> {
    let start = &run.start;
    Running {
        run: run.run.as_str(),
        entry: &start.origin.entry,
        cell: &start.origin.cell,
        arm: &start.origin.arm,
        seed: start.spec.get("seed").and_then(serde_json::Value::as_u64).unwrap_or(0),
        step: run.steps(),
        of: start.total_steps,
        seconds: clock::seconds_since(&start.started).unwrap_or(0.0),
        host: &start.host,
    }
}

fn lines(roster: &Roster, live: &[&LiveRun]) -> String {
    let mut lines: Vec<String> = live.iter().map(|run| line(&one(run), run.fraction())).collect();
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in roster.queued.values() {
        // A kind begins with its cell.
        *waiting.entry(kind.split(' ').next().unwrap_or(kind)).or_default() += 1;
    }
    lines.extend(
        waiting
            .iter()
            .map(|(cell, count)| format!("{} queued  {}", counted(*count, "run"), clean_line(cell))),
    );
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

fn line(run: &Running<'_>, fraction: f64) -> String {
    let Running { run: id, entry, cell, arm, seed, step, of, seconds, .. } = run;
    let what = clean_line(&format!("{entry}#{cell} {arm} seed {seed}"));
    let (id, time) = (id.get(..8).unwrap_or(id), clock::duration(*seconds));
    format!("{id}  {:>3.0} %  step {step} of {of}  {time}  {what}", fraction * 100.0)
}
