//! Claims where locks are not seen: what stands in the file of the lock, and how fresh the journal is.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::tests::{Fixture, folder, start};
use super::*;
use crate::base;
use crate::store::StoreError;

/// Makes a journal look as if it had been written at another time.
fn write_at(run: &Path, when: SystemTime) {
    File::options().write(true).open(run.join(JOURNAL)).unwrap().set_modified(when).unwrap();
}

fn holder(host: &str, boot: &str) -> String {
    json!({"host": host, "boot": boot, "pid": std::process::id()}).to_string()
}

#[test]
fn a_claim_names_its_holder_while_it_lives() {
    let fixture = Fixture::new();
    let lock = folder(&fixture, "a").join(LOCK);
    let writer = fixture.begin("a");
    let told: Value = serde_json::from_slice(&fs::read(&lock).unwrap()).unwrap();
    assert_eq!(told, json!({"host": base::host(), "boot": base::boot(), "pid": std::process::id()}));
    drop(writer);
    assert_eq!(fs::read(&lock).unwrap(), b"");
    // A longer name than one's own leaves nothing behind.
    fs::write(&lock, "x".repeat(10_000)).unwrap();
    let _writer = fixture.begin("a");
    assert_eq!(serde_json::from_slice::<Value>(&fs::read(&lock).unwrap()).unwrap(), told);
}

#[test]
fn what_a_dead_claim_left_blocks_nobody_and_a_live_one_elsewhere_does() {
    let now = SystemTime::now();
    let long_ago = now - Duration::from_mins(1);
    let far_ahead = now + Duration::from_hours(1);
    let (here, boot) = (base::host(), base::boot());
    // What the file of the lock says, when the journal was last written to, and whether the run is somebody's.
    let cases = [
        (String::new(), now, false),
        ("junk".to_owned(), now, false),
        ("{\"host\":\"elsewhere\"}".to_owned(), now, false),
        ("x".repeat(10_000), now, false),
        // Killed here, or under another process of that number; and before this machine was started anew.
        (holder(&here, &boot), now, false),
        (holder(&here, "before"), now, false),
        // A container on this machine, whose lock would be seen.
        (holder("elsewhere", &boot), now, false),
        (holder("elsewhere", "another"), long_ago, false),
        (holder("elsewhere", "another"), far_ahead, false),
        (holder("elsewhere", "another"), now, true),
        (holder("elsewhere", "another"), now + Duration::from_secs(3), true),
    ];
    for (lock, written, held) in cases {
        let fixture = Fixture::new();
        let mut writer = fixture.begin("a");
        writer.row(0, 0.0, &BTreeMap::new()).unwrap();
        drop(writer);
        let run = folder(&fixture, "a");
        fs::write(run.join(LOCK), &lock).unwrap();
        write_at(&run, written);
        let expected = if held { LiveState::Running } else { LiveState::Dead };
        assert_eq!(fixture.states(), [expected], "{lock} {written:?}");
        let claimed = JournalWriter::create(&fixture.live(), &start("a"));
        match claimed {
            Err(StoreError::Claimed(_)) => assert!(held, "{lock} {written:?}"),
            other => assert!(other.is_ok() && !held, "{lock} {written:?}"),
        }
    }
}

#[test]
fn a_finished_run_of_another_machine_is_harvested_once_it_is_quiet() {
    let fixture = Fixture::new();
    fixture.run("a");
    let run = folder(&fixture, "a");
    fs::write(run.join(LOCK), holder("elsewhere", "another")).unwrap();
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 0);
    write_at(&run, SystemTime::now() - Duration::from_mins(1));
    assert_eq!(harvest(&fixture.store(), &fixture.live()).unwrap(), 1);
}
