//! Runs outlive every screen: real supervisors, workers and commands, killed and cut off in every way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use common::{Notebook, QUICK, endless, slow, wait_for};
use lowland::base::RunId;
use lowland::runner::Event;
use lowland::runner::supervisor::Line;
use lowland::store::Store;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

fn with(cell: &str) -> Notebook {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-cell", cell);
    notebook
}

fn start(notebook: &Notebook, args: &[&str]) -> Child {
    notebook.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> common::Ran {
    common::Ran::of(&child.wait_with_output().unwrap())
}

fn folder(notebook: &Notebook) -> PathBuf {
    notebook.path().join("runs/.live/supervisor")
}

/// Everything that the present supervisor has said.
fn said(notebook: &Notebook) -> Vec<Line> {
    let log = fs::read_to_string(folder(notebook).join("log.jsonl")).unwrap_or_default();
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The process of the present supervisor.
fn supervisor(notebook: &Notebook) -> Option<Pid> {
    said(notebook).iter().find_map(|line| match line {
        Line::Begin(begin) => Pid::from_raw(begin.pid as i32),
        _ => None,
    })
}

/// The processes whose parent is `pid`.
fn children(pid: Pid) -> Vec<Pid> {
    let mut found: Vec<Pid> = Vec::new();
    for task in fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).into_iter().flatten().flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_whitespace().filter_map(|word| Pid::from_raw(word.parse().ok()?)));
    }
    found
}

fn is_alive(pid: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(pid).is_ok() && !state.contains(") Z ")
}

fn is_running(notebook: &Notebook) -> bool {
    notebook.run(&["list"]).out.contains("running")
}

/// Whether a worker of the present supervisor is at a run.
fn is_in_flight(notebook: &Notebook) -> bool {
    supervisor(notebook).is_some() && notebook.run(&["list", "--running"]).out.contains(" seed ")
}

fn stop(notebook: &Notebook) {
    notebook.run(&["stop"]);
    wait_for("the end of the runs", || {
        notebook.run(&["list", "--running"]).out.contains("nothing is running here")
    });
}

/// Final measures of every stored run, to the bit.
fn results(notebook: &Notebook) -> BTreeMap<RunId, Vec<(String, u64)>> {
    let (records, problems) = Store::open(notebook.path()).read_summaries();
    assert!(problems.is_empty(), "{problems:?}");
    let bits = |measures: &BTreeMap<String, f64>| {
        measures.iter().map(|(name, value)| (name.clone(), value.to_bits())).collect()
    };
    records.iter().map(|record| (record.run.clone(), bits(&record.measures))).collect()
}

