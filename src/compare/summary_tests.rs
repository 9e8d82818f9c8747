//! Comparisons of results made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::summary::CURVE_POINTS;
use super::{Group, Mark, Member, Results, Row, Summary, summarise};
use crate::base::RunId;
use crate::spec::CATALOGUE;
use crate::spec::Quantity::{self, LambdaMax, TestAccuracy, TestLoss, TrainLoss, WeightNorm};
use crate::store::{Curve, RunRecord, Status};

/// A stored run that was to reach a training loss of 0.01.
fn stored(seed: u64, status: Status, reason: &str, measures: &[(Quantity, f64)]) -> Member {
    let record = RunRecord {
        run: RunId::of(&[&seed.to_le_bytes()]),
        seed,
        spec: json!({"stop": {"steps": 100, "train_loss": 0.01}}).into(),
        status,
        reason: reason.to_owned(),
        measures: measures.iter().map(|&(quantity, value)| (quantity.name().to_owned(), value)).collect(),
        steps: 100,
        ..RunRecord::blank()
    };
    Member { seed, record: Some(Arc::new(record)), curve: None }
}

fn done(seed: u64, measures: &[(Quantity, f64)]) -> Member {
    stored(seed, Status::Done, "train_loss", measures)
}

fn not_run(seed: u64) -> Member {
    Member { seed, record: None, curve: None }
}

/// One run per value of λmax, seeds from 0.
fn group(arm: &str, point: &[Value], values: &[f64]) -> Group {
    let members = (0..).zip(values).map(|(seed, &value)| done(seed, &[(LambdaMax, value)])).collect();
    Group { arm: arm.to_owned(), point: point.to_vec(), members, ..Group::default() }
}

fn results(groups: Vec<Group>) -> Results {
    let axes = groups.first().map_or(0, |group| group.point.len());
    Results { axes: vec!["model.hidden".to_owned(); axes], groups }
}

fn rows(summary: &Summary) -> &[Row] {
    &summary.series[0].rows
}

#[test]
fn arms_are_compared_with_the_first_unless_another_is_named() {
    let results = results(vec![
        group("flat", &[], &[8.1, 7.4, 9.3, 8.8, 7.9]),
        group("sharp", &[], &[41.0, 35.2, 47.1, 39.9, 44.6]),
    ]);
    let by_first = summarise(&results, &[], None);
    assert_eq!(by_first.baseline.as_deref(), Some("flat"));
    assert_eq!(rows(&by_first).iter().map(|row| row.mark).collect::<Vec<_>>(), [Mark::None, Mark::Above]);
    assert_eq!(rows(&by_first)[0].difference, None);
    // scipy 1.17: scipy.stats.ttest_rel(flat, sharp).confidence_interval()
    let by_name = summarise(&results, &[], Some("sharp"));
    let difference = rows(&by_name)[0].difference.unwrap();
    assert!((difference.low + 38.343_700_556_444_09).abs() < 1e-9, "{difference:?}");
    assert_eq!(rows(&by_name).iter().map(|row| row.mark).collect::<Vec<_>>(), [Mark::Below, Mark::None]);
}

#[test]
fn a_sweep_is_compared_at_the_same_point() {
    let (narrow, wide) = ([json!([32, 32])], [json!([64, 64])]);
    let results = results(vec![
        group("flat", &narrow, &[1.0, 1.1]),
        group("flat", &wide, &[2.0, 2.1]),
        group("sharp", &narrow, &[11.0, 11.1]),
        group("sharp", &wide, &[22.0, 22.1]),
    ]);
    let summary = summarise(&results, &[LambdaMax], Some("flat"));
    let differences: Vec<_> =
        rows(&summary).iter().map(|row| row.difference.map(|d| d.mean.round())).collect();
    assert_eq!(differences, [None, None, Some(10.0), Some(20.0)]);
    assert_eq!(rows(&summary)[1].point, "hidden 64 64");
}

