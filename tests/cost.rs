//! What runs cost, said before they are begun: the real program on small notebooks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Notebook, QUICK};

/// Where the notebook keeps what was tried.
fn calibration(notebook: &Notebook) -> PathBuf {
    notebook.path().join("runs/.live/calibration.json")
}

/// A notebook with one cell.
fn with(cell: &str) -> Notebook {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-cell", format!("```yaml experiment\nid: cell\n{cell}\n```\n"));
    notebook
}

#[test]
fn a_dry_run_says_what_it_would_cost_and_keeps_nothing_but_that() {
    let notebook = Notebook::quick();
    assert!(notebook.run(&["show", "quick"]).out.contains("8 runs · not timed yet · "));
    let plan = notebook.run(&["run", "quick", "--dry-run", "--workers", "2"]);
    let line = plan.out.lines().next().unwrap();
    let said = "2026-01-02-quick#quick: 8 of 8 runs to do, under a second on 2 workers, ";
    assert!(line.starts_with(said) && line.ends_with(" MB each"), "{plan:?}");
    let kept: Vec<_> = fs::read_dir(notebook.path().join("runs")).unwrap().flatten().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let live: Vec<_> = fs::read_dir(kept[0].path()).unwrap().flatten().map(|file| file.path()).collect();
    assert_eq!(live, [calibration(&notebook)]);

    let before = fs::read(calibration(&notebook)).unwrap();
    let shown = notebook.run(&["show", "quick"]);
    assert!(shown.out.contains("8 runs · under a second · "), "{shown:?}");
    let plan = notebook.run(&["run", "quick", "--dry-run", "--json", "--workers", "2"]).json();
    assert_eq!(fs::read(calibration(&notebook)).unwrap(), before, "what is known is not tried again");
    assert_eq!((&plan["runs"], &plan["workers"], &plan["at_most"]), (&8.into(), &2.into(), &false.into()));
    let cell = &plan["cells"][0];
    assert_eq!((&cell["cell"], &cell["planned"]), (&"2026-01-02-quick#quick".into(), &8.into()));
    let (seconds, memory) = (plan["seconds"].as_f64().unwrap(), plan["memory"].as_f64().unwrap());
    assert!(seconds > 0.0 && (2e6..200e6).contains(&memory), "{plan}");
    assert_eq!((cell["seconds"].as_f64(), cell["memory"].as_f64()), (Some(seconds), Some(memory)));

    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    let plan = notebook.run(&["run", "quick", "--dry-run", "--json"]).json();
    assert_eq!((&plan["runs"], &plan["memory"]), (&0.into(), &serde_json::Value::Null));
}

#[test]
fn runs_that_are_over_at_once_are_not_tried_out_first() {
    let notebook = Notebook::quick();
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    assert!(!calibration(&notebook).exists());
    // What was stored is enough to say what more of the same will take.
    notebook.entry("2026-01-02-quick", QUICK.replace("seeds: 4", "seeds: 9"));
    let shown = notebook.run(&["show", "quick"]);
    assert!(shown.out.contains("partial 8 of 18") && shown.out.contains("10 runs to do · under a second"));
}

#[test]
fn several_cells_are_summed_up_and_a_run_of_two_cells_counts_once() {
    let notebook = Notebook::quick();
    notebook.entry("2026-01-03-again", QUICK.replace("seeds: 4", "seeds: 5"));
    let plan = notebook.run(&["run", "--needed", "--dry-run", "--workers", "1"]);
    assert!(plan.out.contains("#quick: 8 of 8 runs to do, "), "{plan:?}");
    assert!(plan.out.contains("#quick: 10 of 10 runs to do, "), "{plan:?}");
    assert!(plan.out.contains("\n10 runs to do in all, under a second on 1 worker, "), "{plan:?}");
}

#[test]
fn a_target_makes_it_at_most_and_much_memory_is_warned_of() {
    let target = "dataset: {kind: teacher, train: 100}\nmodel: {hidden: 32}\n\
                  optimizer: {learning_rate: 1.0e-6}\nstop: {steps: 900000000, train_loss: 1.0e-9}";
    let plan = with(target).run(&["run", "cell", "--dry-run"]);
    assert!(plan.out.contains("1 of 1 run to do, at most ") && plan.code == 0, "{plan:?}");
    // Weights of terabytes: nothing is tried, for no worker could.
    let huge = "dataset: {kind: teacher, train: 9}\nmodel: {hidden: [1000000, 1000000]}\n\
                optimizer: {learning_rate: 0.1}";
    let notebook = with(huge);
    let plan = notebook.run(&["run", "cell", "--dry-run"]);
    assert!(plan.out.contains("warning: 1 worker may need ") && plan.out.contains("GB"), "{plan:?}");
    let plan = notebook.run(&["run", "cell", "--dry-run", "--json"]).json();
    assert_eq!(plan["enough_memory"], false);
}