#[test]
fn what_is_detached_is_listed_followed_and_stopped_from_elsewhere() {
    let notebook = with(&endless().replace("seeds:", "sweep: {model.hidden: [[6]]}\nseeds:"));
    assert!(notebook.run(&["stop"]).out.contains("nothing is running here"));
    assert!(notebook.run(&["watch"]).err.contains("nothing is running here"));
    let ran = notebook.run(&["run", "cell", "--detach", "--workers", "2"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("4 runs going on") && ran.err.contains("lowland watch"), "{ran:?}");
    wait_for("two runs in flight", || {
        let listed = notebook.run(&["list", "--running", "--json"]).json();
        listed["running"].as_array().unwrap().len() == 2 && listed["queued"].as_array().unwrap().len() == 2
    });
    let listed = notebook.run(&["list", "--running", "--json"]).json();
    for (runs, arm) in [("running", "slow"), ("queued", "fast")] {
        let seeds: BTreeSet<u64> = (0..2).map(|at| listed[runs][at]["seed"].as_u64().unwrap()).collect();
        assert_eq!(seeds, BTreeSet::from([0, 1]), "{listed}");
        for at in 0..2 {
            let run = &listed[runs][at];
            let place = [&run["entry"], &run["cell"], &run["arm"]];
            assert_eq!(place, ["2026-01-02-cell", "quick", arm], "{listed}");
            assert_eq!(run["point"], serde_json::json!({"model.hidden": [6]}), "{listed}");
        }
    }
    let listed = notebook.run(&["list", "--running"]);
    assert!(
        listed.out.contains("2 runs queued  2026-01-02-cell#quick fast hidden=[6] seeds 0, 1"),
        "{listed:?}"
    );
    assert!(listed.out.contains("2026-01-02-cell#quick slow hidden=[6] seed 1"), "{listed:?}");
    assert!(listed.out.contains("2 workers of process"), "{listed:?}");
    let watch = start(&notebook, &["watch"]);
    let shown = notebook.run(&["show", "cell"]);
    assert!(shown.out.contains("running") && shown.out.contains("2 queued"), "{shown:?}");
    let stopped = notebook.run(&["stop", "cell"]);
    assert!(stopped.out.contains("stopping 4 runs"), "{stopped:?}");
    let watched = ended(watch);
    assert!(watched.err.contains("4 runs going or queued"), "{watched:?}");
    wait_for("the end", || !is_running(&notebook));
    // Stopped is stopped: nobody begins them again.
    assert!(notebook.run(&["watch"]).err.contains("nothing is running here"));
    assert_eq!(fs::read_dir(folder(&notebook).join("orders")).unwrap().count(), 0);
}

#[test]
fn an_order_bounds_its_own_runs_and_there_are_as_many_workers_as_any_of_them_wants() {
    let notebook = with(&endless());
    notebook.entry("2026-01-03-other", endless().replace("hidden: [8]", "hidden: [6]"));
    let going = || {
        let listed = notebook.run(&["list", "--running", "--json"]).json();
        let of = |entry: &str| {
            listed["running"].as_array().unwrap().iter().filter(|run| run["entry"] == entry).count()
        };
        (of("2026-01-02-cell"), of("2026-01-03-other"))
    };
    let workers = |count: &str| notebook.run(&["list", "--running"]).out.contains(count);
    notebook.run(&["run", "cell", "--detach", "--workers", "1"]);
    notebook.run(&["run", "other", "--detach", "--workers", "3"]);
    wait_for("one run of the one and two of the other", || going() == (1, 2));
    assert!(workers("\n3 workers of process"));
    notebook.run(&["stop", "other"]);
    wait_for("one run and one worker", || going() == (1, 0) && workers("\n1 worker of process"));
    notebook.run(&["run", "other", "--detach", "--workers", "1"]);
    wait_for("seven runs that wait for one", || {
        let listed = notebook.run(&["list", "--running", "--json"]).json();
        going() == (1, 0) && listed["queued"].as_array().unwrap().len() == 7
    });
    stop(&notebook);
}

#[test]
fn no_signal_to_a_command_touches_its_runs() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 130), (Signal::HUP, 130), (Signal::KILL, -1)] {
        let notebook = with(&endless());
        let child = start(&notebook, &["run", "cell"]);
        wait_for("a run in flight", || is_in_flight(&notebook));
        let before = said(&notebook);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ran = ended(child);
        assert_eq!(ran.code, code, "{signal:?} {ran:?}");
        assert!(is_running(&notebook), "{signal:?}");
        assert!(said(&notebook).starts_with(&before), "{signal:?}: the same supervisor goes on");
        stop(&notebook);
    }
}

#[test]
fn a_supervisor_has_no_terminal_and_a_session_of_its_own() {
    let notebook = with(&endless());
    notebook.run(&["run", "cell", "--detach"]);
    wait_for("a run in flight", || is_in_flight(&notebook));
    let pid = supervisor(&notebook).unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let (parent, session, terminal) = (fields[1], fields[3], fields[4]);
    let ours = rustix::process::getsid(None).unwrap().as_raw_nonzero().to_string();
    assert_ne!(session, ours);
    assert_ne!(session, pid.as_raw_nonzero().to_string(), "it does not lead it: it can get no terminal");
    assert_eq!(terminal, "0");
    assert_ne!(parent, std::process::id().to_string());
    for descriptor in fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).unwrap().flatten() {
        let target = fs::read_link(descriptor.path()).unwrap_or_default();
        let target = target.to_string_lossy();
        assert!(!target.contains("pts") && !target.contains("tty"), "{target}");
    }
    stop(&notebook);
}

#[test]
fn a_killed_supervisor_is_replaced_by_whoever_waits_and_its_runs_are_the_same() {
    let (killed, quiet) = (with(&slow()), with(&slow()));
    assert_eq!(quiet.run(&["run", "cell"]).code, 0);
    let child = start(&killed, &["run", "cell"]);
    for _ in 0..3 {
        wait_for("a run in flight", || is_in_flight(&killed) || !results(&killed).is_empty());
        let Some(pid) = supervisor(&killed) else { continue };
        let _ = kill_process(pid, Signal::KILL);
        wait_for("another supervisor", || supervisor(&killed) != Some(pid) || results(&killed).len() == 8);
    }
    let ran = ended(child);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("8 runs in"), "{ran:?}");
    assert_eq!(results(&killed), results(&quiet));
}

#[test]
fn what_waits_for_nobody_goes_on_as_soon_as_somebody_looks() {
    let notebook = with(&slow());
    notebook.run(&["run", "cell", "--detach"]);
    wait_for("a run in flight", || is_in_flight(&notebook));
    let pid = supervisor(&notebook).unwrap();
    let workers = children(pid);
    kill_process(pid, Signal::KILL).unwrap();
    wait_for("the end of its workers", || workers.iter().all(|worker| !is_alive(*worker)));
    let listed = notebook.run(&["list", "--running"]);
    assert!(listed.out.contains("nobody is at work") && listed.out.contains("queued"), "{listed:?}");
    assert!(notebook.run(&["show", "cell"]).out.contains("queued"));
    let watched = notebook.run(&["watch"]);
    assert_eq!(watched.code, 0, "{watched:?}");
    assert!(notebook.run(&["run", "cell"]).out.contains("all 8 runs are there"));
}

