//! The datasets of a notebook: found by name, hashed once.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::{DataError, Dataset, Shape, file};
use crate::base::{files, paths, suggest, text};
use crate::spec::run::dataset_hash;
use crate::spec::{DatasetSpec, Source};

/// The folder of the datasets within a notebook.
const FOLDER: &str = "datasets";

/// The datasets of one notebook.
#[derive(Debug)]
pub struct Library {
    root: PathBuf,
    /// Hashes by name, each with the state of the file that it was taken from: planning 1,000 runs hashes once.
    hashes: Mutex<HashMap<String, (FileState, String)>>,
    /// The same of their shapes; `None` for a file that cannot be read.
    shapes: Mutex<HashMap<String, (FileState, Option<Shape>)>>,
}

/// What changes whenever a file does.
#[derive(Clone, Debug, PartialEq)]
struct FileState {
    length: u64,
    modified: Option<SystemTime>,
}

impl Library {
    /// The datasets of the notebook at `root`; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), hashes: Mutex::default(), shapes: Mutex::default() }
    }

    /// Names of the datasets there are, sorted.
    pub fn names(&self) -> Vec<String> {
        let files = fs::read_dir(self.root.join(FOLDER)).into_iter().flatten().flatten();
        let mut names: Vec<_> = files.filter_map(|file| dataset_name(&file.path())).collect();
        names.sort();
        names
    }

    /// The file of a dataset, which exists and lies inside the notebook.
    pub fn path(&self, name: &str) -> Result<PathBuf, DataError> {
        if !is_name(name) {
            return Err(DataError::Name(text::clean_line(name)));
        }
        let path = paths::inside(&self.root, &relative(name))?;
        if path.is_file() { Ok(path) } else { Err(self.missing(name)) }
    }

    /// The content hash of a dataset, as it enters run ids.
    pub fn hash(&self, name: &str) -> Result<String, DataError> {
        let path = self.path(name)?;
        let state = fs::metadata(&path).map(|metadata| FileState::of(&metadata)).map_err(io_error(name))?;
        // A thread that panicked while holding the lock left a whole map behind: entries go in at one stroke.
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        match hashes.get(name) {
            Some((known, hash)) if *known == state => Ok(hash.clone()),
            _ => {
                let hash = file::hash(&path).map_err(io_error(name))?;
                hashes.insert(name.to_owned(), (state, hash.clone()));
                Ok(hash)
            }
        }
    }

    /// How large the dataset is that `spec` asks for, if that can be told.
    pub fn shape(&self, spec: &DatasetSpec) -> Option<Shape> {
        let Source::File { name } = &spec.source else {
            return Shape::generated(spec).map(|shape| shape.seen(spec));
        };
        let path = self.path(name).ok()?;
        let state = FileState::of(&fs::metadata(&path).ok()?);
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        match shapes.get(name) {
            Some((known, shape)) if *known == state => *shape,
            _ => {
                let shape = files::read(&path).ok().and_then(|bytes| Shape::of_file(&bytes));
                shapes.insert(name.clone(), (state, shape));
                shape
            }
        }
        .map(|shape| shape.seen(spec))
    }

    /// A dataset with its content hash, both of the same bytes.
    pub fn load(&self, name: &str) -> Result<(Dataset, String), DataError> {
        let bytes = files::read(&self.path(name)?).map_err(io_error(name))?;
        Ok((file::from_bytes(&relative(name), &bytes)?, dataset_hash(&bytes)))
    }

    fn missing(&self, name: &str) -> DataError {
        let names = self.names();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let advice = if names.is_empty() { "it is empty".to_owned() } else { suggest::advice(name, &names) };
        DataError::Missing { name: name.to_owned(), advice }
    }
}

impl FileState {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn relative(name: &str) -> String {
    format!("{FOLDER}/{name}.parquet")
}

fn dataset_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".parquet")?;
    is_name(name).then(|| name.to_owned())
}

fn io_error(name: &str) -> impl Fn(io::Error) -> DataError {
    let file = relative(name);
    move |error| DataError::Io { file: file.clone(), error }
}
