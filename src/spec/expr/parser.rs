//! From text to syntax tree, by precedence climbing (Pratt 1973). The grammar stands in the prologue of this
//! room's part. Whether a part is a number or a truth is decided here too, for it follows from the syntax alone.

use std::ops::Range;

use super::lexer::{Spanned, Token, tokens};
use super::{Arithmetic, Comparison, Connective, Expr, Interval, Node, Problem};

/// Most words and signs of one expression. Whoever walks the tree recurses, so this bounds the stack they need.
const MOST_TOKENS: usize = 1_000;
/// Most brackets, signs and `not`s inside one another.
const DEEPEST: usize = 64;

/// How tightly operators bind, loosest first.
pub(super) mod binding {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARISON: u8 = 4;
    pub const SUM: u8 = 5;
    pub const PRODUCT: u8 = 6;
    pub const NEGATION: u8 = 7;
    pub const POWER: u8 = 8;
    pub const ATOM: u8 = 9;
}

/// Reads an `expect`: something that is true or false.
pub fn parse(text: &str) -> Result<Expr, Problem> {
    let expr = whole(text)?;
    if expr.is_truth() {
        return Ok(expr);
    }
    Err(Problem::new("a number is neither true nor false", expr.span)
        .help("compare it: `… < 0.5` or `… within [0.9, 1.1]`"))
}

/// Reads the value of a constant: a number.
pub fn parse_number(text: &str) -> Result<Expr, Problem> {
    number(whole(text)?)
}

/// Reads an expression of either sort, up to the end of the text.
fn whole(text: &str) -> Result<Expr, Problem> {
    let tokens = tokens(text)?;
    if let Some((_, span)) = tokens.get(MOST_TOKENS) {
        let message = format!("an expression has at most {MOST_TOKENS} words and signs");
        return Err(Problem::new(message, span.start..text.len()));
    }
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let expr = parser.expression(binding::OR)?;
    if parser.peek() == Token::End { Ok(expr) } else { Err(parser.unexpected("the end")) }
}

/// A place in the tokens.
pub(super) struct Parser<'a> {
    tokens: Vec<Spanned<'a>>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// An expression whose operators bind at least as tightly as `tightness`.
    pub(super) fn expression(&mut self, tightness: u8) -> Result<Expr, Problem> {
        let mut left = self.prefix()?;
        while let Some((operator, binding)) =
            operator(self.peek()).filter(|(_, binding)| *binding >= tightness)
        {
            let place = self.advance();
            left = match operator {
                Operator::Arithmetic(sign) => {
                    // `^` groups to the right: what follows may bind as tightly again.
                    let next = if sign == Arithmetic::Power { binding } else { binding + 1 };
                    let right = self.expression(next)?;
                    join(number(left)?, number(right)?, |a, b| Node::Arithmetic(sign, a, b))
                }
                Operator::Comparison(comparison) => self.comparison(left, comparison, &place)?,
                Operator::Within => self.within(left)?,
                Operator::Connective(connective) => {
                    let right = self.expression(binding + 1)?;
                    join(truth(left)?, truth(right)?, |a, b| Node::Connect(connective, a, b))
                }
            };
        }
        Ok(left)
    }

    /// A number: what stands in brackets, in intervals and as an argument.
    pub(super) fn number(&mut self) -> Result<Expr, Problem> {
        number(self.expression(binding::OR)?)
    }

    fn comparison(&mut self, left: Expr, comparison: Comparison, at: &Range<usize>) -> Result<Expr, Problem> {
        if left.is_truth() {
            return Err(Problem::new("comparisons do not chain", at.clone()).help("write `a < b and b < c`"));
        }
        let right = number(self.expression(binding::SUM)?)?;
        Ok(join(left, right, |a, b| Node::Compare(comparison, a, b)))
    }

    fn within(&mut self, value: Expr) -> Result<Expr, Problem> {
        let value = number(value)?;
        let start = value.span.start;
        self.expect('[')?;
        let low = self.number()?;
        self.expect(',')?;
        let high = self.number()?;
        let mut end = self.expect(']')?.end;
        if let (Some(a), Some(b)) = (literal(&low), literal(&high))
            && a > b
        {
            return Err(Problem::new("this interval is empty", low.span.start..high.span.end)
                .help(format!("write `[{high}, {low}]`")));
        }
        let mut scale = Vec::new();
        while let Token::Sign(sign @ ('*' | '/')) = self.peek() {
            self.advance();
            let factor = number(self.expression(binding::POWER)?)?;
            end = factor.span.end;
            scale.push((if sign == '*' { Arithmetic::Times } else { Arithmetic::Over }, factor));
        }
        let interval = Box::new(Interval { low, high, scale });
        Ok(Expr { node: Node::Within(Box::new(value), interval), span: start..end })
    }

    /// An operand with the signs before it. Everything that stands inside something passes through here; chains
    /// of operators do not, and are bounded by [`MOST_TOKENS`].
    fn prefix(&mut self) -> Result<Expr, Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("more than {DEEPEST} levels inside one another");
            return Err(Problem::new(message, self.span()));
        }
        let expr = match self.peek() {
            Token::Sign('-') => {
                let start = self.advance().start;
                let inner = number(self.expression(binding::NEGATION)?)?;
                Expr { span: start..inner.span.end, node: Node::Negate(Box::new(inner)) }
            }
            Token::Word("not") => {
                let start = self.advance().start;
                let inner = truth(self.expression(binding::NOT)?)?;
                Expr { span: start..inner.span.end, node: Node::Not(Box::new(inner)) }
            }
            _ => self.atom()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn atom(&mut self) -> Result<Expr, Problem> {
        match self.peek() {
            Token::Number(value) => Ok(Expr { node: Node::Number(value), span: self.advance() }),
            Token::Word(word) if !is_keyword(word) => self.named(word),
            Token::Sign('(') => {
                let start = self.advance().start;
                let inner = self.expression(binding::OR)?;
                Ok(Expr { span: start..self.expect(')')?.end, ..inner })
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    /// The token at hand.
    pub(super) fn peek(&self) -> Token<'a> {
        self.tokens.get(self.at).map_or(Token::End, |(token, _)| *token)
    }

    /// The token after the one at hand.
    pub(super) fn peek_second(&self) -> Token<'a> {
        self.tokens.get(self.at + 1).map_or(Token::End, |(token, _)| *token)
    }

    /// The bytes of the token at hand.
    pub(super) fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0..0, |(_, span)| span.clone())
    }

    /// Goes past the token at hand and returns its bytes.
    pub(super) fn advance(&mut self) -> Range<usize> {
        let span = self.span();
        self.at += 1;
        span
    }

    /// Goes past `sign`, which must be at hand.
    pub(super) fn expect(&mut self, sign: char) -> Result<Range<usize>, Problem> {
        if self.peek() == Token::Sign(sign) {
            Ok(self.advance())
        } else {
            Err(self.unexpected(&format!("`{sign}`")))
        }
    }

    /// The complaint that something else was due.
    pub(super) fn unexpected(&self, due: &str) -> Problem {
        let found = match self.peek() {
            Token::Number(value) => format!("`{value}`"),
            Token::Word(word) => format!("`{word}`"),
            Token::Comparison(comparison) => format!("`{}`", comparison.sign()),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_owned(),
        };
        Problem::new(format!("expected {due}, found {found}"), self.span())
    }
}

