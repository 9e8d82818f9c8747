//! The command line as its users meet it: the real program on a small notebook.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::process::Stdio;

use common::{Notebook, QUICK};
use lowland::base::RunId;
use lowland::store::Store;

#[test]
fn a_run_trains_stores_compares_and_judges() {
    let notebook = Notebook::quick();
    let ran = notebook.run(&["run", "quick"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("8 runs to do"), "{ran:?}");
    assert!(ran.out.contains("▸ compare quick") && ran.out.contains("✓ claim fast-fits-better"), "{ran:?}");
    let listed = notebook.run(&["list"]);
    assert!(listed.out.starts_with("✓ 2026-01-02  Quick  1 supported"), "{listed:?}");
    let again = notebook.run(&["run", "quick"]);
    assert!(again.out.contains("all 8 runs are there") && again.err.is_empty(), "{again:?}");
}

#[test]
fn json_is_json_and_says_the_same() {
    let notebook = Notebook::quick();
    let before = notebook.run(&["check", "--json"]).json();
    assert_eq!(before[0]["verdict"], "not run");
    let ran = notebook.run(&["run", "quick", "--json"]).json();
    assert_eq!(ran[0]["cells"][0]["state"], "fresh");
    let check = notebook.run(&["check", "--json"]).json();
    let claim = &check[0];
    assert_eq!(check.as_array().unwrap().len(), 1);
    assert_eq!(claim["entry"], "2026-01-02-quick");
    assert_eq!(claim["claim"], "fast-fits-better");
    assert_eq!(claim["verdict"], "supported");
    assert_eq!(claim["n"], 4);
    let (low, estimate, high) = (
        claim["low"].as_f64().unwrap(),
        claim["estimate"].as_f64().unwrap(),
        claim["high"].as_f64().unwrap(),
    );
    assert!(low < estimate && estimate < high && high < 0.0, "{claim}");
    let list = notebook.run(&["list", "--json"]).json();
    assert_eq!((&list[0]["supported"], &list[0]["experiments"][0]["runs"]), (&1.into(), &8.into()));
    let shown = notebook.run(&["show", "quick#quick", "--json"]).json();
    assert_eq!(shown["cells"][0]["runs"].as_array().unwrap().len(), 8);
    let compared = notebook.run(&["compare", "quick", "--show", "lambda_max", "--json"]).json();
    assert_eq!(compared["series"][0]["quantity"], "lambda_max");
}

/// Final measures by name, to the bit, and the file of the weights.
type Bits = (Vec<(String, u64)>, Vec<u8>);

/// What every run came to.
fn results(notebook: &Notebook) -> BTreeMap<RunId, Bits> {
    let (records, problems) = Store::open(notebook.path()).read_summaries();
    assert!(problems.is_empty(), "{problems:?}");
    records
        .iter()
        .map(|record| {
            let measures =
                record.measures.iter().map(|(name, value)| (name.clone(), value.to_bits())).collect();
            let weights = notebook.path().join(format!("runs/weights/{}.safetensors", record.run));
            (record.run.clone(), (measures, fs::read(weights).unwrap()))
        })
        .collect()
}

#[test]
fn the_same_run_gives_the_same_bits_in_every_process_and_beside_any_other() {
    let (one, two) = (Notebook::quick(), Notebook::quick());
    assert_eq!(one.run(&["run", "quick", "--workers", "1"]).code, 0);
    assert_eq!(two.run(&["run", "quick", "--workers", "4"]).code, 0);
    let (one, two) = (results(&one), results(&two));
    assert_eq!(one.len(), 8);
    assert_eq!(one, two);
}

#[test]
fn a_claim_that_must_hold_and_does_not_fails_the_check() {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-quick", QUICK.replace("must: supported", "must: refuted"));
    assert_eq!(notebook.run(&["check"]).code, 0, "what was not run breaks no promise");
    notebook.run(&["run", "quick"]);
    let check = notebook.run(&["check"]);
    assert_eq!(check.code, 1);
    assert!(check.out.contains("must hold, and does not"), "{check:?}");
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let notebook = Notebook::quick();
    for (args, said) in [
        (&["run"][..], "required"),
        (&["run", "qiuck"], "did you mean `quick`?"),
        (&["show", "quick#quik"], "did you mean `quick`?"),
        (&["compare", "quick:slwo"], "did you mean `slow`?"),
        (&["compare", "quick", "--show", "lamda_max"], "did you mean `lambda_max`?"),
        (&["compare", "quick", "--baseline", "slwo"], "did you mean `slow`?"),
        (&["runs", "qiuck"], "did you mean `quick`?"),
        (&["runs", "--filter", "lr>="], "a value is missing"),
        (&["runs", "quick", "--filter", "lerning_rate>0"], "did you mean `learning_rate`?"),
        (&["help", "cels"], "did you mean `cells`?"),
        (&["lst"], "list"),
    ] {
        let ran = notebook.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(said), "{args:?}: {ran:?}");
    }
}

