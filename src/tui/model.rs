//! Everything the screen shows, as a value. No I/O and no clock: time and news come in messages, and what is to
//! be done goes out as effects.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;
use serde::{Deserialize, Serialize};

use super::compare;
use super::desk::Draft;
use super::edit::Editor;
use super::edit::conflict::Conflict;
use super::jumps::{Jumps, Places};
use super::keys::Keys;
use super::layout::{self, Panes};
use super::log::LogPane;
use super::marks::Marks;
use super::msg::Msg;
use super::overlay::{Overlay, SheetKind};
use super::page::{Page, View};
use super::progress::Progress;
use super::prompt::Prompt;
use super::view;
use super::wanted::Wanted;
use super::workers;
use crate::base::Diagnostic;
use crate::notebook::{CellView, Entry, RunOrder, Snapshot};
use crate::render::comparison::View as CompareView;
use crate::render::entry::linked_from;
use crate::render::style::Look;
use crate::spec::settings::Bell;

/// Narrowest an entry is drawn; on a narrower terminal its lines are cut.
const NARROWEST: u16 = 8;

/// Which pane has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Focus {
    /// The list of entries.
    #[default]
    Log,
    /// The selected entry.
    Entry,
}

/// What the keys mean at the moment: the innermost layer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// The log.
    Log,
    /// The entry.
    Entry,
    /// A line is being typed.
    Prompt,
    /// A sheet of text lies over the panes.
    Sheet,
    /// A comparison lies over the panes.
    Compare,
    /// Arms are being chosen.
    Arms,
    /// A question waits for its answer.
    Confirm,
    /// An entry is edited in place.
    Edit,
    /// Who is at which run lies over the panes.
    Workers,
    /// Two versions of an entry are to be settled.
    Conflict,
    /// Something is chosen from a list.
    List,
    /// The table of runs lies over the panes.
    Runs,
    /// Something is typed over the table of runs.
    Query,
}

impl Context {
    /// Every context.
    pub const ALL: [Self; 13] = [
        Self::Log,
        Self::Entry,
        Self::Edit,
        Self::Prompt,
        Self::List,
        Self::Sheet,
        Self::Compare,
        Self::Runs,
        Self::Query,
        Self::Arms,
        Self::Workers,
        Self::Confirm,
        Self::Conflict,
    ];

    /// How the status line names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "LOG",
            Self::Entry => "ENTRY",
            Self::Prompt | Self::Query => "TYPE",
            Self::Sheet => "READ",
            Self::Compare => "COMPARE",
            Self::Arms => "MARK",
            Self::Workers => "WORKERS",
            Self::Confirm => "ASK",
            Self::Edit => "EDIT",
            Self::Conflict => "CONFLICT",
            Self::List => "FIND",
            Self::Runs => "RUNS",
        }
    }
}

/// One line of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub text: String,
    /// How long it is news.
    pub until: Until,
}

/// How long something is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Until a key is pressed.
    NextKey,
    /// Until a run begins, or a key is pressed.
    FirstRun,
    /// Until a key is pressed at or after this time: one that was on its way already has not seen it.
    Seen(Duration),
}

