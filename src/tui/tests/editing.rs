//! Editing in place: (keys, text), what is saved, and that nothing is ever lost.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::desk::Draft;
use super::super::effect::Effect;
use super::super::fixture::{conflict, model, model_of, press, spots, type_in};
use super::super::model::{Context, Model};
use super::super::msg::Msg;
use super::super::update::update;
use super::super::view;
use crate::notebook::write::SaveError;
use crate::render::style::Look;

const SLUG: &str = "2026-11-22-alpha";

/// The editor on an entry without cells; the cursor is at the start of its body.
fn editing(keys: &str) -> Model {
    let mut model = model_of(spots());
    press(&mut model, "Enter i");
    assert_eq!(model.context(), Context::Edit);
    press(&mut model, keys);
    model
}

fn text(model: &Model) -> &str {
    model.editor.as_ref().map_or("", |editor| editor.buffer.text())
}

/// The text after the front matter, up to the first blank line.
fn first(model: &Model) -> &str {
    text(model).split("---\n\n").nth(1).unwrap().split("\n\n").next().unwrap()
}

#[test]
fn keys_edit_the_text() {
    let start = "See [[beta]] and [a paper](https://example.org/p), or the note[^1].";
    let table = [
        ("", start.to_owned()),
        ("x", format!("x{start}")),
        ("x ^U", start.to_owned()),
        ("x ^U ^R", format!("x{start}")),
        ("Delete Delete", start[2..].to_owned()),
        ("End ^W ^W", start[..start.find("note").unwrap()].to_owned()),
        ("^K", String::new()),
        ("^K ^K", "\n## Plan".to_owned()),
        ("End Backspace Backspace", start[..start.len() - 2].to_owned()),
        ("^Right ^Right x", start.replace("beta", "betax")),
        ("Right Left x", format!("x{start}")),
        ("Tab", format!("  {start}")),
    ];
    for (keys, expected) in table {
        assert_eq!(first(&editing(keys)), expected, "{keys}");
    }
}

#[test]
fn every_change_is_kept_as_a_draft_before_anything_else_happens() {
    let mut model = editing("");
    let effects = press(&mut model, "x");
    assert!(
        matches!(effects.as_slice(), [Effect::KeepDraft { slug, text, .. }] if slug == SLUG && text.contains("xSee")),
        "{effects:?}"
    );
    assert_eq!(press(&mut model, "Right"), [], "nothing changed");
    assert!(matches!(press(&mut model, "^U").as_slice(), [Effect::KeepDraft { .. }]));
}

#[test]
fn a_paste_is_one_step() {
    let mut model = editing("");
    update(&mut model, Msg::Paste("one\r\ntwo\n".to_owned()));
    assert!(first(&model).starts_with("one\ntwo\nSee"));
    press(&mut model, "^U");
    assert!(first(&model).starts_with("See"));
}

#[test]
fn escape_saves_and_leaves_and_saving_stays() {
    let mut model = editing("x");
    let path = model.editor.as_ref().unwrap().path.clone();
    let saved = |model: &mut Model| update(model, Msg::Saved { path: path.clone(), outcome: Ok(()) });
    let effects = press(&mut model, "^S");
    assert!(matches!(effects.as_slice(), [Effect::Save { text, base, .. }] if text.len() == base.len() + 1));
    assert_eq!(saved(&mut model), [Effect::DropDraft(SLUG.to_owned()), Effect::Reload]);
    assert_eq!((model.context(), model.news()), (Context::Edit, Some("saved")));
    press(&mut model, "y");
    assert!(matches!(press(&mut model, "Esc").as_slice(), [Effect::Save { .. }]));
    assert!(model.editor.is_some(), "not left before it is saved");
    saved(&mut model);
    assert_eq!(model.context(), Context::Entry);
    let mut model = editing("");
    assert_eq!(press(&mut model, "Esc"), [Effect::DropDraft(SLUG.to_owned())], "nothing was changed");
    assert_eq!(model.context(), Context::Entry);
}

#[test]
fn what_is_typed_while_it_is_saved_is_saved_after_it() {
    let mut model = editing("x Esc y");
    let path = model.editor.as_ref().unwrap().path.clone();
    assert!(press(&mut model, "Esc Esc").is_empty(), "one at a time");
    let effects = update(&mut model, Msg::Saved { path: path.clone(), outcome: Ok(()) });
    assert!(
        matches!(&effects[0], Effect::Save { base, text, .. } if base.contains("xSee") && text.contains("xySee"))
    );
    let failed = Err(SaveError::Failed("not saved: no room".to_owned()));
    update(&mut model, Msg::Saved { path: path.clone(), outcome: failed });
    assert!(first(&model).starts_with("xySee"), "{}", first(&model));
    assert!(model.news().unwrap().contains("the draft is kept"));
    press(&mut model, "Esc");
    update(&mut model, Msg::Saved { path, outcome: Ok(()) });
    assert_eq!(model.context(), Context::Entry);
}

