//! The name of an entry's file: `YYYY-MM-DD-slug.md`.

use std::fmt;

use crate::base::clock::is_date;

/// A file name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName {
    /// `2026-11-22`: a real date.
    pub date: String,
    /// `flat-vs-sharp`: what links and commands call it.
    pub slug: String,
}

const ENDING: &str = ".md";
const DATE_LENGTH: usize = 10;

/// A slug without its date, if it has one.
pub fn undated(slug: &str) -> &str {
    let rest = slug.get(DATE_LENGTH + 1..).filter(|rest| !rest.is_empty());
    let dated = slug.bytes().take(DATE_LENGTH + 1).filter(|byte| *byte == b'-').count() == 3;
    rest.filter(|_| dated).unwrap_or(slug)
}

impl EntryName {
    /// Takes `2026-11-22-flat-vs-sharp.md` apart; `None` if the file is not named like an entry.
    pub fn parse(file_name: &str) -> Option<Self> {
        let stem = file_name.strip_suffix(ENDING)?;
        let (date, rest) = stem.split_at_checked(DATE_LENGTH)?;
        let slug = rest.strip_prefix('-')?;
        let valid = is_date(date) && !slug.is_empty() && !slug.contains(['/', '\\']) && !has_control(slug);
        valid.then(|| Self { date: date.to_owned(), slug: slug.to_owned() })
    }

    /// The name for a new entry: its title in lower case, everything but letters and digits turned into hyphens.
    pub fn for_title(date: &str, title: &str) -> Self {
        let lower = title.to_lowercase();
        let words: Vec<_> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let slug = if words.is_empty() { "entry".to_owned() } else { shortened(&words) };
        Self { date: date.to_owned(), slug }
    }

    /// `2026-11-22-flat-vs-sharp`.
    pub fn stem(&self) -> String {
        format!("{}-{}", self.date, self.slug)
    }

    /// `flat vs sharp`: a title for want of a better one.
    pub fn words(&self) -> String {
        self.slug.replace(['-', '_'], " ")
    }
}

/// The file name.
impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{ENDING}", self.stem())
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Words joined by hyphens, as many as stay readable in a list (and far below the 255 bytes of a file name).
fn shortened(words: &[&str]) -> String {
    const LONGEST: usize = 60;
    let mut slug = String::new();
    for word in words {
        if !slug.is_empty() && slug.chars().count() + 1 + word.chars().count() > LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().take(LONGEST));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dated_markdown_file_is_an_entry() {
        let name = EntryName::parse("2026-11-22-flat-vs-sharp.md").unwrap();
        assert_eq!((name.date.as_str(), name.slug.as_str()), ("2026-11-22", "flat-vs-sharp"));
        assert_eq!(name.to_string(), "2026-11-22-flat-vs-sharp.md");
        assert_eq!(name.words(), "flat vs sharp");
        let bad = [
            "README.md",
            "2026-13-01-x.md",
            "2026-11-22.md",
            "2026-11-22-.md",
            "2026-11-22-x.txt",
            "é.md",
            "",
        ];
        for file in bad {
            assert_eq!(EntryName::parse(file), None, "{file}");
        }
    }

    #[test]
    fn titles_become_names_that_parse_back() {
        for (title, slug) in [
            ("Are small-batch minima flatter?", "are-small-batch-minima-flatter"),
            ("P ≈ M log M?", "p-m-log-m"),
            ("  ../..", "entry"),
            ("Größe", "größe"),
        ] {
            let name = EntryName::for_title("2026-11-22", title);
            assert_eq!(name.slug, slug);
            assert_eq!(EntryName::parse(&name.to_string()), Some(name));
        }
        assert!(EntryName::for_title("2026-11-22", &"long ".repeat(99)).slug.len() <= 60);
    }
}
