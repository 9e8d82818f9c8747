//! A run may have been stored more than once: by two people, or again because another cell measures something else of
//! it. One storing stands for the run, and what the others measured of the very same training is added to it. Were it
//! not, two cells that share a run and measure different things would make each other stale for ever.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::base::RunId;
use crate::spec::{CATALOGUE, Quantity, measured_how, measured_quantity};
use crate::store::{Curve, RunRecord};

/// One record per run, by run id, of these, each with whether the file of its curve is lost. A result that is whole
/// goes before all else, then the one that measured more, then the later; it keeps its own id, and has the measures of
/// its siblings besides its own. One whose curve is lost adds nothing to one that is whole: what it measured along the
/// way is gone.
pub fn merge<'a>(records: impl IntoIterator<Item = (&'a Arc<RunRecord>, bool)>) -> Vec<Arc<RunRecord>> {
    let mut runs: BTreeMap<&RunId, Vec<Storing>> = BTreeMap::new();
    for (record, lost) in records {
        runs.entry(&record.run).or_default().push(Storing { record: Arc::clone(record), lost });
    }
    runs.into_values().filter_map(unite).collect()
}

/// One storing of a run.
struct Storing {
    record: Arc<RunRecord>,
    /// Whether its curve is lost.
    lost: bool,
}

/// The storing that stands for a run, with what the others add.
fn unite(mut storings: Vec<Storing>) -> Option<Arc<RunRecord>> {
    storings.sort_by(|a, b| b.rank().cmp(&a.rank()));
    let mut storings = storings.into_iter();
    let Storing { record: mut united, lost } = storings.next()?;
    for Storing { record: other, .. } in storings.filter(|other| other.lost == lost) {
        if is_same_training(&united, &other)
            && other.measured.iter().any(|how| !united.measured.contains(how))
        {
            let contested = contested(&united, &other);
            add(Arc::make_mut(&mut united), &other, &contested);
        }
    }
    if lost {
        Arc::make_mut(&mut united).lost_curve = true;
    }
    Some(united)
}

impl Storing {
    /// What decides, most important first. Of those that are no whole results the latest says how it stands: that the
    /// run failed, or that it came to a result once.
    fn rank(&self) -> (bool, usize, &str, &str, &str) {
        let (is_result, measured, finished, record, host) = rank(&self.record);
        let is_whole = is_result && !self.lost;
        (is_whole, if is_whole { measured } else { 0 }, finished, record, host)
    }
}

/// The same without regard to the curve; the record's own id and where it was made leave nothing to chance.
fn rank(record: &RunRecord) -> (bool, usize, &str, &str, &str) {
    (record.status.is_result(), record.measured.len(), &record.finished, &record.record, &record.host)
}

/// Those of `storings`, all of one run, whose curves make up that of the storing `record`, it first.
pub fn siblings(mut storings: Vec<Arc<RunRecord>>, record: &str) -> Vec<Arc<RunRecord>> {
    storings.sort_by(|a, b| {
        let order = |storing: &RunRecord| storing.record == record;
        (order(b), rank(b)).cmp(&(order(a), rank(a)))
    });
    let Some(first) = storings.first().filter(|first| first.record == record).cloned() else {
        return Vec::new();
    };
    // A record may have been stored more than once, at different times: all the same, it is one.
    let mut seen = HashSet::new();
    storings.retain(|other| {
        (other.record == record || is_same_training(&first, other)) && seen.insert(other.record.clone())
    });
    storings
}

/// The curve of the first storing, with the columns and points that the others add.
pub fn join(storings: impl IntoIterator<Item = (Arc<RunRecord>, Curve)>) -> Option<Curve> {
    let mut storings = storings.into_iter();
    let (mut united, mut curve) = storings.next()?;
    for (record, other) in storings {
        let contested = contested(&united, &record);
        curve = joined(&curve, &other, |column| !contested.contains(&column));
        add(Arc::make_mut(&mut united), &record, &contested);
    }
    Some(curve)
}

