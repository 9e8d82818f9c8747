//! A line that is being typed: the filter of the log, or what to search an entry for.

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It filters the log.
    Filter,
    /// It searches the entry.
    Search,
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
const LONGEST: usize = 200;

impl Prompt {
    /// An empty line; `before` is what it takes the place of.
    pub fn new(purpose: Purpose, before: String, origin: usize) -> Self {
        Self { purpose, text: String::new(), before, origin }
    }

    /// Adds what was typed or pasted; line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        for character in crate::base::text::clean_line(text).chars() {
            if self.text.len() + character.len_utf8() <= LONGEST {
                self.text.push(character);
            }
        }
    }

    /// Takes the last word back, with the space after it.
    pub fn erase_word(&mut self) {
        let kept = self.text.trim_end();
        let start = kept.rfind(' ').map_or(0, |space| space + 1);
        self.text.truncate(start);
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
