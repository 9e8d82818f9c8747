//! Journals that are gone on with: from the last checkpoint, whatever else stands in the folder.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::tests::{Fixture, folder, start};
use super::*;
use crate::base::files;
use crate::science::Checkpoint;
use crate::store::tests::record;
use crate::store::{CurveHash, Status, StoreError};

fn measured() -> Vec<String> {
    vec!["lambda_max(x)@every1".to_owned()]
}

/// A state that tells at which step it was made.
fn state(step: u64) -> Checkpoint {
    let mut checkpoint = Checkpoint::default();
    checkpoint.put("step", &step);
    checkpoint.put_array("weights", &[step as f32, -0.0, 0.1]);
    checkpoint
}

fn rows(writer: &mut JournalWriter, steps: std::ops::Range<u64>) {
    for step in steps {
        let loss = if step == 1 { f64::NAN } else { 0.1 * step as f64 };
        writer.row(step, step as f64 / 3.0, &BTreeMap::from([("train_loss".to_owned(), loss)])).unwrap();
        writer.beat(step, loss).unwrap();
    }
}

/// A run that was killed some rows after its checkpoint, which it made after three.
fn killed(fixture: &Fixture, name: &str) {
    let mut writer = fixture.begin(name);
    rows(&mut writer, 0..3);
    writer.checkpoint(&state(3), &measured(), 1.25).unwrap();
    rows(&mut writer, 3..5);
    drop(writer);
    let journal = folder(fixture, name).join(JOURNAL);
    OpenOptions::new().append(true).open(journal).unwrap().write_all(b"{\"row\":{\"st").unwrap();
}

fn resume(fixture: &Fixture, name: &str) -> (JournalWriter, Option<Resumed>) {
    let start = Start { pid: 8, started: "2026-11-23T08:00:00.000Z".to_owned(), ..start(name) };
    JournalWriter::resume(&fixture.live(), &start, &measured()).unwrap()
}

/// Steps of the rows that the journals tell of.
fn steps(runs: &mut LiveRuns) -> Vec<u64> {
    runs.poll().next().unwrap().curve.steps.clone()
}

#[test]
fn a_killed_run_goes_on_from_its_checkpoint_as_often_as_need_be() {
    let fixture = Fixture::new();
    killed(&fixture, "a");
    let mut runs = LiveRuns::new(&fixture.live());
    assert_eq!(steps(&mut runs), [0, 1, 2, 3, 4]);
    // Killed again before it makes another, once within a row, and once while its journal was made.
    for rest in ["", "{\"row\":", "{\"row\":{\"step\":3,\"epoch\":1.0,\"values\":{}}}\n"] {
        let (writer, resumed) = resume(&fixture, "a");
        assert_eq!(resumed, Some(Resumed { checkpoint: state(3), seconds: 1.25 }));
        assert_eq!(steps(&mut runs), [0, 1, 2]);
        let told = runs.poll().next().unwrap();
        assert_eq!((told.start.pid, told.start.seconds, &told.state), (8, 1.25, &LiveState::Running));
        drop(writer);
        let path = folder(&fixture, "a");
        OpenOptions::new().append(true).open(path.join(JOURNAL)).unwrap().write_all(rest.as_bytes()).unwrap();
        fs::write(path.join("journal.new"), "{\"start\"").unwrap();
    }
    let (mut writer, _) = resume(&fixture, "a");
    rows(&mut writer, 3..6);
    writer.checkpoint(&state(6), &measured(), 2.5).unwrap();
    drop(writer);
    let (mut writer, resumed) = resume(&fixture, "a");
    assert_eq!(resumed, Some(Resumed { checkpoint: state(6), seconds: 2.5 }));
    rows(&mut writer, 6..7);
    assert_eq!(steps(&mut runs), (0..7).collect::<Vec<_>>());

    // The curve, and with it the id of the record, is that of a run which was never killed.
    let mut calm = fixture.begin("b");
    rows(&mut calm, 0..7);
    assert_eq!(writer.curve().finish(), calm.curve().finish());
    let told = runs.poll().map(|run| run.curve.hash().finish());
    assert_eq!(told.collect::<Vec<_>>(), [calm.curve().finish(), calm.curve().finish()]);
}

