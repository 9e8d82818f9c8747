//! What was searched for, made visible in a line.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use crate::render::width;

/// Where `needle` stands in `text`, in bytes. Case counts only where the needle has a capital.
pub fn matches(text: &str, needle: &str) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    let fold = !needle.chars().any(char::is_uppercase);
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = text.get(rest..).and_then(|tail| tail.char_indices().next()).map(|_| rest) {
        match matched(&text[start..], needle, fold) {
            Some(length) => {
                found.push(start..start + length);
                rest = start + length;
            }
            None => rest = start + text[start..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// Whether `needle` stands in `text`, as [`matches`] has it. A long entry is searched at every letter that is typed, and
/// most text is ASCII.
pub fn has(text: &str, needle: &str) -> bool {
    let Some(first) = needle.bytes().next().filter(|_| text.is_ascii() && needle.is_ascii()) else {
        return !matches(text, needle).is_empty();
    };
    let fold = !needle.bytes().any(|byte| byte.is_ascii_uppercase());
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let stands = |at: usize| {
        let part = text.get(at..at + needle.len());
        part.is_some_and(|part| part == needle || fold && part.eq_ignore_ascii_case(needle))
    };
    let other = if fold { first.to_ascii_uppercase() } else { first };
    memchr::memchr2_iter(first, other, text).any(stands)
}

/// How many bytes of the beginning of `text` are `needle`.
fn matched(text: &str, needle: &str, fold: bool) -> Option<usize> {
    let mut characters = text.char_indices();
    for wanted in needle.chars() {
        let (_, character) = characters.next()?;
        let same = character == wanted || fold && character.to_lowercase().eq(wanted.to_lowercase());
        if !same {
            return None;
        }
    }
    Some(characters.offset())
}

/// The same line with every match reversed, which shows with and without colour.
pub fn line(line: &Line<'static>, needle: &str) -> Line<'static> {
    let found = matches(&line.to_string(), needle);
    if found.is_empty() {
        return line.clone();
    }
    let mut spans = Vec::new();
    let mut start = 0;
    for span in &line.spans {
        let end = start + span.content.len();
        split(span, start, &found, &mut spans);
        start = end;
    }
    Line { spans, ..line.clone() }
}

/// The same line with some of its columns reversed: what is selected in it.
pub fn columns(line: &Line<'static>, columns: &Range<usize>) -> Line<'static> {
    let text = line.to_string();
    let mut at = 0;
    let mut bytes = text.len()..0;
    for (start, grapheme) in text.grapheme_indices(true) {
        if columns.contains(&at) {
            bytes = bytes.start.min(start)..start + grapheme.len();
        }
        at += width::width(grapheme);
    }
    let mut spans = Vec::new();
    let mut start = 0;
    for span in &line.spans {
        split(span, start, std::slice::from_ref(&bytes), &mut spans);
        start += span.content.len();
    }
    Line { spans, ..line.clone() }
}

/// Cuts a span, which starts at byte `at` of its line, where matches begin and end.
fn split(span: &Span<'static>, at: usize, found: &[Range<usize>], into: &mut Vec<Span<'static>>) {
    let text = span.content.as_ref();
    let mut from = 0;
    for range in found {
        let start = range.start.saturating_sub(at).clamp(from, text.len());
        let end = range.end.saturating_sub(at).clamp(start, text.len());
        push(&text[from..start], span.style, into);
        push(&text[start..end], span.style.add_modifier(Modifier::REVERSED), into);
        from = end;
    }
    push(&text[from..], span.style, into);
}

fn push(text: &str, style: Style, into: &mut Vec<Span<'static>>) {
    if !text.is_empty() {
        into.push(Span::styled(text.to_owned(), style));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_count_where_they_are_typed() {
        assert_eq!(matches("Flat flat FLAT", "flat"), [0..4, 5..9, 10..14]);
        assert_eq!(matches("Flat flat", "Flat"), vec![0..4]);
        assert_eq!(matches("λmax Λmax", "λ"), [0..2, 6..8]);
        assert_eq!(matches("aaaa", "aa"), [0..2, 2..4]);
        assert!(matches("text", "").is_empty());
    }

    #[test]
    fn the_quick_answer_is_that_of_the_matches() {
        let texts = ["Flat flat FLAT", "λmax Λmax flat", "aaab", "", "flA", "K \u{212a}elvin"];
        for text in texts {
            for needle in ["flat", "Flat", "LAT", "λ", "ab", "b", "k", "", "flat flat flat", "T"] {
                assert_eq!(has(text, needle), !matches(text, needle).is_empty(), "{needle:?} in {text:?}");
            }
        }
    }

    #[test]
    fn a_match_over_two_spans_is_marked_in_both() {
        let before = Line::from(vec![Span::raw("fla"), Span::raw("t min")]);
        let after = line(&before, "flat");
        let parts: Vec<_> = after
            .spans
            .iter()
            .map(|span| (span.content.as_ref(), span.style.add_modifier.contains(Modifier::REVERSED)))
            .collect();
        assert_eq!(parts, [("fla", true), ("t", true), (" min", false)]);
    }
}
