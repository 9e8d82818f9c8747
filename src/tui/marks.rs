//! The arms that are marked for comparing, in any cells of any entries.

use std::collections::BTreeSet;

/// One marked arm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArmMark {
    /// Slug of the entry.
    pub entry: String,
    /// Id of the experiment cell.
    pub cell: String,
    /// The arm.
    pub arm: String,
}

/// What is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(BTreeSet<ArmMark>);

impl Marks {
    /// Marks an arm, or takes its mark away.
    pub fn toggle(&mut self, entry: &str, cell: &str, arm: &str) {
        let mark = mark(entry, cell, arm);
        if !self.0.remove(&mark) {
            self.0.insert(mark);
        }
    }

    /// Marks all `arms` of a cell, or takes their marks away if all have one; whether they are marked now.
    pub fn toggle_all(&mut self, entry: &str, cell: &str, arms: &[String]) -> bool {
        let all = arms.iter().all(|arm| self.has(entry, cell, arm));
        for arm in arms {
            let mark = mark(entry, cell, arm);
            if all {
                self.0.remove(&mark)
            } else {
                self.0.insert(mark)
            };
        }
        !all
    }

    /// Whether an arm is marked.
    pub fn has(&self, entry: &str, cell: &str, arm: &str) -> bool {
        self.0.contains(&mark(entry, cell, arm))
    }

    /// Whether anything of an entry is marked.
    pub fn any_of(&self, entry: &str) -> bool {
        self.entries().any(|marked| marked == entry)
    }

    /// Whether any arm of a cell is marked.
    pub fn any_of_cell(&self, entry: &str, cell: &str) -> bool {
        self.0.iter().any(|mark| mark.entry == entry && mark.cell == cell)
    }

    /// Slugs of the entries with marks.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|mark| mark.entry.as_str())
    }

    /// How many arms are marked.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all marks.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

fn mark(entry: &str, cell: &str, arm: &str) -> ArmMark {
    ArmMark { entry: entry.to_owned(), cell: cell.to_owned(), arm: arm.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_half_marked_is_marked_whole_first() {
        let arms = ["flat".to_owned(), "sharp".to_owned()];
        let mut marks = Marks::default();
        marks.toggle("e", "c", "flat");
        assert!(marks.toggle_all("e", "c", &arms));
        assert_eq!(marks.len(), 2);
        assert!(!marks.toggle_all("e", "c", &arms));
        assert!(marks.is_empty());
    }
}