#[test]
fn a_run_without_rows_can_be_gone_on_with_too() {
    let fixture = Fixture::new();
    fixture.begin("a").checkpoint(&state(0), &measured(), 0.5).unwrap();
    let (writer, resumed) = resume(&fixture, "a");
    assert_eq!(resumed.unwrap().checkpoint, state(0));
    assert_eq!((writer.curve().rows(), writer.curve().finish()), (0, CurveHash::default().finish()));
}

#[test]
fn a_finished_run_is_not_gone_on_with() {
    let fixture = Fixture::new();
    let mut writer = fixture.begin("a");
    writer.checkpoint(&state(0), &measured(), 0.5).unwrap();
    rows(&mut writer, 0..2);
    writer.finish(&record("a", Status::Done)).unwrap();
    let refused = JournalWriter::resume(&fixture.live(), &start("a"), &measured());
    assert!(matches!(refused, Err(StoreError::Ended(_))), "{refused:?}");
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 1);
    assert!(!folder(&fixture, "a").exists());
    assert_eq!(resume(&fixture, "a").1, None);
}

#[test]
fn whatever_is_wrong_the_run_begins_anew() {
    type Harm = fn(&Fixture, &Path);
    fn edit(path: &Path, change: impl FnOnce(String) -> String) {
        fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
    }
    let harms: [(&str, Harm); 14] = [
        ("no checkpoint", |_, run| fs::remove_file(run.join(CHECKPOINT)).unwrap()),
        ("an empty one", |_, run| fs::write(run.join(CHECKPOINT), "").unwrap()),
        ("a damaged one", |_, run| {
            let mut bytes = fs::read(run.join(CHECKPOINT)).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(run.join(CHECKPOINT), bytes).unwrap();
        }),
        ("one of another run", |fixture, run| {
            killed(fixture, "b");
            fs::copy(folder(fixture, "b").join(CHECKPOINT), run.join(CHECKPOINT)).unwrap();
            fs::remove_dir_all(folder(fixture, "b")).unwrap();
        }),
        ("a link to a good one", |_, run| {
            fs::rename(run.join(CHECKPOINT), run.join("good")).unwrap();
            symlink(run.join("good"), run.join(CHECKPOINT)).unwrap();
        }),
        ("a pipe", |_, run| {
            fs::remove_file(run.join(CHECKPOINT)).unwrap();
            files::make_pipe(&run.join(CHECKPOINT));
        }),
        ("a folder", |_, run| {
            fs::remove_file(run.join(CHECKPOINT)).unwrap();
            fs::create_dir(run.join(CHECKPOINT)).unwrap();
        }),
        ("no journal", |_, run| fs::remove_file(run.join(JOURNAL)).unwrap()),
        ("a journal that is a link", |_, run| {
            fs::rename(run.join(JOURNAL), run.join("good")).unwrap();
            symlink(run.join("good"), run.join(JOURNAL)).unwrap();
        }),
        ("a journal with fewer rows", |_, run| {
            edit(&run.join(JOURNAL), |text| text[..text.find("\"step\":2").unwrap()].to_owned());
        }),
        ("a journal with another row", |_, run| {
            edit(&run.join(JOURNAL), |text| text.replace("\"step\":2", "\"step\":20"));
        }),
        ("a journal with another value", |_, run| {
            edit(&run.join(JOURNAL), |text| text.replace(":0.2", ":0.20000000000000004"));
        }),
        ("a journal with junk in it", |_, run| {
            edit(&run.join(JOURNAL), |text| text.replacen("{\"beat\":", "{\"feat\":", 1));
        }),
        ("a journal with one endless line", |_, run| {
            edit(&run.join(JOURNAL), |text| text.replacen("{\"beat\":", &"x".repeat(3 << 20), 1));
        }),
    ];
    for (name, harm) in harms {
        let fixture = Fixture::new();
        killed(&fixture, "a");
        harm(&fixture, &folder(&fixture, "a"));
        let (mut writer, resumed) = resume(&fixture, "a");
        assert_eq!((resumed, writer.curve().rows()), (None, 0), "{name}");
        assert!(steps(&mut LiveRuns::new(&fixture.live())).is_empty(), "{name}");
        rows(&mut writer, 0..2);
        if name == "a folder" {
            // Not to be had: the run goes on without.
            assert!(writer.checkpoint(&state(2), &measured(), 3.0).is_err());
            rows(&mut writer, 2..3);
            continue;
        }
        writer.checkpoint(&state(2), &measured(), 3.0).unwrap();
        drop(writer);
        assert_eq!(resume(&fixture, "a").1.unwrap().checkpoint, state(2), "{name}");
    }
}

