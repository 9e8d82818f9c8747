//! Whether an expression speaks of what there is: arms, quantities, settings, axes and constants of the cells a
//! claim is from. Checked before anything runs, so that no experiment is wasted on a slip.

use std::ops::Range;

use super::function::Shape;
use super::{Along, Expr, Function, Node, Problem, Reference, has_arm_factor};
use crate::base::suggest;
use crate::spec::{CATALOGUE, ClaimKind, Quantity};

/// What an expression may speak of.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The kind of the claim: whether it speaks of every run, or of means over seeds.
    pub kind: ClaimKind,
    /// Arms, over all experiments the claim is from.
    pub arms: Vec<ArmScope>,
    /// Measured quantities, by column name.
    pub quantities: Vec<String>,
    /// Settings, by the last word of their path; axes may be among them.
    pub settings: Vec<String>,
    /// Constants of the claim's `let`.
    pub constants: Vec<String>,
}

/// An arm and the axes that multiply it.
#[derive(Clone, Debug)]
pub struct ArmScope {
    /// Its name.
    pub name: String,
    /// Its axes, by the last word of their path.
    pub axes: Vec<String>,
}

/// Checks every name of an expression. An axis that is left open is no error: the claim is about every point of it.
pub fn check(expr: &Expr, scope: &Scope) -> Result<(), Problem> {
    Checker { scope, axes: scope.axes(), of_each_arm: false }.expr(expr)
}

impl Scope {
    /// The axes of all arms, each once.
    pub fn axes(&self) -> Vec<&str> {
        let mut axes = Vec::new();
        for axis in self.arms.iter().flat_map(|arm| &arm.axes) {
            if !axes.contains(&axis.as_str()) {
                axes.push(axis.as_str());
            }
        }
        axes
    }

    /// Whether claims of this kind are judged run by run or group by group, so that they may leave the arm open.
    fn is_quantified(&self) -> bool {
        matches!(self.kind, ClaimKind::Identity | ClaimKind::Universal | ClaimKind::Existence)
    }
}

/// Which of `axes` a call collapses.
pub fn collapsed<'a>(function: Function, along: &Along, axes: &[&'a str]) -> Vec<&'a str> {
    match along {
        _ if function.is_over_the_grid() => axes.to_vec(),
        Along::Axes(over) => {
            let names = over.names();
            let named = |axis: &&str| names.iter().any(|(reference, _)| reference.name == *axis);
            let some: Vec<_> = axes.iter().copied().filter(named).collect();
            if some.is_empty() { axes.to_vec() } else { some }
        }
        Along::Nothing if function.is_over_points() => axes.to_vec(),
        Along::Nothing | Along::Training(_) => Vec::new(),
    }
}

/// What an expression is checked against.
#[derive(Clone)]
pub(super) struct Checker<'a> {
    /// What there is.
    pub scope: &'a Scope,
    /// The axes of all arms, each once.
    pub axes: Vec<&'a str>,
    /// Whether names stand for what each arm has, so that none may say of which.
    pub of_each_arm: bool,
}

