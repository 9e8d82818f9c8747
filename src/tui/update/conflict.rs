//! Settling two versions of an entry: which difference is at hand, what is taken of each, and then writing what came of it.

use super::super::edit::conflict::{Conflict, MARK, Side};
use super::super::effect::Effect;
use super::super::model::Model;
use super::super::overlay::Overlay;
use super::super::view;
use super::{edit, say};
use crate::base::text::counted;

/// What a key does about two versions of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// Write what was decided.
    Write,
    /// Take what is in the editor, for this difference.
    Mine,
    /// Take what is on disk.
    Theirs,
    /// Take both.
    Both,
    /// The same for all of them.
    AllMine,
    /// The same for all of them.
    AllTheirs,
    /// The same for all of them.
    AllBoth,
    /// To the next difference.
    Next,
    /// To the one before.
    Previous,
}

/// Does it.
pub fn perform(model: &mut Model, what: Settling) -> Vec<Effect> {
    let Some(conflict) = &mut model.conflict else { return Vec::new() };
    match what {
        Settling::Write => return write(model),
        Settling::Mine => conflict.choose(Side::Mine),
        Settling::Theirs => conflict.choose(Side::Theirs),
        Settling::Both => conflict.choose(Side::Both),
        Settling::AllMine => conflict.choose_all(Side::Mine),
        Settling::AllTheirs => conflict.choose_all(Side::Theirs),
        Settling::AllBoth => conflict.choose_all(Side::Both),
        Settling::Next | Settling::Previous => {
            let forward = what == Settling::Next;
            if !conflict.step(forward) {
                say(
                    model,
                    if forward { "this is the last difference" } else { "this is the first difference" },
                );
            }
        }
    }
    reveal(model);
    Vec::new()
}

/// Scrolls so that the selected difference is seen.
fn reveal(model: &mut Model) {
    let panes = model.panes();
    let range = view::conflict::selected(model, panes.body.width);
    if let Some(Overlay::Sheet(sheet)) = model.overlays.last_mut() {
        sheet.reveal(&range, panes.sheet_height());
    }
}

/// Ends the conflict. A version of which something was not taken is kept as a file of its own.
fn write(model: &mut Model) -> Vec<Effect> {
    if let Some(open @ 1..) = model.conflict.as_ref().map(Conflict::open) {
        say(model, format!("{} still to be decided: m mine, t theirs, b both", counted(open, "difference")));
        return Vec::new();
    }
    let (Some(conflict), Some(editor)) = (model.conflict.take(), &mut model.editor) else {
        return Vec::new();
    };
    model.overlays.pop();
    let slug = editor.slug.clone();
    let mut effects = Vec::new();
    if conflict.takes(Side::Theirs) {
        effects.push(Effect::KeepSide { slug: slug.clone(), text: editor.buffer.text().to_owned() });
    }
    if conflict.takes(Side::Mine) {
        effects.push(Effect::KeepSide { slug, text: conflict.disk.clone() });
    }
    editor.take_in(&conflict.text());
    editor.base.clone_from(&conflict.disk);
    if conflict.takes(Side::Both) {
        if let Some(at) = editor.buffer.text().find(MARK) {
            editor.move_to(at);
        }
        say(model, "both sides stand between the marks; ^U takes this back");
    } else if editor.is_changed() {
        effects.extend(edit::save(model, conflict.then));
    } else {
        effects.extend(edit::written(model, conflict.then, "what is on disk stands"));
        effects.push(Effect::Reload);
    }
    effects
}
