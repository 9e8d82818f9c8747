//! In what two runs, or two groups of runs, differ: settings first, then what came of it. What is the same is not told.

use super::column::{Column, Kind};
use super::table::RunTable;
use super::value::Value;

/// In what two runs differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What each is called.
    pub names: [String; 2],
    /// Settings that are not the same in both, by full path.
    pub settings: Vec<Changed>,
    /// Measures that both have, and how they changed.
    pub outcomes: Vec<Changed>,
    /// Settings that are the same in both.
    pub same: usize,
}

/// A value that is not the same in both.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// What it was.
    pub old: Value,
    /// What it is.
    pub new: Value,
    /// By how much it changed; nothing where it is no number.
    pub change: Value,
}

/// In what the runs `new` differ from the runs `old`; several runs stand for a group over seeds.
pub fn difference(table: &RunTable, old: &[u32], new: &[u32]) -> Difference {
    let grouped = old.len() > 1 || new.len() > 1;
    let changed = |column: &Column| {
        let [was, is] = [old, new].map(|rows| Value::of(table, column, rows, grouped));
        let change = Value::against(table, column, new, old, grouped);
        (was != is).then(|| Changed { name: column.name.clone(), old: was, new: is, change })
    };
    let is_fact = |column: &&Column| {
        column.kind == Kind::Setting || matches!(column.name.as_str(), "engine_version" | "dataset_hash")
    };
    let is_outcome = |column: &&Column| {
        matches!(column.kind, Kind::Measure | Kind::Reduced)
            || matches!(column.name.as_str(), "status" | "reason" | "steps" | "seconds")
    };
    let settings: Vec<Changed> = table.columns.iter().filter(is_fact).filter_map(changed).collect();
    let told = |column: &&Column| [old, new].iter().any(|rows| column.is_there(rows.iter().copied()));
    let all = table.columns.iter().filter(is_fact).filter(told).count();
    Difference {
        names: [old, new].map(|rows| called(table, rows, grouped)),
        same: all - settings.len(),
        settings,
        outcomes: table.columns.iter().filter(is_outcome).filter_map(changed).collect(),
    }
}

/// `flat-vs-sharp#batch-size:flat seed 3`, or with the number of runs.
fn called(table: &RunTable, rows: &[u32], grouped: bool) -> String {
    let Some(&first) = rows.first() else { return String::new() };
    let place = table.place(first).cloned().unwrap_or_default();
    let place_name = format!("{}#{}:{}", place.undated(), place.cell, place.arm);
    let count = crate::base::text::counted(rows.len(), "run");
    if grouped {
        format!("{place_name} ({count})")
    } else {
        format!("{place_name} seed {}", table.seed(first))
    }
}