/// Whether two storings of a run are of the same training, bit for bit, as far as what is always measured tells: one
/// may come from a machine with other numerics.
fn is_same_training(a: &RunRecord, b: &RunRecord) -> bool {
    let alike = |name: &str| match (a.measures.get(name), b.measures.get(name)) {
        (Some(a), Some(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        _ => true,
    };
    let ended_alike = a.status.is_result() && (a.status, a.steps) == (b.status, b.steps);
    ended_alike && CATALOGUE.iter().filter(|info| info.always).all(|info| alike(info.name))
}

/// Columns that `other` cannot add to, since `united` measured the same quantity with other settings.
fn contested<'a>(united: &RunRecord, other: &'a RunRecord) -> Vec<&'a str> {
    let differs = |how: &str| {
        let same_name = |mine: &&String| measured_quantity(mine) == measured_quantity(how);
        united.measured.iter().filter(same_name).any(|mine| measured_how(mine) != measured_how(how))
    };
    let names = other.measured.iter().filter(|how| differs(how)).map(|how| measured_quantity(how));
    names
        .flat_map(|name| Quantity::named(name).map_or(vec![name], |found| found.columns().to_vec()))
        .collect()
}

/// Adds what `other` measured and `united` did not. Where both have a value, that of `united` stands.
fn add(united: &mut RunRecord, other: &RunRecord, contested: &[&str]) {
    for how in other.measured.iter().filter(|how| !contested.contains(&measured_quantity(how))) {
        if !united.measured.contains(how) {
            united.measured.push(how.clone());
        }
    }
    for (name, &value) in other.measures.iter().filter(|(name, _)| !contested.contains(&name.as_str())) {
        united.measures.entry(name.clone()).or_insert(value);
    }
}

