//! The house keeps its shape: rooms import only downward, and each names only the crates it may.
//!
//! The table is the one in the prologue of `src/lib.rs`, with the crates that would let a room do what it must
//! not: train in the screen, draw in the engine, touch files in the science.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Room, its layer, and the watched crates it may name.
const ROOMS: &[(&str, u32, &[&str])] = &[
    ("base", 0, &[]),
    ("entry", 1, &["pulldown_cmark", "serde_bibtex"]),
    ("spec", 1, &["serde_yaml", "saphyr_parser"]),
    ("stats", 2, &["statrs"]),
    ("data", 2, &["polars"]),
    ("science", 3, &["candle_core", "faer", "pulp"]),
    ("store", 3, &["polars", "safetensors"]),
    ("runner", 4, &[]),
    ("compare", 4, &[]),
    ("notebook", 5, &["zune_png"]),
    ("render", 6, &["ratatui"]),
    ("tui", 7, &["ratatui", "crossterm", "tokio", "futures_util", "signal_hook", "nucleo_matcher"]),
    (
        "cli",
        8,
        &["crossterm", "ratatui", "clap", "clap_complete", "indicatif", "annotate_snippets", "signal_hook"],
    ),
];

/// Imports within a layer that are meant, as (from, to).
const SIDEWAYS: &[(&str, &str)] = &[("data", "stats"), ("store", "science")];

/// Crates that only the rooms above may name.
const WATCHED: &[&str] = &[
    "annotate_snippets",
    "candle_core",
    "clap",
    "clap_complete",
    "crossterm",
    "faer",
    "futures_util",
    "pulp",
    "indicatif",
    "nucleo_matcher",
    "polars",
    "pulldown_cmark",
    "ratatui",
    "safetensors",
    "saphyr_parser",
    "serde_bibtex",
    "serde_yaml",
    "signal_hook",
    "statrs",
    "tokio",
    "zune_png",
];

/// What a room must not do although no crate is needed for it.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("science", &["std::fs", "std::env::", "std::time", "SystemTime", "Instant", "std::thread"]),
    ("spec", &["std::fs", "std::env::", "std::time", "SystemTime"]),
    ("entry", &["std::fs", "std::env::", "std::time"]),
    ("stats", &["std::fs", "std::env::", "std::time"]),
    ("compare", &["std::fs", "std::env::", "std::time"]),
    ("render", &["std::fs", "std::env::", "std::time"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file: without comments, and without its unit tests, which may reach further.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test_file(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
        || path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn rooms_import_only_downward_and_name_only_their_crates() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let layer = |name: &str| ROOMS.iter().find(|(room, ..)| *room == name).map(|(_, layer, _)| *layer);
    let mut wrong = Vec::new();
    let mut read = 0;
    for (room, own_layer, crates) in ROOMS {
        for path in
            sources(&root.join(room)).iter().filter(|path| !is_test_file(path.strip_prefix(&root).unwrap()))
        {
            read += 1;
            let code = code(path);
            let name = path.strip_prefix(&root).unwrap().display();
            for (other, ..) in ROOMS.iter().filter(|(other, ..)| other != room) {
                let downward = layer(other).unwrap() < *own_layer || SIDEWAYS.contains(&(room, other));
                if !downward && imports(&code, other) {
                    wrong.push(format!("{name} imports {other}, which stands beside or above it"));
                }
            }
            for watched in WATCHED.iter().filter(|watched| !crates.contains(watched)) {
                if code.contains(&format!("{watched}::")) {
                    wrong.push(format!("{name} names {watched}"));
                }
            }
            let forbidden =
                FORBIDDEN.iter().find(|(name, _)| name == room).map_or(&[][..], |(_, words)| *words);
            for word in forbidden.iter().filter(|word| code.contains(*word)) {
                wrong.push(format!("{name} uses {word}"));
            }
        }
    }
    assert!(read > 40, "only {read} files were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether code names a room, alone (`crate::room`) or in a group (`use crate::{room, …}`).
fn imports(code: &str, room: &str) -> bool {
    if code.contains(&format!("crate::{room}::")) || code.contains(&format!("crate::{room};")) {
        return true;
    }
    code.split("use crate::{").skip(1).any(|group| {
        let group = group.split(';').next().unwrap_or_default();
        group
            .split([',', '{', '}', ' ', '\n'])
            .any(|word| word == room || word.starts_with(&format!("{room}::")))
    })
}

#[test]
fn every_room_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(ROOMS.iter().any(|(room, ..)| *room == name), "{name} is a room without a layer");
    }
}
