//! Which key does what, where: one table. Keys are looked up in it, and the help bar and the `?` sheet are written
//! from it, so that what is shown is what works.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::list::ListKind;
use super::model::Context::{
    self, Arms, Compare, Confirm, Conflict, Edit, Entry, List, Log, Prompt, Query, Runs, Sheet, Workers,
};
use super::motion::Motion;
use super::update::compare::Glance;
use super::update::conflict::Settling;
use super::update::edit::Change;
use super::update::table::TableKey;

/// A key as the table knows it. Shift is part of the character, and there are no Alt bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// Whether Control is held.
    pub control: bool,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go somewhere in what has the focus.
    Move(Motion),
    /// The other pane.
    SwitchFocus,
    /// Into the entry.
    Open,
    /// Out of the innermost layer.
    StepOut,
    /// Filter the log, or search the entry.
    Find,
    /// The next place found.
    FindNext,
    /// The place found before.
    FindPrevious,
    /// Be done with typing.
    Accept,
    /// Take back the last character typed.
    Backspace,
    /// Take back the last word typed.
    EraseWord,
    /// Take back everything typed.
    EraseAll,
    /// Select the next place that something can be done with.
    NextSpot,
    /// Select the place before.
    PreviousSpot,
    /// Do what is to be done with what is selected.
    Act,
    /// Mark a task as done, or as not done.
    ToggleTask,
    /// Fold what is selected, or unfold it.
    Fold,
    /// Fold everything, or unfold it.
    FoldAll,
    /// Show the pictures of the entry, or hide them.
    Images,
    /// Copy what is selected.
    Copy,
    /// To where one jumped from.
    JumpBack,
    /// Select the next cell.
    NextCell,
    /// Select the cell before.
    PreviousCell,
    /// Run the selected cell.
    Run,
    /// Run whatever is stale in the entry.
    RunStale,
    /// Cancel runs.
    Cancel,
    /// Mark the selected cell, or the arm under the cursor.
    Mark,
    /// Choose which arms of the selected cell are marked.
    ChooseArms,
    /// Forget all marks.
    Unmark,
    /// Compare what is marked, or the selected cell.
    Compare,
    /// Lay the table of runs over the panes.
    Runs,
    /// Do this over the table of runs.
    Table(TableKey),
    /// Switch to a logarithmic scale and back.
    LogScale,
    /// Look at the comparison in another way.
    Look(Glance),
    /// Edit the entry in the person's editor.
    Edit,
    /// Edit the entry in place.
    EditHere,
    /// Do this in the editor.
    Type(Change),
    /// Do this about two versions of an entry.
    Settle(Settling),
    /// Begin an entry.
    NewEntry,
    /// Append a line to today's entry.
    Append,
    /// Open a list to choose from.
    List(ListKind),
    /// Take what is chosen.
    Choose,
    /// Mark the entry, to be found again.
    Bookmark,
    /// Show only the entries of the next verdict.
    NextVerdict,
    /// What is wrong with the notebook.
    Problems,
    /// Who is at which run, and what waits.
    Workers,
    /// Which keys there are.
    Help,
    /// Leave.
    Quit,
    /// Back to the shell for a while.
    Suspend,
    /// Agree to what is asked.
    Yes,
    /// Do not.
    No,
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it holds.
    pub contexts: &'static [Context],
    /// The keys; the first stands in the help bar.
    pub keys: &'static [Key],
    /// What they ask for.
    pub action: Action,
    /// Its word in the help bar; empty where the bar leaves it out.
    pub word: &'static str,
    /// What it does, for the help sheet.
    pub about: &'static str,
}

const fn ch(character: char) -> Key {
    Key { code: KeyCode::Char(character), control: false }
}

const fn ctrl(character: char) -> Key {
    Key { code: KeyCode::Char(character), control: true }
}

/// A key that is no character, with Control.
const fn far(code: KeyCode) -> Key {
    Key { code, control: true }
}

const fn code(code: KeyCode) -> Key {
    Key { code, control: false }
}

