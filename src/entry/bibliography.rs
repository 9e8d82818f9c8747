//! Works that entries cite: `BibTeX`, as it stands beside them in `references.bib`.

use std::collections::{BTreeMap, btree_map};

use serde::Deserialize;
use serde_bibtex::de::Deserializer;

use crate::base::Diagnostic;
use crate::base::text::clean_line;

/// A work that can be cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What citations call it.
    pub key: String,
    /// Author and year: `Keskar et al. 2017`.
    pub short: String,
    /// Authors, title, venue, year.
    pub full: String,
}

/// Works by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bibliography {
    works: BTreeMap<String, Work>,
    /// What is wrong with its text.
    pub problems: Vec<Diagnostic>,
}

#[derive(Deserialize)]
struct Record {
    entry_key: String,
    fields: BTreeMap<String, String>,
}

impl Bibliography {
    /// Reads the text of `file`. What cannot be read is a problem and hides nothing that stands before it.
    pub fn parse(file: &str, text: &str) -> Self {
        let mut bibliography = Self::default();
        let mut problem = |message: String| {
            bibliography.problems.push(Diagnostic::warning(clean_line(&message)).in_file(file));
        };
        for record in Deserializer::from_str(text).into_iter_regular_entry::<Record>() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    problem(format!("it cannot be read further: {error}"));
                    break;
                }
            };
            match bibliography.works.entry(record.entry_key.clone()) {
                btree_map::Entry::Vacant(place) => {
                    place.insert(work(record));
                }
                btree_map::Entry::Occupied(_) => {
                    problem(format!("two works are called `{}`", record.entry_key));
                }
            }
        }
        bibliography
    }

    /// One that could not be read, and why.
    pub fn unread(problem: Diagnostic) -> Self {
        Self { works: BTreeMap::new(), problems: vec![problem] }
    }

    /// The work of this key.
    pub fn get(&self, key: &str) -> Option<&Work> {
        self.works.get(key)
    }

    /// Keys of all works.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.works.keys().map(String::as_str)
    }
}

fn work(record: Record) -> Work {
    let fields: BTreeMap<String, String> =
        record.fields.into_iter().map(|(name, value)| (name.to_lowercase(), plain(&value))).collect();
    let field = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)).cloned();
    let authors: Vec<String> = field(&["author", "editor"])
        .map(|all| all.split(" and ").map(last_name).collect())
        .unwrap_or_default();
    let year = field(&["year", "date"]).map(|date| date.chars().take(4).collect::<String>());
    let name = match authors.as_slice() {
        [] => record.entry_key.clone(),
        [one] => one.clone(),
        [one, other] => format!("{one} & {other}"),
        [one, ..] => format!("{one} et al."),
    };
    let short = [Some(name), year.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let venue = field(&["booktitle", "journal", "journaltitle", "publisher", "school", "howpublished"]);
    let volume = field(&["volume"]).filter(|_| fields.contains_key("journal"));
    let place = [venue, volume].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let arxiv = field(&["eprint"]).map(|number| format!("arXiv:{}", number.trim_start_matches("arXiv:")));
    let parts = [Some(place).filter(|place| !place.is_empty()), year, arxiv];
    let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let title = field(&["title"]).unwrap_or_else(|| "(no title)".to_owned());
    let authors = if authors.is_empty() { String::new() } else { format!("{}: ", authors.join(", ")) };
    Work { short, full: format!("{authors}{title}. {place}."), key: record.entry_key }
}

/// `Keskar` of `Keskar, Nitish Shirish` or `Nitish Shirish Keskar`.
fn last_name(name: &str) -> String {
    let name = name.trim();
    match name.split_once(',') {
        Some((last, _)) => last.trim().to_owned(),
        None => name.rsplit(' ').next().unwrap_or(name).to_owned(),
    }
}

