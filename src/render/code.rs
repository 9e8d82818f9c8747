//! Code and source in colours: a small tokenizer for YAML, one for Markdown source, and one for everything else
//! that knows strings, numbers, comments and the commonest keywords. No grammar: what is doubtful stays plain.

use std::ops::Range;

use super::style::Role;

/// The pieces of one line that are drawn in a role of their own, in order.
pub type Pieces = Vec<(Range<usize>, Role)>;

/// A line in a language, by the first word of its info string.
pub fn pieces(language: &str, line: &str) -> Pieces {
    match language.to_lowercase().as_str() {
        "yaml" | "yml" => yaml(line),
        "md" | "markdown" => markdown(line),
        "" | "text" | "txt" | "console" | "output" => Vec::new(),
        other => code(other, line),
    }
}

/// A line of YAML: keys, numbers, comments, quoted text.
pub fn yaml(line: &str) -> Pieces {
    let mut out = Pieces::new();
    let mut scanner = Scanner { line, at: 0 };
    while let Some(first) = scanner.peek() {
        let start = scanner.at;
        match first {
            '#' if start == 0 || line[..start].ends_with([' ', '\t']) => {
                out.push((start..line.len(), Role::Dim));
                break;
            }
            '"' | '\'' => {
                scanner.quoted(first);
                out.push((start..scanner.at, Role::Code));
            }
            '-' if scanner.rest().starts_with("- ") => scanner.skip(1),
            _ if is_word(first) || matches!(first, '-' | '+' | '.') => {
                scanner
                    .take_while(|character| is_word(character) || matches!(character, '-' | '+' | '.' | '#'));
                let word = &line[start..scanner.at];
                let rest = scanner.rest();
                if rest.starts_with(": ") || rest == ":" {
                    out.push((start..scanner.at, Role::Accent));
                } else if is_number(word) || matches!(word, "true" | "false" | "null" | "full") {
                    out.push((start..scanner.at, Role::Math));
                }
            }
            other => scanner.skip(other.len_utf8()),
        }
    }
    out
}

