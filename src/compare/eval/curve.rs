//! Expressions along training: evaluated at every recorded step, then collapsed.

use std::collections::BTreeMap;

use super::names::Meaning;
use super::scene::{Moment, Scene, undefined};
use super::{Gap, Table};
use crate::spec::expr::{Along, Expr, Node, Reference};

/// A quantity by step.
type Column = BTreeMap<u64, f64>;

impl Scene<'_> {
    /// The values of `expr` at the recorded steps past the fraction `after` of each run's training, and the steps.
    ///
    /// Only steps at which everything it speaks of was measured count: quantities are measured at rhythms of their
    /// own, and a value made up between two measurements would be none.
    pub(super) fn along_training(&self, expr: &Expr, after: f64) -> Result<(Vec<f64>, Vec<f64>), Gap> {
        let mut references = Vec::new();
        moving(expr, self.table, &mut references);
        let columns: Vec<(Reference<'_>, Column)> = references
            .into_iter()
            .map(|reference| Ok((reference, self.column(reference, after)?)))
            .collect::<Result<_, Gap>>()?;
        let Some((_, first)) = columns.first() else {
            return Err(Gap::Undefined(format!("`{expr}` does not change along training")));
        };
        let (mut steps, mut values) = (Vec::new(), Vec::new());
        for step in first.keys() {
            let moment: Option<Moment<'_>> =
                columns.iter().map(|(reference, column)| Some((*reference, *column.get(step)?))).collect();
            if let Some(moment) = moment {
                steps.push(*step as f64);
                values.push(self.at(expr, Some(&moment))?);
            }
        }
        if steps.is_empty() { Err(undefined(expr)) } else { Ok((steps, values)) }
    }

    fn column(&self, reference: Reference<'_>, after: f64) -> Result<Column, Gap> {
        let (arm, member) = self.run(reference)?;
        let record = self.result(arm, member)?;
        let from = after * record.steps as f64;
        let points = member.curve.as_deref().into_iter().flat_map(|curve| curve.points(reference.name));
        let column: Column = points.filter(|(step, _)| *step as f64 >= from).collect();
        if column.is_empty() {
            let place = arm.place_of(self.table, member);
            return Err(Gap::NoCurve(place, reference.name.to_owned()));
        }
        Ok(column)
    }
}

/// The quantities of `expr` that move along training: all but those inside a function that collapses by itself.
fn moving<'e>(expr: &'e Expr, table: &Table<'_>, into: &mut Vec<Reference<'e>>) {
    let reference = match &expr.node {
        Node::Name(name) => Reference { arm: None, name },
        Node::Of { arm, name } => Reference { arm: Some(arm), name },
        Node::Call { along: Along::Axes(_) | Along::Training(_), .. } => return,
        Node::Call { function, .. } if function.is_over_points() => return,
        _ => return expr.parts().into_iter().for_each(|part| moving(part, table, into)),
    };
    if table.meaning(reference) == Meaning::Quantity && !into.contains(&reference) {
        into.push(reference);
    }
}
