//! What the constants of a claim come to. They know nothing but the constants before them, so they are worked out before
//! there is a result, in a table without any.

use std::collections::BTreeSet;

use super::Table;
use super::scene::{Scene, Seeds};
use crate::spec::Claim;
use crate::spec::expr::Problem;

/// The constants of `claim`, by name in the order written. An error has its place within the cell.
pub fn constants(claim: &Claim) -> Result<Vec<(&str, f64)>, Problem> {
    let mut table = Table {
        arms: Vec::new(),
        axes: Vec::new(),
        constants: Vec::with_capacity(claim.constants.len()),
        quantities: BTreeSet::new(),
    };
    for constant in &claim.constants {
        let scene = Scene { table: &table, arm: None, seeds: Seeds::Each(Vec::new()), point: Vec::new() };
        let value = scene.number(&constant.value).map_err(|gap| {
            let (start, end) = (constant.value.span.start, constant.value.span.end);
            Problem::new(format!("`{}`: {gap}", constant.name), constant.at + start..constant.at + end)
        })?;
        table.constants.push((&constant.name, value));
    }
    Ok(table.constants)
}
