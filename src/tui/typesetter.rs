//! Who lays out long entries: a thread of its own. The screen shows the beginning of such an entry at once, and has the
//! rest when it comes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use super::msg::Msg;
use crate::notebook::Entry;
use crate::render::style::Look;
use crate::render::{self, BackLink, Images, Rendered, Setting};

/// An entry and how it is drawn.
#[derive(Clone, Debug)]
pub struct Galley {
    /// Tells it from every other: another width or another state of the entry has another.
    pub id: u64,
    /// The entry.
    pub entry: Arc<Entry>,
    /// The entries that link to it.
    pub linked_from: Vec<BackLink>,
    /// Its pictures.
    pub images: Images,
    /// Columns.
    pub width: u16,
    /// Colours and glyphs.
    pub look: Look,
}

/// What it is about tells two of them apart, not what is in it.
impl PartialEq for Galley {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && Arc::ptr_eq(&self.entry, &other.entry)
    }
}

impl Galley {
    /// Its lines, so many of them at least (or all), up to the end of a block.
    pub fn set(&self, least: usize) -> Rendered {
        let setting =
            Setting { images: &self.images, columns: usize::from(self.width), look: self.look, least };
        render::entry::entry(&self.entry, &self.linked_from, &setting)
    }
}

/// The thread.
pub struct Typesetter {
    galleys: Sender<Galley>,
}

impl Typesetter {
    /// Starts it; what it has laid out is told to `screen`.
    pub fn start(screen: UnboundedSender<Msg>) -> std::io::Result<Self> {
        let (galleys, inbox) = channel();
        // Nobody waits for it at the end: it changes nothing.
        thread::Builder::new().name("typesetter".to_owned()).spawn(move || work(&inbox, &screen))?;
        Ok(Self { galleys })
    }

    /// Has an entry laid out whole.
    pub fn ask(&self, galley: Galley) {
        // It is gone only if it panicked; the screen then lays out by itself what it needs.
        let _ = self.galleys.send(galley);
    }
}

fn work(inbox: &Receiver<Galley>, screen: &UnboundedSender<Msg>) {
    while let Ok(first) = inbox.recv() {
        // Only the last one is still wanted.
        let galley = inbox.try_iter().last().unwrap_or(first);
        let rendered = Arc::new(galley.set(usize::MAX));
        if screen.send(Msg::Laid { id: galley.id, rendered }).is_err() {
            return;
        }
    }
}
