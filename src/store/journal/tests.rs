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

/// A notebook that is gone after the test.
pub struct Fixture {
    pub folder: tempfile::TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn live(&self) -> PathBuf {
        live_root(self.folder.path())
    }

    pub fn store(&self) -> Store {
        Store::open(self.folder.path())
    }

    pub fn begin(&self, name: &str) -> JournalWriter {
        JournalWriter::create(&self.live(), &start(name)).unwrap()
    }

    /// A run from start to end.
    pub fn run(&self, name: &str) -> RunRecord {
        let record = record(name, Status::Done);
        let mut writer = self.begin(name);
        write_curve(&mut writer, &curve(3));
        writer.write_weights(&[("w".to_owned(), vec![2], vec![1.0, 2.0])]).unwrap();
        writer.finish(&record).unwrap();
        record
    }

    pub fn states(&self) -> Vec<LiveState> {
        read_all(&self.live()).into_iter().map(|run| run.state).collect()
    }
}

pub fn start(name: &str) -> Start {
    let record = record(name, Status::Done);
    Start {
        run: record.run,
        origin: record.origin,
        spec: json!({"seed": 3}),
        total_steps: 10,
        pid: 7,
        host: "here".to_owned(),
        started: "2026-11-22T08:00:00.000Z".to_owned(),
        seconds: 0.0,
    }
}

pub fn write_curve(writer: &mut JournalWriter, curve: &Curve) {
    for (row, (&step, &epoch)) in curve.steps.iter().zip(&curve.epochs).enumerate() {
        let values = curve.columns.iter().map(|(name, column)| (name.clone(), column[row])).collect();
        writer.row(step, epoch, &values).unwrap();
    }
}

pub fn folder(fixture: &Fixture, name: &str) -> PathBuf {
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
    assert!(!reader::seems_ended(&folder));
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

#[test]
fn links_in_the_folder_of_a_run_lead_nobody_out() {
    // Each is a link to a file or a folder of the person; what becomes of the run does not matter, the file does.
    for name in [LOCK, JOURNAL, "journal.new", WEIGHTS, ""] {
        let fixture = Fixture::new();
        let outside = tempfile::tempdir().unwrap();
        let mine = outside.path().join(LOCK);
        fs::write(&mine, "mine").unwrap();
        let run = folder(&fixture, "a");
        let (target, link) = if name.is_empty() {
            fs::create_dir_all(fixture.live()).unwrap();
            (outside.path(), run)
        } else {
            fs::create_dir_all(&run).unwrap();
            (mine.as_path(), run.join(name))
        };
        std::os::unix::fs::symlink(target, link).unwrap();
        if let Ok(writer) = JournalWriter::create(&fixture.live(), &start("a")) {
            writer.finish(&record("a", Status::Done)).unwrap();
        } else {
            assert!([LOCK, ""].contains(&name), "{name}");
        }
        harvest(&fixture.store(), &fixture.live()).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine", "{name}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{name}");
        let weights = fixture.store().weights_path(&start("a").run).unwrap();
        assert!(!weights.is_symlink(), "{name}");
    }
}

#[test]
fn a_pipe_in_place_of_a_journal_keeps_nobody_waiting() {
    let fixture = Fixture::new();
    for name in [JOURNAL, LOCK] {
        let folder = folder(&fixture, name);
        fs::create_dir_all(&folder).unwrap();
        crate::base::files::make_pipe(&folder.join(name));
    }
    assert!(fixture.states().is_empty());
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 0);
}

#[test]
fn a_journal_of_any_length_is_read_to_its_end() {
    let fixture = Fixture::new();
    drop(fixture.begin("a"));
    let junk = [&vec![b'x'; (1 << 20) - 1][..], b"\n"].concat();
    let mut file = OpenOptions::new().append(true).open(folder(&fixture, "a").join(JOURNAL)).unwrap();
    (0..65).for_each(|_| file.write_all(&junk).unwrap());
    // And one line longer than what is read at once.
    (0..130).for_each(|_| file.write_all(&junk[..1 << 19]).unwrap());
    file.write_all(b"\n").unwrap();
    let end = Line::End(Box::new(record("a", Status::Done)));
    file.write_all(&[&serde_json::to_vec(&end).unwrap()[..], b"\n"].concat()).unwrap();
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 1);
}

