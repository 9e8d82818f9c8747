//! Acting on what is selected in an entry: following links, toggling tasks, folding; and finding the way back.

use super::super::effect::Effect;
use super::super::jumps::Place;
use super::super::model::{Focus, Model};
use super::super::page::Arrival;
use super::{find, images, say};
use crate::base::osc52;
use crate::notebook::{CellView, Reference};
use crate::render::SpotKind;

/// Selects the next place that something can be done with, or the one before.
pub fn step(model: &mut Model, forward: bool) -> Vec<Effect> {
    if !model.page.step_spot(forward) {
        say(model, if forward { "there is nothing more below" } else { "there is nothing more above" });
    }
    Vec::new()
}

/// Does what is to be done with what is selected.
pub fn act(model: &mut Model) -> Vec<Effect> {
    let Some(kind) = model.page.spot().map(|spot| spot.kind.clone()) else {
        say(
            model,
            "J and K select headings, cells, tasks, pictures, links; Enter folds, toggles, draws, follows",
        );
        return Vec::new();
    };
    match kind {
        SpotKind::Cell(_) | SpotKind::Heading { .. } => return fold(model),
        SpotKind::Task { .. } => return toggle_task(model),
        SpotKind::Image(address) => return images::toggle(model, &address),
        SpotKind::Entry(link) => follow(model, &link),
        SpotKind::Link(address) => {
            say(model, format!("{address}  (Y copies it)"));
        }
        SpotKind::Footnote(label) => {
            leave(model);
            model.page.select_first(|kind| *kind == SpotKind::Note(label.clone()));
        }
        SpotKind::Note(label) => {
            leave(model);
            model.page.select_first(|kind| *kind == SpotKind::Footnote(label.clone()));
        }
    }
    Vec::new()
}

/// Goes to the entry that a link names, and to the cell in it if it names one.
fn follow(model: &mut Model, link: &str) {
    let cell = Reference::outside(link).cell.filter(|cell| !cell.is_empty());
    let found = match (&model.snapshot, model.entry()) {
        (Some(_), Some(here)) if link.starts_with('#') => Ok(here.slug.clone()),
        (Some(snapshot), _) => snapshot.entry_linked(link).map(|entry| entry.slug.clone()),
        (None, _) => return,
    };
    match found {
        Ok(slug) => {
            if let Some(cell) = cell.filter(|cell| lacks_cell(model, &slug, cell)) {
                return say(model, format!("{slug} has no cell `{cell}`"));
            }
            leave(model);
            arrive(model, &slug, cell.map_or(Arrival::Top(0), |cell| Arrival::Cell(cell.to_owned())));
        }
        Err(why) => say(model, why),
    }
}

/// Whether the entry is known to have no cell of that id.
fn lacks_cell(model: &Model, slug: &str, id: &str) -> bool {
    let has = |cell: &CellView| cell.id() == Some(id);
    model.entries().iter().any(|entry| entry.slug == slug && entry.is_read && !entry.cells.iter().any(has))
}

/// Where one is.
pub fn here(model: &Model) -> Option<Place> {
    let slug = model.entry()?.slug.clone();
    Some(Place { slug, top: model.page.top })
}

/// Notes where one is, to come back to.
pub fn leave(model: &mut Model) {
    if let Some(place) = here(model) {
        model.jumps.leave(place);
    }
}

/// Jumps to an entry and into it; whether it is there.
pub fn go_to(model: &mut Model, slug: &str) -> bool {
    leave(model);
    arrive(model, slug, Arrival::Top(0))
}

/// Shows a place in an entry, whatever the log is filtered by; whether the entry is there.
pub fn arrive(model: &mut Model, slug: &str, place: Arrival) -> bool {
    if !model.entries().iter().any(|entry| entry.slug == slug) {
        say(model, format!("the entry {slug} is gone"));
        return false;
    }
    if !model.log.select(model.snapshot.as_deref().map_or(&[], |snapshot| &snapshot.entries), slug) {
        model.log.filter.clear();
        find::refresh(model);
        let entries = model.snapshot.as_deref().map_or(&[][..], |snapshot| &snapshot.entries);
        model.log.select(entries, slug);
    }
    model.focus = Focus::Entry;
    model.places.visit(slug);
    model.page.expect(slug, place);
    model.settle();
    true
}

/// To where one jumped from.
pub fn back(model: &mut Model) -> Vec<Effect> {
    match here(model).and_then(|here| model.jumps.back(here)) {
        Some(place) => {
            arrive(model, &place.slug, Arrival::Top(place.top));
        }
        None => say(model, "there is no place to go back to"),
    }
    Vec::new()
}

/// Forward again; `false` where one did not go back.
pub fn forward(model: &mut Model) -> bool {
    match here(model).and_then(|here| model.jumps.forward(here)) {
        Some(place) => arrive(model, &place.slug, Arrival::Top(place.top)),
        None => false,
    }
}

/// Folds or unfolds what is selected.
pub fn fold(model: &mut Model) -> Vec<Effect> {
    if !model.page.toggle_fold() {
        say(model, "there is nothing to fold here");
    }
    Vec::new()
}

/// Folds everything, or unfolds it.
pub fn fold_all(model: &mut Model) -> Vec<Effect> {
    // What is folded may all be below what is seen.
    let folded = model.page.toggle_all_folds();
    say(model, if folded { "sections and cells are folded; Z unfolds them" } else { "nothing is folded" });
    Vec::new()
}

/// Marks the selected task as done, or as not done: one byte of the file.
pub fn toggle_task(model: &mut Model) -> Vec<Effect> {
    let selected = model.page.spot().map(|spot| spot.kind.clone());
    let Some(SpotKind::Task { at, done }) = selected else {
        // Nothing is changed that the person has not seen selected.
        if !model.page.select_seen(|kind| matches!(kind, SpotKind::Task { .. })) {
            say(model, "there is no task on the screen");
        }
        return Vec::new();
    };
    let Some(entry) = model.entry() else { return Vec::new() };
    if !entry.document.is_writable() {
        say(model, "this file is not UTF-8 and is not written");
        return Vec::new();
    }
    let base = entry.document.source.clone();
    let text = entry.document.replace_range(at..at + 1, if done { " " } else { "x" });
    vec![Effect::Save { path: entry.path.clone(), base, text }]
}

/// Copies what is selected to the clipboard of the terminal: an address, the text of a cell, or a reference to the
/// entry.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = model.entry().cloned() else { return Vec::new() };
    let kind = model.page.spot().filter(|_| model.focus == Focus::Entry).map(|spot| spot.kind.clone());
    let (what, text) = match kind {
        Some(SpotKind::Link(address) | SpotKind::Image(address)) => ("the address", address),
        Some(SpotKind::Entry(link)) => ("the link", format!("[[{link}]]")),
        Some(SpotKind::Cell(index)) => {
            let id = entry.cells.get(index).and_then(CellView::id);
            let text = entry.document.cells.get(index).map_or("", |cell| entry.document.text(cell));
            (if id.is_some() { "the text of the cell" } else { "the text" }, text.to_owned())
        }
        _ => ("a link to the entry", format!("[[{}]]", entry.slug)),
    };
    if text.len() > osc52::MOST_BYTES {
        say(model, "this is too long for the clipboard of a terminal");
        return Vec::new();
    }
    say(model, format!("{what} is copied, if the terminal allows it"));
    vec![Effect::Copy(text)]
}
