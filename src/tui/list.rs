//! A list over the panes, filtered by what is typed into it: places found in all entries, bookmarks and recent
//! entries, tags.

use std::collections::BTreeMap;
use std::ops::Range;

use super::jumps::Place;
use super::keymap;
use super::model::{Context, Model};
use super::motion::Motion;
use crate::base::text::counted;
use crate::notebook::search::{Hit, search};

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// What is in it.
    pub kind: ListKind,
    /// What was typed.
    pub query: String,
    /// What there is to choose from.
    pub items: Vec<Item>,
    /// The chosen one.
    pub at: usize,
    /// First one seen.
    pub top: usize,
}

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Places in all entries where what was typed stands.
    Search,
    /// Bookmarks, and the entries seen last.
    Places,
    /// Tags, with how many entries have them.
    Tags,
    /// Keys and what they do.
    Keys,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What there is to say of it.
    pub detail: String,
    /// What is emphasised of `detail`, in bytes.
    pub found: Range<usize>,
    /// What choosing it does.
    pub target: Target,
}

/// What choosing something does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Goes to the `nth` place of a phrase in an entry.
    Found(String, usize),
    /// Goes to a place.
    Place(Place),
    /// Filters the log by a tag.
    Tag(String),
    /// It was only to be read.
    Nothing,
}

/// Most places that are listed: nobody looks through more, and each key must be answered at once.
const MOST: usize = 300;

/// Most of one entry: a long one would leave no room for the others, and has `/` for its own.
const EACH: usize = 20;

impl List {
    /// A list with everything in it.
    pub fn new(kind: ListKind, model: &Model) -> Self {
        let mut list = Self { kind, query: String::new(), items: Vec::new(), at: 0, top: 0 };
        list.refresh(model);
        list
    }

    /// Its heading.
    pub fn title(&self) -> String {
        match self.kind {
            ListKind::Search => "search all entries".to_owned(),
            ListKind::Places => "bookmarks and recent entries".to_owned(),
            ListKind::Tags => "tags".to_owned(),
            ListKind::Keys => "search the keys".to_owned(),
        }
    }

    /// How many there are, in words.
    pub fn count(&self) -> String {
        match self.kind {
            ListKind::Search if self.query.trim().is_empty() => String::new(),
            ListKind::Search if self.items.len() >= MOST => format!("{MOST} places or more"),
            ListKind::Search if self.items.iter().any(is_last) => {
                format!("{}, the first {EACH} of long entries", counted(self.items.len(), "place"))
            }
            ListKind::Search => counted(self.items.len(), "place"),
            ListKind::Places | ListKind::Tags | ListKind::Keys => String::new(),
        }
    }

    /// Decides anew what is in it.
    pub fn refresh(&mut self, model: &Model) {
        self.items = match self.kind {
            ListKind::Search => found(model, &self.query),
            ListKind::Places => self.filtered(places(model)),
            ListKind::Tags => self.filtered(tags(model)),
            ListKind::Keys => self.filtered(keys(model)),
        };
        self.at = self.at.min(self.items.len().saturating_sub(1));
    }

    fn filtered(&self, mut items: Vec<Item>) -> Vec<Item> {
        let query = self.query.to_lowercase();
        items.retain(|item| format!("{} {}", item.label, item.detail).to_lowercase().contains(&query));
        items
    }

    /// Chooses another.
    pub fn travel(&mut self, motion: Motion, height: usize) {
        self.at = motion.travel(self.at, self.items.len().saturating_sub(1), height);
    }

    /// Scrolls so that the chosen one is seen.
    pub fn keep_visible(&mut self, height: usize) {
        let height = height.max(1);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height));
    }
}

/// Whether no more places of its entry are listed after it.
fn is_last(item: &Item) -> bool {
    matches!(item.target, Target::Found(_, nth) if nth + 1 >= EACH)
}

fn found(model: &Model, query: &str) -> Vec<Item> {
    let entries = model.entries();
    let item = |hit: Hit| {
        let entry = entries.get(hit.entry)?;
        Some(Item {
            label: entry.title.clone(),
            detail: hit.text,
            found: hit.found,
            target: Target::Found(entry.slug.clone(), hit.nth),
        })
    };
    search(entries, query, MOST, EACH).into_iter().filter_map(item).collect()
}

fn places(model: &Model) -> Vec<Item> {
    let title =
        |slug: &str| model.entries().iter().find(|entry| entry.slug == slug).map(|entry| entry.title.clone());
    let item = |place: &Place, detail: &str| {
        let target = Target::Place(place.clone());
        Some(Item { label: title(&place.slug)?, detail: detail.to_owned(), found: 0..0, target })
    };
    let marked = model.places.bookmarks.iter().filter_map(|place| item(place, "bookmark"));
    let recent = model.places.recent.iter().filter(|slug| !model.places.has(slug));
    let recent = recent.filter_map(|slug| item(&Place { slug: slug.clone(), top: 0 }, "recent"));
    marked.chain(recent).collect()
}

/// Every key of every place.
fn keys(model: &Model) -> Vec<Item> {
    let of = |context: Context| {
        keymap::bindings(context).map(move |binding| {
            let keys: Vec<String> = model.keys.of(context, binding).iter().map(ToString::to_string).collect();
            let label = format!("{} in {}", keys.join(" "), context.name());
            Item { label, detail: binding.about.to_owned(), found: 0..0, target: Target::Nothing }
        })
    };
    Context::ALL.into_iter().flat_map(of).collect()
}

fn tags(model: &Model) -> Vec<Item> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in model.entries().iter().flat_map(|entry| &entry.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let of = |count: usize| if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
    let item = |(tag, count): (&str, usize)| Item {
        label: format!("#{tag}"),
        detail: of(count),
        found: 0..0,
        target: Target::Tag(tag.to_owned()),
    };
    counts.into_iter().map(item).collect()
}
