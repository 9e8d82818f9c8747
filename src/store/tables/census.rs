//! Which summary names which file of curves: a file that some row still needs must not go, whoever wrote that row and
//! whether or not this version understands it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::{read, scan};
use crate::base::{atomic, files};

/// A file of curves without a summary may be one whose summary is about to be written, or is still being copied here.
const SETTLED: Duration = Duration::from_hours(1);

/// The names of curves in every summary there is.
#[derive(Debug)]
pub struct Census {
    names: BTreeMap<PathBuf, BTreeSet<String>>,
    /// Whether every summary could be asked.
    complete: bool,
}

impl Census {
    /// Asks every summary below `folder`.
    pub fn take(folder: &Path) -> Self {
        let mut census = Self { names: BTreeMap::new(), complete: true };
        for path in scan::files(folder).into_keys() {
            let names = files::read(&path).map_err(|error| error.to_string()).and_then(|bytes| {
                let sound = scan::check_name(&path, &bytes).and_then(|()| read::named_curves(&bytes));
                sound.map_err(read::Fault::words)
            });
            match names {
                Ok(names) => {
                    census.names.insert(path, names);
                }
                Err(_) => census.complete = false,
            }
        }
        census
    }

    /// Whether a row outside the summaries `besides` may need this file of curves.
    pub fn is_needed(&self, name: &str, besides: &[&Path]) -> bool {
        let mut others = self.names.iter().filter(|(path, _)| !besides.contains(&path.as_path()));
        !self.complete || others.any(|(_, names)| names.contains(name))
    }

    /// Files of curves below `folder` that no summary names and that were there an hour before `now` (seconds since
    /// 1970), with their lengths: a crash left them.
    pub fn strays(&self, folder: &Path, now: f64) -> Vec<(PathBuf, u64)> {
        let files = scan::files(folder).into_keys();
        let stray = |path: &PathBuf| {
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            let ours = path.file_name().is_some_and(|name| scan::is_hashed(&name.to_string_lossy()));
            ours && name.is_some_and(|name| !self.is_needed(name, &[])) && is_settled(path, now)
        };
        files.filter(stray).map(|path| (path.clone(), length(&path))).collect()
    }
}

/// Files of the partitions below `folder` that whoever wrote them did not finish, being killed over it more than an
/// hour before `now`, with their lengths.
pub fn half_written(folder: &Path, now: f64) -> Vec<(PathBuf, u64)> {
    let partitions = fs::read_dir(folder).into_iter().flatten().flatten();
    let partitions = partitions.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let files = partitions.flat_map(|partition| atomic::temporary_files(&partition.path()));
    files.filter(|path| is_settled(path, now)).map(|path| (path.clone(), length(&path))).collect()
}

fn length(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |metadata| metadata.len())
}

/// Whether nobody has put this file here in the hour before `now`. A copy keeps the time of its original, so it is
/// asked when the name or the content last changed on this disk.
pub fn is_settled(path: &Path, now: f64) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else { return false };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let changed = (metadata.ctime() as f64).max(modified.map_or(0.0, |since| since.as_secs_f64()));
    now - changed > SETTLED.as_secs_f64()
}

/// Run and record of every curve in a file, if it can be read.
pub fn owners(path: &Path) -> Option<BTreeSet<(String, String)>> {
    let bytes = files::read_own(path).ok()?;
    scan::check_name(path, &bytes).ok()?;
    read::owners(&bytes).ok()
}
