//! Into things and out of them: panes, sheets, the editor. Stepping out never destroys anything.

use std::path::PathBuf;

use super::super::effect::Effect;
use super::super::model::{Focus, Model};
use super::super::motion::Motion;
use super::super::overlay::{Overlay, SheetKind};
use super::{act, edit, find, say};

/// To the other pane.
pub fn switch_focus(model: &mut Model) -> Vec<Effect> {
    // Terminals send the same byte for Tab and ^I, which goes forward in the jump list.
    if model.jumps.has_forward() && act::forward(model) {
        say(model, "forward again; Esc leads to the log");
        return Vec::new();
    }
    match model.focus {
        Focus::Log => open(model),
        Focus::Entry => {
            model.focus = Focus::Log;
            Vec::new()
        }
    }
}

/// Into the selected entry.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(slug) = model.entry().map(|entry| entry.slug.clone()) {
        model.focus = Focus::Entry;
        model.places.visit(&slug);
    } else {
        say(model, "there is no entry to open");
    }
    Vec::new()
}

/// Out of the innermost layer: overlay, line being typed, search, entry, filter.
pub fn step_out(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Comparison(comparison)) = model.overlays.last_mut() {
        if model.compare_view.cursor.take().is_some() {
            return Vec::new();
        }
        if comparison.is_zoomed {
            comparison.zoom();
            return Vec::new();
        }
    }
    if model.overlays.pop().is_some() {
        return Vec::new();
    }
    if let Some(prompt) = model.prompt.take() {
        find::abandon(model, &prompt);
        model.message = None;
    } else if model.focus == Focus::Entry {
        if !model.page.needle.is_empty() {
            model.page.needle.clear();
        } else if !model.page.deselect() {
            model.focus = Focus::Log;
        }
    } else if model.log.filter.is_empty() {
        say(model, "q leaves");
    } else {
        model.log.filter.clear();
        find::refresh(model);
    }
    Vec::new()
}

/// An entry was begun, or a line was appended: it is gone to as soon as it was read.
pub fn written(model: &mut Model, outcome: Result<PathBuf, String>) -> Vec<Effect> {
    match outcome {
        Ok(path) => model.written = path.file_stem().map(|name| name.to_string_lossy().into_owned()),
        Err(why) => say(model, why),
    }
    vec![Effect::Reload]
}

/// Goes to the entry that was written to, once it is there. One that was begun is edited at once.
pub fn arrive_where_written(model: &mut Model) -> Vec<Effect> {
    let Some(slug) = model.written.take() else { return Vec::new() };
    if !model.entries().iter().any(|entry| entry.slug == slug) {
        // An older reading, which was on its way already.
        model.written = Some(slug);
        return Vec::new();
    }
    if model.editor.is_some() {
        return Vec::new();
    }
    act::go_to(model, &slug);
    let is_new = model.entry().is_some_and(|entry| entry.document.blocks.is_empty());
    if is_new {
        edit::begin(model, &slug);
    } else {
        model.page.travel(Motion::Last);
    }
    Vec::new()
}

/// Takes the topmost layer away.
pub fn close(model: &mut Model) -> Vec<Effect> {
    model.overlays.pop();
    Vec::new()
}

/// Shows which keys there are, those that hold where one is first.
pub fn help(model: &mut Model) -> Vec<Effect> {
    let context = model.context();
    model.open_sheet(SheetKind::Help(context));
    Vec::new()
}

/// Shows what is wrong with the notebook and its entries.
pub fn problems(model: &mut Model) -> Vec<Effect> {
    if model.problems().next().is_some() {
        model.open_sheet(SheetKind::Problems);
    } else {
        say(model, "nothing is wrong with the notebook");
    }
    Vec::new()
}

/// Opens the selected entry in the person's editor, at the selected cell.
pub fn open_editor(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = model.entry() else {
        say(model, "there is no entry to edit");
        return Vec::new();
    };
    let cell = model.page.cell.filter(|_| model.focus == Focus::Entry);
    let start = cell.and_then(|cell| entry.document.cells.get(cell)).map_or(0, |cell| cell.span.start);
    let line = entry.document.source.bytes().take(start).filter(|&byte| byte == b'\n').count() + 1;
    vec![Effect::OpenEditor { path: entry.path.clone(), line }]
}
