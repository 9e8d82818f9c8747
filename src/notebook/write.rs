//! Writing entries, only ever at a person's word: whole files, put in place at once, and never over something that
//! was not seen.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::base::clock::Moment;
use crate::base::text::clean_line;
use crate::base::{atomic, files, paths};
use crate::entry::EntryName;

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveError {
    /// The file is not what it was when it was read; this is it now.
    Changed(String),
    /// It cannot be written.
    Failed(String),
}

/// Writes `text` to an entry whose text was `base`.
pub fn save(root: &Path, path: &Path, base: &str, text: &str) -> Result<(), SaveError> {
    let failed = |error: &dyn std::fmt::Display| SaveError::Failed(format!("not saved: {error}"));
    let path = real(root, path).map_err(|error| failed(&error))?;
    match files::read(&path) {
        Ok(bytes) if bytes == base.as_bytes() => {}
        Ok(bytes) => return Err(SaveError::Changed(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SaveError::Changed(String::new()));
        }
        Err(error) => return Err(failed(&error)),
    }
    atomic::replace(&path, text.as_bytes()).map_err(|error| failed(&error))
}

/// Where an entry's bytes lie: a link within the notebook stays a link.
fn real(root: &Path, path: &Path) -> Result<PathBuf, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let inside = paths::inside(root, &format!("entries/{name}")).map_err(|error| error.to_string())?;
    Ok(inside.canonicalize().unwrap_or(inside))
}

/// Begins an entry under a title, from the notebook's own template, if it has one; its path. Where the name is taken, it
/// gets a number.
pub fn create(root: &Path, title: &str, moment: &Moment) -> Result<PathBuf, String> {
    create_from(root, &template(root), title, moment)
}

/// The same from this template.
pub fn create_from(root: &Path, template: &str, title: &str, moment: &Moment) -> Result<PathBuf, String> {
    let title = clean_line(title).trim().to_owned();
    let name = EntryName::for_title(&moment.date, &title);
    let text = filled(template, &title, moment);
    for number in 1..1000 {
        let slug = if number == 1 { name.slug.clone() } else { format!("{}-{number}", name.slug) };
        let file = EntryName { slug, ..name.clone() }.to_string();
        match write_new(root, &file, &text) {
            Ok(path) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("no entry was made: {error}")),
        }
    }
    Err(format!("there are a thousand entries called {} already", name.slug))
}

/// Writes a file that is not there yet.
fn write_new(root: &Path, file: &str, text: &str) -> io::Result<PathBuf> {
    let path = paths::inside(root, &format!("entries/{file}")).map_err(io::Error::other)?;
    let mut new = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    Ok(path)
}

/// What a new entry starts with, unless the notebook has a template of its own.
const TEMPLATE: &str = "---\ntitle: {title}\ndate: {date}\ntags: []\n---\n\n";

/// The notebook's own template, from `entries/.template.md`.
fn template(root: &Path) -> String {
    paths::inside(root, "entries/.template.md")
        .ok()
        .and_then(|path| files::read(&path).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| TEMPLATE.to_owned())
}

fn filled(template: &str, title: &str, moment: &Moment) -> String {
    template
        .replace("{title}", &quoted(title))
        .replace("{date}", &moment.date)
        .replace("{time}", &moment.time)
}

