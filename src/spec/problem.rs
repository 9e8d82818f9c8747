//! What is wrong with a text that a person wrote, whatever it is read as: YAML, an expectation, a filter.

use std::ops::Range;

use thiserror::Error;

/// What is wrong, and at which bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right, in one line.
    pub help: Option<String>,
    /// Where.
    pub span: Range<usize>,
}

impl Problem {
    /// A problem at `span`.
    pub fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), help: None, span }
    }

    /// The same, with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same of a text that begins at byte `at` of another.
    #[must_use]
    pub fn within(self, at: usize) -> Self {
        Self { span: at + self.span.start..at + self.span.end, ..self }
    }
}
