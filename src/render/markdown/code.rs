//! Code and raw HTML: as they stand, each line cut where the view ends. Wrapped code would look like other code.

use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// The lines of `text`, indented where there is room for it.
pub(super) fn lines(text: &str, role: Role, columns: usize, look: Look) -> Vec<Spans> {
    let indent = if columns >= 8 { "  " } else { "" };
    let line = |line: &str| {
        let spans = vec![look.span(&format!("{indent}{}", expanded(line)), role)];
        width::crop(spans, columns, look)
    };
    text.trim_end_matches(['\n', '\r']).split('\n').map(line).collect()
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
