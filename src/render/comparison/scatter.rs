//! Measures against the generalization gap: a table of rank correlations, and every run as a point.

use ratatui::text::Line;

use super::label;
use crate::base::number::interval;
use crate::base::text::counted;
use crate::compare::scatter::{FEWEST_GROUPS, Over, Scatter};
use crate::render::cell::indented;
use crate::render::plot::{self, Chart, Marker, Sign, letter};
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Look, Role};
use crate::render::width;

/// Measures that span more than this are drawn on a log axis.
const WIDE: f64 = 20.0;
/// Widest chart.
const WIDEST: usize = 80;

/// The table, and the chart of the first measure; nothing where there are none.
pub(super) fn section(scatters: &[Scatter], columns: usize, rows: usize, look: Look) -> Vec<Line<'static>> {
    let Some(first) = scatters.first() else { return Vec::new() };
    let mut lines =
        vec![Line::default(), Line::from(look.span("against the generalization gap", Role::Heading))];
    lines.extend(chart(first, columns, rows, look));
    let names: Vec<String> = scatters.iter().map(|one| label(one.quantity, look)).collect();
    let wide = names.iter().map(|name| width::width(name)).max().unwrap_or(0);
    for (scatter, name) in scatters.iter().zip(names) {
        let said = vec![
            look.span(&format!("  {}  ", width::pad(&name, wide)), Role::Strong),
            look.span(&words(scatter), Role::Text),
        ];
        lines.push(Line::from(said));
    }
    lines.extend(caution(first, columns, look));
    lines.into_iter().map(|line| width::crop_line(line, columns, look)).collect()
}

/// One measure: its points and its correlation.
pub(super) fn one(scatter: &Scatter, columns: usize, rows: usize, look: Look) -> Vec<Line<'static>> {
    let mut lines =
        vec![Line::from(look.span(
            &format!("{} against the generalization gap", label(scatter.quantity, look)),
            Role::Heading,
        ))];
    lines.extend(chart(scatter, columns, rows, look));
    lines.push(Line::from(look.span(&format!("  {}", words(scatter)), Role::Text)));
    lines.extend(caution(scatter, columns, look));
    lines.into_iter().map(|line| width::crop_line(line, columns, look)).collect()
}

/// `τ 0.42 [0.20, 0.61], 24 runs pooled: goes along`.
fn words(scatter: &Scatter) -> String {
    let Some(tau) = scatter.tau else { return "τ is not defined: one side does not vary".to_owned() };
    let numbers = interval(tau.tau, tau.low, tau.high, &[0.0, 1.0, -1.0]);
    let over = match tau.over {
        Over::Seeds => format!("mean of {}", counted(tau.n, "seed")),
        Over::Runs => format!("{} pooled", counted(tau.n, "run")),
    };
    let says = if tau.low > 0.0 {
        "goes along"
    } else if tau.high < 0.0 {
        "goes against"
    } else {
        "not told from none"
    };
    format!("τ {numbers}, {over}: {says}")
}

/// What each τ is over, and how far its interval can be trusted.
fn caution(scatter: &Scatter, columns: usize, look: Look) -> Vec<Line<'static>> {
    let Some(tau) = scatter.tau else { return Vec::new() };
    let groups = scatter.groups;
    let says = match tau.over {
        Over::Seeds => format!(
            "every seed has a τ of its own, over its runs of {groups} arms and sweep points; the interval is that of their mean"
        ),
        Over::Runs => format!(
            "pooled: every run is a point, of {groups} arms and sweep points. Runs of the same one resemble each other, so the \
             interval is narrower than it should be; from {FEWEST_GROUPS} on every seed has a τ of its own"
        ),
    };
    indented(&says, Role::Dim, columns, look).into_iter().map(Line::from).collect()
}

fn chart(scatter: &Scatter, columns: usize, rows: usize, look: Look) -> Vec<Line<'static>> {
    let side =
        |of: fn(&crate::compare::scatter::Point) -> f64| scatter.points.iter().map(of).collect::<Vec<_>>();
    let (x, y) = (side(|point| point.x), side(|point| point.y));
    let x = Scale::over([x.as_slice()], ScaleKind::Linear);
    let x = if x.low > 0.0 && x.high > WIDE * x.low { Scale { kind: ScaleKind::Log, ..x } } else { x };
    let y = Scale::over([y.as_slice()], ScaleKind::Linear);
    let sign = |point: &crate::compare::scatter::Point| Sign {
        x: point.x,
        y: Some(point.y),
        sign: letter(point.arm),
        line: Some(point.arm),
    };
    let signs = scatter.points.iter().map(sign).collect();
    let drawn = Chart { strokes: Vec::new(), signs, x, y, rules: Vec::new(), cursor: None };
    let mut lines = plot::chart(&drawn, columns.min(WIDEST), rows, Marker::Braille, look);
    let arms = scatter.arms.iter().enumerate().map(|(arm, name)| format!("{} {name}", letter(arm)));
    let log = if x.kind == ScaleKind::Log { ", log axis" } else { "" };
    let says = format!(
        "  gap over {}{log}, a letter for each run: {}",
        label(scatter.quantity, look),
        arms.collect::<Vec<_>>().join(", ")
    );
    lines.push(Line::from(look.span(&says, Role::Dim)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scatter::{Point, Tau};
    use crate::render::plain::to_plain;
    use crate::spec::Quantity;

    fn scatter() -> Scatter {
        let points = (0..24).map(|run| {
            let x = f64::from(run % 12) * 0.4 + if run < 12 { 2.0 } else { 16.0 };
            Point { arm: run as usize / 12, x, y: 0.1 + f64::from(run * 7 % 5) * 0.01 + x * 1e-3 }
        });
        let tau = Some(Tau { tau: 0.42, low: 0.2, high: 0.61, over: Over::Runs, n: 24 });
        Scatter {
            quantity: Quantity::LambdaMax,
            points: points.collect(),
            arms: vec!["flat".into(), "sharp".into()],
            groups: 2,
            tau,
        }
    }

    #[test]
    fn every_run_is_a_letter_and_tau_says_what_it_is_over() {
        insta::assert_snapshot!(to_plain(&section(&[scatter()], 70, 8, Look::PLAIN)));
        let flat = Scatter { tau: None, ..scatter() };
        assert!(to_plain(&one(&flat, 60, 4, Look::PLAIN)).contains("τ is not defined"));
        for columns in 1..90 {
            for line in section(&[scatter()], columns, 5, Look::PLAIN).iter().skip(2) {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
