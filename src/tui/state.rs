//! Where one was in a notebook: what is put away when the screen is left, and found again.

use serde::{Deserialize, Serialize};

use super::folds::Folds;
use super::jumps::Places;
use super::model::{Focus, Model};
use super::page::Arrival;

/// What is remembered of a notebook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Which pane had the keys.
    pub focus: Focus,
    /// Slug of the selected entry.
    pub selected: Option<String>,
    /// First line of it that was seen.
    pub top: usize,
    /// What the log was filtered by.
    pub filter: String,
    /// What was folded.
    pub folds: Folds,
    /// Bookmarks and recent entries.
    pub places: Places,
}

impl State {
    /// Where one is.
    pub fn of(model: &Model) -> Self {
        Self {
            focus: model.focus,
            selected: model.entry().map(|entry| entry.slug.clone()),
            top: model.page.top,
            filter: model.log.filter.clone(),
            folds: model.page.folds.clone(),
            places: model.places.clone(),
        }
    }
}

impl Model {
    /// Puts one back where one was; the place in the entry once there is an entry.
    pub fn restore(&mut self, state: State) {
        self.focus = state.focus;
        self.log.filter = state.filter;
        self.page.folds = state.folds;
        self.places = state.places;
        if let Some(slug) = state.selected {
            self.log.expect(&slug);
            self.page.expect(&slug, Arrival::Top(state.top));
        }
    }
}
