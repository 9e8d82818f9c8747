//! The small files of spectra and slices of a day become few, as those of the other tables do.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::compact::MOST_BYTES;
use super::details::{self, encoded, unite};
use super::steps::{Step, Taker};
use super::{Store, bundle};
use crate::base::RunId;
use crate::science::measures::details::Details;
use crate::store::StoreError;

impl Store {
    /// Merges them, by whoever takes the steps: how many files of which sizes became how many.
    pub(super) fn merge_details(&self, take: &mut Taker<'_>) -> Result<(usize, usize), StoreError> {
        let mut folders: BTreeMap<PathBuf, (&str, Vec<File>)> = BTreeMap::new();
        for (path, (_, table)) in self.details_files() {
            let length = fs::metadata(&path).map_or(0, |file| file.len());
            let day = path.parent().filter(|folder| is_day(folder));
            if let Some(folder) = day.filter(|_| length <= MOST_BYTES / 2) {
                let files = folders.entry(folder.to_owned()).or_insert_with(|| (table, Vec::new()));
                files.1.push((path, length));
            }
        }
        let (mut files, mut into) = (0, 0);
        for (folder, (table, small)) in folders {
            for group in groups(small) {
                let steps = merged(&folder, table, &group)?;
                if !steps.is_empty() {
                    files += steps.iter().filter(|step| matches!(step, Step::Remove(_))).count();
                    into += 1;
                    steps.iter().try_for_each(&mut *take)?;
                }
            }
        }
        Ok((files, into))
    }
}

/// A file and its length.
type File = (PathBuf, u64);

/// Whether a folder of a table is one that lowland makes.
fn is_day(folder: &Path) -> bool {
    folder.file_name().and_then(|name| name.to_str()).is_some_and(bundle::is_partition)
}

/// The steps that make one file of those of a group that lowland wrote and understands; none for fewer than two.
fn merged(folder: &Path, table: &str, group: &[PathBuf]) -> Result<Vec<Step>, StoreError> {
    let mut old = Vec::new();
    let mut runs: HashMap<RunId, Details> = HashMap::new();
    for path in group {
        if let Some(found) = details::sound(path, table) {
            for (run, more) in &found {
                unite(runs.entry(run.clone()).or_default(), more);
            }
            old.push(path);
        }
    }
    if old.len() < 2 {
        return Ok(Vec::new());
    }
    // By content, as files are named.
    let mut runs: Vec<_> = runs.iter().collect();
    runs.sort_by_key(|(run, _)| *run);
    let new = encoded(&runs)?.into_iter().map(|(_, bytes)| Step::Write { folder: folder.to_owned(), bytes });
    Ok(new.chain(old.into_iter().cloned().map(Step::Remove)).collect())
}

/// Files that together are not too large, in order.
fn groups(files: Vec<File>) -> Vec<Vec<PathBuf>> {
    let mut groups: Vec<(u64, Vec<PathBuf>)> = Vec::new();
    for (path, length) in files {
        match groups.last_mut() {
            Some((bytes, group)) if *bytes + length <= MOST_BYTES => {
                *bytes += length;
                group.push(path);
            }
            _ => groups.push((length, vec![path])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::science::measures::details::{Slice, Spectrum};

    fn run(name: &str) -> RunId {
        RunId::of(&[name.as_bytes()])
    }

    fn details(value: f64, step: u64) -> Details {
        let mut spectrum = Spectrum { step, ..Spectrum::of("spectrum", 5) };
        spectrum.push(0, value, 0.5, f64::NAN);
        let mut slice = Slice { step, ..Slice::of("slice", "line", 5) };
        slice.push(0, [0.0, 0.0], (value, f64::NAN));
        Details { spectra: vec![spectrum], slices: vec![slice] }
    }

    #[test]
    fn after_any_step_everything_is_there_and_in_the_end_in_few_files() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let runs: Vec<RunId> = (0..4).map(|k| run(&format!("run {k}"))).collect();
        for (k, one) in runs.iter().enumerate() {
            store.append_details(&[(one, &details(k as f64, 7))], "date=2026-01-01").unwrap();
            store.append_details(&[(one, &details(9.0, 8))], "date=2026-01-01").unwrap();
        }
        // Not lowland's: of another day's name, and of another content than it is named after.
        let strange =
            folder.path().join("runs/spectra/date=2026-01-01/0123456789abcdef0123456789abcdef.parquet");
        fs::write(&strange, b"PAR1 no").unwrap();
        let wanted: HashSet<&RunId> = runs.iter().collect();
        let all = |store: &Store| {
            let mut found: Vec<_> = store.read_details(&wanted, &mut Vec::new()).into_iter().collect();
            found.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, details) in &mut found {
                details.spectra.sort_by_key(|one| one.step);
                details.slices.sort_by_key(|one| one.step);
            }
            format!("{found:?}")
        };
        let before = all(&store);
        let mut took = 0;
        let merged = store
            .merge_details(&mut |step| {
                step.take()?;
                took += 1;
                assert_eq!(all(&Store::open(folder.path())), before, "after step {took}");
                Ok(())
            })
            .unwrap();
        assert_eq!((merged, took), ((16, 2), 18));
        assert_eq!(all(&store), before);
        assert_eq!(store.details_files().len(), 3);
        assert_eq!(store.merge_details(&mut Step::take).unwrap(), (0, 0));
        assert!(strange.exists());
    }
}
