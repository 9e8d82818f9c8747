//! What can be meant by the beginning of a name, or of a value after a sign: what is offered while a filter or columns
//! are typed.

use super::column::{Datum, Kind, Values};
use super::names::{Meaning, known, meaning};
use super::table::RunTable;
use crate::spec::query::{Name, Reduction};

/// So many are offered at most: more are not read.
const MOST: usize = 24;

/// What the end of `text` may become, the likeliest first.
pub fn offers(text: &str, table: &RunTable) -> Vec<String> {
    let begun = begun(text);
    let head = text.strip_suffix(begun).unwrap_or_default();
    let mut offers: Vec<String> = match value_of(head, table) {
        Some(values) => {
            let (first, then) = matching(values.iter().map(String::as_str), begun);
            first.into_iter().chain(then).map(str::to_owned).collect()
        }
        None if begun.is_empty() => Vec::new(),
        None => {
            let reductions = Reduction::ALL.iter().map(|reduction| reduction.name());
            let names = known(table).chain(["has:"]).chain(reductions);
            let (mut first, mut then) = matching(names, begun);
            // Of names that begin alike the shortest is meant most often.
            first.sort_by_key(|name| name.len());
            then.sort_by_key(|name| name.len());
            first.into_iter().chain(then).map(str::to_owned).collect()
        }
    };
    offers.retain(|offer| offer != begun);
    offers.truncate(MOST);
    offers
}

/// `text` with its end become `offer`.
pub fn completed(text: &str, offer: &str) -> String {
    format!("{}{offer}", text.strip_suffix(begun(text)).unwrap_or_default())
}

/// The word that is being typed.
fn begun(text: &str) -> &str {
    let is_word =
        |character: char| character.is_alphanumeric() || matches!(character, '_' | '.' | '-' | '#' | '/');
    let start = text.char_indices().rev().take_while(|(_, character)| is_word(*character)).last();
    start.and_then(|(at, _)| text.get(at..)).unwrap_or_default().trim_start_matches('-')
}

/// What the setting before a sign can be, where `head` ends with one.
fn value_of(head: &str, table: &RunTable) -> Option<Vec<String>> {
    let name = head.trim_end().strip_suffix([':', '=', '~'])?.trim_end_matches(['!', '=']);
    let word = begun(name.trim_end());
    if word == "has" {
        return Some(known(table).map(str::to_owned).collect());
    }
    let name = Name { text: word.to_owned(), reduction: None, setting: false, span: 0..0 };
    let Meaning::Column(at) = meaning(&name, table, &[]).ok()? else { return None };
    let column = table.columns.get(at)?;
    let Values::Coded { values, .. } = &column.values else { return Some(Vec::new()) };
    let mut words: Vec<String> = Vec::new();
    for value in values.iter().take(10_000) {
        match value.datum() {
            Datum::Text(text) if column.name == "tag" => words.extend(text.split('\n').map(str::to_owned)),
            Datum::Text(text) => words.push(text.to_owned()),
            Datum::Number(number) if column.kind == Kind::Setting => words.push(number.to_string()),
            _ => {}
        }
    }
    words.sort();
    words.dedup();
    Some(words)
}

/// Those that begin so, and those that have it somewhere else.
fn matching<'a>(words: impl Iterator<Item = &'a str>, begun: &str) -> (Vec<&'a str>, Vec<&'a str>) {
    let begun = begun.to_lowercase();
    let there = words.filter(|word| word.to_lowercase().contains(&begun));
    there.partition(|word| word.to_lowercase().starts_with(&begun))
}
