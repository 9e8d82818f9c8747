//! What could stand at the cursor. In a cell the parser itself is asked: a word that cannot be right is put where the
//! cursor is, and its complaint names all that would have been; so what is offered is what is accepted.

use super::check;
use super::regions::{Region, RegionKind, at};
use crate::entry::CellKind;
use crate::spec::{CATALOGUE, Context, Experiment, parse, yaml};

/// What is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is to be completed.
    pub from: usize,
    /// What it could become.
    pub words: Vec<String>,
    /// Which of them is chosen.
    pub at: usize,
}

/// Names that only the notebook knows.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'a> {
    /// Its datasets.
    pub datasets: &'a [String],
    /// Its entries, by slug.
    pub entries: &'a [String],
    /// Its tags.
    pub tags: &'a [String],
}

/// A word that is near to none.
const NONSENSE: &str = "qzxjvkqzxjvk";

/// Most words that are offered.
const MOST: usize = 8;

/// What the word before byte `cursor` could become; `None` where nothing is known, or it stands there already.
pub fn complete(
    text: &str,
    cursor: usize,
    regions: &[Region],
    vocabulary: &Vocabulary<'_>,
) -> Option<Completion> {
    let before = text.get(..cursor)?;
    let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    let region = at(regions, cursor);
    let (from, known) = match region {
        None => link(line).map(|typed| (cursor - typed.len(), vocabulary.entries.to_vec()))?,
        Some(region) => {
            let typed = &line[line.rfind(|c: char| !is_word(c)).map_or(0, |at| at + char_len(line, at))..];
            if typed.is_empty() {
                return None;
            }
            (cursor - typed.len(), accepted(text, cursor - typed.len(), cursor, region, regions, vocabulary))
        }
    };
    let typed = text.get(from..cursor)?.to_lowercase();
    let begins = |word: &&String| word.to_lowercase().starts_with(&typed);
    let contains = |word: &&String| !begins(word) && word.to_lowercase().contains(&typed);
    let words: Vec<String> =
        known.iter().filter(begins).chain(known.iter().filter(contains)).take(MOST).cloned().collect();
    let done = words.is_empty() || matches!(words.as_slice(), [only] if *only == typed);
    (!done).then_some(Completion { from, words, at: 0 })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

fn char_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// What was typed of a `[[link`.
fn link(line: &str) -> Option<&str> {
    let typed = &line[line.rfind("[[")? + 2..];
    (!typed.contains(']')).then_some(typed)
}

/// The words that may stand in the place of the bytes `from..to`.
fn accepted(
    text: &str,
    from: usize,
    to: usize,
    region: &Region,
    regions: &[Region],
    vocabulary: &Vocabulary<'_>,
) -> Vec<String> {
    let (Some(head), Some(tail)) = (text.get(region.text.start..from), text.get(to..region.text.end)) else {
        return Vec::new();
    };
    if matches!(region.kind, RegionKind::Code(_)) {
        return Vec::new();
    }
    // A word is a value, or a key of which the rest is not typed yet, perhaps in brackets that are not closed yet.
    let closing = yaml::closing(head);
    let closings = closing.char_indices().map(|(at, bracket)| &closing[..at + bracket.len_utf8()]);
    let context = Context { datasets: vocabulary.datasets.to_vec() };
    let asked = std::iter::once("").chain(closings).find_map(|closing| {
        let asked = |word: &str| asked(&region.kind, &format!("{head}{word}{closing}{tail}"), &context);
        asked(NONSENSE).or_else(|| asked(&format!("{NONSENSE}: 0")))
    });
    asked.unwrap_or_else(|| match region.kind {
        RegionKind::Front => of_entries(head, vocabulary),
        _ => named(head, text, regions, &context),
    })
}

/// What the parser would have taken for the nonsense.
fn asked(kind: &RegionKind, yaml: &str, context: &Context) -> Option<Vec<String>> {
    let problem = check::problem(kind, yaml, &context.datasets)?;
    let words = problem.message.contains(NONSENSE).then_some(problem.help)??;
    let words = words.strip_prefix("one of ")?;
    Some(words.split(", ").map(|word| word.trim_matches('`').to_owned()).collect())
}

/// Names that the notebook gives to front matter: tags, and entries that this one takes the place of.
fn of_entries(head: &str, vocabulary: &Vocabulary<'_>) -> Vec<String> {
    let mut keys = head.lines().filter(|line| !line.starts_with([' ', '-']));
    match keys.next_back().and_then(|line| line.split(':').next()) {
        Some("tags") => vocabulary.tags.to_vec(),
        Some("supersedes") => vocabulary.entries.to_vec(),
        _ => Vec::new(),
    }
}

/// Names that the experiments of the same text give: ids after `of` and `from`, else arms and quantities.
fn named(head: &str, text: &str, regions: &[Region], context: &Context) -> Vec<String> {
    let line = head.rsplit('\n').next().unwrap_or_default().trim_start();
    let experiments: Vec<Experiment> = regions
        .iter()
        .filter(|region| region.kind == RegionKind::Cell(CellKind::Experiment))
        .filter_map(|region| parse::experiment(text.get(region.text.clone())?, context).ok())
        .collect();
    if line.starts_with("of:") || line.starts_with("from:") {
        return experiments.into_iter().map(|experiment| experiment.id).collect();
    }
    if line.starts_with("baseline:") {
        return experiments.into_iter().flat_map(|experiment| experiment.arms).collect();
    }
    if ["expect:", "let:", "show:", "measure:"].iter().any(|key| line.starts_with(key))
        || line.starts_with("- ")
    {
        let arms = experiments.into_iter().flat_map(|experiment| experiment.arms);
        return arms.chain(CATALOGUE.iter().map(|info| info.name.to_owned())).collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::super::regions::regions;
    use super::*;

    const CELL: &str = "---\ntitle: x\n---\n[[\n```yaml experiment\nid: a\ndataset: {name: digits, train: 100, test: 100}\n\
        model: {hidden: [8]}\noptimizer: {learning_rate: 0.1}\nstop: {epochs: 2}\narms:\n  flat: {}\n  sharp: {}\n```\n\
        ```yaml compare\nof: a\n```\n```yaml claim\nid: c\nsays: x\nfrom: a\nexpect: flat.train_loss < 1\n```\n";

    /// What is offered when `typed` stands in the place of `at`.
    fn offered(at: &str, typed: &str) -> String {
        let text = CELL.replacen(at, typed, 1);
        let cursor = CELL.find(at).unwrap() + typed.len();
        let (datasets, entries) = (["digits".to_owned(), "mnist".to_owned()], ["2026-01-01-edge".to_owned()]);
        let tags = ["flatness".to_owned(), "sgd".to_owned()];
        let vocabulary = Vocabulary { datasets: &datasets, entries: &entries, tags: &tags };
        complete(&text, cursor, &regions(&text), &vocabulary)
            .map_or(String::new(), |found| found.words.join(" "))
    }

    #[test]
    fn what_is_offered_is_what_the_parser_accepts() {
        for (at, typed, expected) in [
            ("{hidden: [8]}", "{hidden: [8], act", "activation"),
            ("{learning_rate: 0.1}", "{learning_rate: 0.1, mom}", ""),
            ("title: x", "ta", "tags"),
            ("title: x", "tags: [a, fl", "flatness"),
            ("title: x", "tags:\n  - sg", "sgd"),
            ("title: x", "supersedes: [2026", "2026-01-01-edge"),
            ("title: x", "title: fl", ""),
            ("stop:", "me", "measure"),
            ("sharp: {}", "sharp: {optimizer: {schedule: {kind: cosine, wa", "warmup"),
            ("sharp: {}", "sharp: {optimizer: {kind: ad", "adam"),
            ("flat.train_loss < 1\n", "flat.train_loss < 1\n```\n```yaml ledger\nsour", "sources"),
            ("digits", "mn", "mnist"),
            ("of: a", "of: a\nbas", "baseline"),
            ("of: a", "of: a\nshow: [lam", "lambda_max"),
            ("from: a", "from: a\nkind: dir", "direction"),
            ("flat.train_loss < 1", "sh", "sharp"),
            ("[[", "[[ed", "2026-01-01-edge"),
        ] {
            let found = offered(at, typed);
            assert!(found.starts_with(expected), "{typed}: {found}");
        }
    }

    #[test]
    fn prose_is_left_alone() {
        assert_eq!(offered("[[\n", "lambda"), "");
        assert_eq!(offered("[[\n", "[[x]] la"), "");
    }
}
