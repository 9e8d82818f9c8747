//! The rows of several files, brought together to become one.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem;
use std::path::{Path, PathBuf};

use super::bundle::{self, Bundle};
use super::scan;
use crate::base::Diagnostic;
use crate::store::{Curve, RunRecord};

/// Files that may be written anew, and their rows.
#[derive(Debug, Default)]
pub struct Gathered {
    bundles: Vec<Bundle>,
    /// By record.
    rows: BTreeMap<String, Vec<RunRecord>>,
    curves: BTreeMap<String, Curve>,
    /// Files that must stay, and why.
    left: Vec<(PathBuf, String)>,
}

impl Gathered {
    /// Takes in a summary whose curves lie in the folder `curves`, if it may be written anew. A row that another file
    /// has brought already is kept once; where the two have different curves of it, this file stays.
    pub fn take(&mut self, summary: &Path, curves: &Path) {
        let mut bundle = match Bundle::load(summary, curves) {
            Ok(bundle) => bundle,
            Err(why) => return self.left.push((summary.to_owned(), why)),
        };
        let differs = |(record, curve): (&String, &Curve)| {
            self.curves.get(record).is_some_and(|known| !same(known, curve))
        };
        if bundle.curves.iter().any(differs) {
            let why = "another file has another curve of one of its runs".to_owned();
            return self.left.push((summary.to_owned(), why));
        }
        self.curves.append(&mut bundle.curves);
        for row in mem::take(&mut bundle.rows) {
            let known = self.rows.entry(row.record.clone()).or_default();
            if !known.iter().any(|known| same(known, &row)) {
                known.push(row);
            }
        }
        self.bundles.push(bundle);
    }

    /// What is said of the files that stay. One whose curves are gone or damaged goes after all if each of its records
    /// stands in another with its curve: compacted there by somebody else, or trained again.
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
        let bundle = Bundle::without_curves(summary, curves).ok()?;
        let stands = |row: &RunRecord| self.rows.contains_key(&row.record);
        let is_lost = !bundle.curves_file.exists() || scan::is_damaged(&bundle.curves_file);
        (is_lost && bundle.rows.iter().all(stands)).then_some(bundle)
    }

    /// The files, and their rows with their curves: those of one cell side by side, for they are read together.
    pub fn finish(mut self) -> (Vec<Bundle>, Vec<(RunRecord, Curve)>) {
        let mut rows: Vec<_> = self.rows.into_values().flatten().collect();
        rows.sort_by_cached_key(|row| {
            let origin = &row.origin;
            let point = serde_json::to_string(&origin.point).unwrap_or_default();
            let place = (origin.entry.clone(), origin.cell.clone(), origin.arm.clone(), point, row.seed);
            (place, row.record.clone(), row.finished.clone(), row.host.clone())
        });
        (self.bundles, bundle::runs(rows, &mut self.curves))
    }
}

/// NaN equals nothing, so values are compared as they print, which tells any two apart.
fn same(a: &impl Debug, b: &impl Debug) -> bool {
    format!("{a:?}") == format!("{b:?}")
}
