//! Links between entries: `[[any unique part of a slug]]`, followed and looked at from the other end.

use std::sync::Arc;

use super::reference::{Reference, find_entry};
use super::snapshot::{Entry, Snapshot};

impl Snapshot {
    /// The entry that a link names, or why there is none.
    pub fn entry_linked(&self, link: &str) -> Result<&Arc<Entry>, String> {
        let part = Reference::outside(link).entry.unwrap_or(link);
        let slug = find_entry(part, self.entries.iter().map(|entry| entry.slug.as_str()))?;
        self.entries
            .iter()
            .find(|entry| entry.slug == slug)
            .ok_or_else(|| format!("there is no entry `{part}`"))
    }

    /// The entries that link to `entry`, newest first.
    pub fn linking_to<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a Arc<Entry>> {
        let leads_here = |link: &String| {
            // Most links name other entries, which is seen without looking through all slugs.
            let part = Reference::outside(link).entry.unwrap_or(link);
            entry.slug.contains(part) && self.entry_linked(link).is_ok_and(|found| found.slug == entry.slug)
        };
        self.entries
            .iter()
            .filter(move |other| other.slug != entry.slug && other.document.links.iter().any(leads_here))
    }
}
