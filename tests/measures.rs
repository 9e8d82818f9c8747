//! Measures of stored runs through the real program: asked for later, taken from stored weights, drawn, refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fs;

use common::Notebook;

/// Two arms of three seeds, which measure `measures`.
fn cell(measures: &str) -> String {
    format!(
        "```yaml experiment\nid: c\ndataset: {{kind: teacher, inputs: 5, hidden: 4, classes: 3, train: 60, test: 30}}\n\
         model: {{hidden: [6], activation: relu}}\noptimizer: {{learning_rate: 0.1, batch_size: 10}}\n\
         stop: {{epochs: 4}}\narms:\n  a: {{}}\n  b: {{optimizer: {{batch_size: full}}}}\nseeds: 3\n\
         measure: [{measures}]\n```\n\n```yaml compare\nof: c\n```\n"
    )
}

fn notebook(measures: &str) -> Notebook {
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-e", cell(measures));
    notebook
}

/// Bytes of all weights, by file, and when each was written.
fn weights(notebook: &Notebook) -> Vec<(String, std::time::SystemTime)> {
    let files = fs::read_dir(notebook.path().join("runs/weights")).unwrap().flatten();
    let mut found: Vec<_> = files
        .map(|file| {
            let written = file.metadata().unwrap().modified().unwrap();
            (file.file_name().to_string_lossy().into_owned(), written)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn what_a_cell_asks_for_later_is_measured_and_nothing_is_trained_again() {
    let notebook = notebook("");
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    let before = weights(&notebook);
    assert_eq!(before.len(), 6);
    let asked = "lambda_max, {spectrum: {steps: 6, probes: 2}}, slice, {relative_flatness: {probes: 8}}";
    notebook.entry("2026-01-02-e", cell(asked));
    assert!(notebook.run(&["show", "e"]).out.contains("lambda_max is not measured yet"));
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    assert_eq!(weights(&notebook), before, "no run was trained again");
    let shown = notebook.run(&["show", "e"]);
    assert!(
        shown.out.contains("fresh") && shown.out.contains("ρ(λ)") && shown.out.contains("slice"),
        "{shown:?}"
    );

    // A notebook that asked at once has the very same.
    let other = Notebook::empty();
    other.entry("2026-01-02-e", cell(asked));
    assert_eq!(other.run(&["run", "e"]).code, 0);
    let summary = |notebook: &Notebook| notebook.run(&["compare", "e", "--json"]).json();
    assert_eq!(summary(&notebook)["pictures"], summary(&other)["pictures"]);
    let values = |notebook: &Notebook| {
        let series = summary(notebook)["series"].as_array().unwrap().clone();
        let last =
            series.iter().map(|series| (series["quantity"].clone(), series["rows"][0]["last"].clone()));
        last.collect::<Vec<_>>()
    };
    assert_eq!(values(&notebook), values(&other));
    let verified = notebook.run(&["verify", "e"]);
    assert!(verified.code == 0 && verified.out.contains("6 bit-identical"), "{verified:?}");
    assert!(values(&notebook).iter().any(|(quantity, last)| quantity == "lambda_max" && !last.is_null()));
}

#[test]
fn stored_runs_are_measured_from_the_command_line() {
    let notebook = notebook("sam_sharpness");
    let refused = notebook.run(&["measure", "e#c", "lambda_max"]);
    assert!(refused.code == 2 && refused.err.contains("no stored runs"), "{refused:?}");
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    let before = weights(&notebook);
    let found = notebook.run(&["measure", "e#c:a", "lambda_max", "eigenvalues:top=3", "--json"]).json();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 3);
    assert!(
        found.iter().all(|run| run["arm"] == "a" && run["measures"]["lambda_max"].as_f64().unwrap() > 0.0)
    );
    assert_eq!(found[0]["examples"], 60);
    let drawn = notebook.run(&["measure", "e#c", "lambda_max", "plane:points=5", "layer_curvature"]);
    assert!(drawn.code == 0 && drawn.err.contains("6 runs measured"), "{drawn:?}");
    for part in ["λmax", "plane", "layer_curvature", "trace", "░"] {
        assert!(drawn.out.contains(part), "{part}: {drawn:?}");
    }
    let ascii = notebook.run(&["measure", "e#c", "plane:points=5", "--ascii"]);
    assert!(ascii.out.is_ascii() && ascii.err.contains("0 runs measured, 6 had it already"), "{ascii:?}");
    // In the same words the cell has it.
    let other = notebook.run(&["measure", "e#c:b", "lambda_max:tolerance=1e-3"]);
    assert!(other.code == 1 && other.err.contains("lambda_max with other settings"), "{other:?}");
    assert_eq!(weights(&notebook), before);
    // What was measured later is what training would have measured, in tables and after they are merged.
    for step in [&["verify", "e"][..], &["compact"], &["verify", "e"]] {
        assert_eq!(notebook.run(step).code, 0, "{step:?}");
    }
    assert!(notebook.run(&["show", "e"]).out.contains("fresh"));
    for (word, part) in [
        ("sam_sharpness:rho=0", "`rho` must be above 0"),
        ("eigenvalues:top=9999", "whole number"),
        ("barrier", "`lowland barrier` walks between stored runs"),
        ("flatness", "there is no measure `flatness`"),
    ] {
        let refused = notebook.run(&["measure", "e#c", word]);
        assert!(refused.code == 2 && refused.err.contains(part), "{refused:?}");
    }
}

#[test]
fn weights_that_are_gone_damaged_or_another_run_s_are_refused_and_the_others_measured() {
    let notebook = notebook("");
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    let folder = notebook.path().join("runs/weights");
    let files: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|file| file.path()).collect();
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[1], b"no weights").unwrap();
    fs::copy(&files[3], &files[2]).unwrap();
    let found = notebook.run(&["measure", "e#c", "lambda_max"]);
    assert_eq!(found.code, 1, "{found:?}");
    for part in ["3 runs measured, 3 could not be", "not there any more", "is stored: other weights"] {
        assert!(found.err.contains(part), "{part}: {found:?}");
    }
}

