//! The text of a query, gone through from left to right: words, quoted words, values, signs.

use super::{Comparison, Problem};

/// Words that mean something themselves.
pub(super) const KEYWORDS: [&str; 3] = ["and", "or", "not"];

/// A text and how far it is read.
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// Bytes read.
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes past white space.
    pub(super) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Goes past `sign`, if it stands here.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let here = self.rest().starts_with(sign);
        self.at += if here { sign.len() } else { 0 };
        here
    }

    /// Goes past a keyword, if it stands here as a word of its own.
    pub(super) fn take_keyword(&mut self, keyword: &str) -> bool {
        let word = self.word_ahead();
        let here = word.eq_ignore_ascii_case(keyword);
        self.at += if here { word.len() } else { 0 };
        here
    }

    /// The word that stands here; empty where none does.
    pub(super) fn word_ahead(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character: char| !is_word(character)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// The sign of a comparison that stands here.
    pub(super) fn take_comparison(&mut self) -> Option<Comparison> {
        let rest = self.rest();
        // `=~` begins with `=`, so it is looked for first.
        let signs = Comparison::SIGNS.iter().filter(|(sign, _)| rest.starts_with(sign));
        let (sign, comparison) = signs.max_by_key(|(sign, _)| sign.chars().count())?;
        self.at += sign.len();
        Some(*comparison)
    }

    /// A word, quoted or not; `None` where none stands.
    pub(super) fn take_word(&mut self) -> Result<Option<String>, Problem> {
        if self.peek() == Some('"') {
            return self.quoted().map(Some);
        }
        let word = self.word_ahead();
        self.at += word.len();
        Ok((!word.is_empty()).then(|| word.to_owned()))
    }

    /// What stands after a comparison: anything up to white space or a parenthesis, a list, or something in quotes.
    pub(super) fn take_value(&mut self) -> Result<Option<String>, Problem> {
        if self.peek() == Some('"') {
            return self.quoted().map(Some);
        }
        let rest = self.rest();
        let list = if rest.starts_with('[') { rest.find(']').map_or(0, |end| end + 1) } else { 0 };
        let ends = |character: char| character.is_whitespace() || matches!(character, '(' | ')' | '"');
        let tail = rest.get(list..).unwrap_or_default();
        let value = rest.get(..list + tail.find(ends).unwrap_or(tail.len())).unwrap_or_default();
        self.at += value.len();
        Ok((!value.is_empty()).then(|| value.to_owned()))
    }

    /// A word in quotes, in which `\` takes the meaning from the character after it.
    fn quoted(&mut self) -> Result<String, Problem> {
        let start = self.at;
        let (mut word, mut escaped) = (String::new(), false);
        for (at, character) in self.rest().char_indices().skip(1) {
            match character {
                _ if escaped => {
                    word.push(character);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.at += at + 1;
                    return Ok(word);
                }
                other => word.push(other),
            }
        }
        Err(Problem::new("the quotes are not closed", start..self.text.len()).help("write `\"` at its end"))
    }
}

/// Whether a character may stand in a word without quotes.
pub(super) fn is_word(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(character, '(' | ')' | '"' | '<' | '>' | '=' | '!' | '~' | ':' | ',' | '≤' | '≥' | '≠')
}
