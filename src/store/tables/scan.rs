//! Table files on disk: which there are, whether each is sound, and setting aside the ones that are not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::read::Fault;
use super::write;
use crate::base::{Diagnostic, files, paths, text};

/// What changes whenever a file does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

/// Deepest nesting of partition folders that is looked into.
const DEEPEST: usize = 6;

/// A file that someone is still copying looks like a damaged one: for this long it is left where it is.
const SETTLED: Duration = Duration::from_mins(1);

/// A listing during which its folder changed may lack a file and what it was compacted into, both: it is listed
/// again, so often at most.
const LISTINGS: usize = 5;

/// Clocks of file systems move in ticks: of a folder that changed so lately it cannot be told whether it changed again.
const TICK: Duration = Duration::from_millis(20);

/// What came of opening a file.
#[derive(Debug)]
pub enum Opened<T> {
    /// What it holds.
    Sound(T),
    /// Nothing that can be used; the problem is told.
    Unsound,
    /// It is not there any more: whoever compacted it has put its rows elsewhere.
    Gone,
}

/// Every `*.parquet` below `folder`. Links are not followed, so nothing outside is read and no circle is walked.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Stamp> {
    let mut found = BTreeMap::new();
    walk(folder, 0, &mut found);
    found
}

fn walk(folder: &Path, depth: usize, found: &mut BTreeMap<PathBuf, Stamp>) {
    let mut below = BTreeSet::new();
    for _ in 0..LISTINGS {
        let before = modified(folder);
        list(folder, found, &mut below);
        let is_old = before.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > TICK);
        if before.is_none() || is_old && before == modified(folder) {
            break;
        }
    }
    if depth < DEEPEST {
        for folder in &below {
            walk(folder, depth + 1, found);
        }
    }
}

fn modified(folder: &Path) -> Option<SystemTime> {
    fs::metadata(folder).ok()?.modified().ok()
}

/// The tables and the folders in `folder` itself.
fn list(folder: &Path, found: &mut BTreeMap<PathBuf, Stamp>, below: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let hidden = name.to_string_lossy().starts_with('.');
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !hidden => {
                below.insert(path);
            }
            Ok(kind) if kind.is_file() && !hidden && path.extension().is_some_and(|end| end == "parquet") => {
                if let Ok(metadata) = entry.metadata() {
                    let stamp = Stamp { length: metadata.len(), modified: metadata.modified().ok() };
                    found.insert(path, stamp);
                }
            }
            _ => {}
        }
    }
}

/// Reads a file through `decode`. What is wrong with it goes to `problems`; a damaged file is set aside.
pub fn open<T>(
    root: &Path,
    path: &Path,
    problems: &mut Vec<Diagnostic>,
    decode: impl FnOnce(&[u8]) -> Result<T, Fault>,
) -> Opened<T> {
    let file = shown(root, path);
    let fault = match files::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Opened::Gone,
        Err(error) => Err(Fault::Foreign(error.to_string())),
        Ok(bytes) => check_name(path, &bytes).and_then(|()| decode(&bytes)),
    };
    match fault {
        Ok(value) => Opened::Sound(value),
        Err(Fault::Foreign(problem)) => {
            problems.push(Diagnostic::error(format!("{problem}; it is skipped")).in_file(&file));
            Opened::Unsound
        }
        Err(Fault::Damaged(problem)) => {
            let (done, help) = match set_aside(root, path) {
                Some(place) => (format!("set aside as {}", shown(root, &place)), "its runs can be run again"),
                None => ("skipped".to_owned(), "copy it anew or remove it; its runs can be run again"),
            };
            problems.push(Diagnostic::error(format!("{problem}; it is {done}")).help(help).in_file(&file));
            Opened::Unsound
        }
    }
}

/// The path as the person knows it, fit for a terminal: a stranger's file may be called anything.
pub fn shown(root: &Path, path: &Path) -> String {
    text::clean_line(&path.strip_prefix(root).unwrap_or(path).display().to_string())
}

/// A file named by a hash must hold what that hash is of; files of other writers may be called anything.
pub fn check_name(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if is_hashed(&name) && name != write::file_name(bytes) {
        return Err(Fault::Damaged("it is damaged: its content is not what its name says".to_owned()));
    }
    Ok(())
}

/// Whether a file is called as lowland calls its tables: by a hash.
pub fn is_hashed(name: &str) -> bool {
    name.strip_suffix(".parquet").is_some_and(|stem| {
        stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

/// Moves a damaged file out of its table, if it may be moved and nobody is still writing it.
fn set_aside(root: &Path, path: &Path) -> Option<PathBuf> {
    let age = fs::metadata(path).ok()?.modified().ok()?.elapsed().unwrap_or_default();
    if age < SETTLED {
        return None;
    }
    let folder = paths::inside(root, "runs/quarantine").ok()?;
    write::make_folder(&folder).ok()?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    let free = (0..1_000).map(|copy| folder.join(format!("{copy}-{name}"))).find(|place| !place.exists())?;
    fs::rename(path, &free).ok()?;
    Some(free)
}
