//! Reading a node as what it should be: a map with a closed set of keys, a number within bounds, a word of a list. What it
//! is instead is a [`Problem`] at its place.

use std::ops::Range;

use super::{Node, Problem, Value};
use crate::base::suggest;

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
            let problem =
                Problem::new(format!("`{what}` must be a map, not {}", node.kind()), node.span.clone());
            return Err(match &node.value {
                Value::Null => problem.help(format!("one of {}", allowed.join(", "))),
                // `seeds:3` is a word.
                Value::Text(text) if text.contains(':') => {
                    problem.help("a key is followed by `: `, with a space")
                }
                _ => problem,
            });
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
