//! What the groups of a comparison are called, and the line that says along what they differ.
//!
//! A name holds only what tells its group from the others: no arm where there is one, no axis name where the
//! legend has it, no more digits than it takes. A value is never cut.

use std::collections::BTreeSet;

use ratatui::text::Line;

use crate::compare::{Row, Summary};
use crate::render::number::significant;
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// The groups of a comparison by their parts.
pub(super) struct Names {
    /// What the groups differ in: `arm`, then the axes; empty where they are named in full.
    axes: Vec<String>,
    /// The parts of each name, one per axis.
    parts: Vec<Vec<String>>,
}

/// Fewest columns in which the name of an arm or axis can still be recognised.
const STUB: usize = 6;
/// Digits of a value that are looked at before more are needed to tell two apart.
const DIGITS: usize = 3;
/// A double has no more.
const MOST_DIGITS: usize = 17;

impl Names {
    /// Of these groups.
    pub(super) fn of(rows: &[Row]) -> Self {
        let points: Vec<_> = rows.iter().map(|row| settings(&row.point)).collect();
        let keys = |point: &[(String, String)]| point.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        let axes = points.first().map(|point| keys(point)).unwrap_or_default();
        let arms: BTreeSet<&str> = rows.iter().map(|row| row.arm.as_str()).collect();
        if points.iter().any(|point| keys(point) != axes) {
            return Self { axes: Vec::new(), parts: rows.iter().map(in_full).collect() };
        }
        let by_arm = arms.len() > 1 || axes.is_empty();
        let mut columns: Vec<Vec<String>> = Vec::new();
        if by_arm {
            columns.push(rows.iter().map(|row| row.arm.clone()).collect());
        }
        for axis in 0..axes.len() {
            let values = points.iter().filter_map(|point| point.get(axis)).map(|(_, value)| value.as_str());
            columns.push(rounded(&values.collect::<Vec<_>>()));
        }
        let parts = (0..rows.len())
            .map(|row| columns.iter().filter_map(|column| column.get(row).cloned()).collect())
            .collect();
        let arm = (by_arm && !axes.is_empty()).then(|| "arm".to_owned());
        Self { axes: arm.into_iter().chain(axes).collect(), parts }
    }

    /// The names, within a third of the `columns` of a line where their values allow it, padded to the longest.
    pub(super) fn fitted(&self, columns: usize, look: Look) -> Vec<String> {
        let most = (columns / 3).max(8);
        let names: Vec<_> = self.parts.iter().map(|parts| fitted(parts, most, columns, look)).collect();
        let longest = names.iter().map(|name| width::width(name)).max().unwrap_or(0);
        names.into_iter().map(|name| width::pad(&name, longest)).collect()
    }
}

/// `by arm × learning_rate · baseline sharp`: along what the groups differ, and what marks and differences are
/// taken to. Nothing where there is neither.
pub(super) fn legend(summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let rows = summary.series.first().map_or(&[][..], |series| &series.rows);
    let names = Names::of(rows);
    let mut parts = Vec::new();
    if !names.axes.is_empty() {
        parts.push(format!("by {}", names.axes.join(" × ")));
    }
    if let Some(baseline) = &summary.baseline {
        let at = rows.iter().position(|row| row.point == *baseline && !baseline.is_empty());
        let short = at.and_then(|at| names.parts.get(at)).map(|parts| parts.join(" · "));
        parts.push(format!("baseline {}", short.as_ref().unwrap_or(baseline)));
    }
    if parts.is_empty() {
        return Vec::new();
    }
    let text = parts.join(" · ");
    crate::render::cell::indented(&text, Role::Dim, columns, look).into_iter().map(Line::from).collect()
}

