//! The ground truths through cells: a notebook whose claims are numbers known in closed form or computed by others
//! (`tests/truths/entries`), run and judged by the program itself, from spec to verdict.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::Notebook;

#[test]
fn every_ground_truth_comes_out_of_its_cell() {
    let notebook = Notebook::empty();
    let mut entries = Vec::new();
    for file in std::fs::read_dir("tests/truths/entries").unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        notebook.entry(&name, std::fs::read(&path).unwrap());
        entries.push(name);
    }
    entries.sort();
    let run: Vec<&str> = ["run"].into_iter().chain(entries.iter().map(String::as_str)).collect();
    // A verdict that is not the one insisted on is the business of `check`.
    notebook.run(&run);
    let checked = notebook.run(&["check", "--json"]);
    let told = checked.json();
    let claims = told.as_array().unwrap();
    let mut wrong = Vec::new();
    for claim in claims {
        let word = |key: &str| claim[key].as_str().unwrap_or("none").to_owned();
        println!("{:<14} {:<24} {:<60} {}", word("entry"), word("claim"), word("says"), word("verdict"));
        if claim["must"] != claim["verdict"] {
            wrong.push(claim.to_string());
        }
    }
    assert!(claims.len() >= 45, "{} claims", claims.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
