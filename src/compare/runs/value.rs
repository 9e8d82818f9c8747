//! What stands in a field of the table: the value of a run, or of the runs of a group; or how it differs from that of the
//! baseline.

use super::column::{Column, Datum, Kind};
use super::table::{RunTable, State};
use crate::stats::{Estimate, difference};

/// What stands in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: the run has none.
    Nothing,
    /// It is being read.
    Pending,
    /// A number.
    Number(f64),
    /// Words.
    Text(String),
    /// How a run stands.
    State(State),
    /// How the runs of a group stand: how many are done, and how many there are of each other state.
    States(Vec<(&'static str, usize)>),
    /// The mean over the runs of a group that are done.
    Mean(Estimate),
    /// So many different ones within a group.
    Several(usize),
    /// The same as that of the baseline.
    Same,
    /// A number less that of the baseline.
    Change(f64),
    /// The mean difference to the baseline, paired by seed where seeds match.
    MeanChange(Estimate),
}

impl Value {
    /// What these runs of `table` have in `column`.
    pub(super) fn of(table: &RunTable, column: &Column, rows: &[u32], grouped: bool) -> Self {
        match (rows, column.name.as_str()) {
            ([], _) => Self::Nothing,
            (rows, "status") if grouped => Self::States(states(table, rows)),
            ([row, ..], "status") => Self::State(table.state(*row)),
            ([row, ..], _) if !grouped => Self::of_datum(column.at(*row)),
            (rows, _) => Self::of_group(table, column, rows),
        }
    }

    /// How they differ from the runs `base`.
    pub(super) fn against(
        table: &RunTable,
        column: &Column,
        rows: &[u32],
        base: &[u32],
        grouped: bool,
    ) -> Self {
        let own = Self::of(table, column, rows, grouped);
        let is_outcome = matches!(column.kind, Kind::Measure | Kind::Reduced)
            || matches!(column.name.as_str(), "steps" | "seconds");
        if !is_outcome {
            let is_same = column.kind == Kind::Setting && own == Self::of(table, column, base, grouped);
            return if is_same { Self::Same } else { own };
        }
        if grouped {
            let change = difference(&counting(table, column, rows), &counting(table, column, base));
            return change.map_or(own, Self::MeanChange);
        }
        match (own, Self::of(table, column, base, grouped)) {
            (Self::Number(own), Self::Number(base)) if (own - base).is_finite() => Self::Change(own - base),
            (own, _) => own,
        }
    }

    fn of_datum(datum: Datum<'_>) -> Self {
        match datum {
            Datum::None => Self::Nothing,
            Datum::Number(number) => Self::Number(number),
            Datum::Text(text) => Self::Text(text.to_owned()),
        }
    }

    fn of_group(table: &RunTable, column: &Column, rows: &[u32]) -> Self {
        let is_measured = matches!(column.kind, Kind::Measure | Kind::Reduced);
        if is_measured || matches!(column.name.as_str(), "steps" | "seconds" | "progress") {
            let values: Vec<f64> =
                counting(table, column, rows).into_iter().map(|(_, value)| value).collect();
            return Estimate::of(&values).map_or(Self::Nothing, Self::Mean);
        }
        let mut different: Vec<Datum<'_>> = Vec::new();
        for datum in rows.iter().map(|&row| column.at(row)) {
            if !different.contains(&datum) {
                different.push(datum);
            }
        }
        match different.as_slice() {
            [only] => Self::of_datum(*only),
            several => Self::Several(several.len()),
        }
    }

    /// By what it is sorted: numbers by size, words by the alphabet; nothing comes last.
    pub(super) fn key(self) -> Key {
        match self {
            Self::Number(number) | Self::Change(number) if !number.is_nan() => Key::Number(number),
            Self::Mean(estimate) | Self::MeanChange(estimate) => Key::Number(estimate.mean),
            Self::Several(count) => Key::Number(count as f64),
            Self::Text(text) => Key::Text(text.to_lowercase()),
            Self::State(state) => Key::Text(state.name().to_owned()),
            Self::States(states) => Key::Text(states.first().map_or("", |(name, _)| *name).to_owned()),
            Self::Number(_) | Self::Change(_) | Self::Nothing | Self::Pending | Self::Same => Key::Nothing,
        }
    }
}

/// By what a row is sorted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// By a number.
    Number(f64),
    /// By words.
    Text(String),
    /// It has nothing to be sorted by.
    Nothing,
}

/// By seed, the numbers of the runs that count: those that ended as they should, or, while none has, those in flight.
/// What a diverged run ends with says where the arithmetic broke; it is counted instead.
fn counting(table: &RunTable, column: &Column, rows: &[u32]) -> Vec<(u64, f64)> {
    let numbers = |counts: &dyn Fn(State) -> bool| -> Vec<(u64, f64)> {
        let rows = rows.iter().copied().filter(|&row| counts(table.state(row)));
        let numbers = rows.filter_map(|row| Some((table.seed(row), column.number(row)?)));
        numbers.filter(|(_, number)| number.is_finite()).collect()
    };
    let ended = numbers(&State::counts);
    if ended.is_empty() { numbers(&|state| matches!(state, State::Running(_))) } else { ended }
}

fn states(table: &RunTable, rows: &[u32]) -> Vec<(&'static str, usize)> {
    let mut states: Vec<(&'static str, usize)> = Vec::new();
    for name in rows.iter().map(|&row| table.state(row).name()) {
        match states.iter_mut().find(|(other, _)| *other == name) {
            Some((_, count)) => *count += 1,
            None => states.push((name, 1)),
        }
    }
    // What is done first, then whatever is not as it should be.
    states.sort_by_key(|(name, _)| *name != "done");
    states
}
