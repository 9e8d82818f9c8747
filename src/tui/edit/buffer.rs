//! A text being edited: the bytes, the cursor, and what was done, so that it can be undone.
//!
//! The text is one string. An entry is small, and even of the largest moving the bytes behind the cursor takes less
//! than a thousandth of a second.

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// A text and a cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    text: String,
    /// A byte of the text, between two graphemes.
    cursor: usize,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Whether the next change of the same kind belongs to the last step.
    open: bool,
    /// Grows with every change.
    revision: u64,
}

/// One step of undoing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    kind: Kind,
    at: usize,
    removed: String,
    inserted: String,
    /// Where the cursor was before.
    cursor: usize,
}

/// What a change is: like ones that follow each other are undone together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Characters typed.
    Typed,
    /// Characters taken back.
    Erased,
    /// Anything that is a step of its own: a paste, a line cut, a completion.
    Whole,
    /// Another text with what somebody else wrote in it, a step of its own too.
    Taken,
}

impl Buffer {
    /// A text with the cursor at byte `cursor`, or as near before it as there is a place.
    pub fn new(text: String, cursor: usize) -> Self {
        let mut buffer = Self { text, ..Self::default() };
        buffer.move_to(cursor);
        buffer
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Changes whenever the text does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Puts the cursor at a byte, or as near before it as there is a place.
    pub fn move_to(&mut self, at: usize) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        self.cursor = at;
        self.open = false;
    }

    /// Puts text at the cursor.
    pub fn insert(&mut self, text: &str, kind: Kind) {
        self.replace(self.cursor..self.cursor, text, kind);
        // Undo takes back a word, not a page: a step ends with the space after it.
        self.open &= !text.ends_with([' ', '\n']);
    }

    /// A new line, indented like this one.
    pub fn break_line(&mut self) {
        let line = &self.text[self.line_start(self.cursor)..self.cursor];
        let indent: String = line.chars().take_while(|character| matches!(character, ' ' | '\t')).collect();
        let ending = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        self.insert(&format!("{ending}{indent}"), Kind::Typed);
    }

    /// Takes a range away.
    pub fn erase(&mut self, range: Range<usize>, kind: Kind) {
        self.replace(range, "", kind);
    }

    /// Puts `new` in the place of a range, with the cursor behind it.
    pub fn replace(&mut self, range: Range<usize>, new: &str, kind: Kind) {
        let Some(removed) = self.text.get(range.clone()).map(str::to_owned) else { return };
        if removed.is_empty() && new.is_empty() {
            return;
        }
        let step = Step { kind, at: range.start, removed, inserted: new.to_owned(), cursor: self.cursor };
        self.text.replace_range(range.clone(), new);
        self.cursor = range.start + new.len();
        self.undone.clear();
        self.revision += 1;
        match self.done.last_mut().filter(|last| self.open && last.takes(&step)) {
            Some(last) => last.join(&step),
            None => self.done.push(step),
        }
        self.open = matches!(kind, Kind::Typed | Kind::Erased);
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is one to do again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Takes the last step back; of what kind that was, if there was one.
    pub fn undo(&mut self) -> Option<Kind> {
        let step = self.done.pop()?;
        let kind = step.kind;
        self.text.replace_range(step.at..step.at + step.inserted.len(), &step.removed);
        self.cursor = step.cursor;
        self.undone.push(step);
        self.touch();
        Some(kind)
    }

    /// Does the last step that was taken back again; of what kind that was, if there was one.
    pub fn redo(&mut self) -> Option<Kind> {
        let step = self.undone.pop()?;
        let kind = step.kind;
        self.text.replace_range(step.at..step.at + step.removed.len(), &step.inserted);
        self.cursor = step.at + step.inserted.len();
        self.done.push(step);
        self.touch();
        Some(kind)
    }

    fn touch(&mut self) {
        self.open = false;
        self.revision += 1;
    }

    /// First byte of the line that `at` is in.
    pub fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The end of the line that `at` is in, before its line ending.
    pub fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        if end > at && self.text[..end].ends_with('\r') { end - 1 } else { end }
    }

