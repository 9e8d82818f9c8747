//! A line of text on rows of the screen: soft wrap, with every byte accounted for.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::render::style::Look;
use crate::render::width::width;

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// How a grapheme that starts at `column` is shown. What a terminal would obey is shown as a sign: it is in the file,
/// and whoever edits must see it.
pub fn shown(grapheme: &str, column: usize, look: Look) -> String {
    if grapheme == "\t" {
        return " ".repeat(TAB - column % TAB);
    }
    let text = look.text(grapheme);
    if text.is_empty() || width(&text) == 0 { look.text("·") } else { text }
}

/// The rows of a line (without its line ending), as ranges of its bytes that follow each other. There is always one.
pub fn rows(line: &str, columns: usize, look: Look) -> Vec<Range<usize>> {
    let columns = columns.max(1);
    let (mut rows, mut start, mut used) = (Vec::new(), 0, 0);
    // Where the row may be broken, and the columns up to there.
    let mut space: Option<(usize, usize)> = None;
    for (at, grapheme) in line.grapheme_indices(true) {
        let wide = width(&shown(grapheme, used, look));
        if used + wide > columns && at > start {
            let (end, kept) = space.take().filter(|(end, _)| *end > start).unwrap_or((at, used));
            rows.push(start..end);
            start = end;
            used -= kept;
        }
        used += if grapheme == "\t" { TAB - used % TAB } else { wide };
        // Also after a tab, whose width depends on where its row begins.
        if matches!(grapheme, " " | "\t") {
            space = Some((at + 1, used));
        }
    }
    rows.push(start..line.len());
    rows
}

/// The row that byte `at` of a line is on. Between two rows it is the later.
pub fn row_of(rows: &[Range<usize>], at: usize) -> usize {
    rows.iter().rposition(|row| row.start <= at).unwrap_or(0)
}

/// Columns before byte `at` in a row of text.
pub fn column_of(row: &str, at: usize, look: Look) -> usize {
    row.grapheme_indices(true)
        .take_while(|(start, _)| *start < at)
        .fold(0, |column, (_, grapheme)| column + width(&shown(grapheme, column, look)))
}

/// The byte of a row of text that stands at `column`, or its end.
pub fn byte_at(row: &str, column: usize, look: Look) -> usize {
    let mut used = 0;
    for (at, grapheme) in row.grapheme_indices(true) {
        let wide = width(&shown(grapheme, used, look));
        if used + wide > column {
            return at;
        }
        used += wide;
    }
    row.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(line: &str, columns: usize) -> Vec<&str> {
        rows(line, columns, Look::PLAIN).into_iter().map(|row| &line[row]).collect()
    }

    #[test]
    fn rows_break_after_spaces_and_keep_every_byte() {
        for (line, columns, expected) in [
            ("one two three", 8, vec!["one two ", "three"]),
            ("abcdefgh", 3, vec!["abc", "def", "gh"]),
            ("", 5, vec![""]),
            ("日本語", 4, vec!["日本", "語"]),
            ("a\tb", 4, vec!["a\t", "b"]),
        ] {
            assert_eq!(parts(line, columns), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn rows_join_to_the_line_and_fit(line in "[ a-cé日\t\u{1b}]{0,60}", columns in 4_usize..20) {
            let parts = parts(&line, columns);
            prop_assert_eq!(parts.concat(), line.clone());
            for part in parts {
                prop_assert!(column_of(part.trim_end_matches(' '), usize::MAX, Look::PLAIN) <= columns + TAB, "{part:?}");
            }
        }
    }
}
