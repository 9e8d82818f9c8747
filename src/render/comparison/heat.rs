//! Sweeps over two axes as maps: a shade and a number for every pair of places.

use ratatui::text::Line;

use super::label;
use super::pictures::short;
use crate::compare::grid::Grid;
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// From low to high; in ASCII ` .:%#`.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
/// Values that span more than this are shaded by their logarithms.
const WIDE: f64 = 20.0;

/// The map of one arm; `several` arms have their names above them.
pub(super) fn map(grid: &Grid, several: bool, columns: usize, look: Look) -> Vec<Line<'static>> {
    let scale = scale(grid);
    let [down, across] = &grid.axes;
    let arm = if several { format!("{} · ", grid.arm) } else { String::new() };
    let log = if scale.kind == ScaleKind::Log { ", shaded by logarithms" } else { "" };
    let head = format!("  {arm}{} · {down} down, {across} across{log}", label(grid.quantity, look));
    let mut lines = vec![Line::from(width::crop(vec![look.span(&head, Role::Dim)], columns, look))];
    let side: Vec<String> = grid.down.iter().map(|place| look.text(&short(*place))).collect();
    let margin = side.iter().map(|text| width::width(text)).max().unwrap_or(0);
    let numbers: Vec<String> = grid.mean.iter().map(|mean| look.text(&number(*mean))).collect();
    let heads: Vec<String> = grid.across.iter().map(|place| look.text(&short(*place))).collect();
    let wide = numbers.iter().chain(&heads).map(|text| width::width(text)).max().unwrap_or(0);
    // A shade, a number, and space; where there is no room for numbers, shades alone.
    let (cell, with_numbers) =
        if margin + 4 + heads.len() * (wide + 4) <= columns { (wide + 4, true) } else { (2, false) };
    for (row, side) in side.iter().enumerate().rev() {
        let mut spans: Spans =
            vec![look.span(&format!("  {}{side} ", " ".repeat(margin - width::width(side))), Role::Dim)];
        for column in 0..heads.len() {
            let at = row * heads.len() + column;
            let mean = grid.mean.get(at).copied().unwrap_or(f64::NAN);
            spans.push(look.span(&shade(mean, scale).repeat(2), Role::Curve));
            if with_numbers {
                let text = numbers.get(at).map_or("", String::as_str);
                spans.push(look.span(&format!(" {}", width::pad(text, cell - 3)), Role::Text));
            }
        }
        lines.push(Line::from(width::crop(spans, columns, look)));
    }
    let foot = if with_numbers {
        heads.iter().map(|head| format!("  {}", width::pad(head, cell - 3))).collect::<Vec<_>>().join(" ")
    } else {
        let ends = [heads.first(), heads.last()].map(|head| head.map_or("", String::as_str));
        format!("{} … {}   {} to {}", ends[0], ends[1], short(scale.low), short(scale.high))
    };
    let foot = look.span(&format!("  {} {}", " ".repeat(margin), look.text(&foot).trim_end()), Role::Dim);
    lines.push(Line::from(width::crop(vec![foot], columns, look)));
    lines
}

fn scale(grid: &Grid) -> Scale {
    let linear = Scale::over([grid.mean.as_slice()], ScaleKind::Linear);
    if linear.low > 0.0 && linear.high > WIDE * linear.low {
        Scale { kind: ScaleKind::Log, ..linear }
    } else {
        linear
    }
}

fn number(mean: f64) -> String {
    if mean.is_finite() { short(mean) } else { "–".to_owned() }
}

/// What is not there is no low value.
fn shade(mean: f64, scale: Scale) -> &'static str {
    let height = scale.height(mean);
    if height.is_nan() {
        return "?";
    }
    SHADES[((height * SHADES.len() as f64) as usize).min(SHADES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::to_plain;
    use crate::render::style::{Depth, Glyphs};
    use crate::spec::Quantity;

    fn grid() -> Grid {
        let (down, across) = (vec![0.01, 0.1, 1.0], vec![4.0, 16.0, 64.0, 256.0]);
        let mean = down
            .iter()
            .flat_map(|rate: &f64| {
                across.iter().map(move |batch: &f64| 40.0 * batch.sqrt() / (1.0 + 100.0 * rate))
            })
            .collect();
        let mut grid = Grid {
            quantity: Quantity::LambdaMax,
            arm: "base".into(),
            axes: ["learning_rate".into(), "batch_size".into()],
            down,
            across,
            mean,
            log: true,
        };
        grid.mean[5] = f64::NAN;
        grid
    }

    #[test]
    fn a_map_has_shades_and_numbers_or_shades_alone() {
        insta::assert_snapshot!(to_plain(&map(&grid(), false, 80, Look::PLAIN)));
        insta::assert_snapshot!(to_plain(&map(
            &grid(),
            true,
            30,
            Look { glyphs: Glyphs::Ascii, depth: Depth::None }
        )));
        for columns in 1..90 {
            for line in map(&grid(), true, columns, Look::PLAIN) {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
