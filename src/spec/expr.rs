//! The language of `expect`: its syntax tree and its parser. What an expression comes to on results stands in
//! `compare`; here it is only read, so that a slip is an error at its place before anything runs.

use std::ops::Range;

/// An expression with the bytes it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Its bytes within the text of `expect`.
    pub span: Range<usize>,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `0.5`
    Number(f64),
    /// `test_error`, `N`, `learning_rate`: a measure of the only arm, a constant, a setting or an axis.
    Name(String),
    /// `flat.test_error`: a measure or setting of an arm.
    Of {
        /// The arm.
        arm: String,
        /// The measure, setting or axis.
        name: String,
    },
}
/// stub
pub struct ExprError { /// m
pub message: String, /// s
pub span: Range<usize>, /// h
pub help: Option<String> }
/// stub
pub fn parse(t: &str) -> Result<Expr, ExprError> { if let Some(i)=t.find(')') { return Err(ExprError{message:"x".into(),span:i..i+1,help:None}); } Ok(Expr{node:Node::Number(1.0),span:0..0}) }
