//! The comparison that lies over the panes: what it is about, how one moves about in it, and what was worked out for it.
//!
//! Means over seeds at every recorded step are taken once for what is compared and how it is looked at; a key that moves the
//! cursor or scrolls draws what is there.

use std::sync::Arc;

use ratatui::text::Line;

use super::compare::{self, Subject};
use super::layout::Panes;
use super::model::Model;
use super::motion::Motion;
use super::rows;
use super::view::theme;
use crate::compare::Compared;
use crate::notebook::Entry;
use crate::render::comparison::{Paper, Sheet, Traced, View, sheet, traced, zoomed};
use crate::render::style::Look;

/// Rows of a chart on a screen of these many: two fit on a small one, three on a larger one.
fn chart_rows(height: usize) -> usize {
    if height < 30 {
        (height / 2).saturating_sub(4).clamp(3, 8)
    } else {
        (height / 3).saturating_sub(4).clamp(8, 16)
    }
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What is compared.
    pub subject: Subject,
    /// The quantity that the keys are about.
    pub at: usize,
    /// Whether it has the whole screen.
    pub is_zoomed: bool,
    /// First line seen.
    pub top: usize,
    /// Its heading.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Line<'static>>,
    /// Where each quantity begins.
    pub anchors: Vec<usize>,
    /// Whether the quantity that has the keys is to be brought into sight.
    is_sought: bool,
    found: Option<Found>,
    /// From what its lines were drawn.
    drawn: Option<Drawn>,
}

/// All that lines are drawn from, besides what was found.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Drawn {
    view: View,
    at: usize,
    is_zoomed: bool,
    height: usize,
    columns: usize,
    look: Look,
}

/// What was worked out, and from what.
#[derive(Clone, Debug)]
struct Found {
    /// The entries whose runs are compared, as they were read.
    entries: Vec<Arc<Entry>>,
    /// How many arms were marked: under the comparison none can be marked besides.
    marks: usize,
    /// The comparison, or why there is none.
    compared: Result<Compared, String>,
    /// How it was looked at, without a cursor.
    view: View,
    /// Its curves.
    traced: Vec<Traced>,
}

impl Comparison {
    /// One that is filled before it is seen.
    pub fn new(subject: Subject) -> Self {
        Self {
            subject,
            at: 0,
            is_zoomed: false,
            top: 0,
            title: String::new(),
            lines: Vec::new(),
            anchors: Vec::new(),
            is_sought: false,
            found: None,
            drawn: None,
        }
    }

    /// What is compared, if it could be.
    pub fn compared(&self) -> Option<&Compared> {
        self.found.as_ref()?.compared.as_ref().ok()
    }

    /// Makes its lines anew, and whatever they show that is not known yet.
    pub fn fill(&mut self, model: &Model, panes: &Panes) {
        self.work_out(model);
        let view = model.compare_view;
        self.title = self.heading(model, &view);
        let height = panes.sheet_height();
        let (columns, look) = (usize::from(panes.body.width), model.look);
        let drawn = Drawn { view, at: self.at, is_zoomed: self.is_zoomed, height, columns, look };
        // To scroll is no reason to draw again.
        if self.drawn != Some(drawn) {
            self.draw(drawn);
        }
        self.bring_into_sight();
        self.top = self.top.min(self.last_top(height));
    }

    fn draw(&mut self, drawn: Drawn) {
        let Drawn { view, height, columns, look, .. } = drawn;
        self.drawn = Some(drawn);
        let Some(Found { compared, traced, .. }) = &self.found else { return };
        let compared = match compared {
            Ok(compared) => compared,
            Err(why) => {
                (self.lines, self.anchors) = (theme::wrapped(why, columns, look), Vec::new());
                return;
            }
        };
        self.at = self.at.min(compared.summary.series.len().saturating_sub(1));
        if self.is_zoomed {
            let paper = Paper { columns, rows: height, look };
            self.lines = zoomed(compared, traced, &view, self.at, paper);
            self.anchors = Vec::new();
        } else {
            let paper = Paper { columns, rows: chart_rows(height), look };
            let Sheet { lines, anchors } = sheet(compared, traced, &view, Some(self.at), paper);
            (self.lines, self.anchors) = (lines, anchors);
        }
    }

    fn work_out(&mut self, model: &Model) {
        let entries: Vec<Arc<Entry>> =
            compare::entries(model, &self.subject).into_iter().map(Arc::clone).collect();
        let same = |found: &Found| {
            found.marks == model.marks.len()
                && found.entries.len() == entries.len()
                && found.entries.iter().zip(&entries).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        let view = View { cursor: None, ..model.compare_view };
        match self.found.as_mut().filter(|found| same(found)) {
            Some(found) if found.view == view => {}
            Some(found) => {
                self.drawn = None;
                found.view = view;
                found.traced = found.compared.as_ref().map_or_else(|_| Vec::new(), |one| traced(one, &view));
            }
            None => {
                self.drawn = None;
                let compared = compare::compared(model, &self.subject);
                let traced =
                    compared.as_ref().map_or_else(|_| Vec::new(), |compared| traced(compared, &view));
                self.found = Some(Found { entries, marks: model.marks.len(), compared, view, traced });
            }
        }
    }

    /// `compare batch-size · log where it helps · lines smoothed, EMA 0.9`.
    fn heading(&self, model: &Model, view: &View) -> String {
        let name = match &self.subject {
            Subject::Marks => crate::base::text::counted(model.marks.len(), "marked arm"),
            Subject::Rows(rows) => rows::in_words(rows, self.compared()),
            Subject::Cell { id: Some(id), .. } => id.clone(),
            Subject::Cell { entry, .. } => entry.clone(),
        };
        let smoothing =
            view.smoothing.strength().map(|strength| format!(" · EMA {strength}")).unwrap_or_default();
        format!("compare {name} ({}{smoothing})", view.y.name())
    }

    /// Scrolls; the quantity that is seen first has the keys then.
    pub fn travel(&mut self, motion: Motion, height: usize) {
        self.top = motion.travel(self.top, self.last_top(height), height);
        let seen = |anchor: &&usize| **anchor >= self.top && **anchor < self.top + height;
        let has_keys = self.anchors.get(self.at).is_some_and(|anchor| seen(&anchor));
        if !has_keys && let Some(first) = self.anchors.iter().position(|anchor| seen(&anchor)) {
            self.at = first;
        }
    }

    /// To the next quantity, or the one before; it is brought into sight.
    pub fn step(&mut self, forward: bool) {
        let last = self.compared().map_or(0, |compared| compared.summary.series.len()).saturating_sub(1);
        self.at = if forward { (self.at + 1).min(last) } else { self.at.saturating_sub(1) };
        self.is_sought = true;
    }

    /// Gives the quantity that has the keys the whole screen, or puts it back among the others.
    pub fn zoom(&mut self) {
        self.is_zoomed = !self.is_zoomed;
        self.is_sought = true;
    }

    /// Brings the quantity that has the keys to the top of the screen, the first with all that stands above it.
    fn bring_into_sight(&mut self) {
        if std::mem::take(&mut self.is_sought) {
            self.top = if self.at == 0 { 0 } else { self.anchors.get(self.at).copied().unwrap_or(0) };
        }
    }

    fn last_top(&self, height: usize) -> usize {
        self.lines.len().saturating_sub(height.max(1))
    }
}
