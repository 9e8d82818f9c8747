//! YAML with a place for everything.
//!
//! `serde_yaml` decides what a scalar is; it keeps no places, so a second, event-level pass notes where each key
//! and value stands, and refuses on the way whatever a cell has no use for: anchors and aliases (the bombs are
//! made of them), tags, several documents, duplicate keys, nesting beyond reason. The two are zipped into a tree
//! of [`Node`]s. A tree can be patched with another: every node keeps the place it was written at, so an error
//! in an arm points into that arm.

use std::ops::Range;

use saphyr_parser::{Event, Parser, StrInput};
use serde_yaml::Value as Yaml;

use crate::base::suggest;

/// Most bytes of YAML in one cell.
pub const MAX_BYTES: usize = 64 * 1024;

/// Deepest nesting that a cell can need, with room to spare.
const MAX_DEPTH: usize = 24;

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

/// What is wrong, and at which bytes of the YAML text.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// Where.
    pub span: Range<usize>,
}

impl Problem {
    /// A problem at `span`.
    pub fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), help: None, span }
    }

    /// The same, with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads YAML text.
pub fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(
            format!("{} KiB of YAML in one cell; {} KiB is the most", text.len() / 1024, MAX_BYTES / 1024),
            0..0,
        ));
    }
    // Places first: this pass is not recursive, so nothing that nests too deep reaches the one that is.
    let places = Places::of(text)?;
    let yaml: Yaml = serde_yaml::from_str(text).map_err(|error| syntax_problem(text, &error))?;
    places.zip(yaml, &mut 0).ok_or_else(|| Problem::new("this YAML cannot be read", 0..text.len()))
}

fn syntax_problem(text: &str, error: &serde_yaml::Error) -> Problem {
    let at = error.location().map_or(0, |location| location.index().min(text.len()));
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    Problem::new(message.to_owned(), at..at)
}

/// One event of the flat outline, in document order.
enum Place {
    Scalar(Range<usize>),
    List { span: Range<usize>, items: usize },
    Map { span: Range<usize>, keys: Vec<Key> },
}

/// The places of all nodes in document order; keys are kept with their map and not listed.
struct Places(Vec<Place>);

/// A collection that is still open while the outline is read.
struct Open {
    /// Index of its [`Place`].
    place: usize,
    /// For a map: whether the next node is a key.
    expects_key: bool,
}

