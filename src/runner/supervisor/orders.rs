//! What is asked of a supervisor: a file per order, in the order of their names, each standing until it is done.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::folder::Folder;
use crate::base::{RunId, atomic, clock, files};
use crate::runner::Job;
use crate::spec::ENGINE;

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Version of lowland that asks; a supervisor of another one makes way for one that can do it.
    pub version: String,
    /// Since when it stands, RFC 3339.
    pub since: String,
    /// Where it was given, see [`place`].
    #[serde(default)]
    pub place: Option<u64>,
    /// What is asked for.
    pub request: Request,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Do these runs.
    Run {
        /// What is to be done.
        jobs: Vec<Job>,
        /// On so many workers; `None` for one per core.
        workers: Option<usize>,
    },
    /// Stop these runs, or all.
    Stop {
        /// The runs; `None` for all.
        runs: Option<Vec<RunId>>,
    },
}

/// How the names of orders end that were set aside.
const BAD: &str = "bad";

/// Nobody takes so long to write an order, or to look why one was set aside.
const LONG_AGO: Duration = Duration::from_hours(1);

/// Name of an order: sorts by when it was given.
pub type OrderName = String;

/// What this program says of itself in orders, and compares in those of others: numbers and protocol must be the same.
pub fn version() -> String {
    format!("{} engine {ENGINE}", env!("CARGO_PKG_VERSION"))
}

/// Gives an order; where it stands.
pub fn give(folder: &Folder, request: Request) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    folder.make()?;
    let millis = (clock::unix_seconds() * 1000.0) as u64;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{millis:014}-{}-{count:06}.json", std::process::id());
    let order = Order { version: version(), since: clock::now(), place: place(folder), request };
    let path = folder.orders().join(name);
    atomic::write(&path, &serde_json::to_vec(&order)?)?;
    Ok(path)
}

/// Removes orders that were never given: whoever wrote them was killed over it long ago.
pub fn sweep(folder: &Folder) {
    let age = |path: &Path| fs::symlink_metadata(path).ok()?.modified().ok()?.elapsed().ok();
    for path in atomic::temporary_files(&folder.orders()) {
        if age(&path).is_some_and(|age| age > LONG_AGO) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The orders that stand, by name, first given first.
pub fn standing(folder: &Folder) -> BTreeMap<OrderName, PathBuf> {
    let entries = fs::read_dir(folder.orders()).into_iter().flatten().flatten();
    let order = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let is_order =
            entry.path().extension().is_some_and(|end| end == "json") && entry.file_type().ok()?.is_file();
        is_order.then(|| (name, entry.path()))
    };
    entries.filter_map(order).collect()
}

/// Reads an order; `None` if it is gone meanwhile. One that cannot be understood is an error of the kind
/// [`io::ErrorKind::InvalidData`].
pub fn read(path: &Path) -> io::Result<Option<Order>> {
    match files::read_own(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What every version of lowland says of an order, also of one that this one cannot read: its version, and since when
/// it stands.
pub fn head(path: &Path) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Head {
        version: String,
        since: String,
    }
    let head: Head = serde_json::from_slice(&files::read_own(path).ok()?).ok()?;
    Some((head.version, head.since))
}

/// What tells this folder of orders from every copy of it: its number on its disk, which is the same on every machine
/// that shares it.
pub fn place(folder: &Folder) -> Option<u64> {
    fs::symlink_metadata(folder.orders()).ok().map(|metadata| metadata.ino())
}

/// Whether an order was given here: whoever copies a notebook has not asked for its runs.
pub fn is_ours(order: &Order, folder: &Folder) -> bool {
    order.place.is_none() || order.place == place(folder)
}

/// Puts less in the place of an order.
pub fn rewrite(path: &Path, order: &Order) -> io::Result<()> {
    atomic::write(path, &serde_json::to_vec(order)?)
}

/// Takes an order away that is done.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Orders that were set aside and that nobody has looked into for long, with their lengths.
pub fn set_aside_long_ago(folder: &Folder) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder.orders()).into_iter().flatten().flatten();
    let old = |entry: fs::DirEntry| {
        let (path, metadata) = (entry.path(), entry.metadata().ok()?);
        let is_bad = metadata.is_file() && path.extension().is_some_and(|end| end == BAD);
        let age = metadata.modified().ok()?.elapsed().ok()?;
        let length = metadata.len();
        (is_bad && age > LONG_AGO).then_some((path, length))
    };
    entries.filter_map(old).collect()
}

/// Sets an order aside that cannot be understood: it would be stumbled over for ever.
pub fn set_aside(path: &Path) -> io::Result<()> {
    fs::rename(path, path.with_extension(BAD))
}
