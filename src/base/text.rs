//! Text that came from a file and is about to reach a terminal.

use std::borrow::Cow;
use std::ops::Range;

/// The same text without anything a terminal would obey or that reorders what is read: C0 and C1 controls
/// (tabs and newlines stay), bidirectional overrides and isolates, and byte-order marks.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unsafe) {
        Cow::Owned(text.chars().filter(|&character| !is_unsafe(character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// [`clean`], and on one line: line breaks and tabs become single spaces.
pub fn clean_line(text: &str) -> String {
    clean(text).split(['\n', '\t']).map(str::trim_end).collect::<Vec<_>>().join(" ")
}

/// The same text with a space for every byte that [`clean`] would drop: what is pointed at stays where it was.
pub fn blanked(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut blanked = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            blanked.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            blanked.push(character);
        }
    }
    Cow::Owned(blanked)
}

/// What can be pointed at where byte `at` of `text` is: the rest of the word there, or the character; at the end of a line
/// or of the text, the last character before it. Empty only where there is nothing but space up to there.
pub fn word_at(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let (before, rest) = text.split_at(at);
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    match rest.chars().next().filter(|character| !character.is_whitespace()) {
        Some(character) if is_word(character) => at..at + rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        Some(character) => at..at + character.len_utf8(),
        None => {
            let last = before.trim_end();
            let start = last.char_indices().next_back().map_or(at, |(start, _)| start);
            start..last.len().max(start)
        }
    }
}

/// `1 run`, `3 runs`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A size as people say it: `820 B`, `1.2 MB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    // What would be rounded to 1000 is one of the next.
    while size >= 999.5 {
        let Some(next) = units.next() else { break };
        (size, unit) = (size / 1000.0, next);
    }
    if size < 9.95 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

fn is_unsafe(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_gone() {
        assert_eq!(clean("a\u{1b}[31mb\u{9b}2Jc\r\u{7}\u{202e}d"), "a[31mb2Jcd");
        assert_eq!(clean_line("one\n two\tthree"), "one  two three");
    }

    #[test]
    fn blanking_moves_no_byte() {
        let text = "a\u{1b}[31m\u{202e}b\r\nλ";
        let blank = blanked(text);
        assert_eq!(blank, "a [31m   b \nλ");
        assert_eq!((blank.len(), blank.find('λ')), (text.len(), text.find('λ')));
    }

    #[test]
    fn there_is_something_to_point_at_wherever_there_is_something() {
        for (text, at, word) in [
            ("id: batch-size", 0, "id"),
            ("id: batch-size", 4, "batch-size"),
            ("id: batch-size", 2, ":"),
            ("id: a\n\n", 7, "a"),
            ("id: a  \nb", 5, "a"),
            ("λ_max", 1, "λ_max"),
            ("日本", 99, "本"),
            ("", 3, ""),
            (" \n", 1, ""),
        ] {
            assert_eq!(&text[word_at(text, at)], word, "{text:?} {at}");
        }
    }

    #[test]
    fn sizes_have_two_digits_or_three() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_960, "10 kB"),
            (999_400, "999 kB"),
            (999_600, "1.0 MB"),
            (1_234_567, "1.2 MB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(clean("λ_max ≈ 41 ± 6\n"), Cow::Borrowed(_)));
    }
}
