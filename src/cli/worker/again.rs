//! A run that is stored, and lacks measures that its final weights can tell: it is measured, and not trained again.

use super::bench::Bench;
use super::execute::Place;
use crate::runner::Job;
use crate::science::train::{Ending, Outcome};
use crate::science::{Observer, after};
use crate::spec::{CATALOGUE, MeasureSpec, When, measured_quantity};
use crate::store::{RunRecord, Status, journal, read_weights};

/// What a stored run is lacking of what the job asks for.
pub struct Again {
    /// The measures, all of the end of the run.
    pub lacking: Vec<MeasureSpec>,
    record: RunRecord,
}

impl Again {
    /// Makes `record` that of the measurement: of what it adds alone, so that readers take the rest from where it is.
    pub fn describe(&self, record: &mut RunRecord) {
        record.measured = self.lacking.iter().map(MeasureSpec::fingerprint).collect();
        record.seconds += self.record.seconds;
    }
}

/// What is to be measured of the stored run of a job; `None` where it has to be trained: it is not stored or its weights
/// are not, it is trained only to be compared, or something is asked of its way there.
pub fn find(place: &Place, job: &Job) -> Option<Again> {
    // Stored weights are rounded to f32: what was found in f64 is found again sooner than it is told from them. And of what
    // was trained several times they do not tell where the last time began.
    if !job.spec.procedure.is_train() {
        return None;
    }
    if place.live != journal::live_root(&place.root) || !place.store.weights_path(&job.run).ok()?.is_file() {
        return None;
    }
    let (records, _) = place.store.read_summaries();
    let record = records.iter().find(|record| record.run == job.run && record.status == Status::Done)?;
    let lacking: Vec<_> =
        job.measures.iter().filter(|measure| !measure.is_in(&record.measured)).cloned().collect();
    let is_told = |measure: &MeasureSpec| {
        let name = measure.quantity.name();
        let otherwise = record.measured.iter().any(|how| measured_quantity(how) == name);
        measure.when == When::End && !measure.quantity.info().always && !otherwise
    };
    let told = !lacking.is_empty() && lacking.iter().all(is_told);
    told.then(|| Again { lacking, record: record.as_ref().clone() })
}

/// Measures it; `None` if its weights do not come to what is stored of it, to the bit: then it is trained again.
pub fn measure(
    again: &Again,
    place: &Place,
    bench: &mut Bench,
    job: &Job,
    observer: &mut dyn Observer,
) -> Option<Outcome> {
    let record = &again.record;
    let weights = read_weights(&place.store.weights_path(&job.run).ok()?).ok()?;
    let problem = bench.problem(job).ok()?;
    let found = after::measure(&job.spec, &problem, &weights, &again.lacking, record.steps, observer);
    let Ok((measures, details)) = found else { return Some(Outcome::interrupted(record.steps)) };
    let same = |name: &str| match (measures.get(name), record.measures.get(name)) {
        (Some(now), Some(then)) => now.to_bits() == then.to_bits() || now.is_nan() && then.is_nan(),
        _ => true,
    };
    if !CATALOGUE.iter().filter(|info| info.always).all(|info| same(info.name)) {
        return None;
    }
    let targets = [Ending::TrainLoss, Ending::TrainAccuracy, Ending::GradientNorm];
    let ending = targets.into_iter().find(|ending| record.reason == ending.name()).unwrap_or(Ending::Steps);
    Some(Outcome { ending, steps: record.steps, measures, details, weights })
}