/// Text without the marks of TeX: braces that protect capitals, accents as commands, dashes.
fn plain(tex: &str) -> String {
    let mut text = String::with_capacity(tex.len());
    let mut letters = tex.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' => {}
            '~' => text.push(' '),
            '-' if letters.next_if_eq(&'-').is_some() => {
                letters.next_if_eq(&'-');
                text.push('–');
            }
            '\\' => command(&mut letters, &mut text),
            _ => text.push(letter),
        }
    }
    clean_line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// An accent over the letter that follows, or another sign that stands for itself.
fn command(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, text: &mut String) {
    let Some(name) = letters.next() else { return };
    let accent = match name {
        '"' => '\u{308}',
        '\'' => '\u{301}',
        '`' => '\u{300}',
        '^' => '\u{302}',
        '~' => '\u{303}',
        'c' => '\u{327}',
        'v' => '\u{30c}',
        _ => return text.push(name),
    };
    let base = letters.find(|letter| !matches!(letter, '{' | '}' | ' ' | '\\'));
    let composed = base.map(|base| (base, composed(base, accent)));
    match composed {
        Some((_, Some(letter))) => text.push(letter),
        Some((base, None)) => text.extend([base, accent]),
        None => {}
    }
}

/// The letters of names that have signs of their own.
fn composed(base: char, accent: char) -> Option<char> {
    const LETTERS: [(&str, char, &str); 6] = [
        ("aouAOUei", '\u{308}', "äöüÄÖÜëï"),
        ("aeiouyAEIOU", '\u{301}', "áéíóúýÁÉÍÓÚ"),
        ("aeiou", '\u{300}', "àèìòù"),
        ("aeiou", '\u{302}', "âêîôû"),
        ("ano", '\u{303}', "ãñõ"),
        ("cCszSZ", '\u{30c}', "čČšžŠŽ"),
    ];
    let (from, _, to) = LETTERS.iter().find(|(from, of, _)| *of == accent && from.contains(base))?;
    to.chars().nth(from.chars().position(|letter| letter == base)?)
}

/// The keys of a citation as it stands between brackets: `@one; @other`.
pub fn keys(citation: &str) -> impl Iterator<Item = &str> {
    citation.split(';').map(|key| key.trim().trim_start_matches('@')).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Bibliography {
        Bibliography::parse("references.bib", text)
    }

    #[test]
    fn a_work_is_called_by_author_and_year() {
        for (text, short, full) in [
            (
                "@inproceedings{k, author = {Keskar, Nitish Shirish and Mudigere, D. and Tang, P.}, title = {On {Large}-Batch \
                 Training}, booktitle = {ICLR}, year = 2017, eprint = {1609.04836}}",
                "Keskar et al. 2017",
                "Keskar, Mudigere, Tang: On Large-Batch Training. ICLR, 2017, arXiv:1609.04836.",
            ),
            (
                "@article{k, author = \"Sepp Hochreiter and J{\\\"u}rgen Schmidhuber\", title = {Flat Minima}, journal = \
                 {Neural Computation}, volume = 9, date = {1997-01-01}}",
                "Hochreiter & Schmidhuber 1997",
                "Hochreiter, Schmidhuber: Flat Minima. Neural Computation 9, 1997.",
            ),
            ("@book{k, author = {M{\\'e}zard, Marc}, title = {T---T}}", "Mézard", "Mézard: T–T. ."),
            ("@misc{k, year = 1999}", "k 1999", "(no title). 1999."),
        ] {
            let bibliography = read(text);
            assert!(bibliography.problems.is_empty(), "{:?}", bibliography.problems);
            let work = bibliography.get("k").unwrap();
            assert_eq!((work.short.as_str(), work.full.as_str()), (short, full));
        }
    }

    #[test]
    fn what_is_wrong_hides_nothing_before_it() {
        let read = read("@misc{a, year = 1}\n@misc{a, year = 2}\n@misc{b, year = 3}\n@misc{c, year = \n");
        assert_eq!(read.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(read.get("a").unwrap().short, "a 1");
        assert_eq!(read.problems.len(), 2, "{:?}", read.problems);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(@misc\\{|[a-z,={}\"\\\\@#0-9\n~^' -]){0,40}") {
            let _ = read(&text);
            let _ = plain(&text);
        }
    }
}
