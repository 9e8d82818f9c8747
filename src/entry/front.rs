//! The front matter: the YAML between two lines of `---` at the very start of an entry.

use std::ops::Range;

/// Where the front matter lies and where the body starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// There is one: bytes of its YAML, start of the body.
    Found(Range<usize>, usize),
    /// The entry starts with its body, at this byte (after a byte-order mark).
    Missing(usize),
    /// It is opened at the start of this body, but nothing closes it.
    Unclosed(usize),
}

/// Finds the front matter of `source`.
pub(super) fn find(source: &str) -> Front {
    let start = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut lines = source[start..].split_inclusive('\n');
    let opening = match lines.next() {
        Some(line) if line.trim_end() == "---" => line,
        _ => return Front::Missing(start),
    };
    let text = start + opening.len();
    let mut at = text;
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Front::Found(text..at, at + line.len());
        }
        at += line.len();
    }
    Front::Unclosed(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_found_at_the_very_start_only() {
        for (source, expected) in [
            ("---\na: 1\n---\nx", Front::Found(4..9, 13)),
            ("\u{feff}---\r\na: 1\r\n---\r\nx", Front::Found(8..14, 19)),
            ("---\n---", Front::Found(4..4, 7)),
            ("---\na: 1\n...\n", Front::Found(4..9, 13)),
            ("\u{feff}x\n---\na\n---\n", Front::Missing(3)),
            (" ---\na\n---\n", Front::Missing(0)),
            ("---\na: 1\n", Front::Unclosed(0)),
            ("", Front::Missing(0)),
        ] {
            assert_eq!(find(source), expected, "{source:?}");
        }
    }
}