/// A title as YAML: quoted where it would be read as something else.
fn quoted(title: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || " -,.?()/≈λ_+".contains(character);
    let begins_well = title.starts_with(char::is_alphabetic);
    let word =
        matches!(title.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if title.chars().all(plain) && begins_well && !word {
        title.to_owned()
    } else {
        format!("\"{}\"", title.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Appends a line with its time to today's log, which is begun where there is none: the entry `DATE-log`, or the
/// only entry of the day. Its path.
pub fn log(root: &Path, text: &str, moment: &Moment) -> Result<PathBuf, String> {
    let text = clean_line(text).trim().to_owned();
    if text.is_empty() {
        return Err("there is nothing to append".to_owned());
    }
    let failed = |error: &dyn std::fmt::Display| format!("not appended: {error}");
    let path = match todays(root, moment) {
        Some(path) => path,
        None => create(root, "Log", moment)?,
    };
    // Somebody may save the same file at this moment: then it is read again.
    for _ in 0..10 {
        let bytes = real(root, &path).and_then(|path| files::read(&path).map_err(|error| error.to_string()));
        let before = String::from_utf8(bytes.map_err(|error| failed(&error))?)
            .map_err(|_| failed(&"the entry is not UTF-8"))?;
        let after = format!("{before}{}- {} {text}\n", gap(&before), moment.time);
        match save(root, &path, &before, &after) {
            Ok(()) => return Ok(path),
            Err(SaveError::Changed(_)) => {}
            Err(SaveError::Failed(why)) => return Err(why),
        }
    }
    Err(failed(&"the entry changes all the time"))
}

/// What stands between the text and a further item of its last list.
fn gap(before: &str) -> &'static str {
    let in_list = before.lines().next_back().is_some_and(|line| line.starts_with("- "));
    match (before.ends_with('\n'), in_list || before.ends_with("\n\n") || before.is_empty()) {
        (true, true) => "",
        (true, false) | (false, true) => "\n",
        (false, false) => "\n\n",
    }
}

fn todays(root: &Path, moment: &Moment) -> Option<PathBuf> {
    let files = fs::read_dir(root.join("entries")).ok()?.flatten().map(|file| file.path());
    let is_todays = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| EntryName::parse(&name.to_string_lossy()));
        name.is_some_and(|name| name.date == moment.date)
    };
    let of_today: Vec<PathBuf> = files.filter(is_todays).collect();
    let log = root.join("entries").join(format!("{}-log.md", moment.date));
    match of_today.as_slice() {
        _ if of_today.contains(&log) => Some(log),
        [only] => Some(only.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> Moment {
        Moment { date: "2026-11-22".to_owned(), time: "14:05".to_owned() }
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("entries")).unwrap();
        folder
    }

    #[test]
    fn what_changed_meanwhile_is_not_written_over() {
        let folder = folder();
        let path = folder.path().join("entries/2026-01-01-a.md");
        fs::write(&path, "theirs").unwrap();
        let changed = save(folder.path(), &path, "base", "mine");
        assert_eq!(changed, Err(SaveError::Changed("theirs".to_owned())));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(save(folder.path(), &path, "theirs", "mine"), Ok(()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn a_link_out_is_not_written_through_and_one_within_stays_a_link() {
        let (folder, other) = (folder(), tempfile::tempdir().unwrap());
        let secret = other.path().join("secret");
        fs::write(&secret, "base").unwrap();
        fs::write(folder.path().join("real.md"), "base").unwrap();
        let at = |name: &str| folder.path().join("entries").join(name);
        std::os::unix::fs::symlink(&secret, at("2026-01-01-out.md")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("real.md"), at("2026-01-01-in.md")).unwrap();
        assert!(matches!(
            save(folder.path(), &at("2026-01-01-out.md"), "base", "x"),
            Err(SaveError::Failed(_))
        ));
        assert_eq!(fs::read_to_string(&secret).unwrap(), "base");
        save(folder.path(), &at("2026-01-01-in.md"), "base", "x").unwrap();
        assert!(at("2026-01-01-in.md").is_symlink());
        assert_eq!(fs::read_to_string(folder.path().join("real.md")).unwrap(), "x");
    }

    #[test]
    fn new_entries_never_take_the_place_of_others() {
        let folder = folder();
        let first = create(folder.path(), "Is it: \"flat\"?", &moment()).unwrap();
        let second = create(folder.path(), "Is it: \"flat\"?", &moment()).unwrap();
        assert!(
            first.ends_with("2026-11-22-is-it-flat.md") && second.ends_with("2026-11-22-is-it-flat-2.md")
        );
        let text = fs::read_to_string(first).unwrap();
        assert!(text.starts_with("---\ntitle: \"Is it: \\\"flat\\\"?\"\ndate: 2026-11-22\n"), "{text}");
        fs::write(folder.path().join("entries/.template.md"), "# {title} at {time}\n").unwrap();
        let third = create(folder.path(), "Plain", &moment()).unwrap();
        assert_eq!(fs::read_to_string(third).unwrap(), "# Plain at 14:05\n");
    }

    #[test]
    fn lines_gather_in_the_log_of_the_day() {
        let folder = folder();
        let path = log(folder.path(), "first\nline", &moment()).unwrap();
        assert!(path.ends_with("2026-11-22-log.md"));
        assert_eq!(log(folder.path(), "second", &moment()).unwrap(), path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("---\n\n- 14:05 first line\n- 14:05 second\n"), "{text}");
        fs::write(folder.path().join("entries/2026-11-22-other.md"), "Prose").unwrap();
        assert_eq!(log(folder.path(), "third", &moment()).unwrap(), path);
        fs::remove_file(&path).unwrap();
        let only = log(folder.path(), "fourth", &moment()).unwrap();
        assert_eq!(fs::read_to_string(only).unwrap(), "Prose\n\n- 14:05 fourth\n");
        assert!(log(folder.path(), " \n", &moment()).is_err());
    }
}
