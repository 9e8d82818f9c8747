//! A chart of lines: several on one pair of axes, each with its band, told apart by the way it is dashed and by the letter
//! at its end; colour only says so again.

use ratatui::text::{Line, Span};

use super::axis::{Tick, ticks};
use super::canvas::{Canvas, Marker, letter};
use super::reduce::{Column, reduce};
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Look, Role};
use crate::render::width;

/// Columns at the right that belong to the letters.
const LETTERS: usize = 2;
/// Fewest columns and rows of dots that show the shape of a line.
const NARROWEST: usize = 6;
/// Widest label of the upright axis.
const MARGIN: usize = 9;

/// A line with its band.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stroke {
    /// Which one it is: decides its letter, dashes and colour.
    pub line: usize,
    /// Places, ascending.
    pub x: Vec<f64>,
    /// Values there.
    pub mean: Vec<f64>,
    /// Lower ends of its band; NaN where there is none.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
}

/// A single place that is marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// Its place.
    pub x: f64,
    /// Its value; at the top where there is none.
    pub y: Option<f64>,
    /// What stands there.
    pub sign: char,
    /// Whose it is.
    pub line: Option<usize>,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The lines, the first lowest.
    pub strokes: Vec<Stroke>,
    /// Single places.
    pub signs: Vec<Sign>,
    /// The level axis.
    pub x: Scale,
    /// The upright axis.
    pub y: Scale,
    /// Upright rules: thresholds.
    pub rules: Vec<f64>,
    /// Where the cursor is.
    pub cursor: Option<f64>,
}

/// How lines after another are dashed: the dots of a period that are drawn.
const DASHES: [(usize, u16); 4] = [(1, 0b1), (6, 0b1111), (3, 0b1), (8, 0b100_1111)];

/// The chart in lines of exactly `columns`, `rows` of them for the dots and two for the level axis; none where there is no
/// room.
pub fn chart(chart: &Chart, columns: usize, rows: usize, marker: Marker, look: Look) -> Vec<Line<'static>> {
    let marks = upright(chart.y, rows, look);
    let margin = marks.iter().map(|(_, label)| width::width(label)).max().unwrap_or(0).min(MARGIN);
    let Some(room) = columns.checked_sub(margin + 1).filter(|room| *room >= NARROWEST + LETTERS && rows > 0)
    else {
        return Vec::new();
    };
    let marker = marker.in_look(look);
    let plot = room - LETTERS;
    let mut canvas = Canvas::new(marker, room, rows);
    for rule in &chart.rules {
        (0..rows).for_each(|row| canvas.sign(column(chart.x, *rule, plot), row, '┊', None));
    }
    for stroke in &chart.strokes {
        band(&mut canvas, chart, stroke, plot * marker.dots().0, marker);
    }
    for stroke in &chart.strokes {
        line(&mut canvas, chart, stroke, plot * marker.dots().0, marker);
    }
    if let Some(cursor) = chart.cursor {
        let at = column(chart.x, cursor, plot);
        (0..rows).filter(|row| canvas.is_free(at, *row).1).collect::<Vec<_>>().into_iter().for_each(|row| {
            canvas.sign(at, row, '│', None);
        });
    }
    write_signs(&mut canvas, chart, plot, rows, marker);
    if marker != Marker::Ascii {
        write_letters(&mut canvas, chart, plot, rows);
    }
    let mut lines: Vec<Line<'static>> = canvas
        .lines(look)
        .into_iter()
        .enumerate()
        .map(|(from_top, line)| beside(&marks, rows - 1 - from_top, margin, line, look))
        .collect();
    lines.extend(level(chart.x, plot, room, margin, chart.cursor, look));
    lines
}

/// The labels of the upright axis with the rows they stand in.
fn upright(scale: Scale, rows: usize, look: Look) -> Vec<(usize, String)> {
    let mut marks: Vec<(usize, String)> = Vec::new();
    for Tick { value, label } in ticks(scale, (rows / 2).max(2)) {
        let row = row(scale, value, rows);
        if marks.iter().all(|(taken, _)| *taken != row) {
            marks.push((row, look.text(&label)));
        }
    }
    marks
}

fn beside(
    marks: &[(usize, String)],
    row: usize,
    margin: usize,
    line: Line<'static>,
    look: Look,
) -> Line<'static> {
    let (label, edge) = match marks.iter().find(|(at, _)| *at == row) {
        Some((_, label)) => (width::truncate(label, margin, look), "┤"),
        None => (String::new(), "│"),
    };
    let gap = " ".repeat(margin.saturating_sub(width::width(&label)));
    let mut spans: Vec<Span<'static>> = vec![look.span(&format!("{gap}{label}{edge}"), Role::Dim)];
    spans.extend(line.spans);
    Line::from(spans)
}

/// The level axis and its labels, `margin` columns from the left; those that would run into others are left out.
pub fn level(
    scale: Scale,
    plot: usize,
    room: usize,
    margin: usize,
    cursor: Option<f64>,
    look: Look,
) -> Vec<Line<'static>> {
    let mut axis: Vec<char> = vec!['─'; plot];
    let mut labels = String::new();
    for Tick { value, label } in ticks(scale, (plot / 8).clamp(2, 9)) {
        let (at, label) = (column(scale, value, plot), look.text(&label));
        let wide = width::width(&label);
        let start = at.saturating_sub(wide / 2).min(room.saturating_sub(wide));
        let used = width::width(&labels);
        if used == 0 || start > used {
            labels.push_str(&" ".repeat(start.saturating_sub(used)));
            labels.push_str(&label);
            if let Some(slot) = axis.get_mut(at) {
                *slot = '┬';
            }
        }
    }
    if let Some(slot) = cursor.and_then(|cursor| axis.get_mut(column(scale, cursor, plot))) {
        *slot = '▲';
    }
    let axis: String = axis.into_iter().collect();
    let before = " ".repeat(margin);
    [format!("{before}└{axis}"), format!("{before} {labels}")]
        .map(|text| Line::from(look.span(&text, Role::Dim)))
        .into()
}

