//! Styled lines as text, for a pipe or for a terminal that scrolls.

use std::fmt::Write as _;

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;

/// The lines without styles, each ended by a newline, without spaces at their ends.
pub fn to_plain(lines: &[Line<'_>]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        line.spans.iter().for_each(|span| text.push_str(&span.content));
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
        text
    })
}

/// The lines with their styles as ANSI escape sequences (ECMA-48 SGR), each reset before its newline.
pub fn to_ansi(lines: &[Line<'_>]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let words = line.spans.iter().map(|span| (span.content.as_ref(), line.style.patch(span.style)));
        let mut spans: Vec<_> = words.collect();
        trim_end(&mut spans);
        for (words, style) in spans {
            push_styled(&mut text, words, style);
        }
        text.push('\n');
        text
    })
}

/// Drops spaces at the end of a line unless their style shows.
fn trim_end(spans: &mut Vec<(&str, Style)>) {
    while let Some((words, style)) = spans.last_mut() {
        if style.bg.is_some() || style.add_modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED) {
            return;
        }
        *words = words.trim_end_matches(' ');
        if !words.is_empty() {
            return;
        }
        spans.pop();
    }
}

fn push_styled(text: &mut String, words: &str, style: Style) {
    let codes = codes(style);
    if codes.is_empty() {
        text.push_str(words);
    } else {
        // Writing to a string cannot fail.
        let _ = write!(text, "\x1b[{}m{words}\x1b[0m", codes.join(";"));
    }
}

const MODIFIERS: [(Modifier, &str); 6] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::REVERSED, "7"),
    (Modifier::CROSSED_OUT, "9"),
];

fn codes(style: Style) -> Vec<String> {
    let modifiers = MODIFIERS.iter().filter(|(modifier, _)| style.add_modifier.contains(*modifier));
    let mut codes: Vec<String> = modifiers.map(|(_, code)| (*code).to_owned()).collect();
    codes.extend(style.fg.and_then(|colour| colour_code(colour, 30)));
    codes.extend(style.bg.and_then(|colour| colour_code(colour, 40)));
    codes
}

/// The code of a colour; `base` is 30 for the text and 40 for what is behind it.
fn colour_code(colour: Color, base: u8) -> Option<String> {
    let named = |index: u8| Some((base + index).to_string());
    let bright = |index: u8| Some((base + 60 + index).to_string());
    match colour {
        Color::Reset => None,
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(index) => Some(format!("{};5;{index}", base + 8)),
        Color::Rgb(r, g, b) => Some(format!("{};2;{r};{g};{b}", base + 8)),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::text::Span;

    use super::*;

    fn line() -> Line<'static> {
        let bold = Style::new().add_modifier(Modifier::BOLD).fg(Color::Indexed(71));
        Line::from(vec![Span::raw("a "), Span::styled("b ", bold), Span::raw("  ")])
    }

    #[test]
    fn plain_text_has_neither_styles_nor_spaces_at_the_end() {
        assert_eq!(to_plain(&[line(), Line::default()]), "a b\n\n");
    }

    #[test]
    fn styles_become_escape_sequences_and_end_with_the_line() {
        assert_eq!(to_ansi(&[line()]), "a \x1b[1;38;5;71mb\x1b[0m\n");
    }
}
