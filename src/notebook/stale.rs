//! Why a stored result no longer answers what the cell asks.

use serde_json::Value;

use crate::spec::run::settings_of;
use crate::spec::{ENGINE, RunSpec};
use crate::store::RunRecord;

/// What changed between a stored run and the one that is wanted now, in words; empty if nothing that matters.
pub fn reasons(stored: &RunRecord, wanted: &RunSpec, dataset_hash: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    let wanted = wanted.settings();
    let before = settings_of(&stored.spec);
    // What is counted in steps follows from these: said of the cause, not of the consequence.
    let find = |settings: &[(String, Value)], path: &str| {
        settings.iter().find(|(known, _)| known == path).map(|(_, value)| value.clone())
    };
    let moved = |path: &str| find(&before, path) != find(&wanted, path);
    let full = |settings: &[(String, Value)]| {
        find(settings, "optimizer.batch_size") == find(settings, "dataset.train")
    };
    let derived = |path: &str| match path {
        "stop.steps" => {
            ["dataset.train", "optimizer.batch_size", "optimizer.learning_rate"].into_iter().any(moved)
        }
        "optimizer.batch_size" => full(&before) && full(&wanted),
        _ => false,
    };
    for (path, new) in wanted.iter().filter(|(path, _)| !derived(path)) {
        match before.iter().find(|(known, _)| known == path) {
            Some((_, old)) if old == new => {}
            Some((_, old)) => reasons.push(format!("{path} {} → {}", plain(old), plain(new))),
            None => reasons.push(format!("{path} {} is new", plain(new))),
        }
    }
    for (path, old) in before.iter().filter(|(path, _)| !wanted.iter().any(|(known, _)| known == path)) {
        reasons.push(format!("{path} {} is gone", plain(old)));
    }
    if stored.dataset_hash != dataset_hash && reasons.iter().all(|reason| !reason.starts_with("dataset.name"))
    {
        let name = settings_of(&stored.spec).into_iter().find(|(path, _)| path == "dataset.name");
        let name = name.map(|(_, value)| plain(&value)).unwrap_or_default();
        reasons.push(format!("dataset {name} changed"));
    }
    if stored.engine != ENGINE {
        reasons.push(format!("engine {} → {ENGINE}", stored.engine));
    }
    reasons
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}
