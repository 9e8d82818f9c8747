//! Where lowland keeps what is its own and belongs to no notebook, by the XDG base directory specification.

use std::env;
use std::path::{Path, PathBuf};

/// For what can be made again at any time: `$XDG_CACHE_HOME/lowland`, or else `~/.cache/lowland`.
pub fn cache() -> Option<PathBuf> {
    home_of("XDG_CACHE_HOME", ".cache")
}

/// Paths that are not absolute are to be ignored, says the specification.
fn home_of(variable: &str, usual: &str) -> Option<PathBuf> {
    let named = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named(variable).or_else(|| Some(named("HOME")?.join(usual)))?;
    Some(base.join("lowland"))
}

/// A path as people write it: `~` for their home.
pub fn shown(path: &Path) -> String {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}