/// What may stand between two operands.
enum Operator {
    Arithmetic(Arithmetic),
    Comparison(Comparison),
    Within,
    Connective(Connective),
}

/// The operator that a token is, and how tightly it binds.
fn operator(token: Token<'_>) -> Option<(Operator, u8)> {
    Some(match token {
        Token::Word("or") => (Operator::Connective(Connective::Or), binding::OR),
        Token::Word("and") => (Operator::Connective(Connective::And), binding::AND),
        Token::Word("within") => (Operator::Within, binding::COMPARISON),
        Token::Comparison(comparison) => (Operator::Comparison(comparison), binding::COMPARISON),
        Token::Sign('+') => (Operator::Arithmetic(Arithmetic::Plus), binding::SUM),
        Token::Sign('-') => (Operator::Arithmetic(Arithmetic::Minus), binding::SUM),
        Token::Sign('*') => (Operator::Arithmetic(Arithmetic::Times), binding::PRODUCT),
        Token::Sign('/') => (Operator::Arithmetic(Arithmetic::Over), binding::PRODUCT),
        Token::Sign('^') => (Operator::Arithmetic(Arithmetic::Power), binding::POWER),
        _ => return None,
    })
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "within" | "over" | "where" | "after")
}

fn join(left: Expr, right: Expr, node: impl FnOnce(Box<Expr>, Box<Expr>) -> Node) -> Expr {
    let span = left.span.start..right.span.end;
    Expr { node: node(Box::new(left), Box::new(right)), span }
}

fn number(expr: Expr) -> Result<Expr, Problem> {
    if expr.is_truth() {
        return Err(Problem::new("this is true or false, where a number is due", expr.span));
    }
    Ok(expr)
}

fn truth(expr: Expr) -> Result<Expr, Problem> {
    if expr.is_truth() {
        return Ok(expr);
    }
    Err(Problem::new("this is a number, where something true or false is due", expr.span)
        .help("compare it: `… < 0.5` or `… within [0.9, 1.1]`"))
}

/// The value of a number written out, with or without a minus.
fn literal(expr: &Expr) -> Option<f64> {
    match &expr.node {
        Node::Number(value) => Some(*value),
        Node::Negate(inner) => literal(inner).map(|value| -value),
        _ => None,
    }
}