#[test]
fn one_arm_along_a_sweep_is_compared_with_its_first_point() {
    let results = results(vec![
        group("base", &[json!(32)], &[5.0, 5.2, 5.1]),
        group("base", &[json!(64)], &[5.1, 5.1, 5.1]),
        group("base", &[json!(128)], &[4.0, 4.1, 4.2]),
    ]);
    for named in [None, Some("base")] {
        let summary = summarise(&results, &[], named);
        assert_eq!(summary.baseline.as_deref(), Some("hidden 32"));
        let marks: Vec<_> = rows(&summary).iter().map(|row| row.mark).collect();
        assert_eq!(marks, [Mark::None, Mark::Overlapping, Mark::Below]);
    }
}

#[test]
fn there_is_no_baseline_without_a_second_group_or_under_a_wrong_name() {
    let alone = summarise(&results(vec![group("base", &[], &[1.0, 2.0])]), &[], None);
    assert_eq!((alone.baseline.as_deref(), rows(&alone)[0].mark), (None, Mark::None));
    let pair = results(vec![group("a", &[], &[1.0, 2.0]), group("b", &[], &[1.0, 2.0])]);
    let astray = summarise(&pair, &[], Some("c"));
    assert_eq!(astray.baseline, None);
    assert_eq!(astray.notes, ["no arm is called c: no differences"]);
    assert!(rows(&astray).iter().all(|row| row.difference.is_none()));
}

#[test]
fn one_seed_is_said_to_be_one() {
    let summary = summarise(&results(vec![group("a", &[], &[1.0]), group("b", &[], &[2.0])]), &[], None);
    assert_eq!(rows(&summary)[1].mark, Mark::Single);
    assert_eq!(rows(&summary)[1].difference.unwrap().mean, 1.0);
    assert_eq!(summary.notes, ["one seed: no interval"]);
}

#[test]
fn what_is_shown_unasked_is_what_there_is() {
    let has = |quantities: &[Quantity]| {
        let measures: Vec<_> = quantities.iter().map(|&quantity| (quantity, 0.5)).collect();
        let group = Group {
            arm: "base".to_owned(),
            point: vec![],
            members: vec![done(0, &measures), done(1, &measures)],
            ..Group::default()
        };
        let summary = summarise(&results(vec![group]), &[], None);
        summary.series.iter().map(|series| series.quantity).collect::<Vec<_>>()
    };
    let all: Vec<Quantity> = CATALOGUE.iter().map(|info| info.quantity).collect();
    let names: Vec<_> = has(&all).iter().map(|quantity| quantity.name()).collect();
    let asked = CATALOGUE.iter().filter(|info| !info.always).map(|info| info.name);
    let expected = ["train_loss", "test_accuracy"].into_iter().chain(asked).chain(["weight_norm"]);
    assert_eq!(names, expected.collect::<Vec<_>>());
    let some = [WeightNorm, Quantity::SamSharpness, TestAccuracy, LambdaMax, TrainLoss];
    assert_eq!(has(&some), [TrainLoss, TestAccuracy, LambdaMax, Quantity::SamSharpness, WeightNorm]);
    assert_eq!(has(&[WeightNorm, TestLoss, TrainLoss]), [TrainLoss, TestLoss, WeightNorm]);
    assert_eq!(has(&[]), []);
}

#[test]
fn what_is_asked_for_is_shown_even_if_it_was_not_measured() {
    let summary =
        summarise(&results(vec![group("base", &[], &[1.0, 2.0])]), &[TestAccuracy, LambdaMax], None);
    assert_eq!(rows(&summary)[0].last, None);
    assert_eq!(summary.notes, ["test_accuracy was not measured"]);
}

