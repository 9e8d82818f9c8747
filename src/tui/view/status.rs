//! The last line: where one is, how far the runs are, what is new, which keys there are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::compare;
use super::super::edit::{Editor, Layer};
use super::super::keymap::{self, Action, Binding};
use super::super::list::ListKind;
use super::super::model::{Context, Model};
use super::super::motion::Motion;
use super::super::overlay::{Overlay, SheetKind};
use super::super::prompt::{Prompt, Purpose};
use super::super::update::conflict::Settling;
use super::super::update::edit::Change;
use super::super::update::runs;
use super::{put, theme};
use crate::notebook::CellView;
use crate::render::style::Role;
use crate::render::width;
use crate::runner::Job;

/// Draws the status line.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model) {
    let columns = usize::from(area.width);
    if let Some(Overlay::Confirm(question)) = model.overlays.last() {
        let text = width::truncate(&format!(" {}", question.text()), columns, model.look);
        let padded = width::pad(&text, columns);
        return put(buffer, area, &Line::styled(padded, model.look.style(Role::Selected)));
    }
    let mut spans = left(model);
    let used = width::spans_width(&spans);
    let right = right(model, columns.saturating_sub(used + 2));
    let gap = columns.saturating_sub(used + width::width(&right) + 1);
    spans.push(Span::raw(" ".repeat(gap)));
    let style = if model.message.is_some() { Style::new() } else { model.look.style(Role::Dim) };
    spans.push(Span::styled(right, style));
    put(buffer, area, &Line::from(spans));
}

fn left(model: &Model) -> Vec<Span<'static>> {
    let glyphs = theme::glyphs(model.look);
    let mut spans =
        vec![Span::styled(format!(" {} ", model.context().name()), model.look.style(Role::Selected))];
    if let Some(Prompt { purpose, text, .. }) =
        model.prompt.as_ref().filter(|prompt| prompt.purpose != Purpose::Filter)
    {
        let text = model.look.text(&format!(" {}{text}", purpose.label()));
        spans.push(Span::raw(text + glyphs.cursor));
    }
    spans.extend(model.progress.line(model.now, glyphs.dot).map(|line| Span::raw(format!(" {line}"))));
    if !model.marks.is_empty() {
        spans.push(Span::raw(format!(" *{}", model.marks.len())));
    }
    let problems = model.problems().count();
    if problems > 0 {
        spans.push(Span::raw(format!(" !{problems}")));
    }
    spans
}

/// The news if there are any, else as many keys as there is room for.
fn right(model: &Model, room: usize) -> String {
    match model.news() {
        Some(message) => width::truncate(&model.look.text(message), room, model.look),
        None => keys(model, room),
    }
}

/// The keys that do something here and now, the way to all others last.
fn keys(model: &Model, room: usize) -> String {
    let mut words: Vec<(String, bool)> = Vec::new();
    for binding in keymap::bindings(model.context()) {
        let keys = model.keys.of(model.context(), binding);
        let word = word(model, binding);
        if let (false, true, Some(key)) = (word.is_empty(), is_offered(model, binding.action), keys.first()) {
            words.push((format!("{key} {word}"), stays(model.context(), binding.action)));
        }
    }
    let length =
        |words: &[(String, bool)]| words.iter().map(|(word, _)| width::width(word) + 2).sum::<usize>();
    while length(&words) > room + 2 {
        let Some(last) = words.iter().rposition(|(_, stays)| !stays) else { return String::new() };
        words.remove(last);
    }
    words.into_iter().map(|(word, _)| word).collect::<Vec<_>>().join("  ")
}

/// Whether a key is told of however little room there is: the way to all others, and where there is text, the way out.
fn stays(context: Context, action: Action) -> bool {
    action == Action::Help || context == Context::Edit && action == Action::StepOut
}

/// The word of a key. In the editor that is what it does for the innermost layer.
fn word(model: &Model, binding: &Binding) -> &'static str {
    let editor = model.editor.as_ref().filter(|_| model.context() == Context::Edit);
    let Some(editor) = editor else { return binding.word };
    match (editor.layer(), binding.action) {
        (Layer::Offer, Action::Type(Change::Tab)) => "take",
        (Layer::Offer, Action::Move(Motion::Down)) if has_more(editor) => "next",
        (Layer::Offer, Action::StepOut) if !binding.word.is_empty() => "close",
        (Layer::Offer, _) => "",
        (Layer::Search, Action::Type(Change::FindNext)) => "next",
        (Layer::Search, Action::StepOut) if !binding.word.is_empty() => "end search",
        (Layer::Text, Action::StepOut) if !binding.word.is_empty() && !editor.is_changed() => "leave",
        _ => binding.word,
    }
}

/// Whether more than one word is offered.
fn has_more(editor: &Editor) -> bool {
    editor.completion.as_ref().is_some_and(|offer| offer.words.len() > 1)
}

/// Whether the action would do anything now.
fn is_offered(model: &Model, action: Action) -> bool {
    let is_asked_for = |job: &Job| model.progress.is_going(&job.run);
    let missing = |cell: &CellView| matches!(cell, CellView::Experiment(view) if !view.missing.iter().all(is_asked_for));
    match action {
        Action::Run => model.cell().is_some_and(missing),
        Action::RunStale => model.entry().is_some_and(|entry| entry.cells.iter().any(missing)),
        Action::Workers => model.progress.going() > 0,
        Action::Cancel => runs::cancellable(model).is_some(),
        Action::Compare => compare::subject(model).is_some(),
        Action::Mark | Action::ChooseArms => {
            model.context() == Context::Arms || matches!(model.cell(), Some(CellView::Experiment(_)))
        }
        Action::StepOut => model.context() != Context::Log || !model.log.filter.is_empty(),
        Action::Open | Action::Edit | Action::EditHere => model.entry().is_some(),
        Action::Choose => {
            matches!(model.overlays.last(), Some(Overlay::List(list)) if !list.items.is_empty())
        }
        Action::List(ListKind::Keys) => {
            matches!(model.overlays.last(), Some(Overlay::Sheet(sheet)) if matches!(sheet.kind, SheetKind::Help(_)))
        }
        Action::Type(Change::Save) => model.editor.as_ref().is_some_and(|editor| editor.is_changed()),
        Action::Type(Change::Undo) => model.editor.as_ref().is_some_and(|editor| editor.buffer.can_undo()),
        Action::Type(Change::Redo) => model.editor.as_ref().is_some_and(|editor| editor.buffer.can_redo()),
        Action::Settle(Settling::Write) => {
            model.conflict.as_ref().is_some_and(|conflict| conflict.open() == 0)
        }
        Action::Settle(Settling::Next) => {
            model.conflict.as_ref().is_some_and(|conflict| conflict.count() > 1)
        }
        Action::Problems => model.problems().next().is_some(),
        _ => true,
    }
}
