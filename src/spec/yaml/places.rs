//! Where everything stands: the outline of a YAML text, read event by event (not recursive, so that nothing nests too
//! deep for it), and zipped with the values that `serde_yaml` makes of the same text.

use std::ops::Range;

use saphyr_parser::{Event, Parser, StrInput};
use serde_yaml::Value as Yaml;

use super::{Key, Node, Problem, Value, slips};

/// Deepest nesting that a cell can need, with room to spare.
const MAX_DEPTH: usize = 24;

/// One event of the flat outline, in document order.
enum Place {
    Scalar(Range<usize>),
    List { span: Range<usize>, items: usize },
    Map { span: Range<usize>, keys: Vec<Key> },
}

/// The places of all nodes in document order; keys are kept with their map and not listed.
pub(super) struct Places(Vec<Place>);

/// A collection that is still open while the outline is read.
struct Open {
    /// Index of its [`Place`].
    place: usize,
    /// For a map: whether the next node is a key.
    expects_key: bool,
}

impl Places {
    /// The outline of `text`, or what a cell has no use for in it.
    pub(super) fn of(text: &str) -> Result<Self, Problem> {
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
                slips::told(text, error.info(), at)
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
                    return Err(no_tags(span));
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

    /// Whether there is nothing but remarks.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
    pub(super) fn zip(&self, yaml: Yaml, next: &mut usize) -> Option<Node> {
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

/// `!word` before a value.
pub(super) fn no_tags(span: Range<usize>) -> Problem {
    Problem::new("YAML tags mean nothing here", span).help("text that begins with `!` must stand in quotes")
}

/// `&word` or `*word`.
pub(super) fn no_anchors(span: Range<usize>) -> Problem {
    Problem::new("YAML anchors and aliases are not allowed in a cell", span).help("write the value out")
}
