//! Code and raw HTML: as they stand, each line cut where the view ends. Wrapped code would look like other code.

use crate::render::code;
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// The lines of `text`, indented where there is room for it. Of a known language its parts have colours.
pub(super) fn lines(text: &str, language: Option<&str>, columns: usize, look: Look) -> Vec<Spans> {
    let indent = if columns >= 8 { "  " } else { "" };
    let line = |line: &str| {
        let mut spans = vec![look.span(indent, Role::Text)];
        spans.extend(painted(&expanded(line), language, look));
        width::crop(spans, columns, look)
    };
    text.trim_end_matches(['\n', '\r']).split('\n').map(line).collect()
}

/// A line in the colours of its language; raw HTML, which has none, is dim.
fn painted(line: &str, language: Option<&str>, look: Look) -> Spans {
    let Some(language) = language else { return vec![look.span(line, Role::Dim)] };
    let mut spans = Spans::new();
    let mut at = 0;
    let part = |range| line.get(range).unwrap_or_default();
    // Most code is a name or a sign: only what is not has a colour besides that of code.
    let plain = if language.is_empty() { Role::Code } else { Role::Text };
    for (range, role) in code::pieces(language, line) {
        width::push(&mut spans, &look.text(part(at..range.start)), look.style(plain));
        width::push(&mut spans, &look.text(part(range.clone())), look.style(role));
        at = range.end;
    }
    width::push(&mut spans, &look.text(part(at..line.len())), look.style(plain));
    spans
}

/// `line` with its tabs as spaces.
fn expanded(line: &str) -> String {
    let mut parts = line.split('\t');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let to_next = TAB - width::width(&out) % TAB;
        out.push_str(&" ".repeat(to_next));
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_reach_their_stops() {
        assert_eq!(expanded("a\tbc\t\td"), "a   bc      d");
        assert_eq!(expanded("日\tx"), "日  x");
    }
}
