//! What the names of a query mean in a table: a column by its full name, by any end of its path that is no other's, by a
//! name given to it, or by what people call it for short.

use super::column::Kind;
use super::table::RunTable;
use crate::base::suggest;
use crate::spec::Quantity;
use crate::spec::query::{self, Name, Problem, Reduction};

/// What people call settings for short.
const SHORT: [(&str, &str); 4] =
    [("lr", "learning_rate"), ("bs", "batch_size"), ("wd", "weight_decay"), ("id", "run")];

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This column.
    Column(usize),
    /// A reduction of curves that the table does not have yet.
    Wanted(Reduction, String),
}

/// What `name` means in `table`, where some columns were given names of their own.
pub(super) fn meaning(name: &Name, table: &RunTable, given: &[query::Column]) -> Result<Meaning, Problem> {
    let alias = given
        .iter()
        .find(|column| column.alias.as_deref() == Some(&*name.text) && column.name != *name && !name.setting);
    match (alias, name.reduction) {
        (Some(column), None) => meaning(&column.name, table, &[]),
        (_, None) => at(name, table).map(Meaning::Column),
        (_, Some(reduction)) => reduced(name, reduction, table),
    }
}

fn reduced(name: &Name, reduction: Reduction, table: &RunTable) -> Result<Meaning, Problem> {
    let known =
        |name: &str| table.columns.iter().any(|column| column.kind == Kind::Measure && column.name == name);
    if !known(&name.text) && Quantity::named(&name.text).is_none() {
        return Err(unknown(&name.text, measures(table), "measure", name));
    }
    // What a run ends with is known without its curve.
    let end = if reduction == Reduction::Last { table.by_name.get(&name.text) } else { None };
    let full = format!("{} {}", reduction.name(), name.text);
    match end.or_else(|| table.by_name.get(&full)) {
        Some(&at) => Ok(Meaning::Column(at)),
        None => Ok(Meaning::Wanted(reduction, name.text.clone())),
    }
}

/// The column that a name without reduction means.
fn at(name: &Name, table: &RunTable) -> Result<usize, Problem> {
    let wanted = |at: &usize| {
        !name.setting || table.columns.get(*at).is_some_and(|column| column.kind == Kind::Setting)
    };
    let text = match name.text.as_str() {
        "tags" => "tag",
        "is" | "state" => "status",
        text => text,
    };
    if let Some(&at) = table.by_name.get(text).filter(|at| wanted(at)) {
        return Ok(at);
    }
    let long = SHORT.iter().find(|(short, _)| *short == text).map(|(_, long)| *long);
    for text in [text].into_iter().chain(long) {
        match ending(text, table).as_slice() {
            [only] => return Ok(*only),
            [] => {}
            several => return Err(ambiguous(text, several, table, name)),
        }
        // `model` is its kind, `dataset` its name.
        let parts = ["kind", "name"].map(|part| format!("{text}.{part}"));
        if let Some(&at) = parts.iter().find_map(|part| table.by_name.get(part)) {
            return Ok(at);
        }
        if let Some(&at) = long.and_then(|long| table.by_name.get(long)).filter(|at| wanted(at)) {
            return Ok(at);
        }
    }
    // A measure that no run has yet is no slip of the pen.
    if Quantity::named(text).is_some() && !name.setting {
        return Err(Problem::new(format!("no run has `{text}`"), name.span.clone()));
    }
    Err(unknown(text, known(table), "setting or measure", name))
}

/// The settings whose path ends so.
fn ending(text: &str, table: &RunTable) -> Vec<usize> {
    let dotted = format!(".{text}");
    let ends = |name: &str| name == text || name.ends_with(&dotted);
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, column)| column.kind == Kind::Setting && ends(&column.name))
        .map(|(at, _)| at)
        .collect()
}

fn ambiguous(text: &str, several: &[usize], table: &RunTable, name: &Name) -> Problem {
    let names = several.iter().filter_map(|at| table.columns.get(*at)).map(|column| column.name.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    Problem::new(format!("`{text}` could be any of {names}"), name.span.clone())
}

fn unknown<'a>(text: &str, known: impl Iterator<Item = &'a str>, what: &str, name: &Name) -> Problem {
    let error = Problem::new(format!("no {what} is called `{text}`"), name.span.clone());
    match suggest::nearest(text, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("Tab offers the names there are".to_owned()),
    }
}

/// Every name that can be written, the shortest of each column.
pub(super) fn known(table: &RunTable) -> impl Iterator<Item = &str> {
    let is_offered = |kind: Kind| kind != Kind::Reduced;
    table.columns.iter().filter(move |column| is_offered(column.kind)).map(|column| column.short.as_str())
}

/// The names of measures.
pub(super) fn measures(table: &RunTable) -> impl Iterator<Item = &str> {
    let columns = table.columns.iter().filter(|column| column.kind == Kind::Measure);
    columns.map(|column| column.name.as_str())
}
