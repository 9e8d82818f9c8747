//! Runs and trials that the tests of this module share.

use super::Probe;
use crate::data::Shape;
use crate::runner::Job;
use crate::science::cost::{Outline, Parts};
use crate::spec::{Context, parse};
use crate::store::{Origin, RunRecord, Status};

/// Of 900 examples with 20 numbers each, in 4 classes.
pub const SHAPE: Shape = Shape { rows: 900, train_rows: 600, inputs: 20, outputs: 4, bytes: 0 };

/// A run of 100 epochs on 600 examples, in the arm `batch`; `more` are further keys of its cell.
pub fn job(width: usize, batch: usize, more: &str) -> Job {
    let text = format!(
        "id: cell\ndataset: {{kind: teacher, train: 600, test: 300}}\nmodel: {{hidden: {width}}}\n\
         optimizer: {{learning_rate: 0.1, batch_size: {batch}}}\n{more}"
    );
    let experiment = parse::experiment(&text, &Context::default()).unwrap();
    let spec = experiment.runs[0].spec.clone();
    let origin = Origin {
        entry: "entry".to_owned(),
        cell: "cell".to_owned(),
        arm: format!("width {width} batch {batch}"),
        point: Vec::new(),
    };
    Job { run: spec.id(""), spec, dataset_hash: String::new(), measures: experiment.measures, origin }
}

/// What such a run is made of.
pub fn outline(width: usize, batch: usize) -> Outline {
    Outline::of(&job(width, batch, "").spec, SHAPE)
}

/// A trial that found every part at one speed.
pub fn probe(outline: &Outline, rate: f64) -> Probe {
    let rates = Parts { ready: rate, steps: rate, rows: rate, products: rate };
    Probe { outline: outline.clone(), rates, load: 0.5, base: Some(20 << 20) }
}

/// The record of a run that took all its steps, so many seconds.
pub fn record(job: &Job, seconds: f64) -> RunRecord {
    RunRecord {
        seconds,
        steps: job.spec.stop.steps,
        measured: job.measures.iter().map(crate::spec::MeasureSpec::fingerprint).collect(),
        ..job.record(Status::Done, "steps".to_owned())
    }
}
