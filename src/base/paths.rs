//! Paths inside a notebook. A path taken from an entry never leaves it: not by `..`, not by being absolute,
//! not through a symbolic link.

use std::io;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use super::text::clean_line;

/// Why a path was refused. The path is told fit for a terminal, since a stranger may have written it.
#[derive(Debug, Error)]
pub enum PathError {
    /// It is absolute, or climbs with `..`.
    #[error("`{0}` is not a path inside the notebook")]
    Outside(String),
    /// It exists, but a symbolic link on the way leads out.
    #[error("`{0}` leads out of the notebook through a symbolic link")]
    LinkOut(String),
    /// It cannot be looked at.
    #[error("`{0}`: {1}")]
    Io(String, io::Error),
}

/// `relative` inside `root`, or the reason why it must not be opened. What does not exist yet is fine.
pub fn inside(root: &Path, relative: &str) -> Result<PathBuf, PathError> {
    let path = Path::new(relative);
    let plain = !relative.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || relative.contains('\0') {
        return Err(PathError::Outside(clean_line(relative)));
    }
    let full = root.join(path);
    let io_error = |error| PathError::Io(clean_line(relative), error);
    let root = root.canonicalize().map_err(io_error)?;
    // The deepest ancestor that exists decides: below it there is no link to follow.
    let mut existing = full.as_path();
    loop {
        match existing.canonicalize() {
            Ok(real) if real.starts_with(&root) => return Ok(full),
            Ok(_) => return Err(PathError::LinkOut(clean_line(relative))),
            // A dangling link is a link out as far as anyone can tell.
            Err(_) if existing.is_symlink() => return Err(PathError::LinkOut(clean_line(relative))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(error)),
            Err(error) => existing = existing.parent().ok_or_else(|| io_error(error))?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_paths_are_inside() {
        let root = tempfile::tempdir().unwrap();
        assert!(inside(root.path(), "datasets/digits.parquet").is_ok());
        for bad in ["", "..", "../x", "a/../../x", "/etc/passwd", "./a/..", "a\0b"] {
            assert!(matches!(inside(root.path(), bad), Err(PathError::Outside(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_link_out_is_refused_and_a_link_within_is_not() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(other.path().join("secret"), "x").unwrap();
        std::fs::write(root.path().join("own"), "x").unwrap();
        let link =
            |target: &Path, name: &str| std::os::unix::fs::symlink(target, root.path().join(name)).unwrap();
        link(&other.path().join("secret"), "file");
        link(other.path(), "folder");
        link(Path::new("/nowhere/at/all"), "dangling");
        link(&root.path().join("own"), "within");
        for bad in ["file", "folder/secret", "folder/new", "dangling"] {
            assert!(matches!(inside(root.path(), bad), Err(PathError::LinkOut(_))), "{bad}");
        }
        assert!(inside(root.path(), "within").is_ok());
    }
}
