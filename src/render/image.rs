//! Pictures as characters: two pixels to a cell as a half block in two colours, or where there is no colour (or no such
//! glyph) a cell as a character that is as dense as the picture is dark there.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::spot::{Spot, SpotKind};
use super::style::{Depth, Glyphs, Look, Role};
use super::theme;
use super::width::{self, Spans};
use crate::base::kitty;
use crate::notebook::image::{Image, Pixel};

/// What there is to see of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing yet: it is being read.
    Coming,
    /// The picture.
    Seen(Arc<Image>),
    /// Nothing, and why.
    Unseen(String),
}

/// The pictures of an entry that were asked for, and how much room they get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    /// By their addresses, as the entry has them.
    pub sights: BTreeMap<String, Sight>,
    /// Most lines of one.
    pub rows: usize,
    /// Columns that the entry has: of those that the terminal draws by itself.
    pub columns: usize,
    /// Whether it is sent their pixels, and not the files that they are from.
    pub by_pixels: bool,
    /// The numbers under which the terminal knows pictures that it draws by itself, by their addresses.
    pub ids: BTreeMap<String, u8>,
}

impl Images {
    /// Most lines of a picture where `height` lines are seen: some text is left to be seen with it.
    pub fn rows_of(height: usize) -> usize {
        (height * 2 / 3).max(1)
    }

    /// The picture at an address in lines of at most `columns`, if it was asked for.
    pub fn lines(&self, address: &str, columns: usize, look: Look) -> Vec<Spans> {
        let say = |text: &str, role| width::wrap(&[look.span(text, role)], columns);
        match self.sights.get(address) {
            None => Vec::new(),
            Some(Sight::Coming) => say("the picture is being read", Role::Dim),
            Some(Sight::Unseen(why)) => say(&format!("no picture: {why}"), Role::Unsure),
            Some(Sight::Seen(image)) => self
                .placeholders(address, columns, look)
                .unwrap_or_else(|| lines(image, columns, self.rows, look)),
        }
    }

    /// The columns and rows that the terminal is told to give to a picture; `None` where it is not to draw it.
    pub fn cells(&self, address: &str, look: Look) -> Option<(usize, usize)> {
        let Some(Sight::Seen(image)) = self.sights.get(address) else { return None };
        let can = look.depth >= Depth::Ansi256 && look.glyphs == Glyphs::Unicode;
        if !can || !self.by_pixels && image.file().is_none() {
            return None;
        }
        self.ids.get(address)?;
        let most = kitty::most();
        // About as large as it is on a page: it has more pixels than there are cells.
        let natural = (image.width().div_ceil(CELL).max(1), image.height().div_ceil(CELL).max(1));
        let room = (self.columns.clamp(1, most), 2 * self.rows.clamp(1, most));
        let (width, height) = fitted(natural, room);
        Some((width, height.div_ceil(2)))
    }

    /// What stands for a picture that the terminal draws by itself.
    fn placeholders(&self, address: &str, columns: usize, look: Look) -> Option<Vec<Spans>> {
        let (width, height) = self.cells(address, look).filter(|(width, _)| *width <= columns)?;
        let style = Style::new().fg(Color::Indexed(*self.ids.get(address)?));
        let line = |row| {
            let text: Option<String> = (0..width).map(|column| kitty::placeholder(row, column)).collect();
            Some(vec![Span::styled(text?, style)])
        };
        (0..height).map(line).collect()
    }
}

/// How many pixels wide a cell is taken to be.
const CELL: usize = 10;

/// The addresses of the pictures among `spots`, each once, in order.
pub fn addresses(spots: &[Spot]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for spot in spots {
        if let SpotKind::Image(address) = &spot.kind
            && !found.contains(address)
        {
            found.push(address.clone());
        }
    }
    found
}

/// A picture in at most `columns` × `rows` cells. It is made smaller, never larger, and keeps its shape.
pub fn lines(image: &Image, columns: usize, rows: usize, look: Look) -> Vec<Spans> {
    // A cell is about twice as high as it is wide, and stands for two pixels.
    let (width, height) = fitted((image.width(), image.height()), (columns.max(1), 2 * rows.max(1)));
    if look.depth == Depth::None || look.glyphs == Glyphs::Ascii {
        let ground = ground(image);
        let image = image.scaled(width, height.div_ceil(2));
        return (0..image.height()).map(|y| dense(image.row(y), ground)).collect();
    }
    let image = image.scaled(width, height);
    (0..height).step_by(2).map(|y| halves(image.row(y), image.row(y + 1), look.depth)).collect()
}