/// The column of a place.
fn column(scale: Scale, x: f64, plot: usize) -> usize {
    let height = scale.height(x);
    if height.is_nan() { usize::MAX } else { (height * plot.saturating_sub(1) as f64).round() as usize }
}

/// The row of a value, from the foot.
fn row(scale: Scale, y: f64, rows: usize) -> usize {
    let height = scale.height(y);
    if height.is_nan() { usize::MAX } else { ((height * rows as f64) as usize).min(rows.saturating_sub(1)) }
}

/// Places and heights of some values; what a scale has no place for is NaN.
fn placed<'a>(chart: &'a Chart, x: &'a [f64], values: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let place = |x: f64| {
        if chart.x.kind == ScaleKind::Log && x <= 0.0 { f64::NAN } else { chart.x.height(x) }
    };
    x.iter().zip(values).map(move |(x, value)| (place(*x), chart.y.height(*value)))
}

fn band(canvas: &mut Canvas, chart: &Chart, stroke: &Stroke, wide: usize, marker: Marker) {
    let [low, high] = [&stroke.low, &stroke.high].map(|ends| reduce(placed(chart, &stroke.x, ends), wide));
    let tall = canvas.height();
    for (x, (low, high)) in low.into_iter().zip(high).enumerate() {
        let (Some(low), Some(high)) = (low, high) else { continue };
        for y in dot(low.low, tall)..=dot(high.high, tall) {
            // In braille a quarter of the dots: a band is seen, and lines are seen before it.
            if marker != Marker::Braille || (x % 2 == stroke.line % 2 && y % 2 == 0) {
                canvas.shade(x, y, stroke.line);
            }
        }
    }
}

fn line(canvas: &mut Canvas, chart: &Chart, stroke: &Stroke, wide: usize, marker: Marker) {
    let columns = reduce(placed(chart, &stroke.x, &stroke.mean), wide);
    let tall = canvas.height();
    let known = || columns.iter().flatten();
    let least = known().map(|column| column.low).fold(f64::INFINITY, f64::min);
    let most = known().map(|column| column.high).fold(f64::NEG_INFINITY, f64::max);
    let (period, drawn) =
        if marker == Marker::Ascii { DASHES[0] } else { DASHES[stroke.line % DASHES.len()] };
    let mut before: Option<Column> = None;
    for (x, here) in columns.iter().enumerate() {
        if let Some(here) = here {
            let (mut low, mut high) = (dot(here.low, tall), dot(here.high, tall));
            if let Some(before) = before.filter(|_| here.joined) {
                let from = dot(before.last, tall);
                low = if from < low { from + 1 } else { low };
                high = if from > high { from - 1 } else { high };
            }
            // What stands out is no gap between dashes.
            let stands_out = high - low > 2 || here.low <= least || here.high >= most;
            if drawn >> (x % period) & 1 == 1 || stands_out {
                (low..=high).for_each(|y| canvas.dot(x, y, stroke.line));
            }
        }
        before = *here;
    }
}

/// The dot at a height, from the foot.
fn dot(height: f64, tall: usize) -> usize {
    (height.clamp(0.0, 1.0) * tall.saturating_sub(1) as f64).round() as usize
}

fn write_signs(canvas: &mut Canvas, chart: &Chart, plot: usize, rows: usize, marker: Marker) {
    for sign in &chart.signs {
        let row = sign.y.map_or(rows - 1, |y| row(chart.y, y, rows));
        // Where lines are made of letters, a point that hid its own would take its line's name from it.
        let own = sign.line.filter(|_| marker == Marker::Ascii && sign.sign == '●').map(letter);
        canvas.sign(column(chart.x, sign.x, plot), row, own.unwrap_or(sign.sign), sign.line);
    }
}

/// A letter after the end of each line, in the nearest place that no other has.
fn write_letters(canvas: &mut Canvas, chart: &Chart, plot: usize, rows: usize) {
    for stroke in &chart.strokes {
        let mut ends =
            stroke.x.iter().zip(&stroke.mean).filter(|(x, mean)| mean.is_finite() && x.is_finite());
        let Some((x, mean)) = ends.next_back() else { continue };
        let (at, wanted) = (column(chart.x, *x, plot).min(plot - 1) + 1, row(chart.y, *mean, rows));
        let mut places: Vec<(usize, usize)> = (0..rows).flat_map(|row| [(at, row), (at + 1, row)]).collect();
        places.sort_by_key(|(column, row)| (row.abs_diff(wanted) * 2 + (column - at) * 3, *row));
        let free = |empty: bool| {
            places.iter().find(|(column, row)| {
                let (unwritten, blank) = canvas.is_free(*column, *row);
                unwritten && (blank || !empty)
            })
        };
        let near = |place: &&(usize, usize)| place.1.abs_diff(wanted) < 3;
        if let Some(&(column, row)) = free(true).filter(near).or_else(|| free(false)) {
            canvas.sign(column, row, letter(stroke.line), Some(stroke.line));
        }
    }
}

/// How a line is dashed, to stand before its name: `a ─`, `b ╌`.
pub fn swatch(line: usize, marker: Marker) -> String {
    let dashes = ["──", "╌╌", "··", "─·"];
    match marker {
        Marker::Ascii => letter(line).to_string(),
        _ => format!("{} {}", letter(line), dashes[line % dashes.len()]),
    }
}
