//! Entries that are known at a glance until they are selected: whatever is typed meanwhile comes to the same.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::fixture::{model_of, press, snapshot, type_in};
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::update::update;
use crate::entry::Document;
use crate::notebook::{Entry, Snapshot};

/// The notebook with only the entries read whose slugs are `read`.
fn glanced(read: &[&str], texts: bool) -> Arc<Snapshot> {
    let mut all = Snapshot::clone(&snapshot());
    for entry in &mut all.entries {
        if read.contains(&entry.slug.as_str()) {
            continue;
        }
        let document = if texts {
            Arc::clone(&entry.document)
        } else {
            let links = entry.document.links.clone();
            Arc::new(Document { links, ..Document::parse(&entry.document.file, String::new()) })
        };
        *entry = Arc::new(Entry { document, cells: Vec::new(), is_read: false, ..Entry::clone(entry) });
    }
    Arc::new(all)
}

/// Gives the screen what it asks for: entries, again and again.
fn serve(model: &mut Model, texts: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    while model.is_waiting() {
        let wanted = model.wanted();
        let read: Vec<&str> = wanted.curves.iter().chain(&wanted.near).map(String::as_str).collect();
        effects.extend(update(model, Msg::Snapshot(glanced(&read, texts))));
    }
    effects
}

fn asked(effects: &[Effect]) -> Vec<String> {
    let asked = effects.iter().filter(|effect| !matches!(effect, Effect::Want(_) | Effect::Lay(_)));
    asked.map(|effect| format!("{effect:?}")).collect()
}

#[test]
fn keys_for_an_entry_that_is_still_to_be_read_wait_for_it() {
    for texts in [false, true] {
        for keys in [
            "j j j r",
            "j j j Enter ] r",
            "j j j R",
            "j j j Space j k c",
            "j j j Enter / F o o Enter",
            "G Enter J J",
            "G Enter z j j k",
            "j j j Enter G",
            "j Tab j j Esc j",
            "j j ? Esc Enter ]",
            "j j j i x y z",
            "v v j Enter",
        ] {
            let mut all = model_of(snapshot());
            let mut effects = press(&mut all, keys);
            let mut some = model_of(glanced(&["2026-11-22-flat-vs-sharp"], texts));
            // All of it typed before anything is read, and each key answered before the next.
            let mut at_once = press(&mut some, keys);
            at_once.extend(serve(&mut some, texts));
            let mut slowly = model_of(glanced(&["2026-11-22-flat-vs-sharp"], texts));
            let mut one_by_one = Vec::new();
            for key in keys.split(' ') {
                one_by_one.extend(press(&mut slowly, key));
                one_by_one.extend(serve(&mut slowly, texts));
            }
            effects.retain(|effect| !matches!(effect, Effect::Want(_)));
            for model in [&some, &slowly] {
                let seen = |model: &Model| {
                    let selected = model.entry().map(|entry| entry.slug.clone());
                    let page = &model.page;
                    (
                        selected,
                        model.context(),
                        page.top,
                        page.cell,
                        page.spot().cloned(),
                        model.marks.clone(),
                    )
                };
                assert_eq!(seen(model), seen(&all), "{keys}, texts {texts}");
            }
            assert_eq!(asked(&at_once), asked(&effects), "{keys}");
            assert_eq!(asked(&one_by_one), asked(&effects), "{keys}");
        }
    }
}

#[test]
fn a_place_that_is_found_in_an_entry_to_be_read_is_gone_to_when_it_is() {
    let find = |model: &mut Model| {
        press(model, "s");
        type_in(model, "paragraph 30");
        press(model, "Enter");
    };
    let mut all = model_of(snapshot());
    find(&mut all);
    let mut some = model_of(glanced(&[], true));
    serve(&mut some, true);
    find(&mut some);
    serve(&mut some, true);
    assert_eq!((some.page.top, some.page.hit()), (all.page.top, all.page.hit()));
    assert!(all.page.hit().is_some(), "the fixture has that line");
}

#[test]
fn what_is_edited_is_not_overtaken_by_what_was_not_read() {
    let mut model = model_of(snapshot());
    press(&mut model, "i");
    update(&mut model, Msg::Snapshot(glanced(&[], false)));
    assert!(!model.editor.as_ref().unwrap().overtaken);
}