/// The largest sides within `room`, and not beyond those there are, of the same proportion.
fn fitted((width, height): (usize, usize), room: (usize, usize)) -> (usize, usize) {
    let scale = (room.0 as f64 / width as f64).min(room.1 as f64 / height as f64).min(1.0);
    let side = |side: usize, room: usize| ((side as f64 * scale).round() as usize).clamp(1, room);
    (side(width, room.0), side(height, room.1))
}

/// Two rows of pixels as a line of half blocks; the lower may be empty.
fn halves(upper: &[Pixel], lower: &[Pixel], depth: Depth) -> Spans {
    let lower = lower.iter().copied().map(Some).chain(std::iter::repeat(None));
    let mut line = Spans::new();
    for (upper, lower) in upper.iter().zip(lower) {
        let (glyph, style) = match (colour(*upper, depth), lower.and_then(|pixel| colour(pixel, depth))) {
            (None, None) => (" ", Style::new()),
            (Some(upper), None) => ("▀", Style::new().fg(upper)),
            (None, Some(lower)) => ("▄", Style::new().fg(lower)),
            (Some(upper), Some(lower)) => ("▀", Style::new().fg(upper).bg(lower)),
        };
        width::push(&mut line, glyph, style);
    }
    line
}

/// The colour of a pixel, or the nearest there is; none where the ground is rather seen than it.
fn colour([r, g, b, opaque]: Pixel, depth: Depth) -> Option<Color> {
    (opaque >= 128).then(|| theme::nearest_colour((r, g, b), depth))
}

/// From the least ink to the most.
const RAMP: &[u8] = b" .:-=+*#%@";

/// A row of pixels as characters, denser the further they are from the ground.
fn dense(row: &[Pixel], ground: f32) -> Spans {
    let most = (RAMP.len() - 1) as f32;
    let character = |pixel: &Pixel| {
        let ink = (light(*pixel, ground) - ground).abs();
        RAMP.get((ink * most).round() as usize).copied().map_or('@', char::from)
    };
    vec![Span::raw(row.iter().map(character).collect::<String>())]
}

/// What is left blank: white where the picture is light at its edges, as plots are, else black.
fn ground(image: &Image) -> f32 {
    let rows = 0..image.height();
    let sides = rows.filter_map(|y| Some([*image.row(y).first()?, *image.row(y).last()?])).flatten();
    let ends = image.row(0).iter().chain(image.row(image.height() - 1)).copied();
    let edge: Vec<f32> = sides.chain(ends).map(|pixel| light(pixel, 1.0)).collect();
    let mean = edge.iter().sum::<f32>() / edge.len().max(1) as f32;
    if mean > 0.5 { 1.0 } else { 0.0 }
}

/// How light a pixel is, from 0 to 1, over a ground (Rec. 709 luma).
fn light([r, g, b, opaque]: Pixel, ground: f32) -> f32 {
    let [r, g, b, opaque] = [r, g, b, opaque].map(|part| f32::from(part) / 255.0);
    (0.2126 * r + 0.7152 * g + 0.0722 * b) * opaque + ground * (1.0 - opaque)
}

