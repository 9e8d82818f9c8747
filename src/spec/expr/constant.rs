//! Constants of a claim's `let`: numbers, or expressions over the constants before them. They are known before anything
//! runs, so nothing in them may speak of results. What they come to is worked out in `compare`.

use std::ops::Range;

use super::function::Shape;
use super::{Along, Expr, Function, Node, Problem};
use crate::base::suggest;

/// What a constant may be made of, for whoever put something else into it.
const HELP: &str = "a constant is made of numbers, constants before it, `+ - * / ^` and functions of numbers";

/// Checks the value of a constant against the names of those `before` it; `rest` are its own and those after it.
pub fn check_constant(expr: &Expr, before: &[&str], rest: &[&str]) -> Result<(), Problem> {
    match &expr.node {
        Node::Name(name) => known(name, &expr.span, before, rest),
        Node::Of { arm, name } => {
            let message = format!("a constant knows no runs, so no `{arm}.{name}`");
            Err(Problem::new(message, expr.span.clone()).help(HELP))
        }
        Node::Call { function, along, .. } if !is_of_numbers(*function, along) => {
            let message = format!("`{}` goes over runs, which a constant does not know", function.name());
            Err(Problem::new(message, expr.span.clone()).help(HELP))
        }
        Node::Compare(..) | Node::Within(..) | Node::Connect(..) | Node::Not(_) => {
            Err(Problem::new("a constant is a number, not true or false", expr.span.clone()).help(HELP))
        }
        Node::Number(_) | Node::Negate(_) | Node::Arithmetic(..) | Node::Call { .. } => {
            expr.parts().into_iter().try_for_each(|part| check_constant(part, before, rest))
        }
    }
}

/// Whether a call makes one number of a few: `log(x)`, `max(x, y)`.
fn is_of_numbers(function: Function, along: &Along) -> bool {
    *along == Along::Nothing && matches!(function.shape(), Shape::Pointwise(_) | Shape::Extremum)
}

fn known(name: &str, span: &Range<usize>, before: &[&str], rest: &[&str]) -> Result<(), Problem> {
    if before.contains(&name) {
        return Ok(());
    }
    if rest.contains(&name) {
        return Err(Problem::new(format!("`{name}` is not defined yet"), span.clone())
            .help("constants are read in order: each may use those before it"));
    }
    let help = if before.is_empty() { HELP.to_owned() } else { suggest::advice(name, before) };
    Err(Problem::new(format!("no constant before this one is called `{name}`"), span.clone()).help(help))
}
