//! Sweeps as charts: a quantity along an axis of numbers, all arms in one.

use ratatui::text::Line;

use super::pictures::short;
use super::traced::upright;
use crate::compare::along::{Along, AlongRow};
use crate::compare::traces::of_sweep;
use crate::render::plot::{self, Chart, Marker, Sign, Stroke};
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Look, Role};
use crate::render::width;

/// Widest chart: beyond this it says nothing more.
const WIDEST: usize = 100;
/// Values that span more than this are drawn on a log scale.
const WIDE: f64 = 20.0;
/// Decades of it at the most.
const DECADES: f64 = 8.0;

/// The chart of a sweep, `rows` high, and a line for each curve; no chart where there is no room.
pub fn charts(sweep: &Along, columns: usize, rows: usize, look: Look) -> Vec<Line<'static>> {
    let traces = of_sweep(sweep);
    let suited = upright(&traces, ScaleKind::Linear);
    let means: Vec<&[f64]> = traces.iter().map(|trace| trace.mean.as_slice()).collect();
    let means = Scale::over(means, ScaleKind::Linear);
    let y = if means.low > 0.0 && means.high > WIDE * means.low {
        // What lies far below is as good as nothing, and would press everything else together.
        let low = means.low.max(means.high * 10.0_f64.powf(-DECADES));
        Scale { low, high: means.high, kind: ScaleKind::Log }
    } else {
        suited
    };
    let kind = if sweep.log { ScaleKind::Log } else { ScaleKind::Linear };
    let x = Scale::over(traces.iter().map(|trace| trace.x.as_slice()), kind);
    let places = traces.iter().enumerate().flat_map(|(line, trace)| {
        let place =
            move |(x, mean): (&f64, &f64)| Sign { x: *x, y: Some(*mean), sign: '●', line: Some(line) };
        trace.x.iter().zip(&trace.mean).map(place).collect::<Vec<_>>()
    });
    let signs = places.collect();
    let strokes = traces.into_iter().enumerate().map(|(line, trace)| Stroke {
        line,
        x: trace.x,
        mean: trace.mean,
        low: trace.low,
        high: trace.high,
    });
    let rules = sweep.rules.iter().map(|rule| rule.at).collect();
    let chart = Chart { strokes: strokes.collect(), signs, x, y, rules, cursor: None };
    let marker = Marker::default().in_look(look);
    let mut lines = plot::chart(&chart, columns.min(WIDEST), rows, marker, look);
    if !lines.is_empty() {
        lines.push(under(&over(sweep, y, look), columns, look));
    }
    for (line, row) in sweep.rows.iter().enumerate() {
        let said = vec![
            look.span(&format!("  {} ", plot::swatch(line, marker)), plot::role(line)),
            look.span(&format!("{}  ", name(sweep, row)), Role::Strong),
            look.span(&extremes(row), Role::Dim),
        ];
        lines.push(Line::from(width::crop(said, columns, look)));
    }
    lines
}

fn under(text: &str, columns: usize, look: Look) -> Line<'static> {
    Line::from(width::crop(vec![look.span(&format!("  {text}"), Role::Dim)], columns, look))
}

/// `over features, log scales · ┊ features = examples`.
fn over(sweep: &Along, scale: Scale, look: Look) -> String {
    let scales = match (scale.kind == ScaleKind::Log, sweep.log) {
        (true, true) => ", log scales",
        (true, false) => ", upright log scale",
        (false, true) => " on a log scale",
        (false, false) => "",
    };
    let axis = format!("over {}{scales}", sweep.axis);
    let rules = sweep.rules.iter().map(|rule| format!("┊ {}", rule.says));
    look.text(&std::iter::once(axis).chain(rules).collect::<Vec<_>>().join(" · "))
}

/// What a curve is called.
pub(super) fn name(sweep: &Along, row: &AlongRow) -> String {
    let several = sweep.rows.iter().any(|other| other.arm != row.arm) || row.point.is_empty();
    let parts =
        [several.then_some(row.arm.as_str()), Some(row.point.as_str()).filter(|point| !point.is_empty())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `least 0.03 at 40000, most 0.887 at 10000`.
pub(super) fn extremes(row: &AlongRow) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::along::Rule;
    use crate::render::plain::to_plain;
    use crate::render::style::{Depth, Glyphs};
    use crate::spec::Quantity;

    fn descent() -> Along {
        let x: Vec<f64> = (0..21).map(|k| 100.0 * 400_f64.powf(f64::from(k) / 20.0)).collect();
        let error =
            |x: &f64| 0.03 + 0.2 * (100.0 / x).sqrt() + 0.85 * (-((x / 1e4).ln() / 0.2).powi(2)).exp();
        let mean: Vec<f64> = x.iter().map(error).collect();
        let off = |factor: f64| mean.iter().map(|value| value * factor).collect::<Vec<_>>();
        let row = |arm: &str, point: &str, factor: f64| AlongRow {
            arm: arm.into(),
            point: point.into(),
            x: x.clone(),
            low: off(0.9 * factor),
            high: off(1.1 * factor),
            mean: off(factor),
            n: vec![5; x.len()],
        };
        let rows = vec![row("base", "ridge 0", 1.0), row("base", "ridge 0.1", 0.5)];
        let rules = vec![Rule { at: 1e4, says: "features = examples".into() }];
        Along { quantity: Quantity::TestError, axis: "features".into(), log: true, rows, rules }
    }

    #[test]
    fn a_double_descent_looks_like_one() {
        insta::assert_snapshot!(to_plain(&charts(&descent(), 70, 8, Look::PLAIN)));
    }

    #[test]
    fn never_wider_than_asked_and_ascii_is_ascii() {
        let look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };
        for columns in 1..120 {
            for line in charts(&descent(), columns, 6, look) {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
                assert!(line.spans.iter().all(|span| span.content.is_ascii()), "{line:?}");
            }
        }
    }
}
