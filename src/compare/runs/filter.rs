//! Which runs of a table pass a filter. Of a column with few different values each is asked once, so that ten thousand
//! runs are filtered in the time of a key.

use super::column::{Column, Datum, Values, Word};
use super::names::{Meaning, meaning};
use super::table::RunTable;
use crate::spec::query::{self, Comparison, Filter, Literal, Problem};

/// For each run whether it passes; or which name means nothing.
pub(super) fn passing(
    filter: &Filter,
    table: &RunTable,
    given: &[query::Column],
) -> Result<Vec<bool>, Problem> {
    Ok(match filter {
        Filter::All(parts) => together(parts, table, given, true)?,
        Filter::Any(parts) => together(parts, table, given, false)?,
        Filter::Not(part) => passing(part, table, given)?.into_iter().map(|passes| !passes).collect(),
        Filter::Has(name) => match meaning(name, table, given)? {
            Meaning::Column(at) => of_column(table, at, |datum| datum != Datum::None),
            Meaning::Wanted(..) => vec![false; table.len()],
        },
        Filter::Is(name, comparison, literal) => match meaning(name, table, given)? {
            Meaning::Column(at) => compared(table, at, *comparison, literal),
            Meaning::Wanted(..) => vec![false; table.len()],
        },
        Filter::Word(word) => by_word(word, table),
    })
}

fn together(
    parts: &[Filter],
    table: &RunTable,
    given: &[query::Column],
    all: bool,
) -> Result<Vec<bool>, Problem> {
    let mut passes = vec![all; table.len()];
    for part in parts {
        for (passes, part) in passes.iter_mut().zip(passing(part, table, given)?) {
            *passes = if all { *passes && part } else { *passes || part };
        }
    }
    Ok(passes)
}

/// What a test says of the value of each run.
fn of_column(table: &RunTable, at: usize, test: impl Fn(Datum<'_>) -> bool) -> Vec<bool> {
    match table.columns.get(at).map(|column| &column.values) {
        None => vec![false; table.len()],
        Some(Values::Coded { values, codes }) => {
            let word = |word: &Word| match word {
                Word::None => test(Datum::None),
                Word::Number(number) => test(Datum::Number(*number)),
                Word::Text(text) => test(Datum::Text(text)),
            };
            let passes: Vec<bool> = values.iter().map(word).collect();
            codes.iter().map(|&code| passes.get(code as usize).copied().unwrap_or(false)).collect()
        }
        Some(Values::Numbers { values, there }) => {
            let datum =
                |(&value, &there): (&f64, &bool)| if there { Datum::Number(value) } else { Datum::None };
            values.iter().zip(there).map(|pair| test(datum(pair))).collect()
        }
    }
}

fn compared(table: &RunTable, at: usize, comparison: Comparison, literal: &Literal) -> Vec<bool> {
    let Some(column) = table.columns.get(at) else { return vec![false; table.len()] };
    let (number, words) = (literal.number(), in_words(&literal.text));
    let equal: Box<dyn Fn(&str) -> bool> = equality(column, &words);
    of_column(table, at, |datum| match datum {
        Datum::None => false,
        Datum::Number(value) => match number {
            Some(number) => numbers(value, comparison, number),
            None => texts(&value.to_string(), comparison, &words, |text| text == words),
        },
        Datum::Text(text) => texts(&in_words(text), comparison, &words, &equal),
    })
}

/// When a text of `column` is what was written: an entry also without its date, a run by the beginning of its id, a tag
/// among several.
fn equality(column: &Column, words: &str) -> Box<dyn Fn(&str) -> bool> {
    let words = words.to_owned();
    match column.name.as_str() {
        "entry" => Box::new(move |entry| entry == words || entry.get(11..) == Some(&words)),
        "run" => Box::new(move |run| run.starts_with(&words)),
        "tag" => Box::new(move |tags| tags.split('\n').any(|tag| tag == words)),
        _ => Box::new(move |text| text == words),
    }
}

fn numbers(value: f64, comparison: Comparison, number: f64) -> bool {
    match comparison {
        Comparison::Less => value < number,
        Comparison::AtMost => value <= number,
        Comparison::Greater => value > number,
        Comparison::AtLeast => value >= number,
        // Whoever asks for NaN means it.
        Comparison::Equal => value == number || value.is_nan() && number.is_nan(),
        Comparison::Unequal => value != number && !(value.is_nan() && number.is_nan()),
        Comparison::Contains => value.to_string().contains(&number.to_string()),
        Comparison::Lacks => !value.to_string().contains(&number.to_string()),
    }
}

fn texts(text: &str, comparison: Comparison, words: &str, equal: impl Fn(&str) -> bool) -> bool {
    match comparison {
        Comparison::Less => text < words,
        Comparison::AtMost => text <= words,
        Comparison::Greater => text > words,
        Comparison::AtLeast => text >= words,
        Comparison::Equal => equal(text),
        Comparison::Unequal => !equal(text),
        Comparison::Contains => text.contains(words),
        Comparison::Lacks => !text.contains(words),
    }
}

/// Text as it is compared: capitals do not count, and `[64, 64]`, `64,64` and `64 64` are one list.
fn in_words(text: &str) -> String {
    let lower = text.to_lowercase();
    if lower.starts_with('[') || lower.bytes().all(|byte| byte.is_ascii_digit() || b",. ".contains(&byte)) {
        return lower.replace(['[', ']', ','], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    }
    lower
}

/// The runs of which a word says something: it stands in the name of the entry, cell or arm, or begins the id.
fn by_word(word: &str, table: &RunTable) -> Vec<bool> {
    let word = word.to_lowercase();
    let contains = |text: &str| text.to_lowercase().contains(&word);
    let places: Vec<bool> = table
        .places
        .iter()
        .map(|place| contains(&place.entry) || contains(&place.cell) || contains(&place.arm))
        .collect();
    let here = |at: &u32| places.get(*at as usize).copied().unwrap_or(false);
    let runs = table.runs.iter().zip(&table.place_of);
    runs.map(|(run, place)| here(place) || run.as_str().starts_with(&word)).collect()
}
