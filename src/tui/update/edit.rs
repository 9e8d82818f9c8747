//! Editing in place: into the editor and out of it, what keys do in it, and what becomes of the text.

use super::super::edit::buffer::{Buffer, Kind};
use super::super::edit::complete::Vocabulary;
use super::super::edit::conflict::{Conflict, is_marked};
use super::super::edit::merge::{Merge, merge};
use super::super::edit::{Editor, Layer, Saving, Then};
use super::super::effect::Effect;
use super::super::model::{Focus, Model};
use super::super::motion::Motion;
use super::super::overlay::SheetKind;
use super::say;
use crate::notebook::write::SaveError;

/// What a key does in the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// One character to the left.
    Left,
    /// One to the right.
    Right,
    /// To the start of the word before.
    WordLeft,
    /// To the end of the word after.
    WordRight,
    /// To the start of the line.
    LineStart,
    /// To its end.
    LineEnd,
    /// Begin a line, or take what is offered.
    Enter,
    /// Take what is offered, or indent.
    Tab,
    /// Take back the character before.
    Backspace,
    /// Take away the character after.
    Delete,
    /// Take back the word before.
    EraseWord,
    /// Take away the rest of the line.
    CutLine,
    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Write the entry.
    Save,
    /// The next place of what was searched for.
    FindNext,
}

/// Opens the editor of the selected entry.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = model.entry() else {
        say(model, "there is no entry to edit");
        return Vec::new();
    };
    if !entry.document.is_writable() {
        say(model, "this file is not UTF-8, or cannot be read: it is not edited here");
        return Vec::new();
    }
    let slug = entry.slug.clone();
    begin(model, &slug);
    Vec::new()
}

/// Opens the editor, with the draft that was left of the entry, if one was.
pub fn begin(model: &mut Model, slug: &str) {
    let Some(entry) = model.entries().iter().find(|entry| entry.slug == slug).cloned() else { return };
    let draft = model.drafts.remove(slug);
    // Opened again at once, it goes on from what was saved and not from what was read before.
    let source = model.ahead.get(slug).unwrap_or(&entry.document.source).clone();
    let cell = model.page.cell.filter(|_| model.focus == Focus::Entry);
    let body = entry.document.body;
    let cell = cell.and_then(|cell| entry.document.cells.get(cell));
    let at = cell.map_or_else(
        || {
            let text = entry.document.source.get(body..).unwrap_or_default();
            body + text.len() - text.trim_start_matches(['\n', '\r']).len()
        },
        |cell| cell.text_span.start,
    );
    let at = source.floor_char_boundary(at);
    let (base, text) = match draft {
        Some(draft) if draft.text != source => {
            say(model, "this is the draft that was left; ^U takes changes back, ^S saves");
            (draft.base, draft.text)
        }
        _ => (source.clone(), source.clone()),
    };
    let mut editor = Editor::new(
        slug.to_owned(),
        entry.path.clone(),
        entry.document.file.clone(),
        base,
        source,
        at,
        model.look,
    );
    // As a change of the file's text: the draft can be undone. The cursor is where it begins to differ.
    if editor.buffer.text() != text {
        let end = editor.buffer.text().len();
        let parts = text.bytes().zip(editor.buffer.text().bytes()).take_while(|(a, b)| a == b).count();
        editor.buffer.replace(0..end, &text, Kind::Whole);
        editor.buffer.move_to(parts);
    }
    editor.kept = editor.buffer.revision();
    model.editor = Some(Box::new(editor));
    model.focus = Focus::Entry;
}

/// Types text into the editor.
pub fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    let snapshot = model.snapshot.clone();
    if let Some(editor) = &mut model.editor {
        let known = snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.entries);
        let entries: Vec<String> = known.iter().map(|entry| entry.slug.clone()).collect();
        let mut tags: Vec<String> = known.iter().flat_map(|entry| entry.tags.iter().cloned()).collect();
        tags.sort();
        tags.dedup();
        let datasets = snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.datasets);
        editor.typed(text, &Vocabulary { datasets, entries: &entries, tags: &tags });
    }
    Vec::new()
}

