//! Spectra and slices: a line for each arm in the entry, charts in a comparison.

use ratatui::text::{Line, Span};

use super::view::View;
use super::{label, read};
use crate::base::text::counted;
use crate::compare::pictures::{Picture, PictureRow, Shape};
use crate::render::number::significant;
use crate::render::plot::{self, Chart, Stroke};
use crate::render::sparkline::{Scale, ScaleKind, sparkline};
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};
use crate::spec::Quantity;

/// Rows of a chart.
pub(super) const HEIGHT: usize = 7;
/// Columns beside it, for its scale.
const MARGIN: usize = 11;
/// Narrowest and widest chart.
const NARROWEST: usize = 12;
const WIDEST: usize = 64;
/// Columns of a chart that stands beside others.
const ABREAST: usize = 38;
/// Decades below its peak that a density is drawn down to: an outlier of a large network is one eigenvalue of very many.
const DECADES: f64 = 5.0;
/// Losses that span more than this are drawn on a log scale.
const WIDE: f64 = 20.0;
/// Single eigenvalues that a line of the entry has.
const FEW: usize = 4;

/// A line for every arm of every picture that fits one.
pub fn inline(pictures: &[Picture], columns: usize, look: Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for picture in pictures {
        let names = names(picture, look);
        for (row, name) in picture.rows.iter().zip(names) {
            let text = match &row.shape {
                Shape::Density { mass, ends: [low, high], .. } => {
                    let drawn = sparkline(&heights(mass), spark(columns, &name), UNIT);
                    format!("{drawn}  {} to {}", short(*low), short(*high))
                }
                Shape::Values { values } => values_in_words(picture.quantity, values),
                Shape::Lines { x, mean, .. } => {
                    let drawn = sparkline(mean, spark(columns, &name), scale_of(picture));
                    format!("{drawn}  {} to {}", short(ends(x)[0]), short(ends(x)[1]))
                }
                Shape::Plane { side, .. } => format!("{side} × {side} points, drawn in a comparison"),
            };
            let spans = vec![
                look.span(&format!("  {name}  "), Role::Accent),
                look.span(&format!("{} ", title(picture, look)), Role::Dim),
                look.span(&text, Role::Curve),
            ];
            lines.push(Line::from(width::crop(spans, columns, look)));
        }
    }
    lines
}

/// Charts of every picture: lines of all arms in one, everything else side by side as far as there is room; with what they
/// say under the cursor of `view`.
pub fn full(pictures: &[Picture], columns: usize, view: &View, look: Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for picture in pictures {
        lines.push(Line::default());
        lines.push(Line::from(width::crop(heading(picture, look), columns, look)));
        let drawn = if picture.rows.iter().all(|row| matches!(row.shape, Shape::Lines { .. })) {
            overlaid(picture, columns, view, look)
        } else {
            side_by_side(picture, columns, view.cursor, look)
        };
        lines.extend(drawn.into_iter().map(|line| width::crop_line(line, columns, look)));
    }
    lines
}

/// Lines of all arms in one chart, the range of each as its band; arms that were looked at along other places have a chart
/// of their own.
fn overlaid(picture: &Picture, columns: usize, view: &View, look: Look) -> Vec<Line<'static>> {
    let scale = scale_of(picture);
    let stroke = |(line, row): (usize, &PictureRow)| match &row.shape {
        Shape::Lines { x, mean, low, high, .. } => {
            let (x, mean, low, high) = (x.clone(), mean.clone(), low.clone(), high.clone());
            Some(Stroke { line, x, mean, low, high })
        }
        _ => None,
    };
    let strokes: Vec<Stroke> = picture.rows.iter().enumerate().filter_map(stroke).collect();
    let x = Scale::over(strokes.iter().map(|stroke| stroke.x.as_slice()), ScaleKind::Linear);
    let cursor = view.cursor.and_then(|share| read::place(&picture.rows, x, share));
    let chart = Chart { strokes, signs: Vec::new(), x, y: scale, rules: Vec::new(), cursor };
    let mut lines = plot::chart(&chart, columns.min(WIDEST + MARGIN), HEIGHT, view.marker, look);
    for (line, (row, name)) in picture.rows.iter().zip(names(picture, look)).enumerate() {
        let swatch = plot::swatch(line, view.marker.in_look(look));
        let said = cursor.and_then(|at| read::line(row, at));
        lines.push(Line::from(vec![
            look.span(&format!("  {swatch} "), plot::role(line)),
            look.span(&format!("{name}  "), Role::Strong),
            look.span(&said.unwrap_or_else(|| caption(picture, row)), Role::Dim),
        ]));
    }
    lines
}

