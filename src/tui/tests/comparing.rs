//! Moving about in a comparison, and writing it into an entry.

use ratatui::layout::Size;

use super::super::comparison::Comparison;
use super::super::effect::Effect;
use super::super::fixture::{measured, model, model_of, press, snapshot};
use super::super::model::{Context, Model};
use super::super::msg::Msg;
use super::super::overlay::Overlay;
use super::super::update::update;
use crate::compare::Base;
use crate::entry::Document;
use crate::render::comparison::{Scaling, Smoothing};
use crate::render::plot::Marker;
use crate::render::style::Look;

fn after(keys: &str) -> Model {
    let mut model = model(Look::PLAIN, 80, 24);
    press(&mut model, keys);
    model
}

fn comparison(model: &Model) -> &Comparison {
    match model.overlays.last() {
        Some(Overlay::Comparison(comparison)) => comparison,
        other => panic!("{other:?}"),
    }
}

/// What is on the sheet.
fn text(model: &Model) -> String {
    crate::render::plain::to_plain(&comparison(model).lines)
}

#[test]
fn keys_look_at_it_in_other_ways() {
    let view = |keys: &str| after(keys).compare_view;
    for (keys, smoothing) in [("c", Smoothing::Off), ("c s", Smoothing::Light), ("c s s s s", Smoothing::Off)]
    {
        assert_eq!(view(keys).smoothing, smoothing, "{keys}");
    }
    for (keys, marker) in [("c M", Marker::Blocks), ("c M M", Marker::Ascii), ("c M M M", Marker::Braille)] {
        assert_eq!(view(keys).marker, marker, "{keys}");
    }
    for (keys, base) in
        [("c x", Base::Epoch), ("c x x", Base::Time), ("c x x x", Base::Share), ("c x x x x", Base::Step)]
    {
        assert_eq!(view(keys).base, Some(base), "{keys}");
    }
    assert_eq!(view("c X").x, Scaling::Log);
    assert!(text(&after("c s")).contains("lines smoothed, EMA 0.6; numbers are as measured"));
    assert!(text(&after("c x x")).contains("spread evenly over its steps"));
    assert!(text(&after("c X")).contains("step 0 has no place on a log axis"));
}

#[test]
fn the_cursor_says_what_every_arm_is_there() {
    // Half of 32 steps, a column to the right of the middle: the nearest recorded step.
    let there = after("c l");
    assert!(text(&there).contains("by step · at 16"), "{}", text(&there));
    assert!(text(&there).contains("(n=2)"), "{}", text(&there));
    for (keys, at) in
        [("c L L L L L L L L", "at 32"), ("c H H H H H H H H", "at 0"), ("c Right Left Left", "at 16")]
    {
        assert!(text(&after(keys)).contains(at), "{keys}\n{}", text(&after(keys)));
    }
    assert_eq!(after("c l x").compare_view.cursor, None, "on another axis it would stand elsewhere");
}

#[test]
fn esc_takes_away_the_cursor_then_the_zoom_then_the_comparison() {
    let mut model = after("c l Enter");
    assert!(comparison(&model).is_zoomed && model.compare_view.cursor.is_some());
    press(&mut model, "Esc");
    assert!(comparison(&model).is_zoomed && model.compare_view.cursor.is_none());
    press(&mut model, "Esc");
    assert!(!comparison(&model).is_zoomed);
    press(&mut model, "Esc");
    assert_eq!(model.context(), Context::Log);
}

#[test]
fn one_quantity_has_the_whole_screen_and_nothing_is_worked_out_twice() {
    let zoomed = after("c Enter");
    assert!((20..=22).contains(&comparison(&zoomed).lines.len()), "{}", text(&zoomed));
    for keys in ["c J", "c J K", "c G", "c G g"] {
        assert_eq!(comparison(&after(keys)).at, 0, "there is one quantity: {keys}");
    }
    let mut model = after("c");
    let compared = |model: &Model| std::ptr::from_ref(comparison(model).compared().unwrap());
    let before = compared(&model);
    press(&mut model, "l l y s j k");
    assert_eq!(compared(&model), before);
}

#[test]
fn j_and_k_go_from_quantity_to_quantity_and_zoom_follows() {
    let at = |keys: &str| {
        let mut model = model_of(measured());
        press(&mut model, keys);
        (comparison(&model).at, comparison(&model).top > 0)
    };
    for (keys, expected) in [
        ("c", (0, false)),
        ("c J", (1, true)),
        ("c J J J J J", (1, true)),
        ("c J J K", (0, false)),
        ("c J K", (0, false)),
        ("c G", (1, true)),
        ("c J Enter", (1, false)),
        ("c J Enter J Enter", (1, true)),
    ] {
        assert_eq!(at(keys), expected, "{keys}");
    }
}

#[test]
fn every_size_is_drawn_without_a_panic() {
    let mut model = after("c l");
    for (width, height) in [(1, 1), (2, 40), (400, 120), (20, 3), (80, 24)] {
        for keys in ["Enter", "Enter", "M", "x"] {
            update(&mut model, Msg::Resize(Size::new(width, height)));
            press(&mut model, keys);
        }
    }
}

/// The text that is asked to be written, and the one before.
fn written(model: &mut Model, keys: &str) -> Option<(String, String)> {
    press(model, keys).into_iter().find_map(|effect| match effect {
        Effect::Save { base, text, .. } => Some((base, text)),
        _ => None,
    })
}

#[test]
fn s_writes_a_compare_cell_and_changes_no_other_byte() {
    for (keys, cell) in [
        ("c S", "```yaml compare\nof: batch-size\n```\n"),
        ("c Enter S", "```yaml compare\nof: batch-size\nshow: train_loss\n```\n"),
        ("Enter m Space Enter c S", "```yaml compare\nof: batch-size:flat\n```\n"),
        (
            "Enter m Space Enter Esc j j j Enter Space c S",
            "```yaml compare\nof: [2026-11-22-flat-vs-sharp#batch-size:flat, descent]\n```\n",
        ),
    ] {
        let mut model = after("");
        let (base, text) = written(&mut model, keys).unwrap_or_else(|| panic!("{keys}: {:?}", model.news()));
        assert!(text.contains(cell), "{keys}: {text}");
        let documents = [&base, &text].map(|text| Document::parse("e.md", text.clone()).cells.len());
        assert_eq!(documents[1], documents[0] + 1, "{keys}");
        let at = text.find(cell).unwrap();
        let without = format!("{}{}", &text[..at], &text[at + cell.len()..]);
        assert_eq!(without.replace('\n', ""), base.replace('\n', ""), "{keys}");
        assert!(model.news().unwrap().starts_with("compare cell written, line "), "{:?}", model.news());
    }
}

#[test]
fn a_new_reading_shows_by_itself_and_keeps_the_place() {
    let mut model = after("c Enter");
    update(&mut model, Msg::Snapshot(snapshot()));
    assert!(comparison(&model).is_zoomed && comparison(&model).compared().is_some());
}