#[test]
fn an_end_that_cannot_be_understood_does_not_keep_the_run_from_being_begun_anew() {
    let fixture = Fixture::new();
    drop(fixture.begin("a"));
    let path = folder(&fixture, "a").join(JOURNAL);
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"{\"end\":{\"run\":\"of an older version\"}}\n").unwrap();
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 0);
    assert_eq!(fixture.states(), [LiveState::Dead]);
    drop(fixture.begin("a"));
}

#[test]
fn what_a_crash_leaves_of_a_harvested_folder_is_swept_away_and_a_link_is_not_followed() {
    let fixture = Fixture::new();
    let done = fixture.live().join(".done-1-2-3");
    fs::create_dir_all(&done).unwrap();
    fs::write(done.join(LOCK), "").unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("mine"), "").unwrap();
    std::os::unix::fs::symlink(outside.path(), fixture.live().join(".done-link")).unwrap();
    harvest(&fixture.store(), &fixture.live()).unwrap();
    assert!(!done.exists() && outside.path().join("mine").exists());
}

#[test]
fn runs_begun_again_while_they_are_harvested_are_never_lost() {
    let fixture = Fixture::new();
    let store = fixture.store();
    std::thread::scope(|scope| {
        let begin_and_finish = || {
            for round in 0..100 {
                let Ok(mut writer) = JournalWriter::create(&fixture.live(), &start("a")) else { continue };
                writer.beat(round, 0.5).unwrap();
                writer.finish(&record("a", Status::Done)).unwrap();
            }
        };
        let harvests: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..100 {
                        harvest(&store, &fixture.live()).unwrap();
                    }
                })
            })
            .collect();
        begin_and_finish();
        for harvest in harvests {
            harvest.join().unwrap();
        }
    });
    harvest(&store, &fixture.live()).unwrap();
    assert_eq!(fs::read_dir(fixture.live()).unwrap().count(), 0);
    assert_eq!(store.read_summaries().0.len(), 1);
}

#[test]
fn amid_runs_the_folder_of_one_is_that_of_the_next() {
    let fixture = Fixture::new();
    let inode =
        |name: &str| std::os::unix::fs::MetadataExt::ino(&fs::metadata(folder(&fixture, name)).unwrap());
    let files = |name: &str| fs::read_dir(folder(&fixture, name)).unwrap().count();
    let first = fixture.begin("first");
    let (there, begun) = (inode("first"), files("first"));
    drop(first);
    fixture.run("first");
    assert_eq!(harvest_amid_runs(&fixture.store(), &fixture.live()).unwrap(), 1);
    assert!(!folder(&fixture, "first").exists() && fixture.states().is_empty());
    // What lies there under such a name and is not lowland's is not used.
    std::os::unix::fs::symlink(fixture.folder.path(), fixture.live().join(".spare-link")).unwrap();
    let second = fixture.begin("second");
    assert_eq!((inode("second"), files("second")), (there, begun));
    assert!(is_claimed(&fixture.live(), &start("second").run));
    // A run that is there keeps its own folder.
    fixture.run("third");
    assert_eq!(harvest_amid_runs(&fixture.store(), &fixture.live()).unwrap(), 1);
    drop(second);
    drop(fixture.begin("second"));
    assert_eq!(inode("second"), there);
    remove_spare(&fixture.live());
    assert_eq!(fs::read_dir(fixture.live()).unwrap().count(), 1);
    assert_eq!(fixture.states(), [LiveState::Dead]);
    assert_eq!(fixture.store().read_summaries().0.len(), 2);
}
