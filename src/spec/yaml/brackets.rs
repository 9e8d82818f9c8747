//! Brackets and quotes that a half-written text leaves open: what a slip is about, and what completion must close.

/// What closes the brackets that `text` leaves open, the innermost first.
pub fn closing(text: &str) -> String {
    open_brackets(text).into_iter().rev().map(|(_, bracket)| counterpart(bracket)).collect()
}

/// What closes a bracket.
pub(super) fn counterpart(bracket: char) -> char {
    if bracket == '{' { '}' } else { ']' }
}

/// The brackets that `text` leaves open.
pub(super) fn open_brackets(text: &str) -> Vec<(usize, char)> {
    scan(text).0
}

/// The brackets that `text` leaves open, and the quote, as far as quotes and remarks let one see.
fn scan(text: &str) -> (Vec<(usize, char)>, Option<usize>) {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut quote: Option<(usize, char)> = None;
    // Whether a value may begin: only there, or within brackets, is a bracket one.
    let mut begins = true;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some((_, '"')), '\\') => drop(characters.next()),
            (Some((_, mark)), _) if mark == character => quote = None,
            (None, '#') if begins || text[..at].ends_with(' ') => {
                while characters.next_if(|(_, character)| *character != '\n').is_some() {}
            }
            (None, '"' | '\'') if begins => quote = Some((at, character)),
            (None, '{' | '[') if begins || !open.is_empty() => open.push((at, character)),
            (None, '}' | ']') => drop(open.pop()),
            // Text, within quotes or not.
            _ => {}
        }
        begins = match character {
            ' ' => begins,
            ':' | ',' | '-' | '{' | '[' | '\n' => true,
            _ => false,
        };
    }
    (open, quote.map(|(at, _)| at))
}

/// The quote that `text` opens and does not close.
pub(super) fn open_quote(text: &str) -> Option<usize> {
    scan(text).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_seen_through_quotes_and_remarks() {
        for (text, closes) in [
            ("", ""),
            ("a: {b: [1, 2", "]}"),
            ("a: {b: [1, 2]", "}"),
            ("a: {b: 'x}', c: \"]\\\"}\"", "}"),
            ("a: [1, # ]\n 2", "]"),
            ("says: is [this] a list", ""),
            ("- {a: b\n- [", "]}"),
            ("a: it's {so", ""),
        ] {
            assert_eq!(closing(text), closes, "{text}");
        }
        assert_eq!((open_quote("a: 'b"), open_quote("a: 'b'"), open_quote("it's")), (Some(3), None, None));
    }
}
