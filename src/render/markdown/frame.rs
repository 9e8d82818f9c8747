//! What a line stands inside: quotes and list items, from the outermost in. They make the prefix of every line.

use ratatui::text::Span;

use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// The stack.
#[derive(Default)]
pub(super) struct Frames(Vec<Frame>);

enum Frame {
    Quote,
    /// An item: its marker, and whether a line has shown it.
    Item(String, Marker),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Pending,
    Shown,
}

const BAR: &str = "│ ";

impl Frame {
    fn width(&self) -> usize {
        match self {
            Self::Quote => width::width(BAR),
            Self::Item(marker, _) => width::width(marker),
        }
    }
}

impl Frames {
    pub(super) fn push_quote(&mut self) {
        self.0.push(Frame::Quote);
    }

    pub(super) fn push_item(&mut self, marker: &str) {
        self.0.push(Frame::Item(marker.to_owned(), Marker::Pending));
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// Gives the innermost item, if it has not been shown, another marker: a task's box.
    pub(super) fn set_marker(&mut self, new: &str) {
        if let Some(Frame::Item(marker, Marker::Pending)) = self.0.last_mut() {
            new.clone_into(marker);
        }
    }

    /// Whether the innermost frame is an item that no line has shown.
    pub(super) fn marker_is_pending(&self) -> bool {
        matches!(self.0.last(), Some(Frame::Item(_, Marker::Pending)))
    }

    /// Width of the prefix. It never takes more than half of the columns: of a deeper stack only the innermost
    /// frames are seen.
    pub(super) fn width(&self, columns: usize) -> usize {
        self.visible(columns).iter().map(Frame::width).sum()
    }

    /// The prefix of the next line; markers in it count as shown.
    pub(super) fn prefix(&mut self, columns: usize, look: Look) -> Spans {
        let start = self.0.len() - self.visible(columns).len();
        let (hidden, visible) = self.0.split_at_mut(start);
        // What has no room will not be shown later either.
        for frame in hidden {
            let _ = shown(frame, look);
        }
        visible.iter_mut().map(|frame| shown(frame, look)).collect()
    }

    /// The prefix of a blank line: only what runs on through it.
    pub(super) fn blank(&self, columns: usize, look: Look) -> Spans {
        let visible = self.visible(columns);
        let last = visible.iter().rposition(|frame| matches!(frame, Frame::Quote)).map_or(0, |at| at + 1);
        visible.iter().take(last).map(|frame| again(frame, look)).collect()
    }

    fn visible(&self, columns: usize) -> &[Frame] {
        let mut room = columns / 2;
        let fits = |frame: &&Frame| match room.checked_sub(frame.width()) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        };
        let count = self.0.iter().rev().take_while(fits).count();
        self.0.get(self.0.len() - count..).unwrap_or_default()
    }
}

/// The frame on a line; shows a marker that is pending.
fn shown(frame: &mut Frame, look: Look) -> Span<'static> {
    match frame {
        Frame::Item(marker, state @ Marker::Pending) => {
            *state = Marker::Shown;
            look.span(marker, Role::Accent)
        }
        other => again(other, look),
    }
}

/// The frame on a line after its first.
fn again(frame: &Frame, look: Look) -> Span<'static> {
    match frame {
        Frame::Quote => look.span(BAR, Role::Dim),
        Frame::Item(marker, _) => look.span(&" ".repeat(width::width(marker)), Role::Text),
    }
}
