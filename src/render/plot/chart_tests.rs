//! Charts at the sizes they are seen in.

use proptest::prelude::*;

use super::chart::{Chart, Sign, Stroke, chart};
use super::{Marker, letter};
use crate::render::plain::to_plain;
use crate::render::sparkline::{Scale, ScaleKind};
use crate::render::style::{Depth, Glyphs, Look};
use crate::render::width;

const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };

/// Two losses that fall, one of which breaks off, and one run that diverged.
fn losses() -> Chart {
    let x: Vec<f64> = (0..=100).map(|step| f64::from(step) * 10.0).collect();
    let loss = |rate: f64, end: f64| -> Vec<f64> {
        x.iter().map(|x| if *x > end { f64::NAN } else { 2.0 * (-x * rate).exp() + 0.01 }).collect()
    };
    let stroke = |line, mean: Vec<f64>| {
        let off = |factor: f64| mean.iter().map(|value| value * factor).collect::<Vec<_>>();
        Stroke { line, x: x.clone(), low: off(0.7), high: off(1.4), mean }
    };
    let strokes = vec![stroke(0, loss(0.01, 1000.0)), stroke(1, loss(0.004, 700.0))];
    let scale = |rows: Vec<&[f64]>, kind| Scale::over(rows, kind);
    Chart {
        x: scale(vec![&x], ScaleKind::Linear),
        y: scale(strokes.iter().map(|stroke| stroke.mean.as_slice()).collect(), ScaleKind::Log),
        signs: vec![Sign { x: 420.0, y: None, sign: '✗', line: Some(1) }],
        rules: vec![850.0],
        cursor: Some(200.0),
        strokes,
    }
}

#[test]
fn two_losses_in_every_marker() {
    for marker in [Marker::Braille, Marker::Blocks, Marker::Ascii] {
        insta::assert_snapshot!(to_plain(&chart(&losses(), 72, 12, marker, Look::PLAIN)));
    }
    insta::assert_snapshot!(to_plain(&chart(&losses(), 50, 8, Marker::Braille, ASCII)));
}

#[test]
fn every_size_is_kept_to() {
    for (columns, rows) in
        (0..130).flat_map(|columns| [0, 1, 2, 9, 40].map(|rows| (columns, rows))).chain([(400, 120)])
    {
        for (marker, look) in
            [(Marker::Braille, Look::PLAIN), (Marker::Blocks, Look::PLAIN), (Marker::Braille, ASCII)]
        {
            let lines = chart(&losses(), columns, rows, marker, look);
            assert!(lines.is_empty() || lines.len() == rows + 2, "{columns}x{rows}: {}", lines.len());
            for line in lines {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}x{rows}: {line:?}");
                assert!(look != ASCII || line.spans.iter().all(|span| span.content.is_ascii()), "{line:?}");
            }
        }
    }
}

fn line_of(values: &[f64]) -> Chart {
    let x: Vec<f64> = (0..values.len()).map(|at| at as f64).collect();
    let stroke = Stroke { line: 1, x: x.clone(), mean: values.to_vec(), low: vec![], high: vec![] };
    Chart {
        x: Scale::over([x.as_slice()], ScaleKind::Linear),
        y: Scale::over([values], ScaleKind::Linear),
        strokes: vec![stroke],
        signs: vec![],
        rules: vec![],
        cursor: None,
    }
}

proptest! {
    #[test]
    fn the_highest_and_the_lowest_value_are_drawn(
        values in prop::collection::vec(-1e3..1e3_f64, 2..400), columns in 20_usize..120, rows in 2_usize..30,
    ) {
        let lines = to_plain(&chart(&line_of(&values), columns, rows, Marker::Braille, Look::PLAIN));
        let plot: Vec<&str> = lines.lines().take(rows).collect();
        let has_dots = |line: &&str| line.chars().any(|character| ('\u{2801}'..='\u{28ff}').contains(&character));
        prop_assert!(plot.first().is_some_and(has_dots) && plot.last().is_some_and(has_dots), "{lines}");
    }

    #[test]
    fn any_doubles_can_be_drawn(
        values in prop::collection::vec(prop::num::f64::ANY, 0..60), columns in 0_usize..70, rows in 0_usize..20,
    ) {
        for kind in [ScaleKind::Linear, ScaleKind::Log] {
            let mut drawn = line_of(&values);
            (drawn.y, drawn.x.kind) = (Scale::over([values.as_slice()], kind), kind);
            let lines = chart(&drawn, columns, rows, Marker::Braille, Look::PLAIN);
            prop_assert!(lines.is_empty() || lines.len() == rows + 2);
        }
    }
}

#[test]
fn every_line_has_its_letter_at_its_end() {
    let mut many = losses();
    let one = many.strokes[0].clone();
    many.strokes = (0..9).map(|line| Stroke { line, ..one.clone() }).collect();
    let drawn = to_plain(&chart(&many, 60, 8, Marker::Braille, Look::PLAIN));
    assert!((0..9).all(|line| drawn.contains(letter(line))), "{drawn}");
}
