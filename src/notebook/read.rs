//! One entry file, read and understood, before anything is known of its runs.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::base::text::{clean_line, word_at};
use crate::base::{Diagnostic, files, paths};
use crate::entry::bibliography::Bibliography;
use crate::entry::{CellKind, Document, EntryName, RawCell, check_size};
use crate::spec::yaml::Problem;
use crate::spec::{Cell, Context, Experiment, parse};

/// An entry with its cells read.
#[derive(Debug)]
pub struct Draft {
    /// File name without `.md`.
    pub slug: String,
    /// Path on disk.
    pub path: PathBuf,
    /// Title, cleaned.
    pub title: String,
    /// `YYYY-MM-DD`, from the front matter or the file name; may be empty.
    pub date: String,
    /// Tags, cleaned.
    pub tags: Vec<String>,
    /// The question, cleaned; may be empty.
    pub question: String,
    /// Its text in blocks.
    pub document: Arc<Document>,
    /// Its cells, in order.
    pub cells: Vec<Result<Cell, Diagnostic>>,
    /// What is wrong outside the cells.
    pub diagnostics: Vec<Diagnostic>,
    /// What the file was like when it was read, and what its cells could refer to.
    state: (Option<FileState>, Vec<String>),
}

/// What changes whenever a file does.
pub type FileState = (u64, Option<SystemTime>);

/// Whether a path is that of an entry: a Markdown file that is not hidden.
pub fn is_entry(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    path.extension().is_some_and(|extension| extension == "md") && !hidden
}

/// The files of all entries of the notebook at `root`, newest first.
pub fn entries(root: &Path) -> io::Result<Vec<PathBuf>> {
    let files = fs::read_dir(root.join("entries"))?.flatten().map(|file| file.path());
    let mut entries: Vec<PathBuf> = files.filter(|path| is_entry(path)).collect();
    entries.sort_by_cached_key(|path| Reverse(path.file_name().map(ToOwned::to_owned)));
    Ok(entries)
}

impl Draft {
    /// What the file at `path` is like now.
    pub fn file_state(path: &Path) -> Option<FileState> {
        fs::metadata(path).ok().map(|metadata| (metadata.len(), metadata.modified().ok()))
    }

    /// What its file was like when it was read.
    pub fn stamp(&self) -> Option<FileState> {
        self.state.0
    }

    /// The experiments that can be read.
    pub fn experiments(&self) -> impl Iterator<Item = &Experiment> {
        self.cells.iter().filter_map(|cell| match cell {
            Ok(Cell::Experiment(experiment)) => Some(experiment),
            _ => None,
        })
    }

    /// What it says of experiments, of its own and of other entries.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        let named = self.cells.iter().filter_map(|cell| match cell {
            Ok(Cell::Compare(compare)) => Some(&compare.of),
            Ok(Cell::Claim(claim)) => Some(&claim.from),
            _ => None,
        });
        named.flatten().map(String::as_str)
    }

    /// Whether the file at `path` is still what was read.
    pub fn is_current(&self, path: &Path, context: &Context) -> bool {
        self.state.0.is_some() && self.state.0 == Self::file_state(path) && self.state.1 == context.datasets
    }

    /// Reads an entry. Never fails: what cannot be read is an entry with a diagnostic.
    pub fn read(root: &Path, path: &Path, context: &Context) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let state = (Self::file_state(path), context.datasets.clone());
        let document = document(root, path);
        let slug = clean_line(name.strip_suffix(".md").unwrap_or(&name));
        let mut diagnostics = document.diagnostics.clone();
        let front = front(&document).unwrap_or_else(|problem| {
            diagnostics.push(problem);
            parse::FrontMatter::default()
        });
        let entry_name = EntryName::parse(&name);
        let mut cells: Vec<_> = document.cells.iter().map(|raw| cell(&document, raw, context)).collect();
        refuse_twins(&document, &mut cells);
        Self {
            path: path.to_owned(),
            title: clean_line(
                &front.title.or_else(|| document.first_heading()).unwrap_or_else(|| slug.clone()),
            ),
            date: front.date.or_else(|| entry_name.map(|name| name.date)).unwrap_or_default(),
            tags: front.tags.iter().map(|tag| clean_line(tag)).collect(),
            question: clean_line(&front.question.unwrap_or_default()),
            document: Arc::new(document),
            slug,
            cells,
            diagnostics,
            state,
        }
    }
}

/// The works that entries cite, as people know the file.
pub const REFERENCES: &str = "entries/references.bib";

/// Largest file of them that is read.
const MOST_REFERENCES: u64 = 4 << 20;

