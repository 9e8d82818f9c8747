//! Who reads pictures: a thread of its own, for a large one takes a second to decode, and neither keys nor the notebook
//! wait for that.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use super::msg::Msg;
use crate::notebook::image;

/// Pictures to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Slug of the entry.
    pub slug: String,
    /// Its file, as a path in the notebook.
    pub file: String,
    /// The addresses of the pictures, as it has them.
    pub addresses: Vec<String>,
}

/// The thread that reads them.
pub struct Gallery {
    orders: Sender<Order>,
}

impl Gallery {
    /// Starts it for the notebook at `root`; what it reads is told to `screen`.
    pub fn start(root: PathBuf, screen: UnboundedSender<Msg>) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        // Nobody waits for it at the end: it changes nothing.
        thread::Builder::new().name("gallery".to_owned()).spawn(move || work(&root, &inbox, &screen))?;
        Ok(Self { orders })
    }

    /// Asks for pictures.
    pub fn ask(&self, order: Order) {
        // It ends only with the program.
        let _ = self.orders.send(order);
    }
}

fn work(root: &std::path::Path, inbox: &Receiver<Order>, screen: &UnboundedSender<Msg>) {
    let mut queue = VecDeque::new();
    while let Some(order) = queue.pop_front().or_else(|| inbox.recv().ok()) {
        for address in &order.addresses {
            queue.extend(inbox.try_iter());
            // Whoever asks for those of another entry has left this one.
            if queue.iter().any(|other: &Order| other.slug != order.slug) {
                break;
            }
            let outcome = image::read(root, &order.file, address).map(Arc::new);
            let (slug, address) = (order.slug.clone(), address.clone());
            if screen.send(Msg::Image { slug, address, outcome }).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::notebook::image::png;

    #[test]
    fn what_is_asked_for_comes_in_order_and_what_is_wrong_is_said() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.png"), png::file(1, 1, &[[1, 2, 3, 255]])).unwrap();
        let (screen, mut messages) = unbounded_channel();
        let gallery = Gallery::start(root.path().to_owned(), screen).unwrap();
        let addresses = ["a.png", "../b.png", "a.png"].map(str::to_owned).to_vec();
        gallery.ask(Order { slug: "e".to_owned(), file: "e.md".to_owned(), addresses });
        let mut next = || match messages.blocking_recv() {
            Some(Msg::Image { address, outcome, .. }) => (address, outcome.is_ok()),
            other => panic!("{other:?}"),
        };
        let came = [next(), next(), next()];
        assert_eq!(
            came.map(|(address, ok)| format!("{address} {ok}")),
            ["a.png true", "../b.png false", "a.png true"]
        );
    }
}
