//! The pictures of the entry: which are drawn, how much room they have, and what a terminal that draws them by itself is
//! told.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::easel::Hung;
use super::Page;
use crate::base::kitty;
use crate::render::image::addresses;
use crate::render::{Images, Sight, Spot, SpotKind};
use crate::spec::settings::Drawing;

impl Page {
    /// The last place at or above the first line seen, and how far above; none where there is only text above.
    fn landmark(&self) -> Option<(usize, usize)> {
        let index = self.spots().iter().rposition(|spot| spot.from.line <= self.top)?;
        Some((index, self.top - self.spots().get(index)?.from.line))
    }

    /// Scrolls to so many lines below a place, not beyond the next.
    fn return_to(&mut self, landmark: Option<(usize, usize)>) {
        let Some((index, below)) = landmark else { return };
        let Some(from) = self.spots().get(index).map(|spot| spot.from.line) else { return };
        let next = self.spots().get(index + 1).map_or(usize::MAX, |spot| spot.from.line.max(from));
        self.scroll_to((from + below).min(next));
    }

    /// The addresses of the pictures of the entry, in order.
    pub fn image_addresses(&mut self) -> Vec<String> {
        self.finish();
        self.drawn.as_ref().map_or(Vec::new(), |drawn| addresses(&drawn.full.spots))
    }

    /// How many pictures were asked for.
    pub fn images_shown(&self) -> usize {
        self.images.sights.len()
    }

    /// Whether a picture is being read.
    pub fn expects_image(&self, address: &str) -> bool {
        self.images.sights.get(address) == Some(&Sight::Coming)
    }

    /// Draws these pictures from the next time on; the text stays where it is on the screen.
    pub fn show_images(&mut self, sights: impl IntoIterator<Item = (String, Sight)>) {
        for (address, sight) in sights {
            if self.drawing != Drawing::Blocks && !self.images.ids.contains_key(&address) {
                let free = (1..=u8::MAX).find(|id| !self.images.ids.values().any(|other| other == id));
                self.images.ids.extend(free.map(|id| (address.clone(), id)));
            }
            self.images.sights.insert(address, sight);
        }
        self.outdated = true;
    }

    /// Hides the pictures that are `wanted`; whether there were any.
    pub fn hide_images(&mut self, wanted: impl Fn(&str) -> bool) -> bool {
        let before = self.images.sights.len();
        self.images.sights.retain(|address, _| !wanted(address));
        self.images.ids.retain(|address, _| !wanted(address));
        let hidden = self.images.sights.len() < before;
        self.outdated |= hidden;
        hidden
    }

    /// Says who draws pictures.
    pub fn draw_by(&mut self, drawing: Drawing) {
        self.drawing = drawing;
        self.images.by_pixels = drawing == Drawing::Sixel;
        if drawing == Drawing::Blocks {
            self.outdated |= !self.images.ids.is_empty();
            self.images.ids.clear();
        }
    }

    /// How much room pictures have.
    pub(super) fn fit_images(&mut self, width: u16) {
        (self.images.rows, self.images.columns) = (Images::rows_of(self.height), usize::from(width));
    }

    /// What the terminal is to be told, so that it has the pictures that it draws by itself, in their sizes, and no others.
    pub fn to_tell(&mut self) -> Option<String> {
        if self.drawing != Drawing::Kitty {
            return None;
        }
        let drawn = self.drawn.as_ref().filter(|_| !self.images.ids.is_empty() || !self.placed.is_empty())?;
        let (mut told, mut placed) = (String::new(), BTreeMap::new());
        for (address, id) in &self.images.ids {
            let Some(size) = self.images.cells(address, drawn.galley.look) else { continue };
            let Some(Sight::Seen(image)) = self.images.sights.get(address) else { continue };
            placed.insert(*id, size);
            if !self.placed.contains_key(id) {
                told.extend(image.file().map(|file| kitty::send(*id, file)));
            }
            if self.placed.get(id) != Some(&size) {
                told.push_str(&kitty::place(*id, size.0, size.1));
            }
        }
        told.extend(self.placed.keys().filter(|id| !placed.contains_key(id)).map(|id| kitty::forget(*id)));
        self.placed = placed;
        (!told.is_empty()).then_some(told)
    }

    /// The pictures that are sent as sixels, wherever they are seen.
    pub fn hung(&self) -> Hung {
        let Some(drawn) = self.drawn.as_ref().filter(|_| self.drawing == Drawing::Sixel) else {
            return Hung::new();
        };
        let hung = self.images.ids.iter().filter_map(|(address, id)| {
            let size = self.images.cells(address, drawn.galley.look)?;
            let Some(Sight::Seen(image)) = self.images.sights.get(address) else { return None };
            Some((*id, (Arc::clone(image), size)))
        });
        hung.collect()
    }

    /// Takes it that the terminal has no pictures.
    pub fn send_images_again(&mut self) {
        self.placed.clear();
    }

    /// Scrolls as little as shows the selected picture with its caption.
    fn reveal_image(&mut self) {
        let Some(Spot { kind: SpotKind::Image(address), .. }) = self.spot() else { return };
        let Some(drawn) = &self.drawn else { return };
        let columns = usize::from(drawn.galley.width);
        let below = self.images.lines(address, columns, drawn.galley.look).len();
        if let Some(caption) = self.selected_lines() {
            self.reveal(&(caption.start..caption.end + below));
        }
    }

    /// Draws the same entry with other pictures. The text at the top of the screen stays where it is, and a picture that is
    /// selected comes into sight.
    pub(super) fn draw_images(&mut self) {
        let Some(mut galley) = self.drawn.as_ref().map(|drawn| drawn.galley.clone()) else { return };
        let width = galley.width;
        let (landmark, selected) = (self.landmark(), self.spot().map(|spot| spot.kind.clone()));
        self.drawings += 1;
        self.fit_images(width);
        (galley.id, galley.images) = (self.drawings, self.images.clone());
        self.begin(Some(galley), self.top);
        let is_selected = |spot: &Spot| selected.as_ref() == Some(&spot.kind);
        self.spot = self.spots().iter().position(is_selected).filter(|_| self.spot.is_some());
        self.return_to(landmark);
        self.reveal_image();
    }
}