/// The works that the entries of the notebook at `root` cite; none where there is no such file.
pub fn bibliography(root: &Path) -> Bibliography {
    let path = root.join(REFERENCES);
    let Ok(metadata) = fs::symlink_metadata(&path) else { return Bibliography::default() };
    let problem = |what: &str| Bibliography::unread(Diagnostic::warning(what).in_file(REFERENCES));
    // A link could lead anywhere.
    if !metadata.is_file() || metadata.len() > MOST_REFERENCES {
        return problem("it is not a file of at most 4 MB, and is not read");
    }
    match files::read_own(&path).map(String::from_utf8) {
        Ok(Ok(text)) => Bibliography::parse(REFERENCES, &text),
        Ok(Err(_)) => problem("it is not UTF-8, and is not read"),
        Err(error) => problem(&format!("it cannot be read: {error}")),
    }
}

/// How people know the entry at `path`.
pub fn shown(path: &Path) -> String {
    format!("entries/{}", clean_line(&path.file_name().unwrap_or_default().to_string_lossy()))
}

/// The text of the entry at `path` in blocks; where it cannot be read there is none, and a diagnostic.
pub fn document(root: &Path, path: &Path) -> Document {
    let file = shown(path);
    load(root, path, &file).unwrap_or_else(|problem| {
        let mut empty = Document::parse(&file, String::new());
        empty.diagnostics.push(problem);
        empty
    })
}

/// The file's text, unless it is too large or lies outside the notebook.
fn load(root: &Path, path: &Path, file: &str) -> Result<Document, Diagnostic> {
    let error = |message: String| Diagnostic::error(message).in_file(file);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    paths::inside(root, &format!("entries/{name}")).map_err(|problem| error(problem.to_string()))?;
    let unreadable = |problem: std::io::Error| error(format!("the entry cannot be read: {problem}"));
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        // A pipe by that name would keep its reader for ever.
        return Err(error("the entry is not a file".to_owned()));
    }
    check_size(file, metadata.len())?;
    let bytes = fs::read(path).map_err(|problem| error(format!("the entry cannot be read: {problem}")))?;
    Ok(Document::from_bytes(file, &bytes))
}

fn front(document: &Document) -> Result<parse::FrontMatter, Diagnostic> {
    let Some(front) = &document.front else { return Ok(parse::FrontMatter::default()) };
    parse::front_matter(&front.text).map_err(|problem| place(document, front.span.start, problem))
}

fn cell(document: &Document, raw: &RawCell, context: &Context) -> Result<Cell, Diagnostic> {
    if let Some(refusal) = &raw.refusal {
        return Err(refusal.clone());
    }
    let text = document.text(raw);
    match raw.kind {
        CellKind::Experiment => parse::experiment(text, context).map(Cell::Experiment),
        CellKind::Compare => parse::compare(text).map(Cell::Compare),
        CellKind::Claim => parse::claim(text).map(Cell::Claim),
        CellKind::Ledger => parse::ledger(text).map(Cell::Ledger),
    }
    .map_err(|problem| place(document, raw.text_span.start, problem))
}

fn place(document: &Document, offset: usize, problem: Problem) -> Diagnostic {
    problem_at(&document.file, &document.source, offset, problem)
}

/// A problem with what starts at byte `offset` of the text of `file`, as a diagnostic of the file.
pub fn problem_at(file: &str, source: &str, offset: usize, problem: Problem) -> Diagnostic {
    let mut problem = problem.within(offset);
    if problem.span.is_empty() {
        // What is missing stands nowhere: it is told where it should.
        problem.span = word_at(source, problem.span.start);
    }
    let diagnostic = Diagnostic::error(clean_line(&problem.message)).at(file, source, problem.span);
    problem.help.into_iter().fold(diagnostic, |diagnostic, help| diagnostic.help(clean_line(&help)))
}

/// An id names one cell of an entry: a second cell of the same id is refused.
fn refuse_twins(document: &Document, cells: &mut [Result<Cell, Diagnostic>]) {
    let mut seen: Vec<String> = Vec::new();
    for (cell, raw) in cells.iter_mut().zip(&document.cells) {
        let Some(id) = cell.as_ref().ok().and_then(cell_id).map(str::to_owned) else { continue };
        if seen.contains(&id) {
            *cell = Err(Diagnostic::error(format!("another cell of this entry is called `{id}` already"))
                .at(&document.file, &document.source, raw.span.clone())
                .help("give this one an id of its own"));
        } else {
            seen.push(id);
        }
    }
}

fn cell_id(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Experiment(experiment) => Some(&experiment.id),
        Cell::Compare(compare) => Some(compare.id.as_str()).filter(|id| !id.is_empty()),
        Cell::Claim(claim) => Some(&claim.id),
        Cell::Ledger(ledger) => Some(ledger.id.as_str()).filter(|id| !id.is_empty()),
    }
}
