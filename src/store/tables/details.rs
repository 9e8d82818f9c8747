//! The tables `spectra` and `slices`: what was measured of a run and is no number. A file holds those of the runs that
//! were stored together; nothing names it, so readers look into all of them, each once.
//!
//! A run has one of each quantity, step, way and other end. What is stored twice of it came from the same weights by the
//! same arithmetic: the last one read stands.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use polars::prelude::{Column, DataFrame, NamedFrom, Series};

use super::read::{Fault, real, text, whole};
use super::scan::{self, Opened, Stamp};
use super::steps::Step;
use super::{ATTEMPTS, Store, write};
use crate::base::{Diagnostic, RunId};
use crate::data::parquet::{self, Columns};
use crate::science::measures::details::{Details, Slice, Spectrum};
use crate::store::StoreError;

/// The folders of the two tables.
const SPECTRA: &str = "spectra";
const SLICES: &str = "slices";

/// Files read so far, each with the state it was read in and what it holds by run.
pub(super) type Read = HashMap<PathBuf, (Stamp, Arc<Vec<(RunId, Details)>>)>;

/// Both tables of some runs, as they are written; none where there is nothing to write.
pub(super) fn encoded(runs: &[(&RunId, &Details)]) -> Result<Vec<(&'static str, Vec<u8>)>, StoreError> {
    let spectra: Vec<(&RunId, &Spectrum)> =
        runs.iter().flat_map(|(run, details)| details.spectra.iter().map(|one| (*run, one))).collect();
    let slices: Vec<(&RunId, &Slice)> =
        runs.iter().flat_map(|(run, details)| details.slices.iter().map(|one| (*run, one))).collect();
    let mut tables = Vec::new();
    if !spectra.is_empty() {
        tables.push((SPECTRA, write::encode(&mut spectra_frame(&spectra)?)?));
    }
    if !slices.is_empty() {
        tables.push((SLICES, write::encode(&mut slices_frame(&slices)?)?));
    }
    Ok(tables)
}

fn spectra_frame(spectra: &[(&RunId, &Spectrum)]) -> Result<DataFrame, StoreError> {
    let words = |name: &str, word: &dyn Fn(&RunId, &Spectrum) -> String| {
        repeated(name, spectra.iter().map(|(run, one)| (word(run, one), one.value.len())))
    };
    let numbers = |name: &str, number: &dyn Fn(&Spectrum) -> u64| {
        wholes(name, spectra.iter().map(|(_, one)| (number(one), one.value.len())))
    };
    let reals = |name: &str, column: &dyn Fn(&Spectrum) -> Vec<f64>| {
        present(name, spectra.iter().flat_map(|(_, one)| column(one)))
    };
    write::frame(vec![
        words("run", &|run, _| run.to_string()),
        words("quantity", &|_, one| one.quantity.clone()),
        numbers("step", &|one| one.step),
        numbers("examples", &|one| one.examples),
        parts(spectra.iter().flat_map(|(_, one)| one.part.iter())),
        reals("value", &|one| one.value.clone()),
        reals("weight", &|one| one.weight.clone()),
        reals("residual", &|one| one.residual.clone()),
    ])
}

fn slices_frame(slices: &[(&RunId, &Slice)]) -> Result<DataFrame, StoreError> {
    let words = |name: &str, word: &dyn Fn(&RunId, &Slice) -> String| {
        repeated(name, slices.iter().map(|(run, one)| (word(run, one), one.loss.len())))
    };
    let numbers = |name: &str, number: &dyn Fn(&Slice) -> u64| {
        wholes(name, slices.iter().map(|(_, one)| (number(one), one.loss.len())))
    };
    let reals = |name: &str, column: &dyn Fn(&Slice) -> Vec<f64>| {
        present(name, slices.iter().flat_map(|(_, one)| column(one)))
    };
    write::frame(vec![
        words("run", &|run, _| run.to_string()),
        words("quantity", &|_, one| one.quantity.clone()),
        words("path", &|_, one| one.path.clone()),
        words("other", &|_, one| one.other.clone()),
        numbers("step", &|one| one.step),
        numbers("examples", &|one| one.examples),
        parts(slices.iter().flat_map(|(_, one)| one.part.iter())),
        reals("x", &|one| one.x.clone()),
        reals("y", &|one| one.y.clone()),
        reals("loss", &|one| one.loss.clone()),
        reals("error", &|one| one.error.clone()),
    ])
}

