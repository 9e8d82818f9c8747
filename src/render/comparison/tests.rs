//! Comparisons at the widths they are seen in.

use proptest::prelude::*;

use super::*;
use crate::render::plain::to_plain;
use crate::render::style::Depth;
use crate::render::width;
use crate::stats::Estimate;

pub(super) const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };

fn estimate(mean: f64, half: f64, n: usize) -> Estimate {
    Estimate { mean, low: mean - half, high: mean + half, sd: half, n, degrees_of_freedom: n as f64 - 1.0 }
}

fn row(
    arm: &str,
    curve: impl Fn(f64) -> f64,
    last: Option<Estimate>,
    difference: Option<Estimate>,
    mark: Mark,
) -> Row {
    let curve: Vec<f64> = (0..64).map(|step| curve(f64::from(step) / 63.0)).collect();
    let (low, high) = (curve.clone(), curve.clone());
    let stored = last.map_or(0, |last| last.n);
    Row {
        arm: arm.into(),
        point: String::new(),
        curve,
        low,
        high,
        finals: Vec::new(),
        last,
        difference,
        ratio: None,
        mark,
        diverged: 0,
        stored,
        planned: 5,
    }
}

pub(super) fn summary() -> Summary {
    let series = |quantity: Quantity, flat: Row, sharp: Row| Series {
        quantity,
        log: quantity.info().log,
        rows: vec![flat, sharp],
    };
    let loss = series(
        Quantity::TrainLoss,
        row(
            "flat",
            |t| 2.0 * (-5.0 * t).exp(),
            Some(estimate(0.0098, 2e-4, 5)),
            Some(estimate(-1e-4, 4e-4, 5)),
            Mark::Overlapping,
        ),
        row("sharp", |t| 2.0 * (-4.8 * t).exp(), Some(estimate(0.0099, 1e-4, 5)), None, Mark::None),
    );
    let accuracy = series(
        Quantity::TestAccuracy,
        row(
            "flat",
            |t| 0.957 * (1.0 - (-6.0 * t).exp()),
            Some(estimate(0.957, 0.006, 5)),
            Some(estimate(0.026, 0.007, 5)),
            Mark::Above,
        ),
        row("sharp", |t| 0.931 * (1.0 - (-3.0 * t).exp()), Some(estimate(0.931, 0.009, 5)), None, Mark::None),
    );
    let lambda = series(
        Quantity::LambdaMax,
        row(
            "flat",
            |t| 12.0 - 4.0 * t,
            Some(estimate(8.1, 1.2, 5)),
            Some(estimate(-33.0, 8.0, 5)),
            Mark::Below,
        ),
        row("sharp", |t| 12.0 + 29.0 * t, Some(estimate(41.0, 6.0, 5)), None, Mark::None),
    );
    Summary {
        baseline: Some("sharp".into()),
        series: vec![loss, accuracy, lambda],
        along: Vec::new(),
        sentence: None,
        sharpness: Vec::new(),
        grids: Vec::new(),
        scatters: Vec::new(),
        pictures: Vec::new(),
        notes: Vec::new(),
    }
}

/// One seed, runs missing, runs diverged, a sweep, and a note about it.
fn incomplete() -> Summary {
    let mut summary = summary();
    summary.series.truncate(2);
    summary.notes.push("2 of 10 runs are missing, 1 diverged".into());
    for series in &mut summary.series {
        series.rows[0].last = Some(estimate(0.5, f64::INFINITY, 1));
        series.rows[0].difference = None;
        series.rows[0].mark = Mark::Single;
        series.rows[0].point = "hidden 64 64".into();
        series.rows[1].last = None;
        (series.rows[1].diverged, series.rows[1].stored) = (1, 1);
    }
    summary
}

