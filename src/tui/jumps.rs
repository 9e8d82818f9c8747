//! Where one has been: the jump list, bookmarks, and the entries seen last.

use serde::{Deserialize, Serialize};

/// A place in an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Slug of the entry.
    pub slug: String,
    /// First line that was seen.
    pub top: usize,
}

/// The places jumped from, as in an editor: back, and forward again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jumps {
    behind: Vec<Place>,
    ahead: Vec<Place>,
}

/// Most places that are remembered.
const LONGEST: usize = 100;

impl Jumps {
    /// Notes that one leaves `from` by a jump.
    pub fn leave(&mut self, from: Place) {
        self.ahead.clear();
        self.behind.retain(|place| *place != from);
        self.behind.push(from);
        if self.behind.len() > LONGEST {
            self.behind.remove(0);
        }
    }

    /// Where one was before, given where one is.
    pub fn back(&mut self, here: Place) -> Option<Place> {
        let to = self.behind.pop()?;
        self.ahead.push(here);
        Some(to)
    }

    /// Where one was before going back.
    pub fn forward(&mut self, here: Place) -> Option<Place> {
        let to = self.ahead.pop()?;
        self.behind.push(here);
        Some(to)
    }

    /// Whether one went back and can go forward again.
    pub fn has_forward(&self) -> bool {
        !self.ahead.is_empty()
    }
}

/// Bookmarks and the entries seen last, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Places {
    /// What the person wants to find again.
    pub bookmarks: Vec<Place>,
    /// Slugs of the entries gone into.
    pub recent: Vec<String>,
}

/// Most entries that count as recent.
const RECENT: usize = 20;

impl Places {
    /// Marks an entry, or takes its mark away; whether it is marked now.
    pub fn toggle(&mut self, place: Place) -> bool {
        let before = self.bookmarks.len();
        self.bookmarks.retain(|other| other.slug != place.slug);
        let marked = self.bookmarks.len() == before;
        if marked {
            self.bookmarks.push(place);
        }
        marked
    }

    /// Whether an entry is marked.
    pub fn has(&self, slug: &str) -> bool {
        self.bookmarks.iter().any(|place| place.slug == slug)
    }

    /// Notes that an entry was gone into.
    pub fn visit(&mut self, slug: &str) {
        self.recent.retain(|other| other != slug);
        self.recent.insert(0, slug.to_owned());
        self.recent.truncate(RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(slug: &str) -> Place {
        Place { slug: slug.to_owned(), top: 0 }
    }

    #[test]
    fn back_and_forward_are_each_others_inverse_until_a_new_jump() {
        let mut jumps = Jumps::default();
        jumps.leave(place("a"));
        jumps.leave(place("b"));
        assert_eq!(jumps.back(place("c")), Some(place("b")));
        assert_eq!(jumps.back(place("b")), Some(place("a")));
        assert_eq!(jumps.back(place("a")), None);
        assert_eq!(jumps.forward(place("a")), Some(place("b")));
        assert_eq!(jumps.forward(place("b")), Some(place("c")));
        assert_eq!(jumps.back(place("c")), Some(place("b")));
        jumps.leave(place("d"));
        assert!(!jumps.has_forward());
    }

    #[test]
    fn the_latest_is_first_and_stands_there_once() {
        let mut places = Places::default();
        for slug in ["a", "b", "a"] {
            places.visit(slug);
        }
        assert_eq!(places.recent, ["a", "b"]);
        assert!(places.toggle(place("a")) && !places.toggle(place("a")));
        assert!(!places.has("a"));
    }
}
