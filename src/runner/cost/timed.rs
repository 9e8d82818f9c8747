//! Stored runs as examples of how fast this machine works.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::likeness::Likeness;
use crate::data::Shape;
use crate::science::cost::{Outline, Parts};
use crate::spec::{ENGINE, MeasureSpec, RunSpec, measure};
use crate::store::{Origin, RunRecord};

/// Runs of one cell, arm and point that are looked at, and cells, arms and points, the latest of each.
const OF_A_KIND: usize = 3;
const KINDS: usize = 64;

/// Runs that are looked at, at the most.
pub const MOST_TIMED: usize = OF_A_KIND * KINDS;

/// What is over so soon says more about the clock and the disk than about the work.
const SHORTEST: f64 = 2e-3;

/// A stored run: its work, and how long it took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timed {
    pub(super) likeness: Likeness,
    /// Work of each part, all in all.
    pub(super) work: Parts,
    pub(super) seconds: f64,
}

impl Timed {
    /// A stored run, on a dataset of the shape that `shape` tells; `None` if it cannot be counted.
    pub fn of(record: &RunRecord, shape: impl FnOnce(&RunSpec) -> Option<Shape>) -> Option<Self> {
        let spec = RunSpec::deserialize(&*record.spec).ok()?;
        let words = record.measured.iter();
        let measures: Vec<MeasureSpec> =
            words.map(|word| measure::from_fingerprint(word)).collect::<Option<_>>()?;
        let outline = Outline::of(&spec, shape(&spec)?);
        let work = outline.work() * outline.counts(&spec, &measures, record.steps).total();
        let sound = work.sum().is_finite() && work.sum() > 0.0;
        sound.then(|| Self { likeness: Likeness::of(&outline), work, seconds: record.seconds })
    }
}

/// Those of the stored runs that are worth counting: results of this engine on `host`, the latest few of each kind.
pub fn latest<'a>(records: &'a [Arc<RunRecord>], host: &str) -> Vec<&'a Arc<RunRecord>> {
    let mut kinds: HashMap<(&str, &str, &str, String), Vec<&Arc<RunRecord>>> = HashMap::new();
    let fit = |record: &&Arc<RunRecord>| {
        record.status.is_result()
            && record.engine == ENGINE
            && record.host == host
            && record.seconds.is_finite()
            && record.seconds >= SHORTEST
    };
    for record in records.iter().filter(fit) {
        let Origin { entry, cell, arm, point } = &record.origin;
        let point = if point.is_empty() { String::new() } else { format!("{point:?}") };
        kinds.entry((entry, cell, arm, point)).or_default().push(record);
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    for kind in &mut kinds {
        kind.sort_by(|a, b| b.finished.cmp(&a.finished));
        kind.truncate(OF_A_KIND);
    }
    kinds.sort_by_key(|kind| Reverse(kind.first().map(|record| &record.finished)));
    kinds.truncate(KINDS);
    kinds.into_iter().flatten().collect()
}
