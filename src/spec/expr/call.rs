//! Names and calls: `lambda_max`, `flat.lambda_max`, `max(lambda_max over alpha)`, `mean(x, after: 0.5)`.

use std::ops::Range;

use super::function::Shape;
use super::lexer::Token;
use super::parser::{Parser, binding};
use super::{Along, Expr, Function, Node, Problem};
use crate::base::suggest;

impl Parser<'_> {
    /// What begins with `word`, the token at hand.
    pub(super) fn named(&mut self, word: &str) -> Result<Expr, Problem> {
        let span = self.advance();
        match self.peek() {
            Token::Sign('(') => self.call(word, span),
            Token::Sign('.') => {
                self.advance();
                let Token::Word(name) = self.peek() else {
                    return Err(self.unexpected("a measure or setting"));
                };
                let node = Node::Of { arm: word.to_owned(), name: name.to_owned() };
                Ok(Expr { node, span: span.start..self.advance().end })
            }
            _ => match Function::named(word) {
                Some(function) => {
                    Err(Problem::new(format!("`{word}` is a function"), span).help(function.usage()))
                }
                None => Ok(Expr { node: Node::Name(word.to_owned()), span }),
            },
        }
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<Expr, Problem> {
        let Some(function) = Function::named(name) else {
            let known: Vec<_> = Function::all().map(Function::name).collect();
            let error = Problem::new(format!("there is no function `{name}`"), span);
            return Err(error.help(suggest::advice(name, &known)));
        };
        self.expect('(')?;
        let mut arguments = vec![self.number()?];
        if function == Function::First {
            arguments.push(self.condition(function)?);
        }
        while self.peek() == Token::Sign(',') && !self.after_follows() {
            self.advance();
            arguments.push(self.number()?);
        }
        let over = self.over()?;
        let after = self.after()?;
        let span = span.start..self.expect(')')?.end;
        let along = along(function, over, after, &span)?;
        fits(function, arguments.len(), &along, &span)?;
        Ok(Expr { node: Node::Call { function, arguments, along }, span })
    }

    /// `where p`
    fn condition(&mut self, function: Function) -> Result<Expr, Problem> {
        if self.peek() != Token::Word("where") {
            return Err(self.unexpected("`where CONDITION`").help(function.usage()));
        }
        self.advance();
        let condition = self.expression(binding::OR)?;
        if condition.is_truth() {
            return Ok(condition);
        }
        Err(Problem::new("a number is neither true nor false", condition.span)
            .help("compare it: `train_loss < 1e-6`"))
    }

    /// `, after` at hand?
    fn after_follows(&self) -> bool {
        self.peek_second() == Token::Word("after")
    }

    fn over(&mut self) -> Result<Option<Expr>, Problem> {
        if self.peek() != Token::Word("over") {
            return Ok(None);
        }
        self.advance();
        self.number().map(Some)
    }

    fn after(&mut self) -> Result<Option<f64>, Problem> {
        if self.peek() != Token::Sign(',') {
            return Ok(None);
        }
        self.advance();
        if self.peek() != Token::Word("after") {
            return Err(self.unexpected("`after: FRACTION`"));
        }
        self.advance();
        self.expect(':')?;
        match self.peek() {
            Token::Number(fraction) if (0.0..1.0).contains(&fraction) => {
                self.advance();
                Ok(Some(fraction))
            }
            _ => Err(self.unexpected("a fraction of training, at least 0 and less than 1")),
        }
    }
}

/// What a call collapses, from what it was told.
fn along(
    function: Function,
    over: Option<Expr>,
    after: Option<f64>,
    span: &Range<usize>,
) -> Result<Along, Problem> {
    match (over, after) {
        (Some(_), Some(_)) => {
            let name = function.name();
            Err(Problem::new("`over` and `after` each need a function of their own", span.clone())
                .help(format!("write `{name}({name}(x, after: 0.5) over AXIS)`")))
        }
        (Some(over), None) => Ok(Along::Axes(Box::new(over))),
        (None, Some(fraction)) => Ok(Along::Training(fraction)),
        // These speak of training even when not told so.
        (None, None) if matches!(function.shape(), Shape::Final | Shape::Training) => {
            Ok(Along::Training(0.0))
        }
        (None, None) => Ok(Along::Nothing),
    }
}

/// Whether the function can be called like that.
fn fits(function: Function, arguments: usize, along: &Along, span: &Range<usize>) -> Result<(), Problem> {
    let fits = match (function.shape(), along) {
        (Shape::Reduction | Shape::Extremum, Along::Axes(_) | Along::Training(_))
        | (Shape::Final | Shape::Sweep, Along::Axes(_))
        | (Shape::Training, Along::Training(_)) => arguments == 1,
        (Shape::Final, Along::Training(after)) => arguments == 1 && *after == 0.0,
        (Shape::Extremum, Along::Nothing) => arguments > 1,
        (Shape::Correlation, Along::Nothing | Along::Axes(_))
        | (Shape::Effect, Along::Nothing)
        | (Shape::Search, Along::Axes(_)) => arguments == 2,
        (Shape::Pointwise(count) | Shape::Vectors(count), Along::Nothing) => arguments == count,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let message = match (function.shape(), along) {
        (Shape::Reduction | Shape::Extremum, Along::Nothing) if arguments == 1 => {
            format!("say what `{}` is taken over (seeds are averaged anyway)", function.name())
        }
        _ => format!("`{}` is not called like this", function.name()),
    };
    Err(Problem::new(message, span.clone()).help(function.usage()))
}
