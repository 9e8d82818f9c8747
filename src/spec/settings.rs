//! A person's taste: `config.yaml` (which theme, which keys) and themes. What is wrong in them is named and left out;
//! the rest holds.

use super::yaml::{self, Node, Problem, Value};
use crate::base::suggest;

/// `config.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Name of the theme.
    pub theme: Option<String>,
    /// How pictures are drawn.
    pub images: Drawing,
    /// What happens when the last run ends.
    pub bell: Bell,
    /// Keys, as (where, key, what it does), each with its place.
    pub keys: Vec<KeySetting>,
}

/// How pictures are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// In half blocks, or characters: everywhere.
    #[default]
    Blocks,
    /// By the terminal, which must know the graphics protocol of kitty with Unicode placeholders.
    Kitty,
    /// By the terminal, which must draw sixels.
    Sixel,
}

/// What happens when the last run ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bell {
    /// Nothing.
    Off,
    /// The status line says it.
    #[default]
    Flag,
    /// It says it, and the terminal rings once if no key was pressed for a while.
    Bell,
}

/// One key of one's own.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySetting {
    /// Where it holds: `log`, `entry`, `edit` …
    pub context: String,
    /// The key: `x`, `ctrl-r`, `enter`.
    pub key: String,
    /// What it does; nothing for a key that is taken away.
    pub action: Option<String>,
    /// Its bytes, for a complaint about it.
    pub span: std::ops::Range<usize>,
}

/// How a role is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleSetting {
    /// `cyan`, a number of the 256, or `#rrggbb`.
    pub colour: Option<Colour>,
    /// Bold or not.
    pub bold: Option<bool>,
    /// Italic or not.
    pub italic: Option<bool>,
    /// Underlined or not.
    pub underlined: Option<bool>,
}

/// A colour as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the sixteen named ones.
    Named(u8),
    /// One of xterm's 256.
    Indexed(u8),
    /// 24 bits.
    Rgb(u8, u8, u8),
}

/// The sixteen, as every terminal counts them.
pub const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

/// Reads `config.yaml`: what can be read of it, and what cannot.
pub fn settings(text: &str) -> (Settings, Vec<Problem>) {
    let (mut settings, mut problems) = (Settings::default(), Vec::new());
    for (key, span, node) in entries("the settings", text, &mut problems) {
        match key.as_str() {
            "theme" => match yaml::text("theme", &node) {
                Ok(name) => settings.theme = Some(name),
                Err(problem) => problems.push(problem),
            },
            "images" => match drawing(&node) {
                Ok(drawing) => settings.images = drawing,
                Err(problem) => problems.push(problem),
            },
            "bell" => match bell(&node) {
                Ok(bell) => settings.bell = bell,
                Err(problem) => problems.push(problem),
            },
            "keys" => read_keys(&node, &mut settings.keys, &mut problems),
            other => problems.push(unknown("setting", other, span, &["theme", "images", "bell", "keys"])),
        }
    }
    (settings, problems)
}

fn drawing(node: &Node) -> Result<Drawing, Problem> {
    let word = yaml::text("images", node)?;
    match word.as_str() {
        "blocks" => Ok(Drawing::Blocks),
        "kitty" => Ok(Drawing::Kitty),
        "sixel" => Ok(Drawing::Sixel),
        other => Err(Problem::new(format!("pictures are not drawn by `{other}`"), node.span.clone())
            .help(suggest::advice(other, &["blocks", "kitty", "sixel"]))),
    }
}

fn bell(node: &Node) -> Result<Bell, Problem> {
    // YAML takes a bare `off` for a truth in some of its versions, and so do people.
    let word = match &node.value {
        Value::Bool(false) => "off".to_owned(),
        _ => yaml::text("bell", node)?,
    };
    match word.as_str() {
        "off" => Ok(Bell::Off),
        "flag" => Ok(Bell::Flag),
        "bell" => Ok(Bell::Bell),
        other => Err(Problem::new(format!("the end of runs is not told by `{other}`"), node.span.clone())
            .help(suggest::advice(other, &["off", "flag", "bell"]))),
    }
}

fn read_keys(node: &Node, keys: &mut Vec<KeySetting>, problems: &mut Vec<Problem>) {
    for (context, _, node) in map("keys", node, problems) {
        for (key, span, node) in map(&context, &node, problems) {
            let action = match &node.value {
                Value::Null => None,
                Value::Text(action) => Some(action.clone()),
                _ => {
                    problems
                        .push(Problem::new(format!("what `{key}` does must be a word"), node.span.clone()));
                    continue;
                }
            };
            keys.push(KeySetting { context: context.clone(), key, action, span });
        }
    }
}

/// Reads a theme, whose roles are `roles`: what can be read of it, and what cannot.
pub fn theme(text: &str, roles: &[&str]) -> (Vec<(String, RoleSetting)>, Vec<Problem>) {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for (role, span, node) in entries("the theme", text, &mut problems) {
        if !roles.contains(&role.as_str()) {
            problems.push(unknown("role", &role, span, roles));
            continue;
        }
        match role_setting(&node) {
            Ok(setting) => read.push((role, setting)),
            Err(problem) => problems.push(problem),
        }
    }
    (read, problems)
}

