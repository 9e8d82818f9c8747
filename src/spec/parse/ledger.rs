//! `yaml ledger`: every claim of the notebook by its source.

use super::id;
use crate::spec::cell::Ledger;
use crate::spec::yaml::{self, Fields, Problem, Value};

/// Most claims that a source has.
const MOST: u64 = 10_000;

/// Reads a ledger cell.
pub fn ledger(text: &str) -> Result<Ledger, Problem> {
    let root = yaml::parse(text)?;
    let fields = Fields::new("ledger", &root, &["id", "sources", "contradictions"])?;
    let sources = match fields.get("sources").map(|node| (&node.value, node)) {
        None => Vec::new(),
        Some((Value::Map(entries), _)) => entries
            .iter()
            .map(|(key, count)| Ok((key.name.clone(), yaml::whole("a source", count, 1, MOST)?)))
            .collect::<Result<_, Problem>>()?,
        Some((_, node)) => {
            let what = format!("`sources` must be a map such as {{S0: 15}}, not {}", node.kind());
            return Err(Problem::new(what, node.span.clone()));
        }
    };
    let pair = |node: &yaml::Node| {
        let ids: Vec<String> = yaml::one_or_list(node)
            .iter()
            .map(|item| yaml::text("contradictions", item))
            .collect::<Result<_, _>>()?;
        if ids.len() < 2 {
            let what = "a contradiction is between two sources at least, `[S1-29, S3-4]`";
            return Err(Problem::new(what, node.span.clone()));
        }
        Ok(ids)
    };
    let contradictions = match fields.get("contradictions").map(|node| (&node.value, node)) {
        None => Vec::new(),
        Some((Value::List(pairs), _)) => pairs.iter().map(pair).collect::<Result<_, Problem>>()?,
        Some((_, node)) => {
            let what = format!("`contradictions` must be a list of lists, not {}", node.kind());
            return Err(Problem::new(what, node.span.clone()));
        }
    };
    Ok(Ledger { id: fields.get("id").map_or(Ok(String::new()), id)?, sources, contradictions })
}