#[test]
fn runs_are_listed_filtered_and_averaged() {
    let notebook = Notebook::quick();
    let before = notebook.run(&["runs", "quick#quick"]);
    assert_eq!(before.out.matches("missing").count(), 8, "{before:?}");
    assert_eq!(notebook.run(&["runs"]).err, "no runs yet\n");
    notebook.run(&["run", "quick"]);
    let all = notebook.run(&["runs"]);
    let head = "  run   seed  learning_rate  train_loss  test_accuracy  lambda_max";
    assert!(all.out.starts_with(head) && all.out.lines().count() == 9, "{all:?}");
    assert!(all.out.lines().all(|line| line.chars().count() <= 80), "{all:?}");
    let some = notebook.run(&[
        "runs",
        "-f",
        "lr<0.05 -seed:0 tag:a",
        "-c",
        "run, min test_loss as best",
        "-s",
        "-best",
    ]);
    assert!(some.out.starts_with("  run    best▼\n  slow  0.") && some.out.lines().count() == 4, "{some:?}");
    let groups = notebook.run(&["runs", "quick", "--group", "--json"]).json();
    assert_eq!(groups.as_array().map(Vec::len), Some(2), "{groups}");
    assert_eq!((&groups[0]["arm"], &groups[0]["status"]["done"]), (&"slow".into(), &4.into()), "{groups}");
    assert_eq!(groups[0]["columns"]["train_loss"]["n"], 4, "{groups}");
}

