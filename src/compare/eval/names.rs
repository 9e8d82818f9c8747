//! What an expression speaks of, given the results: which arms, which axes are left open.

use std::collections::BTreeSet;

use super::Table;
use crate::spec::Quantity;
use crate::spec::expr::{Expr, Node, Reference, collapsed, has_arm_factor};

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

/// Whether an expression speaks of a quantity without saying of which arm, nor means each.
pub fn has_unnamed_quantity(expr: &Expr, table: &Table<'_>) -> bool {
    match &expr.node {
        Node::Name(name) => table.is_quantity(Reference { arm: None, name }),
        _ if is_by_arms(expr, table) => false,
        _ => expr.parts().into_iter().any(|part| has_unnamed_quantity(part, table)),
    }
}

/// The arms that an expression speaks of, and `arm` where it leaves the arm open; each once.
pub fn arms<'a>(expr: &'a Expr, table: &Table<'a>, arm: Option<&'a str>) -> Vec<&'a str> {
    let mut arms = Vec::new();
    name_arms(expr, table, &mut arms);
    arms.extend(arm.filter(|_| has_unnamed_quantity(expr, table)));
    let mut seen = BTreeSet::new();
    arms.retain(|arm| seen.insert(*arm));
    arms
}

/// The arms that are named, and all where they are a factor.
fn name_arms<'a>(expr: &'a Expr, table: &Table<'a>, into: &mut Vec<&'a str>) {
    match &expr.node {
        Node::Of { arm, .. } => into.push(arm),
        _ if is_by_arms(expr, table) => into.extend(table.arms.iter().map(|arm| arm.name)),
        _ => expr.parts().into_iter().for_each(|part| name_arms(part, table, into)),
    }
}

/// Whether a call takes the arms as a factor.
pub(super) fn is_by_arms(expr: &Expr, table: &Table<'_>) -> bool {
    has_arm_factor(expr, &axis_names(table))
}

fn axis_names<'a>(table: &'a Table<'_>) -> Vec<&'a str> {
    table.axes.iter().map(super::table::Axis::name).collect()
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
    let names = axis_names(table);
    let collapsed = collapsed(*function, along, &names);
    let places = names.iter().enumerate().filter(|(_, name)| collapsed.contains(name));
    places.map(|(place, _)| place).collect()
}