/// Lines as they stand alone.
pub fn standing(lines: Vec<Spans>) -> Vec<Line<'static>> {
    lines.into_iter().map(Line::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::{to_ansi, to_plain};

    const RED: Pixel = [200, 0, 0, 255];
    const BLUE: Pixel = [0, 0, 200, 255];
    const WHITE: Pixel = [255, 255, 255, 255];
    const BLACK: Pixel = [0, 0, 0, 255];
    const NOTHING: Pixel = [0, 0, 0, 0];

    fn look(depth: Depth) -> Look {
        Look { glyphs: Glyphs::Unicode, depth }
    }

    /// Four by three pixels: a column of each kind.
    fn small() -> Image {
        let rows = [[RED, BLUE, WHITE, NOTHING], [BLUE, BLUE, NOTHING, RED], [RED, RED, WHITE, NOTHING]];
        Image::new(4, 3, rows.concat()).unwrap()
    }

    fn ansi(depth: Depth) -> String {
        to_ansi(&standing(lines(&small(), 80, 20, look(depth)))).replace('\x1b', "^")
    }

    #[test]
    fn in_true_colour() {
        insta::assert_snapshot!(ansi(Depth::True), @"
        ^[38;2;200;0;0;48;2;0;0;200m▀^[0m^[38;2;0;0;200;48;2;0;0;200m▀^[0m^[38;2;255;255;255m▀^[0m^[38;2;200;0;0m▄^[0m
        ^[38;2;200;0;0m▀▀^[0m^[38;2;255;255;255m▀^[0m
        ");
    }

    #[test]
    fn in_256_colours() {
        insta::assert_snapshot!(ansi(Depth::Ansi256), @"
        ^[38;5;160;48;5;20m▀^[0m^[38;5;20;48;5;20m▀^[0m^[38;5;231m▀^[0m^[38;5;160m▄^[0m
        ^[38;5;160m▀▀^[0m^[38;5;231m▀^[0m
        ");
    }

    #[test]
    fn in_16_colours() {
        insta::assert_snapshot!(ansi(Depth::Ansi16), @"
        ^[31;44m▀^[0m^[34;44m▀^[0m^[97m▀^[0m^[31m▄^[0m
        ^[31m▀▀^[0m^[97m▀^[0m
        ");
    }

    /// A disc on a ground, one lighter than the other.
    fn disc(ink: Pixel, ground: Pixel) -> Image {
        let inside = |x: usize, y: usize| {
            let (x, y) = (x as f64 - 19.5, y as f64 - 19.5);
            x * x + y * y < 15.0 * 15.0
        };
        let pixels = (0..1600).map(|at| if inside(at % 40, at / 40) { ink } else { ground });
        Image::new(40, 40, pixels.collect()).unwrap()
    }

    #[test]
    fn without_colour_the_ground_is_blank_be_it_light_or_dark() {
        let drawn = |image: &Image| to_plain(&standing(lines(image, 20, 20, Look::PLAIN)));
        let blank = |text: &str| text.replace(|character| !matches!(character, ' ' | '\n'), "@");
        let dark = drawn(&disc(BLACK, WHITE));
        assert_eq!(blank(&dark), blank(&drawn(&disc(WHITE, BLACK))));
        assert_eq!(blank(&dark), blank(&drawn(&disc(BLACK, NOTHING))), "what cannot be seen is paper");
        insta::assert_snapshot!(dark, @"

              -=####=-
            *@@@@@@@@@@*
           %@@@@@@@@@@@@%
          =@@@@@@@@@@@@@@=
          =@@@@@@@@@@@@@@=
           %@@@@@@@@@@@@%
            *@@@@@@@@@@*
              -=####=-

        ");
    }

    #[test]
    fn pictures_keep_their_shape_and_fit() {
        for (size, room, expected) in [
            ((40, 40), (80, 40), (40, 40)),
            ((400, 200), (80, 400), (80, 40)),
            ((400, 200), (800, 20), (40, 20)),
            ((10_000, 1), (80, 40), (80, 1)),
            ((1, 10_000), (80, 40), (1, 40)),
            ((3, 3), (1, 2), (1, 1)),
        ] {
            assert_eq!(fitted(size, room), expected, "{size:?} in {room:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        let sights = [
            ("a", Sight::Coming),
            ("b", Sight::Unseen("there is no such file".to_owned())),
            ("c", Sight::Seen(Arc::new(disc(BLACK, WHITE)))),
        ];
        let sights = sights.map(|(address, sight)| (address.to_owned(), sight)).into();
        let images = Images { sights, rows: 4, ..Images::default() };
        for (address, lines, first) in [
            ("a", 1, "the picture is being read"),
            ("b", 1, "no picture: there is no such file"),
            ("c", 4, "  -==-"),
            ("d", 0, ""),
        ] {
            let drawn = standing(images.lines(address, 80, Look::PLAIN));
            assert_eq!((drawn.len(), to_plain(&drawn).lines().next().unwrap_or_default()), (lines, first));
        }
    }
}
