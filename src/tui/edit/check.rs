//! What is wrong with the cell at the cursor, told while it is written.

use super::regions::{Region, RegionKind, at};
use crate::base::Diagnostic;
use crate::entry::CellKind;
use crate::notebook::problem_at;
use crate::spec::yaml::Problem;
use crate::spec::{Context, parse};

/// The first problem of the cell or front matter that byte `cursor` is in, with its place in the whole text.
pub fn check(
    file: &str,
    text: &str,
    regions: &[Region],
    cursor: usize,
    datasets: &[String],
) -> Option<Diagnostic> {
    let region = at(regions, cursor)?;
    let yaml = text.get(region.text.clone())?;
    let problem = problem(&region.kind, yaml, datasets)?;
    Some(problem_at(file, text, region.text.start, problem))
}

/// The first problem of a text of this kind, with its place in that text.
pub fn problem(kind: &RegionKind, yaml: &str, datasets: &[String]) -> Option<Problem> {
    match kind {
        RegionKind::Front => parse::front_matter(yaml).err(),
        RegionKind::Cell(CellKind::Experiment) => {
            parse::experiment(yaml, &Context { datasets: datasets.to_vec() }).err()
        }
        RegionKind::Cell(CellKind::Compare) => parse::compare(yaml).err(),
        RegionKind::Cell(CellKind::Claim) => parse::claim(yaml).err(),
        RegionKind::Cell(CellKind::Ledger) => parse::ledger(yaml).err(),
        RegionKind::Code(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::regions::regions;
    use super::*;

    #[test]
    fn the_cell_at_the_cursor_is_checked_and_no_other() {
        let text = "Prose\n\n```yaml compare\nof: a\nshwo: [x]\n```\n\n```yaml claim\nid: c\n```\n";
        let found = |needle: &str| {
            let at = text.find(needle).unwrap();
            check("e.md", text, &regions(text), at, &[]).map(|problem| problem.to_string())
        };
        assert_eq!(found("Prose"), None);
        assert!(found("of: a").unwrap().starts_with("e.md:5:1: "), "{:?}", found("of: a"));
        assert!(found("id: c").unwrap().starts_with("e.md:9:1: "), "{:?}", found("id: c"));
    }
}