    /// The place one grapheme before `at`.
    pub fn before(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    /// The place one grapheme after `at`.
    pub fn after(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    /// Where the word before the cursor begins.
    pub fn word_before(&self) -> usize {
        self.text[..self.cursor].unicode_word_indices().next_back().map_or(0, |(at, _)| at)
    }

    /// Where the word after the cursor ends.
    pub fn word_after(&self) -> usize {
        let next = self.text[self.cursor..].unicode_word_indices().next();
        next.map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }
}

impl Step {
    /// Whether `next` goes on with what this step did.
    fn takes(&self, next: &Self) -> bool {
        self.kind == next.kind
            && match next.kind {
                Kind::Typed => next.removed.is_empty() && next.at == self.at + self.inserted.len(),
                Kind::Erased => {
                    next.at + next.removed.len() == self.at || next.at == self.at && next.inserted.is_empty()
                }
                Kind::Whole | Kind::Taken => false,
            }
    }

    fn join(&mut self, next: &Self) {
        match next.kind {
            Kind::Erased if next.at == self.at => self.removed.push_str(&next.removed),
            Kind::Erased => {
                self.removed.insert_str(0, &next.removed);
                self.at = next.at;
            }
            _ => self.inserted.push_str(&next.inserted),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_typed_is_one_step_and_so_is_a_paste() {
        let mut buffer = Buffer::new(String::new(), 0);
        for character in "flat minima".chars() {
            buffer.insert(character.encode_utf8(&mut [0; 4]), Kind::Typed);
        }
        buffer.insert("pasted\nlines\n", Kind::Whole);
        let mut texts = vec![buffer.text().to_owned()];
        while buffer.undo().is_some() {
            texts.push(buffer.text().to_owned());
        }
        assert_eq!(texts, ["flat minimapasted\nlines\n", "flat minima", "flat ", ""]);
        while buffer.redo().is_some() {}
        assert_eq!(buffer.text(), texts[0]);
    }

    #[test]
    fn graphemes_are_whole_and_line_endings_are_kept() {
        let mut buffer = Buffer::new("a\r\ne\u{301}👩‍🔬".to_owned(), usize::MAX);
        let mut places = vec![buffer.cursor()];
        while buffer.cursor() > 0 {
            buffer.move_to(buffer.before(buffer.cursor()));
            places.push(buffer.cursor());
        }
        assert_eq!(places, [17, 6, 3, 1, 0]);
        buffer.move_to(1);
        buffer.break_line();
        assert_eq!(buffer.text(), "a\r\n\r\ne\u{301}👩‍🔬");
        assert_eq!((buffer.line_start(5), buffer.line_end(0)), (5, 1));
    }

    #[test]
    fn a_new_line_is_indented_like_the_one_before() {
        let mut buffer = Buffer::new("a:\n  b: 1".to_owned(), usize::MAX);
        buffer.break_line();
        assert_eq!(buffer.text(), "a:\n  b: 1\n  ");
    }

    proptest! {
        #[test]
        fn everything_can_be_undone_and_done_again(steps in prop::collection::vec((0_usize..40, 0_usize..6, "[aé\n ]{0,3}", 0..3), 0..30)) {
            let mut buffer = Buffer::new("Anfang é\nEnde".to_owned(), 0);
            let first = buffer.text().to_owned();
            for (at, length, text, kind) in steps {
                buffer.move_to(at);
                let from = buffer.cursor();
                let to = (0..length).fold(from, |at, _| buffer.after(at));
                let kind = [Kind::Typed, Kind::Erased, Kind::Whole][kind as usize];
                buffer.replace(from..to, &text, kind);
            }
            let last = buffer.text().to_owned();
            while buffer.undo().is_some() {}
            prop_assert_eq!(buffer.text(), first);
            while buffer.redo().is_some() {}
            prop_assert_eq!(buffer.text(), last);
        }
    }
}
