//! The front matter of an entry.

use super::super::yaml::{self, Fields, Problem, Value};
use crate::base::clock;

/// What an entry says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMatter {
    /// Title.
    pub title: Option<String>,
    /// `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The question it asks.
    pub question: Option<String>,
    /// Slugs of earlier entries that it takes the place of.
    pub supersedes: Vec<String>,
}

/// Reads front matter (the text between the `---` lines).
pub fn front_matter(text: &str) -> Result<FrontMatter, Problem> {
    let root = yaml::parse(text)?;
    if root.value == Value::Null {
        return Ok(FrontMatter::default());
    }
    let fields = Fields::new("front matter", &root, &["title", "date", "tags", "question", "supersedes"])?;
    let words = |name: &str| -> Result<Vec<String>, Problem> {
        fields
            .get(name)
            .map(yaml::one_or_list)
            .unwrap_or_default()
            .iter()
            .map(|node| yaml::text(name, node))
            .collect()
    };
    let line = |name: &str| fields.get(name).map(|node| yaml::text(name, node)).transpose();
    let date = line("date")?;
    if date.as_deref().is_some_and(|date| !clock::is_date(date)) {
        let place = fields.get("date").map_or(0..0, |node| node.span.clone());
        return Err(Problem::new("`date` must be a day of the calendar", place).help("2026-11-22"));
    }
    Ok(FrontMatter {
        title: line("title")?,
        date,
        tags: words("tags")?,
        question: line("question")?,
        supersedes: words("supersedes")?,
    })
}