/// The screen.
#[derive(Clone, Debug)]
pub struct Model {
    /// Colours and glyphs the terminal can show.
    pub look: Look,
    /// Columns and rows of the terminal.
    pub size: Size,
    /// Time since the program started.
    pub now: Duration,
    /// The notebook; `None` until it was read.
    pub snapshot: Option<Arc<Snapshot>>,
    /// What was typed before it was read: it is for the entries that come.
    pub early: Vec<Msg>,
    /// Which pane has the keys.
    pub focus: Focus,
    /// The list of entries.
    pub log: LogPane,
    /// The selected entry.
    pub page: Page,
    /// The line that is being typed, if one is.
    pub prompt: Option<Prompt>,
    /// The arms that are marked for comparing.
    pub marks: Marks,
    /// Where one has been.
    pub jumps: Jumps,
    /// Bookmarks, and the entries seen last.
    pub places: Places,
    /// The entry that is edited in place, if one is.
    pub editor: Option<Box<Editor>>,
    /// Drafts that were left, by the slug of their entries.
    pub drafts: BTreeMap<String, Draft>,
    /// Slug of an entry that was written to from here, until it is read.
    pub written: Option<String>,
    /// Entries that were saved and not read since, by slug: what is in them.
    pub ahead: BTreeMap<String, String>,
    /// What is to be settled before it can be saved.
    pub conflict: Option<Conflict>,
    /// How comparisons are looked at.
    pub compare_view: CompareView,
    /// What lies over the panes, the last on top.
    pub overlays: Vec<Overlay>,
    /// How far the runs are.
    pub progress: Progress,
    /// What happens when the last of them ends.
    pub bell: Bell,
    /// When a key was pressed last.
    pub touched: Duration,
    /// One line of news.
    pub message: Option<Message>,
    /// The keys of this person.
    pub keys: Keys,
    /// What is wrong with their settings.
    pub taste_problems: Vec<Diagnostic>,
    /// What was asked for of entries.
    asked: Wanted,
    /// The table of runs that was asked for.
    ordered: Option<RunOrder>,
}

impl Model {
    /// A screen that waits for its notebook.
    pub fn new(look: Look, size: Size) -> Self {
        Self {
            look,
            size,
            now: Duration::ZERO,
            snapshot: None,
            early: Vec::new(),
            focus: Focus::Log,
            log: LogPane::default(),
            page: Page::default(),
            prompt: None,
            marks: Marks::default(),
            jumps: Jumps::default(),
            places: Places::default(),
            editor: None,
            drafts: BTreeMap::new(),
            written: None,
            ahead: BTreeMap::new(),
            conflict: None,
            compare_view: CompareView::default(),
            overlays: Vec::new(),
            progress: Progress::default(),
            bell: Bell::default(),
            touched: Duration::ZERO,
            message: None,
            keys: Keys::default(),
            taste_problems: Vec::new(),
            asked: Wanted::default(),
            ordered: None,
        }
    }

    /// What the keys mean now.
    pub fn context(&self) -> Context {
        match (self.overlays.last(), &self.prompt, self.focus) {
            (Some(overlay), _, _) => overlay.context(),
            (None, Some(_), _) => Context::Prompt,
            (None, None, _) if self.editor.is_some() => Context::Edit,
            (None, None, Focus::Log) => Context::Log,
            (None, None, Focus::Entry) => Context::Entry,
        }
    }

    /// The parts of the screen.
    pub fn panes(&self) -> Panes {
        layout::panes(self.size, self.focus)
    }

