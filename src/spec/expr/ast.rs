//! The syntax tree, and the names that stand in it.

use std::ops::Range;

use super::Function;

/// An expression with the bytes it was read from.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Its bytes within the text of `expect`.
    pub span: Range<usize>,
}

/// Two expressions are equal if they say the same; where they were written does not matter, so that reformatting
/// a cell changes nothing.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
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
    /// `-x`
    Negate(Box<Expr>),
    /// `a * b`
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// `max(lambda_max over alpha)`
    Call {
        /// What is called.
        function: Function,
        /// What it is called on; as many as the function takes.
        arguments: Vec<Expr>,
        /// What it collapses.
        along: Along,
    },
    /// `a < b`: true or false.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `x within [0.8, 1.25] * train`: true or false.
    Within(Box<Expr>, Box<Interval>),
    /// `p and q`: true or false.
    Connect(Connective, Box<Expr>, Box<Expr>),
    /// `not p`: true or false.
    Not(Box<Expr>),
}

/// What a call collapses.
#[derive(Clone, Debug, PartialEq)]
pub enum Along {
    /// Nothing: it works on single numbers (`log(x)`), or on all sweep points (`kendall(a, b)`).
    Nothing,
    /// `over x`: the sweep points along the axes that `x` names, at the positions `x`.
    Axes(Box<Expr>),
    /// `after: 0.5`: the recorded steps past this fraction of training, in [0, 1).
    Training(f64),
}

/// A closed interval, scaled as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: Expr,
    /// Its upper end.
    pub high: Expr,
    /// What both ends are multiplied with or divided by, in order; only [`Arithmetic::Times`] and
    /// [`Arithmetic::Over`].
    pub scale: Vec<(Arithmetic, Expr)>,
}

/// Arithmetic on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `^`
    Power,
}

/// Comparisons of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

/// Two truths made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connective {
    /// Both.
    And,
    /// At least one.
    Or,
}

/// A name in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The arm before the dot, if there is one.
    pub arm: Option<&'a str>,
    /// The measure, constant, setting or axis.
    pub name: &'a str,
}

impl Arithmetic {
    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
            Self::Power => "^",
        }
    }

    /// What it comes to.
    pub fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
            Self::Power => left.powf(right),
        }
    }
}

impl Comparison {
    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::Unequal => "!=",
        }
    }
}

impl Connective {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
        }
    }
}

impl Expr {
    /// A number that is written out; a negative one as its parts, as the parser reads it.
    pub fn literal(value: f64, span: Range<usize>) -> Self {
        if value.is_sign_negative() {
            let size = Self { node: Node::Number(-value), span: span.clone() };
            return Self { node: Node::Negate(Box::new(size)), span };
        }
        Self { node: Node::Number(value), span }
    }

    /// Whether it is true or false rather than a number.
    pub fn is_truth(&self) -> bool {
        matches!(self.node, Node::Compare(..) | Node::Within(..) | Node::Connect(..) | Node::Not(_))
    }

    /// Its direct parts, in the order written.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Number(_) | Node::Name(_) | Node::Of { .. } => Vec::new(),
            Node::Negate(inner) | Node::Not(inner) => vec![inner],
            Node::Arithmetic(_, left, right)
            | Node::Compare(_, left, right)
            | Node::Connect(_, left, right) => {
                vec![left, right]
            }
            Node::Call { arguments, along, .. } => {
                let over = if let Along::Axes(over) = along { Some(over.as_ref()) } else { None };
                arguments.iter().chain(over).collect()
            }
            Node::Within(value, interval) => {
                let scale = interval.scale.iter().map(|(_, factor)| factor);
                [value.as_ref(), &interval.low, &interval.high].into_iter().chain(scale).collect()
            }
        }
    }

    /// Every name in it with its place, in the order written.
    pub fn names(&self) -> Vec<(Reference<'_>, Range<usize>)> {
        match &self.node {
            Node::Name(name) => vec![(Reference { arm: None, name }, self.span.clone())],
            Node::Of { arm, name } => vec![(Reference { arm: Some(arm), name }, self.span.clone())],
            _ => self.parts().into_iter().flat_map(Expr::names).collect(),
        }
    }
}
