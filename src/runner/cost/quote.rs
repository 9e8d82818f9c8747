//! What some runs will take together.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Prediction, Rates};
use crate::data::Shape;
use crate::runner::{Eta, Job, Open};

/// What some runs will take together.
#[derive(Clone, Debug, Default)]
pub struct Quote {
    /// How long a run of each kind takes, as far as that is known.
    pub kinds: BTreeMap<String, Prediction>,
    /// Bytes of the largest worker; 0 where no run could be counted.
    pub bytes: f64,
    /// Seconds until a worker that is started for them begins to train.
    start: f64,
}

impl Quote {
    /// For these runs, on datasets of the shapes that `shape` tells. What runs of the same kind took, by `stored`, is
    /// the best that can be said; else what `rates` say of anything within `reach`.
    pub fn new<'a>(
        jobs: impl IntoIterator<Item = &'a Job>,
        shape: impl Fn(&Job) -> Option<Shape>,
        stored: &[(String, f64)],
        rates: &Rates,
        reach: f64,
    ) -> Self {
        let mut quote = Self::default();
        let (taken, mut seen) = (means(stored), HashSet::new());
        for job in jobs {
            let kind = job.kind();
            if !seen.insert(kind.clone()) {
                continue;
            }
            let predicted = shape(job).and_then(|shape| {
                quote.bytes = quote.bytes.max(rates.bytes(job, shape));
                quote.start = quote.start.max(rates.start(job, shape));
                rates.predict(job, shape, reach)
            });
            let tail = predicted.map_or(0.0, |predicted| predicted.tail);
            let taken = taken.get(kind.as_str()).map(|&seconds| Prediction { seconds, tail, at_most: false });
            if let Some(prediction) = taken.or(predicted) {
                quote.kinds.insert(kind, prediction);
            }
        }
        quote
    }

    /// Takes in another quote.
    pub fn join(&mut self, other: &Self) {
        self.kinds.extend(other.kinds.iter().map(|(kind, prediction)| (kind.clone(), *prediction)));
        (self.bytes, self.start) = (self.bytes.max(other.bytes), self.start.max(other.start));
    }

    /// Wall time of these runs on workers that are yet to be started, if each kind is known.
    pub fn seconds<'a>(&self, jobs: impl IntoIterator<Item = &'a Job>, workers: usize) -> Option<f64> {
        let waiting: Vec<_> = jobs.into_iter().map(|job| Open::new(job.kind(), 0.0)).collect();
        let seconds = self.eta().remaining(&waiting, workers)?;
        Some(if waiting.is_empty() { 0.0 } else { self.start + seconds })
    }

    /// Whether any of them may end sooner.
    pub fn at_most(&self) -> bool {
        self.kinds.values().any(|prediction| prediction.at_most)
    }

    /// What to expect of each kind.
    pub fn eta(&self) -> Eta {
        let mut eta = Eta::default();
        for (kind, Prediction { seconds, tail, .. }) in &self.kinds {
            eta.expect(kind, *seconds, *tail);
        }
        eta
    }
}

/// Mean seconds by kind.
fn means(stored: &[(String, f64)]) -> HashMap<&str, f64> {
    let mut sums: HashMap<&str, (f64, f64)> = HashMap::new();
    for (kind, seconds) in stored {
        let (sum, count) = sums.entry(kind).or_default();
        (*sum, *count) = (*sum + seconds, *count + 1.0);
    }
    sums.into_iter().map(|(kind, (sum, count))| (kind, sum / count)).collect()
}
