//! Tidying up as its users meet it: `lowland compact` and `lowland gc` on a small notebook.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use common::{Notebook, QUICK};
use lowland::store::Store;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// The Parquet files of a table.
fn files(notebook: &Notebook, table: &str) -> Vec<PathBuf> {
    let partitions = fs::read_dir(notebook.path().join("runs").join(table)).unwrap();
    let files = partitions.flat_map(|partition| fs::read_dir(partition.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

/// How many runs are stored, and how many files of weights there are.
fn counts(notebook: &Notebook) -> (usize, usize) {
    let (records, problems) = Store::open(notebook.path()).read_summaries();
    assert!(problems.is_empty(), "{problems:?}");
    (records.len(), fs::read_dir(notebook.path().join("runs/weights")).map_or(0, Iterator::count))
}

/// The quick entry, run cell by cell, so that it stands in several files.
fn several() -> Notebook {
    let notebook = Notebook::empty();
    for seeds in ["1", "2", "4"] {
        notebook.entry("2026-01-02-quick", QUICK.replace("seeds: 4", &format!("seeds: {seeds}")));
        assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    }
    assert_eq!(files(&notebook, "summary").len(), 3);
    notebook
}

#[test]
fn compacting_makes_few_files_of_many_and_changes_nothing_that_is_shown() {
    let notebook = several();
    let shown = |args: &[&str]| notebook.run(args).out;
    let before = [shown(&["show", "quick", "--json"]), shown(&["check"]), shown(&["list"])];
    let plan = notebook.run(&["compact", "--dry-run"]);
    assert!(plan.out.contains("8 runs, 3 files of each table would become 1"), "{plan:?}");
    assert_eq!(files(&notebook, "summary").len(), 3);
    let done = notebook.run(&["compact"]);
    assert_eq!((done.code, done.out), (0, plan.out.replace("would become", "became")));
    assert_eq!((files(&notebook, "summary").len(), files(&notebook, "curves").len()), (1, 1));
    assert_eq!([shown(&["show", "quick", "--json"]), shown(&["check"]), shown(&["list"])], before);
    assert!(notebook.run(&["run", "quick"]).out.contains("all 8 runs are there"));
    let verified = notebook.run(&["verify", "--sample", "2"]);
    assert!(verified.out.ends_with(": 2 bit-identical\n"), "{verified:?}");
    assert_eq!(notebook.run(&["compact"]).out, "nothing to compact\n");
}

#[test]
fn where_nothing_is_stored_there_is_nothing_to_tidy_and_nothing_is_made() {
    let notebook = Notebook::quick();
    assert_eq!(notebook.run(&["compact"]).out, "nothing to compact\n");
    for args in [&["gc"][..], &["gc", "--dry-run"], &["gc", "--yes"]] {
        let ran = notebook.run(args);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (0, "nothing to remove: every stored run is asked for by a cell\n")
        );
    }
    assert!(!notebook.path().join("runs").exists());
}

/// A notebook of 8 runs, of which a change of the fast arm has made 4 nobody's.
fn changed() -> Notebook {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-quick", QUICK);
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    notebook.entry("2026-01-02-quick", QUICK.replace("learning_rate: 0.1,", "learning_rate: 0.2,"));
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    assert_eq!(counts(&notebook), (12, 12));
    notebook
}

#[test]
fn what_no_cell_asks_for_goes_after_it_was_said_and_meant() {
    let notebook = changed();
    let before = notebook.run(&["show", "quick", "--json"]).out;
    let plan = notebook.run(&["gc", "--dry-run"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    assert!(
        plan.out
            .starts_with("2026-01-02-quick#quick: 4 runs of 1 former setting\n4 runs of 1 former setting, "),
        "{plan:?}"
    );
    assert!(plan.out.ends_with(" kB\n"), "{plan:?}");
    let refused = notebook.run(&["gc"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("--yes removes it"), "{refused:?}");
    assert_eq!(counts(&notebook), (12, 12));
    let done = notebook.run(&["gc", "--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.starts_with(&plan.out) && done.out.contains("\nremoved, "), "{done:?}");
    assert_eq!(counts(&notebook), (8, 8));
    assert_eq!(notebook.run(&["show", "quick", "--json"]).out, before);
    assert!(notebook.run(&["run", "quick"]).out.contains("all 8 runs are there"));
    // The former setting is gone for good.
    notebook.entry("2026-01-02-quick", QUICK);
    assert!(notebook.run(&["run", "quick", "--dry-run"]).out.contains("4 of 8 runs to do"));
}

#[test]
fn what_is_left_of_interrupted_runs_goes_unless_somebody_asks_for_it_or_is_at_it() {
    let notebook = changed();
    notebook.run(&["gc", "--yes"]);
    let wanted = notebook.run(&["show", "quick", "--json"]).json()["cells"][0]["runs"][0]["run"].clone();
    let leftover = |run: &str| {
        let folder = notebook.path().join("runs/.live").join(run);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("lock"), "").unwrap();
        fs::write(folder.join("journal.jsonl"), "{}\n").unwrap();
        folder
    };
    let kept = wanted.as_str().map(leftover);
    let (nobodys, held) = (leftover(&"a".repeat(32)), leftover(&"b".repeat(32)));
    let lock = fs::File::open(held.join("lock")).unwrap();
    lock.lock().unwrap();
    let ran = notebook.run(&["gc", "--yes"]);
    assert!(ran.out.starts_with("1 run that was interrupted and nobody asks for\n"), "{ran:?}");
    assert!(!nobodys.exists() && held.exists() && kept.is_none_or(|folder| folder.exists()));
    assert_eq!(counts(&notebook), (8, 8));
}

/// `lowland gc` on a terminal, where somebody types `answer`; what it says.
fn answered(notebook: &Notebook, answer: &str) -> String {
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pty = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lowland"));
    command.cwd(notebook.path());
    command.arg("gc");
    for (name, folder) in notebook.own_folders() {
        command.env(name, folder);
    }
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    // A terminal keeps what is typed until it is asked for.
    pty.master.take_writer().unwrap().write_all(answer.as_bytes()).unwrap();
    let mut said = Vec::new();
    // The end of a terminal is an error to its reader.
    let _ = pty.master.try_clone_reader().unwrap().read_to_end(&mut said);
    assert!(child.wait().unwrap().success());
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn on_a_terminal_it_asks_and_only_yes_is_yes() {
    let notebook = changed();
    for answer in ["\n", "n\n", "yess\n", "\u{4}"] {
        let said = answered(&notebook, answer);
        assert!(
            said.contains("remove it? [y/N]") && said.contains("nothing was removed"),
            "{answer:?}: {said}"
        );
        assert_eq!(counts(&notebook), (12, 12), "{answer:?}");
    }
    let said = answered(&notebook, "y\n");
    assert!(said.contains("removed, "), "{said}");
    assert_eq!(counts(&notebook), (8, 8));
}

#[test]
fn renaming_and_moving_make_nothing_nobodys() {
    let notebook = changed();
    notebook.run(&["gc", "--yes"]);
    fs::remove_file(notebook.path().join("entries/2026-01-02-quick.md")).unwrap();
    let moved = QUICK.replace("learning_rate: 0.1,", "learning_rate: 0.2,").replace("id: quick", "id: moved");
    notebook.entry("2026-05-05-elsewhere", moved.split("```yaml compare").next().unwrap());
    assert!(notebook.run(&["gc"]).out.starts_with("nothing to remove"));
}

#[test]
fn nothing_goes_while_anything_that_might_ask_for_it_is_broken() {
    type Break = fn(&Notebook);
    let cases: [(&str, Break, &str); 4] = [
        (
            "a bad experiment",
            |notebook| {
                notebook.entry("bad", "```yaml experiment\nid: e\noptimizr: {}\n```\n");
            },
            "unknown key `optimizr`",
        ),
        (
            "a bad claim",
            |notebook| {
                notebook.entry("bad", QUICK.replace("fast.train_loss <", "fats.train_loss <"));
            },
            "fats",
        ),
        (
            "a dataset that is not there",
            |notebook| {
                notebook.entry(
                    "bad",
                    "```yaml experiment\nid: e\ndataset: {name: digits, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n```\n",
                );
            },
            "there is no dataset `digits`",
        ),
        (
            "a title that is none",
            |notebook| {
                notebook.entry("bad", "---\ntitle: [1\n---\n");
            },
            "bad.md",
        ),
    ];
    for (what, break_it, said) in cases {
        let notebook = changed();
        break_it(&notebook);
        for args in [&["gc", "--yes"][..], &["gc", "--dry-run"]] {
            let ran = notebook.run(args);
            assert_eq!(ran.code, 1, "{what}: {ran:?}");
            assert!(ran.err.contains(said), "{what}: {ran:?}");
            assert!(
                ran.err.contains("nothing is removed while something in the entries is broken"),
                "{what}: {ran:?}"
            );
        }
        assert_eq!(counts(&notebook), (12, 12), "{what}");
    }
}

#[test]
fn a_notebook_that_asks_for_nothing_keeps_everything() {
    let notebook = changed();
    fs::remove_file(notebook.path().join("entries/2026-01-02-quick.md")).unwrap();
    let ran = notebook.run(&["gc", "--yes"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("no cell of this notebook asks for any run"), "{ran:?}");
    assert_eq!(counts(&notebook), (12, 12));
}

#[test]
fn orders_that_nobody_could_understand_go_when_they_are_old() {
    let notebook = Notebook::quick();
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    let orders = notebook.path().join("runs/.live/supervisor/orders");
    let order = |name: &str, hours: u64| {
        let path = orders.join(name);
        fs::write(&path, "{ junk").unwrap();
        let then = SystemTime::now() - Duration::from_hours(hours);
        fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
        path
    };
    let (old, young) = (order("00000000000001-1-000000.bad", 2), order("00000000000001-1-000001.bad", 0));
    let elsewhere = notebook.path().join("elsewhere.bad");
    fs::write(&elsewhere, "").unwrap();
    std::os::unix::fs::symlink(&elsewhere, orders.join("link.bad")).unwrap();
    let plan = notebook.run(&["gc", "--dry-run"]);
    assert_eq!(plan.out, "1 order of runs, set aside because nobody could understand it\n6 B in all\n");
    assert!(old.exists());
    let done = notebook.run(&["gc", "--yes"]);
    assert!(done.out.ends_with("removed, 6 B freed\n"), "{done:?}");
    assert!(!old.exists() && young.exists() && elsewhere.exists());
    assert!(notebook.run(&["gc"]).out.starts_with("nothing to remove"));
    assert_eq!(counts(&notebook), (8, 8));
}

#[test]
fn damaged_results_stop_neither_of_the_two() {
    let notebook = several();
    let curves: BTreeSet<_> = files(&notebook, "curves").into_iter().collect();
    fs::write(curves.first().unwrap(), "PAR1").unwrap();
    let done = notebook.run(&["compact"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.contains("2 files of each table became 1"), "{done:?}");
    assert!(done.err.contains("it is left as it is: of its curves: it is damaged"), "{done:?}");
    assert_eq!(counts(&notebook).0, 8);
    notebook.entry("2026-01-02-quick", QUICK.replace("seeds: 4", "seeds: [77]"));
    let gone = notebook.run(&["gc", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(gone.err.contains("it is left as it is"), "{gone:?}");
    let left = counts(&notebook).0;
    assert!(left > 0 && left < 8, "only what stands beside the damaged curves is left: {left}");
}