impl Checker<'_> {
    /// Checks an expression with its parts.
    pub(super) fn expr(&self, expr: &Expr) -> Result<(), Problem> {
        match &expr.node {
            Node::Name(name) => return self.name(name, &expr.span),
            Node::Of { arm, name } => {
                Self::no_vector(name, &expr.span)?;
                return self.of(arm, name, &expr.span);
            }
            Node::Call { arguments, .. } if has_arm_factor(expr, &self.axes) => {
                return self.by_arms(arguments);
            }
            Node::Call { function, arguments, along } => {
                self.along(*function, along, &expr.span)?;
                match function.shape() {
                    Shape::Vectors(_) => return arguments.iter().try_for_each(|vector| self.vector(vector)),
                    Shape::Effect => {
                        arguments.iter().skip(1).try_for_each(|factors| self.factors(factors))?;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        expr.parts().into_iter().try_for_each(|part| self.expr(part))
    }

    /// A vector must be one that is stored entry by entry.
    fn vector(&self, expr: &Expr) -> Result<(), Problem> {
        match &expr.node {
            Node::Name(name) if Quantity::is_vector(name) => self.measured(name, &expr.span),
            Node::Of { arm, name } if Quantity::is_vector(name) => self.of(arm, name, &expr.span),
            _ => Err(Problem::new("this is no vector", expr.span.clone()).help("write `ARM.weights`")),
        }
    }

    fn name(&self, name: &str, span: &Range<usize>) -> Result<(), Problem> {
        if has(&self.scope.constants, name) {
            return Ok(());
        }
        Self::no_vector(name, span)?;
        self.measured(name, span)
    }

    fn no_vector(name: &str, span: &Range<usize>) -> Result<(), Problem> {
        if !Quantity::is_vector(name) {
            return Ok(());
        }
        Err(Problem::new(format!("`{name}` is a vector"), span.clone()).help(format!(
            "`{name}_0` is its first entry; distance(a.{name}, b.{name}) and norm(a.{name}) are numbers"
        )))
    }

    fn measured(&self, name: &str, span: &Range<usize>) -> Result<(), Problem> {
        let scope = self.scope;
        if has(&scope.constants, name) {
            return Ok(());
        }
        if !has(&scope.quantities, name) && !Quantity::is_entry(name) {
            let known = self.axes.contains(&name) || has(&scope.settings, name);
            return if known { Ok(()) } else { Err(self.unknown(name, span)) };
        }
        match scope.arms.as_slice() {
            [_] => Ok(()),
            _ if self.of_each_arm || scope.is_quantified() => Ok(()),
            arms => {
                let choices: Vec<_> = arms.iter().map(|arm| format!("`{}.{name}`", arm.name)).collect();
                Err(Problem::new(format!("`{name}` of which arm?"), span.clone())
                    .help(format!("one of {}", choices.join(", "))))
            }
        }
    }

    fn of(&self, arm: &str, name: &str, span: &Range<usize>) -> Result<(), Problem> {
        if self.of_each_arm {
            return Err(Problem::new(format!("`{arm}.{name}` is of one arm only"), span.clone())
                .help(format!("where the arms are a factor, write `{name}`: each arm has its own")));
        }
        let Some(known) = self.scope.arms.iter().find(|known| known.name == arm) else {
            let names: Vec<_> = self.scope.arms.iter().map(|arm| arm.name.as_str()).collect();
            let at = span.start..span.start + arm.len();
            return Err(
                Problem::new(format!("there is no arm `{arm}`"), at).help(suggest::advice(arm, &names))
            );
        };
        if Quantity::is_entry(name)
            || [&self.scope.quantities, &known.axes, &self.scope.settings]
                .into_iter()
                .any(|names| has(names, name))
        {
            return Ok(());
        }
        let at = span.end - name.len()..span.end;
        if let Some(error) = unmeasured(name, &at) {
            return Err(error);
        }
        let candidates = each_once([&self.scope.quantities, &known.axes, &self.scope.settings]);
        Err(Problem::new(format!("`{arm}` has no `{name}`"), at).help(suggest::advice(name, &candidates)))
    }

    /// `over` must name something that varies, and there must be something to go over.
    fn along(&self, function: Function, along: &Along, span: &Range<usize>) -> Result<(), Problem> {
        let varies = |reference: Reference<'_>| {
            self.axes.contains(&reference.name) || has(&self.scope.quantities, reference.name)
        };
        match along {
            Along::Training(_) => Ok(()),
            Along::Nothing if !function.is_over_points() => Ok(()),
            _ if self.axes.is_empty() => {
                Err(Problem::new("no setting is swept in the cells this claim is from", span.clone())
                    .help("add a `sweep` to the experiment"))
            }
            Along::Axes(over) => match over.names().first() {
                Some((first, place)) if !over.names().iter().any(|(name, _)| varies(*name)) => {
                    Err(Problem::new(format!("`{}` is not swept", first.name), place.clone())
                        .help(suggest::advice(first.name, &self.axes)))
                }
                Some(_) => Ok(()),
                None => Err(Problem::new("this names no axis", over.span.clone())
                    .help(format!("one of {}", self.axes.join(", ")))),
            },
            Along::Nothing => Ok(()),
        }
    }

    fn unknown(&self, name: &str, span: &Range<usize>) -> Problem {
        let scope = self.scope;
        let error = Problem::new(format!("nothing here is called `{name}`"), span.clone());
        if scope.arms.iter().any(|arm| arm.name == name) {
            let quantity = scope.quantities.first().map_or("test_error", String::as_str);
            return error
                .help(format!("`{name}` is an arm: write `{name}.{quantity}` or another quantity of it"));
        }
        if let Some(error) = unmeasured(name, span) {
            return error;
        }
        let axes = scope.arms.iter().map(|arm| &arm.axes);
        let known = [&scope.constants, &scope.quantities, &scope.settings].into_iter().chain(axes);
        error.help(suggest::advice(name, &each_once(known)))
    }
}

/// What can be measured is no slip of the fingers, though nobody asked for it.
fn unmeasured(name: &str, at: &Range<usize>) -> Option<Problem> {
    let info = CATALOGUE.iter().find(|info| {
        info.quantity.columns().contains(&name) || Quantity::is_vector(name) && info.name == name
    })?;
    let what = if info.name == name { "it".to_owned() } else { format!("`{}`", info.name) };
    let message = format!("`{name}` is not measured by this experiment: add {what} to `measure`");
    Some(Problem::new(message, at.clone()))
}

/// The names of several lists, each once: a setting may be called as what it decides (`train_loss`).
fn each_once<'a>(lists: impl IntoIterator<Item = &'a Vec<String>>) -> Vec<&'a str> {
    let mut names = Vec::new();
    for name in lists.into_iter().flatten().map(String::as_str) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a name is among these.
pub(super) fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}
