//! Finding: in all entries, by tag and verdict, bookmarks and what was seen last.

use super::super::fixture::{many, model, model_of, press, type_in};
use super::super::model::{Context, Model};
use super::super::overlay::Overlay;
use super::super::state::State;
use crate::render::style::Look;

fn fresh() -> Model {
    model(Look::PLAIN, 80, 24)
}

fn titles(model: &Model) -> String {
    let entries = model.entries();
    model.log.shown.iter().map(|&index| entries[index].title.as_str()).collect::<Vec<_>>().join(",")
}

fn items(model: &Model) -> Vec<(String, String)> {
    let Some(Overlay::List(list)) = model.overlays.last() else { panic!("no list") };
    list.items.iter().map(|item| (item.label.clone(), item.detail.clone())).collect()
}

#[test]
fn a_long_entry_leaves_room_for_the_others() {
    let mut model = fresh();
    press(&mut model, "s");
    type_in(&mut model, "of the entry");
    let of = |title: &str| items(&model).iter().filter(|(label, _)| label == title).count();
    assert_eq!((of("Edge of stability"), of("Width and variance")), (20, 1));
}

#[test]
fn the_text_of_all_entries_is_searched_while_it_is_typed() {
    let mut model = fresh();
    press(&mut model, "s");
    assert_eq!((model.context(), items(&model).len()), (Context::List, 0));
    type_in(&mut model, "paragraph 2 ");
    let found = items(&model);
    assert_eq!(found[0], ("P ≈ M log M?".to_owned(), "Paragraph 2 of the entry.".to_owned()));
    press(&mut model, "Down Enter");
    assert_eq!(
        (model.entry().unwrap().title.as_str(), model.context()),
        ("Edge of stability", Context::Entry)
    );
    assert_eq!(model.page.needle, "paragraph 2 ");
    assert!(model.page.lines()[model.page.hit().unwrap()].to_string().contains("Paragraph 2"));
    press(&mut model, "Esc ^O");
    assert_eq!(model.entry().unwrap().title, "Flat vs sharp", "a jump can be taken back");
}

#[test]
fn the_log_is_filtered_by_tag_and_verdict() {
    let mut model = fresh();
    press(&mut model, "#");
    assert_eq!(items(&model)[0], ("#capacity".to_owned(), "2 entries".to_owned()));
    press(&mut model, "Enter");
    assert_eq!(titles(&model), "P ≈ M log M?,Double descent");
    press(&mut model, "v");
    assert_eq!(
        (model.log.filter.as_str(), titles(&model)),
        ("#capacity is:running", "Double descent".to_owned())
    );
    press(&mut model, "v");
    assert_eq!(titles(&model), "P ≈ M log M?");
    press(&mut model, "Esc");
    assert_eq!(model.log.shown.len(), 5);
}

#[test]
fn bookmarks_and_recent_entries_are_listed() {
    let mut model = fresh();
    press(&mut model, "'");
    assert_eq!(model.context(), Context::Log, "there is nothing to list yet");
    press(&mut model, "j b j Enter Esc g '");
    let labels: Vec<String> = items(&model).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["P ≈ M log M?", "Width and variance"]);
    type_in(&mut model, "width");
    press(&mut model, "Enter");
    assert_eq!(model.entry().unwrap().title, "Width and variance");
}

#[test]
fn one_goes_on_where_one_was() {
    let mut before = fresh();
    press(&mut before, "G b Enter ^D ^D Z");
    let state = State::of(&before);
    let kept = serde_json::to_string(&state).unwrap();
    let mut after = Model::new(Look::PLAIN, before.size);
    after.restore(serde_json::from_str(&kept).unwrap());
    super::super::update::update(
        &mut after,
        super::super::msg::Msg::Snapshot(super::super::fixture::snapshot()),
    );
    assert_eq!(State::of(&after), state);
    assert_eq!(after.page.top, before.page.top);
}

#[test]
fn a_thousand_entries_are_a_list_like_any_other() {
    let mut model = model_of(many(1000));
    press(&mut model, "s");
    type_in(&mut model, "paragraph");
    assert_eq!(items(&model).len(), 300, "no more than anybody looks through");
    press(&mut model, "PgDn PgDn Enter Esc Esc /");
    type_in(&mut model, "entry 99");
    assert_eq!(model.log.shown.len(), 19, "99, 199 …, 990 …");
}
