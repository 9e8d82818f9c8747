//! What lowland keeps for a person beside the notebook, under `$XDG_STATE_HOME`: drafts, sides of a conflict that
//! were not taken, and where one was. Used by the driver alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::state::State;
use crate::base::atomic::temporary_files;
use crate::base::{clock, files};

/// The folder of one notebook.
#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
    /// The draft that is being written, and what it began from.
    begun: Option<(String, String)>,
}

/// A draft as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What the file held when it was begun.
    pub base: String,
    /// What was made of it.
    pub text: String,
}

impl Desk {
    /// The desk of the notebook `root`, within the folder where a person's state is kept.
    pub fn new(state_home: &Path, root: &Path) -> Self {
        let name = root.file_name().map_or("notebook".into(), |name| name.to_string_lossy().into_owned());
        let mark = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
        let mark = mark.get(..12).unwrap_or_default();
        Self { folder: state_home.join("lowland").join(format!("{name}-{mark}")), begun: None }
    }

    fn draft_path(&self, slug: &str, ending: &str) -> PathBuf {
        self.folder.join("drafts").join(format!("{slug}.{ending}"))
    }

    /// Keeps what was made of `base`. It is in the hands of the system when this returns, which is enough to outlive
    /// the program; only an outage of the machine itself could lose the last words.
    pub fn keep_draft(&mut self, slug: &str, base: &str, text: &str) -> io::Result<()> {
        let begun = self.begun.as_ref().is_some_and(|(of, from)| of == slug && from == base);
        if !begun {
            private_folder(&self.folder.join("drafts"))?;
            put(&self.draft_path(slug, "base"), base)?;
            self.begun = Some((slug.to_owned(), base.to_owned()));
        }
        put(&self.draft_path(slug, "md"), text)
    }

    /// The draft of an entry, if one was left.
    pub fn draft(&self, slug: &str) -> Option<Draft> {
        let read = |ending| String::from_utf8(files::read_own(&self.draft_path(slug, ending)).ok()?).ok();
        Some(Draft { text: read("md")?, base: read("base")? })
    }

    /// Forgets the draft of an entry.
    pub fn drop_draft(&mut self, slug: &str) {
        self.begun = None;
        for ending in ["md", "base"] {
            // One that is not there needs no forgetting.
            let _ = fs::remove_file(self.draft_path(slug, ending));
        }
    }

    /// Slugs of the entries that have drafts.
    pub fn drafts(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.join("drafts")).into_iter().flatten().flatten();
        let names = names.map(|file| file.file_name().to_string_lossy().into_owned());
        let mut slugs: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect();
        slugs.retain(|slug| !slug.starts_with('.'));
        slugs.sort();
        slugs
    }

    /// Keeps a version of an entry that another one took the place of; where.
    pub fn keep_side(&self, slug: &str, text: &str) -> io::Result<PathBuf> {
        let folder = self.folder.join("kept");
        private_folder(&folder)?;
        let now = clock::now().replace(':', "-");
        let names = std::iter::once(format!("{slug}-{now}.md"));
        let mut names = names.chain((2..).map(|number| format!("{slug}-{now}-{number}.md")));
        // Two may be kept in one second, and neither takes the place of the other.
        let free = names.find(|name| !folder.join(name).exists()).unwrap_or_default();
        let path = folder.join(free);
        put(&path, text)?;
        Ok(path)
    }

    /// Remembers where one is.
    pub fn remember(&self, state: &State) -> io::Result<()> {
        private_folder(&self.folder)?;
        put(&self.folder.join("state.json"), &serde_json::to_string(state)?)
    }

    /// Where one was; nothing where that cannot be read.
    pub fn recall(&self) -> State {
        for leftover in temporary_files(&self.folder.join("drafts")) {
            let _ = fs::remove_file(leftover);
        }
        let read = files::read_own(&self.folder.join("state.json")).ok();
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}

/// Makes a folder that nobody else looks into.
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes a file beside its place and renames it: a reader sees the old text or the new. Not synced: this happens at
/// every key.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".tmp").tempfile_in(folder)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_there_until_it_is_dropped() {
        let home = tempfile::tempdir().unwrap();
        let mut desk = Desk::new(home.path(), Path::new("/some/notebook"));
        assert_eq!((desk.draft("e"), desk.drafts().len()), (None, 0));
        desk.keep_draft("e", "base", "one").unwrap();
        desk.keep_draft("e", "base", "two").unwrap();
        let again = Desk::new(home.path(), Path::new("/some/notebook"));
        assert_eq!(again.draft("e"), Some(Draft { base: "base".to_owned(), text: "two".to_owned() }));
        assert_eq!(again.drafts(), ["e"]);
        assert_eq!(Desk::new(home.path(), Path::new("/other/notebook")).drafts().len(), 0);
        desk.keep_draft("e", "two", "three").unwrap();
        assert_eq!(again.draft("e").unwrap().base, "two");
        desk.drop_draft("e");
        assert_eq!(again.draft("e"), None);
    }

    #[test]
    fn sides_that_are_kept_at_once_are_both_there() {
        let home = tempfile::tempdir().unwrap();
        let desk = Desk::new(home.path(), Path::new("/n"));
        let paths = ["one", "two", "three"].map(|text| (desk.keep_side("e", text).unwrap(), text));
        for (path, text) in paths {
            assert_eq!(fs::read_to_string(path).unwrap(), text);
        }
    }

    #[test]
    fn state_that_cannot_be_read_is_none() {
        let home = tempfile::tempdir().unwrap();
        let desk = Desk::new(home.path(), Path::new("/n"));
        assert_eq!(desk.recall(), State::default());
        let state = State { filter: "edge".to_owned(), ..State::default() };
        desk.remember(&state).unwrap();
        assert_eq!(desk.recall(), state);
        fs::write(desk.folder.join("state.json"), "{nonsense").unwrap();
        assert_eq!(desk.recall(), State::default());
    }
}