/// Charts beside one another.
fn side_by_side(picture: &Picture, columns: usize, cursor: Option<f64>, look: Look) -> Vec<Line<'static>> {
    let beside = (columns / ABREAST).clamp(1, picture.rows.len().max(1));
    let each = columns / beside;
    let charts = picture.rows.iter().zip(names(picture, look)).map(|(row, name)| {
        let mut own = vec![Line::from(look.span(&format!("  {name}"), Role::Accent))];
        // Beside others what is said of it has a line of its own.
        let reading = cursor.and_then(|share| read::density(row, share));
        let said = reading.unwrap_or_else(|| caption(picture, row));
        let said = look.span(&format!("  {said}"), Role::Dim);
        if beside == 1 {
            own[0].push_span(said);
        } else {
            own.extend(
                width::wrap(&[said], each.saturating_sub(3))
                    .into_iter()
                    .map(|line| Line::from([vec![look.span("  ", Role::Dim)], line].concat())),
            );
        }
        own.extend(chart(picture, row, each.saturating_sub(MARGIN + 2).min(WIDEST), cursor, look));
        own.into_iter().map(|line| width::crop_line(line, each.saturating_sub(1), look)).collect::<Vec<_>>()
    });
    let charts: Vec<Vec<Line<'static>>> = charts.collect();
    charts.chunks(beside).flat_map(|row| joined(row, each)).collect()
}

/// Blocks of lines beside one another, each so wide.
fn joined(blocks: &[Vec<Line<'static>>], each: usize) -> Vec<Line<'static>> {
    let rows = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let mut spans: Spans = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let gap = (index * each).saturating_sub(width::spans_width(&spans));
            if let Some(line) = block.get(at) {
                spans.push(Span::raw(" ".repeat(gap)));
                spans.extend(line.spans.iter().cloned());
            }
        }
        Line::from(spans)
    };
    (0..rows).map(line).collect()
}

/// `ρ(λ)  spectrum  loss/w²`.
fn heading(picture: &Picture, look: Look) -> Spans {
    let info = picture.quantity.info();
    let title = title(picture, look);
    let name = if title == info.name { String::new() } else { format!("  {}", info.name) };
    vec![look.span(&title, Role::Heading), look.span(&format!("{name}  {}", info.unit), Role::Dim)]
}

fn title(picture: &Picture, look: Look) -> String {
    let name = label(picture.quantity, look);
    match picture.path.as_str() {
        "" | "random" => name,
        path => format!("{name} {path}"),
    }
}

/// What each row is called, padded to the longest.
fn names(picture: &Picture, look: Look) -> Vec<String> {
    let first = picture.rows.first().map(|row| &row.arm);
    let several = picture.rows.iter().any(|row| Some(&row.arm) != first);
    let name = |row: &PictureRow| {
        let named = several || row.point.is_empty();
        let parts =
            [named.then_some(row.arm.as_str()), Some(row.point.as_str()).filter(|point| !point.is_empty())];
        look.text(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    };
    let names: Vec<String> = picture.rows.iter().map(name).collect();
    let longest = names.iter().map(|name| width::width(name)).max().unwrap_or(0);
    names.iter().map(|name| width::pad(name, longest)).collect()
}

/// What is seen, and over how much.
fn caption(picture: &Picture, row: &PictureRow) -> String {
    let over = format!("{}, {}", counted(row.runs, "run"), counted(row.examples as usize, "example"));
    match &row.shape {
        Shape::Density { ends: [low, high], .. } => {
            format!("{} to {}, log scale, {over}", short(*low), short(*high))
        }
        Shape::Values { .. } => over,
        Shape::Lines { lines, .. } => {
            let band =
                if *lines > 1 { format!("mean and range of {lines} lines") } else { "one line".to_owned() };
            format!("{band}{}, {over}", log(picture))
        }
        Shape::Plane { loss, .. } => {
            let own = Scale::over([loss.as_slice()], ScaleKind::Linear);
            format!("{} to {}{}, {over}", short(own.low), short(own.high), log(picture))
        }
    }
}

fn chart(
    picture: &Picture,
    row: &PictureRow,
    columns: usize,
    cursor: Option<f64>,
    look: Look,
) -> Vec<Line<'static>> {
    if let Shape::Values { values } = &row.shape {
        return table(picture.quantity, values, look);
    }
    if columns < NARROWEST {
        return Vec::new();
    }
    // Of a square nothing is read: it has two ways to go.
    let mut at = None;
    let (drawn, scale, [left, right]) = match &row.shape {
        Shape::Density { mass, low, high, .. } => {
            let largest = mass.iter().copied().fold(0.0, f64::max);
            at = cursor.map(|share| read::bin(mass.len(), share) * columns / mass.len().max(1));
            let scale = Scale { low: largest * 10.0_f64.powf(-DECADES), high: largest, kind: ScaleKind::Log };
            (plot::bars(&heights(mass), columns, HEIGHT), scale, [*low, *high])
        }
        Shape::Plane { side, span, loss } => {
            let scale = scale_of(picture);
            let heights: Vec<f64> = loss.iter().map(|loss| scale.height(*loss)).collect();
            (plot::heat(&heights, *side, columns), scale, [-span, *span])
        }
        Shape::Lines { .. } | Shape::Values { .. } => return Vec::new(),
    };
    framed(&drawn, scale, [left, right], at, look)
}

