//! What went wrong, where, and what would be right.
//!
//! One type serves the command line (drawn with the source line underlined), the screen (shown in place of the
//! bad cell) and `--json`. A diagnostic always names the file; it names line and column where they are known. It
//! quotes files that a stranger may have written or named, so whatever is put into it is made fit for a terminal.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::text::clean_line;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The thing it names does not work.
    Error,
    /// The thing it names works, but probably not as meant.
    Warning,
}

/// A place in a text file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Path as the person knows it: relative to the notebook.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the offending text within the whole file.
    #[serde(skip)]
    pub span: Range<usize>,
}

/// One problem, with its place and its mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Where, if it is in a file.
    pub place: Option<Place>,
    /// What would be right, in one line.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error that is not (yet) tied to a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: clean_line(&message.into()), place: None, help: None }
    }

    /// A warning that is not (yet) tied to a place.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// The same, at the bytes `span` of `source`, the whole text of `file`.
    #[must_use]
    pub fn at(mut self, file: &str, source: &str, span: Range<usize>) -> Self {
        let start = floor_char_boundary(source, span.start);
        let end = floor_char_boundary(source, span.end.max(start));
        let before = &source[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.place = Some(Place {
            file: clean_line(file),
            line: before.matches('\n').count() + 1,
            column: source[line_start..start].chars().count() + 1,
            span: start..end,
        });
        self
    }

    /// The same, about a whole file.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        self.at(file, "", 0..0)
    }

    /// The same, with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(clean_line(&help.into()));
        self
    }
}

/// `file:line:column: message (help)`, the one-line form that editors and people jump from.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}:{}: ", place.file, place.line, place.column)?;
        }
        write!(f, "{}", self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

fn floor_char_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = "a\nbé: x\n";
        let at = source.find('x').unwrap();
        let diagnostic = Diagnostic::error("bad").at("entries/e.md", source, at..at + 1).help("good");
        assert_eq!(diagnostic.to_string(), "entries/e.md:2:5: bad (good)");
    }

    #[test]
    fn nothing_in_it_commands_a_terminal() {
        let diagnostic = Diagnostic::error("a\u{1b}[2Jb").in_file("run\u{9b}s\n/x\u{202e}").help("c\u{7}d");
        assert_eq!(diagnostic.to_string(), "runs /x:1:1: a[2Jb (cd)");
    }

    #[test]
    fn a_span_that_cuts_a_character_or_the_file_is_drawn_in() {
        let place = Diagnostic::error("bad").at("e.md", "é", 1..99).place.unwrap();
        assert_eq!(place.span, 0..2);
    }
}