fn role_setting(node: &Node) -> Result<RoleSetting, Problem> {
    if !matches!(node.value, Value::Map(_)) {
        return Ok(RoleSetting { colour: Some(colour(node)?), ..RoleSetting::default() });
    }
    let fields = yaml::Fields::new("a role", node, &["color", "bold", "italic", "underlined"])?;
    let truth = |name: &str| fields.get(name).map(|node| yaml::truth(name, node)).transpose();
    Ok(RoleSetting {
        colour: fields.get("color").map(colour).transpose()?,
        bold: truth("bold")?,
        italic: truth("italic")?,
        underlined: truth("underlined")?,
    })
}

fn colour(node: &Node) -> Result<Colour, Problem> {
    let wrong = |help: String| Problem::new("this is not a colour", node.span.clone()).help(help);
    match &node.value {
        Value::Number(number) if number.fract() == 0.0 && (0.0..256.0).contains(number) => {
            Ok(Colour::Indexed(*number as u8))
        }
        Value::Text(text) => {
            if let Some(rgb) = text.strip_prefix('#').and_then(hex) {
                return Ok(rgb);
            }
            match NAMES.iter().position(|name| name == text) {
                Some(index) => Ok(Colour::Named(index as u8)),
                None => Err(wrong(suggest::advice(text, &NAMES))),
            }
        }
        _ => Err(wrong("a name, a number up to 255, or \"#rrggbb\" in quotes".to_owned())),
    }
}

fn hex(digits: &str) -> Option<Colour> {
    let part = |at: usize| digits.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok());
    (digits.len() == 6).then(|| Some(Colour::Rgb(part(0)?, part(2)?, part(4)?))).flatten()
}

type Entries = Vec<(String, std::ops::Range<usize>, Node)>;

fn entries(what: &str, text: &str, problems: &mut Vec<Problem>) -> Entries {
    if text.trim().is_empty() {
        return Entries::new();
    }
    match yaml::parse(text) {
        Ok(root) => map(what, &root, problems),
        Err(problem) => {
            problems.push(problem);
            Entries::new()
        }
    }
}

fn map(what: &str, node: &Node, problems: &mut Vec<Problem>) -> Entries {
    match &node.value {
        Value::Map(entries) => {
            entries.iter().map(|(key, node)| (key.name.clone(), key.span.clone(), node.clone())).collect()
        }
        Value::Null => Entries::new(),
        _ => {
            problems
                .push(Problem::new(format!("{what} must be a map, not {}", node.kind()), node.span.clone()));
            Entries::new()
        }
    }
}

fn unknown(what: &str, word: &str, span: std::ops::Range<usize>, known: &[&str]) -> Problem {
    Problem::new(format!("there is no {what} `{word}`"), span).help(suggest::advice(word, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_and_the_rest_holds() {
        let text = "theme: paper\nimages: kitty\nbell: bell\nkeys:\n  entry: {x: run, ctrl-r: [1], q: }\n  log: 3\nthme: x\n";
        let (settings, problems) = settings(text);
        assert_eq!(settings.theme.as_deref(), Some("paper"));
        assert_eq!((settings.images, settings.bell), (Drawing::Kitty, Bell::Bell));
        let keys: Vec<_> =
            settings.keys.iter().map(|key| (key.key.as_str(), key.action.as_deref())).collect();
        assert_eq!(keys, [("x", Some("run")), ("q", None)]);
        let told: Vec<&str> = problems.iter().map(|problem| &text[problem.span.clone()]).collect();
        assert_eq!(told, ["[1]", "3", "thme"]);
    }

    #[test]
    fn colours_are_names_numbers_or_hexadecimal() {
        let text = "heading: {color: cyan, bold: false}\naccent: 73\ngood: \"#5fa85f\"\nbad: rad\nhedding: red\ndim: 300\n";
        let (roles, problems) = theme(text, &["heading", "accent", "good", "bad", "dim"]);
        let heading =
            RoleSetting { colour: Some(Colour::Named(6)), bold: Some(false), ..RoleSetting::default() };
        assert_eq!(roles[0], ("heading".to_owned(), heading));
        assert_eq!(roles[1].1.colour, Some(Colour::Indexed(73)));
        assert_eq!(roles[2].1.colour, Some(Colour::Rgb(0x5f, 0xa8, 0x5f)));
        let told: Vec<&str> = problems.iter().map(|problem| &text[problem.span.clone()]).collect();
        assert_eq!(told, ["rad", "hedding", "300"]);
        assert!(problems[0].help.as_deref().unwrap().contains("red"));
    }

    #[test]
    fn nonsense_is_one_complaint() {
        assert_eq!(settings("{").1.len(), 1);
        assert_eq!(settings("").1, []);
        assert_eq!(theme("- a\n", &[]).1.len(), 1);
        let (read, problems) = settings("images: sixle\n");
        assert_eq!((read.images, problems.len()), (Drawing::Blocks, 1));
    }
}
