//! Which part of the terminal is whose.
//!
//! ```text
//! log ───────┃ entry
//! ✓ 22 Flat  ┃ ▌ prose, cells
//! ? 20 Width ┃
//! LOG  3 running · 12 queued          r run  ? help
//! ```

use ratatui::layout::{Rect, Size};

use super::model::Focus;

/// Narrowest terminal that shows both panes.
pub const BOTH_PANES: u16 = 60;

/// Width of the log beside the entry at 80 columns, its separator included.
const LOG_WIDTH: u16 = 27;

/// The same where there is room for long titles.
const WIDE_LOG: u16 = 37;

/// The same where the terminal is not 80 columns wide.
const NARROW_LOG: u16 = 20;

/// Columns left of an entry's text: the bar of the selected cell and a space.
pub const GUTTER: u16 = 2;

/// The parts of the screen; those that are not shown have no area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    /// The log, with its heading.
    pub log: Rect,
    /// What separates it from the entry, one column.
    pub separator: Rect,
    /// The entry, gutter included.
    pub entry: Rect,
    /// Everything above the status line: where sheets are laid.
    pub body: Rect,
    /// The status line.
    pub status: Rect,
}

/// The panes of a terminal of `size`.
pub fn panes(size: Size, focus: Focus) -> Panes {
    let status_height = u16::from(size.height > 1);
    let body = Rect::new(0, 0, size.width, size.height - status_height);
    let status = Rect::new(0, body.height, size.width, status_height);
    let none = Rect::ZERO;
    if size.width < BOTH_PANES {
        let (log, entry) = if focus == Focus::Log { (body, none) } else { (none, body) };
        return Panes { log, separator: none, entry, body, status };
    }
    let log_width = log_width(size.width);
    let log = Rect { width: log_width - 1, ..body };
    let separator = Rect { x: log.width, width: 1, ..body };
    let entry = Rect { x: log_width, width: size.width - log_width, ..body };
    Panes { log, separator, entry, body, status }
}

/// Of three columns beyond 80 the log gets one, until it has enough.
fn log_width(columns: u16) -> u16 {
    match columns.checked_sub(80) {
        None => NARROW_LOG,
        Some(beyond) => (LOG_WIDTH + beyond / 3).min(WIDE_LOG),
    }
}

impl Panes {
    /// Lines of the log under its heading.
    pub fn log_height(&self) -> usize {
        usize::from(self.log.height.saturating_sub(1))
    }

    /// Columns of an entry's text.
    pub fn entry_width(&self) -> u16 {
        self.entry.width.saturating_sub(GUTTER)
    }

    /// Lines of a sheet under its heading.
    pub fn sheet_height(&self) -> usize {
        usize::from(self.body.height.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_tile_the_screen_at_every_size() {
        for (width, height) in [(0, 0), (1, 1), (1, 2), (40, 10), (59, 24), (60, 24), (80, 24), (300, 90)] {
            for focus in [Focus::Log, Focus::Entry] {
                let panes = panes(Size::new(width, height), focus);
                let parts = [panes.log, panes.separator, panes.entry, panes.status];
                let covered: u32 = parts.iter().map(|part| part.area()).sum();
                assert_eq!(covered, u32::from(width) * u32::from(height), "{width}x{height} {focus:?}");
            }
        }
    }

    #[test]
    fn titles_get_more_room_on_a_wide_terminal() {
        for (columns, expected) in [(60, 19), (80, 26), (95, 31), (110, 36), (300, 36)] {
            assert_eq!(panes(Size::new(columns, 24), Focus::Log).log.width, expected, "{columns}");
        }
    }

    #[test]
    fn at_80_columns_an_entry_has_51() {
        assert_eq!(panes(Size::new(80, 24), Focus::Entry).entry_width(), 51);
    }
}
