//! The canonical text of an expression: single spaces, no needless brackets. Reading it gives the same tree.

use std::fmt::{self, Display, Formatter};

use super::function::Shape;
use super::parser::binding;
use super::{Along, Arithmetic, Connective, Expr, Function, Interval, Node};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Number(value) => number(*value, f),
            Node::Name(name) => f.write_str(name),
            Node::Of { arm, name } => write!(f, "{arm}.{name}"),
            Node::Negate(inner) => write!(f, "-{}", At(inner, binding::NEGATION)),
            Node::Not(inner) => write!(f, "not {}", At(inner, binding::NOT)),
            // `^` groups to the right, and its exponent may begin with a minus.
            Node::Arithmetic(Arithmetic::Power, left, right) => {
                write!(f, "{}^{}", At(left, binding::ATOM), At(right, binding::NEGATION))
            }
            Node::Arithmetic(sign, left, right) => infix(self, left, sign.sign(), right, f),
            Node::Connect(connective, left, right) => infix(self, left, connective.word(), right, f),
            Node::Compare(comparison, left, right) => {
                let (left, right) = (At(left, binding::SUM), At(right, binding::SUM));
                write!(f, "{left} {} {right}", comparison.sign())
            }
            Node::Within(value, interval) => write!(f, "{} within {interval}", At(value, binding::SUM)),
            Node::Call { function, arguments, along } => {
                write!(f, "{}(", function.name())?;
                let between = if *function == Function::First { " where " } else { ", " };
                for (index, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if index == 0 { "" } else { between })?;
                }
                match along {
                    Along::Axes(over) => write!(f, " over {over}")?,
                    Along::Training(0.0) if matches!(function.shape(), Shape::Final | Shape::Training) => {}
                    Along::Training(after) => write!(f, ", after: {after}")?,
                    Along::Nothing => {}
                }
                f.write_str(")")
            }
        }
    }
}

impl Display for Interval {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", self.low, self.high)?;
        for (sign, factor) in &self.scale {
            write!(f, " {} {}", sign.sign(), At(factor, binding::POWER))?;
        }
        Ok(())
    }
}

/// An expression where something that binds at least so tightly is due.
struct At<'a>(&'a Expr, u8);

impl Display for At<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if tightness(self.0) < self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

/// Operators that group to the left: the right operand must bind more tightly than they do.
fn infix(whole: &Expr, left: &Expr, sign: &str, right: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    let tightness = tightness(whole);
    write!(f, "{} {sign} {}", At(left, tightness), At(right, tightness + 1))
}

fn tightness(expr: &Expr) -> u8 {
    match &expr.node {
        Node::Connect(Connective::Or, ..) => binding::OR,
        Node::Connect(Connective::And, ..) => binding::AND,
        Node::Not(_) => binding::NOT,
        Node::Compare(..) | Node::Within(..) => binding::COMPARISON,
        Node::Arithmetic(Arithmetic::Plus | Arithmetic::Minus, ..) => binding::SUM,
        Node::Arithmetic(Arithmetic::Times | Arithmetic::Over, ..) => binding::PRODUCT,
        Node::Negate(_) => binding::NEGATION,
        Node::Arithmetic(Arithmetic::Power, ..) => binding::POWER,
        Node::Number(_) | Node::Name(_) | Node::Of { .. } | Node::Call { .. } => binding::ATOM,
    }
}

/// The shortest digits that read back as the same number.
fn number(value: f64, f: &mut Formatter<'_>) -> fmt::Result {
    if value == 0.0 || (1e-5..1e15).contains(&value) { write!(f, "{value}") } else { write!(f, "{value:e}") }
}