/// Both curves by step. Where both have a value, that of `mine` stands.
fn joined(mine: &Curve, other: &Curve, passes: impl Fn(&str) -> bool) -> Curve {
    let rows =
        |curve: &Curve| curve.steps.iter().copied().zip(curve.epochs.iter().copied()).collect::<Vec<_>>();
    let epochs: BTreeMap<u64, f64> = rows(other).into_iter().chain(rows(mine)).collect();
    let steps: Vec<u64> = epochs.keys().copied().collect();
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let added = other.columns.keys().filter(|name| passes(name)).map(|name| (other, name));
    for (curve, name) in added.chain(mine.columns.keys().map(|name| (mine, name))) {
        let column = columns.entry(name.clone()).or_insert_with(|| vec![f64::NAN; steps.len()]);
        for (step, value) in curve.points(name) {
            if let Some(slot) = steps.binary_search(&step).ok().and_then(|row| column.get_mut(row)) {
                *slot = value;
            }
        }
    }
    let details = mine.details.clone();
    Curve { steps, epochs: epochs.into_values().collect(), columns, details }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::record;
    use crate::store::{Status, Store};

    /// A storing of one run that measured `how`, with a value for each of `measures`.
    fn storing(id: &str, how: &[&str], measures: &[(&str, f64)]) -> RunRecord {
        let mut storing = record("a", Status::Done);
        id.clone_into(&mut storing.record);
        storing.measured = how.iter().map(|&how| how.to_owned()).collect();
        storing.measures = measures.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        storing
    }

    fn curve(rows: &[(u64, &str, f64)]) -> Curve {
        let mut curve = Curve::default();
        for &(step, name, value) in rows {
            curve.push(step, step as f64 / 10.0, &BTreeMap::from([(name.to_owned(), value)]));
        }
        curve
    }

    fn merged(a: &RunRecord, b: &RunRecord) -> RunRecord {
        let records = [Arc::new(a.clone()), Arc::new(b.clone())];
        let all = || records.iter().map(|record| (record, false));
        let (there, back) = (merge(all()), merge(all().rev()));
        assert_eq!(there, back, "the order of files decides nothing");
        there[0].as_ref().clone()
    }

    #[test]
    fn what_two_cells_measured_of_one_run_is_united() {
        let a = storing("1", &["lambda_max(x)"], &[("train_loss", 0.5), ("lambda_max", 8.0)]);
        let b = storing("2", &["weight_norm()@every5"], &[("train_loss", 0.5), ("sam_sharpness", 1.0)]);
        let united = merged(&a, &b);
        assert_eq!(united.record, "2");
        assert_eq!(united.measured, ["weight_norm()@every5", "lambda_max(x)"]);
        let values = [("lambda_max", 8.0), ("sam_sharpness", 1.0), ("train_loss", 0.5)];
        assert!(united.measures.iter().map(|(name, &value)| (name.as_str(), value)).eq(values));
    }

    /// Storings, each with whether its curve is lost; which stands, what it measured, whether its curve is lost.
    type Case<'a> = (Vec<(&'a Arc<RunRecord>, bool)>, &'a str, usize, bool);

    #[test]
    fn a_storing_whose_curve_is_lost_stands_only_where_no_other_is_whole() {
        let at = |minute: u32| format!("2026-11-22T09:{minute:02}:00.000Z");
        let result = |id: &str, how: &[&str], minute: u32| {
            Arc::new(RunRecord { finished: at(minute), ..storing(id, how, &[]) })
        };
        let failed = |minute: u32| {
            Arc::new(RunRecord { status: Status::Failed, finished: at(minute), ..storing("f", &[], &[]) })
        };
        let (much, little) = (result("1", &["a()", "b()"], 1), result("2", &["a()"], 2));
        let again = result("1", &["a()", "b()"], 3);
        let (early, late) = (failed(0), failed(4));
        let table: Vec<Case<'_>> = vec![
            (vec![(&much, false), (&little, true)], "1", 2, false),
            (vec![(&much, true), (&little, false)], "2", 1, false),
            (vec![(&much, true), (&little, true)], "2", 2, true),
            (vec![(&much, true), (&again, false)], "1", 2, false),
            (vec![(&much, true), (&early, false)], "1", 2, true),
            (vec![(&much, true), (&late, false)], "f", 0, false),
            (vec![(&much, false), (&late, false)], "1", 2, false),
        ];
        for (storings, record, measured, lost) in table {
            for storings in [storings.clone(), storings.iter().rev().copied().collect()] {
                let merged = merge(storings.iter().copied());
                assert_eq!(merged.len(), 1);
                let found = (merged[0].record.as_str(), merged[0].measured.len(), merged[0].lost_curve);
                assert_eq!(found, (record, measured, lost), "{storings:?}");
            }
        }
    }

    #[test]
    fn what_is_not_of_the_same_training_or_measured_otherwise_is_not_mixed() {
        let base = storing("2", &["lambda_max(x)"], &[("train_loss", 0.5), ("lambda_max", 8.0)]);
        let how = "hessian_trace(probes=4)";
        let trace = [("train_loss", 0.5), ("hessian_trace", 3.0)];
        let other = storing("1", &[how], &trace);
        assert!(merged(&base, &other).measured.contains(&how.to_owned()));
        let differing = [
            RunRecord { status: Status::Diverged, ..other.clone() },
            RunRecord { status: Status::Failed, ..other.clone() },
            RunRecord { steps: other.steps + 1, ..other.clone() },
            storing("1", &[how], &[("train_loss", 0.5 + f64::EPSILON), ("hessian_trace", 3.0)]),
        ];
        for other in differing {
            assert_eq!(merged(&base, &other), base, "{other:?}");
        }
        // Of the same quantity with other settings the column has one value: that of the storing that stands.
        let coarse = storing("1", &["lambda_max(y)"], &[("lambda_max", 7.0), ("lambda_max_residual", 0.1)]);
        assert_eq!(merged(&base, &coarse), base);
        // When it was measured besides decides nothing about its value.
        let often = storing("1", &["lambda_max(x)@every5"], &[("lambda_max", 8.0)]);
        assert_eq!(merged(&base, &often).measured, ["lambda_max(x)", "lambda_max(x)@every5"]);
    }

    #[test]
    fn curves_of_one_run_are_joined_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let a = storing("1", &["lambda_max(x)@every5"], &[]);
        let b = storing("2", &["weight_norm()@every2"], &[]);
        let failed = RunRecord { status: Status::Failed, ..storing("3", &["test_loss()@every1"], &[]) };
        store.append(&[(a, curve(&[(0, "lambda_max", 1.0), (5, "lambda_max", 2.0)]))]).unwrap();
        store.append(&[(b, curve(&[(0, "weight_norm", 3.0), (2, "weight_norm", 4.0)]))]).unwrap();
        store.append(&[(failed, curve(&[(1, "test_loss", 9.0)]))]).unwrap();
        let (records, _) = store.read_summaries();
        let wanted = [(records[0].run.clone(), records[0].record.clone())];
        for store in [&store, &Store::open(folder.path())] {
            let (curves, problems) = store.read_curves(&wanted);
            assert!(problems.is_empty(), "{problems:?}");
            let joined = &curves[&wanted[0].0];
            assert_eq!((&joined.steps[..], &joined.epochs[..]), (&[0, 2, 5][..], &[0.0, 0.2, 0.5][..]));
            assert!(joined.points("lambda_max").eq([(0, 1.0), (5, 2.0)]));
            assert!(joined.points("weight_norm").eq([(0, 3.0), (2, 4.0)]));
            assert_eq!(joined.columns.len(), 2);
        }
    }

    #[test]
    fn a_record_that_was_stored_twice_is_one_and_its_curve_comes_once() {
        let rows = curve(&[(0, "x", 1.0), (5, "x", 2.0), (9, "x", 3.0)]);
        let first = storing("1", &["x()"], &[("x", 3.0)]);
        let again = |minute: u32| RunRecord {
            finished: format!("2026-11-22T09:{minute:02}:00.000Z"),
            host: format!("host {minute}"),
            seconds: 7.0,
            ..first.clone()
        };
        let between = RunRecord { finished: again(1).finished, ..storing("2", &["y()"], &[("x", 3.0)]) };
        let other = curve(&[(0, "y", 4.0)]);
        let all = [
            (first.clone(), rows.clone()),
            (again(2), rows.clone()),
            (between, other),
            (again(3), rows.clone()),
        ];
        // In files of their own, and all in one, where two stand next to each other.
        for together in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path());
            let size = if together { all.len() } else { 1 };
            all.chunks(size).for_each(|storings| store.append(storings).unwrap());
            let (records, problems) = store.read_summaries();
            assert!(records.len() == 1 && problems.is_empty(), "{problems:?}");
            assert_eq!((records[0].record.as_str(), records[0].host.as_str()), ("1", "host 3"));
            let wanted = [(first.run.clone(), "1".to_owned())];
            for store in [&store, &Store::open(folder.path())] {
                let curves = store.read_curves(&wanted).0;
                let found = &curves[&first.run];
                assert_eq!((&found.steps, &found.epochs), (&rows.steps, &rows.epochs), "{together}");
                assert!(found.points("x").eq(rows.points("x")) && found.points("y").eq([(0, 4.0)]));
            }
        }
    }

    #[test]
    fn of_two_values_at_one_step_the_first_stands() {
        let (mine, other) = (curve(&[(0, "x", 1.0)]), curve(&[(0, "x", 2.0), (1, "x", 3.0), (1, "y", 4.0)]));
        let joined = joined(&mine, &other, |column| column != "y");
        assert!(joined.points("x").eq([(0, 1.0), (1, 3.0)]) && !joined.columns.contains_key("y"));
    }
}
