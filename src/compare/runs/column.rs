//! One value of every run.

use serde_json::Value;

use super::order::order;
use super::value::Key;
use crate::spec::query::{self, Name};

/// What a run has in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Datum<'a> {
    /// Nothing.
    None,
    /// A number.
    Number(f64),
    /// Words.
    Text(&'a str),
}

/// What a column is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Where the run stands, and how it went: entry, arm, seed, status.
    Field,
    /// A setting of its spec.
    Setting,
    /// What was measured at its end.
    Measure,
    /// A curve reduced to a number.
    Reduced,
}

/// One value of every run.
#[derive(Clone, Debug)]
pub struct Column {
    /// What it is of.
    pub kind: Kind,
    /// Its full name: `optimizer.learning_rate`, `test_loss`, `min test_loss`.
    pub name: String,
    /// The shortest name that is no other's: `learning_rate`.
    pub short: String,
    /// Its values.
    pub(super) values: Values,
}

/// The values of a column.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// Few different ones, each held once: settings and names hardly vary over thousands of runs.
    Coded {
        /// The different values; the first is nothing.
        values: Vec<Word>,
        /// Which of them each run has.
        codes: Vec<u32>,
    },
    /// A number each, as of measures.
    Numbers {
        /// The numbers.
        values: Vec<f64>,
        /// Whether there is one: NaN is what a run that diverged measured.
        there: Vec<bool>,
    },
}

/// A value that is held once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// Nothing.
    None,
    /// A number.
    Number(f64),
    /// Words.
    Text(Box<str>),
}

impl Word {
    /// A setting: a list of one number is that number, a longer one its numbers with spaces between.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::None,
            Value::Number(number) => number.as_f64().map_or(Self::None, Self::Number),
            Value::Array(items) => match items.as_slice() {
                [only] => Self::of(only),
                items => Self::Text(items.iter().map(in_words).collect::<Vec<_>>().join(" ").into()),
            },
            other => Self::Text(in_words(other).into()),
        }
    }

    pub(super) fn datum(&self) -> Datum<'_> {
        match self {
            Self::None => Datum::None,
            Self::Number(number) => Datum::Number(*number),
            Self::Text(text) => Datum::Text(text),
        }
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(in_words).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

/// The order of the values of a column.
pub(super) struct Ranks<'a> {
    ranks: Vec<Key>,
    codes: &'a [u32],
}

impl Ranks<'_> {
    /// By what run `row` is sorted.
    pub(super) fn key(&self, row: u32) -> Key {
        let code = self.codes.get(row as usize);
        code.and_then(|&code| self.ranks.get(code as usize)).cloned().unwrap_or(Key::Nothing)
    }
}

impl Column {
    /// Without values.
    pub(super) fn empty(kind: Kind, name: &str, numbers: bool) -> Self {
        let values = if numbers {
            Values::Numbers { values: Vec::new(), there: Vec::new() }
        } else {
            Values::Coded { values: vec![Word::None], codes: Vec::new() }
        };
        Self { kind, name: name.to_owned(), short: name.to_owned(), values }
    }

    /// Takes away what a row has.
    pub(super) fn clear(&mut self, row: usize) {
        match &mut self.values {
            Values::Coded { codes, .. } => {
                if let Some(code) = codes.get_mut(row) {
                    *code = 0;
                }
            }
            Values::Numbers { there, .. } => {
                if let Some(there) = there.get_mut(row) {
                    *there = false;
                }
            }
        }
    }

    /// The same of these rows alone, in this order; what a row lacks is filled up.
    pub(super) fn gathered(&self, rows: &[usize]) -> Self {
        fn at<T: Copy>(rows: &[usize], list: &[T], none: T) -> Vec<T> {
            rows.iter().map(|&row| list.get(row).copied().unwrap_or(none)).collect()
        }
        let values = match &self.values {
            Values::Coded { values, codes } => {
                Values::Coded { values: values.clone(), codes: at(rows, codes, 0) }
            }
            Values::Numbers { values, there } => {
                Values::Numbers { values: at(rows, values, f64::NAN), there: at(rows, there, false) }
            }
        };
        Self { kind: self.kind, name: self.name.clone(), short: self.short.clone(), values }
    }

    /// What run `row` has.
    pub fn at(&self, row: u32) -> Datum<'_> {
        let row = row as usize;
        match &self.values {
            Values::Coded { values, codes } => {
                let word = codes.get(row).and_then(|&code| values.get(code as usize));
                word.map_or(Datum::None, Word::datum)
            }
            Values::Numbers { values, there } => match (there.get(row), values.get(row)) {
                (Some(true), Some(&value)) => Datum::Number(value),
                _ => Datum::None,
            },
        }
    }

    /// What a query calls it.
    pub fn as_name(&self) -> Option<Name> {
        match self.kind {
            Kind::Reduced => query::sort(&self.name).ok().map(|sort| sort.name),
            Kind::Field | Kind::Measure | Kind::Setting => Some(Name {
                text: self.name.clone(),
                reduction: None,
                setting: self.kind == Kind::Setting,
                span: 0..0,
            }),
        }
    }

    /// The number that run `row` has.
    pub fn number(&self, row: u32) -> Option<f64> {
        match self.at(row) {
            Datum::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The order of its values, where they are words that are held once; `None` of numbers.
    pub(super) fn ranks(&self) -> Option<Ranks<'_>> {
        let Values::Coded { values, codes } = &self.values else { return None };
        let key = |word: &Word| match word {
            Word::None => Key::Nothing,
            Word::Number(number) => Key::Number(*number),
            Word::Text(text) => Key::Text(text.to_lowercase()),
        };
        let keys: Vec<Key> = values.iter().map(key).collect();
        let order = order(&keys, false);
        let mut ranks = vec![Key::Nothing; keys.len()];
        let mut rank = 0.0;
        for (at, before) in order.iter().zip(std::iter::once(None).chain(order.iter().map(Some))) {
            let is_next = before.is_some_and(|before| keys.get(*before) != keys.get(*at));
            rank += if is_next { 1.0 } else { 0.0 };
            if let (Some(slot), Some(Key::Number(_) | Key::Text(_))) = (ranks.get_mut(*at), keys.get(*at)) {
                *slot = Key::Number(rank);
            }
        }
        Some(Ranks { ranks, codes })
    }

    /// Whether not all of these runs have the same.
    pub fn differs(&self, mut rows: impl Iterator<Item = u32>) -> bool {
        match &self.values {
            Values::Coded { codes, .. } => {
                let code = |row: u32| codes.get(row as usize);
                rows.next().map(code).is_some_and(|first| rows.any(|row| code(row) != first))
            }
            Values::Numbers { .. } => {
                let key = |row: u32| self.number(row).map(f64::to_bits);
                rows.next().map(key).is_some_and(|first| rows.any(|row| key(row) != first))
            }
        }
    }

    /// Whether half or more of these `count` runs have something.
    pub fn is_common(&self, rows: impl Iterator<Item = u32>, count: usize) -> bool {
        let Some(last) = count.div_ceil(2).checked_sub(1) else { return true };
        match &self.values {
            // The first word is none.
            Values::Coded { codes, .. } => {
                rows.filter(|row| codes.get(*row as usize).is_some_and(|code| *code > 0)).nth(last).is_some()
            }
            Values::Numbers { there, .. } => {
                rows.filter(|row| there.get(*row as usize) == Some(&true)).nth(last).is_some()
            }
        }
    }

    /// Whether any of these runs has something.
    pub fn is_there(&self, mut rows: impl Iterator<Item = u32>) -> bool {
        rows.any(|row| self.at(row) != Datum::None)
    }
}
