//! Workers that get no memory, and workers that are killed whatever they do.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use lowland::store::journal;
use lowland::store::{Status, Store};
use rustix::process::Pid;
use serde_json::Value;

use crate::common::{Notebook, QUICK, Ran};
use crate::processes::{kill, processes};
use crate::running::Running;
use crate::say;

/// Address space of everything in the test, in kilobytes: much for lowland, and little for the network below.
const SPACE: u32 = 3_000_000;

/// A cell of two arms, of which one has a network that fits into no such space.
fn too_large() -> String {
    let arms = "  small: {}\n  large: {model: {hidden: [30000, 30000]}}\n";
    let (before, after) = QUICK.split_once("  slow:").unwrap();
    let (_, after) = after.split_once("  fast: {}\n").unwrap();
    let cell = after.split("```yaml claim").next().unwrap().replace("baseline: slow", "baseline: small");
    format!("{before}{arms}{}", cell.replace("seeds: 4", "seeds: 2"))
}

fn statuses(notebook: &Notebook) -> Vec<(String, Status)> {
    let (records, problems) = Store::open(notebook.path()).read_summaries();
    assert!(problems.is_empty(), "{problems:?}");
    records.iter().map(|record| (record.origin.arm.clone(), record.status)).collect()
}

#[test]
fn a_run_that_gets_no_memory_fails_and_says_so_and_the_others_go_on() {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-cell", too_large());
    let lowland = notebook.command(&[]);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {SPACE} && exec \"$0\" run cell")).arg(lowland.get_program());
    command.current_dir(notebook.path()).env("NO_COLOR", "1");
    let ran = Running::start(command).end();
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("2 runs in") && ran.err.contains("2 failed"), "{ran:?}");
    let mut statuses = statuses(&notebook);
    statuses.sort_by(|a, b| a.0.cmp(&b.0));
    let wanted = [
        ("large", Status::Failed),
        ("large", Status::Failed),
        ("small", Status::Done),
        ("small", Status::Done),
    ];
    assert!(statuses.iter().map(|(arm, status)| (arm.as_str(), *status)).eq(wanted), "{statuses:?}");
    for args in [&["show", "cell"][..], &["list"]] {
        let shown = notebook.run(args);
        assert!(shown.out.contains("failed") && shown.out.contains("memory"), "{shown:?}");
    }
    say("faults:       worker without memory: its runs failed and said so, the others went on");
}

/// The processes that are at runs of this arm.
fn at_work(notebook: &Notebook, arm: &str) -> Vec<Pid> {
    let folders = fs::read_dir(journal::live_root(notebook.path())).into_iter().flatten().flatten();
    let pid = |folder: fs::DirEntry| {
        let text = fs::read_to_string(folder.path().join("journal.jsonl")).ok()?;
        let start: Value = serde_json::from_str(text.lines().next()?).ok()?;
        let start = &start["start"];
        (start["origin"]["arm"] == arm).then(|| Pid::from_raw(start["pid"].as_i64()? as i32))?
    };
    folders.filter_map(pid).collect()
}

/// A cell of two runs that take a while.
fn long() -> String {
    QUICK.replace("epochs: 20", "epochs: 40000").replace("seeds: 4", "seeds: 1")
}

/// Runs the cell, and kills whoever is at the run of its first arm, every time; how often that was, and what the
/// command said.
fn kill_every_time(notebook: &Notebook) -> (usize, Ran) {
    let mut run = Running::start(notebook.command(&["run", "cell"]));
    let mut kills: Vec<Pid> = Vec::new();
    while !run.is_over() {
        for pid in at_work(notebook, "slow") {
            if !kills.contains(&pid) && kill(pid) {
                kills.push(pid);
            }
        }
        thread::sleep(Duration::from_millis(2));
    }
    (kills.len(), run.end())
}

#[test]
fn a_worker_that_is_killed_while_it_has_nothing_to_do_costs_the_next_run_no_attempt() {
    let notebook = Notebook::quick();
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    let idle = processes(notebook.path(), "worker");
    assert!(!idle.is_empty() && idle.into_iter().all(kill));
    notebook.entry("2026-01-03-cell", long());
    let (kills, ran) = kill_every_time(&notebook);
    assert_eq!((kills, ran.code), (5, 1), "{ran:?}");
    say("faults:         idle worker killed: the next run has its 5 attempts all the same");
}

#[test]
fn a_run_whose_worker_is_killed_every_time_fails_after_some_and_the_others_go_on() {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-cell", long());
    let (kills, ran) = kill_every_time(&notebook);
    assert_eq!((kills, ran.code), (5, 1), "{ran:?}");
    let mut statuses = statuses(&notebook);
    statuses.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(statuses, [("fast".to_owned(), Status::Done), ("slow".to_owned(), Status::Failed)]);
    let shown = notebook.run(&["show", "cell"]);
    assert!(shown.out.contains("failed") && shown.out.contains("killed"), "{shown:?}");
    say("faults:     worker killed every time: its run failed after 5 attempts, the other went on");
}
