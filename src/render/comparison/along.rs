//! Sweeps as charts: a quantity along an axis of numbers, a chart for each arm, all on one scale.

use ratatui::text::Line;

use super::pictures::{HEIGHT, framed, room, short, suited};
use crate::compare::along::{Along, AlongRow};
use crate::render::plot;
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Look, Role};
use crate::render::width;

/// Decades of a log scale at the most.
const DECADES: f64 = 8.0;

/// The charts of a sweep; none where there is no room.
pub fn charts(sweep: &Along, columns: usize, look: Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let Some(wide) = room(columns) else { return lines };
    let scale = scale_of(sweep);
    let kind = if sweep.log { ScaleKind::Log } else { ScaleKind::Linear };
    let axis = Scale::over(sweep.rows.iter().map(|row| row.x.as_slice()), kind);
    for row in &sweep.rows {
        let said = vec![
            look.span(&format!("  {}  ", look.text(&name(sweep, row))), Role::Accent),
            look.span(&over(sweep, scale, look), Role::Dim),
            look.span(&extremes(row), Role::Dim),
        ];
        lines.push(Line::from(width::crop(said, columns, look)));
        let [mean, low, high] =
            [&row.mean, &row.low, &row.high].map(|values| sampled(row, values, axis, scale, wide));
        let drawn = plot::curve(&mean, &low, &high, wide, HEIGHT);
        let framed = framed(&drawn, scale, [axis.low, axis.high], look);
        lines.extend(framed.into_iter().map(|line| width::crop_line(line, columns, look)));
    }
    lines
}

/// One scale for all curves. Means that span decades decide it alone: an interval of few seeds may well reach below zero, and
/// is cut off then.
fn scale_of(sweep: &Along) -> Scale {
    let means = suited(sweep.rows.iter().map(|row| row.mean.as_slice()).collect());
    if means.kind == ScaleKind::Log {
        // What lies far below is as good as nothing, and would press everything else together.
        return Scale { low: means.low.max(means.high * 10.0_f64.powf(-DECADES)), ..means };
    }
    let ends = sweep.rows.iter().flat_map(|row| [row.low.as_slice(), row.high.as_slice()]);
    Scale::over(ends, ScaleKind::Linear)
}

/// `over features, log scales: `.
fn over(sweep: &Along, scale: Scale, look: Look) -> String {
    let scales = match (scale.kind == ScaleKind::Log, sweep.log) {
        (true, true) => ", log scales",
        (true, false) => ", log scale",
        (false, true) => " on a log scale",
        (false, false) => "",
    };
    format!("over {}{scales}: ", look.text(&sweep.axis))
}

fn name(sweep: &Along, row: &AlongRow) -> String {
    let several = sweep.rows.iter().any(|other| other.arm != row.arm) || row.point.is_empty();
    let parts =
        [several.then_some(row.arm.as_str()), Some(row.point.as_str()).filter(|point| !point.is_empty())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `least 0.03 at 40000, most 0.887 at 10000`.
fn extremes(row: &AlongRow) -> String {
    let places = || row.x.iter().zip(&row.mean).filter(|(_, mean)| mean.is_finite());
    let least = places().min_by(|a, b| a.1.total_cmp(b.1));
    let most = places().max_by(|a, b| a.1.total_cmp(b.1));
    match (least, most) {
        (Some((at, least)), Some((from, most))) => {
            format!("least {} at {}, most {} at {}", short(*least), short(*at), short(*most), short(*from))
        }
        _ => String::new(),
    }
}

/// Heights at evenly spaced columns. A place that was measured stands in its column, the highest of several; between them
/// there are straight lines.
fn sampled(row: &AlongRow, values: &[f64], axis: Scale, scale: Scale, columns: usize) -> Vec<f64> {
    let place = |x: f64| axis.height(x) * columns.saturating_sub(1) as f64;
    let known: Vec<(f64, f64)> =
        row.x.iter().zip(values).map(|(x, value)| (place(*x), scale.height(*value))).collect();
    let mut sampled: Vec<f64> = (0..columns).map(|column| between(&known, column as f64)).collect();
    let mut measured = vec![f64::NAN; columns];
    for (at, height) in known {
        if let Some(slot) = measured.get_mut(at.round() as usize) {
            *slot = slot.max(height);
        }
    }
    sampled
        .iter_mut()
        .zip(measured)
        .filter(|(_, height)| !height.is_nan())
        .for_each(|(slot, height)| *slot = height);
    sampled
}

/// The height at a place on straight lines between those that are known; NaN beyond them, and where an end of the line is.
fn between(known: &[(f64, f64)], at: f64) -> f64 {
    let line = known.windows(2).find(|pair| pair[0].0 <= at && at <= pair[1].0);
    match line {
        Some([(from, a), (to, b)]) if to > from => a + (b - a) * (at - from) / (to - from),
        Some([(_, a), _]) => *a,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::to_plain;
    use crate::render::style::{Depth, Glyphs};
    use crate::spec::Quantity;

    fn descent() -> Along {
        let x: Vec<f64> = (0..21).map(|k| 100.0 * 400_f64.powf(f64::from(k) / 20.0)).collect();
        let error =
            |x: &f64| 0.03 + 0.2 * (100.0 / x).sqrt() + 0.85 * (-((x / 1e4).ln() / 0.2).powi(2)).exp();
        let mean: Vec<f64> = x.iter().map(error).collect();
        let off = |factor: f64| mean.iter().map(|value| value * factor).collect::<Vec<_>>();
        let row = |arm: &str, point: &str| AlongRow {
            arm: arm.into(),
            point: point.into(),
            x: x.clone(),
            low: off(0.9),
            high: off(1.1),
            mean: mean.clone(),
        };
        let rows = vec![row("base", "ridge 0")];
        Along { quantity: Quantity::TestError, axis: "features".into(), log: true, rows }
    }

    #[test]
    fn a_double_descent_looks_like_one() {
        insta::assert_snapshot!(to_plain(&charts(&descent(), 70, Look::PLAIN)));
    }

    #[test]
    fn never_wider_than_asked_and_ascii_is_ascii() {
        let look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };
        for columns in 1..120 {
            for line in charts(&descent(), columns, look) {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
                assert!(line.spans.iter().all(|span| span.content.is_ascii()), "{line:?}");
            }
        }
    }

    #[test]
    fn a_spike_between_columns_is_drawn() {
        let row = AlongRow {
            arm: "a".into(),
            point: String::new(),
            x: vec![0.0, 49.9, 50.0, 50.1, 100.0],
            mean: vec![0.0, 0.0, 1.0, 0.0, 0.0],
            low: vec![0.0; 5],
            high: vec![1.0; 5],
        };
        let linear = |low, high| Scale { low, high, kind: ScaleKind::Linear };
        let drawn = sampled(&row, &row.mean, linear(0.0, 100.0), linear(0.0, 1.0), 11);
        assert_eq!(drawn, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
