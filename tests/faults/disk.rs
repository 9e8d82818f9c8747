//! Disks that are full, broken or read-only while runs are going, and well again later.

use std::fs;
use std::path::Path;
use std::thread;

use rustix::io::Errno;

use crate::common::{Notebook, Ran, wait_for};
use crate::real_disk;
use crate::running::Running;
use crate::say;
use crate::shim::{Disk, Fault};
use crate::sweep::SHORT;

/// What happens to a disk, and what is said of it.
struct Case {
    name: &'static str,
    fault: Fault,
    /// What the command that asked for the runs says.
    told: &'static str,
    /// What the cell shows meanwhile; empty where nobody can write it down.
    shown: &'static str,
}

/// Every run of the sweep with a disk that fails in the middle of it.
fn endure(case: &Case) {
    let Some(disk) = Disk::new() else { return };
    let notebook = SHORT.notebook();
    let run = Running::start(disk.command(&notebook, &SHORT.ask_of_one()));
    wait_for("a run that is done", || log(&notebook).contains("\"done\""));
    disk.fail(&notebook, case.fault);
    let told = || run.err().contains(case.told);
    wait_for(&format!("{}: its being told", case.name), told);
    if !case.shown.is_empty() {
        wait_for(&format!("{}: its being shown", case.name), || shows(&notebook, case.shown));
    }
    let failed = log(&notebook).contains("\"failed\"");
    disk.heal();
    let ran = run.end();
    let differences = SHORT.differences(&notebook);
    say(&format!("faults: {:>24}: told, healed, {} differences", case.name, differences.len()));
    assert!(!failed, "{}: a run failed for it", case.name);
    assert_eq!(ran.code, 0, "{}: {ran:?}", case.name);
    assert!(ran.err.contains("it goes on"), "{}: {ran:?}", case.name);
    assert!(differences.is_empty(), "{}: {differences:#?}", case.name);
}

/// What the supervisor has said.
pub fn log(notebook: &Notebook) -> String {
    fs::read_to_string(notebook.path().join("runs/.live/supervisor/log.jsonl")).unwrap_or_default()
}

/// Whether the cell shows that it is held up, and this as the reason.
pub fn shows(notebook: &Notebook, why: &str) -> bool {
    let says = |args: &[&str]| {
        let out = notebook.run(args).out;
        out.contains("held up") && out.contains(why)
    };
    says(&["show", "cell"]) && says(&["list"]) && says(&["list", "--running"])
}

const CASES: [Case; 5] = [
    Case {
        name: "full disk",
        fault: Fault { errno: Errno::NOSPC, operations: "cpm", below: "runs", spared: "/supervisor/" },
        told: "No space left on device",
        shown: "No space left on device",
    },
    Case {
        name: "I/O errors",
        fault: Fault { errno: Errno::IO, operations: "opsrmt", below: "runs", spared: "/supervisor/" },
        told: "Input/output error",
        shown: "Input/output error",
    },
    Case {
        name: "I/O errors of fsync",
        fault: Fault { errno: Errno::IO, operations: "s", below: "runs", spared: "/supervisor/" },
        told: "results cannot be stored",
        shown: "",
    },
    Case {
        name: "full disk of the tables",
        fault: Fault { errno: Errno::DQUOT, operations: "cw", below: "runs/summary", spared: "//" },
        told: "results cannot be stored",
        shown: "",
    },
    Case {
        name: "read-only disk",
        fault: Fault { errno: Errno::ROFS, operations: "owsrmtu", below: "runs", spared: "//" },
        told: "Read-only file system",
        shown: "",
    },
];

/// A verification on a full disk says so, and waits for nothing.
fn verify() {
    let Some(disk) = Disk::new() else { return };
    let notebook = SHORT.done();
    let fault = Fault { errno: Errno::NOSPC, operations: "cw", below: "runs", spared: "/supervisor/" };
    let mut verify = Running::start(disk.command(&notebook, &["verify", "cell"]));
    wait_for("a run in flight", || verify.is_over() || is_verifying(&notebook));
    disk.fail(&notebook, fault);
    let ran = verify.end();
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("the runs cannot be trained again: No space left on device"), "{ran:?}");
    assert!(ran.out.contains("held up, "), "{ran:?}");
    let full = Ran::of(&disk.command(&notebook, &["verify", "cell"]).output().unwrap());
    assert!(full.code == 1 && full.err.contains("No space left on device"), "{full:?}");
    disk.heal();
    assert_eq!(notebook.run(&["verify", "cell", "--sample", "2"]).code, 0);
    say("faults: full disk of a verification: told, and it ended");
}

/// Whether a verification is at a run.
fn is_verifying(notebook: &Notebook) -> bool {
    let entries = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten();
    let live = notebook.path().join("runs/.live");
    let scratch = entries(&live).filter(|entry| entry.file_name().to_string_lossy().starts_with(".verify-"));
    scratch.flat_map(|folder| entries(&folder.path()).collect::<Vec<_>>()).count() > 1
}

/// All of them side by side: most of the time somebody waits until it is worth another attempt.
#[test]
fn a_disk_that_fails_holds_the_runs_up_until_it_is_well_and_nothing_is_lost() {
    thread::scope(|scope| {
        for case in &CASES {
            scope.spawn(|| endure(case));
        }
        for case in [verify, real_disk::full, real_disk::read_only] {
            scope.spawn(case);
        }
    });
}