/// Puts what was pasted into the editor: one step of undoing, and its bytes as they are, but for line endings.
pub fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(editor) = &mut model.editor {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        editor.change(|buffer| buffer.insert(&text, Kind::Whole));
    }
    Vec::new()
}

/// Does what a key asks for.
pub fn perform(model: &mut Model, change: Change) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    let cursor = editor.buffer.cursor();
    match change {
        Change::Left => editor.move_to(editor.buffer.before(cursor)),
        Change::Right => editor.move_to(editor.buffer.after(cursor)),
        Change::WordLeft => editor.move_to(editor.buffer.word_before()),
        Change::WordRight => editor.move_to(editor.buffer.word_after()),
        Change::LineStart => editor.move_to(editor.buffer.line_start(cursor)),
        Change::LineEnd => editor.move_to(editor.buffer.line_end(cursor)),
        Change::Enter => {
            // A word that stands there already is not what is missing.
            if editor.offers_what_stands() || !editor.take_offer() {
                editor.change(Buffer::break_line);
            }
        }
        Change::Tab => {
            if !editor.take_offer() {
                editor.change(|buffer| buffer.insert("  ", Kind::Typed));
            }
        }
        Change::Backspace => erase(editor, editor.buffer.before(cursor), cursor),
        Change::Delete => erase(editor, cursor, editor.buffer.after(cursor)),
        Change::EraseWord => erase(editor, editor.buffer.word_before(), cursor),
        Change::CutLine => {
            let end = editor.buffer.line_end(cursor);
            let to = if end == cursor { editor.buffer.after(cursor) } else { end };
            editor.change(|buffer| buffer.erase(cursor..to, Kind::Whole));
        }
        Change::Undo => return undo(model),
        Change::Redo => redo(model),
        Change::Save => return save(model, Then::Stay),
        Change::FindNext => {
            let from = editor.buffer.after(cursor);
            if editor.needle.is_empty() || !editor.find(from, true) {
                say(model, "not found: ^F searches");
            }
        }
    }
    Vec::new()
}

fn erase(editor: &mut Editor, from: usize, to: usize) {
    editor.change(|buffer| buffer.erase(from..to, Kind::Erased));
}

/// Takes a step back. Where that takes what somebody else wrote out of the text again, it is kept as a file: saved without
/// it, the text would be all there is.
fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    let (slug, before) = (editor.slug.clone(), editor.buffer.text().to_owned());
    let mut undone = None;
    editor.change(|buffer| undone = buffer.undo());
    match undone {
        Some(Kind::Taken) => return vec![Effect::KeepSide { slug, text: before }],
        Some(_) => {}
        None => say(model, "there is nothing to take back"),
    }
    Vec::new()
}

fn redo(model: &mut Model) {
    let mut redone = None;
    if let Some(editor) = &mut model.editor {
        editor.change(|buffer| redone = buffer.redo());
    }
    if redone.is_none() {
        say(model, "there is nothing to do again");
    }
}

/// Moves the cursor by rows, or goes through what is offered.
pub fn travel(model: &mut Model, motion: Motion) -> Vec<Effect> {
    if let Some(editor) = &mut model.editor {
        match (&mut editor.completion, motion) {
            (Some(offer), Motion::Down) => offer.at = (offer.at + 1) % offer.words.len().max(1),
            (Some(offer), Motion::Up) => {
                offer.at = (offer.at + offer.words.len() - 1) % offer.words.len().max(1);
            }
            _ => editor.travel(motion),
        }
    }
    Vec::new()
}

/// Out of the innermost layer of the editor; out of the editor itself with the text saved.
pub fn step_out(model: &mut Model) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    match editor.layer() {
        Layer::Offer => editor.completion = None,
        Layer::Search => editor.needle.clear(),
        Layer::Text => return leave(model),
    }
    Vec::new()
}

