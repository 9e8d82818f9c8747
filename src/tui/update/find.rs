//! Typing a filter for the log or something to search the entry for. Both take effect while they are typed.

use super::super::effect::Effect;
use super::super::model::{Focus, Model};
use super::super::prompt::{Prompt, Purpose};
use super::say;

/// Begins to type.
pub fn start(model: &mut Model) -> Vec<Effect> {
    if let Some(editor) = &model.editor {
        let (needle, cursor) = (editor.needle.clone(), editor.buffer.cursor());
        model.prompt = Some(Prompt::new(Purpose::FindInText, needle, cursor));
        return edit(model, |_| ());
    }
    let prompt = match model.focus {
        Focus::Log => Prompt::new(Purpose::Filter, model.log.filter.clone(), 0),
        Focus::Entry => Prompt::new(Purpose::Search, model.page.needle.clone(), model.page.top),
    };
    model.prompt = Some(prompt);
    edit(model, |_| ())
}

/// Asks for a line that something is done with.
pub fn ask(model: &mut Model, purpose: Purpose) -> Vec<Effect> {
    model.prompt = Some(Prompt::new(purpose, String::new(), 0));
    Vec::new()
}

/// Goes to the next place in the text that is edited, or the one before, while it is typed what to search for.
pub fn next_in_text(model: &mut Model, forward: bool) -> Vec<Effect> {
    if let Some(editor) = &mut model.editor {
        let cursor = editor.buffer.cursor();
        let from = if forward { editor.buffer.after(cursor) } else { cursor };
        editor.find(from, forward);
    }
    Vec::new()
}

/// Adds to what is being typed, if anything is.
pub fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.overlays.is_empty() { edit(model, |prompt| prompt.insert(text)) } else { Vec::new() }
}

/// Changes what is being typed, and lets it take effect.
pub fn edit(model: &mut Model, change: impl FnOnce(&mut Prompt)) -> Vec<Effect> {
    if let Some(mut prompt) = model.prompt.take() {
        change(&mut prompt);
        apply(model, prompt.purpose, &prompt.text.clone(), prompt.origin);
        model.prompt = Some(prompt);
    }
    Vec::new()
}

/// Is done with typing; an empty line is no filter and no search.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Prompt { purpose, text, .. }) = model.prompt.take() else { return Vec::new() };
    match purpose {
        Purpose::Filter | Purpose::Search | Purpose::FindInText => Vec::new(),
        Purpose::Title | Purpose::Line if text.trim().is_empty() => {
            say(model, "nothing was typed, and nothing is written");
            Vec::new()
        }
        Purpose::Title => vec![Effect::NewEntry(text)],
        Purpose::Line => vec![Effect::Append(text)],
    }
}

/// Is done with typing and has what stood there before; where one was in the entry, too.
pub fn abandon(model: &mut Model, prompt: &Prompt) {
    apply(model, prompt.purpose, &prompt.before, prompt.origin);
    if prompt.purpose == Purpose::Search {
        model.page.top = prompt.origin;
    }
}

/// Goes to the next place found, or the one before.
pub fn next(model: &mut Model, forward: bool) -> Vec<Effect> {
    if model.page.needle.is_empty() {
        say(model, "nothing is searched for: / searches");
    } else if !model.page.find_next(forward) {
        not_found(model);
    }
    Vec::new()
}

fn apply(model: &mut Model, purpose: Purpose, text: &str, origin: usize) {
    match purpose {
        Purpose::Filter => {
            text.clone_into(&mut model.log.filter);
            refresh(model);
        }
        Purpose::Search => {
            if !model.page.search(text, origin) {
                not_found(model);
            }
        }
        Purpose::FindInText => {
            let Some(editor) = &mut model.editor else { return };
            text.clone_into(&mut editor.needle);
            editor.move_to(origin);
            if !text.is_empty() && !editor.find(origin, true) {
                say(model, format!("not found: {text}"));
            }
        }
        Purpose::Title | Purpose::Line => {}
    }
}

/// Decides anew which entries the log shows.
pub fn refresh(model: &mut Model) {
    let entries = model.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.entries);
    model.log.refresh(entries);
}

fn not_found(model: &mut Model) {
    let text = format!("not found: {}", model.page.needle);
    say(model, text);
}
