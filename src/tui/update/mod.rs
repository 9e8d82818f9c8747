//! What happens on the screen when something happens: pure, messages in, effects out.

mod act;
pub mod compare;
pub mod conflict;
pub mod edit;
mod find;
mod images;
mod layers;
mod list;
pub mod runs;
pub mod table;
mod write_compare;

use std::path::Path;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use compare::Glance;

use super::effect::Effect;
use super::keymap::{Action, Key};
use super::model::{Context, Focus, Message, Model, Until};
use super::motion::Motion;
use super::msg::Msg;
use super::overlay::Overlay;
use super::prompt::Purpose;
use crate::notebook::Snapshot;
use crate::notebook::write::SaveError;
use crate::runner::Event;
use crate::runner::supervisor::News;

/// Takes note of `msg`; what is to be done about it comes back.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        msg if is_early(model, &msg) => {
            model.early.push(msg);
            if model.snapshot.is_none() {
                say(model, "the notebook is being read");
            }
            Vec::new()
        }
        Msg::Key(event) => key(model, event),
        Msg::Paste(text) => pasted(model, &text),
        Msg::Resize(size) => {
            model.size = size;
            Vec::new()
        }
        Msg::Snapshot(snapshot) => read(model, snapshot),
        Msg::Runs(news) => heard(model, &news),
        Msg::Time(now) => {
            model.now = now;
            return Vec::new();
        }
        Msg::EditorClosed(outcome) => {
            model.message = None;
            if let Err(trouble) = outcome {
                say(model, trouble);
            }
            vec![Effect::Reload]
        }
        Msg::Saved { path, outcome } => saved(model, &path, outcome),
        Msg::Written(outcome) => layers::written(model, outcome),
        Msg::Laid { id, rendered } => {
            model.page.laid(id, rendered);
            Vec::new()
        }
        Msg::Image { slug, address, outcome } => {
            images::came(model, &slug, &address, outcome);
            Vec::new()
        }
        Msg::Table { scope, table } => {
            table::read(model, &scope, &table);
            Vec::new()
        }
        Msg::Said(text) => {
            say(model, text);
            Vec::new()
        }
        Msg::TerminalBack => {
            model.page.send_images_again();
            Vec::new()
        }
        Msg::TerminalGone => vec![Effect::Quit],
    };
    model.settle();
    effects.extend(model.newly_wanted().map(Effect::Want));
    effects.extend(model.newly_ordered().map(Effect::Tabulate));
    effects.extend(model.page.to_tell().map(Effect::Terminal));
    effects.extend(model.page.to_lay().map(Effect::Lay));
    effects.extend(edit::keep(model));
    effects
}

/// Whether `msg` is for entries that are not read yet: where there are none, every key but those that lead out; where
/// the selected one is to come, those that it is needed for; and all that follow it.
fn is_early(model: &Model, msg: &Msg) -> bool {
    let on_panes = matches!(model.context(), Context::Log | Context::Entry);
    let there = model.snapshot.is_some();
    let is_read = there && !model.is_waiting();
    if is_read && !model.is_behind() || !on_panes {
        return false;
    }
    match msg {
        Msg::Key(event) if is_read => {
            let action = model.keys.action(model.context(), Key::from(*event));
            !model.early.is_empty() || action.is_some_and(needs_cells)
        }
        Msg::Paste(_) if is_read => !model.early.is_empty(),
        Msg::Key(event) => {
            let action = model.keys.action(model.context(), Key::from(*event));
            let leads_out =
                matches!(action, Some(Action::Quit | Action::Suspend | Action::Help | Action::StepOut));
            let can_do = leads_out || there && action.is_none_or(|action| !needs_entry(model.focus, action));
            // After another one a letter may be meant for what that one opens.
            !can_do || !model.early.is_empty() && !event.modifiers.contains(KeyModifiers::CONTROL)
        }
        Msg::Paste(_) => !there || !model.early.is_empty(),
        _ => false,
    }
}

/// Whether `action` is about what the cells of the selected entry come to.
fn needs_cells(action: Action) -> bool {
    matches!(
        action,
        Action::Run
            | Action::RunStale
            | Action::Compare
            | Action::Mark
            | Action::ChooseArms
            | Action::ToggleTask
    )
}

