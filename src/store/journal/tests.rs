//! Journals across what happens to processes: two at once, a kill, a crash between any two steps of a harvest.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::base::RunId;
use crate::store::tests::{curve, record};
use crate::store::{Curve, RunRecord, Status, Store, StoreError, read_weights};

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn live(&self) -> PathBuf {
        live_root(self.folder.path())
    }

    fn store(&self) -> Store {
        Store::open(self.folder.path())
    }

    fn begin(&self, name: &str) -> JournalWriter {
        JournalWriter::create(&self.live(), &start(name)).unwrap()
    }

    /// A run from start to end.
    fn run(&self, name: &str) -> RunRecord {
        let record = record(name, Status::Done);
        let mut writer = self.begin(name);
        write_curve(&mut writer, &curve(3));
        writer.write_weights(&[("w".to_owned(), vec![2], vec![1.0, 2.0])]).unwrap();
        writer.finish(&record).unwrap();
        record
    }

    fn states(&self) -> Vec<LiveState> {
        read_all(&self.live()).into_iter().map(|run| run.state).collect()
    }
}

fn start(name: &str) -> Start {
    let record = record(name, Status::Done);
    Start {
        run: record.run,
        origin: record.origin,
        spec: json!({"seed": 3}),
        total_steps: 10,
        pid: 7,
        host: "here".to_owned(),
        started: "2026-11-22T08:00:00.000Z".to_owned(),
    }
}

fn write_curve(writer: &mut JournalWriter, curve: &Curve) {
    for (row, (&step, &epoch)) in curve.steps.iter().zip(&curve.epochs).enumerate() {
        let values = curve.columns.iter().map(|(name, column)| (name.clone(), column[row])).collect();
        writer.row(step, epoch, &values).unwrap();
    }
}

fn folder(fixture: &Fixture, name: &str) -> PathBuf {
    fixture.live().join(RunId::of(&[name.as_bytes()]).as_str())
}

#[test]
fn a_run_is_followed_from_start_to_end() {
    let fixture = Fixture::new();
    let mut runs = LiveRuns::new(&fixture.live());
    assert_eq!(runs.poll().count(), 0);
    let mut writer = fixture.begin("a");
    let first = runs.poll().next().cloned().unwrap();
    assert_eq!((first.state, first.curve, first.start), (LiveState::Running, Curve::default(), start("a")));
    let odd = BTreeMap::from([("train_loss".to_owned(), f64::INFINITY), ("test_loss".to_owned(), f64::NAN)]);
    writer.row(0, 0.0, &odd).unwrap();
    writer.beat(4, f64::NAN).unwrap();
    let then = runs.poll().next().cloned().unwrap();
    assert!(
        then.curve.columns["train_loss"] == [f64::INFINITY] && then.curve.columns["test_loss"][0].is_nan()
    );
    assert_eq!((then.steps(), then.fraction()), (4, 0.4));
    let record = record("a", Status::Diverged);
    writer.finish(&record).unwrap();
    let last = runs.poll().next().cloned().unwrap();
    let LiveState::Finished(found) = &last.state else { panic!("{:?}", last.state) };
    assert_eq!(format!("{found:?}"), format!("{record:?}"));
    assert_eq!((last.curve.steps.len(), last.fraction()), (1, 1.0));
}

#[test]
fn a_run_has_one_claimant_and_a_dead_one_gives_way() {
    let fixture = Fixture::new();
    let mut writer = fixture.begin("a");
    writer.row(0, 0.0, &BTreeMap::new()).unwrap();
    let second = JournalWriter::create(&fixture.live(), &start("a"));
    assert!(matches!(second, Err(StoreError::Claimed(_))), "{second:?}");
    let mut runs = LiveRuns::new(&fixture.live());
    assert_eq!(runs.poll().next().unwrap().curve.steps.len(), 1);
    drop(writer);
    assert_eq!(fixture.states(), [LiveState::Dead]);
    let _writer = fixture.begin("a");
    let again = runs.poll().next().unwrap();
    assert_eq!((&again.state, again.curve.steps.len()), (&LiveState::Running, 0), "the journal is a new one");
}

