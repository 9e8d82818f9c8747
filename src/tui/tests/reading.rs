//! Reading: selecting what can be acted upon, folding, tasks, links and the way back.

use super::super::effect::Effect;
use super::super::fixture::{cells_linked, linked, model_of, press, spots};
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::update::update;
use crate::notebook::write::SaveError;
use crate::render::SpotKind;

fn after(keys: &str) -> Model {
    let mut model = model_of(spots());
    press(&mut model, keys);
    model
}

fn selected(model: &Model) -> String {
    match model.page.spot().map(|spot| &spot.kind) {
        Some(SpotKind::Entry(link)) => format!("[[{link}]]"),
        Some(SpotKind::Link(address) | SpotKind::Image(address)) => address.clone(),
        Some(SpotKind::Footnote(label)) => format!("^{label}"),
        Some(SpotKind::Note(label)) => format!("note {label}"),
        Some(SpotKind::Heading { name, .. }) => name.clone(),
        Some(SpotKind::Task { done, .. }) => format!("task {done}"),
        Some(SpotKind::Cell(index)) => format!("cell {index}"),
        None => String::new(),
    }
}

fn title(model: &Model) -> &str {
    model.entry().map_or("", |entry| &entry.title)
}

fn shown(model: &Model) -> String {
    model.page.lines().iter().map(|line| line.to_string() + "\n").collect()
}

#[test]
fn whatever_can_be_acted_upon_is_selected_in_turn() {
    for (keys, expected) in [
        ("Enter", ""),
        ("Enter J", "[[beta]]"),
        ("Enter J J", "https://example.org/p"),
        ("Enter J J J", "^1"),
        ("Enter J J J J", "Plan"),
        ("Enter J J J J J", "task false"),
        ("Enter J J J J J J K", "task false"),
        ("Enter J J J J J J J J", "Results"),
        ("Enter J Esc", ""),
    ] {
        assert_eq!(selected(&after(keys)), expected, "{keys}");
    }
}

#[test]
fn a_task_is_toggled_by_one_byte() {
    let mut model = after("Enter t");
    assert_eq!(selected(&model), "task false", "the first press only selects it");
    let Some(Effect::Save { base, text, path }) = press(&mut model, "t").pop() else {
        panic!("nothing saved")
    };
    assert!(path.ends_with("2026-11-22-alpha.md"));
    let differing: Vec<_> = base.bytes().zip(text.bytes()).filter(|(a, b)| a != b).collect();
    assert_eq!((base.len(), differing), (text.len(), vec![(b' ', b'x')]));
    assert!(text.contains("- [x] first"));
    let mut model = after("Enter t J");
    assert!(
        matches!(press(&mut model, "Enter").as_slice(), [Effect::Save { text, .. }] if text.contains("- [ ] second"))
    );
    let outcome = Err(SaveError::Changed(String::new()));
    assert_eq!(update(&mut model, Msg::Saved { path, outcome }), [Effect::Reload]);
    assert!(model.news().unwrap().contains("changed meanwhile"));
}

#[test]
fn sections_fold_and_unfold() {
    let mut model = after("Enter J J J J z");
    assert_eq!(selected(&model), "Plan");
    let folded = shown(&model);
    assert!(
        folded.contains("## Plan … +7") && !folded.contains("first") && !folded.contains("Deep"),
        "{folded}"
    );
    assert!(folded.contains("## Results"));
    press(&mut model, "J");
    assert_eq!(selected(&model), "Results");
    press(&mut model, "K Enter");
    assert!(shown(&model).contains("first"));
    press(&mut model, "Z");
    assert!(!shown(&model).contains("None."));
    press(&mut model, "Z");
    assert!(shown(&model).contains("None."));
}

#[test]
fn a_link_to_a_cell_leads_to_the_cell() {
    for (keys, expected) in [
        ("Enter J Enter", ("Beta", "cell 0")),
        ("Enter J J Enter", ("Beta", "cell 1")),
        ("Enter J J Enter ^O", ("Alpha", "")),
        ("Enter J J J Enter", ("Alpha", "[[beta#nothing]]")),
    ] {
        let mut model = model_of(cells_linked());
        press(&mut model, keys);
        assert_eq!((title(&model), selected(&model).as_str()), expected, "{keys}");
    }
}

#[test]
fn folded_cells_show_their_head() {
    let mut model = super::super::fixture::model(crate::render::Look::PLAIN, 80, 24);
    press(&mut model, "Enter z");
    let folded = shown(&model);
    assert!(folded.contains("experiment batch-size") && !folded.contains("mlp 8"), "{folded}");
    press(&mut model, "]");
    assert_eq!(model.page.cell, Some(1));
    press(&mut model, "[ z");
    assert!(shown(&model).contains("mlp 8"));
}

#[test]
fn links_are_followed_and_the_way_back_is_known() {
    let mut model = after("Enter J Enter");
    assert_eq!(title(&model), "Beta");
    assert!(shown(&model).contains("linked from\n← Alpha"), "{}", shown(&model));
    press(&mut model, "^O");
    assert_eq!(title(&model), "Alpha");
    press(&mut model, "Tab");
    assert_eq!(title(&model), "Beta", "Tab is ^I: forward again");
    press(&mut model, "J Enter");
    assert_eq!(title(&model), "Alpha", "a back-link is a link");
    press(&mut model, "J J J Enter");
    assert_eq!(selected(&model), "note 1");
    press(&mut model, "Enter");
    assert_eq!(selected(&model), "^1");
}

#[test]
fn of_many_back_links_the_newest_are_named() {
    let mut model = model_of(linked(43));
    press(&mut model, "G Enter");
    let shown = shown(&model);
    assert!(shown.contains("linked from\n← Link 42\n← Link 41\n"), "{shown}");
    assert!(
        shown.contains("← Link 23\nand 23 older ones") || shown.contains("← Link 23\n\nand 23 older ones"),
        "{shown}"
    );
}

#[test]
fn what_is_selected_is_copied() {
    let copied = |keys: &str| match press(&mut model_of(spots()), keys).pop() {
        Some(Effect::Copy(text)) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(copied("Y"), "[[2026-11-22-alpha]]");
    assert_eq!(copied("Enter J J Y"), "https://example.org/p");
    let mut model = super::super::fixture::model(crate::render::Look::PLAIN, 80, 24);
    assert!(
        matches!(press(&mut model, "Enter Y").pop(), Some(Effect::Copy(text)) if text.starts_with("id: batch-size"))
    );
}
