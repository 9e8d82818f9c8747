use std::sync::Arc;

use super::fixtures::{SHAPE, job, outline, probe, record};
use super::rates::{FAR, NEAR};
use super::*;
use crate::data::Shape;
use crate::runner::Job;
use crate::spec::ENGINE;
use crate::store::RunRecord;

fn timed(job: &Job, seconds: f64) -> Timed {
    Timed::of(&record(job, seconds), |_| Some(SHAPE)).unwrap()
}

fn seconds(rates: &Rates, job: &Job) -> Option<f64> {
    rates.predict(job, SHAPE, FAR).map(|prediction| prediction.seconds)
}

/// Work of a run, all in all.
fn work(job: &Job) -> f64 {
    let outline = Outline::of(&job.spec, SHAPE);
    (outline.counts(&job.spec, &job.measures, job.spec.stop.steps).total() * outline.work()).sum()
}

const LAMBDA: &str = "measure: [lambda_max]";
const ALL_ALONG: &str = "measure: [{lambda_max: {every: 40}}]";

#[test]
fn nothing_is_said_where_nothing_is_known() {
    let unknown = Rates::default();
    assert_eq!(seconds(&unknown, &job(64, 4, "")), None);
    assert!(unknown.distance(&job(64, 4, ""), SHAPE).is_infinite());
    assert!(unknown.bytes(&job(64, 4, ""), SHAPE) > 10e6, "memory is counted, and needs no trial");
}

#[test]
fn a_run_takes_as_long_as_those_most_like_it_scaled_by_work() {
    let near = |a: Option<f64>, b: f64| a.is_some_and(|a| (a / b - 1.0).abs() < 0.02);
    let four = job(64, 4, "");
    let rates = Rates::new(
        vec![timed(&four, 2.0), timed(&four, 4.0), timed(&job(512, 600, ""), 100.0)],
        Vec::new(),
        None,
    );
    // Other seeds of the same: their mean. More epochs, another step size: the same, scaled, but for getting ready.
    assert!(near(seconds(&rates, &four), 3.0));
    let longer = seconds(&rates, &job(64, 4, "stop: {epochs: 300}"));
    assert!(longer.is_some_and(|longer| (8.5..9.0).contains(&longer)), "{longer:?}");
    assert!(near(seconds(&rates, &job(64, 4, "seeds: [7]")), 3.0));
    let like = job(72, 5, "");
    assert!(near(seconds(&rates, &like), 3.0 * work(&like) / work(&four)));
    assert!(rates.distance(&like, SHAPE) < NEAR);
    // Too far from either to be said without a trial; beyond reach, nothing.
    assert!(rates.distance(&job(64, 40, ""), SHAPE) > NEAR);
    assert_eq!(seconds(&rates, &job(64, 4, "engine: autograd")), None);
    assert_eq!(rates.predict(&job(64, 40, ""), SHAPE, NEAR), None);
}

#[test]
fn a_trial_tells_more_than_a_run_that_did_something_else() {
    let plain = job(64, 4, "");
    let measured = job(64, 4, ALL_ALONG);
    let rates = |timed: Vec<Timed>| Rates::new(timed, vec![probe(&outline(64, 4), 1e-10)], None);
    let by_trial = seconds(&rates(Vec::new()), &measured).unwrap();
    assert!((by_trial / (1e-10 * work(&measured)) - 1.0).abs() < 0.1);
    assert_eq!(seconds(&rates(vec![timed(&plain, 50.0)]), &measured), Some(by_trial));
    let like = seconds(&rates(vec![timed(&measured, 50.0)]), &measured).unwrap();
    assert!((like - 50.0).abs() < 0.1);
    // A trial tells of an idle machine; a stored run of the one that there was.
    let mut busy = rates(vec![timed(&measured, 50.0)]);
    busy.beside_others(3.0);
    assert_eq!(seconds(&busy, &measured), Some(like));
    let mut busy = rates(Vec::new());
    busy.beside_others(3.0);
    let slower = seconds(&busy, &measured).unwrap() / by_trial;
    assert!((2.0..=3.0).contains(&slower), "all but its files: {slower}");
    // Over in a moment: the clock and the disk had their share in it.
    let short = rates(vec![timed(&plain, 0.01)]);
    assert_eq!(seconds(&short, &plain), seconds(&rates(Vec::new()), &plain));
}

