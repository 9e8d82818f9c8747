//! Links between entries: `[[any unique part of a slug]]`, followed and looked at from the other end; and to claims in
//! them, `[[slug#claim]]`, which tell what became of those.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ledger::Line;
use super::reference::{Reference, find_entry};
use super::snapshot::{Entry, Snapshot};
use crate::compare::Outcome;

impl Snapshot {
    /// The entry that a link names, or why there is none.
    pub fn entry_linked(&self, link: &str) -> Result<&Arc<Entry>, String> {
        let part = Reference::outside(link).entry.unwrap_or(link);
        let slug = find_entry(part, self.slugs())?;
        self.entries
            .iter()
            .find(|entry| entry.slug == slug)
            .ok_or_else(|| format!("there is no entry `{part}`"))
    }

    /// Slug and title of the entries that link to `entry`, newest first.
    pub fn linking_to<'a>(&'a self, entry: &'a Entry) -> Vec<(&'a str, &'a str)> {
        let leads_here = |link: &String| {
            // Most links name other entries, which is seen without looking through all slugs.
            let part = Reference::outside(link).entry.unwrap_or(link);
            entry.slug.contains(part) && find_entry(part, self.slugs()).is_ok_and(|slug| slug == entry.slug)
        };
        let read = self.entries.iter().map(|other| (&other.slug, &other.title, &other.document.links));
        let others = self.others.iter().map(|other| (&other.slug, &other.title, &other.links));
        let linking = read
            .chain(others)
            .filter(|(slug, _, links)| **slug != entry.slug && links.iter().any(leads_here));
        let mut linking: Vec<_> = linking.map(|(slug, title, _)| (slug.as_str(), title.as_str())).collect();
        linking.sort_by(|one, other| other.cmp(one));
        linking
    }

    fn slugs(&self) -> impl Iterator<Item = &str> + Clone {
        let entries = self.entries.iter().map(|entry| entry.slug.as_str());
        entries.chain(self.others.iter().map(|other| other.slug.as_str()))
    }
}

/// The links of an entry that may lead to a claim.
pub fn to_claims(entry: &Entry) -> impl Iterator<Item = &String> {
    entry.document.links.iter().filter(|link| link.contains('#'))
}

/// What the claims that an entry links to came to, by how the links are written; `None` of one that cannot be judged.
/// `claims` are those of the notebook.
pub fn verdicts(entry: &Entry, claims: &[Line]) -> BTreeMap<String, Option<Outcome>> {
    let mut slugs: Vec<&str> = claims.iter().map(|claim| claim.entry.as_str()).collect();
    slugs.dedup();
    let verdict = |link: &String| {
        let Reference { entry: Some(part), cell: Some(cell), .. } = Reference::outside(link) else {
            return None;
        };
        let slug = if part.is_empty() {
            entry.slug.as_str()
        } else {
            find_entry(part, slugs.iter().copied()).ok()?
        };
        let claim = claims.iter().find(|claim| claim.entry == slug && claim.claim == cell)?;
        Some((link.clone(), claim.verdict))
    };
    to_claims(entry).filter_map(verdict).collect()
}