/// What was drawn, with its scales: the numbers at its top, its foot and its sides; `at` is the column of the cursor.
fn framed(
    drawn: &[String],
    scale: Scale,
    [left, right]: [f64; 2],
    at: Option<usize>,
    look: Look,
) -> Vec<Line<'static>> {
    let columns = drawn.first().map_or(0, |row| row.chars().count());
    let wide = drawn.first().map_or(columns, |row| row.chars().count());
    let last = drawn.len().saturating_sub(1);
    let mut lines: Vec<Line<'static>> = drawn
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let mark = match at {
                0 => short(scale.high),
                at if at == last => short(scale.low),
                _ => String::new(),
            };
            Line::from(vec![margin(&mark, look), look.span(text, Role::Curve)])
        })
        .collect();
    let (left, right) = (short(left), short(right));
    let gap = wide.saturating_sub(width::width(&left) + width::width(&right));
    let axis = format!("{left}{}{right}", " ".repeat(gap));
    let mark = |(column, sign)| if at == Some(column) { '▲' } else { sign };
    let axis: String = axis.chars().enumerate().map(mark).collect();
    lines.push(Line::from(vec![margin("", look), look.span(&axis, Role::Dim)]));
    lines
}

/// The scale's numbers, at the right of the margin.
fn margin(mark: &str, look: Look) -> Span<'static> {
    let text = look.text(mark);
    let room = MARGIN.saturating_sub(1).saturating_sub(width::width(&text));
    look.span(&format!("{}{text} ", " ".repeat(room)), Role::Dim)
}

/// Single eigenvalues, one under the other.
fn table(quantity: Quantity, values: &[[f64; 3]], look: Look) -> Vec<Line<'static>> {
    let head = companion(quantity).map_or(String::new(), |name| format!("  {name:>10}"));
    let mut lines =
        vec![Line::from(look.span(&format!("    {:>10}{head}  {:>10}", "λ", "‖Hv−λv‖"), Role::Dim))];
    lines.extend(values.iter().map(|[value, other, residual]| {
        let other = companion(quantity).map_or(String::new(), |_| format!("  {:>10}", short(*other)));
        let text = format!("    {:>10}{other}  {:>10}", short(*value), short(*residual));
        Line::from(look.span(&text, Role::Text))
    }));
    lines
}

/// What stands beside an eigenvalue.
fn companion(quantity: Quantity) -> Option<&'static str> {
    match quantity {
        Quantity::LayerCurvature => Some("trace"),
        Quantity::BasinWidth => Some("width"),
        _ => None,
    }
}

fn values_in_words(quantity: Quantity, values: &[[f64; 3]]) -> String {
    let word = |[value, other, _]: &[f64; 3]| match companion(quantity) {
        Some(_) => format!("{} ({})", short(*value), short(*other)),
        None => short(*value),
    };
    let more = if values.len() > FEW { " …" } else { "" };
    format!("{}{more}", values.iter().take(FEW).map(word).collect::<Vec<_>>().join("  "))
}

/// Heights of a density on its log scale.
fn heights(mass: &[f64]) -> Vec<f64> {
    let largest = mass.iter().copied().fold(0.0, f64::max);
    mass.iter().map(|mass| (1.0 + (mass / largest).log10() / DECADES).max(0.0)).collect()
}

/// Heights as they are.
const UNIT: Scale = Scale { low: 0.0, high: 1.0, kind: ScaleKind::Linear };

/// One scale for all arms.
fn scale_of(picture: &Picture) -> Scale {
    let rows = picture.rows.iter().flat_map(|row| match &row.shape {
        Shape::Lines { low, high, .. } => vec![low.as_slice(), high.as_slice()],
        Shape::Plane { loss, .. } => vec![loss.as_slice()],
        _ => Vec::new(),
    });
    suited(rows.collect())
}

/// Whether that is a logarithmic one, in words.
fn log(picture: &Picture) -> &'static str {
    if scale_of(picture).kind == ScaleKind::Log { ", log scale" } else { "" }
}