#[test]
fn a_target_makes_it_a_bound_and_measuring_at_the_end_a_tail() {
    let rates = Rates::new(Vec::new(), vec![probe(&outline(64, 600), 1e-10)], None);
    let of = |more: &str| rates.predict(&job(64, 600, more), SHAPE, FAR).unwrap();
    assert!(!of("").at_most && of("stop: {train_loss: 0.1}").at_most);
    assert!(of("").tail < 0.1);
    // A hundred steps, and then about twenty products in f64: each one and a half gradients of twice as much work.
    assert!((0.2..0.5).contains(&of(LAMBDA).tail), "{:?}", of(LAMBDA));
}

#[test]
fn a_worker_needs_its_process_and_what_is_counted() {
    let rates = Rates::new(Vec::new(), vec![probe(&outline(64, 4), 1e-10)], Some(0.02));
    let job = job(64, 4, LAMBDA);
    let counted = outline(64, 4).bytes(SHAPE, &job.measures);
    assert_eq!(rates.bytes(&job, SHAPE), counted + f64::from(20 << 20));
    assert_eq!(rates.start(&job, SHAPE), 0.02, "nothing is read");
    let of_file = Shape { bytes: 9, ..SHAPE };
    assert_eq!(rates.start(&job, of_file), 0.52);
    assert!(rates.bytes(&job, Shape { rows: 1 << 20, ..of_file }) > rates.bytes(&job, of_file) + 80e6);
}

#[test]
fn of_stored_runs_the_latest_results_of_this_machine_count() {
    let of = |arm: &str, finished: &str| {
        let mut record = record(&job(64, 4, ""), 1.0);
        record.origin.arm = arm.to_owned();
        record.finished = finished.to_owned();
        record.host = "here".to_owned();
        record
    };
    let mut records: Vec<_> = (0..9).map(|day| of("a", &format!("2026-01-0{day}"))).collect();
    records.extend((0..200).map(|arm| of(&format!("arm {arm}"), &format!("2025-01-01T{arm:03}"))));
    records.push(RunRecord { host: "there".to_owned(), ..of("b", "2026-02-01") });
    records.push(RunRecord { engine: ENGINE + 1, ..of("c", "2026-02-01") });
    records.push(RunRecord { status: crate::store::Status::Failed, ..of("d", "2026-02-01") });
    records.push(RunRecord { seconds: f64::NAN, ..of("e", "2026-02-01") });
    records.push(RunRecord { seconds: 1e-9, ..of("f", "2026-02-01") });
    let records: Vec<_> = records.into_iter().map(Arc::new).collect();
    let told: Vec<_> = latest(&records, "here").iter().map(|record| record.finished.clone()).collect();
    assert_eq!(told[..3], ["2026-01-08", "2026-01-07", "2026-01-06"]);
    assert_eq!(told[3..5], ["2025-01-01T199", "2025-01-01T198"]);
    assert_eq!(told.len(), 3 + 63);
    for bad in [
        RunRecord { spec: serde_json::Value::Null.into(), ..of("a", "") },
        RunRecord { measured: vec!["unheard_of()".to_owned()], ..of("a", "") },
    ] {
        assert!(Timed::of(&bad, |_| Some(SHAPE)).is_none());
    }
}

#[test]
fn a_quote_prefers_what_the_same_took_and_adds_up() {
    let (four, six) = (job(64, 4, ""), job(64, 600, "stop: {train_loss: 0.1}"));
    let jobs = [&four, &four, &six];
    let known = |_: &Job| Some(SHAPE);
    let rates = Rates::new(Vec::new(), vec![probe(&outline(64, 600), 1e-10)], Some(0.25));
    let stored = [(four.kind(), 2.0), (four.kind(), 4.0), ("another".to_owned(), 99.0)];
    let quote = Quote::new(jobs, known, &stored, &rates, NEAR);
    assert!(quote.at_most() && quote.bytes > 20e6);
    let of_six = quote.kinds[&six.kind()].seconds;
    assert_eq!(quote.kinds[&four.kind()].seconds, 3.0);
    // One worker takes one after the other; of two, the one with a single long run is done before.
    assert_eq!(quote.seconds(jobs, 1), Some(0.25 + (3.0 + 3.0 + of_six)));
    assert_eq!(quote.seconds([&four], 2), Some(3.25));
    assert_eq!(quote.seconds([], 2), Some(0.0));
    let half = Quote::new(jobs, known, &[], &rates, NEAR);
    assert_eq!((half.kinds.len(), half.seconds(jobs, 2)), (1, None), "nothing near is known of the other");
    let mut joined = half.clone();
    joined.join(&quote);
    assert_eq!(joined.kinds.len(), 2);
    let unread = Quote::new(jobs, |_| None, &[], &rates, FAR);
    assert_eq!((unread.bytes, unread.kinds.len()), (0.0, 0));
}
