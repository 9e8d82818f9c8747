//! Whose curves have to be read: of the experiments that are drawn, and of those that a claim looks at along training.
//! A verdict must not depend on which entry happens to be open.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::read::Draft;
use super::reference::{Reference, find_entry};
use crate::spec::Cell;
use crate::spec::expr::{Along, Expr, Function, Node};

/// Experiments (entry and id) whose curves are needed; `drawn` says of each entry whether it is drawn.
pub fn cells<'a>(
    drawn: impl IntoIterator<Item = (&'a Draft, bool)>,
    drafts: &[Arc<Draft>],
) -> BTreeSet<(String, String)> {
    let mut needed = BTreeSet::new();
    for (draft, drawn) in drawn {
        for cell in draft.cells.iter().flatten() {
            let named: &[String] = match cell {
                Cell::Experiment(experiment) if drawn => {
                    needed.insert((draft.slug.clone(), experiment.id.clone()));
                    &[]
                }
                Cell::Compare(compare) if drawn => &compare.of,
                Cell::Claim(claim) if claim.expect.as_ref().is_some_and(along_training) => &claim.from,
                _ => &[],
            };
            needed.extend(named.iter().filter_map(|name| resolve(name, draft, drafts)));
        }
    }
    needed
}

/// The other entries of whose experiments `draft` speaks; `slugs` are those of all that have any.
pub fn abroad(draft: &Draft, slugs: &[String]) -> Vec<String> {
    let parts = draft.references().filter_map(|name| Reference::within(name).entry);
    let found = |part: &str| find_entry(part, slugs.iter().map(String::as_str)).ok().map(str::to_owned);
    parts.filter_map(found).collect()
}

/// The experiment that `name` refers to from within `draft`.
fn resolve(name: &str, draft: &Draft, drafts: &[Arc<Draft>]) -> Option<(String, String)> {
    let reference = Reference::within(name);
    let entry = match reference.entry {
        Some(part) => find_entry(part, drafts.iter().map(|draft| draft.slug.as_str())).ok()?,
        None => draft.slug.as_str(),
    };
    Some((entry.to_owned(), reference.cell?.to_owned()))
}

/// Whether an expression looks at curves, and not only at how they end.
fn along_training(expr: &Expr) -> bool {
    let here = match &expr.node {
        Node::Call { along: Along::Training(_), .. } => true,
        Node::Call { function, along: Along::Nothing, .. } => {
            matches!(function, Function::Last | Function::Peak)
        }
        _ => false,
    };
    here || expr.parts().into_iter().any(along_training)
}
