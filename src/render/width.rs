//! Text in columns: how wide it is, cut, padded, wrapped. Graphemes are never taken apart.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::style::{Look, Role};

/// A line in the making.
pub type Spans = Vec<Span<'static>>;

/// Columns that `text` takes: the sum over its graphemes, which is how a terminal buffer lays it out.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// Columns that spans take together.
pub fn spans_width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.content)).sum()
}

/// As many whole graphemes from the start of `text` as fit into `columns`.
pub fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            break;
        }
        end = at + grapheme.len();
    }
    text.get(..end).unwrap_or_default()
}

/// `text` cut to `columns`, with a mark where something was cut off.
pub fn truncate(text: &str, columns: usize, look: Look) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    format!("{}{}", head(text, columns - 1), look.text("…"))
}

/// The same with its beginning cut off.
pub fn truncate_start(text: &str, columns: usize, look: Look) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let room = columns - 1;
    let kept = text.grapheme_indices(true).map(|(at, _)| &text[at..]).find(|rest| width(rest) <= room);
    format!("{}{}", look.text("…"), kept.unwrap_or_default())
}

/// `text` with spaces after it up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Spans cut to `columns`, with a dim mark where something was cut off.
pub fn crop(spans: Spans, columns: usize, look: Look) -> Spans {
    if spans_width(&spans) <= columns {
        return spans;
    }
    let mut room = columns.saturating_sub(1);
    let mut out = Spans::new();
    for span in spans {
        let kept = head(&span.content, room);
        room -= width(kept);
        push(&mut out, kept, span.style);
        if kept.len() < span.content.len() {
            break;
        }
    }
    if columns > 0 {
        out.push(look.span("…", Role::Dim));
    }
    out
}

/// [`crop`] of a line.
pub fn crop_line(line: Line<'static>, columns: usize, look: Look) -> Line<'static> {
    if spans_width(&line.spans) <= columns {
        return line;
    }
    Line { spans: crop(line.spans, columns, look), ..line }
}

/// Appends text to a line, joining it to the last span where the style is the same.
pub fn push(line: &mut Spans, text: &str, style: Style) {
    match line.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.style == style => last.content.to_mut().push_str(text),
        _ => line.push(Span::styled(text.to_owned(), style)),
    }
}

/// Spans in lines of at most `columns` (at least 1), broken between words; `\n` breaks always, a word longer than
/// a line anywhere. Spaces at a break are dropped. Empty text is no line.
pub fn wrap(spans: &[Span<'_>], columns: usize) -> Vec<Spans> {
    let mut filler =
        Filler { columns: columns.max(1), lines: Vec::new(), line: Spans::new(), used: 0, space: None };
    let mut word = Vec::new();
    for span in spans {
        for text in span.content.graphemes(true) {
            let piece = Piece { text, style: span.style, width: text.width() };
            if piece.starts_word() {
                filler.word(&std::mem::take(&mut word));
            }
            match text {
                "\n" => filler.end_line(),
                " " => filler.space(piece),
                _ => word.push(piece),
            }
        }
    }
    filler.word(&word);
    if !filler.line.is_empty() {
        filler.end_line();
    }
    filler.lines
}

/// One grapheme.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    style: Style,
    width: usize,
}

impl Piece<'_> {
    /// Whether a line may be broken before it: spaces, and the wide characters of scripts that write without them
    /// unless they close a phrase (a line must not start with those).
    fn starts_word(&self) -> bool {
        const CLOSING: &str = "。、，．：；？！）」』】〕》〉";
        matches!(self.text, " " | "\n") || (self.width > 1 && !CLOSING.contains(self.text))
    }
}

/// Lines being filled with words.
struct Filler {
    columns: usize,
    lines: Vec<Spans>,
    line: Spans,
    used: usize,
    /// Spaces that stand between the last word and the next, if they stay on one line.
    space: Option<(usize, Style)>,
}

impl Filler {
    fn space(&mut self, piece: Piece<'_>) {
        if self.used > 0 {
            let (count, style) = self.space.unwrap_or((0, piece.style));
            self.space = Some((count + 1, style));
        }
    }

    fn word(&mut self, word: &[Piece<'_>]) {
        let width: usize = word.iter().map(|piece| piece.width).sum();
        let space = self.space.map_or(0, |(count, _)| count);
        if word.is_empty() {
            return;
        }
        if self.used > 0 && self.used + space + width > self.columns {
            self.end_line();
        }
        if let Some((count, style)) = self.space.take() {
            push(&mut self.line, &" ".repeat(count), style);
            self.used += count;
        }
        for piece in word {
            self.piece(*piece);
        }
    }

    fn piece(&mut self, piece: Piece<'_>) {
        // A character wider than the whole line cannot be shown.
        let (text, width) = if piece.width > self.columns { ("?", 1) } else { (piece.text, piece.width) };
        if self.used + width > self.columns {
            self.end_line();
        }
        push(&mut self.line, text, piece.style);
        self.used += width;
    }

    fn end_line(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
        self.used = 0;
        self.space = None;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(text: &str, columns: usize) -> Vec<String> {
        let plain = |line: Spans| line.iter().map(|span| span.content.as_ref()).collect();
        wrap(&[Span::raw(text.to_owned())], columns).into_iter().map(plain).collect()
    }

    #[test]
    fn lines_break_between_words_and_in_long_ones() {
        for (text, columns, lines) in [
            ("one two three", 7, vec!["one two", "three"]),
            ("one  two", 80, vec!["one  two"]),
            ("abcdefgh ij", 3, vec!["abc", "def", "gh", "ij"]),
            ("a\nb", 9, vec!["a", "b"]),
            ("日本語。です", 6, vec!["日本", "語。で", "す"]),
            ("👩‍🔬👩‍🔬", 3, vec!["👩‍🔬", "👩‍🔬"]),
            ("日", 1, vec!["?"]),
            ("", 5, vec![]),
            ("   ", 5, vec![]),
        ] {
            assert_eq!(wrapped(text, columns), lines, "{text}");
        }
    }

    #[test]
    fn cuts_are_marked() {
        assert_eq!(truncate("abcdef", 4, Look::PLAIN), "abc…");
        assert_eq!(truncate("日本語", 4, Look::PLAIN), "日…");
        assert_eq!(truncate("abc", 0, Look::PLAIN), "");
        assert_eq!(pad("日", 4), "日  ");
    }

    proptest! {
        #[test]
        fn nothing_is_too_wide_and_no_word_is_lost(text in ".{0,80}", columns in 2_usize..40) {
            let text = Look::PLAIN.text(&text);
            let lines = wrapped(&text, columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let letters = |text: &str| text.replace(' ', "");
            let wide = text.graphemes(true).any(|grapheme| grapheme.width() > columns);
            prop_assert!(wide || letters(&lines.concat()) == letters(&text));
            prop_assert!(width(&truncate(&text, columns, Look::PLAIN)) <= columns);
        }
    }
}
