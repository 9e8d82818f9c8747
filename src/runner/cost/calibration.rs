//! The trials that were made, as a file of the notebook: `runs/.live/calibration.json`. It is a cache: one that is
//! damaged, foreign or gone costs a second of trying again.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Probe;
use crate::base::{atomic, files, paths};
use crate::spec::ENGINE;

/// Most hosts and trials that are kept, the latest of each.
const HOSTS: usize = 16;
const PROBES: usize = 64;

/// Longest file that is read: several times what the most trials take.
const LONGEST: u64 = 2 << 20;

/// The trials of one host, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    host: String,
    engine: u32,
    /// Seconds that a worker took to start.
    pub start: Option<f64>,
    /// Trials, the latest last.
    pub probes: Vec<Probe>,
}

/// Where the file is, in the notebook at `root`. Not through a link: a stranger's notebook could make one of it.
fn path(root: &Path) -> io::Result<PathBuf> {
    for part in ["runs", "runs/.live"] {
        let path = paths::inside(root, part).map_err(io::Error::other)?;
        if path.is_symlink() {
            return Err(io::Error::other(format!("`{part}` is a symbolic link")));
        }
    }
    Ok(root.join("runs/.live/calibration.json"))
}

/// What tells two states of the file apart without reading it.
pub fn stamp(root: &Path) -> Option<(u64, std::time::SystemTime)> {
    let metadata = fs::symlink_metadata(path(root).ok()?).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// Every host's, as far as they can be read.
fn read_all(root: &Path) -> Vec<Calibration> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        files::open_own(&path(root)?)?.take(LONGEST).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let hosts: Vec<Calibration> =
        read().ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let sound = |mut host: Calibration| {
        host.probes.retain(Probe::is_sound);
        host.start = host.start.filter(|start| (0.0..100.0).contains(start));
        host
    };
    hosts.into_iter().map(sound).collect()
}

impl Calibration {
    /// That of `host` in the notebook at `root`; empty if it has none.
    pub fn read(root: &Path, host: &str) -> Self {
        let of_host = |one: &Self| one.host == host && one.engine == ENGINE;
        let empty = || Self { host: host.to_owned(), engine: ENGINE, ..Self::default() };
        read_all(root).into_iter().find(of_host).unwrap_or_else(empty)
    }

    /// Takes in trials; each replaces what was known of its outline.
    pub fn add(&mut self, probes: Vec<Probe>, start: Option<f64>) {
        self.probes.retain(|old| probes.iter().all(|new| new.outline != old.outline));
        self.probes.extend(probes);
        self.probes.drain(..self.probes.len().saturating_sub(PROBES));
        self.start = start.or(self.start);
    }

    /// Writes it into the notebook at `root`, beside those of other hosts.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        let path = path(root)?;
        files::make_own_folder(&root.join("runs/.live"))?;
        let mut hosts = read_all(root);
        hosts.retain(|other| other.host != self.host);
        hosts.push(self.clone());
        hosts.drain(..hosts.len().saturating_sub(HOSTS));
        atomic::write(&path, &serde_json::to_vec(&hosts)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::cost::fixtures::{outline, probe};

    #[test]
    fn what_is_written_is_read_by_its_host_alone() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(stamp(root.path()), None);
        let mut here = Calibration::read(root.path(), "here");
        assert!(here.probes.is_empty());
        here.add(vec![probe(&outline(64, 4), 1e-10)], Some(0.02));
        here.write(root.path()).unwrap();
        let mut there = Calibration::read(root.path(), "there");
        assert!(there.probes.is_empty());
        there.add(vec![probe(&outline(64, 4), 2e-10)], None);
        there.write(root.path()).unwrap();
        assert_eq!(Calibration::read(root.path(), "here"), here);
        assert_eq!(Calibration::read(root.path(), "there"), there);
        assert!(stamp(root.path()).is_some());
        let other_engine = Calibration { engine: ENGINE + 1, ..here.clone() };
        other_engine.write(root.path()).unwrap();
        assert!(Calibration::read(root.path(), "here").probes.is_empty());
    }

    #[test]
    fn it_keeps_the_latest_and_only_so_many() {
        let root = tempfile::tempdir().unwrap();
        let mut here = Calibration::read(root.path(), "here");
        for batch in 1..200 {
            here.add(vec![probe(&outline(64, batch), 1e-10)], None);
            here.add(vec![probe(&outline(64, batch), 3e-10)], None);
        }
        assert_eq!(here.probes.len(), PROBES);
        assert!(here.probes.iter().all(|probe| probe.rates.steps == 3e-10));
        assert_eq!(here.probes.last().unwrap().outline.batch, 199);
        for host in 0..30 {
            let host = Calibration { host: host.to_string(), ..here.clone() };
            host.write(root.path()).unwrap();
        }
        let length = stamp(root.path()).unwrap().0;
        assert!(length < LONGEST / 2, "{length}");
        assert_eq!(Calibration::read(root.path(), "29").probes.len(), PROBES);
        assert!(Calibration::read(root.path(), "3").probes.is_empty());
    }

    #[test]
    fn damage_is_as_good_as_nothing() {
        let root = tempfile::tempdir().unwrap();
        let mut here = Calibration::read(root.path(), "here");
        here.add(vec![probe(&outline(64, 4), 1e-10)], Some(0.02));
        here.write(root.path()).unwrap();
        let path = path(root.path()).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        for (damaged, probes, start) in [
            (String::new(), 0, None),
            ("[".to_owned(), 0, None),
            (whole[..whole.len() / 2].to_owned(), 0, None),
            ("\u{0}\u{ff}".repeat(1000), 0, None),
            ("[".repeat(100_000), 0, None),
            (whole.replace("\"start\"", "\"strat\""), 0, None),
            (whole.replace("\"steps\":1e-10", "\"steps\":null"), 0, None),
            (whole.replace("\"steps\":1e-10", "\"steps\":-1e-10"), 0, Some(0.02)),
            (whole.replace("\"widths\":[", "\"widths\":[0,"), 0, Some(0.02)),
            (whole.replace("\"start\":0.02", "\"start\":1e99"), 1, None),
            (whole.clone(), 1, Some(0.02)),
        ] {
            fs::write(&path, &damaged).unwrap();
            let read = Calibration::read(root.path(), "here");
            assert_eq!((read.probes.len(), read.start), (probes, start), "{damaged:.200}");
        }
        // And it is replaced.
        fs::write(&path, "[").unwrap();
        here.write(root.path()).unwrap();
        assert_eq!(Calibration::read(root.path(), "here"), here);
    }

    #[test]
    fn nothing_is_read_or_written_through_a_link() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut here = Calibration::read(root.path(), "here");
        here.add(vec![probe(&outline(64, 4), 1e-10)], None);
        here.write(other.path()).unwrap();
        let there = other.path().join("runs/.live/calibration.json");
        let before = fs::read(&there).unwrap();
        fs::create_dir_all(root.path().join("runs/.live")).unwrap();
        std::os::unix::fs::symlink(&there, path(root.path()).unwrap()).unwrap();
        assert!(Calibration::read(root.path(), "here").probes.is_empty());
        here.add(vec![probe(&outline(64, 8), 1e-10)], None);
        here.write(root.path()).unwrap();
        assert_eq!(fs::read(&there).unwrap(), before, "the link was replaced and not followed");
        fs::remove_dir_all(root.path().join("runs")).unwrap();
        std::os::unix::fs::symlink(other.path().join("runs"), root.path().join("runs")).unwrap();
        assert!(here.write(root.path()).is_err());
        assert!(Calibration::read(root.path(), "here").probes.is_empty());
    }
}
