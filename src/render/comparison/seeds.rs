//! How the seeds of each arm are spread: a histogram of what they ended with, all arms on the same bins.

use ratatui::text::Line;

use crate::base::text::counted;
use crate::compare::Series;
use crate::render::number::significant;
use crate::render::plot;
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Look, Role};
use crate::stats::Bins;

/// Columns before the bars, with the letter of the arm.
const MARGIN: usize = 3;
/// Widest histogram.
const WIDEST: usize = 100;
/// Narrowest one.
const NARROWEST: usize = 10;
/// Columns of a bin at least, so that bars stand apart from each other.
const BIN: usize = 2;
/// Rows of each arm, where there are few, and where there are many.
const ROWS: [usize; 2] = [2, 1];
/// Values farther apart than this are drawn on a log scale, where one is asked for.
const WIDE: f64 = 10.0;
/// So many arms are few.
const FEW: usize = 4;

/// The histograms of the first `most` groups, and what their bars mean. Logarithmic where `log` is asked for and values
/// are far apart.
pub(super) fn histograms(
    series: &Series,
    log: bool,
    most: usize,
    columns: usize,
    look: Look,
) -> Vec<Line<'static>> {
    let all: Vec<Vec<f64>> =
        series.rows.iter().map(|row| row.finals.iter().map(|(_, value)| *value).collect()).collect();
    let log = log && spans_decades(&all);
    let along = |value: &f64| if log { value.ln() } else { *value };
    let samples: Vec<Vec<f64>> = all.iter().map(|values| values.iter().map(along).collect()).collect();
    let room = columns.min(WIDEST).saturating_sub(MARGIN + 1);
    let Some(bins) = Bins::over(&samples, room / BIN).filter(|_| room >= NARROWEST) else {
        let why = if room < NARROWEST { "there is no room" } else { "no seed has ended yet" };
        return vec![Line::from(look.span(&format!("  {why}"), Role::Dim))];
    };
    let counts: Vec<Vec<usize>> = samples.iter().map(|sample| bins.counts(sample)).collect();
    let tallest = counts.iter().flatten().copied().max().unwrap_or(0);
    let shown = counts.len().min(most);
    let rows = ROWS[usize::from(shown > FEW)];
    let mut lines = Vec::new();
    for (line, counts) in counts.iter().enumerate().take(shown) {
        let heights: Vec<f64> = counts.iter().map(|count| *count as f64 / tallest.max(1) as f64).collect();
        let drawn = plot::bars(&heights, room, rows);
        lines.extend(drawn.iter().enumerate().map(|(row, bars)| {
            let letter = if row + 1 == rows { plot::letter(line) } else { ' ' };
            Line::from(vec![
                look.span(&format!(" {letter} │"), plot::role(line)),
                look.span(bars, plot::role(line)),
            ])
        }));
    }
    let back = |value: f64| if log { value.exp() } else { value };
    let kind = if log { ScaleKind::Log } else { ScaleKind::Linear };
    let scale = Scale { low: back(bins.low), high: back(bins.high), kind };
    lines.extend(plot::level(scale, room, room, MARGIN, None, look));
    lines.push(Line::from(look.span(&format!("  {}", says(&bins, log, tallest)), Role::Dim)));
    lines
}

/// Whether values are positive and far enough apart that a log scale shows them better.
fn spans_decades(all: &[Vec<f64>]) -> bool {
    let values = || all.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    low > 0.0 && high > WIDE * low
}

/// `seeds: bins 0.35 wide, the tallest is 4 runs`.
fn says(bins: &Bins, log: bool, tallest: usize) -> String {
    let wide = match (bins.count, log) {
        (1, _) => "all seeds alike".to_owned(),
        (_, false) => format!("bins {} wide", significant(bins.width(), 2)),
        (_, true) => format!("each bin up to {} times its foot", significant(bins.width().exp(), 3)),
    };
    format!("seeds: {wide}, the tallest bar is {}", counted(tallest, "run"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Mark, Row};
    use crate::render::comparison::tests::ASCII;
    use crate::render::plain::to_plain;
    use crate::render::width;
    use crate::spec::Quantity;
    use crate::stats::Estimate;

    fn series(finals: &[&[f64]]) -> Series {
        let row = |(arm, values): (&str, &&[f64])| Row {
            arm: arm.to_owned(),
            point: String::new(),
            curve: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            finals: (0..).zip(values.iter().copied()).collect(),
            last: Estimate::of(values),
            difference: None,
            ratio: None,
            mark: Mark::None,
            diverged: 0,
            stored: values.len(),
            planned: values.len(),
        };
        let arms = ["flat", "sharp", "third", "fourth", "fifth", "sixth"];
        let rows = arms.into_iter().zip(finals).map(row).collect();
        Series { quantity: Quantity::LambdaMax, log: true, rows }
    }

    const FLAT: [f64; 8] = [3.6, 3.9, 4.0, 4.1, 4.1, 4.2, 4.4, 5.1];
    const SHARP: [f64; 8] = [32.0, 36.0, 47.5, 48.0, 48.1, 48.9, 61.0, 86.0];

    #[test]
    fn every_arm_is_drawn_on_the_same_bins() {
        let both = series(&[&FLAT, &SHARP]);
        let drawn = [
            histograms(&both, false, 12, 80, Look::PLAIN),
            histograms(&both, true, 12, 80, Look::PLAIN),
            histograms(&both, true, 12, 40, ASCII),
        ];
        insta::assert_snapshot!(drawn.map(|lines| to_plain(&lines)).join("\n"));
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let said =
            |finals: &[&[f64]], columns| to_plain(&histograms(&series(finals), true, 12, columns, ASCII));
        assert!(said(&[&[], &[]], 80).contains("no seed has ended yet"));
        assert!(said(&[&FLAT], 9).contains("there is no room"));
        assert!(said(&[&[2.0, 2.0]], 80).contains("all seeds alike, the tallest bar is 2 runs"));
        // What has no logarithm is drawn on an even scale.
        assert!(said(&[&[-1.0, 2.0, 3.0]], 80).contains("wide"));
        for columns in 14..130 {
            let lines = histograms(&series(&[&FLAT, &SHARP, &[], &[4.0]]), true, 3, columns, Look::PLAIN);
            // The last one is words, which are cut where all lines are.
            for line in lines.iter().rev().skip(1) {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