#[test]
fn two_programs_share_one_supervisor_and_every_run_is_begun_once() {
    let notebook = with(&slow());
    let (one, two) = (start(&notebook, &["run", "cell"]), start(&notebook, &["run", "cell"]));
    for child in [one, two] {
        let ran = ended(child);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("✓ claim fast-fits-better") && ran.out.contains("   fresh"), "{ran:?}");
    }
    let begun = said(&notebook);
    let begun = begun.iter().filter(|line| matches!(line, Line::Event { what: Event::Started(_), .. }));
    assert_eq!(begun.count(), 8);
    assert_eq!(results(&notebook).len(), 8);
}

#[test]
fn leftovers_of_other_machines_and_junk_block_nothing() {
    let notebook = with(QUICK);
    let folder = folder(&notebook);
    fs::create_dir_all(folder.join("orders")).unwrap();
    fs::write(folder.join("lock"), "process 1 on another-machine\n").unwrap();
    fs::write(
        folder.join("log.jsonl"),
        "{\"begin\":{\"pid\":1,\"host\":\"x\",\"version\":\"\",\"at\":\"\",\"workers\":9}}\nnot json\n",
    )
    .unwrap();
    fs::write(folder.join("ballast"), "").unwrap();
    fs::write(folder.join("orders/00000000000001-1-000000.json"), "{ junk").unwrap();
    let ran = notebook.run(&["run", "cell"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("✓ claim"), "{ran:?}");
    assert!(folder.join("orders/00000000000001-1-000000.bad").exists());
}

#[test]
fn a_supervisor_makes_way_for_one_of_another_version() {
    let notebook = with(&endless());
    notebook.run(&["run", "cell", "--detach", "--workers", "1"]);
    wait_for("a run in flight", || is_in_flight(&notebook));
    let pid = supervisor(&notebook).unwrap();
    let orders = folder(&notebook).join("orders");
    let order = fs::read_dir(&orders).unwrap().flatten().next().unwrap().path();
    let text = fs::read_to_string(&order).unwrap();
    // What is going is finished first; here that means stopped.
    let newer = text.replacen("engine", "another engine", 1);
    let (head, rest) = newer.split_once("\"since\":\"").unwrap();
    let newer = format!("{head}\"since\":\"9999{}", &rest[4..]);
    // Whole at once, as orders are given.
    let give = |name: &str, text: String| {
        fs::write(orders.join("draft"), text).unwrap();
        fs::rename(orders.join("draft"), orders.join(name)).unwrap();
    };
    give("99999999999999-1-000000.json", newer);
    let head = text.split_once(",\"since").unwrap().0;
    let stop = format!("{head},\"since\":\"\",\"request\":{{\"stop\":{{\"runs\":null}}}}}}");
    give("99999999999999-1-000001.json", stop);
    wait_for("its end", || !is_alive(pid));
}

#[test]
fn a_supervisor_with_nothing_to_do_ends_and_one_whose_notebook_is_gone_too() {
    let notebook = with(QUICK);
    let mut idle = notebook.command(&["supervise", "--detached", "--idle", "0"]).spawn().unwrap();
    wait_for("its end", || idle.try_wait().unwrap().is_some());
    assert!(idle.wait().unwrap().success());
    let path = notebook.path().to_owned();
    let mut orphan = notebook.command(&["supervise", "--detached", "--idle", "1e5"]).spawn().unwrap();
    wait_for("its beginning", || supervisor(&notebook).is_some_and(|pid| pid == Pid::from_child(&orphan)));
    // A second one leaves at once: the first has the lock.
    let second = notebook.command(&["supervise", "--detached", "--idle", "1e5"]).output().unwrap();
    assert!(second.status.success() && is_alive(Pid::from_child(&orphan)));
    fs::remove_dir_all(path).unwrap();
    wait_for("its end", || orphan.try_wait().unwrap().is_some());
}

#[test]
fn a_terminated_supervisor_leaves_its_runs_to_the_next() {
    let notebook = with(&slow());
    notebook.run(&["run", "cell", "--detach"]);
    wait_for("a run in flight", || is_in_flight(&notebook));
    let pid = supervisor(&notebook).unwrap();
    let workers = children(pid);
    kill_process(pid, Signal::TERM).unwrap();
    wait_for("its end", || !is_alive(pid));
    assert!(workers.iter().all(|worker| !is_alive(*worker)), "it takes its workers along");
    assert_eq!(notebook.run(&["run", "cell"]).code, 0);
    let statuses = Store::open(notebook.path()).read_summaries().0;
    assert!(statuses.iter().all(|record| record.status.is_result()) && statuses.len() == 8);
}
