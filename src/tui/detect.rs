//! What the terminal can show, guessed from the environment. The terminal itself is never asked: its answer may
//! come late, or among the keys, or not at all.

use crate::render::style::{Depth, Glyphs, Look};
use crate::render::theme::Background;

/// Colours and glyphs for an environment, where `var` gives the value of a variable that is set.
///
/// `NO_COLOR` follows no-color.org: present and not empty. UTF-8 is read off the locale, in the order of POSIX
/// (`LC_ALL`, `LC_CTYPE`, `LANG`); the Linux console has the encoding but not the glyphs.
pub fn look(var: impl Fn(&str) -> Option<String>, ascii: bool) -> Look {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_lowercase();
    let utf8 = locale.contains("utf-8") || locale.contains("utf8");
    let glyphs = if ascii || !utf8 || term == "linux" { Glyphs::Ascii } else { Glyphs::Unicode };
    let depth = if set("NO_COLOR").is_some() {
        Depth::None
    } else {
        depth(&term, &set("COLORTERM").unwrap_or_default())
    };
    Look { glyphs, depth }
}

/// What is known of the background, from `COLORFGBG` (rxvt, Konsole and their kin: foreground;background).
pub fn background(var: impl Fn(&str) -> Option<String>) -> Background {
    let colours = var("COLORFGBG").unwrap_or_default();
    match colours.rsplit(';').next().and_then(|ground| ground.parse::<u8>().ok()) {
        Some(7 | 9..=15) => Background::Light,
        Some(0..=6 | 8) => Background::Dark,
        _ => Background::Unknown,
    }
}

fn depth(term: &str, colorterm: &str) -> Depth {
    if term.is_empty() || term == "dumb" || term.starts_with("vt") || term.ends_with("-m") {
        Depth::None
    } else if matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256") {
        Depth::Ansi256
    } else {
        Depth::Ansi16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_background_is_believed_where_it_is_told() {
        for (colours, expected) in [
            ("15;0", Background::Dark),
            ("0;15", Background::Light),
            ("0;default;15", Background::Light),
            ("default;default", Background::Unknown),
            ("", Background::Unknown),
        ] {
            assert_eq!(background(|_| Some(colours.to_owned())), expected, "{colours}");
        }
    }

    #[test]
    fn a_table_of_terminals() {
        type Row<'a> = (&'a [(&'a str, &'a str)], bool, Depth, Glyphs);
        let table: &[Row<'_>] = &[
            (&[], false, Depth::None, Glyphs::Ascii),
            (&[("TERM", "dumb"), ("LANG", "en_US.UTF-8")], false, Depth::None, Glyphs::Unicode),
            (&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")], false, Depth::Ansi256, Glyphs::Unicode),
            (&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")], true, Depth::Ansi256, Glyphs::Ascii),
            (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], false, Depth::True, Glyphs::Ascii),
            (&[("TERM", "screen"), ("LANG", "de_DE.utf8")], false, Depth::Ansi16, Glyphs::Unicode),
            (&[("TERM", "linux"), ("LANG", "C.UTF-8")], false, Depth::Ansi16, Glyphs::Ascii),
            (&[("TERM", "vt220")], false, Depth::None, Glyphs::Ascii),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], false, Depth::None, Glyphs::Ascii),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], false, Depth::Ansi16, Glyphs::Ascii),
            (&[("LC_ALL", "C"), ("LANG", "C.UTF-8")], false, Depth::None, Glyphs::Ascii),
            (&[("LC_ALL", ""), ("LANG", "C.UTF-8")], false, Depth::None, Glyphs::Unicode),
        ];
        for (vars, ascii, depth, glyphs) in table {
            let var =
                |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(look(var, *ascii), Look { glyphs: *glyphs, depth: *depth }, "{vars:?}");
        }
    }
}
