//! Typing a filter for the log or something to search the entry for. Both take effect while they are typed.

use super::super::effect::Effect;
use super::super::model::{Focus, Model};
use super::super::prompt::{Prompt, Purpose};
use super::say;

/// Begins to type.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let prompt = match model.focus {
        Focus::Log => Prompt::new(Purpose::Filter, model.log.filter.clone(), 0),
        Focus::Entry => Prompt::new(Purpose::Search, model.page.needle.clone(), model.page.top),
    };
    model.prompt = Some(prompt);
    edit(model, |_| ())
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
    model.prompt = None;
    Vec::new()
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