#[test]
fn what_was_saved_is_what_is_edited_next_also_before_it_was_read_again() {
    let mut model = editing("x Esc");
    let path = model.editor.as_ref().unwrap().path.clone();
    update(&mut model, Msg::Saved { path, outcome: Ok(()) });
    press(&mut model, "i y Esc");
    let editor = model.editor.as_ref().unwrap();
    assert!(editor.base.contains("xSee") && editor.saving.as_ref().unwrap().text.contains("yxSee"));
    // Once it was read, that counts.
    let mut model = editing("x Esc");
    let path = model.editor.as_ref().unwrap().path.clone();
    update(&mut model, Msg::Saved { path, outcome: Ok(()) });
    update(&mut model, Msg::Snapshot(spots()));
    press(&mut model, "i");
    assert!(model.editor.as_ref().unwrap().base.contains("\n\nSee"));
}

#[test]
fn what_is_taken_back_while_it_is_saved_is_taken_back_on_disk() {
    let mut model = editing("x ^S ^U");
    let path = model.editor.as_ref().unwrap().path.clone();
    assert!(press(&mut model, "Esc").is_empty() && model.editor.is_some(), "it waits for the disk");
    let effects = update(&mut model, Msg::Saved { path: path.clone(), outcome: Ok(()) });
    assert!(
        matches!(&effects[0], Effect::Save { base, text, .. } if base.contains("xSee") && text.contains("\n\nSee"))
    );
    update(&mut model, Msg::Saved { path, outcome: Ok(()) });
    assert!(model.editor.is_none());
}

#[test]
fn changes_on_disk_are_merged_or_laid_side_by_side() {
    let mut model = editing("x ^S");
    let editor = model.editor.as_ref().unwrap();
    let (path, disk) = (editor.path.clone(), editor.base.replace("None.", "Something."));
    assert_ne!(disk, editor.base);
    let outcome = Err(SaveError::Changed(disk.clone()));
    let effects = update(&mut model, Msg::Saved { path, outcome });
    let saves = |effect: &Effect| matches!(effect, Effect::Save { base, text, .. } if *base == disk && text.contains("xSee") && text.contains("Something."));
    assert!(effects.iter().any(saves), "{effects:?}");
    let effects = press(&mut model, "^U");
    assert!(
        matches!(&effects[0], Effect::KeepSide { text, .. } if text.contains("Something.")),
        "what was taken in is not lost when it is taken out again: {effects:?}"
    );

    assert_eq!(conflict().context(), Context::Conflict);
    let mut back = conflict();
    press(&mut back, "m Esc");
    assert_eq!(back.context(), Context::Edit);
    assert!(text(&back).contains("Mid: batch-size"), "Esc decides nothing and loses nothing");
}

