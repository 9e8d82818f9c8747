//! Lists to choose from: opening them, typing into them, choosing.

use super::super::effect::Effect;
use super::super::jumps::Place;
use super::super::list::{List, ListKind, Target};
use super::super::model::{Focus, Model};
use super::super::overlay::Overlay;
use super::super::page::Arrival;
use super::super::prompt;
use super::{act, find, say};

/// Opens a list.
pub fn open(model: &mut Model, kind: ListKind) -> Vec<Effect> {
    let list = List::new(kind, model);
    let nothing = match kind {
        ListKind::Search | ListKind::Keys => None,
        ListKind::Places => Some("no entry was gone into yet, and none is marked: b marks one"),
        ListKind::Tags => Some("no entry has a tag"),
    };
    match nothing.filter(|_| list.items.is_empty()) {
        Some(nothing) => say(model, nothing),
        None => model.overlays.push(Overlay::List(list)),
    }
    Vec::new()
}

/// Changes what is typed into the list on top, if one is.
pub fn edit(model: &mut Model, change: impl FnOnce(&mut String)) -> Vec<Effect> {
    if let Some(Overlay::List(mut list)) =
        model.overlays.pop_if(|overlay| matches!(overlay, Overlay::List(_)))
    {
        change(&mut list.query);
        (list.at, list.top) = (0, 0);
        list.refresh(model);
        model.overlays.push(Overlay::List(list));
    }
    Vec::new()
}

/// Entries may be there that were not, and words of them.
pub fn refresh(model: &mut Model) {
    if let Some(Overlay::List(mut list)) =
        model.overlays.pop_if(|overlay| matches!(overlay, Overlay::List(_)))
    {
        list.refresh(model);
        model.overlays.push(Overlay::List(list));
    }
}

/// Adds to what is typed.
pub fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    edit(model, |query| prompt::insert(query, text))
}

/// Does what choosing the item under the cursor does.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::List(list)) = model.overlays.pop() else { return Vec::new() };
    let Some(item) = list.items.get(list.at) else { return Vec::new() };
    match &item.target {
        Target::Found(slug, nth) => {
            act::leave(model);
            act::arrive(model, slug, Arrival::Found(list.query.clone(), *nth));
        }
        Target::Place(place) => {
            act::leave(model);
            act::arrive(model, &place.slug, Arrival::Top(place.top));
        }
        Target::Tag(tag) => {
            model.log.filter = format!("#{tag}");
            model.focus = Focus::Log;
            find::refresh(model);
        }
        Target::Nothing => {}
    }
    Vec::new()
}

/// Marks the selected entry, to be found again, or takes the mark away.
pub fn bookmark(model: &mut Model) -> Vec<Effect> {
    let Some(place) = act::here(model) else { return Vec::new() };
    let Place { slug, .. } = place.clone();
    let marked = model.places.toggle(place);
    say(model, if marked { "bookmarked: ' lists bookmarks" } else { "no longer bookmarked" });
    debug_assert!(marked == model.places.has(&slug), "a bookmark is there or not");
    Vec::new()
}

/// Shows only the entries of the next verdict that there is, then all again.
pub fn next_verdict(model: &mut Model) -> Vec<Effect> {
    let words: Vec<&str> = model.log.filter.split_whitespace().collect();
    let others: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with("is:")).collect();
    let current = words.iter().find_map(|word| word.strip_prefix("is:"));
    let there = super::super::log::verdicts(model.entries());
    let next = match current {
        None => there.first().copied(),
        Some(current) => there.iter().skip_while(|name| **name != current).nth(1).copied(),
    };
    let verdict = next.map(|name| format!("is:{name}"));
    model.log.filter = others.into_iter().map(str::to_owned).chain(verdict).collect::<Vec<_>>().join(" ");
    find::refresh(model);
    Vec::new()
}
