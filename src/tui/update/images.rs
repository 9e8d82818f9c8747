//! Drawing the pictures of an entry, on request only: nothing is read that nobody asked for.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::gallery::Order;
use super::super::model::Model;
use super::say;
use crate::notebook::image::Image;
use crate::render::Sight;

/// Most pictures that are drawn of an entry: they are kept in memory.
const MOST: usize = 50;

/// Draws all pictures of the entry, or hides those that are drawn.
pub fn toggle_all(model: &mut Model) -> Vec<Effect> {
    if model.page.hide_images(|_| true) {
        return Vec::new();
    }
    let mut addresses = model.page.image_addresses();
    if addresses.is_empty() {
        say(model, "there is no picture in this entry");
    }
    if addresses.len() > MOST {
        say(model, format!("only the first {MOST} of {} pictures are drawn", addresses.len()));
        addresses.truncate(MOST);
    }
    ask(model, addresses)
}

/// Draws the picture at an address, or hides it.
pub fn toggle(model: &mut Model, address: &str) -> Vec<Effect> {
    if model.page.hide_images(|other| other == address) {
        return Vec::new();
    }
    if model.page.images_shown() >= MOST {
        say(model, format!("{MOST} pictures are drawn already: I hides them"));
        return Vec::new();
    }
    ask(model, vec![address.to_owned()])
}

/// Makes room for pictures and asks for them.
fn ask(model: &mut Model, addresses: Vec<String>) -> Vec<Effect> {
    let Some(entry) = model.entry().cloned().filter(|_| !addresses.is_empty()) else { return Vec::new() };
    model.page.show_images(addresses.iter().map(|address| (address.clone(), Sight::Coming)));
    vec![Effect::ReadImages(Order { slug: entry.slug.clone(), file: entry.document.file.clone(), addresses })]
}

/// Shows a picture that was read, if it is still asked for.
pub fn came(model: &mut Model, slug: &str, address: &str, outcome: Result<Arc<Image>, String>) {
    let expected = model.entry().is_some_and(|entry| entry.slug == slug) && model.page.expects_image(address);
    if expected {
        let sight = outcome.map_or_else(Sight::Unseen, Sight::Seen);
        model.page.show_images([(address.to_owned(), sight)]);
    }
}
