//! Entries that were not looked at, as whoever shows all of them has them: what the log shows of each, and its text.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::album::{Album, Page, Told};
use super::glance::Glance;
use super::read::{self, FileState};
use super::snapshot::Entry;
use crate::base::spread::spread;
use crate::entry::Document;

/// Those that were made, by the name of their file: one about which nothing changed is handed out again as it is.
#[derive(Debug, Default)]
pub struct Stubs(HashMap<String, Stub>);

#[derive(Debug)]
struct Stub {
    stamp: FileState,
    glance: Glance,
    has_text: bool,
    entry: Arc<Entry>,
}

impl Stubs {
    /// The entries at `paths`, in order, as `album` has them; with their text, if `texts` are wanted or were before. One
    /// that it does not have is left out.
    pub fn of(&mut self, root: &Path, album: &Album, paths: &[&PathBuf], texts: bool) -> Vec<Arc<Entry>> {
        let pages: Vec<(&Path, &Page)> =
            paths.iter().filter_map(|path| Some((path.as_path(), album.page(path)?))).collect();
        let is_made = |page: &Page| {
            self.0.get(&page.file).is_some_and(|stub| {
                stub.stamp == page.stamp && stub.glance == page.glance && (stub.has_text || !texts)
            })
        };
        let new: Vec<_> = pages.iter().filter(|(_, page)| !is_made(page)).collect();
        let made = spread(&new, |(path, page)| make(root, path, page, texts));
        let files = new.iter().map(|(_, page)| page.file.clone());
        self.0.extend(files.zip(made).collect::<Vec<_>>());
        pages.iter().filter_map(|(_, page)| Some(Arc::clone(&self.0.get(&page.file)?.entry))).collect()
    }
}

fn make(root: &Path, path: &Path, page: &Page, has_text: bool) -> Stub {
    let file = read::shown(path);
    let document = if has_text {
        read::document(root, path)
    } else {
        Document { links: page.links.clone(), ..Document::parse(&file, String::new()) }
    };
    let glance = page.glance.clone();
    let entry = Entry {
        slug: glance.slug.clone(),
        path: path.to_owned(),
        title: glance.title.clone(),
        date: glance.date.clone(),
        tags: glance.tags.clone(),
        question: glance.question.clone(),
        document: Arc::new(document),
        works: Vec::new(),
        verdicts: BTreeMap::new(),
        cells: Vec::new(),
        diagnostics: page.problems.iter().map(Told::tell).collect(),
        mark: glance.mark,
        is_read: false,
    };
    Stub { stamp: page.stamp, glance, has_text, entry: Arc::new(entry) }
}
