//! The ground truths through cells: a notebook whose claims are numbers known in closed form or by independent
//! computation (`tests/truths/entries`), run and judged by the program itself, from spec to verdict.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

mod common;

fn lowland(root: &Path) -> Command {
    let mut command = Command::cargo_bin("lowland").unwrap();
    command.current_dir(root).env("NO_COLOR", "1");
    for folder in ["XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
        command.env(folder, root.join(".own"));
    }
    command
}

#[test]
fn every_ground_truth_comes_out_of_its_cell() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("entries")).unwrap();
    let mut entries = Vec::new();
    for file in fs::read_dir("tests/truths/entries").unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, root.join("entries").join(path.file_name().unwrap())).unwrap();
        entries.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    entries.sort();
    lowland(root).arg("run").args(&entries).assert().success();
    let output = lowland(root).args(["check", "--json"]).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let claims = told["claims"].as_array().unwrap();
    let mut wrong = Vec::new();
    for claim in claims {
        println!("{claim}");
        if claim["kept"] == Value::Bool(false) || claim["must"].is_null() {
            wrong.push(claim.to_string());
        }
    }
    assert!(claims.len() >= 25, "{} claims", claims.len());
    assert!(output.status.success() && wrong.is_empty(), "{}", wrong.join("\n"));
}
