//! The rows of several files, brought together to become one.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem;
use std::path::{Path, PathBuf};

use super::bundle::Bundle;
use super::scan;
use crate::base::Diagnostic;
use crate::store::{Curve, RunRecord};

/// Files that may be written anew, and their rows.
#[derive(Debug, Default)]
pub struct Gathered {
    bundles: Vec<Bundle>,
    /// By record.
    runs: BTreeMap<String, (RunRecord, Curve)>,
    /// Files that must stay, and why.
    left: Vec<(PathBuf, String)>,
}

impl Gathered {
    /// Takes in a summary whose curves lie in the folder `curves`, if it may be written anew. A row that another file
    /// has brought already is kept once; where the two disagree, this file stays.
    pub fn take(&mut self, summary: &Path, curves: &Path) {
        let mut bundle = match Bundle::load(summary, curves) {
            Ok(bundle) => bundle,
            Err(why) => return self.left.push((summary.to_owned(), why)),
        };
        let differs = |(record, curve): &(RunRecord, Curve)| {
            let known = self.runs.get(&record.record);
            known.is_some_and(|(known, line)| !same(known, record) || !same(line, curve))
        };
        if bundle.runs.iter().any(differs) {
            let why = "another file has one of its rows otherwise".to_owned();
            return self.left.push((summary.to_owned(), why));
        }
        self.runs.extend(mem::take(&mut bundle.runs).into_iter().map(|run| (run.0.record.clone(), run)));
        self.bundles.push(bundle);
    }

    /// What is said of the files that stay. One whose curves are gone goes after all if each of its rows stands in
    /// another with its curve: it was written while these were compacted by somebody else.
    pub fn left_alone(&mut self, root: &Path, curves: &Path) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        for (path, why) in mem::take(&mut self.left) {
            match self.superfluous(&path, curves) {
                Some(bundle) => self.bundles.push(bundle),
                None => told.push(
                    Diagnostic::warning(format!("it is left as it is: {why}"))
                        .in_file(&scan::shown(root, &path)),
                ),
            }
        }
        told
    }

    fn superfluous(&self, summary: &Path, curves: &Path) -> Option<Bundle> {
        let (bundle, records) = Bundle::without_curves(summary, curves).ok()?;
        let stands =
            |record: &RunRecord| self.runs.get(&record.record).is_some_and(|(known, _)| same(known, record));
        (!bundle.curves.exists() && records.iter().all(stands)).then_some(bundle)
    }

    /// The files, and their rows: those of one cell side by side, for they are read together.
    pub fn finish(self) -> (Vec<Bundle>, Vec<(RunRecord, Curve)>) {
        let mut runs: Vec<_> = self.runs.into_values().collect();
        runs.sort_by_cached_key(|(record, _)| {
            let origin = &record.origin;
            let point = serde_json::to_string(&origin.point).unwrap_or_default();
            let place = (origin.entry.clone(), origin.cell.clone(), origin.arm.clone(), point, record.seed);
            (place, record.record.clone())
        });
        (self.bundles, runs)
    }
}

/// NaN equals nothing, so values are compared as they print, which tells any two apart.
fn same(a: &impl Debug, b: &impl Debug) -> bool {
    format!("{a:?}") == format!("{b:?}")
}
