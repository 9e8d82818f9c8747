//! What is put into the tables comes out again: merged, de-duplicated, whatever stands beside it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::base::RunId;

/// A record of the run `name`.
pub fn record(name: &str, status: Status) -> RunRecord {
    RunRecord {
        run: RunId::of(&[name.as_bytes()]),
        record: format!("record of {name}"),
        origin: Origin {
            entry: "2026-11-22-flat".to_owned(),
            cell: "batch-size".to_owned(),
            arm: "sharp".to_owned(),
            point: vec![("model.hidden".to_owned(), json!([64, 64]))],
        },
        seed: u64::MAX,
        spec: json!({
            "dataset": {"kind": "file", "name": "digits", "train": 1000},
            "engine": "dense", "loss": "squared", "seed": 3,
            "model": {"bias": true, "hidden": [64, 64]},
            "optimizer": {"learning_rate": 0.05},
            "stop": {"steps": 100, "train_loss": null},
        })
        .into(),
        dataset_hash: "abc".to_owned(),
        engine: 1,
        status,
        reason: "steps".to_owned(),
        measured: vec!["lambda_max(tolerance=0.000001,steps=200)".to_owned()],
        measures: BTreeMap::from([("lambda_max".to_owned(), 8.25), ("train_loss".to_owned(), f64::NAN)]),
        steps: 100,
        seconds: 0.5,
        finished: "2026-11-22T08:00:00.000Z".to_owned(),
        host: "here".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// A curve of `rows` rows.
pub fn curve(rows: u64) -> Curve {
    let mut curve = Curve::default();
    for step in 0..rows {
        let mut values = BTreeMap::from([("train_loss".to_owned(), 1.0 / (step + 1) as f64)]);
        if step % 2 == 0 {
            values.insert("lambda_max".to_owned(), step as f64);
        }
        curve.push(step, step as f64 / 10.0, &values);
    }
    curve
}

/// NaN equals nothing, so values are compared as they print.
fn same(a: &impl std::fmt::Debug, b: &impl std::fmt::Debug) {
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

fn key(record: &RunRecord) -> (RunId, String) {
    (record.run.clone(), record.record.clone())
}

fn notebook() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    (folder, store)
}

/// Every Parquet file of a table.
fn table_files(root: &Path, table: &str) -> Vec<PathBuf> {
    let partitions = fs::read_dir(root.join("runs").join(table)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = partitions
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    files
}

/// Makes a file look as if nobody had touched it for an hour.
fn age(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
}

#[test]
fn what_goes_in_comes_out() {
    let (folder, store) = notebook();
    let runs = vec![
        (record("a", Status::Done), curve(5)),
        (record("b", Status::Failed), Curve::default()),
        (record("c", Status::Diverged), curve(3)),
    ];
    store.append(&runs).unwrap();
    // Once through the same store, once through one that has seen nothing.
    for store in [&store, &Store::open(folder.path())] {
        let keys: Vec<_> = runs.iter().map(|(record, _)| key(record)).collect();
        let (curves, problems) = store.read_curves(&keys);
        assert!(problems.is_empty(), "{problems:?}");
        let (records, problems) = store.read_summaries();
        assert!(problems.is_empty() && records.len() == 3, "{problems:?}");
        for (record, curve) in &runs {
            same(records.iter().find(|found| found.run == record.run).unwrap().as_ref(), record);
            same(&curves.get(&record.run).cloned().unwrap_or_default(), curve);
        }
    }
}

#[test]
fn an_empty_notebook_reads_as_nothing_and_stays_empty() {
    let (folder, store) = notebook();
    assert_eq!(store.read_summaries(), (Vec::new(), Vec::new()));
    assert_eq!(store.read_curves(&[key(&record("a", Status::Done))]).0.len(), 0);
    store.append(&[]).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn two_notebooks_merge_by_copying_files() {
    let ((here, ours), (there, theirs)) = (notebook(), notebook());
    ours.append(&[(record("a", Status::Done), curve(2))]).unwrap();
    let mut other = record("b", Status::Done);
    other.measures = BTreeMap::from([("hessian_trace".to_owned(), 40.0)]);
    let mut spec = serde_json::Value::clone(&other.spec);
    spec["optimizer"]["momentum"] = json!(0.9);
    other.spec = spec.into();
    theirs.append(&[(other.clone(), curve(4)), (record("a", Status::Failed), curve(1))]).unwrap();
    for table in ["summary", "curves"] {
        for file in table_files(there.path(), table) {
            let to = here.path().join(file.strip_prefix(there.path()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&file, to).unwrap();
        }
    }
    let (records, problems) = ours.read_summaries();
    assert!(problems.is_empty() && records.len() == 2);
    let a = records.iter().find(|found| found.run == record("a", Status::Done).run).unwrap();
    assert_eq!(a.status, Status::Done);
    same(records.iter().find(|found| found.run == other.run).unwrap().as_ref(), &other);
    same(&ours.read_curves(&[key(&other)]).0[&other.run], &curve(4));
}

#[test]
fn of_two_storings_the_better_one_stands() {
    let base = record("a", Status::Done);
    let with = |change: &dyn Fn(&mut RunRecord)| {
        let mut other = base.clone();
        change(&mut other);
        other
    };
    // Each is preferred to the base, for one reason.
    let failed = with(&|other| {
        other.status = Status::Failed;
        other.finished = "2027-01-01T00:00:00.000Z".to_owned();
        other.measured.push("x".to_owned());
    });
    let more = with(&|other| {
        other.measured.push("hessian_trace(probes=64)".to_owned());
        other.finished = "2025-01-01T00:00:00.000Z".to_owned();
    });
    let later = with(&|other| other.finished = "2026-11-23T00:00:00.000Z".to_owned());
    let greater = with(&|other| other.record.push('z'));
    for (better, worse) in
        [(&base, &failed), (&more, &base), (&later, &base), (&more, &later), (&greater, &base)]
    {
        for order in [[better, worse], [worse, better]] {
            let (_folder, store) = notebook();
            for record in order {
                store.append(&[(record.clone(), Curve::default())]).unwrap();
            }
            let (records, _) = store.read_summaries();
            assert_eq!(records.len(), 1);
            same(records[0].as_ref(), better);
        }
    }
}

#[test]
fn a_damaged_file_is_named_set_aside_and_costs_only_itself() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("cut short", |bytes| bytes.truncate(bytes.len() / 2)),
        ("emptied", Vec::clear),
        ("one bit flipped", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }),
        ("not Parquet", |bytes| *bytes = b"no".to_vec()),
    ];
    for (name, damage) in damages {
        let (folder, store) = notebook();
        store.append(&[(record("bad", Status::Done), curve(2))]).unwrap();
        let bad = table_files(folder.path(), "summary")[0].clone();
        store.append(&[(record("good", Status::Done), curve(2))]).unwrap();
        let mut bytes = fs::read(&bad).unwrap();
        damage(&mut bytes);
        fs::write(&bad, &bytes).unwrap();

        // Just written: it may still be on its way, so it is skipped and left.
        let (records, problems) = store.read_summaries();
        assert!(records.len() == 1 && problems.len() == 1 && bad.exists(), "{name}");

        age(&bad);
        let (records, problems) = store.read_summaries();
        assert_eq!(records.len(), 1, "{name}");
        let shown = problems[0].to_string();
        assert!(
            shown.starts_with("runs/summary/date=") && shown.contains("runs/quarantine/"),
            "{name}: {shown}"
        );
        assert!(!bad.exists() && fs::read_dir(folder.path().join("runs/quarantine")).unwrap().count() == 1);
        assert!(store.read_summaries().1.is_empty(), "{name}: it is said once");
    }
}

#[test]
fn a_damaged_file_of_curves_costs_its_curves_alone() {
    let (folder, store) = notebook();
    let (a, b) = (record("a", Status::Done), record("b", Status::Done));
    store.append(&[(a.clone(), curve(2))]).unwrap();
    let bad = table_files(folder.path(), "curves")[0].clone();
    store.append(&[(b.clone(), curve(3))]).unwrap();
    fs::write(&bad, "PAR1").unwrap();
    age(&bad);
    let (curves, problems) = store.read_curves(&[key(&a), key(&b)]);
    assert_eq!((curves.len(), problems.len()), (1, 1));
    assert_eq!(store.read_summaries().0.len(), 2);
}

#[test]
fn a_file_of_another_writer_is_skipped_where_it_is_not_understood() {
    let (folder, store) = notebook();
    store.append(&[(record("a", Status::Done), curve(2))]).unwrap();
    let summary = table_files(folder.path(), "summary")[0].clone();
    // A renamed copy of a summary is read like any other; a table of something else is left alone.
    fs::copy(&summary, summary.with_file_name("copy of it.parquet")).unwrap();
    let foreign = folder.path().join("runs/summary/foreign.parquet");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/wine.parquet"), &foreign).unwrap();
    age(&foreign);
    let (records, problems) = store.read_summaries();
    assert_eq!(records.len(), 1);
    assert!(problems.len() == 1 && problems[0].message.contains("no `run` column"), "{problems:?}");
    assert!(foreign.exists());
}

#[test]
fn a_notebook_that_cannot_be_written_says_where_and_can_still_be_read() {
    let (folder, store) = notebook();
    fs::write(folder.path().join("runs"), "a file where the folder should be").unwrap();
    let refusal = store.append(&[(record("a", Status::Done), curve(1))]).unwrap_err().to_string();
    assert!(refusal.contains("runs/"), "{refusal}");
    assert!(store.read_summaries().0.is_empty());
}

#[test]
fn nothing_is_read_or_written_through_a_link_out_of_the_notebook() {
    let ((here, ours), (there, theirs)) = (notebook(), notebook());
    theirs.append(&[(record("a", Status::Done), curve(1))]).unwrap();
    std::os::unix::fs::symlink(there.path().join("runs"), here.path().join("runs")).unwrap();
    let (records, problems) = ours.read_summaries();
    assert!(records.is_empty() && problems.len() == 1, "{problems:?}");
    assert!(matches!(ours.append(&[(record("b", Status::Done), curve(1))]), Err(StoreError::Path(_))));
}

#[test]
fn no_folder_of_the_store_may_lead_out() {
    let probe = notebook();
    probe.1.append(&[(record("a", Status::Done), curve(1))]).unwrap();
    let file = table_files(probe.0.path(), "summary")[0].clone();
    let date = file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    for link in ["summary", "curves"].map(|table| [table.to_owned(), format!("{table}/{date}")]).concat() {
        let ((here, ours), outside) = (notebook(), tempfile::tempdir().unwrap());
        let link = here.path().join("runs").join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(outside.path(), &link).unwrap();
        let refusal = ours.append(&[(record("b", Status::Done), curve(1))]);
        assert!(matches!(refusal, Err(StoreError::Path(_))), "{refusal:?}");
        fs::copy(&file, outside.path().join("theirs.parquet")).unwrap();
        assert!(ours.read_summaries().0.is_empty(), "{}", link.display());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_damaged_file_is_not_set_aside_through_a_link_and_its_name_cannot_command_a_terminal() {
    let ((folder, store), outside) = (notebook(), tempfile::tempdir().unwrap());
    let bad = folder.path().join("runs/summary/a\u{1b}[2J.parquet");
    fs::create_dir_all(bad.parent().unwrap()).unwrap();
    fs::write(&bad, "no").unwrap();
    crate::base::files::make_pipe(&folder.path().join("runs/summary/pipe.parquet"));
    age(&bad);
    std::os::unix::fs::symlink(outside.path(), folder.path().join("runs/quarantine")).unwrap();
    let (_, problems) = store.read_summaries();
    assert!(problems.len() == 1 && bad.exists(), "{problems:?}");
    assert!(!problems[0].to_string().contains(char::is_control), "{problems:?}");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let refusal = StoreError::at(&bad)(std::io::Error::other("x")).to_string();
    assert!(!refusal.contains(char::is_control), "{refusal:?}");
}

#[test]
fn a_measure_cannot_take_the_name_of_another_column() {
    let (_folder, store) = notebook();
    for name in ["run", "optimizer.learning_rate", "loss", "date", ""] {
        let mut bad = record("a", Status::Done);
        bad.measures.insert(name.to_owned(), 1.0);
        assert!(matches!(store.append(&[(bad, Curve::default())]), Err(StoreError::Column(_))), "{name}");
    }
    let mut bad = curve(1);
    bad.columns.insert("step".to_owned(), vec![1.0]);
    assert!(matches!(store.append(&[(record("a", Status::Done), bad)]), Err(StoreError::Column(_))));
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)]
}

prop_compose! {
    fn any_run()(
        name in "[a-z]{1,8}",
        text in ".*",
        seed in any::<u64>(),
        status in prop::sample::select(&Status::ALL[..]),
        measures in prop::collection::btree_map("[a-z]{1,6}_m", any_number(), 0..4),
        rows in prop::collection::btree_map(any::<u64>(), (any_number(), any_number()), 0..5),
    ) -> (RunRecord, Curve) {
        let mut curve = Curve::default();
        for (step, (epoch, value)) in rows {
            curve.push(step, epoch, &BTreeMap::from([("train_loss".to_owned(), value)]));
        }
        let mut run = record(&name, status);
        run.seed = seed;
        run.reason.clone_from(&text);
        run.origin.point.push(("optimizer.kind".to_owned(), json!(text)));
        run.measures = measures;
        (run, curve)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_run_survives_the_tables((run, curve) in any_run()) {
        let (_folder, store) = notebook();
        store.append(&[(run.clone(), curve.clone())]).unwrap();
        let (records, problems) = store.read_summaries();
        prop_assert!(problems.is_empty(), "{:?}", problems);
        prop_assert_eq!(format!("{:?}", records[0].as_ref()), format!("{run:?}"));
        let found = store.read_curves(&[key(&run)]).0.remove(&run.run).unwrap_or_default();
        prop_assert_eq!(&found.steps, &curve.steps);
        prop_assert_eq!(format!("{:?}", found.epochs), format!("{:?}", curve.epochs));
        prop_assert!(found.points("train_loss").eq(curve.points("train_loss")));
        prop_assert_eq!(found.hash().finish(), curve.hash().finish());
    }

    #[test]
    fn an_id_is_of_what_a_run_came_to_and_of_nothing_else((run, curve) in any_run()) {
        let id = |run: &RunRecord, curve: &Curve| run.clone().with_id(&curve.hash()).record;
        let first = id(&run, &curve);
        let mut elsewhere = run.clone();
        (elsewhere.seconds, elsewhere.host) = (run.seconds + 1.0, "elsewhere".to_owned());
        (elsewhere.finished, elsewhere.version) = ("later".to_owned(), "9.9".to_owned());
        elsewhere.origin.entry = "another".to_owned();
        elsewhere.record = "another".to_owned();
        prop_assert_eq!(&first, &id(&elsewhere, &curve));
        let changed = |change: &dyn Fn(&mut RunRecord)| {
            let mut other = run.clone();
            change(&mut other);
            id(&other, &curve)
        };
        prop_assert_ne!(&first, &changed(&|other| other.run = RunId::of(&[b"another"])));
        prop_assert_ne!(&first, &changed(&|other| other.engine += 1));
        prop_assert_ne!(&first, &changed(&|other| other.steps += 1));
        prop_assert_ne!(&first, &changed(&|other| other.reason.push('x')));
        prop_assert_ne!(&first, &changed(&|other| other.measured.push("x()".to_owned())));
        prop_assert_ne!(&first, &changed(&|other| {
            other.measures.insert("x".to_owned(), 0.0);
        }));
        let mut longer = curve.clone();
        longer.push(u64::MAX, 0.0, &BTreeMap::new());
        prop_assert_ne!(&first, &id(&run, &longer));
    }

    #[test]
    fn any_record_survives_json((run, _) in any_run()) {
        let line = serde_json::to_string(&run).unwrap();
        let back: RunRecord = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{run:?}"));
    }
}
