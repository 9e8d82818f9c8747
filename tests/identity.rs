//! What a run is known by: what changes nothing about it makes nothing stale, and what does is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fs;
use std::path::Path;

use common::Notebook;
use lowland::base::RunId;
use lowland::spec::ENGINE;
use lowland::store::{Curve, RunRecord, Store};

const ENTRY: &str = "2026-01-02-wine";

const TEXT: &str = "\
---
title: Wine
---
Prose.

```yaml experiment
id: quick
dataset: {name: wine, train: 60, test: 30}
model: {kind: mlp, hidden: [8], activation: tanh}
optimizer: {learning_rate: 0.1, batch_size: 10}
stop: {epochs: 5}
arms:
  slow: {optimizer: {learning_rate: 0.01}}
  fast: {}
seeds: 2
measure: [gradient_norm]
```
";

fn copy_dataset(from: &str, notebook: &Notebook, name: &str) {
    let folder = notebook.path().join("datasets");
    fs::create_dir_all(&folder).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("datasets/{from}.parquet"));
    fs::copy(from, folder.join(format!("{name}.parquet"))).unwrap();
}

/// A notebook in which the cell has been run.
fn run() -> Notebook {
    let notebook = Notebook::empty();
    copy_dataset("wine", &notebook, "wine");
    notebook.entry(ENTRY, TEXT);
    let ran = notebook.run(&["run", "wine"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    notebook
}

#[test]
fn nothing_is_run_again_because_of_words_places_and_order() {
    type Change = fn(&str) -> String;
    // (what changed, the entry it then stands in, its text)
    let table: [(&str, &str, Change); 6] = [
        ("prose", ENTRY, |text| text.replace("Prose.", "Other prose, and more of it.\n\n- a list")),
        ("the layout of the YAML", ENTRY, |text| {
            text.replace(
                "optimizer: {learning_rate: 0.1, batch_size: 10}\nstop: {epochs: 5}",
                "stop:\n    epochs: 5 # as before\noptimizer:\n    batch_size: 10\n    learning_rate: 1.0e-1",
            )
        }),
        ("the name of the cell", ENTRY, |text| text.replace("id: quick", "id: another")),
        ("the name of an arm", ENTRY, |text| text.replace("slow:", "slower:")),
        ("the name of the entry", "2026-03-04-renamed", str::to_owned),
        ("what is spelled out that was left to default", ENTRY, |text| {
            text.replace("activation: tanh", "activation: tanh, bias: true")
        }),
    ];
    let notebook = run();
    for (what, entry, change) in table {
        fs::remove_dir_all(notebook.path().join("entries")).unwrap();
        fs::create_dir(notebook.path().join("entries")).unwrap();
        let text = change(TEXT);
        assert!(text != TEXT || entry != ENTRY, "{what} did not change");
        notebook.entry(entry, text);
        let plan = notebook.run(&["run", entry, "--dry-run"]);
        assert!(plan.out.contains("all 4 runs are there"), "{what}: {plan:?}");
        assert!(notebook.run(&["show", entry]).out.contains("   fresh"), "{what}");
    }
}

#[test]
fn a_cell_that_moves_to_another_entry_takes_its_results_along() {
    let notebook = run();
    let (head, cell) = TEXT.split_once("```yaml").unwrap();
    notebook.entry(ENTRY, head);
    notebook.entry("2026-05-06-other", format!("---\ntitle: Other\n---\n```yaml{cell}"));
    assert!(notebook.run(&["run", "other", "--dry-run"]).out.contains("all 4 runs are there"));
}

#[test]
fn what_changed_is_named_and_the_old_results_stay_to_be_read() {
    let table = [
        ("learning_rate: 0.1,", "learning_rate: 0.2,", 2, "optimizer.learning_rate 0.1 → 0.2"),
        ("epochs: 5", "epochs: 6", 4, "stop.steps 30 → 36"),
        ("hidden: [8]", "hidden: [9]", 4, "model.hidden [8] → [9]"),
        ("train: 60", "train: 50", 4, "dataset.train 60 → 50"),
        ("[gradient_norm]", "[gradient_norm, sam_sharpness]", 4, "sam_sharpness is not measured yet"),
    ];
    let notebook = run();
    let before = notebook.run(&["show", "wine"]).out;
    let numbers = before.lines().find(|line| line.trim_start().starts_with("slow ")).unwrap().trim();
    for (old, new, missing, reason) in table {
        assert!(TEXT.contains(old));
        notebook.entry(ENTRY, TEXT.replace(old, new));
        let list = notebook.run(&["list"]);
        assert!(list.out.contains(&format!("stale: {reason}")), "{reason}: {list:?}");
        let shown = notebook.run(&["show", "wine"]);
        assert!(shown.out.contains("   stale") && shown.out.contains(reason), "{reason}: {shown:?}");
        let old_ones = shown.out.contains("before the change:") && shown.out.contains(numbers);
        // Where some runs are unchanged, those are shown, and nothing else stands beside them.
        assert_eq!(old_ones, missing == 4, "{reason}: {shown:?}");
        let plan = notebook.run(&["run", "wine", "--dry-run"]);
        assert!(plan.out.contains("4 runs") && plan.out.contains(&missing.to_string()), "{reason}: {plan:?}");
    }
    notebook.entry(ENTRY, TEXT);
    assert!(notebook.run(&["show", "wine"]).out.contains("   fresh"), "nothing was lost by all that");
}

#[test]
fn another_dataset_under_the_same_name_is_noticed() {
    let notebook = run();
    copy_dataset("breast_cancer", &notebook, "wine");
    let list = notebook.run(&["list"]);
    assert!(list.out.contains("stale: dataset wine changed"), "{list:?}");
    assert!(notebook.run(&["show", "wine"]).out.contains("before the change:"));
}

#[test]
fn results_of_another_engine_are_stale_and_say_so() {
    let (made, notebook) = (run(), Notebook::empty());
    copy_dataset("wine", &notebook, "wine");
    notebook.entry(ENTRY, TEXT);
    let (records, _) = Store::open(made.path()).read_summaries();
    let older = records.iter().map(|record| {
        let mut record = RunRecord::clone(record);
        record.run = RunId::of(&[b"an older engine", record.run.as_str().as_bytes()]);
        record.engine = 0;
        (record, Curve::default())
    });
    Store::open(notebook.path()).append(&older.collect::<Vec<_>>()).unwrap();
    let list = notebook.run(&["list"]);
    assert!(list.out.contains(&format!("stale: engine 0 → {ENGINE}")), "{list:?}");
    let shown = notebook.run(&["show", "wine"]);
    assert!(
        shown.out.contains(&format!("engine 0 → {ENGINE}")) && shown.out.contains("before the change:"),
        "{shown:?}"
    );
}
