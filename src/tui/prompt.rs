//! A line that is being typed: the filter of the log, or what to search an entry for.

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It filters the log.
    Filter,
    /// It searches the entry.
    Search,
    /// It searches the text that is edited.
    FindInText,
    /// It is the title of a new entry.
    Title,
    /// It is a line for today's entry.
    Line,
}

impl Purpose {
    /// What stands before the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Filter | Self::Search => "/",
            Self::FindInText => "find: ",
            Self::Title => "title of the new entry: ",
            Self::Line => "to today's log: ",
        }
    }
}

/// Adds what was typed or pasted to a line; line breaks become spaces.
pub fn insert(line: &mut String, text: &str) {
    // Not trimmed: a space is typed before the word that follows it.
    for character in crate::base::text::clean(text).replace(['\n', '\t'], " ").chars() {
        if line.len() + character.len_utf8() <= LONGEST {
            line.push(character);
        }
    }
}

/// Takes the last word of a line back, with the space after it.
pub fn erase_word(line: &mut String) {
    let start = line.trim_end().rfind(' ').map_or(0, |space| space + 1);
    line.truncate(start);
}

/// A line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What for.
    pub purpose: Purpose,
    /// What was typed.
    pub text: String,
    /// What stood there before: Esc brings it back.
    pub before: String,
    /// First line seen of the entry when the search began, to come back to.
    pub origin: usize,
}

/// Longest line that is taken, in bytes: a whole file pasted by mistake is cut.
const LONGEST: usize = 2000;

impl Prompt {
    /// An empty line; `before` is what it takes the place of.
    pub fn new(purpose: Purpose, before: String, origin: usize) -> Self {
        Self { purpose, text: String::new(), before, origin }
    }

    /// Adds what was typed or pasted; line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        insert(&mut self.text, text);
    }

    /// Takes the last word back, with the space after it.
    pub fn erase_word(&mut self) {
        erase_word(&mut self.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_goes_with_the_space_after_it() {
        for (before, after) in [("flat sharp ", "flat "), ("flat", ""), ("", ""), ("λ max", "λ ")] {
            let mut prompt = Prompt::new(Purpose::Search, String::new(), 0);
            prompt.insert(before);
            prompt.erase_word();
            assert_eq!(prompt.text, after, "{before:?}");
        }
    }

    #[test]
    fn pasted_text_stays_one_harmless_line() {
        let mut prompt = Prompt::new(Purpose::Filter, String::new(), 0);
        prompt.insert("a\nb\u{1b}[31m");
        assert_eq!(prompt.text, "a b[31m");
        prompt.insert(&"x".repeat(10_000));
        assert_eq!(prompt.text.len(), LONGEST);
    }
}
