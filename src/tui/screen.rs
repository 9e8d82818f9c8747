//! What ratatui draws on: it gathers a frame in memory and hands it out whole, wrapped so that the terminal shows
//! it at once, or not at all when nothing changed.
//!
//! `CrosstermBackend` by itself writes a reset and a cursor command with every frame, and can ask the terminal
//! where its cursor is; over SSH the first is noise at every tick and the second can hang. Here a frame in which
//! no cell differs is no bytes, and nothing is ever asked.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// The bytes of the frame that is being made; shared with the backend that writes them.
#[derive(Clone, Default)]
struct Bytes(Rc<RefCell<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A backend of known size that draws into memory.
pub struct Screen {
    bytes: Bytes,
    inner: CrosstermBackend<Bytes>,
    size: Size,
}

impl Screen {
    /// A screen of `size`; its cursor is hidden already.
    pub fn new(size: Size) -> Self {
        let bytes = Bytes::default();
        Self { inner: CrosstermBackend::new(bytes.clone()), bytes, size }
    }

    /// Tells it how large the terminal is now.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
    }

    /// The bytes since the last call as one synchronized update; empty if nothing changed.
    pub fn take_frame(&mut self) -> io::Result<Vec<u8>> {
        let body = std::mem::take(&mut *self.bytes.0.borrow_mut());
        if body.is_empty() {
            return Ok(body);
        }
        let mut frame = Vec::with_capacity(body.len() + 32);
        queue!(frame, BeginSynchronizedUpdate)?;
        frame.extend(body);
        queue!(frame, EndSynchronizedUpdate)?;
        Ok(frame)
    }
}

impl Backend for Screen {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.inner.draw(content)
    }

    /// The cursor is hidden when the terminal is entered and stays so: what is typed has its own mark.
    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Never asked of the terminal, whose answer may not come.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> io::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;

    use super::*;

    #[test]
    fn a_frame_that_looks_the_same_is_no_bytes() {
        let mut terminal = Terminal::new(Screen::new(Size::new(20, 2))).unwrap();
        let frames = ["one", "one", "two", "two"].map(|text| {
            terminal.draw(|frame| frame.render_widget(text, frame.area())).unwrap();
            terminal.backend_mut().take_frame().unwrap()
        });
        assert!(frames[0].starts_with(b"\x1b[?2026h") && frames[0].ends_with(b"\x1b[?2026l"));
        assert_eq!(frames.map(|frame| frame.is_empty()), [false, true, false, true]);
    }

    #[test]
    fn a_new_size_draws_everything_and_asks_nothing() {
        let mut terminal = Terminal::new(Screen::new(Size::new(20, 2))).unwrap();
        terminal.draw(|frame| frame.render_widget("one", frame.area())).unwrap();
        terminal.backend_mut().take_frame().unwrap();
        terminal.backend_mut().set_size(Size::new(10, 1));
        terminal.draw(|frame| frame.render_widget("one", frame.area())).unwrap();
        let frame = String::from_utf8(terminal.backend_mut().take_frame().unwrap()).unwrap();
        assert!(frame.contains("one") && frame.contains("\x1b[2J"), "{frame:?}");
        assert!(!frame.contains("\x1b[6n"));
    }
}
