//! Links between entries: `[[any unique part of a slug]]`, followed and looked at from the other end.

use std::sync::Arc;

use super::reference::{Reference, find_entry};
use super::snapshot::{Entry, Snapshot};

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
