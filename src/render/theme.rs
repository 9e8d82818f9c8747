//! Themes: which colour a role has, in each depth of colour. Three are built in; a person's own lay theirs over one.
//!
//! The theme is one for the whole program, set once before anything is drawn: it is a person's taste, like the language,
//! and not a property of what is drawn.

use std::sync::OnceLock;

use ratatui::style::{Color, Modifier};

use super::style::{Depth, Role};
use crate::spec::settings::{Colour, RoleSetting};

/// One role in each colour depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// With sixteen colours.
    pub ansi16: Option<Color>,
    /// With 256.
    pub ansi256: Option<Color>,
    /// With 24 bits.
    pub rgb: Option<Color>,
    /// Besides the colour.
    pub always: Modifier,
    /// Besides the colour, where there is one.
    pub coloured: Modifier,
    /// Instead of the colour.
    pub colourless: Modifier,
}

/// What is known of the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    /// Nothing: colours must read on both.
    #[default]
    Unknown,
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
}

/// A theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme(Vec<(Role, Paint)>);

static THEME: OnceLock<Theme> = OnceLock::new();

/// How a role is painted.
pub fn paint(role: Role) -> Paint {
    THEME.get().map_or_else(|| built_in(role, Background::Unknown), |theme| theme.paint(role))
}

/// Names of the built-in themes.
pub const NAMES: [&str; 3] = ["quiet", "dark", "light"];

impl Theme {
    /// The built-in theme that suits a background.
    pub fn suited(background: Background) -> Self {
        Self(Role::ALL.iter().map(|role| (*role, built_in(*role, background))).collect())
    }

    /// A built-in theme.
    pub fn named(name: &str) -> Option<Self> {
        let background = match name {
            "quiet" => Background::Unknown,
            "dark" => Background::Dark,
            "light" => Background::Light,
            _ => return None,
        };
        Some(Self::suited(background))
    }

    /// The same, with a person's own settings laid over it.
    #[must_use]
    pub fn with(mut self, settings: &[(String, RoleSetting)]) -> Self {
        for (name, setting) in settings {
            for (role, paint) in self.0.iter_mut().filter(|(role, _)| role.name() == name) {
                *paint = laid_over(*paint, setting);
                debug_assert!(role.name() == name, "only this role is changed");
            }
        }
        self
    }

    /// Makes it the theme of the program; only the first counts.
    pub fn set(self) {
        let _ = THEME.set(self);
    }

    fn paint(&self, role: Role) -> Paint {
        let own = self.0.iter().find(|(own, _)| *own == role);
        own.map_or_else(|| built_in(role, Background::Unknown), |(_, paint)| *paint)
    }
}

fn laid_over(mut paint: Paint, setting: &RoleSetting) -> Paint {
    if let Some(colour) = setting.colour {
        let [ansi16, ansi256, rgb] = in_each_depth(colour);
        (paint.ansi16, paint.ansi256, paint.rgb) = (Some(ansi16), Some(ansi256), Some(rgb));
    }
    let wishes = [
        (setting.bold, Modifier::BOLD),
        (setting.italic, Modifier::ITALIC),
        (setting.underlined, Modifier::UNDERLINED),
    ];
    for (wish, modifier) in wishes {
        match wish {
            Some(true) => paint.always.insert(modifier),
            Some(false) => {
                paint.always.remove(modifier);
                paint.coloured.remove(modifier);
            }
            None => {}
        }
    }
    paint
}

/// A colour as written, or the nearest there is.
fn in_each_depth(colour: Colour) -> [Color; 3] {
    match colour {
        Colour::Named(index) => [Color::Indexed(index); 3].map(|_| named(index)),
        Colour::Indexed(index) => {
            [named(nearest(rgb_of(index), 0..16)), Color::Indexed(index), Color::Indexed(index)]
        }
        Colour::Rgb(r, g, b) => {
            let indexed = nearest((r, g, b), 16..256);
            [named(nearest((r, g, b), 0..16)), Color::Indexed(indexed), Color::Rgb(r, g, b)]
        }
    }
}

fn named(index: u8) -> Color {
    const COLOURS: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    COLOURS.get(usize::from(index)).copied().unwrap_or(Color::Reset)
}