impl Places {
    fn of(text: &str) -> Result<Self, Problem> {
        let bytes: Vec<usize> =
            text.char_indices().map(|(byte, _)| byte).chain(std::iter::once(text.len())).collect();
        let byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len());
        let mut places = Self(Vec::new());
        let mut open: Vec<Open> = Vec::new();
        let mut documents = 0;
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let at = byte(error.marker().index());
                // The scanner has a limit of its own on flow nesting, beyond ours but met first: it looks ahead.
                if error.info().contains("recursion limit") {
                    return too_deep(at..at);
                }
                let problem = Problem::new(error.info().to_owned(), at..at);
                if error.info().contains("mapping values are not allowed") {
                    return problem.help("text with `: ` in it must stand in quotes");
                }
                problem
            })?;
            let span = byte(span.start.index())..byte(span.end.index());
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Problem::new("a second YAML document in one cell", span));
                    }
                }
                Event::Alias(_) => return Err(no_anchors(span)),
                Event::Scalar(_, _, anchor, _)
                | Event::SequenceStart(anchor, _)
                | Event::MappingStart(anchor, _)
                    if anchor != 0 =>
                {
                    return Err(no_anchors(span));
                }
                Event::Scalar(_, _, _, Some(_))
                | Event::SequenceStart(_, Some(_))
                | Event::MappingStart(_, Some(_)) => {
                    return Err(Problem::new("YAML tags mean nothing here", span));
                }
                Event::Scalar(value, ..) => places.scalar(&mut open, &value, span)?,
                Event::SequenceStart(..) => places.open(&mut open, Place::List { span, items: 0 })?,
                Event::MappingStart(..) => places.open(&mut open, Place::Map { span, keys: Vec::new() })?,
                Event::SequenceEnd | Event::MappingEnd => places.close(&mut open, span.end),
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(places)
    }

    fn scalar(&mut self, open: &mut [Open], value: &str, span: Range<usize>) -> Result<(), Problem> {
        if let Some(parent) = open.last_mut()
            && parent.expects_key
            && let Some(Place::Map { keys, .. }) = self.0.get_mut(parent.place)
        {
            parent.expects_key = false;
            if keys.iter().any(|key| key.name == value) {
                return Err(Problem::new(format!("duplicate key `{value}`"), span));
            }
            keys.push(Key { name: value.to_owned(), span });
            return Ok(());
        }
        self.node_in(open, &span)?;
        self.0.push(Place::Scalar(span));
        Ok(())
    }

    fn open(&mut self, open: &mut Vec<Open>, place: Place) -> Result<(), Problem> {
        let span = place.span().clone();
        if open.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.node_in(open, &span)?;
        let expects_key = matches!(place, Place::Map { .. });
        open.push(Open { place: self.0.len(), expects_key });
        self.0.push(place);
        Ok(())
    }

    /// Counts a node in with its parent.
    fn node_in(&mut self, open: &mut [Open], span: &Range<usize>) -> Result<(), Problem> {
        let Some(parent) = open.last_mut() else { return Ok(()) };
        match self.0.get_mut(parent.place) {
            Some(Place::List { items, .. }) => *items += 1,
            Some(Place::Map { .. }) if parent.expects_key => {
                return Err(Problem::new("a key must be a plain word", span.clone()));
            }
            _ => parent.expects_key = true,
        }
        Ok(())
    }

    fn close(&mut self, open: &mut Vec<Open>, end: usize) {
        let Some(closed) = open.pop() else { return };
        if let Some(Place::List { span, .. } | Place::Map { span, .. }) = self.0.get_mut(closed.place) {
            span.end = end.max(span.start);
        }
    }

    /// The tree that starts at the `next` place, with the values of `yaml`.
    fn zip(&self, yaml: Yaml, next: &mut usize) -> Option<Node> {
        let place = self.0.get(*next)?;
        *next += 1;
        let value = match (yaml, place) {
            (Yaml::Sequence(values), Place::List { items, .. }) if values.len() == *items => {
                Value::List(values.into_iter().map(|value| self.zip(value, next)).collect::<Option<_>>()?)
            }
            (Yaml::Mapping(map), Place::Map { keys, .. }) if map.len() == keys.len() => Value::Map(
                map.into_iter()
                    .zip(keys)
                    .map(|((_, value), key)| Some((key.clone(), self.zip(value, next)?)))
                    .collect::<Option<_>>()?,
            ),
            (Yaml::Null, Place::Scalar(_)) => Value::Null,
            (Yaml::Bool(value), Place::Scalar(_)) => Value::Bool(value),
            (Yaml::Number(value), Place::Scalar(_)) => Value::Number(value.as_f64()?),
            (Yaml::String(value), Place::Scalar(_)) => Value::Text(value),
            _ => return None,
        };
        Some(Node { span: place.span().clone(), value })
    }
}

impl Place {
    fn span(&self) -> &Range<usize> {
        match self {
            Self::Scalar(span) | Self::List { span, .. } | Self::Map { span, .. } => span,
        }
    }
}

fn too_deep(span: Range<usize>) -> Problem {
    Problem::new(format!("nested more than {MAX_DEPTH} deep"), span)
}

fn no_anchors(span: Range<usize>) -> Problem {
    Problem::new("YAML anchors and aliases are not allowed in a cell", span).help("write the value out")
}

impl Node {
    /// This node with `patch` laid over it: maps are merged key by key, anything else is replaced.
    #[must_use]
    pub fn patched(&self, patch: &Self) -> Self {
        let (Value::Map(base), Value::Map(over)) = (&self.value, &patch.value) else { return patch.clone() };
        let mut merged = base.clone();
        for (key, value) in over {
            match merged.iter_mut().find(|(present, _)| present.name == key.name) {
                Some(slot) => *slot = (key.clone(), slot.1.patched(value)),
                None => merged.push((key.clone(), value.clone())),
            }
        }
        Self { span: self.span.clone(), value: Value::Map(merged) }
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

/// A map whose keys are checked against a closed list, read field by field.
pub struct Fields<'a> {
    /// What it is the map of, for messages (`optimizer`).
    what: &'a str,
    node: &'a Node,
}

impl<'a> Fields<'a> {
    /// The fields of `node`, which must be a map with no key outside `allowed`.
    pub fn new(what: &'a str, node: &'a Node, allowed: &[&str]) -> Result<Self, Problem> {
        let Value::Map(entries) = &node.value else {
            return Err(Problem::new(
                format!("`{what}` must be a map, not {}", node.kind()),
                node.span.clone(),
            ));
        };
        for (key, _) in entries {
            if !allowed.contains(&key.name.as_str()) {
                let message = format!("unknown key `{}` in {what}", key.name);
                let advice = suggest::advice(&key.name, allowed);
                return Err(Problem::new(message, key.span.clone()).help(advice));
            }
        }
        Ok(Self { what, node })
    }

