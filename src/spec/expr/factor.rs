//! Factors of an analysis of variance: axes of the sweep, and the arms of the experiment under the name `arm`.

use super::check::{Checker, has};
use super::{Arithmetic, ArmScope, Expr, Function, Node, Problem};

/// What the arms are called where they are a factor.
pub const ARM: &str = "arm";

/// Whether a call takes the arms as a factor. The word is not reserved: an axis of that name is meant before them.
pub fn has_arm_factor(expr: &Expr, axes: &[&str]) -> bool {
    let Node::Call { function: Function::Eta2, arguments, .. } = &expr.node else { return false };
    let Some(factors) = arguments.get(1) else { return false };
    !axes.contains(&ARM) && factors.names().iter().any(|(name, _)| name.arm.is_none() && name.name == ARM)
}

impl Checker<'_> {
    /// Checks `eta2(y, factors)` where the arms are among the factors.
    pub(super) fn by_arms(&self, arguments: &[Expr]) -> Result<(), Problem> {
        let [y, factors] = arguments else { return Ok(()) };
        self.factors(factors)?;
        let names = factors.names();
        let arm = names.iter().find(|(name, _)| name.name == ARM).map_or(&factors.span, |(_, place)| place);
        if let Some(message) = self.no_factor() {
            return Err(Problem::new(message, arm.clone()));
        }
        Self { of_each_arm: true, ..self.clone() }.expr(y)
    }

    /// Why the arms are no factor, if they are none: there must be several, and each at the same sweep points, or the
    /// design would not be balanced.
    fn no_factor(&self) -> Option<String> {
        let [first, others @ ..] = self.scope.arms.as_slice() else {
            return Some(format!("without an experiment there are no arms: `{ARM}` is no factor"));
        };
        if others.is_empty() {
            return Some(format!("`{}` is the only arm: `{ARM}` is no factor", first.name));
        }
        let unlike = others.iter().find(|other| !alike(first, other))?;
        let swept = |arm: &ArmScope| match arm.axes.as_slice() {
            [] => format!("`{}` over nothing", arm.name),
            axes => format!("`{}` over {}", arm.name, axes.join(", ")),
        };
        let (first, unlike) = (swept(first), swept(unlike));
        Some(format!("`{ARM}` is a factor only of arms with the same axes: swept are {first} and {unlike}"))
    }

    /// Factors are axes and the arms, or a product of them.
    pub(super) fn factors(&self, expr: &Expr) -> Result<(), Problem> {
        // A setting of that name hides the arms, as an axis does.
        let arms = !has(&self.scope.settings, ARM) && !self.axes.contains(&ARM);
        match &expr.node {
            Node::Name(name) if self.axes.contains(&name.as_str()) || arms && name == ARM => Ok(()),
            Node::Arithmetic(Arithmetic::Times, left, right) => {
                self.factors(left)?;
                self.factors(right)
            }
            _ => {
                let known = self.axes.iter().copied().chain(arms.then_some(ARM)).collect::<Vec<_>>();
                let what =
                    if arms { "factors are swept settings, or `arm`" } else { "factors are swept settings" };
                Err(Problem::new(what, expr.span.clone())
                    .help(format!("one of {}, or a product of them", known.join(", "))))
            }
        }
    }
}

/// Whether two arms have the same axes, in whatever order.
fn alike(a: &ArmScope, b: &ArmScope) -> bool {
    a.axes.len() == b.axes.len() && a.axes.iter().all(|axis| has(&b.axes, axis))
}
