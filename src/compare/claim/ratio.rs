//! Comparisons that claim a multiple: `a < c * b`, `a / b < c`, read as a ratio against a bound.

use crate::compare::eval::{Table, has_quantity};
use crate::spec::expr::{Arithmetic, Expr, Node};

/// `above / below` against a bound; the two are measured, the bound is not.
pub(super) struct Ratio<'e> {
    above: &'e Expr,
    below: &'e Expr,
    /// What a bound of 1 is multiplied with and divided by.
    factors: Vec<(Arithmetic, &'e Expr)>,
}

impl<'e> Ratio<'e> {
    /// Of `c * a` to `d * b`, both measured; `None` if neither side has a factor.
    pub(super) fn of_multiples(left: &'e Expr, right: &'e Expr, table: &Table<'_>) -> Option<Self> {
        let (above, left_factor) = factored(left, table);
        let (below, right_factor) = factored(right, table);
        // A factor moves to the bound: c · a < d · b is a / b < d / c.
        let moved = left_factor.map(|(sign, factor)| (inverse(sign), factor));
        let factors: Vec<_> = right_factor.into_iter().chain(moved).collect();
        (!factors.is_empty()).then_some(Self { above, below, factors })
    }

    /// Of `a / b`, both measured, to a bound that is not; `None` if `quotient` is none of those.
    pub(super) fn of_quotient(quotient: &'e Expr, bound: &'e Expr, table: &Table<'_>) -> Option<Self> {
        let Node::Arithmetic(Arithmetic::Over, above, below) = &quotient.node else { return None };
        let measured = has_quantity(above, table) && has_quantity(below, table);
        measured.then(|| Self { above, below, factors: vec![(Arithmetic::Times, bound)] })
    }

    /// What must be evaluated, in the order that [`Ratio::bound`] reads: above, below, the factors of the bound. All
    /// must be positive for the ratio to say what the comparison says.
    pub(super) fn exprs(&self) -> Vec<&'e Expr> {
        [self.above, self.below].into_iter().chain(self.factors.iter().map(|(_, factor)| *factor)).collect()
    }

    /// The bound, from the values of [`Ratio::exprs`].
    pub(super) fn bound(&self, values: &[f64]) -> f64 {
        let factors = self.factors.iter().zip(values.iter().skip(2));
        factors.fold(1.0, |bound, ((sign, _), factor)| sign.apply(bound, *factor))
    }
}

fn inverse(sign: Arithmetic) -> Arithmetic {
    if sign == Arithmetic::Times { Arithmetic::Over } else { Arithmetic::Times }
}

/// An expression without the unmeasured number it is multiplied with or divided by, and that.
fn factored<'e>(expr: &'e Expr, table: &Table<'_>) -> (&'e Expr, Option<(Arithmetic, &'e Expr)>) {
    let constant = |expr: &Expr| !has_quantity(expr, table);
    match &expr.node {
        Node::Arithmetic(Arithmetic::Times, a, b) if constant(a) => (b, Some((Arithmetic::Times, a))),
        Node::Arithmetic(sign @ (Arithmetic::Times | Arithmetic::Over), a, b) if constant(b) => {
            (a, Some((*sign, b)))
        }
        _ => (expr, None),
    }
}
