//! What of each run: columns, separated by commas (`arm, min test_loss, =optimizer.learning_rate as lr`), and by which of
//! them to sort (`-test_loss`).

use std::ops::Range;

use super::scanner::Scanner;
use super::{Name, Problem, Reduction};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it shows.
    pub name: Name,
    /// What it is called here.
    pub alias: Option<String>,
}

/// By what runs are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By which value.
    pub name: Name,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The columns that `text` names; none of an empty text.
pub fn columns(text: &str) -> Result<Vec<Column>, Problem> {
    let mut columns = Vec::new();
    let mut scanner = Scanner::new(text);
    loop {
        scanner.skip_space();
        if scanner.rest().is_empty() {
            return Ok(columns);
        }
        columns.push(column(&mut scanner)?);
        scanner.skip_space();
        if !scanner.take(",") && !scanner.rest().is_empty() {
            let span = scanner.at..scanner.at + first_word(scanner.rest());
            return Err(
                Problem::new("this is one word too many", span).help("columns are separated by commas")
            );
        }
    }
}

/// The order that `text` asks for: the name of a column, `-` before it for the greatest first.
pub fn sort(text: &str) -> Result<Sort, Problem> {
    let mut scanner = Scanner::new(text);
    scanner.skip_space();
    let descending = scanner.take("-");
    let name = name(&mut scanner)?;
    scanner.skip_space();
    if scanner.rest().is_empty() {
        return Ok(Sort { name, descending });
    }
    let span = scanner.at..text.len();
    Err(Problem::new("this is one word too many", span).help("runs are sorted by one column"))
}

fn column(scanner: &mut Scanner<'_>) -> Result<Column, Problem> {
    let name = name(scanner)?;
    scanner.skip_space();
    if !scanner.take_keyword("as") {
        return Ok(Column { name, alias: None });
    }
    scanner.skip_space();
    let at = scanner.at;
    let alias = scanner.take_word()?;
    Ok(Column { name, alias: Some(alias.ok_or_else(|| missing(at..at, "a name"))?) })
}

/// `test_loss`, `=model.hidden`, `min test_loss` or `min(test_loss)`.
fn name(scanner: &mut Scanner<'_>) -> Result<Name, Problem> {
    let setting = scanner.take("=");
    scanner.skip_space();
    let start = scanner.at;
    let quoted = scanner.peek() == Some('"');
    let text = scanner.take_word()?.ok_or_else(|| missing(start..start, "a column"))?;
    let span = start..scanner.at;
    let reduction = Reduction::named(&text).filter(|_| !quoted && !setting);
    let whole = Name { text, reduction: None, setting, span };
    let Some(reduction) = reduction else { return Ok(whole) };
    let before = scanner.at;
    scanner.skip_space();
    let parenthesis = scanner.take("(");
    scanner.skip_space();
    let at = scanner.at;
    // `min as lowest`: then `min` is a name.
    let is_name = !parenthesis && scanner.word_ahead().eq_ignore_ascii_case("as");
    match scanner.take_word()?.filter(|_| !is_name) {
        Some(text) => {
            let span = at..scanner.at;
            scanner.skip_space();
            if parenthesis && !scanner.take(")") {
                return Err(Problem::new("this parenthesis is not closed", before..before + 1));
            }
            Ok(Name { text, reduction: Some(reduction), setting, span })
        }
        None if parenthesis => Err(missing(at..at, "the name of a measure")),
        None => {
            scanner.at = before;
            Ok(whole)
        }
    }
}

fn first_word(rest: &str) -> usize {
    rest.find(|character: char| character.is_whitespace() || character == ',').unwrap_or(rest.len())
}

fn missing(span: Range<usize>, what: &str) -> Problem {
    Problem::new(format!("{what} is missing here"), span)
}
