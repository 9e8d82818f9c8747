//! Fields as they are written, and tables at any width.

use proptest::prelude::*;

use super::*;
use crate::compare::runs::fixture::table;
use crate::compare::runs::{Query, State, Value, View};
use crate::render::plain::to_plain;
use crate::render::style::{Depth, Glyphs, Look, Role};
use crate::render::width::width;
use crate::spec::query;
use crate::stats::Estimate;

#[test]
fn fields_have_as_many_digits_as_mean_something() {
    let estimate = |values: &[f64]| Estimate::of(values).unwrap();
    let seeds = estimate(&[0.951, 0.957, 0.963]);
    for (value, count, text) in [
        (Value::Nothing, 1, "–"),
        (Value::Number(0.123_456), 1, "0.1235"),
        (Value::Number(f64::NAN), 1, "NaN"),
        (Value::Mean(seeds), 3, "0.957 ±.015"),
        (Value::Mean(seeds), 5, "0.957 ±.015 (n=3)"),
        (Value::Mean(estimate(&[2.0])), 1, "2"),
        (Value::Several(3), 3, "3 different"),
        (Value::Change(-0.25), 1, "−0.25"),
        (Value::Change(0.25), 1, "+0.25"),
        (Value::MeanChange(seeds), 3, "+0.957 ±.015 ▲"),
        (Value::State(State::Running(0.431)), 1, "running 43 %"),
        (Value::States(vec![("done", 5)]), 5, "5"),
        (Value::States(vec![("done", 4), ("diverged", 1)]), 4, "4 done, 1 diverged"),
        (Value::Text("a\u{1b}[31mb\nc".to_owned()), 1, "a[31mb c"),
    ] {
        assert_eq!(field(&value, count, Look::PLAIN).text, text, "{value:?}");
    }
    let diverged = Value::States(vec![("done", 4), ("diverged", 1)]);
    assert_eq!(field(&diverged, 4, Look::PLAIN).role, Role::Bad);
}

fn lines(query: &Query, sight: &Sight<'_>, look: Look) -> String {
    let table = table(&[]);
    let view = View::new(&table, query).unwrap();
    to_plain(&Grid { table: &table, view: &view, look }.lines(sight))
}

fn sight(width: usize, left: usize) -> Sight<'static> {
    Sight { top: 0, height: 20, left, width, cursor: None, marked: &|_| false }
}

#[test]
fn points_stand_below_each_other_and_what_has_no_room_is_told() {
    insta::assert_snapshot!(lines(&Query::default(), &sight(48, 0), Look::PLAIN));
    insta::assert_snapshot!(lines(&Query { grouped: true, ..Query::default() }, &sight(60, 2), Look::PLAIN));
    let table = table(&[]);
    let view = View::new(&table, &Query::default()).unwrap();
    let grid = Grid { table: &table, view: &view, look: Look::PLAIN };
    assert_eq!(grid.left_out(&sight(48, 0)), ["batch_size", "test_loss", "lambda_max"]);
    assert!(grid.left_out(&sight(200, 0)).is_empty());
}

proptest! {
    #[test]
    fn no_line_is_too_wide(columns in 0_usize..160, left in 0_usize..9, ascii: bool, grouped: bool, pinned: bool, all: bool) {
        let glyphs = if ascii { Glyphs::Ascii } else { Glyphs::Unicode };
        let baseline = if pinned { table(&[]).run(3).cloned() } else { None };
        let sort = query::sort("-test_loss").ok();
        let query = Query { sort, grouped, all, baseline, ..Query::default() };
        let text = lines(&query, &sight(columns, left), Look { glyphs, depth: Depth::None });
        for line in text.lines() {
            prop_assert!(width(line) <= columns, "{line:?}");
            prop_assert!(!ascii || line.is_ascii(), "{line:?}");
        }
    }
}
