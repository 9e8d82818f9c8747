//! Conditions and columns as text that is read back as the same.

use std::fmt;

use super::scanner::{KEYWORDS, is_word};
use super::{Column, Filter, Literal, Name, Reduction, Sort};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => list(f, parts, " "),
            Self::Any(parts) => list(f, parts, " OR "),
            Self::Not(part) => {
                f.write_str("NOT ")?;
                within(f, part, matches!(**part, Self::All(_) | Self::Any(_)))
            }
            Self::Has(name) => write!(f, "has:{}", word(&name.text)),
            Self::Is(name, comparison, literal) => {
                match name.reduction {
                    Some(reduction) => write!(f, "{}({})", reduction.name(), word(&name.text))?,
                    None if name.text == "has" => f.write_str("\"has\"")?,
                    None => f.write_str(&word(&name.text))?,
                }
                write!(f, "{}{literal}", comparison.sign())
            }
            Self::Word(text) => f.write_str(&word(text)),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, parts: &[Filter], between: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        // What stands side by side binds closer than OR.
        within(f, part, between == " " && matches!(part, Filter::Any(_)))?;
    }
    Ok(())
}

fn within(f: &mut fmt::Formatter<'_>, part: &Filter, parentheses: bool) -> fmt::Result {
    if parentheses { write!(f, "({part})") } else { write!(f, "{part}") }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        let plain = |character: char| !character.is_whitespace() && !matches!(character, '(' | ')' | '"');
        // What begins like a list is read to its end.
        let list = !text.starts_with('[') || text.find(']') == Some(text.len() - 1);
        // What could belong to the sign before it: `=` and `~a` are not `=~` and `a`.
        let apart = !text.starts_with(['=', '~']);
        if !text.is_empty() && text.chars().all(plain) && list && apart {
            f.write_str(text)
        } else {
            f.write_str(&quoted(text))
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reduction {
            Some(reduction) => write!(f, "{} {}", reduction.name(), word(&self.text)),
            None if self.setting => write!(f, "={}", word(&self.text)),
            // The name of a reduction before another word would be taken for one.
            None if Reduction::named(&self.text).is_some() => f.write_str(&quoted(&self.text)),
            None => f.write_str(&word(&self.text)),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        self.alias.as_ref().map_or(Ok(()), |alias| write!(f, " as {}", word(alias)))
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.name)
    }
}

/// A word as it is read back: in quotes where it would be taken for something else.
fn word(text: &str) -> String {
    let special = KEYWORDS.iter().chain(&["as"]).any(|keyword| text.eq_ignore_ascii_case(keyword));
    let plain = !text.is_empty() && text.chars().all(is_word) && !text.starts_with(['-', '&', '|']);
    if plain && !special { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
