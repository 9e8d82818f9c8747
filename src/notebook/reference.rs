//! How cells and entries are called: `cell` within an entry, `entry#cell` from anywhere, an entry by any unique
//! part of its slug.

use crate::base::suggest;

/// A reference as written, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Part of an entry's slug, if the reference names an entry.
    pub entry: Option<&'a str>,
    /// Id of a cell, if it names a cell.
    pub cell: Option<&'a str>,
    /// One arm of the cell, if it names one: `cell:arm`.
    pub arm: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Within an entry a bare word is a cell.
    pub fn within(text: &'a str) -> Self {
        let (entry, rest) = match text.split_once('#') {
            Some((entry, rest)) => (Some(entry).filter(|entry| !entry.is_empty()), rest),
            None => (None, text),
        };
        let (cell, arm) = rest.split_once(':').map_or((rest, None), |(cell, arm)| (cell, Some(arm)));
        Self { entry, cell: Some(cell), arm }
    }

    /// On the command line a bare word is an entry.
    pub fn outside(text: &'a str) -> Self {
        match text.split_once('#') {
            Some((entry, cell)) => Self { entry: Some(entry), cell: Some(cell), arm: None },
            None => Self { entry: Some(text), cell: None, arm: None },
        }
    }
}

/// The one slug that `part` names: the slug itself, the slug without its date, or any part that only one has.
pub fn find_entry<'a>(part: &str, slugs: impl Iterator<Item = &'a str> + Clone) -> Result<&'a str, String> {
    let part = part.strip_suffix(".md").unwrap_or(part);
    let part = part.rsplit('/').next().unwrap_or(part);
    let undated = |slug: &'a str| slug.get(11..).unwrap_or(slug);
    if let Some(slug) = slugs.clone().find(|slug| *slug == part) {
        return Ok(slug);
    }
    let exact: Vec<_> = slugs.clone().filter(|slug| undated(slug) == part).collect();
    let found =
        if exact.is_empty() { slugs.clone().filter(|slug| slug.contains(part)).collect() } else { exact };
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let known: Vec<&str> = slugs.map(undated).collect();
            let advice = suggest::nearest(part, known).map(|near| format!(" (did you mean `{near}`?)"));
            Err(format!("there is no entry `{part}`{}", advice.unwrap_or_default()))
        }
        several => Err(format!("`{part}` could be any of {}", several.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_any_unique_part() {
        let slugs = ["2026-11-22-flat-vs-sharp", "2026-11-21-edge", "2026-11-20-edge-of-stability"];
        for (part, found) in [
            ("2026-11-22-flat-vs-sharp", Ok(slugs[0])),
            ("flat-vs-sharp", Ok(slugs[0])),
            ("entries/2026-11-22-flat-vs-sharp.md", Ok(slugs[0])),
            ("sharp", Ok(slugs[0])),
            ("edge", Ok(slugs[1])),
            (
                "2026-11-2",
                Err(
                    "`2026-11-2` could be any of 2026-11-22-flat-vs-sharp, 2026-11-21-edge, 2026-11-20-edge-of-stability",
                ),
            ),
            ("flat-vs-shrap", Err("there is no entry `flat-vs-shrap` (did you mean `flat-vs-sharp`?)")),
            ("qqq", Err("there is no entry `qqq`")),
        ] {
            assert_eq!(find_entry(part, slugs.iter().copied()), found.map_err(str::to_owned), "{part}");
        }
    }

    #[test]
    fn references_are_taken_apart() {
        let parts = |entry, cell, arm| Reference { entry, cell, arm };
        assert_eq!(Reference::within("a"), parts(None, Some("a"), None));
        assert_eq!(Reference::within("e#a"), parts(Some("e"), Some("a"), None));
        assert_eq!(Reference::within("a:flat"), parts(None, Some("a"), Some("flat")));
        assert_eq!(Reference::within("e#a:flat"), parts(Some("e"), Some("a"), Some("flat")));
        assert_eq!(Reference::outside("e"), parts(Some("e"), None, None));
        assert_eq!(Reference::outside("e#a"), parts(Some("e"), Some("a"), None));
    }
}
