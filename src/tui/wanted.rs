//! What the screen needs of entries. Of a thousand that there are, it is a handful.

use std::collections::BTreeSet;

use crate::notebook::Detail;

/// What is needed of entries, by slug; of all others what the log shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Read with their curves: the selected one and those with marks.
    pub curves: BTreeSet<String>,
    /// Read without: those that are likely to be selected next.
    pub near: BTreeSet<String>,
}

impl Wanted {
    /// How much of an entry is needed; nothing of those that are only listed.
    pub fn detail(&self, slug: &str) -> Option<Detail> {
        if self.curves.contains(slug) {
            Some(Detail::Curves)
        } else {
            self.near.contains(slug).then_some(Detail::Verdicts)
        }
    }

    /// The same with no more curves than those of `shown`.
    #[must_use]
    pub fn without_new_curves(&self, shown: &BTreeSet<String>) -> Self {
        let curves: BTreeSet<String> = self.curves.intersection(shown).cloned().collect();
        let near = self.near.iter().chain(&self.curves).filter(|slug| !curves.contains(*slug)).cloned();
        Self { near: near.collect(), curves }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_that_are_not_read_yet_can_wait_and_their_entries_cannot() {
        let set = |slugs: &[&str]| slugs.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let wanted = Wanted { curves: set(&["a", "b"]), near: set(&["c"]) };
        assert_eq!(
            ["a", "c", "d"].map(|slug| wanted.detail(slug)),
            [Some(Detail::Curves), Some(Detail::Verdicts), None]
        );
        let first = wanted.without_new_curves(&set(&["b", "x"]));
        assert_eq!(first, Wanted { curves: set(&["b"]), near: set(&["a", "c"]) });
    }
}