    /// All entries, newest first.
    pub fn entries(&self) -> &[Arc<Entry>] {
        self.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.entries)
    }

    /// The selected entry.
    pub fn entry(&self) -> Option<&Arc<Entry>> {
        self.log.selected_of(self.entries())
    }

    /// Everything that is wrong, each with the text of the file it is about: with the notebook, then entry by entry.
    pub fn problems(&self) -> impl Iterator<Item = (&Diagnostic, &str)> {
        let notebook = self.snapshot.iter().flat_map(|snapshot| &snapshot.diagnostics);
        let entries = self.entries().iter().flat_map(|entry| {
            in_order(entry).into_iter().map(|problem| (problem, entry.document.source.as_str()))
        });
        self.taste_problems.iter().chain(notebook).map(|problem| (problem, "")).chain(entries)
    }

    /// What the message line says.
    pub fn news(&self) -> Option<&str> {
        self.message.as_ref().map(|message| message.text.as_str())
    }

    /// The selected cell.
    pub fn cell(&self) -> Option<&CellView> {
        self.entry()?.cells.get(self.page.cell?)
    }

    /// What is needed of entries: the selected one, those with marks, those that are compared and the one that is edited are
    /// drawn with their curves.
    pub fn wanted(&self) -> Wanted {
        let selected = self.entry().map(|entry| entry.slug.as_str());
        let edited = self.editor.as_ref().map(|editor| editor.slug.as_str());
        let compared = self.overlays.iter().filter_map(|overlay| match overlay {
            Overlay::Comparison(comparison) => Some(compare::entries(self, &comparison.subject)),
            _ => None,
        });
        let compared: Vec<&Arc<Entry>> = compared.flatten().collect();
        let compared = compared.iter().map(|entry| entry.slug.as_str());
        let drawn = selected.into_iter().chain(edited).chain(self.marks.entries()).chain(compared);
        Wanted {
            curves: drawn.map(str::to_owned).collect(),
            near: self.log.near(self.entries()).map(|entry| entry.slug.clone()).collect(),
        }
    }

    /// Whether the selected entry is still to be read.
    pub fn is_waiting(&self) -> bool {
        self.entry().is_some_and(|entry| !entry.is_read)
    }

    /// Whether the selected entry was saved and is still to be read again.
    pub fn is_behind(&self) -> bool {
        self.entry().is_some_and(|entry| self.ahead.contains_key(&entry.slug))
    }

    /// What is to be asked for of entries, where it is something else than was asked for last.
    pub fn newly_wanted(&mut self) -> Option<Wanted> {
        let wanted = self.wanted();
        (wanted != self.asked).then(|| {
            self.asked.clone_from(&wanted);
            wanted
        })
    }

    /// The table of runs that is to be made from now on, where it is another than was asked for last.
    pub fn newly_ordered(&mut self) -> Option<Option<RunOrder>> {
        let order = self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Runs(panel) => Some(panel.order()),
            _ => None,
        });
        (order != self.ordered).then(|| {
            self.ordered.clone_from(&order);
            order
        })
    }

    /// Brings everything that follows from the rest up to date: what is selected exists, what is drawn fits, and
    /// nothing is scrolled past its end. Called after every message.
    pub fn settle(&mut self) {
        let panes = self.panes();
        let entries = self.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.entries);
        self.log.keep_visible(entries, panes.log_height());
        let entry = self.log.selected_of(entries).cloned();
        // Also where the log hides the entry: keys in the log ask which cell is selected.
        let entry_pane = layout::panes(self.size, Focus::Entry);
        let width = entry_pane.entry_width().max(NARROWEST);
        let entry = entry.map(|entry| {
            let linked_from = self.snapshot.as_ref().map(|snapshot| linked_from(&entry, snapshot));
            (entry, linked_from.unwrap_or_default())
        });
        self.page.show(entry, View { width, height: usize::from(entry_pane.entry.height), look: self.look });
        if let Some(editor) = &mut self.editor {
            let area = view::edit::text_area(entry_pane.entry);
            let datasets = self.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.datasets);
            editor.settle(usize::from(area.width), usize::from(area.height), datasets);
        }
        self.refill_sheets(&panes);
    }

    fn refill_sheets(&mut self, panes: &Panes) {
        let mut overlays = std::mem::take(&mut self.overlays);
        for overlay in &mut overlays {
            match overlay {
                Overlay::Sheet(sheet) => sheet.fill(self, panes),
                Overlay::Comparison(comparison) => comparison.fill(self, panes),
                Overlay::List(list) => list.keep_visible(panes.sheet_height()),
                Overlay::Runs(panel) => panel.settle(panes, self.look),
                Overlay::Workers(at) => *at = (*at).min(workers::rows(self).len().saturating_sub(1)),
                Overlay::Arms(_) | Overlay::Confirm(_) => {}
            }
        }
        self.overlays = overlays;
    }

    /// Lays a sheet over the panes.
    pub fn open_sheet(&mut self, kind: SheetKind) {
        self.overlays.push(Overlay::sheet(kind));
    }
}

/// The problems of an entry as they stand in it.
fn in_order(entry: &Entry) -> Vec<&Diagnostic> {
    let mut problems: Vec<_> = entry.problems().collect();
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.line, place.column)));
    problems
}