/// A row; written as a function so that the table below reads as one.
const fn row(
    contexts: &'static [Context],
    keys: &'static [Key],
    action: Action,
    word: &'static str,
    about: &'static str,
) -> Binding {
    Binding { contexts, keys, action, word, about }
}

/// Where one moves about.
const LISTS: &[Context] = &[Log, Entry, Sheet, Compare, Runs, Arms, Workers, Conflict];
/// Where lines are gone through while something is typed.
const TYPING: &[Context] = &[Edit, List, Query];
/// Where an entry is at hand.
const PANES: &[Context] = &[Log, Entry];
/// Where a key could be taken for a command by mistake, no letter is one.
const LAYERS: &[Context] =
    &[Log, Entry, Edit, Prompt, List, Sheet, Compare, Runs, Query, Arms, Workers, Conflict];
/// Those of them that Esc leaves as they were.
const OTHER_LAYERS: &[Context] =
    &[Log, Entry, Prompt, List, Sheet, Compare, Runs, Query, Arms, Workers, Conflict];

const ESC: Key = code(KeyCode::Esc);

/// Every binding; the order is that of the help bar and the help sheet.
pub const BINDINGS: &[Binding] = &[
    row(
        &[Log],
        &[code(KeyCode::Enter), ch('l'), code(KeyCode::Right)],
        Action::Open,
        "open",
        "into the entry",
    ),
    row(
        &[Entry],
        &[code(KeyCode::Enter)],
        Action::Act,
        "",
        "fold the section or cell, toggle the task, draw the picture, follow the link: whatever is selected",
    ),
    row(PANES, &[ch('r')], Action::Run, "run", "run what is missing of the selected cell"),
    row(PANES, &[ch('R')], Action::RunStale, "run stale", "run whatever is stale or missing in the entry"),
    row(PANES, &[ch('x')], Action::Cancel, "cancel", "cancel runs of the cell or entry (asks)"),
    row(
        PANES,
        &[ch('w')],
        Action::Workers,
        "workers",
        "who is at which run, how far and how fast, and what waits",
    ),
    row(&[Workers], &[ch('x')], Action::Cancel, "cancel", "cancel the chosen runs (asks)"),
    row(
        PANES,
        &[ch('c')],
        Action::Compare,
        "compare",
        "compare what is marked, else the selected cell, else the first experiment",
    ),
    row(
        PANES,
        &[ch('T')],
        Action::Runs,
        "",
        "the table of runs: of the selected cell or entry; from the log, of the whole notebook",
    ),
    row(
        &[Runs],
        &[ch('/')],
        Action::Table(TableKey::FilterRuns),
        "filter",
        "say which runs, as lr>=0.1 has:lambda_max",
    ),
    row(
        &[Runs],
        &[ch('s')],
        Action::Table(TableKey::Sort),
        "sort",
        "sort by the column; again the other way, then as in the log",
    ),
    row(
        &[Runs],
        &[ch('m')],
        Action::Table(TableKey::Group),
        "means",
        "means over seeds, and back to single runs",
    ),
    row(
        &[Runs],
        &[ch('c')],
        Action::Compare,
        "compare",
        "compare the marked rows, else this one, to the pinned one or the first",
    ),
    row(&[Runs], &[ch('x')], Action::Cancel, "cancel", "cancel the marked runs, else this one (asks)"),
    row(
        &[Runs],
        &[ch('C')],
        Action::Table(TableKey::Columns),
        "columns",
        "say which columns, as arm, min test_loss, lr",
    ),
    row(
        &[Runs],
        &[ch('A')],
        Action::Table(TableKey::AllColumns),
        "",
        "every column that has anything, or those that say most",
    ),
    row(
        &[Runs],
        &[ch('p')],
        Action::Table(TableKey::Pin),
        "pin",
        "compare all others to this one, or stop that",
    ),
    row(&[Runs], &[ch(' ')], Action::Table(TableKey::MarkRun), "", "mark the run, or take its mark away"),
    row(&[Runs], &[ch('a')], Action::Table(TableKey::MarkAll), "", "mark every row that is shown"),
    row(&[Runs], &[ch('u')], Action::Table(TableKey::UnmarkRuns), "", "forget the marks"),
    row(
        &[Runs],
        &[ch('d')],
        Action::Table(TableKey::Differences),
        "differ",
        "in what the two marked runs differ, or this one from the one marked or pinned",
    ),
    row(
        &[Runs],
        &[code(KeyCode::Enter)],
        Action::Table(TableKey::GoToCell),
        "cell",
        "to the cell that the run came from",
    ),
    row(
        &[Runs],
        &[ch('h'), code(KeyCode::Left)],
        Action::Table(TableKey::ColumnLeft),
        "",
        "the column before",
    ),
    row(
        &[Runs],
        &[ch('l'), code(KeyCode::Right)],
        Action::Table(TableKey::ColumnRight),
        "",
        "the next column",
    ),
    row(
        &[Runs],
        &[ch('T')],
        Action::Table(TableKey::Whole),
        "",
        "the runs of the whole notebook, or of the cell again",
    ),
    row(&[Runs], &[ch('Y')], Action::Table(TableKey::CopyRun), "", "copy the id of the run"),
    row(
        &[Query],
        &[code(KeyCode::Tab)],
        Action::Table(TableKey::Complete),
        "complete",
        "take what is offered",
    ),
    row(PANES, &[ch(' ')], Action::Mark, "mark", "mark the selected cell for comparing"),
    row(&[Arms], &[ch(' ')], Action::Mark, "mark", "mark the arm, or take its mark away"),
    row(PANES, &[ch('m')], Action::ChooseArms, "", "choose which arms of the cell are marked"),
    row(PANES, &[ch('u')], Action::Unmark, "", "forget all marks"),
    row(PANES, &[ch('i')], Action::EditHere, "edit", "edit the entry in place, at the cell"),
    row(PANES, &[ch('e')], Action::Edit, "", "edit the entry in $VISUAL or $EDITOR, at the cell"),
    row(
        PANES,
        &[ch('o')],
        Action::NewEntry,
        "",
        "begin a new entry, from entries/.template.md if there is one",
    ),
    row(PANES, &[ch('a')], Action::Append, "", "append a line, with its time, to today's entry"),
    row(&[Log], &[ch('/')], Action::Find, "filter", "filter the log by title, name, #tag, is:verdict"),
    row(&[Entry], &[ch('/')], Action::Find, "search", "search the entry"),
    row(PANES, &[ch('s')], Action::List(ListKind::Search), "", "search the text of all entries"),
    row(PANES, &[ch('#')], Action::List(ListKind::Tags), "", "filter the log by a tag"),
    row(PANES, &[ch('v')], Action::NextVerdict, "", "only the entries of the next verdict, then all again"),
    row(PANES, &[ch('b')], Action::Bookmark, "", "bookmark the entry, or take the mark away"),
    row(PANES, &[ch('\'')], Action::List(ListKind::Places), "", "bookmarks and recent entries"),
    row(&[Entry], &[ch('n')], Action::FindNext, "", "the next place found"),
    row(&[Entry], &[ch('N')], Action::FindPrevious, "", "the place found before"),
    row(PANES, &[ch(']')], Action::NextCell, "", "select the next cell"),
    row(PANES, &[ch('[')], Action::PreviousCell, "", "select the cell before"),
    row(&[Entry], &[ch('J')], Action::NextSpot, "", "select the next heading, cell, task, picture or link"),
    row(
        &[Entry],
        &[ch('K')],
        Action::PreviousSpot,
        "",
        "select the heading, cell, task, picture or link before",
    ),
    row(&[Entry], &[ch('t')], Action::ToggleTask, "", "mark the task as done, or not done"),
    row(&[Entry], &[ch('z')], Action::Fold, "", "fold the section or cell, or unfold it"),
    row(&[Entry], &[ch('Z')], Action::FoldAll, "", "fold everything, or unfold it"),
    row(&[Entry], &[ch('I')], Action::Images, "", "draw the pictures of the entry, or hide them"),
    row(PANES, &[ch('Y')], Action::Copy, "", "copy the link, the cell's text, or a link to the entry"),
    row(PANES, &[ctrl('o')], Action::JumpBack, "", "back to where one jumped from"),
    row(
        &[Compare],
        &[ch('y')],
        Action::LogScale,
        "log scale",
        "logarithmic scale, linear, as chosen for each",
    ),
    row(
        &[Compare],
        &[code(KeyCode::Enter)],
        Action::Look(Glance::Zoom),
        "zoom",
        "one quantity alone, and back",
    ),
    row(
        &[Compare],
        &[ch('x')],
        Action::Look(Glance::NextBase),
        "by",
        "along the sweep, by step, epoch, seconds, share of training",
    ),
    row(
        &[Compare],
        &[ch('d')],
        Action::Look(Glance::Seeds),
        "seeds",
        "how the seeds are spread: histograms in the place of curves, and back",
    ),
    row(
        &[Compare],
        &[ch('s')],
        Action::Look(Glance::Smooth),
        "smooth",
        "smooth the lines: off, 0.6, 0.9, 0.97",
    ),
    row(
        &[Compare],
        &[ch('S')],
        Action::Look(Glance::Write),
        "save",
        "write it into the entry as a compare cell",
    ),
    row(
        &[Compare],
        &[ch('l'), code(KeyCode::Right)],
        Action::Look(Glance::Right),
        "",
        "the cursor to the right: what every arm is there",
    ),
    row(
        &[Compare],
        &[ch('h'), code(KeyCode::Left)],
        Action::Look(Glance::Left),
        "",
        "the cursor to the left",
    ),
    row(&[Compare], &[ch('L')], Action::Look(Glance::FarRight), "", "the cursor far to the right"),
    row(&[Compare], &[ch('H')], Action::Look(Glance::FarLeft), "", "the cursor far to the left"),
    row(&[Compare], &[ch('J')], Action::Look(Glance::NextQuantity), "", "the next quantity"),
    row(&[Compare], &[ch('K')], Action::Look(Glance::PreviousQuantity), "", "the quantity before"),
    row(&[Compare], &[ch('X')], Action::Look(Glance::LogAcross), "", "the same for the level axis"),
    row(&[Compare], &[ch('M')], Action::Look(Glance::Marker), "", "lines of braille, blocks, letters"),
    row(
        PANES,
        &[code(KeyCode::Tab)],
        Action::SwitchFocus,
        "",
        "to the other pane; after ^O forward again, for Tab is ^I",
    ),
    row(LISTS, &[ch('j'), code(KeyCode::Down)], Action::Move(Motion::Down), "", "down"),
    row(LISTS, &[ch('k'), code(KeyCode::Up)], Action::Move(Motion::Up), "", "up"),
    row(LISTS, &[ch('g'), code(KeyCode::Home)], Action::Move(Motion::First), "", "to the top"),
    row(LISTS, &[ch('G'), code(KeyCode::End)], Action::Move(Motion::Last), "", "to the bottom"),
    row(LISTS, &[ctrl('d')], Action::Move(Motion::HalfDown), "", "half a screen down"),
    row(LISTS, &[ctrl('u')], Action::Move(Motion::HalfUp), "", "half a screen up"),
    row(LISTS, &[code(KeyCode::PageDown), ctrl('f')], Action::Move(Motion::PageDown), "", "a screen down"),
    row(LISTS, &[code(KeyCode::PageUp), ctrl('b')], Action::Move(Motion::PageUp), "", "a screen up"),
    row(&[Sheet], &[ch('/')], Action::List(ListKind::Keys), "search keys", "search the keys"),
    row(&[List], &[code(KeyCode::Enter)], Action::Choose, "choose", "go to what is chosen"),
    row(&[Edit], &[ctrl('s')], Action::Type(Change::Save), "save", "write the entry"),
    row(&[Edit], &[ctrl('u')], Action::Type(Change::Undo), "undo", "take the last step back"),
    row(&[Edit], &[ctrl('r'), ctrl('y')], Action::Type(Change::Redo), "redo", "do it again"),
    row(&[Edit], &[ctrl('f')], Action::Find, "find", "search the text"),
    row(&[Edit], &[ctrl('g')], Action::Type(Change::FindNext), "", "the next place found"),
    row(
        &[Edit],
        &[code(KeyCode::Enter)],
        Action::Type(Change::Enter),
        "",
        "begin a line, or take what is offered",
    ),
    row(&[Edit], &[code(KeyCode::Tab)], Action::Type(Change::Tab), "", "take what is offered, or indent"),
    row(&[Edit], &[code(KeyCode::Left), ctrl('b')], Action::Type(Change::Left), "", "left"),
    row(&[Edit], &[code(KeyCode::Right)], Action::Type(Change::Right), "", "right"),
    row(&[Edit], &[far(KeyCode::Left)], Action::Type(Change::WordLeft), "", "a word to the left"),
    row(&[Edit], &[far(KeyCode::Right)], Action::Type(Change::WordRight), "", "a word to the right"),
    row(
        &[Edit],
        &[code(KeyCode::Home), ctrl('a')],
        Action::Type(Change::LineStart),
        "",
        "to the start of the line",
    ),
    row(
        &[Edit],
        &[code(KeyCode::End), ctrl('e')],
        Action::Type(Change::LineEnd),
        "",
        "to the end of the line",
    ),
    row(&[Edit], &[far(KeyCode::Home)], Action::Move(Motion::First), "", "to the start of the text"),
    row(&[Edit], &[far(KeyCode::End)], Action::Move(Motion::Last), "", "to its end"),
    row(
        &[Edit],
        &[code(KeyCode::Backspace), ctrl('h')],
        Action::Type(Change::Backspace),
        "",
        "take back the character before",
    ),
    row(
        &[Edit],
        &[code(KeyCode::Delete), ctrl('d')],
        Action::Type(Change::Delete),
        "",
        "take away the character after",
    ),
    row(&[Edit], &[ctrl('w')], Action::Type(Change::EraseWord), "", "take back the word before"),
    row(&[Edit], &[ctrl('k')], Action::Type(Change::CutLine), "", "take away the rest of the line"),
    row(TYPING, &[code(KeyCode::Down), ctrl('n')], Action::Move(Motion::Down), "", "down"),
    row(TYPING, &[code(KeyCode::Up), ctrl('p')], Action::Move(Motion::Up), "", "up"),
    row(TYPING, &[code(KeyCode::PageDown)], Action::Move(Motion::PageDown), "", "a screen down"),
    row(TYPING, &[code(KeyCode::PageUp)], Action::Move(Motion::PageUp), "", "a screen up"),
    row(
        &[Conflict],
        &[code(KeyCode::Enter)],
        Action::Settle(Settling::Write),
        "write",
        "write what was decided; a version that was not taken whole is kept in a file of its own",
    ),
    row(&[Conflict], &[ch('m')], Action::Settle(Settling::Mine), "mine", "here take what is in the editor"),
    row(&[Conflict], &[ch('t')], Action::Settle(Settling::Theirs), "theirs", "here take what is on disk"),
    row(
        &[Conflict],
        &[ch('b')],
        Action::Settle(Settling::Both),
        "both",
        "here take both, between marks, to be sorted out in the editor",
    ),
    row(&[Conflict], &[ch('J'), ch(']')], Action::Settle(Settling::Next), "next", "the next difference"),
    row(&[Conflict], &[ch('K'), ch('[')], Action::Settle(Settling::Previous), "", "the difference before"),
    row(
        &[Conflict],
        &[ch('M')],
        Action::Settle(Settling::AllMine),
        "",
        "everywhere take what is in the editor",
    ),
    row(&[Conflict], &[ch('T')], Action::Settle(Settling::AllTheirs), "", "everywhere take what is on disk"),
    row(
        &[Conflict],
        &[ch('B')],
        Action::Settle(Settling::AllBoth),
        "",
        "everywhere take both, between marks",
    ),
    row(&[Prompt, Query], &[code(KeyCode::Enter)], Action::Accept, "accept", "be done with typing"),
    row(&[Prompt], &[code(KeyCode::Down), ctrl('n')], Action::Move(Motion::Down), "", "next match"),
    row(&[Prompt], &[code(KeyCode::Up), ctrl('p')], Action::Move(Motion::Up), "", "match before"),
    row(
        &[Prompt, List, Query],
        &[code(KeyCode::Backspace), ctrl('h')],
        Action::Backspace,
        "",
        "take back a character",
    ),
    row(&[Prompt, List, Query], &[ctrl('w')], Action::EraseWord, "", "take back a word"),
    row(&[Prompt, List, Query], &[ctrl('u')], Action::EraseAll, "", "take back everything"),
    row(&[Arms], &[code(KeyCode::Enter)], Action::StepOut, "done", "be done with choosing"),
    row(
        &[Edit],
        &[ESC],
        Action::StepOut,
        "save, leave",
        "out of what is offered, out of the search, out with the text saved",
    ),
    row(OTHER_LAYERS, &[ESC], Action::StepOut, "back", "out of the innermost layer; nothing is lost"),
    row(&[Confirm], &[ch('y')], Action::Yes, "yes", "do it"),
    row(&[Confirm], &[ch('n'), ESC], Action::No, "no", "do not"),
    row(PANES, &[ch('!')], Action::Problems, "problems", "what is wrong with the notebook and its entries"),
    row(&[Workers], &[ch('q'), ch('w')], Action::StepOut, "", "back"),
    row(&[Sheet, Compare, Runs], &[ch('q')], Action::StepOut, "", "back"),
    row(PANES, &[ch('q'), ctrl('c')], Action::Quit, "quit", "leave; runs go on"),
    row(LAYERS, &[ctrl('z')], Action::Suspend, "", "back to the shell until `fg`"),
    row(PANES, &[ch('?')], Action::Help, "help", "this help"),
    row(&[Compare, Runs, Arms, Workers, Conflict], &[ch('?')], Action::Help, "help", "this help"),
    row(
        &[Prompt, List, Sheet, Compare, Runs, Query, Arms, Workers, Edit, Conflict],
        &[ctrl('c')],
        Action::StepOut,
        "",
        "back",
    ),
    row(&[Confirm], &[ctrl('c')], Action::No, "", "do not"),
];