/// What xterm shows for one of the 256: sixteen, a cube of 6 × 6 × 6, a ramp of greys.
fn rgb_of(index: u8) -> (u8, u8, u8) {
    const SIXTEEN: [(u8, u8, u8); 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..16 => SIXTEEN.get(usize::from(index)).copied().unwrap_or_default(),
        16..232 => {
            let at = index - 16;
            (level(at / 36), level(at / 6 % 6), level(at % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

/// The colour nearest to this one in a depth; the terminal's own where there are none.
pub(super) fn nearest_colour((r, g, b): (u8, u8, u8), depth: Depth) -> Color {
    match depth {
        Depth::None => Color::Reset,
        Depth::Ansi16 => named(nearest((r, g, b), 0..16)),
        Depth::Ansi256 => Color::Indexed(nearest((r, g, b), 16..256)),
        Depth::True => Color::Rgb(r, g, b),
    }
}

fn nearest((r, g, b): (u8, u8, u8), among: std::ops::Range<u16>) -> u8 {
    let distance = |index: &u8| {
        let (r2, g2, b2) = rgb_of(*index);
        [(r, r2), (g, g2), (b, b2)]
            .iter()
            .map(|(one, other)| u32::from(one.abs_diff(*other)).pow(2))
            .sum::<u32>()
    };
    among.map(|index| index as u8).min_by_key(distance).unwrap_or(0)
}

/// Muted colours: none is bright. Where the background is not known they read on black and on white. The sixteen named
/// colours are whatever the person made them; dim text is not `DarkGray` there, because some themes make that the
/// background.
fn built_in(role: Role, background: Background) -> Paint {
    use Color::{Blue, Cyan, Green, Magenta, Red, Yellow};
    use Modifier as M;
    let none = M::empty();
    let plain = |always, coloured, colourless| Paint {
        ansi16: None,
        ansi256: None,
        rgb: None,
        always,
        coloured,
        colourless,
    };
    // On an unknown ground, on a dark one, on a light one: the number of the 256, and 24 bits.
    let paint = |ansi16, unknown: (u8, u32), dark: (u8, u32), light: (u8, u32), coloured, colourless| {
        let (indexed, rgb) = match background {
            Background::Unknown => unknown,
            Background::Dark => dark,
            Background::Light => light,
        };
        let rgb = Color::from_u32(rgb);
        Paint {
            ansi16,
            ansi256: Some(Color::Indexed(indexed)),
            rgb: Some(rgb),
            always: none,
            coloured,
            colourless,
        }
    };
    match role {
        Role::Text => plain(none, none, none),
        Role::Heading | Role::Strong => plain(M::BOLD, none, none),
        Role::Emphasis => plain(none, M::ITALIC, M::UNDERLINED),
        Role::Struck => plain(M::CROSSED_OUT, none, M::DIM),
        Role::Selected => plain(M::REVERSED, none, none),
        Role::Dim => paint(None, (244, 0x0080_8080), (246, 0x0094_9494), (242, 0x006c_6c6c), none, M::DIM),
        Role::Accent => {
            paint(Some(Cyan), (73, 0x004f_a3a5), (116, 0x007f_c8ca), (30, 0x001f_7a7c), none, M::UNDERLINED)
        }
        Role::Good | Role::FourthCurve => {
            paint(Some(Green), (71, 0x005f_a85f), (114, 0x008c_c882), (28, 0x002f_7d32), none, none)
        }
        Role::Bad => {
            paint(Some(Red), (167, 0x00d0_5a5a), (174, 0x00e0_8888), (124, 0x00a8_2a2a), none, M::BOLD)
        }
        Role::Unsure | Role::SecondCurve => {
            paint(Some(Yellow), (172, 0x00c8_8a2e), (179, 0x00d9_b05f), (94, 0x008a_5a00), none, none)
        }
        Role::Running => {
            paint(Some(Blue), (68, 0x005f_87d0), (110, 0x008f_b0e0), (25, 0x001f_52a0), none, M::BOLD)
        }
        Role::Code | Role::ThirdCurve => {
            paint(Some(Magenta), (139, 0x00a8_86a8), (182, 0x00cc_aacc), (90, 0x007a_3c7a), none, none)
        }
        Role::Math => {
            paint(Some(Cyan), (73, 0x004f_a3a5), (116, 0x007f_c8ca), (30, 0x001f_7a7c), M::ITALIC, none)
        }
        Role::Curve => {
            paint(Some(Cyan), (67, 0x005f_87af), (110, 0x008a_b0d6), (24, 0x001f_5a87), none, none)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_of_ones_own_lies_over_a_built_in_one() {
        let wish =
            RoleSetting { colour: Some(Colour::Rgb(255, 0, 0)), bold: Some(true), ..RoleSetting::default() };
        let theme = Theme::suited(Background::Dark).with(&[("accent".to_owned(), wish)]);
        let paint = theme.paint(Role::Accent);
        assert_eq!(
            (paint.ansi16, paint.ansi256, paint.rgb),
            (Some(Color::LightRed), Some(Color::Indexed(196)), Some(Color::Rgb(255, 0, 0)))
        );
        assert!(paint.always.contains(Modifier::BOLD));
        assert_eq!(theme.paint(Role::Good), built_in(Role::Good, Background::Dark));
    }

    /// Contrast of text to its background (WCAG 2.1, relative luminance).
    fn contrast(colour: Color, ground: f64) -> f64 {
        let Color::Rgb(r, g, b) = colour else { panic!("{colour:?}") };
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let light = 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
        (light.max(ground) + 0.05) / (light.min(ground) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read() {
        for role in Role::ALL {
            let on = |background| built_in(role, background).rgb;
            if let (Some(both), Some(dark), Some(light)) =
                (on(Background::Unknown), on(Background::Dark), on(Background::Light))
            {
                assert!(contrast(dark, 0.0) > 4.5, "{role:?} on black");
                assert!(contrast(light, 1.0) > 4.5, "{role:?} on white");
                assert!(contrast(both, 0.0).min(contrast(both, 1.0)) > 2.5, "{role:?} on either");
            }
        }
    }

    #[test]
    fn every_depth_has_the_nearest_colour() {
        assert_eq!(nearest((0x5f, 0x87, 0xaf), 16..256), 67);
        assert_eq!(rgb_of(244), (128, 128, 128));
        assert_eq!(in_each_depth(Colour::Named(6)), [Color::Cyan; 3]);
    }
}
