//! Typing over the table of runs: a filter that holds while it is typed as far as it is right, and columns.

use super::RunsPanel;
use crate::compare::runs::{Query, Shown, Source, offers};
use crate::spec::query::{self, Problem};

/// A line that is being typed over the table.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedLine {
    /// What it is.
    pub purpose: LinePurpose,
    /// What was typed.
    pub text: String,
    /// What was asked before: Esc brings it back.
    before: (Query, String),
    /// What is wrong with it; the last that was right stays in force.
    pub wrong: Option<Problem>,
    /// What its end may become.
    pub offers: Vec<String>,
    /// Which of those is taken by Tab.
    pub chosen: usize,
}

/// What a line over the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePurpose {
    /// It says which runs.
    Filter,
    /// It says what of each.
    Columns,
}

impl LinePurpose {
    /// What stands before the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Filter => "filter: ",
            Self::Columns => "columns: ",
        }
    }
}

impl RunsPanel {
    /// Begins to type.
    pub fn type_line(&mut self, purpose: LinePurpose) {
        let text = match purpose {
            LinePurpose::Filter if self.query.filter.is_everything() => String::new(),
            LinePurpose::Filter => self.query.filter.to_string() + " ",
            LinePurpose::Columns if self.columns.is_empty() => self.columns_in_words(),
            LinePurpose::Columns => self.columns.clone(),
        };
        let before = (self.query.clone(), self.columns.clone());
        self.line = Some(TypedLine { purpose, text, before, wrong: None, offers: Vec::new(), chosen: 0 });
    }

    /// The columns that are shown, as they would be typed.
    fn columns_in_words(&self) -> String {
        let Some((table, view)) = self.table.as_ref().zip(self.view.as_ref()) else { return String::new() };
        let word = |shown: &Shown| match shown.of {
            Source::Column(at) => table.columns.get(at).map(|column| column.short.clone()),
            _ => Some(shown.title.clone()),
        };
        view.columns.iter().filter_map(word).collect::<Vec<_>>().join(", ")
    }

    /// Changes the line that is typed, and lets it take effect as far as it can be understood.
    pub fn edit_line(&mut self, change: impl FnOnce(&mut String)) {
        let Some(mut line) = self.line.take() else { return };
        change(&mut line.text);
        line.offers = self.table.as_ref().map(|table| offers(&line.text, table)).unwrap_or_default();
        line.chosen = 0;
        line.wrong = match line.purpose {
            LinePurpose::Filter => self.filter_so_far(&line),
            LinePurpose::Columns => query::columns(&line.text)
                .and_then(|columns| self.ask(Query { columns, ..self.query.clone() })),
        }
        .err();
        if line.purpose == LinePurpose::Columns && line.wrong.is_none() {
            self.columns.clone_from(&line.text);
        }
        self.line = Some(line);
    }

    /// Lets a filter hold as far as it is right: of one that has a slip, what stands before.
    fn filter_so_far(&mut self, line: &TypedLine) -> Result<(), Problem> {
        let outcome = self.filter(finished(&line.text, &line.offers));
        if let Err(error) = &outcome {
            let before = line.text.get(..error.span.start).unwrap_or_default();
            let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            // Where that is no filter either, the last one stays.
            let _ = self.filter(before.strip_suffix(word).unwrap_or_default());
        }
        outcome
    }

    fn filter(&mut self, text: &str) -> Result<(), Problem> {
        let filter = query::filter(text)?;
        self.ask(Query { filter, ..self.query.clone() })
    }

    /// Is done with typing, if what was typed can be understood; whether it can.
    pub fn accept_line(&mut self) -> bool {
        let Some(line) = self.line.take() else { return true };
        let wrong = match line.purpose {
            LinePurpose::Filter => self.filter(&line.text).err(),
            LinePurpose::Columns => line.wrong.clone(),
        };
        if wrong.is_some() {
            self.line = Some(TypedLine { wrong, ..line });
        }
        self.line.is_none()
    }

    /// Is done with typing and has what was asked before.
    pub fn abandon_line(&mut self) {
        if let Some(TypedLine { before: (query, columns), .. }) = self.line.take() {
            self.columns = columns;
            // It held before.
            let _ = self.ask(query);
        }
    }
}

/// The part of a filter that is not just being typed: a word that may yet become the name of a setting would, as a word,
/// let no run pass.
fn finished<'a>(text: &'a str, offers: &[String]) -> &'a str {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let head = text.strip_suffix(word).unwrap_or_default();
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.');
    let may_become = !word.is_empty() && word.chars().all(is_name) && !offers.is_empty();
    if may_become && query::filter(head).is_ok() { head } else { text }
}
