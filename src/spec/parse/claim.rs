//! `yaml compare` and `yaml claim`.

use super::{id, measures, name};
use crate::spec::cell::{Claim, ClaimKind, Compare, Must};
use crate::spec::expr;
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// Reads a compare cell.
pub fn compare(text: &str) -> Result<Compare, Problem> {
    let root = yaml::parse(text)?;
    let fields = Fields::new("compare", &root, &["id", "of", "show", "baseline"])?;
    Ok(Compare {
        id: fields.get("id").map_or(Ok(String::new()), id)?,
        of: references("of", fields.need("of")?)?,
        show: fields
            .get("show")
            .map(yaml::one_or_list)
            .unwrap_or_default()
            .iter()
            .map(measures::quantity)
            .collect::<Result<_, _>>()?,
        baseline: fields.get("baseline").map(|node| yaml::text("baseline", node)).transpose()?,
    })
}

const CLAIM_KEYS: [&str; 9] =
    ["id", "says", "source", "kind", "from", "let", "expect", "smallest_effect", "must"];

/// Reads a claim cell.
pub fn claim(text: &str) -> Result<Claim, Problem> {
    let root = yaml::parse(text)?;
    let fields = Fields::new("claim", &root, &CLAIM_KEYS)?;
    let kind = match fields.get("kind") {
        Some(node) => yaml::word("kind of claim", node, &KINDS)?,
        None => ClaimKind::Direction,
    };
    let expect_node = match kind {
        ClaimKind::Undefined => fields.get("expect"),
        _ => Some(fields.need("expect")?),
    };
    let expect_text = expect_node.map_or(Ok(String::new()), |node| yaml::text("expect", node))?;
    let expect_at = expect_node.map_or(0, |node| place_of(text, node, &expect_text));
    let expect = expect_node.map(|_| expression(expect_at, &expect_text)).transpose()?;
    let from = match fields.get("from") {
        Some(node) => references("from", node)?,
        None if matches!(kind, ClaimKind::Undefined | ClaimKind::Identity) => Vec::new(),
        None => references("from", fields.need("from")?)?,
    };
    Ok(Claim {
        id: id(fields.need("id")?)?,
        says: fields.get("says").map_or(Ok(String::new()), |node| yaml::text("says", node))?,
        source: words("source", &fields)?,
        kind,
        from,
        constants: constants(&fields)?,
        expect,
        expect_text,
        expect_at,
        smallest_effect: fields
            .get("smallest_effect")
            .map_or(Ok(0.0), |node| yaml::number_in("smallest_effect", node, 0.0, f64::INFINITY))?,
        must: fields
            .get("must")
            .map(|node| {
                yaml::word("must", node, &[("supported", Must::Supported), ("refuted", Must::Refuted)])
            })
            .transpose()?,
    })
}

const KINDS: [(&str, ClaimKind); 6] = [
    ("identity", ClaimKind::Identity),
    ("law", ClaimKind::Law),
    ("direction", ClaimKind::Direction),
    ("universal", ClaimKind::Universal),
    ("existence", ClaimKind::Existence),
    ("undefined", ClaimKind::Undefined),
];

/// Where the expression starts within the cell: a plain scalar on one line stands there as it is, a quoted or
/// folded one is pointed at as a whole.
fn place_of(cell: &str, node: &Node, expect: &str) -> usize {
    let written = cell.get(node.span.clone()).and_then(|written| written.find(expect));
    node.span.start + written.unwrap_or(0)
}

fn expression(at: usize, expect: &str) -> Result<expr::Expr, Problem> {
    expr::parse(expect).map_err(|error| {
        let problem = Problem::new(error.message, at + error.span.start..at + error.span.end);
        error.help.into_iter().fold(problem, Problem::help)
    })
}

fn words(what: &str, fields: &Fields<'_>) -> Result<Vec<String>, Problem> {
    fields
        .get(what)
        .map(yaml::one_or_list)
        .unwrap_or_default()
        .iter()
        .map(|node| yaml::text(what, node))
        .collect()
}

/// `cell` or `entry#cell`, one or several.
fn references(what: &str, node: &Node) -> Result<Vec<String>, Problem> {
    let items = yaml::one_or_list(node);
    if items.is_empty() {
        return Err(Problem::new(format!("`{what}` names no cell"), node.span.clone()));
    }
    items.iter().map(|item| yaml::text(what, item)).collect()
}

/// `let: {N: 1e6, c: 3}`.
fn constants(fields: &Fields<'_>) -> Result<Vec<(String, f64)>, Problem> {
    let Some(node) = fields.get("let") else { return Ok(Vec::new()) };
    let Value::Map(entries) = &node.value else {
        return Err(Problem::new(format!("`let` must be a map, not {}", node.kind()), node.span.clone()));
    };
    entries
        .iter()
        .map(|(key, value)| {
            name("a constant", &key.name, &key.span)?;
            Ok((key.name.clone(), yaml::number(&key.name, value)?))
        })
        .collect()
}
