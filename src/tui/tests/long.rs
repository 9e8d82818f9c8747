//! Long entries, of which only the beginning is laid out at first: nobody can tell.

use ratatui::text::Line;

use super::super::effect::Effect;
use super::super::fixture::{long, model_of, press, type_in};
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::update::update;

/// The screen before the rest has come, and what asks for it.
fn beginning() -> (Model, Vec<Effect>) {
    let mut model = model_of(std::sync::Arc::default());
    let effects = update(&mut model, Msg::Snapshot(long()));
    (model, effects)
}

/// The same with everything laid out.
fn whole() -> Model {
    let (mut model, effects) = beginning();
    lay(&mut model, &effects);
    model
}

fn lay(model: &mut Model, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Lay(galley) = effect {
            update(model, Msg::Laid { id: galley.id, rendered: galley.set(usize::MAX).into() });
        }
    }
}

/// What is seen of the entry, and what is selected in it.
fn seen(model: &Model) -> (Vec<String>, String) {
    let page = &model.page;
    let lines = page.lines().iter().skip(page.top).take(23).map(Line::to_string);
    (lines.collect(), format!("{:?}", page.spot().map(|spot| &spot.kind)))
}

#[test]
fn the_beginning_is_there_at_once_and_is_that_of_the_whole() {
    let (model, effects) = beginning();
    let lines = model.page.lines().len();
    assert!((100..1000).contains(&lines), "{lines}");
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::Lay(_))).count(), 1);
    let all = whole();
    assert!(all.page.lines().len() > 3000);
    assert_eq!(model.page.lines(), &all.page.lines()[..lines]);
    let spots = model.page.spots();
    assert_eq!(spots, &all.page.spots()[..spots.len()]);
    assert_eq!(seen(&model), seen(&all));
}

#[test]
fn whatever_is_done_before_the_rest_has_come_is_the_same() {
    let (first, all) = (beginning().0, whole());
    let down = "^D ".repeat(100);
    for keys in [
        "Enter G",
        "Enter G g j",
        "Enter G K K",
        "Enter z",
        "Enter Z",
        "Enter Z j j z",
        "Enter J J J z J",
        &format!("Enter {down}"),
        &format!("Enter {down} K k"),
        &format!("Enter {}", "J ".repeat(200)),
        "Enter G Esc j Enter ^O",
    ] {
        let (mut early, mut late) = (first.clone(), all.clone());
        let effects = press(&mut early, keys);
        press(&mut late, keys);
        assert_eq!(seen(&early), seen(&late), "{keys}");
        lay(&mut early, &effects);
        assert_eq!(seen(&early), seen(&late), "{keys}, and then the rest came");
    }
    for needle in ["Number 7:", "Number 255", "The end", "nowhere"] {
        let (mut early, mut late) = (first.clone(), all.clone());
        for model in [&mut early, &mut late] {
            press(model, "Enter /");
            type_in(model, &format!("{needle}\n"));
            press(model, "n N");
        }
        assert_eq!(seen(&early), seen(&late), "{needle}");
        assert_eq!(early.news(), late.news());
    }
}

#[test]
fn what_comes_too_late_is_left() {
    let (mut model, effects) = beginning();
    press(&mut model, "j");
    let before = seen(&model);
    lay(&mut model, &effects);
    assert_eq!(seen(&model), before);
    // Another width: the old lines are not taken.
    let (mut model, old) = beginning();
    let new = update(&mut model, Msg::Resize(ratatui::layout::Size::new(60, 24)));
    let lines = model.page.lines().len();
    lay(&mut model, &old);
    assert_eq!(model.page.lines().len(), lines);
    lay(&mut model, &new);
    assert!(model.page.lines().len() > lines);
}

#[test]
fn what_is_folded_is_folded_from_the_first() {
    let mut model = whole();
    press(&mut model, "Enter j j J z Esc j");
    let effects = press(&mut model, "k");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Lay(_))));
    assert!(seen(&model).0.iter().any(|line| line.contains(" … +")), "{:?}", seen(&model));
}