/// Whether `action` is about what stands in the selected entry.
fn needs_entry(focus: Focus, action: Action) -> bool {
    match action {
        Action::Move(_) | Action::Runs | Action::Find | Action::FindNext | Action::FindPrevious => {
            focus == Focus::Entry
        }
        Action::SwitchFocus
        | Action::StepOut
        | Action::List(_)
        | Action::NextVerdict
        | Action::NewEntry
        | Action::Append
        | Action::Unmark
        | Action::Problems
        | Action::Help
        | Action::Workers
        | Action::Quit
        | Action::Suspend => false,
        _ => true,
    }
}

fn read(model: &mut Model, snapshot: Arc<Snapshot>) -> Vec<Effect> {
    model.log.refresh(&snapshot.entries);
    model.snapshot = Some(snapshot);
    // The same thread saves and reads, so this was read after whatever is known to be saved.
    model.ahead.clear();
    edit::look_again(model);
    list::refresh(model);
    let mut effects = layers::arrive_where_written(model);
    // Keys that waited act on what is selected now.
    model.settle();
    for msg in std::mem::take(&mut model.early) {
        effects.extend(update(model, msg));
    }
    effects
}

/// What came of writing an entry.
fn saved(model: &mut Model, path: &Path, outcome: Result<(), SaveError>) -> Vec<Effect> {
    if model.editor.as_ref().is_some_and(|editor| editor.path == path && editor.saving.is_some()) {
        let mut effects = edit::saved(model, outcome);
        effects.push(Effect::Reload);
        return effects;
    }
    match outcome {
        Ok(()) => {}
        Err(SaveError::Changed(_)) => {
            say(model, "the file changed meanwhile: nothing was written, look again");
        }
        Err(SaveError::Failed(why)) => say(model, why),
    }
    vec![Effect::Reload]
}

fn heard(model: &mut Model, news: &News) -> Vec<Effect> {
    let event = match news {
        News::Roster(roster) => {
            let news = model.progress.take_over(roster, model.now);
            return runs::over(model, news);
        }
        News::Event(event) => event,
    };
    let outdated = model.message.as_ref().is_some_and(|message| message.until == Until::FirstRun);
    if outdated && matches!(event, Event::Started(_) | Event::Ended(..)) {
        model.message = None;
    }
    let news = model.progress.heard(event, model.now);
    match event {
        Event::Idle => return runs::over(model, news),
        _ => news.into_iter().for_each(|news| say(model, news)),
    }
    match event {
        Event::Ended(..) | Event::Stored(_) | Event::Idle => vec![Effect::Reload],
        Event::Queued(_) | Event::Started(_) | Event::Requeued(_) | Event::Trouble(_) | Event::Recovered => {
            Vec::new()
        }
    }
}

fn key(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if !model
        .message
        .as_ref()
        .is_some_and(|message| matches!(message.until, Until::Seen(at) if model.now < at))
    {
        model.message = None;
    }
    model.touched = model.now;
    let key = Key::from(event);
    match (model.keys.action(model.context(), key), key.code) {
        (Some(action), _) => perform(model, action),
        (None, KeyCode::Char(character)) if !key.control => typed(model, character.encode_utf8(&mut [0; 4])),
        _ => Vec::new(),
    }
}

/// What was typed goes to the innermost layer that takes text.
fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.context() {
        Context::Edit => edit::typed(model, text),
        Context::List => list::typed(model, text),
        Context::Query => table::typed(model, text),
        _ => find::typed(model, text),
    }
}

/// What was pasted is never taken for keys.
fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.context() == Context::Edit { edit::pasted(model, text) } else { typed(model, text) }
}

fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Move(motion) => travel(model, motion),
        Action::SwitchFocus => layers::switch_focus(model),
        Action::Open => layers::open(model),
        Action::StepOut if model.context() == Context::Edit => edit::step_out(model),
        Action::StepOut if table::step_out(model) => Vec::new(),
        Action::StepOut => layers::step_out(model),
        Action::Runs => table::open(model),
        Action::Table(key) => table::perform(model, key),
        Action::EditHere => edit::open(model),
        Action::Type(change) => edit::perform(model, change),
        Action::Settle(what) => conflict::perform(model, what),
        Action::NewEntry => find::ask(model, Purpose::Title),
        Action::Append => find::ask(model, Purpose::Line),
        Action::List(kind) => list::open(model, kind),
        Action::Choose => list::choose(model),
        Action::Bookmark => list::bookmark(model),
        Action::NextVerdict => list::next_verdict(model),
        Action::Find => find::start(model),
        Action::FindNext => find::next(model, true),
        Action::FindPrevious => find::next(model, false),
        Action::Accept if model.context() == Context::Query => table::accept(model),
        Action::Accept => find::accept(model),
        Action::Backspace if model.context() == Context::List => list::edit(model, |query| {
            query.pop();
        }),
        Action::EraseWord if model.context() == Context::List => list::edit(model, super::prompt::erase_word),
        Action::EraseAll if model.context() == Context::List => list::edit(model, String::clear),
        Action::Backspace if model.context() == Context::Query => table::edit(model, |line| {
            line.pop();
        }),
        Action::EraseWord if model.context() == Context::Query => {
            table::edit(model, super::prompt::erase_word)
        }
        Action::EraseAll if model.context() == Context::Query => table::edit(model, String::clear),
        Action::Backspace => find::edit(model, |prompt| {
            prompt.text.pop();
        }),
        Action::EraseWord => find::edit(model, super::prompt::Prompt::erase_word),
        Action::EraseAll => find::edit(model, |prompt| prompt.text.clear()),
        Action::NextCell | Action::PreviousCell | Action::Run | Action::Mark | Action::ChooseArms
            if is_hidden(model) =>
        {
            say(model, "Enter goes into the entry first");
            Vec::new()
        }
        Action::NextSpot => act::step(model, true),
        Action::PreviousSpot => act::step(model, false),
        Action::Act => act::act(model),
        Action::ToggleTask => act::toggle_task(model),
        Action::Fold => act::fold(model),
        Action::FoldAll => act::fold_all(model),
        Action::Images => images::toggle_all(model),
        Action::Copy => act::copy(model),
        Action::JumpBack => act::back(model),
        Action::NextCell => step_cell(model, true),
        Action::PreviousCell => step_cell(model, false),
        Action::Run => runs::run_cell(model),
        Action::RunStale => runs::run_stale(model),
        Action::Cancel => runs::ask_cancel(model),
        Action::Workers => runs::show_workers(model),
        Action::Mark => compare::mark(model),
        Action::ChooseArms => compare::choose_arms(model),
        Action::Unmark => compare::unmark(model),
        Action::Compare => compare::open(model),
        Action::LogScale => compare::look(model, Glance::LogScale),
        Action::Look(glance) => compare::look(model, glance),
        Action::Edit => layers::open_editor(model),
        Action::Problems => layers::problems(model),
        Action::Help => layers::help(model),
        Action::Quit => vec![Effect::Quit],
        Action::Suspend => vec![Effect::Suspend],
        Action::Yes => runs::agree(model),
        Action::No => layers::close(model),
    }
}

/// Goes about in whatever has the keys.
fn travel(model: &mut Model, motion: Motion) -> Vec<Effect> {
    let panes = model.panes();
    match model.overlays.last_mut() {
        Some(Overlay::Sheet(sheet)) => sheet.travel(motion, panes.sheet_height()),
        Some(Overlay::Comparison(comparison)) => comparison.travel(motion, panes.sheet_height()),
        Some(Overlay::Arms(picker)) => {
            picker.at = motion.travel(picker.at, picker.arms.len().saturating_sub(1), panes.sheet_height());
        }
        Some(Overlay::List(list)) => list.travel(motion, panes.sheet_height()),
        Some(Overlay::Runs(panel)) => {
            let height = panel.height(&panes);
            table::travel(panel, motion, height);
        }
        Some(Overlay::Workers(at)) => {
            let last = (model.progress.going()).saturating_sub(1);
            *at = motion.travel(*at, last, panes.sheet_height());
        }
        Some(Overlay::Confirm(_)) => {}
        None if model.editor.is_some() => match &model.prompt {
            Some(_) => return find::next_in_text(model, motion == Motion::Down),
            None => return edit::travel(model, motion),
        },
        None if model.focus == Focus::Entry && model.prompt.is_some() => {
            model.page.find_next(motion == Motion::Down);
        }
        None if model.focus == Focus::Entry => model.page.travel(motion),
        None => {
            let entries = model.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.entries);
            model.log.travel(entries, motion, panes.log_height());
        }
    }
    Vec::new()
}

fn step_cell(model: &mut Model, forward: bool) -> Vec<Effect> {
    if !model.page.step_cell(forward) {
        say(model, if forward { "this is the last cell" } else { "this is the first cell" });
    }
    Vec::new()
}

/// Whether the selected cell is out of sight: on a narrow terminal the log hides the entry.
fn is_hidden(model: &Model) -> bool {
    model.overlays.is_empty() && model.panes().entry.area() == 0
}

/// One line of news.
fn say(model: &mut Model, text: impl Into<String>) {
    model.message = Some(Message { text: text.into(), until: Until::NextKey });
}