/// Arms along a sweep; the first arm is the baseline, or of one arm the first point.
fn sweep(arms: &[&str], points: &[&str]) -> Summary {
    let mut summary = summary();
    for series in &mut summary.series {
        let [other, reference] = [series.rows[0].clone(), series.rows[1].clone()];
        let groups = arms.iter().flat_map(|arm| points.iter().map(move |point| (arm, point)));
        let baselines = if arms.len() > 1 { points.len() } else { 1 };
        series.rows = groups
            .enumerate()
            .map(|(index, (arm, point))| {
                let row = if index < baselines { &reference } else { &other };
                Row { arm: (*arm).into(), point: (*point).into(), ..row.clone() }
            })
            .collect();
    }
    summary.baseline = Some(if arms.len() > 1 { arms[0] } else { points[0] }.into());
    summary
}

const RATES: [&str; 3] = ["learning_rate 0.01", "learning_rate 0.03162277660168379", "learning_rate 0.1"];
const TWO_AXES: [&str; 3] = [
    "hidden 64 64, learning_rate 0.01",
    "hidden 64 64, learning_rate 0.0316227",
    "hidden 256 256, learning_rate 0.1",
];

#[test]
fn the_points_of_a_sweep_can_be_told_apart() {
    insta::assert_snapshot!(drawn(inline, &sweep(&["base"], &RATES), 51, Look::PLAIN), @r"
    by learning_rate · baseline 0.01
    0.01    test acc ▁▂▃▄▅▆▆▇▇▇▇▇████ 0.931 ±.009
    0.0316  test acc ▁▃▆▇▇███████████ 0.957 ±.006 ▲
    0.1     test acc ▁▃▆▇▇███████████ 0.957 ±.006 ▲
    and train_loss, lambda_max
    ");
    insta::assert_snapshot!(drawn(full, &sweep(&["base"], &RATES), 80, Look::PLAIN), @r"
      by learning_rate · baseline 0.01

    train  train_loss  log scale
      0.01    ███▇▇▇▆▆▅▅▄▄▃▃▃▂▂▁▁  0.00990 ±.00010  (n=5)  baseline
      0.0316  ███▇▇▆▆▆▅▅▄▄▃▃▂▂▁▁▁  0.0098 ±.0002    (n=5)  Δ −1e-4 [−5e-4, 3e-4]   ≈
      0.1     ███▇▇▆▆▆▅▅▄▄▃▃▂▂▁▁▁  0.0098 ±.0002    (n=5)  Δ −1e-4 [−5e-4, 3e-4]   ≈

    test acc  test_accuracy
      0.01    ▁▂▂▃▄▅▆▆▆▇▇▇▇▇█████  0.931 ±.009      (n=5)  baseline
      0.0316  ▁▂▅▆▇▇█████████████  0.957 ±.006      (n=5)  Δ +0.026 [0.019, 0.033] ▲
      0.1     ▁▂▅▆▇▇█████████████  0.957 ±.006      (n=5)  Δ +0.026 [0.019, 0.033] ▲

    λmax  lambda_max  loss/w²  log scale
      0.01    ▂▃▃▄▅▅▅▆▆▆▇▇▇▇█████  41 ±6            (n=5)  baseline
      0.0316  ▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁  8.1 ±1.2         (n=5)  Δ −33 [−41, −25]        ▼
      0.1     ▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁  8.1 ±1.2         (n=5)  Δ −33 [−41, −25]        ▼
    ");
    insta::assert_snapshot!(drawn(full, &sweep(&["base"], &TWO_AXES), 80, Look::PLAIN), @r"
      by hidden × learning_rate · baseline 64 64 · 0.01

    train  train_loss  log scale
      64 64 · 0.01    ██▇▆▆▅▄▃▂▂▁  0.00990 ±.00010  (n=5)  baseline
      64 64 · 0.0316  ██▇▆▆▅▄▃▂▁▁  0.0098 ±.0002    (n=5)  Δ −1e-4 [−5e-4, 3e-4]   ≈
      256 256 · 0.1   ██▇▆▆▅▄▃▂▁▁  0.0098 ±.0002    (n=5)  Δ −1e-4 [−5e-4, 3e-4]   ≈

    test acc  test_accuracy
      64 64 · 0.01    ▁▂▄▆▆▇▇▇███  0.931 ±.009      (n=5)  baseline
      64 64 · 0.0316  ▁▄▇████████  0.957 ±.006      (n=5)  Δ +0.026 [0.019, 0.033] ▲
      256 256 · 0.1   ▁▄▇████████  0.957 ±.006      (n=5)  Δ +0.026 [0.019, 0.033] ▲

    λmax  lambda_max  loss/w²  log scale
      64 64 · 0.01    ▂▃▅▅▆▆▇▇███  41 ±6            (n=5)  baseline
      64 64 · 0.0316  ▂▂▂▂▂▂▁▁▁▁▁  8.1 ±1.2         (n=5)  Δ −33 [−41, −25]        ▼
      256 256 · 0.1   ▂▂▂▂▂▂▁▁▁▁▁  8.1 ±1.2         (n=5)  Δ −33 [−41, −25]        ▼
    ");
    insta::assert_snapshot!(drawn(inline, &sweep(&["momentum_warmup", "plain"], &TWO_AXES), 51, Look::PLAIN), @r"
      by arm × hidden × learning_rate · baseline
      momentum_warmup

    train  train_loss  log scale
      mo…mup · 64 64 · 0.01    0.00990 ±.00010
      mo…mup · 64 64 · 0.0316  0.00990 ±.00010
      mo…mup · 256 256 · 0.1   0.00990 ±.00010
      plain · 64 64 · 0.01     0.0098 ±.0002   ≈
      plain · 64 64 · 0.0316   0.0098 ±.0002   ≈
      plain · 256 256 · 0.1    0.0098 ±.0002   ≈

    test acc  test_accuracy
      mo…mup · 64 64 · 0.01    0.931 ±.009
      mo…mup · 64 64 · 0.0316  0.931 ±.009
      mo…mup · 256 256 · 0.1   0.931 ±.009
      plain · 64 64 · 0.01     0.957 ±.006     ▲
      plain · 64 64 · 0.0316   0.957 ±.006     ▲
      plain · 256 256 · 0.1    0.957 ±.006     ▲

    λmax  lambda_max  loss/w²  log scale
      mo…mup · 64 64 · 0.01    41 ±6
      mo…mup · 64 64 · 0.0316  41 ±6
      mo…mup · 256 256 · 0.1   41 ±6
      plain · 64 64 · 0.01     8.1 ±1.2        ▼
      plain · 64 64 · 0.0316   8.1 ±1.2        ▼
      plain · 256 256 · 0.1    8.1 ±1.2        ▼
    ");
}

/// The curves of all quantities are as wide as each other, whatever their numbers.
#[test]
fn curves_line_up_across_quantities() {
    let is_block = |character: char| ('▁'..='█').contains(&character);
    for columns in 40..160 {
        let text = drawn(full, &sweep(&["base"], &RATES), columns, Look::PLAIN);
        assert!(text.contains("baseline"), "{columns}");
        let widths = text.lines().map(|line| line.chars().filter(|&c| is_block(c)).count());
        let widths: std::collections::BTreeSet<_> = widths.filter(|&width| width > 0).collect();
        assert_eq!(widths.len(), 1, "{columns}: {text}");
    }
}

fn drawn(
    draw: fn(&Summary, usize, Look) -> Vec<Line<'static>>,
    summary: &Summary,
    columns: usize,
    look: Look,
) -> String {
    to_plain(&draw(summary, columns, look))
}

#[test]
fn inline_at_80() {
    insta::assert_snapshot!(drawn(inline, &summary(), 80, Look::PLAIN), @r"
    baseline sharp
    flat   train █▇▆▅▃▂▁  test acc ▁▇█████ 0.957 ±.006 ▲  λmax ▂▂▂▁▁▁▁ 8.1 ±1.2 ▼
    sharp  train █▇▆▅▃▂▁  test acc ▁▃▆▇▇██ 0.931 ±.009    λmax ▂▄▆▇▇██ 41 ±6
    ");
}

#[test]
fn inline_at_70_as_beside_the_log() {
    insta::assert_snapshot!(drawn(inline, &summary(), 70, Look::PLAIN), @r"
    baseline sharp
    flat   test acc ▁▆▇███████ 0.957 ±.006 ▲  λmax ▂▂▂▂▂▁▁▁▁▁ 8.1 ±1.2 ▼
    sharp  test acc ▁▂▄▆▇▇▇███ 0.931 ±.009    λmax ▂▃▅▆▆▇▇███ 41 ±6
    and train_loss
    ");
}

#[test]
fn inline_at_140() {
    insta::assert_snapshot!(drawn(inline, &summary(), 140, Look::PLAIN), @r"
    baseline sharp
    flat   train ██▇▇▆▆▅▅▄▄▃▃▂▂▁▁ 0.0098 ±.0002   ≈  test acc ▁▃▆▇▇███████████ 0.957 ±.006 ▲  λmax ▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁ 8.1 ±1.2 ▼
    sharp  train ███▇▇▆▆▅▄▄▃▃▂▂▁▁ 0.00990 ±.00010    test acc ▁▂▃▄▅▆▆▇▇▇▇▇████ 0.931 ±.009    λmax ▂▃▄▅▅▆▆▆▇▇▇█████ 41 ±6
    ");
}

#[test]
fn inline_at_40_in_ascii() {
    insta::assert_snapshot!(drawn(inline, &summary(), 40, ASCII), @r"
      baseline sharp

    train_loss  log scale
      flat   ##%**+=-.__  0.0098 +-.0002   ~
      sharp  ##%**+=-.._  0.00990 +-.00010

    test_accuracy
      flat   _=%########  0.957 +-.006     ^
      sharp  _.=**%%%###  0.931 +-.009

    lambda_max  loss/w^2  log scale
      flat   ......_____  8.1 +-1.2        v
      sharp  .-++**%%###  41 +-6
    ");
}

#[test]
fn inline_at_10() {
    insta::assert_snapshot!(drawn(inline, &summary(), 10, Look::PLAIN), @r"
      baseline
      sharp

    train  tr…
      flat   …
      sharp  …

    test acc …
      flat   …
      sharp  …

    λmax  lam…
      flat   …
      sharp  …
    ");
}

#[test]
fn full_at_80() {
    insta::assert_snapshot!(drawn(full, &summary(), 80, Look::PLAIN), @r"
      baseline sharp

    train  train_loss  log scale
      flat   ███▇▇▆▆▆▅▅▄▄▃▃▃▂▂▁▁▁  0.0098 ±.0002    (n=5)  Δ −1e-4 [−5e-4, 3e-4]   ≈
      sharp  ███▇▇▇▆▆▅▅▄▄▄▃▃▂▂▂▁▁  0.00990 ±.00010  (n=5)  baseline

    test acc  test_accuracy
      flat   ▁▂▄▆▇▇▇█████████████  0.957 ±.006      (n=5)  Δ +0.026 [0.019, 0.033] ▲
      sharp  ▁▂▂▃▄▅▅▆▆▇▇▇▇▇▇█████  0.931 ±.009      (n=5)  baseline

    λmax  lambda_max  loss/w²  log scale
      flat   ▂▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁  8.1 ±1.2         (n=5)  Δ −33 [−41, −25]        ▼
      sharp  ▂▃▃▄▅▅▅▆▆▆▇▇▇▇██████  41 ±6            (n=5)  baseline
    ");
}

#[test]
fn full_at_80_in_ascii() {
    insta::assert_snapshot!(drawn(full, &summary(), 80, ASCII), @r"
      baseline sharp

    train_loss  log scale
      flat   ##%%**++==--..__  0.0098 +-.0002    (n=5)  diff -1e-4 [-5e-4, 3e-4]   ~
      sharp  ###%%**+==--..__  0.00990 +-.00010  (n=5)  baseline

    test_accuracy
      flat   _-*%%###########  0.957 +-.006      (n=5)  diff +0.026 [0.019, 0.033] ^
      sharp  _.-=+**%%%%%####  0.931 +-.009      (n=5)  baseline

    lambda_max  loss/w^2  log scale
      flat   ........________  8.1 +-1.2         (n=5)  diff -33 [-41, -25]        v
      sharp  .-=++***%%%#####  41 +-6            (n=5)  baseline
    ");
}

#[test]
fn full_at_40() {
    insta::assert_snapshot!(drawn(full, &summary(), 40, Look::PLAIN), @r"
      baseline sharp

    train  train_loss  log scale
      flat   ██▇▆▆▅▄▃▃▂▁▁  0.0098 ±.0002   ≈
      sharp  ██▇▇▆▅▄▄▃▂▂▁  0.00990 ±.00010

    test acc  test_accuracy
      flat   ▁▄▇▇████████  0.957 ±.006     ▲
      sharp  ▁▂▃▅▆▇▇▇▇███  0.931 ±.009

    λmax  lambda_max  loss/w²  log scale
      flat   ▂▂▂▂▂▂▁▁▁▁▁▁  8.1 ±1.2        ▼
      sharp  ▂▃▄▅▆▆▇▇████  41 ±6
    ");
}

#[test]
fn what_is_missing_is_said() {
    insta::assert_snapshot!(drawn(inline, &incomplete(), 80, Look::PLAIN), @r"
    baseline sharp
    flat · hidden 64 64  train ██▇▆▅▃▂▂▁ 0.5 n=1!    test acc ▁▆▇██████ 0.5 n=1!
    sharp                train ██▇▆▅▄▃▂▁ diverged    test acc ▁▃▅▆▇▇███ diverged
    ! 2 of 10 runs are missing, 1 diverged
    ");
    insta::assert_snapshot!(drawn(full, &incomplete(), 80, Look::PLAIN), @r"
      baseline sharp

    train  train_loss  log scale
      flat · hidden 64 64  ██▇▆▆▅▄▃▂▁▁  0.5 n=1!  (n=1 of 5)
      sharp                ██▇▆▆▅▄▃▂▂▁  diverged  (n=0 of 5, 1 diverged)  baseline

    test acc  test_accuracy
      flat · hidden 64 64  ▁▄▇████████  0.5 n=1!  (n=1 of 5)
      sharp                ▁▂▄▆▆▇▇▇███  diverged  (n=0 of 5, 1 diverged)  baseline
      ! 2 of 10 runs are missing, 1 diverged
    ");
}

#[test]
fn for_the_better_is_green_whichever_way_that_is() {
    let look = Look { glyphs: Glyphs::Unicode, depth: Depth::Ansi256 };
    let summary = summary();
    for (series, role) in [(1, Role::Good), (2, Role::Good)] {
        let series = &summary.series[series];
        assert_eq!(mark(&series.rows[0], series.quantity, look).style, look.style(role));
    }
}

proptest! {
    #[test]
    fn never_wider_than_asked(columns in 1_usize..160, arm in ".{0,30}", mean in prop::num::f64::ANY, half in 0.0..1e9_f64) {
        for mut summary in [summary(), incomplete()] {
            for series in &mut summary.series {
                series.rows[0].arm.clone_from(&arm);
                series.rows[0].last = Some(estimate(mean, half, 5));
            }
            for look in [Look::PLAIN, ASCII] {
                for line in inline(&summary, columns, look).into_iter().chain(full(&summary, columns, look)) {
                    prop_assert!(width::spans_width(&line.spans) <= columns, "{line:?}");
                }
            }
        }
    }
}
