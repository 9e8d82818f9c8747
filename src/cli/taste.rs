//! A person's taste: `config.yaml` and `themes/NAME.yaml` under `$XDG_CONFIG_HOME/lowland`. What is wrong there is
//! named, and the rest holds.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::base::text::clean_line;
use crate::base::{Diagnostic, files, suggest};
use crate::notebook::problem_at;
use crate::render::style::Role;
use crate::render::theme::{self, Theme};
use crate::spec::settings::{self, Bell, Drawing};
use crate::tui::detect;
use crate::tui::keys::Keys;

/// What there is of it, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Taste {
    /// The keys.
    pub keys: Keys,
    /// How pictures are drawn.
    pub images: Drawing,
    /// What happens when the last run ends.
    pub bell: Bell,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Reads it, and makes the theme that of the program.
pub fn read(var: impl Fn(&str) -> Option<OsString>) -> Taste {
    let mut taste = Taste::default();
    let background = detect::background(|name| var(name)?.into_string().ok());
    let mut theme = Theme::suited(background);
    if let Some(folder) = config_home(&var)
        && let Some(text) = text(&folder.join("config.yaml"), "config.yaml", &mut taste.problems)
    {
        let (settings, problems) = settings::settings(&text);
        let told = problems.into_iter().map(|problem| problem_at("config.yaml", &text, 0, problem));
        taste.problems.extend(told);
        let (keys, wrong) = Keys::new(&settings.keys);
        (taste.keys, taste.images, taste.bell) = (keys, settings.images, settings.bell);
        taste.problems.extend(wrong.into_iter().map(|(setting, why)| {
            Diagnostic::error(format!("key left out: {why}")).at("config.yaml", &text, setting.span.clone())
        }));
        if let Some(name) = settings.theme {
            theme = named(&name, &folder, theme, &mut taste.problems);
        }
    }
    theme.set();
    taste
}

/// The theme of a name: a built-in one, or a file laid over the one that suits the background.
fn named(name: &str, folder: &std::path::Path, suited: Theme, problems: &mut Vec<Diagnostic>) -> Theme {
    if let Some(built_in) = Theme::named(name) {
        return built_in;
    }
    let file = format!("themes/{name}.yaml");
    // A name is a name, and no path.
    let path = folder.join(&file);
    if name.contains(['/', '\\']) || !path.exists() {
        let advice = suggest::advice(name, &theme::NAMES);
        problems.push(
            Diagnostic::error(format!("there is no theme `{}` ({})", clean_line(name), clean_line(&file)))
                .in_file("config.yaml")
                .help(advice),
        );
        return suited;
    }
    let Some(text) = text(&path, &file, problems) else { return suited };
    let (roles, wrong) = settings::theme(&text, &Role::ALL.map(Role::name));
    problems.extend(wrong.into_iter().map(|problem| problem_at(&file, &text, 0, problem)));
    suited.with(&roles)
}

/// A file that may be missing, but must be readable where it is not.
fn text(path: &std::path::Path, file: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
    if !path.exists() {
        return None;
    }
    let read = files::read(path).map_err(|error| error.to_string());
    match read.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string())) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.push(Diagnostic::error(format!("it cannot be read: {error}")).in_file(file));
            None
        }
    }
}

/// Where settings are (XDG Base Directory Specification).
fn config_home(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| var(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(home.join("lowland"))
}