#[test]
fn what_was_tried_may_be_damaged_foreign_or_a_link() {
    let notebook = Notebook::quick();
    fs::create_dir_all(notebook.path().join("runs/.live")).unwrap();
    for damage in ["", "[]", "{\"host\": 1}", "\u{0}\u{ff}", "[[[[[["] {
        fs::write(calibration(&notebook), damage).unwrap();
        assert!(notebook.run(&["show", "quick"]).out.contains("not timed yet"));
        assert!(notebook.run(&["run", "quick", "--dry-run"]).out.contains("8 runs to do, under a second"));
        assert!(fs::read_to_string(calibration(&notebook)).unwrap().starts_with("[{\"host\":"));
    }
    let secret = notebook.path().join("secret");
    fs::write(&secret, "mine").unwrap();
    fs::remove_file(calibration(&notebook)).unwrap();
    std::os::unix::fs::symlink(&secret, calibration(&notebook)).unwrap();
    assert!(notebook.run(&["run", "quick", "--dry-run"]).out.contains("8 runs to do"));
    assert_eq!(fs::read_to_string(&secret).unwrap(), "mine");
}

#[test]
fn a_dataset_that_cannot_be_read_is_told_and_not_tried() {
    let notebook = with(
        "dataset: {name: broken, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 0.1}\nseeds: 3",
    );
    fs::create_dir(notebook.path().join("datasets")).unwrap();
    fs::write(notebook.path().join("datasets/broken.parquet"), "PAR1 no").unwrap();
    let plan = notebook.run(&["run", "cell", "--dry-run"]);
    assert!(plan.out.contains("3 of 3 runs to do, not timed yet\n"), "{plan:?}");
    assert!(!calibration(&notebook).exists());
}

/// The largest that any worker on this notebook was seen to be, in bytes.
#[cfg(target_os = "linux")]
fn watch_workers(notebook: &Path, running: &mut Child) -> f64 {
    let patience = Instant::now() + Duration::from_mins(2);
    let mut most = 0.0_f64;
    while running.try_wait().unwrap().is_none() {
        assert!(Instant::now() < patience, "it never ended");
        for process in fs::read_dir("/proc").unwrap().flatten().map(|process| process.path()) {
            let command = fs::read(process.join("cmdline")).unwrap_or_default();
            let words: Vec<_> = command.split(|&byte| byte == 0).collect();
            let here = notebook.as_os_str().as_encoded_bytes();
            if !words.contains(&b"worker".as_slice()) || !words.contains(&here) {
                continue;
            }
            let status = fs::read_to_string(process.join("status")).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
            let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap_or(0.0);
            most = most.max(kilobytes * 1024.0);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    most
}

#[cfg(target_os = "linux")]
#[test]
fn workers_need_about_the_memory_that_was_said() {
    for cell in [
        "dataset: {kind: teacher, inputs: 300, train: 8000, test: 2000}\nmodel: {hidden: 64}\n\
         optimizer: {learning_rate: 0.1}\nstop: {steps: 9000}",
        "dataset: {kind: teacher, train: 3000, test: 100}\nmodel: {hidden: [256, 256], activation: tanh}\n\
         optimizer: {learning_rate: 0.01, momentum: 0.9}\nstop: {steps: 20}\nmeasure: [lambda_max]",
    ] {
        let notebook = with(cell);
        let plan = notebook.run(&["run", "cell", "--dry-run", "--json"]).json();
        let said = plan["memory"].as_f64().unwrap();
        let mut running = notebook.command(&["run", "cell"]).stdout(Stdio::null()).spawn().unwrap();
        let root = notebook.path().canonicalize().unwrap();
        let taken = watch_workers(&root, &mut running);
        assert!((0.6..1.7).contains(&(said / taken)), "{cell}: {said} said, {taken} taken");
    }
}