fn suited(rows: Vec<&[f64]>) -> Scale {
    let linear = Scale::over(rows.iter().copied(), ScaleKind::Linear);
    if linear.low > 0.0 && linear.high > WIDE * linear.low {
        Scale::over(rows, ScaleKind::Log)
    } else {
        linear
    }
}

/// Columns of a sparkline beside a name.
fn spark(columns: usize, name: &str) -> usize {
    (columns.saturating_sub(width::width(name) + 34)).clamp(NARROWEST, WIDEST / 2)
}

fn ends(x: &[f64]) -> [f64; 2] {
    [x.first().copied().unwrap_or(f64::NAN), x.last().copied().unwrap_or(f64::NAN)]
}

pub(super) fn short(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { significant(number, 3) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::comparison::view::{Scaling, Smoothing};
    use crate::render::plain::to_plain;
    use crate::render::plot::Marker;
    use crate::render::style::{Depth, Glyphs};

    const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };
    const VIEW: View = View {
        base: None,
        y: Scaling::Suited,
        x: Scaling::Suited,
        smoothing: Smoothing::Off,
        seeds: false,
        marker: Marker::Braille,
        cursor: None,
    };

    fn picture(quantity: Quantity, path: &str, shapes: Vec<Shape>) -> Picture {
        let rows = shapes.into_iter().zip(["flat", "sharp"]).map(|(shape, arm)| PictureRow {
            arm: arm.to_owned(),
            point: String::new(),
            runs: 3,
            examples: 500,
            shape,
        });
        Picture { quantity, path: path.to_owned(), rows: rows.collect() }
    }

    fn pictures() -> Vec<Picture> {
        let bell = |wide: f64| {
            let bell = (0..64).map(|at| (-(f64::from(at) - 8.0).abs() / wide).exp()).collect::<Vec<_>>();
            let all: f64 = bell.iter().sum();
            bell.iter().map(|mass| mass / all).collect::<Vec<_>>()
        };
        let density = |wide: f64, high: f64| Shape::Density {
            low: -0.5,
            high: 40.0,
            mass: bell(wide),
            ends: [-0.5, high],
        };
        let x: Vec<f64> = (0..11).map(|at| f64::from(at) / 5.0 - 1.0).collect();
        let line = |curved: f64| {
            let along = |factor: f64| x.iter().map(|x| 0.1 + factor * curved * x * x).collect::<Vec<_>>();
            let (mean, low, high) = (along(1.0), along(0.5), along(1.5));
            Shape::Lines { x: x.clone(), mean, low, high, lines: 30 }
        };
        let loss = (0..49).map(|at: i32| f64::from((at % 7 - 3).pow(2) + (at / 7 - 3).pow(2))).collect();
        let values = vec![[12.0, 0.09, 1e-6], [3.0, 0.18, 2e-5]];
        vec![
            picture(Quantity::Spectrum, "", vec![density(2.0, 8.1), density(5.0, 40.0)]),
            picture(Quantity::BasinWidth, "", vec![Shape::Values { values }]),
            picture(Quantity::Slice, "random", vec![line(0.2), line(1.0)]),
            picture(Quantity::Plane, "random", vec![Shape::Plane { side: 7, span: 1.0, loss }]),
        ]
    }

    #[test]
    fn charts_of_every_kind() {
        insta::assert_snapshot!(to_plain(&full(&pictures(), 70, &VIEW, Look::PLAIN)));
        insta::assert_snapshot!(to_plain(&full(&pictures()[..1], 100, &VIEW, Look::PLAIN)));
        insta::assert_snapshot!(to_plain(&full(&pictures()[2..], 50, &VIEW, ASCII)));
    }

    #[test]
    fn the_cursor_reads_slices_and_densities() {
        let view = View { cursor: Some(0.2), ..VIEW };
        insta::assert_snapshot!(to_plain(&full(&pictures()[..1], 80, &view, Look::PLAIN)));
        insta::assert_snapshot!(to_plain(&full(&pictures()[2..3], 80, &view, Look::PLAIN)));
    }

    #[test]
    fn a_line_for_every_arm() {
        insta::assert_snapshot!(to_plain(&inline(&pictures(), 80, Look::PLAIN)));
    }

    #[test]
    fn never_wider_than_asked_and_ascii_is_ascii() {
        for columns in 1..120 {
            for line in
                full(&pictures(), columns, &VIEW, ASCII).iter().chain(&inline(&pictures(), columns, ASCII))
            {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
                assert!(
                    line.spans.iter().all(|span| span.content.is_ascii() && !span.content.contains('?')),
                    "{line:?}"
                );
            }
        }
    }
}