fn repeated(name: &str, values: impl Iterator<Item = (String, usize)>) -> Column {
    let rows: Vec<String> = values.flat_map(|(value, rows)| vec![value; rows]).collect();
    Series::new(name.into(), rows).into()
}

fn wholes(name: &str, values: impl Iterator<Item = (u64, usize)>) -> Column {
    let rows: Vec<u64> = values.flat_map(|(value, rows)| vec![value; rows]).collect();
    Series::new(name.into(), rows).into()
}

fn parts<'a>(values: impl Iterator<Item = &'a u32>) -> Column {
    let rows: Vec<u64> = values.map(|part| u64::from(*part)).collect();
    Series::new("part".into(), rows).into()
}

/// What is NaN is null in the table, where averages skip it.
fn present(name: &str, values: impl Iterator<Item = f64>) -> Column {
    let rows: Vec<Option<f64>> = values.map(|value| (!value.is_nan()).then_some(value)).collect();
    Series::new(name.into(), rows).into()
}

/// What a file holds, by run.
fn decoded(bytes: &[u8], table: &str) -> Result<Vec<(RunId, Details)>, Fault> {
    let frame = parquet::decode(bytes, Columns::All).map_err(Fault::Damaged)?.frame;
    let found = if table == SPECTRA { spectra_of(&frame) } else { slices_of(&frame) };
    found.map_err(Fault::Foreign)
}

fn spectra_of(frame: &DataFrame) -> Result<Vec<(RunId, Details)>, String> {
    let (run, quantity) = (text(frame, "run")?, text(frame, "quantity")?);
    let [step, examples, part] = ["step", "examples", "part"].map(|name| whole(frame, name));
    let (step, examples, part) = (step?, examples?, part?);
    let [value, weight, residual] = ["value", "weight", "residual"].map(|name| real(frame, name));
    let (value, weight, residual) = (value?, weight?, residual?);
    let mut found: BTreeMap<(RunId, String, u64), Spectrum> = BTreeMap::new();
    for row in 0..frame.height() {
        let (Some(Ok(run)), Some(name)) = (run.get(row).map(str::parse), quantity.get(row)) else { continue };
        let step = step.get(row).unwrap_or_default();
        let spectrum = found.entry((run, name.to_owned(), step)).or_insert_with(|| Spectrum {
            step,
            ..Spectrum::of(name, examples.get(row).unwrap_or_default() as usize)
        });
        let of = |column: &polars::prelude::Float64Chunked| column.get(row).unwrap_or(f64::NAN);
        spectrum.push(part.get(row).unwrap_or_default() as usize, of(&value), of(&weight), of(&residual));
    }
    let single = |spectrum| Details { spectra: vec![spectrum], slices: Vec::new() };
    Ok(found.into_iter().map(|((run, ..), spectrum)| (run, single(spectrum))).collect())
}

fn slices_of(frame: &DataFrame) -> Result<Vec<(RunId, Details)>, String> {
    let [run, quantity, path, other] = ["run", "quantity", "path", "other"].map(|name| text(frame, name));
    let (run, quantity, path, other) = (run?, quantity?, path?, other?);
    let [step, examples, part] = ["step", "examples", "part"].map(|name| whole(frame, name));
    let (step, examples, part) = (step?, examples?, part?);
    let [x, y, loss, error] = ["x", "y", "loss", "error"].map(|name| real(frame, name));
    let (x, y, loss, error) = (x?, y?, loss?, error?);
    let mut found: BTreeMap<(RunId, [String; 3], u64), Slice> = BTreeMap::new();
    for row in 0..frame.height() {
        let Some(Ok(run)) = run.get(row).map(str::parse) else { continue };
        let words = [&quantity, &path, &other].map(|column| column.get(row).unwrap_or_default().to_owned());
        let step = step.get(row).unwrap_or_default();
        let slice = found.entry((run, words.clone(), step)).or_insert_with(|| {
            let [quantity, path, other] = &words;
            let examples = examples.get(row).unwrap_or_default() as usize;
            Slice { step, other: other.clone(), ..Slice::of(quantity, path, examples) }
        });
        let of = |column: &polars::prelude::Float64Chunked| column.get(row).unwrap_or(f64::NAN);
        let part = part.get(row).unwrap_or_default() as usize;
        slice.push(part, [of(&x), of(&y)], (of(&loss), of(&error)));
    }
    let single = |slice| Details { spectra: Vec::new(), slices: vec![slice] };
    Ok(found.into_iter().map(|((run, ..), slice)| (run, single(slice))).collect())
}