/// A name of several parts: the first (an arm, or the names of axes) gives way, then the middle of the whole.
fn fitted(parts: &[String], most: usize, columns: usize, look: Look) -> String {
    let whole = look.text(&parts.join(" · "));
    let Some((first, values)) = parts.split_first().filter(|(_, values)| !values.is_empty()) else {
        return shortened(&whole, most, look);
    };
    if width::width(&whole) <= most {
        return whole;
    }
    let values = look.text(&format!(" · {}", values.join(" · ")));
    let room = most.saturating_sub(width::width(&values)).max(STUB);
    let name = format!("{}{values}", shortened(&look.text(first), room, look));
    shortened(&name, (columns / 2).max(8), look)
}

/// `text` in `columns`, its end kept: `learning_rate 0.0316` is `lear… 0.0316`.
fn shortened(text: &str, columns: usize, look: Look) -> String {
    let mark = look.text("…");
    let over = width::width(text) + width::width(&mark);
    if width::width(text) <= columns || columns < 4 {
        return width::truncate(text, columns, look);
    }
    let tail = (columns - 1) * 2 / 3;
    let start = columns - 1 - tail;
    let skip = width::head(text, over.saturating_sub(tail + width::width(&mark))).len();
    // A wide character may stand across the cut: then the tail is one column shorter, never longer.
    let mut end = text.get(skip..).unwrap_or_default().to_owned();
    while width::width(&end) > tail {
        end.remove(0);
    }
    format!("{}{mark}{end}", width::head(text, start))
}

/// `hidden 64 64, learning_rate 0.1` as keys and values.
fn settings(point: &str) -> Vec<(String, String)> {
    let split = |setting: &str| {
        let (key, value) = setting.split_once(' ').unwrap_or(("", setting));
        (key.to_owned(), value.to_owned())
    };
    if point.is_empty() { Vec::new() } else { point.split(", ").map(split).collect() }
}

/// The parts of a name where the groups have no axes in common.
fn in_full(row: &Row) -> Vec<String> {
    let parts = [row.arm.clone(), row.point.clone()];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// Values to as few digits as tell them apart, but not fewer than [`DIGITS`].
fn rounded(values: &[&str]) -> Vec<String> {
    let distinct = |values: &[String]| values.iter().collect::<BTreeSet<_>>().len();
    let whole: Vec<String> = values.iter().map(ToString::to_string).collect();
    (DIGITS..=MOST_DIGITS)
        .map(|digits| values.iter().map(|value| to_digits(value, digits)).collect::<Vec<_>>())
        .find(|rounded| distinct(rounded) == distinct(&whole))
        .unwrap_or(whole)
}

/// A number that is no integer in so many digits; anything else, such as `64 64` or `1024`, as it is.
fn to_digits(value: &str, digits: usize) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.contains(['.', 'e']) => significant(number, digits),
        _ => value.to_owned(),
    }
}

/// A name in the style of names.
pub(super) fn spans(name: &str, look: Look) -> Spans {
    vec![look.span(&format!("  {name}"), Role::Strong)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_what_tells_them_apart() {
        let table: &[(&[&str], &[&str])] = &[
            (&["0.01", "0.0316227766", "0.1"], &["0.01", "0.0316", "0.1"]),
            (&["0.10001", "0.10002"], &["0.10001", "0.10002"]),
            (&["1024", "65536"], &["1024", "65536"]),
            (&["64 64", "relu"], &["64 64", "relu"]),
        ];
        for (values, expected) in table {
            assert_eq!(rounded(values), *expected);
        }
    }

    #[test]
    fn what_is_cut_keeps_its_end() {
        for (text, columns, expected) in [
            ("learning_rate 0.0316", 20, "learning_rate 0.0316"),
            ("learning_rate 0.0316", 12, "lear… 0.0316"),
            ("日本語 0.1", 8, "日… 0.1"),
            ("abc", 2, "a…"),
        ] {
            let short = shortened(text, columns, Look::PLAIN);
            assert!(width::width(&short) <= columns, "{short}");
            assert_eq!(short, expected);
        }
    }
}