#[test]
fn a_claim_holds_between_processes_and_ends_with_its_process() {
    let fixture = Fixture::new();
    drop(fixture.begin("a"));
    let lock = folder(&fixture, "a").join("lock");
    // `flock` of util-linux takes the same lock as the one that a claim is.
    let mut holder = std::process::Command::new("flock")
        .arg(&lock)
        .args(["sh", "-c", "echo held; read line"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut word = [0; 5];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut word).unwrap();
    assert_eq!(fixture.states(), [LiveState::Running]);
    assert!(matches!(JournalWriter::create(&fixture.live(), &start("a")), Err(StoreError::Claimed(_))));
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(fixture.states(), [LiveState::Dead]);
    drop(fixture.begin("a"));
}

#[test]
fn a_torn_last_line_waits_for_its_rest_and_a_broken_one_is_skipped() {
    let fixture = Fixture::new();
    let _writer = fixture.begin("a");
    let folder = folder(&fixture, "a");
    let mut reader = JournalReader::open(&folder);
    assert!(matches!(reader.poll()[..], [Line::Start(_)]));
    let mut file = OpenOptions::new().append(true).open(folder.join(JOURNAL)).unwrap();
    let mut write = |text: &str| file.write_all(text.as_bytes()).unwrap();
    write(r#"{"beat":{"step":1,"#);
    assert!(reader.poll().is_empty());
    write("\"loss\":0.5,\"at\":\"\"}}\n");
    assert!(matches!(&reader.poll()[..], [Line::Beat(beat)] if beat.loss == 0.5));
    write("{\"beat\":{}}\n\0\0\n{\"beat\":{\"step\":2,\"loss\":\"inf\",\"at\":\"\"}}\n{\"end\":");
    assert!(matches!(&reader.poll()[..], [Line::Beat(beat)] if beat.loss == f64::INFINITY));
    assert!(!reader::has_ended(&folder));
}

#[test]
fn a_harvest_moves_what_is_finished_and_leaves_the_rest() {
    let fixture = Fixture::new();
    let done = fixture.run("done");
    drop(fixture.begin("dead"));
    let _running = fixture.begin("running");
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 1);
    let (records, problems) = fixture.store().read_summaries();
    assert!(problems.is_empty());
    assert_eq!(records.iter().map(|record| &record.run).collect::<Vec<_>>(), [&done.run]);
    let (curves, _) = fixture.store().read_curves(&[(done.run.clone(), done.record.clone())]);
    assert_eq!(format!("{:?}", curves[&done.run]), format!("{:?}", curve(3)));
    let weights = fixture.store().weights_path(&done.run).unwrap();
    assert_eq!(read_weights(&weights).unwrap(), [("w".to_owned(), vec![2], vec![1.0, 2.0])]);
    assert_eq!(fixture.states().len(), 2);
    assert!(!folder(&fixture, "done").exists());
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 0);
}

#[test]
fn a_finished_run_is_not_begun_anew_before_its_harvest() {
    let fixture = Fixture::new();
    fixture.run("a");
    let again = JournalWriter::create(&fixture.live(), &start("a"));
    assert!(matches!(again, Err(StoreError::Ended(_))), "{again:?}");
    harvest(&fixture.store(), &fixture.live()).unwrap();
    drop(fixture.begin("a"));
}

/// Copies the folder of a run, as it was before a harvest that a crash then cut short.
fn restore(from: &Path, to: &Path, names: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for name in names {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn a_harvest_cut_short_anywhere_loses_nothing_and_doubles_nothing() {
    // What is left of the run's folder when the crash comes, and whether that still counts as a finished run.
    let crashes: [(&[&str], usize); 5] = [
        (&[JOURNAL, LOCK, WEIGHTS], 1),
        (&[JOURNAL, LOCK], 1),
        (&[LOCK], 0),
        (&[WEIGHTS, LOCK], 0),
        (&[], 0),
    ];
    for (left, finished) in crashes {
        let fixture = Fixture::new();
        let done = fixture.run("a");
        let (folder, copy) = (folder(&fixture, "a"), fixture.folder.path().join("copy"));
        restore(&folder, &copy, &[JOURNAL, LOCK, WEIGHTS]);
        harvest(&fixture.store(), &fixture.live()).unwrap();
        restore(&copy, &folder, left);
        assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), finished, "{left:?}");
        let (records, problems) = fixture.store().read_summaries();
        assert!(records.len() == 1 && problems.is_empty(), "{left:?}");
        assert!(read_weights(&fixture.store().weights_path(&done.run).unwrap()).is_ok(), "{left:?}");
        assert!(!folder.exists(), "{left:?}");
    }
}

#[test]
fn a_store_that_refuses_leaves_the_journals() {
    let fixture = Fixture::new();
    fixture.run("a");
    fs::write(fixture.folder.path().join("runs/summary"), "in the way").unwrap();
    assert!(harvest(&fixture.store(), &fixture.live()).is_err());
    assert!(matches!(fixture.states()[..], [LiveState::Finished(_)]));
    fs::remove_file(fixture.folder.path().join("runs/summary")).unwrap();
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 1);
}

#[test]
fn names_that_are_no_run_and_journals_of_another_run_are_ignored() {
    let fixture = Fixture::new();
    fixture.run("a");
    let live = fixture.live();
    let mine = folder(&fixture, "a");
    for name in ["..x", "-rf", "0123", "a\nb", &"f".repeat(200), "ABCDEFABCDEFABCDEFABCDEFABCDEFAB"] {
        fs::create_dir(live.join(name)).unwrap();
        fs::copy(mine.join(JOURNAL), live.join(name).join(JOURNAL)).unwrap();
    }
    // A good name over the journal of another run, and a good name that is a link.
    let other = live.join("0".repeat(32));
    restore(&mine, &other, &[JOURNAL, LOCK]);
    std::os::unix::fs::symlink(&mine, live.join("1".repeat(32))).unwrap();
    assert_eq!(read_all(&live).len(), 1);
    assert_eq!(harvest(&fixture.store(), &live).unwrap(), 1);
}

#[test]
fn a_live_folder_that_is_a_link_is_not_followed() {
    let (fixture, other) = (Fixture::new(), Fixture::new());
    other.run("a");
    fs::create_dir(fixture.folder.path().join("runs")).unwrap();
    std::os::unix::fs::symlink(other.live(), fixture.live()).unwrap();
    assert!(read_all(&fixture.live()).is_empty());
    assert!(matches!(JournalWriter::create(&fixture.live(), &start("b")), Err(StoreError::Path(_))));
}