/// Adds `more`, which takes the place of what is there of the same quantity, step, way and other end.
pub(super) fn unite(details: &mut Details, more: &Details) {
    for spectrum in &more.spectra {
        details.spectra.retain(|own| (&own.quantity, own.step) != (&spectrum.quantity, spectrum.step));
        details.spectra.push(spectrum.clone());
    }
    for slice in &more.slices {
        let key =
            |slice: &Slice| (slice.quantity.clone(), slice.step, slice.path.clone(), slice.other.clone());
        details.slices.retain(|own| key(own) != key(slice));
        details.slices.push(slice.clone());
    }
}

impl Store {
    /// Adds spectra and slices of runs that are stored already.
    pub fn add_details(&self, runs: &[(RunId, Details)]) -> Result<(), StoreError> {
        let runs: Vec<_> = runs.iter().map(|(run, details)| (run, details)).collect();
        self.append_details(&runs, &super::today())
    }

    /// Adds spectra and slices of runs, as one file per table, into the folder of a day.
    pub(super) fn append_details(
        &self,
        runs: &[(&RunId, &Details)],
        partition: &str,
    ) -> Result<(), StoreError> {
        for (table, bytes) in encoded(runs)? {
            write::place(&self.folder(&format!("{table}/{partition}"))?, &bytes)?;
        }
        Ok(())
    }

    /// What was measured of these runs and is no number; what was wrong with which file goes to `problems`.
    pub(super) fn read_details(
        &self,
        wanted: &HashSet<&RunId>,
        problems: &mut Vec<Diagnostic>,
    ) -> HashMap<RunId, Details> {
        let mut read = self.details.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files = self.details_files();
        for _ in 0..ATTEMPTS {
            read.retain(|path, (stamp, _)| files.get(path).is_some_and(|(now, _)| now == stamp));
            let mut gone = false;
            for (path, (stamp, table)) in &files {
                if read.contains_key(path) {
                    continue;
                }
                match scan::open(&self.root, path, problems, |bytes| decoded(bytes, table)) {
                    Opened::Sound(found) => {
                        read.insert(path.clone(), (stamp.clone(), Arc::new(found)));
                    }
                    Opened::Gone => gone = true,
                    Opened::Damaged | Opened::Unsound => {}
                }
            }
            if !gone {
                break;
            }
            // It was compacted after it was listed: there is another one with the same in it.
            files = self.details_files();
        }
        let mut details: HashMap<RunId, Details> = HashMap::new();
        for path in files.keys() {
            let Some((_, found)) = read.get(path) else { continue };
            for (run, more) in found.iter().filter(|(run, _)| wanted.contains(run)) {
                unite(details.entry(run.clone()).or_default(), more);
            }
        }
        details
    }

    /// The files of both tables, each with the table it is of.
    pub(super) fn details_files(&self) -> BTreeMap<PathBuf, (Stamp, &'static str)> {
        let tables =
            [SPECTRA, SLICES].into_iter().filter_map(|table| Some((self.folder(table).ok()?, table)));
        tables
            .filter(|(folder, _)| folder.is_dir())
            .flat_map(|(folder, table)| {
                scan::files(&folder).into_iter().map(move |(path, stamp)| (path, (stamp, table)))
            })
            .collect()
    }

    /// The steps that leave nothing of runs that are not `kept`, and the bytes that are freed.
    pub(super) fn discard_details(
        &self,
        kept: &dyn Fn(&RunId) -> bool,
    ) -> Result<(Vec<Step>, u64), StoreError> {
        let (mut steps, mut freed) = (Vec::new(), 0);
        for (path, (_, table)) in self.details_files() {
            let Some(rows) = sound(&path, table) else { continue };
            if rows.iter().all(|(run, _)| kept(run)) {
                continue;
            }
            let stay: Vec<_> =
                rows.iter().filter(|(run, _)| kept(run)).map(|(run, details)| (run, details)).collect();
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let mut written = 0;
            for (_, bytes) in encoded(&stay)? {
                written += bytes.len() as u64;
                steps.push(Step::Write { folder: folder.clone(), bytes });
            }
            freed += std::fs::metadata(&path).map_or(0, |file| file.len()).saturating_sub(written);
            steps.push(Step::Remove(path));
        }
        Ok((steps, freed))
    }
}