#[test]
fn other_measures_begin_anew_and_so_does_whoever_says_so() {
    let fixture = Fixture::new();
    killed(&fixture, "a");
    let other = JournalWriter::resume(&fixture.live(), &start("a"), &[]).unwrap();
    assert_eq!(other.1, None);
    drop(other);
    killed(&fixture, "b");
    drop(fixture.begin("b"));
    killed(&fixture, "c");
    let (mut writer, resumed) = resume(&fixture, "c");
    assert!(resumed.is_some());
    writer.restart(&start("c")).unwrap();
    assert_eq!(writer.curve().rows(), 0);
    rows(&mut writer, 0..1);
    drop(writer);
    for name in ["a", "b", "c"] {
        assert_eq!(resume(&fixture, name).1, None, "{name}");
    }
}

#[test]
fn a_checkpoint_replaces_a_link_and_leaves_what_it_led_to() {
    for name in [CHECKPOINT, "checkpoint.new"] {
        let fixture = Fixture::new();
        let mut writer = fixture.begin("a");
        let mine = fixture.folder.path().join("mine");
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, folder(&fixture, "a").join(name)).unwrap();
        writer.checkpoint(&state(0), &measured(), 0.0).unwrap();
        drop(writer);
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
        assert!(resume(&fixture, "a").1.is_some());
    }
}

#[test]
fn what_a_kill_or_a_failure_left_of_a_checkpoint_is_cleared_away() {
    let fixture = Fixture::new();
    let mut writer = fixture.begin("a");
    let run = folder(&fixture, "a");
    fs::write(run.join("checkpoint.new"), "half").unwrap();
    writer.checkpoint(&state(0), &measured(), 0.0).unwrap();
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&run).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), [CHECKPOINT, JOURNAL, LOCK]);
    // A folder that is not empty cannot be replaced.
    fs::remove_file(run.join(CHECKPOINT)).unwrap();
    fs::create_dir_all(run.join(CHECKPOINT).join("in the way")).unwrap();
    assert!(writer.checkpoint(&state(0), &measured(), 0.0).is_err());
    assert_eq!(names(), [CHECKPOINT, JOURNAL, LOCK]);
}

#[test]
fn a_follower_notices_every_new_journal() {
    // Two between two polls: the second file may get the number of the one that the follower knows.
    let fixture = Fixture::new();
    let mut runs = LiveRuns::new(&fixture.live());
    for round in 0..20 {
        let mut writer = fixture.begin("a");
        rows(&mut writer, 0..4 + round % 3);
        assert_eq!(steps(&mut runs).len() as u64, 4 + round % 3);
        drop(writer);
        drop(fixture.begin("a"));
        let mut writer = fixture.begin("a");
        rows(&mut writer, 10..16);
        assert_eq!(steps(&mut runs), (10..16).collect::<Vec<_>>(), "round {round}");
    }
}
