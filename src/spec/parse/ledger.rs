//! `yaml ledger`: every claim of the notebook by its source.

use super::id;
use crate::spec::cell::{Ledger, LedgerPart};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// Most claims that a source has.
const MOST: u64 = 10_000;

/// The parts by their names.
const PARTS: [(&str, LedgerPart); 5] = [
    ("claims", LedgerPart::Claims),
    ("groups", LedgerPart::Groups),
    ("contradictions", LedgerPart::Contradictions),
    ("overview", LedgerPart::Overview),
    ("untested", LedgerPart::Untested),
];

/// Reads a ledger cell.
pub fn ledger(text: &str) -> Result<Ledger, Problem> {
    let root = yaml::parse(text)?;
    let fields = Fields::new("ledger", &root, &["id", "sources", "contradictions", "groups", "show"])?;
    let sources = named(&fields, "sources", "{S0: 15}", |count| yaml::whole("a source", count, 1, MOST))?;
    let groups = named(&fields, "groups", "{norm: [S2-1, S3-5]}", |ids| texts("groups", ids))?;
    let contradictions = match fields.get("contradictions") {
        None => Vec::new(),
        Some(Node { value: Value::List(pairs), .. }) => {
            pairs.iter().map(contradiction).collect::<Result<_, Problem>>()?
        }
        Some(node) => {
            let what = format!("`contradictions` must be a list of lists, not {}", node.kind());
            return Err(Problem::new(what, node.span.clone()));
        }
    };
    let show = match fields.get("show") {
        None => LedgerPart::ALL.to_vec(),
        Some(node) => yaml::one_or_list(node)
            .iter()
            .map(|part| yaml::word("show", part, &PARTS))
            .collect::<Result<_, _>>()?,
    };
    Ok(Ledger { id: fields.get("id").map_or(Ok(String::new()), id)?, sources, contradictions, groups, show })
}

/// The entries of the map under `key`, in their order; none where it is not given.
fn named<T>(
    fields: &Fields<'_>,
    key: &str,
    example: &str,
    read: impl Fn(&Node) -> Result<T, Problem>,
) -> Result<Vec<(String, T)>, Problem> {
    match fields.get(key) {
        None => Ok(Vec::new()),
        Some(Node { value: Value::Map(entries), .. }) => {
            entries.iter().map(|(name, value)| Ok((name.name.clone(), read(value)?))).collect()
        }
        Some(node) => {
            let what = format!("`{key}` must be a map such as {example}, not {}", node.kind());
            Err(Problem::new(what, node.span.clone()))
        }
    }
}

fn texts(what: &str, node: &Node) -> Result<Vec<String>, Problem> {
    yaml::one_or_list(node).iter().map(|item| yaml::text(what, item)).collect()
}

fn contradiction(node: &Node) -> Result<Vec<String>, Problem> {
    let ids = texts("contradictions", node)?;
    if ids.len() < 2 {
        let what = "a contradiction is between two sources at least, `[S1-29, S3-4]`";
        return Err(Problem::new(what, node.span.clone()));
    }
    Ok(ids)
}
