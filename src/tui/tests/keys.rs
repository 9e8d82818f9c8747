//! The table of keys keeps its word: every key that the help shows does something.

use crossterm::event::{KeyEvent, KeyModifiers};

use super::super::fixture::{conflict, measured, model, model_of, press, runs, spots};
use super::super::keymap::bindings;
use super::super::model::{Context, Model};
use super::super::msg::Msg;
use super::super::update::update;
use crate::render::style::Look;

/// Screens of a context, in one of which each of its keys must do something.
fn screens(context: Context) -> Vec<Model> {
    let ways: &[&str] = match context {
        Context::Log => &["j", "G", "j j j", "j j j R", "Enter Space Esc", "/ e d g Enter"],
        Context::Entry => &["Enter", "Enter ]", "G Enter ^D", "j j j Enter", "j j j Enter r", "Enter Space"],
        Context::Prompt => &["/ d", "G Enter / p"],
        Context::Sheet => &["?", "? ^D"],
        Context::Compare => &["Enter ] [ c", "Enter ] [ c G", "c l Enter"],
        Context::Arms => &["Enter m", "Enter m j"],
        Context::Workers => &["j j j R w", "j j j R w j"],
        Context::Confirm => &["j j j R x"],
        Context::Edit => &[
            "Enter i",
            "Enter i x",
            "Enter i x ^U",
            "Enter i ^End",
            "Enter i Right Down ^F a Enter",
            "Enter i Left",
        ],
        Context::List => &["s p a r a", "s p a r a Down Down"],
        Context::Runs => {
            let ways = ["", "j l", "Space Space", "p j", "G l l", "l l l l l l"];
            return ways.map(|keys| after(runs(Look::PLAIN, 80, 5), keys)).to_vec();
        }
        Context::Query => {
            let ways = ["/ l e a r", "/ s t a t u s : d Down", "/ a"];
            return ways.map(|keys| after(runs(Look::PLAIN, 80, 9), keys)).to_vec();
        }
        Context::Conflict => {
            return ["", "j", "J", "M"].map(|keys| after(conflict(), keys)).to_vec();
        }
    };
    let open = |keys: &&str| {
        // So low that there is something to scroll.
        let mut model = model(Look::PLAIN, 80, if context == Context::Compare { 3 } else { 9 });
        press(&mut model, keys);
        assert_eq!(model.context(), context, "{keys}");
        model
    };
    let mut screens: Vec<Model> = ways.iter().map(open).collect();
    if context == Context::Compare {
        // What only several quantities answer.
        screens.extend(["c", "c J"].map(|keys| after(model_of(measured()), keys)));
    }
    if context == Context::Entry {
        // What only entries with links, tasks and headings answer.
        screens.extend(["Enter", "Enter J J J J", "Enter J Enter ^O"].map(|keys| {
            let mut model = model_of(spots());
            press(&mut model, keys);
            model
        }));
    }
    screens
}

fn after(mut model: Model, keys: &str) -> Model {
    press(&mut model, keys);
    model
}

/// Everything that can be seen of a model.
fn seen(model: &Model) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        model.focus,
        model.entry().map(|entry| &entry.slug),
        (model.page.top, model.page.cell, &model.page.needle),
        (model.page.spot(), &model.page.folds, &model.places),
        model.editor,
        model.prompt,
        model.marks,
        model.news(),
        model.log.filter,
        model.overlays,
        model.conflict,
    )
}

#[test]
fn every_key_in_the_help_does_something() {
    for context in Context::ALL {
        let screens = screens(context);
        for binding in bindings(context) {
            for key in binding.keys {
                let modifiers = if key.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                let works = screens.iter().any(|before| {
                    let mut after = before.clone();
                    let effects = update(&mut after, Msg::Key(KeyEvent::new(key.code, modifiers)));
                    !effects.is_empty() || seen(&after) != seen(before)
                });
                assert!(works, "{key} ({}) does nothing in {context:?}", binding.about);
            }
        }
    }
}