/// Out of the editor, with the text saved.
fn leave(model: &mut Model) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    // What is on its way to the disk may have been taken back meanwhile: it is waited for.
    if editor.saving.is_none() && !editor.is_changed() {
        let slug = editor.slug.clone();
        model.editor = None;
        return vec![Effect::DropDraft(slug)];
    }
    save(model, Then::Leave)
}

/// Asks for the text to be written.
pub(super) fn save(model: &mut Model, then: Then) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    if let Some(saving) = &mut editor.saving {
        // One at a time: what was typed since is saved after it.
        saving.then = then;
        return Vec::new();
    }
    if !editor.is_changed() {
        say(model, "there is nothing to save");
        return Vec::new();
    }
    let text = editor.buffer.text().to_owned();
    editor.saving = Some(Saving { text: text.clone(), then });
    vec![Effect::Save { path: editor.path.clone(), base: editor.base.clone(), text }]
}

/// What came of writing the text that is edited.
pub fn saved(model: &mut Model, outcome: Result<(), SaveError>) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    let Some(Saving { text, then }) = editor.saving.take() else { return Vec::new() };
    match outcome {
        Ok(()) => {
            let news = if is_marked(&text) { "saved, with the marks of both sides in it" } else { "saved" };
            model.ahead.insert(editor.slug.clone(), text.clone());
            editor.base = text;
            written(model, then, news)
        }
        Err(SaveError::Changed(disk)) => match merge(&editor.base, editor.buffer.text(), &disk) {
            Merge::Clean(merged) => {
                editor.base = disk;
                editor.take_in(&merged);
                editor.overtaken = false;
                if editor.is_changed() {
                    say(model, "what changed on disk meanwhile is taken in");
                    return save(model, then);
                }
                written(model, then, "what changed on disk is what was written here")
            }
            Merge::Conflict(pieces) => {
                model.conflict = Some(Conflict::new(disk, pieces, then));
                model.open_sheet(SheetKind::Conflict);
                Vec::new()
            }
        },
        Err(SaveError::Failed(why)) => {
            say(model, format!("{why}; the draft is kept"));
            Vec::new()
        }
    }
}

/// The file holds what the editor began from anew. What was typed meanwhile is saved too, if one wanted to leave.
pub(super) fn written(model: &mut Model, then: Then, news: &str) -> Vec<Effect> {
    let Some(editor) = &mut model.editor else { return Vec::new() };
    editor.overtaken = false;
    let (slug, changed) = (editor.slug.clone(), editor.is_changed());
    let effects = match (changed, then) {
        (true, Then::Leave) => save(model, then),
        (true, Then::Stay) => Vec::new(),
        (false, then) => {
            if then == Then::Leave {
                model.editor = None;
            }
            vec![Effect::DropDraft(slug)]
        }
    };
    // That it was merged, or where the other version is, says more.
    if model.message.is_none() {
        say(model, news);
    }
    effects
}

/// Notes that the notebook was read: whether the file that is edited is still what it was.
pub fn look_again(model: &mut Model) {
    let Some(editor) = &mut model.editor else { return };
    let entries = model.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.entries);
    let now = entries.iter().find(|entry| entry.slug == editor.slug);
    if now.is_some_and(|entry| !entry.is_read) {
        return;
    }
    // A file that is being saved is read in both states.
    editor.overtaken =
        editor.saving.is_none() && now.is_none_or(|entry| entry.document.source != editor.base);
}

/// Keeps what was changed as a draft.
pub fn keep(model: &mut Model) -> Option<Effect> {
    let editor = model.editor.as_mut()?;
    if editor.kept == editor.buffer.revision() {
        return None;
    }
    editor.kept = editor.buffer.revision();
    Some(Effect::KeepDraft {
        slug: editor.slug.clone(),
        base: editor.base.clone(),
        text: editor.buffer.text().to_owned(),
    })
}