#[test]
fn the_loss_between_two_runs_is_walked() {
    let notebook = notebook("");
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    let drawn = notebook.run(&["barrier", "e#c:a", "e#c:b", "--points", "7", "--curve"]);
    assert_eq!(drawn.code, 0, "{drawn:?}");
    for part in
        ["3 pairs", "line     barrier", "aligned  barrier", "curve    barrier", "mean and range of 3 lines"]
    {
        assert!(drawn.out.contains(part), "{part}: {drawn:?}");
    }
    let pairs = notebook.run(&["barrier", "e#c:a", "e#c:a", "--points", "5", "--json"]).json();
    let pairs = pairs.as_array().unwrap();
    assert_eq!(pairs.len(), 2, "each seed with the next");
    for pair in pairs {
        let (line, aligned) = (&pair["line"], &pair["aligned"]);
        assert_eq!(line["x"].as_array().unwrap().len(), 5);
        let ends =
            |way: &serde_json::Value| (way["loss"][0].as_f64().unwrap(), way["loss"][4].as_f64().unwrap());
        let (straight, turned) = (ends(line), ends(aligned));
        assert!((straight.1 - turned.1).abs() < 1e-9, "aligned it is the same function: {pair}");
        assert!(line["barrier"].as_f64().unwrap() >= 0.0);
    }
    // What was walked is drawn in the entry from now on.
    assert!(notebook.run(&["show", "e"]).out.contains("barrier"));
    let refused = notebook.run(&["barrier", "e#c", "e#c:b"]);
    assert!(refused.code == 2 && refused.err.contains("several arms"), "{refused:?}");
}

#[test]
fn what_no_run_can_have_is_told_at_the_cell() {
    for (measures, part) in [
        ("{eigenvalues: {top: 100}}", "100 eigenvalues of a network with 57 weights"),
        ("{relative_flatness: {layer: 3}}", "layer 3 from the last, and there are 2"),
        ("{sam_sharpness: {rho: 0}}", "`rho` must be above 0, not 0"),
        ("barrier", "`barrier` is of `procedure: pair`, and no run of this cell has it"),
    ] {
        let notebook = notebook(measures);
        let shown = notebook.run(&["run", "e"]);
        assert!(shown.code != 0 && shown.err.contains(part), "{measures}: {shown:?}");
        assert!(!notebook.path().join("runs/summary").exists());
    }
}

#[test]
fn the_catalogue_is_the_documentation() {
    let notebook = Notebook::empty();
    let all = notebook.run(&["measures"]).out;
    assert_eq!(notebook.run(&["help", "measures"]).out, all);
    let one = notebook.run(&["measures", "lambda_max"]).out;
    assert!(all.contains(one.split_once("\n\n").unwrap().1.trim_end()));
    let json = notebook.run(&["measures", "--json"]).json();
    let flowing = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for measure in json.as_array().unwrap() {
        let formula = measure["formula"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(&formula), "{measure}");
    }
    assert_eq!(notebook.run(&["measures", "nothing"]).code, 2);
}

#[test]
fn layers_are_rescaled_and_only_what_sees_it_moves() {
    let notebook = notebook("");
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    let measures = ["lambda_max", "hessian_trace", "relative_flatness:probes=8"];
    let asked = |scales: &str| {
        let mut arguments = vec!["measure", "e#c"];
        arguments.extend(measures);
        arguments.extend(["--rescale", scales, "--json"]);
        notebook.run(&arguments)
    };
    let ran = asked("1,4");
    assert_eq!(ran.code, 0, "{ran:?}");
    let runs: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    for run in runs.as_array().unwrap() {
        let at = |index: usize, name: &str| run["rescaled"][index]["measures"][name].as_f64().unwrap();
        let ratio = |name: &str| at(1, name) / at(0, name);
        for same in ["train_loss", "test_loss", "relative_flatness"] {
            assert!((ratio(same) - 1.0).abs() < 1e-4, "{same}: {run}");
        }
        assert!((ratio("hessian_trace") - 1.0).abs() > 0.1, "{run}");
        assert_eq!(run["rescaled"][0]["alpha"], 1.0);
    }
    // Nothing of it is stored, and the table says the same.
    assert!(!notebook.run(&["list"]).out.contains("lambda_max"));
    let table = notebook.run(&["measure", "e#c:a", "lambda_max", "--rescale", "1,2"]);
    let lines: Vec<&str> = table.out.lines().collect();
    assert!(lines[0].starts_with("3 runs") && lines[0].ends_with("× 2"), "{table:?}");
    assert!(lines[1].starts_with("train_loss") && lines[2].starts_with("lambda_max"), "{table:?}");
    for (scales, why) in [("0", "a number above 0"), ("-1", "a number above 0"), ("x", "a number above 0")] {
        let refused = notebook.run(&["measure", "e#c", "lambda_max", &format!("--rescale={scales}")]);
        assert!(refused.code == 2 && refused.err.contains(why), "{refused:?}");
    }
    notebook.entry("2026-01-02-e", cell("").replace("relu", "tanh"));
    assert_eq!(notebook.run(&["run", "e"]).code, 0);
    let refused = notebook.run(&["measure", "e#c", "lambda_max", "--rescale", "2"]);
    assert!(refused.code == 1 && refused.err.contains("only of relu and linear units"), "{refused:?}");
}