#[test]
fn runs_that_are_missing_or_broke_are_counted() {
    let arm =
        |name: &str, members| Group { arm: name.to_owned(), point: vec![], members, ..Group::default() };
    let loss = |value| [(TrainLoss, value)];
    let flat = vec![
        done(0, &loss(0.01)),
        stored(1, Status::Done, "steps", &loss(0.2)),
        stored(2, Status::Diverged, "diverged", &loss(f64::NAN)),
        not_run(3),
    ];
    let sharp = vec![
        stored(0, Status::Diverged, "diverged", &loss(f64::INFINITY)),
        stored(1, Status::Diverged, "diverged", &loss(f64::NAN)),
        stored(2, Status::Failed, "out of memory", &[]),
        stored(3, Status::Interrupted, "", &[]),
    ];
    let summary = summarise(&results(vec![arm("flat", flat), arm("sharp", sharp)]), &[], None);
    assert_eq!(
        summary.notes,
        [
            "2 of 8 runs not there yet",
            "1 run failed (sharp)",
            "3 runs diverged (flat 1, sharp 2)",
            "flat: 1 of 4 runs ended before train_loss reached 0.01",
        ]
    );
    let counts: Vec<_> = rows(&summary).iter().map(|row| (row.diverged, row.stored, row.planned)).collect();
    assert_eq!(counts, [(1, 3, 4), (2, 2, 4)]);
    assert_eq!(rows(&summary)[0].last.unwrap().n, 2);
    assert_eq!(rows(&summary)[1].last, None);
}

#[test]
fn the_only_arm_is_not_named_in_notes() {
    let members = vec![stored(0, Status::Diverged, "diverged", &[]), stored(1, Status::Done, "steps", &[])];
    let group = Group { arm: "base".to_owned(), point: vec![], members, ..Group::default() };
    let notes = summarise(&results(vec![group]), &[], None).notes;
    assert_eq!(notes, ["1 run diverged", "1 of 2 runs ended before train_loss reached 0.01"]);
}

/// Three seeds whose training loss falls from `start` in two recorded steps.
fn with_curves(start: f64) -> Group {
    let members = (0..3).map(|seed| {
        let mut curve = Curve::default();
        for (step, value) in [(0, start), (50, 0.5)] {
            curve.push(step, step as f64 / 50.0, &BTreeMap::from([("train_loss".to_owned(), value)]));
        }
        let member = done(seed, &[(TrainLoss, 0.25), (LambdaMax, 3.0 + seed as f64)]);
        Member { curve: Some(Arc::new(curve)), ..member }
    });
    Group { arm: "base".to_owned(), point: vec![], members: members.collect(), ..Group::default() }
}

#[test]
fn curves_end_in_the_final_value_and_quantities_of_the_end_have_none() {
    let summary = summarise(&results(vec![with_curves(1.0)]), &[TrainLoss, LambdaMax], None);
    let train = &rows(&summary)[0];
    assert_eq!(
        (train.curve.len(), train.low.len(), train.high.len()),
        (CURVE_POINTS, CURVE_POINTS, CURVE_POINTS)
    );
    assert!((train.curve[0] - 1.0).abs() < 1e-12 && (train.curve[CURVE_POINTS - 1] - 0.25).abs() < 1e-12);
    let curvature = &summary.series[1].rows[0];
    assert!(curvature.curve.is_empty() && curvature.low.is_empty() && curvature.high.is_empty());
    assert_eq!(curvature.last.unwrap().mean, 4.0);
}

#[test]
fn a_log_scale_is_for_positive_numbers_only() {
    for (start, log) in [(1.0, true), (0.0, false), (-1.0, false)] {
        let summary = summarise(&results(vec![with_curves(start)]), &[TrainLoss], None);
        assert_eq!(summary.series[0].log, log, "{start}");
        assert!((rows(&summary)[0].curve[0] - start).abs() < 1e-12);
    }
}