/// What a file of ours holds; nothing of another's, which is not ours to change, and nothing of one with columns that
/// this version of lowland does not know.
pub(super) fn sound(path: &Path, table: &str) -> Option<Vec<(RunId, Details)>> {
    let ours = path.file_name().is_some_and(|name| scan::is_hashed(&name.to_string_lossy()));
    let bytes = ours.then(|| crate::base::files::read_own(path).ok())??;
    scan::check_name(path, &bytes).ok()?;
    let known = if table == SPECTRA { spectra_frame(&[]) } else { slices_frame(&[]) }.ok()?;
    let frame = parquet::decode(&bytes, Columns::All).ok()?.frame;
    let is_known = frame.columns().iter().all(|column| known.column(column.name()).is_ok());
    is_known.then(|| decoded(&bytes, table).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::record;
    use crate::store::{Curve, Status};

    fn details(value: f64) -> Details {
        let mut spectrum = Spectrum { step: 7, ..Spectrum::of("spectrum", 5) };
        spectrum.push(0, value, 0.5, f64::NAN);
        spectrum.push(1, -value, 0.5, f64::NAN);
        let mut slice = Slice { other: "b".to_owned(), ..Slice::of("barrier", "line", 5) };
        slice.push(0, [0.0, 0.0], (value, f64::NAN));
        slice.push(0, [1.0, 0.0], (value + 1.0, 0.25));
        Details { spectra: vec![spectrum], slices: vec![slice] }
    }

    /// A store with two runs, each with its own.
    fn store(root: &Path) -> (Store, [RunId; 2]) {
        let store = Store::open(root);
        let runs = ["a", "b"].map(|name| record(name, Status::Done));
        for (record, value) in runs.iter().zip([1.0, 2.0]) {
            let mut curve = Curve::default();
            curve.push(0, 0.0, &BTreeMap::from([("train_loss".to_owned(), 1.0)]));
            curve.details = details(value);
            store.append(&[(record.clone(), curve)]).unwrap();
        }
        let [a, b] = runs.map(|record| record.run);
        (store, [a, b])
    }

    #[test]
    fn what_was_stored_comes_back_with_its_curve() {
        let folder = tempfile::tempdir().unwrap();
        let (store, [a, b]) = store(folder.path());
        let records = store.read_summaries().0;
        let wanted: Vec<_> =
            records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
        for store in [&store, &Store::open(folder.path())] {
            let (curves, problems) = store.read_curves(&wanted);
            assert!(problems.is_empty(), "{problems:?}");
            for (run, value) in [(&a, 1.0), (&b, 2.0)] {
                assert_eq!(format!("{:?}", curves[run].details), format!("{:?}", details(value)));
            }
        }
    }

    #[test]
    fn what_is_stored_again_stands_once_and_what_is_discarded_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (store, [a, b]) = store(folder.path());
        let again = details(9.0);
        store.append_details(&[(&a, &again)], "date=2026-01-01").unwrap();
        let read = |store: &Store| store.read_details(&HashSet::from([&a, &b]), &mut Vec::new());
        let found = read(&store);
        assert_eq!((found[&a].spectra.len(), found[&a].slices.len()), (1, 1));
        let (steps, freed) = store.discard_details(&|run| *run == b).unwrap();
        for step in &steps {
            step.take().unwrap();
        }
        let found = read(&store);
        assert!(!found.contains_key(&a) && found[&b].spectra.len() == 1 && freed > 0);
        assert!(store.discard_details(&|run| *run == b).unwrap().0.is_empty());
    }

    #[test]
    fn a_damaged_file_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (store, [a, b]) = store(folder.path());
        let path = store.details_files().into_iter().find(|(_, (_, table))| *table == SPECTRA).unwrap().0;
        std::fs::write(&path, b"PAR1 no").unwrap();
        let mut problems = Vec::new();
        let found = Store::open(folder.path()).read_details(&HashSet::from([&a, &b]), &mut problems);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(found.values().map(|details| details.spectra.len()).sum::<usize>(), 1);
        assert_eq!(found.values().map(|details| details.slices.len()).sum::<usize>(), 2);
    }
}
