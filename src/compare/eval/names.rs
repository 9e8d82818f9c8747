//! What an expression speaks of, given the results: which arms, which axes are left open.

use super::Table;
use crate::spec::Quantity;
use crate::spec::expr::{Expr, Node, Reference, collapsed};

/// What a name stands for. Constants hide quantities, quantities axes (`train_loss` is what was reached, not the
/// `stop.train_loss` that was asked for), and axes settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// A constant of the claim.
    Constant(f64),
    /// Something measured, which differs from seed to seed.
    Quantity,
    /// An axis, by its place in the table.
    Axis(usize),
    /// A setting of a run.
    Setting,
}

impl Table<'_> {
    /// What a name stands for.
    pub(super) fn meaning(&self, reference: Reference<'_>) -> Meaning {
        let constant = || self.constants.iter().find(|(name, _)| *name == reference.name);
        if reference.arm.is_none()
            && let Some((_, value)) = constant()
        {
            return Meaning::Constant(*value);
        }
        if self.quantities.contains(reference.name) || Quantity::is_entry(reference.name) {
            return Meaning::Quantity;
        }
        self.axes
            .iter()
            .position(|axis| axis.name() == reference.name)
            .map_or(Meaning::Setting, Meaning::Axis)
    }

    fn is_quantity(&self, reference: Reference<'_>) -> bool {
        self.meaning(reference) == Meaning::Quantity
    }
}

/// Whether an expression speaks of results at all, rather than of constants alone.
pub fn has_reference(expr: &Expr, table: &Table<'_>) -> bool {
    expr.names().into_iter().any(|(name, _)| !matches!(table.meaning(name), Meaning::Constant(_)))
}

/// Whether an expression speaks of something measured, rather than of constants and settings alone.
pub fn has_quantity(expr: &Expr, table: &Table<'_>) -> bool {
    expr.names().into_iter().any(|(name, _)| table.is_quantity(name))
}

/// Whether an expression speaks of a quantity without saying of which arm.
pub fn has_unnamed_quantity(expr: &Expr, table: &Table<'_>) -> bool {
    expr.names().into_iter().any(|(name, _)| name.arm.is_none() && table.is_quantity(name))
}

/// The arms that an expression names, and `arm` where it leaves the arm open; each once.
pub fn arms<'a>(expr: &'a Expr, table: &Table<'_>, arm: Option<&'a str>) -> Vec<&'a str> {
    let mut arms = Vec::new();
    let open = arm.filter(|_| has_unnamed_quantity(expr, table));
    for name in expr.names().into_iter().filter_map(|(name, _)| name.arm).chain(open) {
        if !arms.contains(&name) {
            arms.push(name);
        }
    }
    arms
}

/// Places of the axes along which an expression has a value each, with `arm` where it leaves the arm open.
pub fn free_axes(expr: &Expr, table: &Table<'_>, arm: Option<&str>) -> Vec<usize> {
    let mut free = Vec::new();
    collect(expr, table, arm, &[], &mut free);
    free.sort_unstable();
    free.dedup();
    free
}

fn collect(expr: &Expr, table: &Table<'_>, arm: Option<&str>, bound: &[usize], free: &mut Vec<usize>) {
    let reference = match &expr.node {
        Node::Name(name) => Reference { arm: None, name },
        Node::Of { arm, name } => Reference { arm: Some(arm), name },
        _ => {
            let mut bound = bound.to_vec();
            bound.extend(collapsed_by(expr, table));
            return expr.parts().into_iter().for_each(|part| collect(part, table, arm, &bound, free));
        }
    };
    let axes = match table.meaning(reference) {
        Meaning::Constant(_) | Meaning::Setting => Vec::new(),
        Meaning::Axis(axis) => vec![axis],
        Meaning::Quantity => {
            let arm = reference.arm.or(arm).and_then(|name| table.arm(name));
            arm.map(|arm| arm.axes.clone()).unwrap_or_default()
        }
    };
    free.extend(axes.into_iter().filter(|axis| !bound.contains(axis)));
}

/// Places of the axes that a call collapses; none for anything else.
pub(super) fn collapsed_by(expr: &Expr, table: &Table<'_>) -> Vec<usize> {
    let Node::Call { function, along, .. } = &expr.node else { return Vec::new() };
    let names: Vec<&str> = table.axes.iter().map(super::table::Axis::name).collect();
    let collapsed = collapsed(*function, along, &names);
    let places = names.iter().enumerate().filter(|(_, name)| collapsed.contains(name));
    places.map(|(place, _)| place).collect()
}
