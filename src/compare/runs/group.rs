//! Runs that differ in nothing but the seed, put together.

use std::collections::HashMap;

use super::table::RunTable;

/// Rows of a view: the runs of each, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    /// Runs, row after row.
    members: Vec<u32>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Rows {
    /// Each run a row.
    pub(super) fn single(runs: Vec<u32>) -> Self {
        Self { ends: (1..=runs.len()).collect(), members: runs }
    }

    /// A row per group, in the order in which their first runs come.
    pub(super) fn grouped(runs: &[u32], table: &RunTable) -> Self {
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for &run in runs {
            let group = table.group_of.get(run as usize).copied().unwrap_or(u32::MAX);
            let place = *places.entry(group).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(run),
                None => groups.push(vec![run]),
            }
        }
        Self::of(groups.iter().map(Vec::as_slice))
    }

    fn of<'a>(groups: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut rows = Self::default();
        for group in groups {
            rows.members.extend_from_slice(group);
            rows.ends.push(rows.members.len());
        }
        rows
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The runs of a row.
    pub(super) fn get(&self, row: usize) -> &[u32] {
        let start = row.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before));
        let range = start.zip(self.ends.get(row)).map(|(&start, &end)| start..end);
        range.and_then(|range| self.members.get(range)).unwrap_or_default()
    }

    /// Every row.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// All runs, row after row.
    pub(super) fn runs(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        self.members.iter().copied()
    }

    /// The same rows in another order.
    pub(super) fn reordered(&self, order: &[usize]) -> Self {
        Self::of(order.iter().map(|&row| self.get(row)))
    }
}
