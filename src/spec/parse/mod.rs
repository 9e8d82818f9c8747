//! The schema of cells and front matter: which keys there are, what they may hold, what stands when they are
//! left out. Closed: what is not named here is an error that names its place and the nearest word that is.

mod claim;
mod dataset;
mod experiment;
mod front;
mod ledger;
mod measures;
mod model;
mod optimizer;
mod procedure;
mod training;
mod trainings;

pub use claim::{claim, compare};
pub use experiment::experiment;
pub use front::{FrontMatter, front_matter};
pub use ledger::ledger;

use crate::spec::yaml::{Node, Problem, text};

/// Most examples, and most units of a layer, that are not a slip of the finger.
const MAX_EXAMPLES: u64 = 10_000_000;
const MAX_WIDTH: u64 = 1_000_000;

/// What a cell may refer to outside itself.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Names of the datasets of the notebook.
    pub datasets: Vec<String>,
}

/// The id of a cell: lower-case words with hyphens or underscores, so that it can stand in a link, in a file name
/// and after `#` on a command line.
fn id(node: &Node) -> Result<String, Problem> {
    let id = text("id", node)?;
    let good = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-_".contains(character)
    };
    if !id.is_empty() && id.len() <= 64 && id.chars().all(good) {
        return Ok(id);
    }
    Err(Problem::new(format!("`{id}` cannot be an id"), node.span.clone())
        .help("lower-case letters, digits, `-` and `_`, at most 64"))
}

/// Words of expressions that are no names in them.
const WORDS: [&str; 7] = ["and", "or", "not", "within", "over", "where", "after"];

/// The name of an arm or a constant: a word that an `expect` can use.
fn name(what: &str, name: &str, span: &std::ops::Range<usize>) -> Result<(), Problem> {
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if WORDS.contains(&name) {
        return Err(Problem::new(format!("`{name}` cannot be the name of {what}"), span.clone())
            .help("`expect` has a meaning of its own for this word"));
    }
    if starts && name.len() <= 64 && characters.all(|other| other.is_ascii_alphanumeric() || other == '_') {
        return Ok(());
    }
    Err(Problem::new(format!("`{name}` cannot be the name of {what}"), span.clone())
        .help("letters, digits and `_`, not starting with a digit, so that `expect` can use it"))
}