/// One seed that rises to 1e9 and breaks off.
fn broken(seed: u64, status: Status) -> Member {
    let mut curve = Curve::default();
    for (step, value) in [(0, 1.0), (50, -1e9), (100, 1e9)] {
        curve.push(step, 0.0, &BTreeMap::from([("train_loss".to_owned(), value)]));
    }
    Member { curve: Some(Arc::new(curve)), ..stored(seed, status, "", &[(TrainLoss, 1e9)]) }
}

#[test]
fn curves_are_over_the_runs_that_the_numbers_are_over() {
    let whole = summarise(&results(vec![with_curves(1.0)]), &[TrainLoss], None);
    let mut group = with_curves(1.0);
    let bad = [Status::Diverged, Status::Failed, Status::Cancelled, Status::Interrupted];
    group.members.extend((3..).zip(bad).map(|(seed, status)| broken(seed, status)));
    let summary = summarise(&results(vec![group]), &[TrainLoss], None);
    assert!(summary.series[0].log, "what is not drawn does not choose the scale");
    assert_eq!(rows(&summary)[0].curve, rows(&whole)[0].curve);
    assert_eq!(rows(&summary)[0].last.unwrap().n, 3);
}

#[test]
fn what_diverged_altogether_has_no_curve_and_what_is_in_flight_has_one() {
    let diverged = Group {
        arm: "sharp".to_owned(),
        point: vec![],
        members: (0..2).map(|seed| broken(seed, Status::Diverged)).collect(),
        ..Group::default()
    };
    let mut flying = with_curves(1.0);
    for member in &mut flying.members {
        member.record = None;
    }
    let summary = summarise(&results(vec![flying, diverged]), &[TrainLoss], None);
    assert_eq!(rows(&summary).iter().map(|row| row.curve.len()).collect::<Vec<_>>(), [CURVE_POINTS, 0]);
    assert_eq!(rows(&summary).iter().map(|row| row.diverged).collect::<Vec<_>>(), [0, 2]);
    assert!(summary.notes.contains(&"2 runs diverged (sharp)".to_owned()), "{:?}", summary.notes);
}

#[test]
fn labels_say_what_tells_rows_apart_and_the_baseline_is_one_of_them() {
    let points = [json!(0.01), json!(0.031_622_776_6)];
    for (arms, labels) in [
        (&["base"][..], &["learning_rate 0.01", "learning_rate 0.0316"][..]),
        (
            &["a", "b"],
            &[
                "a · learning_rate 0.01",
                "a · learning_rate 0.0316",
                "b · learning_rate 0.01",
                "b · learning_rate 0.0316",
            ],
        ),
    ] {
        let at = |arm: &'static str| {
            points.iter().map(move |point| group(arm, std::slice::from_ref(point), &[1.0, 1.1, 1.2]))
        };
        let groups = arms.iter().flat_map(|arm| at(arm)).collect();
        let found = Results { axes: vec!["optimizer.learning_rate".to_owned()], groups };
        let summary = summarise(&found, &[], None);
        let several = summary.has_several_arms();
        assert_eq!(several, arms.len() > 1);
        assert_eq!(rows(&summary).iter().map(|row| row.label(several)).collect::<Vec<_>>(), labels);
        for row in rows(&summary) {
            assert_eq!(row.is_baseline(summary.baseline.as_deref()), row.difference.is_none(), "{row:?}");
        }
    }
}

#[test]
fn one_arm_alone_goes_by_its_name_and_has_no_baseline() {
    let alone = summarise(&results(vec![group("base", &[], &[1.0, 1.1])]), &[], None);
    assert_eq!((alone.baseline.as_deref(), rows(&alone)[0].label(false).as_str()), (None, "base"));
    assert!(!rows(&alone)[0].is_baseline(None));
}

#[test]
fn without_results_there_is_an_empty_comparison() {
    let summary = summarise(&Results::default(), &[], None);
    assert!(summary.series.is_empty() && summary.notes.is_empty() && summary.baseline.is_none());
}
