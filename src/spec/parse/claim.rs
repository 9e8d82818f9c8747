//! `yaml compare` and `yaml claim`.

use super::{id, measures, name};
use crate::spec::cell::{Claim, ClaimKind, Compare, Constant, Must, Plot};
use crate::spec::expr::{self, Expr};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// What `plot` may be.
const PLOTS: [(&str, Plot); 4] =
    [("rows", Plot::Rows), ("lines", Plot::Lines), ("scatter", Plot::Scatter), ("map", Plot::Map)];

/// Reads a compare cell.
pub fn compare(text: &str) -> Result<Compare, Problem> {
    let root = yaml::parse(text)?;
    let fields = Fields::new("compare", &root, &["id", "of", "show", "baseline", "plot"])?;
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
        plot: fields
            .get("plot")
            .map(|node| yaml::word("plot", node, &PLOTS))
            .transpose()?
            .unwrap_or_default(),
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
        constants: constants(text, &fields)?,
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

fn expression(at: usize, expect: &str) -> Result<Expr, Problem> {
    expr::parse(expect).map_err(|problem| problem.within(at))
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
    let read = |item: &Node| {
        let text = yaml::text(what, item)?;
        // The arms of a claim are named in what it expects.
        match text.split_once(':').filter(|_| what == "from") {
            Some((cell, _)) => {
                let message = format!("`{what}` names cells, and no arms: `{cell}`");
                Err(Problem::new(message, item.span.clone()))
            }
            None => Ok(text),
        }
    };
    items.iter().map(read).collect()
}

/// `let: {N: 1e6, M: 7473, bound: N / sqrt(M)}`.
fn constants(cell: &str, fields: &Fields<'_>) -> Result<Vec<Constant>, Problem> {
    let Some(node) = fields.get("let") else { return Ok(Vec::new()) };
    let Value::Map(entries) = &node.value else {
        return Err(Problem::new(format!("`let` must be a map, not {}", node.kind()), node.span.clone()));
    };
    let names: Vec<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
    let read = entries.iter().enumerate().map(|(index, (key, value))| {
        name("a constant", &key.name, &key.span)?;
        let (before, rest) = names.split_at(index);
        constant(cell, &key.name, value, before, rest)
    });
    read.collect()
}

/// One constant: a number, or an expression over those `before` it.
fn constant(
    cell: &str,
    name: &str,
    node: &Node,
    before: &[&str],
    rest: &[&str],
) -> Result<Constant, Problem> {
    let name = name.to_owned();
    let Value::Text(text) = &node.value else {
        let value = Expr::literal(yaml::number(&name, node)?, 0..node.span.len());
        return Ok(Constant { name, value, at: node.span.start });
    };
    let at = place_of(cell, node, text);
    let value = expr::parse_number(text)
        .and_then(|value| expr::check_constant(&value, before, rest).map(|()| value))
        .map_err(|problem| problem.within(at))?;
    Ok(Constant { name, value, at })
}
