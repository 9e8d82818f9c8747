//! The language of `expect`: its syntax tree, its parser, its check against the cells a claim is from. What an
//! expression comes to on results stands in `compare`; here it is only read, so that a slip is an error at its
//! place before anything runs.
//!
//! ```text
//! expect     = or                                      what a claim expects is true or false
//! or         = and { "or" and }
//! and        = not { "and" not }
//! not        = "not" not | comparison
//! comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum | "within" interval ]     never chained
//! interval   = "[" sum "," sum "]" { ("*" | "/") power }
//! sum        = product { ("+" | "-") product }
//! product    = negation { ("*" | "/") negation }
//! negation   = "-" negation | power                    so -x^2 is -(x^2)
//! power      = atom [ "^" negation ]                   groups to the right: 2^3^2 is 2^9
//! atom       = number | name | arm "." name | function "(" arguments ")" | "(" or ")"
//! arguments  = sum { "," sum } [ "where" or ] [ "over" sum ] [ "," "after" ":" number ]
//! ```
//!
//! `over` collapses the axes that it names (all of them if it names none, as in `over log(parameters)`); `after: f`
//! collapses a recorded curve, from the fraction `f` of its steps on.
//!
//! A constant of `let` is a `sum` of the same grammar, over the constants before it.

mod ast;
mod call;
mod check;
mod constant;
mod display;
mod factor;
mod function;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

pub use super::problem::Problem;
pub use ast::Expr;
pub use ast::{Along, Arithmetic, Comparison, Connective, Interval, Node, Reference};
pub use check::{ArmScope, Scope, check, collapsed};
pub use constant::check_constant;
pub use factor::{ARM, has_arm_factor};
pub use function::Function;
pub use parser::{parse, parse_number};