/// A line of Markdown source: headings, markers, code, links, mathematics.
pub fn markdown(line: &str) -> Pieces {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    if text.starts_with('#') && text.trim_start_matches('#').starts_with([' ', '\r']) {
        return vec![(0..line.len(), Role::Heading)];
    }
    if text.starts_with("```") || text.starts_with("~~~") || text.starts_with("---") || text.starts_with("> ")
    {
        return vec![(0..line.len(), Role::Dim)];
    }
    let mut out = Pieces::new();
    let number = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
    let marker =
        ["- [ ] ", "- [x] ", "- [X] ", "- ", "* ", "+ "].iter().find(|marker| text.starts_with(**marker));
    let mut at = indent;
    if let Some(marker) = marker {
        out.push((indent..indent + marker.len(), Role::Accent));
        at += marker.len();
    } else if number > 0 && text.get(number..).is_some_and(|rest| rest.starts_with(". ")) {
        out.push((indent..indent + number + 1, Role::Accent));
        at += number + 1;
    }
    let pairs: [(&str, &str, Role); 5] = [
        ("[[", "]]", Role::Accent),
        ("`", "`", Role::Code),
        ("**", "**", Role::Strong),
        ("$", "$", Role::Math),
        ("](", ")", Role::Dim),
    ];
    while at < line.len() {
        let Some(rest) = line.get(at..) else { break };
        let found = pairs.iter().find_map(|(open, close, role)| {
            let body = rest.strip_prefix(open)?;
            let end = body.find(close).filter(|end| *end > 0)?;
            Some((open.len() + end + close.len(), *role))
        });
        match found {
            Some((length, role)) => {
                out.push((at..at + length, role));
                at += length;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    out
}

/// Words that languages of research have in common. A word that is none in one language is seldom used as a name there.
const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "case", "class", "const", "continue", "def", "del",
    "do", "done", "elif", "else", "end", "enum", "except", "export", "extern", "False", "fi", "finally",
    "fn", "for", "from", "function", "global", "if", "impl", "import", "in", "is", "lambda", "let", "loop",
    "match", "mod", "mut", "None", "not", "or", "pass", "pub", "raise", "return", "select", "self", "static",
    "struct", "switch", "then", "trait", "True", "true", "false", "try", "type", "use", "using", "var",
    "void", "where", "while", "with", "yield", "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "AS",
    "JOIN", "ON",
];

/// A line of some programming language.
fn code(language: &str, line: &str) -> Pieces {
    let comment = match language {
        "rust" | "rs" | "c" | "cpp" | "c++" | "java" | "js" | "javascript" | "ts" | "go" | "cuda"
        | "json" => "//",
        "sql" | "lua" | "haskell" => "--",
        "tex" | "latex" | "matlab" => "%",
        _ => "#",
    };
    let mut out = Pieces::new();
    let mut scanner = Scanner { line, at: 0 };
    while let Some(first) = scanner.peek() {
        let start = scanner.at;
        if scanner.rest().starts_with(comment) {
            out.push((start..line.len(), Role::Dim));
            break;
        }
        match first {
            '"' => {
                scanner.quoted(first);
                out.push((start..scanner.at, Role::Code));
            }
            // A lifetime or an apostrophe is no string.
            '\'' if line[start + 1..].contains('\'') => {
                scanner.quoted(first);
                out.push((start..scanner.at, Role::Code));
            }
            _ if is_word(first) => {
                scanner.take_while(|character| is_word(character) || character == '.');
                let word = &line[start..scanner.at];
                if KEYWORDS.contains(&word) {
                    out.push((start..scanner.at, Role::Accent));
                } else if is_number(word) {
                    out.push((start..scanner.at, Role::Math));
                }
            }
            other => scanner.skip(other.len_utf8()),
        }
    }
    out
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.'))
        && word.replace('_', "").parse::<f64>().is_ok()
}

/// A place in a line.
struct Scanner<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|character| !wanted(character)).unwrap_or(rest.len());
    }

    /// Goes behind the closing quote, or to the end.
    fn quoted(&mut self, quote: char) {
        let mut escaped = false;
        let rest = self.rest();
        let mut characters = rest.char_indices().skip(1);
        let end = characters.find(|(_, character)| {
            let closes = *character == quote && !escaped;
            escaped = *character == '\\' && !escaped;
            closes
        });
        self.at += end.map_or(rest.len(), |(at, quote)| at + quote.len_utf8());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(pieces: Pieces, line: &str) -> Vec<(&str, Role)> {
        pieces.into_iter().map(|(range, role)| (&line[range], role)).collect()
    }

    #[test]
    fn yaml_has_keys_numbers_text_and_comments() {
        let line = "  flat: {batch_size: 4, name: \"a # b\"} # why";
        let expected = [
            ("flat", Role::Accent),
            ("batch_size", Role::Accent),
            ("4", Role::Math),
            ("name", Role::Accent),
            ("\"a # b\"", Role::Code),
            ("# why", Role::Dim),
        ];
        assert_eq!(told(yaml(line), line), expected);
    }

    #[test]
    fn code_has_keywords() {
        let line = "def f(x): return 0.5 * x  # half";
        let expected =
            [("def", Role::Accent), ("return", Role::Accent), ("0.5", Role::Math), ("# half", Role::Dim)];
        assert_eq!(told(pieces("python", line), line), expected);
        assert_eq!(told(pieces("rust", "let s: &'a str;"), "let s: &'a str;"), [("let", Role::Accent)]);
    }

    #[test]
    fn markdown_has_links_and_tasks() {
        let line = "- [ ] see [[flat]] and `code`";
        let expected = [("- [ ] ", Role::Accent), ("[[flat]]", Role::Accent), ("`code`", Role::Code)];
        assert_eq!(told(markdown(line), line), expected);
    }

    proptest! {
        #[test]
        fn pieces_follow_each_other_on_character_boundaries(line in any::<String>(), kind in 0_usize..4) {
            let line = line.replace('\n', " ");
            let mut end = 0;
            for (range, _) in pieces(["yaml", "md", "python", "rust"][kind], &line) {
                prop_assert!(range.start >= end && line.get(range.clone()).is_some());
                end = range.end;
            }
        }
    }
}
