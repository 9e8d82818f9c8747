//! What lies over the panes: sheets of text, a list to choose arms from, a question.

use std::ops::Range;
use std::sync::Arc;

use ratatui::text::Line;

use super::comparison::Comparison;
use super::layout::Panes;
use super::list::List;
use super::model::{Context, Model};
use super::motion::Motion;
use super::runs::RunsPanel;
use super::view;
use crate::base::RunId;
use crate::compare::runs::Difference;

/// A layer over the panes.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Text to read.
    Sheet(Sheet),
    /// A comparison.
    Comparison(Box<Comparison>),
    /// The arms of a cell, to mark some.
    Arms(ArmPicker),
    /// Who is at which run; the row that is chosen.
    Workers(usize),
    /// A question.
    Confirm(Question),
    /// Something to choose from.
    List(List),
    /// The table of runs.
    Runs(Box<RunsPanel>),
}

/// Something that is done only when the person agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Stop these runs; what they belong to.
    Cancel(Vec<RunId>, String),
}

/// The arms of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmPicker {
    /// Slug of the entry.
    pub entry: String,
    /// Id of the cell.
    pub cell: String,
    /// Its arms.
    pub arms: Vec<String>,
    /// The one under the cursor.
    pub at: usize,
}

/// Lines over the whole body, to scroll in.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What is on it.
    pub kind: SheetKind,
    /// Its heading.
    pub title: String,
    /// Its lines, made anew whenever what they show may have changed.
    pub lines: Vec<Line<'static>>,
    /// First line seen.
    pub top: usize,
}

/// What a sheet shows.
#[derive(Clone, Debug, PartialEq)]
pub enum SheetKind {
    /// All keys, those of this context first.
    Help(Context),
    /// What is wrong with the notebook.
    Problems,
    /// Two versions of the entry that is edited.
    Conflict,
    /// In what two runs differ.
    Difference(Arc<Difference>),
}

impl Overlay {
    /// A sheet that is filled before it is seen.
    pub fn sheet(kind: SheetKind) -> Self {
        Self::Sheet(Sheet { kind, title: String::new(), lines: Vec::new(), top: 0 })
    }

    /// What the keys mean on it.
    pub fn context(&self) -> Context {
        match self {
            Self::Comparison(_) => Context::Compare,
            Self::Sheet(Sheet { kind: SheetKind::Conflict, .. }) => Context::Conflict,
            Self::Sheet(_) => Context::Sheet,
            Self::List(_) => Context::List,
            Self::Runs(panel) if panel.line.is_some() => Context::Query,
            Self::Runs(_) => Context::Runs,
            Self::Arms(_) => Context::Arms,
            Self::Workers(_) => Context::Workers,
            Self::Confirm(_) => Context::Confirm,
        }
    }
}

impl Sheet {
    /// Makes its lines anew.
    pub fn fill(&mut self, model: &Model, panes: &Panes) {
        (self.title, self.lines) = match &self.kind {
            SheetKind::Help(context) => {
                view::help::sheet(*context, &model.keys, panes.body.width, model.look)
            }
            SheetKind::Difference(told) => view::runs::sheet(model, told, panes.body.width),
            SheetKind::Conflict => view::conflict::sheet(model, panes.body.width),
            SheetKind::Problems => view::problems::sheet(model, panes.body.width),
        };
        self.top = self.top.min(self.last_top(panes.sheet_height()));
    }

    /// Scrolls.
    pub fn travel(&mut self, motion: Motion, height: usize) {
        self.top = motion.travel(self.top, self.last_top(height), height);
    }

    /// Scrolls as little as shows `range` whole, or its beginning where it is longer than the screen.
    pub fn reveal(&mut self, range: &Range<usize>, height: usize) {
        self.top = self.top.max(range.end.saturating_sub(height.max(1))).min(range.start);
    }

    fn last_top(&self, height: usize) -> usize {
        self.lines.len().saturating_sub(height.max(1))
    }
}

impl Question {
    /// The question in words.
    pub fn text(&self) -> String {
        use crate::base::text::counted;
        match self {
            Self::Cancel(runs, whose) => format!("cancel {} of {whose}? y/n", counted(runs.len(), "run")),
        }
    }
}