#[test]
fn runs_are_told_as_differences_to_one_and_two_of_them_by_what_differs() {
    let notebook = Notebook::quick();
    notebook.run(&["run", "quick"]);
    let means = notebook.run(&["runs", "quick", "--group", "--baseline", "arm=slow"]);
    assert!(
        means.err.contains("outcomes are differences to slow") && means.out.contains("◆slow"),
        "{means:?}"
    );
    let rows = notebook.run(&["runs", "quick", "--group", "--baseline", "arm=slow", "--json"]).json();
    assert_eq!(rows[0]["columns"]["train_loss"]["n"], 4, "the baseline itself: {rows}");
    assert_eq!(rows[1]["columns"]["train_loss"]["change"]["n"], 4, "paired by seed: {rows}");
    let id = rows[1]["runs"][0].as_str().unwrap();
    let told = notebook.run(&["runs", "--diff", "arm=slow seed=0", &id[..10]]);
    assert!(told.out.contains("optimizer.learning_rate  0.01 → 0.1"), "{told:?}");
    let told = notebook.run(&["runs", "--group", "--diff", "arm=slow", "arm=fast", "--json"]).json();
    assert_eq!(
        (&told["from"], &told["settings"][0]["new"]),
        (&"quick#quick:slow (4 runs)".into(), &0.1.into())
    );
    for (args, why) in [
        (&["--baseline", "arm=slow"][..], "could be any of 4 rows"),
        (&["--baseline", "arm=solw"], "no run passes `arm=solw`"),
        (&["--diff", "amr=slow", "arm=fast"], "did you mean `arm`?"),
        (&["--diff", "arm=slow"], "2 values required"),
        (&["--diff", "arm=slow", "arm=fast", "--sort", "lr"], "cannot be used with"),
    ] {
        let ran = notebook.run(&[&["runs"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(why), "{args:?}: {ran:?}");
    }
    let seeds = notebook.run(&["compare", "quick#quick", "--seeds", "--show", "train_loss"]);
    assert!(seeds.out.contains("the tallest bar is"), "{seeds:?}");
}

#[test]
fn heavy_cells_are_left_out_unless_asked_for() {
    let notebook = Notebook::empty();
    notebook.entry("heavy", QUICK.replace("seeds: 4", "seeds: 4\ncost: full"));
    let ran = notebook.run(&["run", "heavy"]);
    assert!(ran.out.contains("left out (cost: full)"), "{ran:?}");
    assert!(!notebook.path().join("runs/summary").exists());
    assert!(notebook.run(&["run", "heavy", "--full"]).out.contains("✓ claim"));
}

#[test]
fn divergence_is_a_result() {
    let notebook = Notebook::empty();
    notebook.entry(
        "wild",
        QUICK.replace("learning_rate: 0.1,", "learning_rate: 1.0e+9,").replace("tanh", "relu"),
    );
    let ran = notebook.run(&["run", "wild"]);
    assert!(ran.out.contains("4 runs diverged (fast)"), "{ran:?}");
    assert!(notebook.run(&["run", "wild"]).out.contains("all 8 runs are there"), "{ran:?}");
}

#[test]
fn cells_that_share_their_runs_train_them_once_and_stay_fresh() {
    let notebook = Notebook::empty();
    let other = QUICK
        .replace("id: quick", "id: other")
        .replace("[lambda_max, {hessian_trace: {probes: 4}}]", "[sam_sharpness]");
    let other = other.split("```yaml compare").next().unwrap();
    notebook.entry("2026-01-02-shared", format!("{QUICK}\n{other}"));
    let ran = notebook.run(&["run", "shared"]);
    assert!(ran.err.contains("8 runs in"), "{ran:?}");
    for _ in 0..2 {
        let again = notebook.run(&["run", "shared"]);
        assert_eq!(again.out.matches("all 8 runs are there").count(), 2, "{again:?}");
    }
}

#[test]
fn a_pipe_that_closes_early_is_no_error() {
    let notebook = Notebook::quick();
    let mut child =
        notebook.command(&["help", "cells"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn completions_and_help_exist() {
    let notebook = Notebook::empty();
    for shell in ["bash", "zsh", "fish"] {
        assert!(notebook.run(&["completions", shell]).out.contains("lowland"));
    }
    for (topic, said) in [("cells", "yaml experiment"), ("measures", "hessian_trace"), ("run", "--full")] {
        assert!(notebook.run(&["help", topic]).out.contains(said), "{topic}");
    }
}

#[test]
fn lines_are_logged_entries_begun_and_all_of_it_found_again() {
    let notebook = Notebook::quick();
    let logged = notebook.run(&["log", "flatter", "at", "batch 8"]);
    assert_eq!(logged.code, 0, "{logged:?}");
    let path = notebook.path().join(logged.out.trim());
    assert!(path.to_string_lossy().ends_with("-log.md"), "{logged:?}");
    assert!(std::fs::read_to_string(path).unwrap().trim_end().ends_with("flatter at batch 8"));
    let begun = notebook.run(&["new", "Is it flat?"]);
    assert!(begun.out.trim().ends_with("-is-it-flat.md"), "{begun:?}");
    let found = notebook.run(&["search", "flatter at BATCH".to_lowercase().as_str()]);
    assert!(found.code == 0 && found.out.contains("-log:"), "{found:?}");
    let places = notebook.run(&["search", "--json", "Prose"]).json();
    assert_eq!(
        (places[0]["entry"].as_str(), places[0]["line"].as_u64()),
        (Some("2026-01-02-quick"), Some(5))
    );
    assert_eq!(notebook.run(&["search", "nowhere at all"]).code, 1);
    assert_eq!(notebook.run(&["log"]).code, 2);
}
