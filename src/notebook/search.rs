//! Full-text search over all entries: where a phrase stands, with the words around it.

use std::ops::Range;
use std::sync::Arc;

use super::snapshot::Entry;
use crate::base::text::clean;

/// A place where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the entry among those searched.
    pub entry: usize,
    /// Line of its file, from 1.
    pub line: usize,
    /// How many places of this entry come before.
    pub nth: usize,
    /// The line, cleaned, without its indentation; of a very long one the part around the place.
    pub text: String,
    /// What was found, in bytes of `text`.
    pub found: Range<usize>,
}

/// Longest line that is shown whole, in bytes.
const LONGEST: usize = 240;

/// Bytes before the place that are shown of a longer one.
const BEFORE: usize = 60;

/// Where `phrase` stands, in the order of the entries, at most `most` places, and of one entry at most `each`. Case counts only where the phrase has a
/// capital, and a space stands for any white space, line breaks too: entries are wrapped by hand.
pub fn search(entries: &[Arc<Entry>], phrase: &str, most: usize, each: usize) -> Vec<Hit> {
    let needle = Needle::new(phrase);
    let mut hits = Vec::new();
    for (entry, source) in entries.iter().map(|entry| entry.document.source.as_str()).enumerate() {
        let mut from = 0;
        let mut nth = 0;
        let (mut line, mut counted) = (1, 0);
        while let Some(range) = needle.find(source, from) {
            line += source[counted..range.start].matches('\n').count();
            counted = range.start;
            let (text, found) = context(source, &range);
            hits.push(Hit { entry, line, nth, text, found });
            if hits.len() >= most {
                return hits;
            }
            (from, nth) = (range.end, nth + 1);
            if nth >= each {
                break;
            }
        }
    }
    hits
}

/// The line of a place, and the place in it.
fn context(source: &str, range: &Range<usize>) -> (String, Range<usize>) {
    let start = source[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = source[range.start..].find('\n').map_or(source.len(), |newline| range.start + newline);
    let (start, end) = if end - start <= LONGEST {
        (start, end)
    } else {
        (
            boundary(source, range.start.saturating_sub(BEFORE).max(start)),
            boundary(source, (range.start + LONGEST).min(end)),
        )
    };
    // Part by part, and not trimmed: the spaces between them stay.
    let line = |text: &str| clean(text).replace(['\n', '\t'], " ");
    let before = line(source[start..range.start].trim_start());
    let found = line(&source[range.start..range.end.clamp(range.start, end.max(range.start))]);
    let after = line(source.get(range.end..end).unwrap_or_default().trim_end());
    let place = before.len()..before.len() + found.len();
    (format!("{before}{found}{after}"), place)
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A phrase that is looked for.
struct Needle {
    /// Its characters; in lower case where case does not count.
    characters: Vec<char>,
    /// Whether case does not count.
    fold: bool,
}

impl Needle {
    fn new(phrase: &str) -> Self {
        let fold = !phrase.chars().any(char::is_uppercase);
        let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { characters: phrase.chars().collect(), fold }
    }

    /// The first place at or after byte `from`.
    fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let first = *self.characters.first()?;
        let mut at = from;
        loop {
            at += self.next(text.get(at..)?, first)?;
            if let Some(length) = self.matches(&text[at..]) {
                return Some(at..at + length);
            }
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }

    /// How far it is to the next place where the phrase could begin: most of the text is passed over here, so ASCII is
    /// looked for byte by byte.
    fn next(&self, text: &str, first: char) -> Option<usize> {
        if first.is_ascii() {
            let (one, other) =
                (first as u8, if self.fold { first.to_ascii_uppercase() as u8 } else { first as u8 });
            return memchr::memchr2(one, other, text.as_bytes());
        }
        text.char_indices().find(|(_, character)| self.same(*character, first)).map(|(at, _)| at)
    }

    fn same(&self, character: char, wanted: char) -> bool {
        character == wanted || self.fold && character.to_lowercase().eq(wanted.to_lowercase())
    }

    /// How many bytes of the beginning of `text` are the phrase.
    fn matches(&self, text: &str) -> Option<usize> {
        let mut characters = text.char_indices().peekable();
        for &wanted in &self.characters {
            let (_, character) = characters.next()?;
            if wanted == ' ' {
                if !character.is_whitespace() {
                    return None;
                }
                while characters.next_if(|(_, character)| character.is_whitespace()).is_some() {}
            } else if !self.same(character, wanted) {
                return None;
            }
        }
        Some(characters.peek().map_or(text.len(), |(at, _)| *at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, phrase: &str) -> Vec<String> {
        let needle = Needle::new(phrase);
        let mut from = 0;
        std::iter::from_fn(|| {
            let range = needle.find(text, from)?;
            from = range.end;
            Some(text[range].to_owned())
        })
        .collect()
    }

    #[test]
    fn a_phrase_is_found_over_line_breaks_and_in_any_case() {
        let text = "Flat minima. flat\n  minima, FLAT minima; λ_max Λ_MAX";
        for (phrase, expected) in [
            ("flat minima", vec!["Flat minima", "flat\n  minima", "FLAT minima"]),
            ("Flat", vec!["Flat"]),
            ("λ_max", vec!["λ_max", "Λ_MAX"]),
            ("minima,", vec!["minima,"]),
            ("", vec![]),
            ("nowhere", vec![]),
        ] {
            assert_eq!(found(text, phrase), expected, "{phrase}");
        }
    }

    #[test]
    fn the_words_around_are_told() {
        let source = format!("one\n  two {} three", "x".repeat(500));
        let at = source.find("three").unwrap();
        let (text, place) = context(&source, &(at..at + 5));
        assert_eq!(&text[place], "three");
        assert!(text.len() < LONGEST);
        let (text, place) = context("a\n  the place here\nb", &(8..13));
        assert_eq!((text.as_str(), place), ("the place here", 4..9));
    }
}