#[test]
fn a_conflict_is_settled_place_by_place() {
    // What is written, and which versions are kept beside it.
    for (keys, id, end, kept) in [
        ("m m Enter", "Mid: batch-size\n", "x", &["y\n"][..]),
        ("M Enter", "Mid: batch-size\n", "x", &["y\n"]),
        ("m t Enter", "Mid: batch-size\n", "y\n", &["x", "y\n"]),
        ("J m K t Enter", "id: theirs\n", "x", &["x", "y\n"]),
        ("m Enter t Enter", "Mid: batch-size\n", "y\n", &["x", "y\n"]),
    ] {
        let mut model = conflict();
        let effects = press(&mut model, keys);
        let sides: Vec<&str> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::KeepSide { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(sides.len(), kept.len(), "{keys}");
        assert!(sides.iter().zip(kept).all(|(side, end)| side.ends_with(end)), "{keys}: {sides:?}");
        let saved = effects.iter().find_map(|effect| match effect {
            Effect::Save { base, text, .. } => Some((base, text)),
            _ => None,
        });
        let (base, text) = saved.unwrap();
        assert!(base.contains("id: theirs") && text.contains(&format!("experiment\n{id}")), "{keys}: {text}");
        assert!(text.ends_with(&format!("```\n{end}")), "{keys}: {text}");
        assert_eq!(model.context(), Context::Edit, "{keys}");
    }
}

#[test]
fn what_the_disk_has_needs_no_writing_and_both_are_sorted_out_by_hand() {
    let mut theirs = conflict();
    let effects = press(&mut theirs, "T Enter");
    assert!(
        matches!(&effects[..2], [Effect::KeepSide { text, .. }, Effect::DropDraft(_)] if text.contains("Mid: batch-size")),
        "{effects:?}"
    );
    assert!(text(&theirs).contains("id: theirs") && !theirs.editor.as_ref().unwrap().is_changed());
    let mut both = conflict();
    press(&mut both, "b m Enter");
    assert_eq!(both.context(), Context::Edit);
    let marked = "<<<<<<< mine\nMid: batch-size\n=======\nid: theirs\n>>>>>>> on disk\n";
    assert!(text(&both).contains(marked), "{}", text(&both));
    assert!(text(&both)[both.editor.as_ref().unwrap().buffer.cursor()..].starts_with(marked));
    let mut left = both.clone();
    press(&mut left, "Esc");
    let path = left.editor.as_ref().unwrap().path.clone();
    update(&mut left, Msg::Saved { path, outcome: Ok(()) });
    assert_eq!(left.news(), Some("saved, with the marks of both sides in it"));
    let effects = press(&mut both, "^U");
    assert!(
        matches!(&effects[0], Effect::KeepSide { text, .. } if text.contains(marked)),
        "theirs is kept before it goes: {effects:?}"
    );
    assert!(text(&both).ends_with("```\nx"), "what was in the editor is one step back");
    let mut open = conflict();
    press(&mut open, "m Enter");
    assert_eq!(
        (open.context(), open.news()),
        (Context::Conflict, Some("1 difference still to be decided: m mine, t theirs, b both"))
    );
}

#[test]
fn a_draft_is_gone_on_with() {
    let mut model = model_of(spots());
    let source = model.entry().unwrap().document.source.clone();
    let draft = Draft { base: source.clone(), text: source.replace("See", "Saw") };
    model.drafts.insert(SLUG.to_owned(), draft);
    press(&mut model, "i");
    assert!(first(&model).starts_with("Saw"));
    press(&mut model, "^U");
    assert_eq!(text(&model), source, "what the file holds is one step back");
}

#[test]
fn a_slip_in_a_cell_is_told_while_it_is_written() {
    let mut model = model(Look::PLAIN, 80, 24);
    press(&mut model, "Enter i");
    let problem = |model: &Model| {
        model.editor.as_ref().unwrap().problem.as_ref().map(|problem| problem.message.clone())
    };
    assert_eq!(problem(&model), None);
    type_in(&mut model, "optimiser: 1\n");
    assert!(problem(&model).unwrap().contains("optimiser"), "{:?}", problem(&model));
    press(&mut model, "^Home");
    assert_eq!(problem(&model), None, "the cursor is elsewhere");
}

#[test]
fn what_is_offered_is_taken_by_tab() {
    let mut model = model(Look::PLAIN, 80, 24);
    press(&mut model, "Enter i");
    type_in(&mut model, "meas");
    let offer = model.editor.as_ref().unwrap().completion.clone().unwrap();
    assert_eq!(offer.words, ["measure"]);
    press(&mut model, "Tab");
    assert!(text(&model).contains("\nmeasureid: batch-size"));
    type_in(&mut model, "s");
    press(&mut model, "Esc");
    assert_eq!(model.context(), Context::Edit, "Esc only takes the offer away, if there is one");
}

/// What the bar says of a key.
fn bar(model: &Model) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.width, model.size.height));
    view::paint(&mut buffer, model);
    let row = buffer.content().chunks(usize::from(model.size.width)).next_back().unwrap();
    let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_bar_says_what_keys_do_now() {
    for (keys, typed, says) in [
        ("", "", "EDIT ^F find Esc leave"),
        ("x", "", "EDIT ^S save ^U undo ^F find Esc save, leave"),
        ("x ^U", "", "EDIT ^R redo ^F find Esc leave"),
        ("", "meas", "EDIT Tab take Esc close"),
        ("", "se", "EDIT Tab take Down next Esc close"),
        ("x ^F b a t c h Enter", "", "EDIT ^S save ^U undo ^F find ^G next Esc end search"),
    ] {
        let mut model = model(Look::PLAIN, 80, 24);
        press(&mut model, "Enter i");
        press(&mut model, keys);
        type_in(&mut model, typed);
        assert_eq!(bar(&model), says, "{keys} {typed}");
    }
}

#[test]
fn searching_in_the_text() {
    let mut model = editing("^F");
    type_in(&mut model, "plan");
    press(&mut model, "Enter");
    let at = model.editor.as_ref().unwrap().buffer.cursor();
    assert!(text(&model)[at..].starts_with("Plan"));
    press(&mut model, "^F");
    type_in(&mut model, "none");
    press(&mut model, "Esc");
    assert_eq!(model.editor.as_ref().unwrap().buffer.cursor(), at, "Esc goes back to where the search began");
}

#[test]
fn a_new_entry_is_asked_for_and_edited_when_it_is_there() {
    let mut model = model_of(spots());
    press(&mut model, "o");
    type_in(&mut model, "Is it flat?");
    assert_eq!(press(&mut model, "Enter"), [Effect::NewEntry("Is it flat?".to_owned())]);
    assert_eq!(press(&mut model, "o Enter"), [], "without a title nothing is begun");
    press(&mut model, "a");
    type_in(&mut model, "a thought");
    assert_eq!(press(&mut model, "Enter"), [Effect::Append("a thought".to_owned())]);
    update(&mut model, Msg::Written(Ok("entries/2026-11-21-beta.md".into())));
    update(&mut model, Msg::Snapshot(spots()));
    assert_eq!(model.entry().unwrap().title, "Beta", "one goes to what was written");
}
