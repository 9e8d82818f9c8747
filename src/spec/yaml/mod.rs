//! YAML with a place for everything.
//!
//! `serde_yaml` decides what a scalar is; it keeps no places, so a second, event-level pass notes where each key
//! and value stands, and refuses on the way whatever a cell has no use for: anchors and aliases (the bombs are
//! made of them), tags, several documents, duplicate keys, nesting beyond reason. The two are zipped into a tree
//! of [`Node`]s. A tree can be patched with another: every node keeps the place it was written at, so an error
//! in an arm points into that arm.

use std::ops::Range;

use serde_yaml::Value as Yaml;

use crate::base::text::word_at;
use places::Places;

mod brackets;
mod fields;
mod places;
mod slips;
#[cfg(test)]
mod slips_tests;

pub use super::problem::Problem;
pub use brackets::closing;
pub use fields::{Fields, list, number, number_in, one_or_list, positive, text, truth, whole, word};

/// Most bytes of YAML in one cell.
pub const MAX_BYTES: usize = 64 * 1024;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its bytes within the YAML text.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// A YAML value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number; integers are exact up to 2⁵³.
    Number(f64),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order written.
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Its bytes within the YAML text.
    pub span: Range<usize>,
}

/// Reads YAML text.
pub fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(
            format!("{} KiB of YAML in one cell; {} KiB is the most", text.len() / 1024, MAX_BYTES / 1024),
            0..0,
        ));
    }
    if let Some((at, character)) = text.char_indices().find(|(_, character)| is_unprintable(*character)) {
        let message = format!("a character that cannot be printed, U+{:04X}", u32::from(character));
        return Err(Problem::new(message, at..at + character.len_utf8()).help("take it out"));
    }
    read(text).map_err(|mut problem| {
        if problem.span.is_empty() {
            problem.span = word_at(text, problem.span.start);
        }
        problem
    })
}

/// What no YAML holds as it is.
fn is_unprintable(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}')
}

fn read(text: &str) -> Result<Node, Problem> {
    // Places first: this pass is not recursive, so nothing that nests too deep reaches the one that is.
    let places = Places::of(text)?;
    if places.is_empty() {
        return Ok(Node { span: 0..0, value: Value::Null });
    }
    let yaml: Yaml = serde_yaml::from_str(text).map_err(|error| syntax_problem(text, &error))?;
    places.zip(yaml, &mut 0).ok_or_else(|| Problem::new("this YAML cannot be read", 0..text.len()))
}

fn syntax_problem(text: &str, error: &serde_yaml::Error) -> Problem {
    let at = error.location().map_or(0, |location| location.index().min(text.len()));
    slips::told(text, &error.to_string(), at)
}

/// Which keys stay in a map that becomes of another kind: by its name, the kind, and the key.
pub type Keeps<'a> = &'a dyn Fn(&str, &str, &str) -> bool;

impl Node {
    /// This node with `patch` laid over it: maps are merged key by key, anything else is replaced. Where
    /// a map becomes of another `kind`, `keeps(name of the map, kind, key)` says which of its keys stay (a width is none
    /// of a kernel's).
    #[must_use]
    pub fn patched(&self, patch: &Self, keeps: Keeps<'_>) -> Self {
        self.patched_as("", patch, keeps)
    }

    fn patched_as(&self, name: &str, patch: &Self, keeps: Keeps<'_>) -> Self {
        let (Value::Map(base), Value::Map(over)) = (&self.value, &patch.value) else { return patch.clone() };
        let mut merged = base.clone();
        if let Some(kind) = patch.word("kind")
            && self.word("kind") != Some(kind)
        {
            merged.retain(|(key, _)| keeps(name, kind, &key.name));
        }
        for (key, value) in over {
            match merged.iter_mut().find(|(present, _)| present.name == key.name) {
                Some(slot) => *slot = (key.clone(), slot.1.patched_as(&key.name, value, keeps)),
                None => merged.push((key.clone(), value.clone())),
            }
        }
        Self { span: self.span.clone(), value: Value::Map(merged) }
    }

    /// The text under `name` of a map.
    fn word(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.value {
            Value::Text(word) => Some(word),
            _ => None,
        }
    }

    /// `value` alone under the keys of a dotted path, all at the place of `key`: the patch a sweep applies.
    pub fn at_path(key: &Key, value: &Self) -> Self {
        key.name.rsplit('.').fold(value.clone(), |inner, name| Self {
            span: key.span.clone(),
            value: Value::Map(vec![(Key { name: name.to_owned(), span: key.span.clone() }, inner)]),
        })
    }

    /// The value under `name` of a map.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// As JSON; whole numbers become integers.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) if value.fract() == 0.0 && value.abs() < 9e15 => Json::from(*value as i64),
            Value::Number(value) => Json::from(*value),
            Value::Text(value) => Json::from(value.as_str()),
            Value::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect())
            }
        }
    }

    /// Whether two nodes say the same, wherever they stand.
    pub fn value_eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }

    /// What kind of thing it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