    /// The value of a key, if it is there and not null.
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.node.get(name).filter(|node| node.value != Value::Null)
    }

    /// The value of a key that must be there.
    pub fn need(&self, name: &str) -> Result<&'a Node, Problem> {
        self.get(name).ok_or_else(|| {
            Problem::new(format!("{} needs `{name}`", self.what), self.node.span.start..self.node.span.start)
        })
    }

    /// Where a key stands (or the whole map, if it is not there).
    pub fn place(&self, name: &str) -> Range<usize> {
        match &self.node.value {
            Value::Map(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(key, _)| &key.span),
            _ => None,
        }
        .unwrap_or(&self.node.span)
        .clone()
    }

    /// Refuses keys that mean nothing beside the others (`degree` of a teacher).
    pub fn refuse(&self, names: &[&str], why: &str) -> Result<(), Problem> {
        match names.iter().find(|name| self.get(name).is_some()) {
            Some(name) => Err(Problem::new(format!("`{name}` means nothing {why}"), self.place(name))),
            None => Ok(()),
        }
    }
}

/// Text.
pub fn text(what: &str, node: &Node) -> Result<String, Problem> {
    match &node.value {
        Value::Text(value) => Ok(value.clone()),
        _ => Err(wrong(what, "text", node)),
    }
}

/// A finite number.
pub fn number(what: &str, node: &Node) -> Result<f64, Problem> {
    match node.value {
        Value::Number(value) if value.is_finite() => Ok(value),
        Value::Number(value) => {
            Err(Problem::new(format!("`{what}` must be a finite number, not {value}"), node.span.clone()))
        }
        _ => Err(wrong(what, "a number", node)),
    }
}

/// A finite number within bounds.
pub fn number_in(what: &str, node: &Node, low: f64, high: f64) -> Result<f64, Problem> {
    let value = number(what, node)?;
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    let bounds = match (low, high) {
        (low, f64::INFINITY) => format!("at least {low}"),
        (low, high) => format!("between {low} and {high}"),
    };
    Err(Problem::new(format!("`{what}` must be {bounds}, not {value}"), node.span.clone()))
}

/// A number above 0.
pub fn positive(what: &str, node: &Node) -> Result<f64, Problem> {
    let value = number(what, node)?;
    if value > 0.0 {
        return Ok(value);
    }
    Err(Problem::new(format!("`{what}` must be above 0, not {value}"), node.span.clone()))
}

/// A whole number within bounds.
pub fn whole(what: &str, node: &Node, low: u64, high: u64) -> Result<u64, Problem> {
    let value = number(what, node)?;
    if value.fract() == 0.0 && value >= low as f64 && value <= high as f64 {
        return Ok(value as u64);
    }
    let message = format!("`{what}` must be a whole number from {low} to {high}, not {value}");
    Err(Problem::new(message, node.span.clone()))
}

/// A truth value.
pub fn truth(what: &str, node: &Node) -> Result<bool, Problem> {
    match node.value {
        Value::Bool(value) => Ok(value),
        _ => Err(wrong(what, "true or false", node)),
    }
}

/// One of a closed set of words.
pub fn word<T: Copy>(what: &str, node: &Node, words: &[(&str, T)]) -> Result<T, Problem> {
    let value = text(what, node)?;
    words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Problem::new(format!("unknown {what} `{value}`"), node.span.clone())
            .help(suggest::advice(&value, &known))
    })
}

/// A list.
pub fn list<'a>(what: &str, node: &'a Node) -> Result<&'a [Node], Problem> {
    match &node.value {
        Value::List(items) => Ok(items),
        _ => Err(wrong(what, "a list", node)),
    }
}

/// A list, or one item standing for a list of one.
pub fn one_or_list(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn wrong(what: &str, wanted: &str, node: &Node) -> Problem {
    Problem::new(format!("`{what}` must be {wanted}, not {}", node.kind()), node.span.clone())
}
