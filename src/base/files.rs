//! Opening files of a folder that a stranger may have made. Whatever is opened here is a regular file: a pipe in its
//! place would make the reader wait for ever. And where lowland alone puts files, none is ever opened through a
//! symbolic link, which could lead to any file of the person.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Reads a file whole. A link is followed: the caller has asked [`super::paths::inside`] where the path leads.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    contents(open(path, OpenOptions::new().read(true), OFlags::empty())?)
}

/// [`read`], of a file that has no more bytes than `most`; a larger one is refused.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path, OpenOptions::new().read(true), OFlags::empty())?;
    let mut bytes = Vec::new();
    // Not by what its metadata says: it may grow while it is read.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {}", super::text::bytes(most))));
    }
    Ok(bytes)
}

/// Reads a file that lowland itself put there, never through a link.
pub fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    contents(open_own(path)?)
}

/// Opens a file that lowland itself put there for reading, never through a link.
pub fn open_own(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true), OFlags::NOFOLLOW)
}

/// Opens the file of a lock that is there, never through a link.
pub fn open_own_to_lock(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true).write(true), OFlags::NOFOLLOW)
}

/// Opens the file of a lock, making it where it is not there yet, never through a link.
pub fn open_lock(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().create(true).truncate(false).read(true).write(true), OFlags::NOFOLLOW)
}

/// Begins a file anew: what had its name, a link too, is removed and not written into.
pub fn begin(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => OpenOptions::new().create_new(true).write(true).open(path),
    }
}

/// Makes a folder and its ancestors; refused where its name stands for anything else, a link to a folder too.
pub fn make_own_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(folder)?,
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // One that is gone again already is told as such: whoever cleans up beside us removes empty folders.
    let is_folder = fs::symlink_metadata(folder)?.is_dir();
    if is_folder { Ok(()) } else { Err(io::Error::other("it is not a folder of this notebook")) }
}

/// Whether this is a regular file, and not a link to one.
pub fn is_own_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Without `NONBLOCK`, opening a pipe waits until somebody opens its other end; to a file it means nothing.
fn open(path: &Path, options: &mut OpenOptions, flags: OFlags) -> io::Result<File> {
    let flags = (flags | OFlags::NONBLOCK).bits() as i32;
    let file = options.custom_flags(flags).open(path).map_err(in_words)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a file")) }
}

/// What the system says of a link under `NOFOLLOW` is that there are too many of them.
fn in_words(error: io::Error) -> io::Error {
    if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
        return io::Error::other("it is a symbolic link");
    }
    error
}

fn contents(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes a named pipe, for tests of what must not wait on one.
#[cfg(test)]
pub fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened_and_nobody_waits_on_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "text").unwrap();
        fs::create_dir(at("folder")).unwrap();
        make_pipe(&at("pipe"));
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link to a pipe")).unwrap();
        assert_eq!(
            (read(&at("file")).unwrap(), read_own(&at("file")).unwrap()),
            (b"text".into(), b"text".into())
        );
        assert_eq!(read(&at("link")).unwrap(), b"text");
        for bad in ["folder", "pipe", "link to a pipe", "none"] {
            assert!(read(&at(bad)).is_err() && read_own(&at(bad)).is_err(), "{bad}");
        }
        for bad in ["folder", "pipe", "link"] {
            assert!(open_lock(&at(bad)).is_err(), "{bad}");
        }
        assert_eq!(open_own(&at("link")).unwrap_err().to_string(), "it is a symbolic link");
        assert!(open_lock(&at("lock")).is_ok() && open_lock(&at("lock")).is_ok());
    }

    #[test]
    fn a_file_begun_anew_replaces_a_link_and_leaves_what_it_led_to() {
        let folder = tempfile::tempdir().unwrap();
        let (mine, link) = (folder.path().join("mine"), folder.path().join("link"));
        fs::write(&mine, "text").unwrap();
        std::os::unix::fs::symlink(&mine, &link).unwrap();
        begin(&link).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"text");
        assert!(is_own_file(&link) && fs::read(&link).unwrap().is_empty());
    }

    #[test]
    fn a_link_is_no_folder_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("a/real"), folder.path().join("link"));
        make_own_folder(&real).unwrap();
        make_own_folder(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(make_own_folder(&link).is_err());
    }
}