/// What `key` asks for in `context`.
pub fn action(context: Context, key: Key) -> Option<Action> {
    bindings(context).find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// The bindings that hold in `context`.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.contexts.contains(&context))
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self { code: event.code, control: event.modifiers.contains(KeyModifiers::CONTROL) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.code {
            KeyCode::Char(' ') => "Space",
            KeyCode::Char(character) if self.control => {
                return write!(f, "^{}", character.to_ascii_uppercase());
            }
            KeyCode::Char(character) => return write!(f, "{character}"),
            other if self.control => return write!(f, "^{}", Self { code: other, control: false }),
            KeyCode::PageDown => "PgDn",
            KeyCode::PageUp => "PgUp",
            KeyCode::Up => "Up",
            KeyCode::Down => "Down",
            KeyCode::Left => "Left",
            KeyCode::Right => "Right",
            KeyCode::Delete => "Delete",
            KeyCode::Home => "Home",
            KeyCode::End => "End",
            KeyCode::Enter => "Enter",
            KeyCode::Esc => "Esc",
            KeyCode::Tab => "Tab",
            KeyCode::Backspace => "Backspace",
            other => return write!(f, "{other}"),
        };
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for context in Context::ALL {
            let keys: Vec<Key> = bindings(context).flat_map(|binding| binding.keys).copied().collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys[..index].contains(key), "{key} twice in {context:?}");
            }
        }
    }

    #[test]
    fn there_is_a_way_out_of_everything() {
        for context in Context::ALL {
            let actions: Vec<_> = bindings(context).map(|binding| binding.action).collect();
            assert!(actions.contains(&Action::StepOut) || actions.contains(&Action::No), "{context:?}");
        }
    }

    #[test]
    fn nothing_needs_alt_and_every_binding_says_what_it_does() {
        for binding in BINDINGS {
            assert!(!binding.about.is_empty() && !binding.keys.is_empty() && !binding.contexts.is_empty());
        }
    }
}
