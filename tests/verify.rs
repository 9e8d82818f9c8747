//! Stored runs trained again: the same bits come out, and what is not the same is found and named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use common::{Notebook, QUICK, Ran, wait_for};
use lowland::base::RunId;
use lowland::store::{Curve, RunRecord, Store, read_weights};

/// A notebook whose quick entry has been run.
fn stored() -> Notebook {
    let notebook = Notebook::quick();
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    notebook
}

/// Everything below a folder, with its content; what is in flight comes and goes, and is left out.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.ends_with(".live") {
            continue;
        }
        if path.is_dir() {
            found.extend(everything(&path));
            found.insert(path, None);
        } else {
            let content = fs::read(&path).unwrap();
            found.insert(path, Some(content));
        }
    }
    found
}

/// The last line that it prints.
fn last(ran: &Ran) -> &str {
    ran.out.lines().last().unwrap_or_default()
}

#[test]
fn what_is_costly_is_trained_again_when_asked_for() {
    let notebook = Notebook::empty();
    notebook.entry("heavy", QUICK.replace("seeds: 4", "seeds: 4\ncost: full"));
    assert_eq!(notebook.run(&["run", "heavy", "--full"]).code, 0);
    let ran = notebook.run(&["verify", "--sample", "2"]);
    assert!(ran.code == 0 && ran.out.contains("left out (cost: full); --full verifies it"), "{ran:?}");
    let ran = notebook.run(&["verify", "--sample", "2", "--full"]);
    assert!(ran.code == 0 && last(&ran).contains("2 bit-identical"), "{ran:?}");
}

#[test]
fn whatever_the_number_of_workers_the_same_bits_come_out_and_nothing_is_left_behind() {
    let notebook = stored();
    let before = everything(notebook.path());
    for workers in ["1", "2", "5"] {
        let ran = notebook.run(&["verify", "quick", "--workers", workers]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(last(&ran).starts_with("8 runs verified on"), "{ran:?}");
        assert!(last(&ran).ends_with(": 8 bit-identical"), "{ran:?}");
        assert!(ran.err.contains("8 runs to train again, about 0:0"), "{ran:?}");
        assert!(!ran.out.contains("not wholly compared"), "{ran:?}");
        assert!(everything(notebook.path()) == before, "something was left, taken or changed");
        let live = fs::read_dir(notebook.path().join("runs/.live")).unwrap().flatten();
        let runs = live.filter(|entry| entry.file_name().to_string_lossy().parse::<RunId>().is_ok());
        assert_eq!((runs.count(), scratch(&notebook).len()), (0, 0));
    }
    let json = notebook.run(&["verify", "--json"]);
    assert!(json.err.is_empty(), "{json:?}");
    let json = json.json();
    assert_eq!((&json["cells"][0]["identical"], &json["cells"][0]["planned"]), (&8.into(), &8.into()));
    let runs = json["runs"].as_array().unwrap();
    assert!(
        runs.len() == 8
            && runs
                .iter()
                .all(|run| run["verdict"] == "identical" && run["left_out"] == serde_json::json!([]))
    );
}

/// Writes what is stored of one run anew, with a change, and says what the run is called.
fn tamper(notebook: &Notebook, change: impl FnOnce(&mut RunRecord, &mut Curve)) -> String {
    let store = Store::open(notebook.path());
    let (records, _) = store.read_summaries();
    let keys: Vec<_> = records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
    let (mut curves, _) = store.read_curves(&keys);
    let victim =
        records.iter().find(|record| record.origin.arm == "fast" && record.seed == 2).unwrap().run.clone();
    let mut rows: Vec<_> = records
        .into_iter()
        .map(|record| (Arc::unwrap_or_clone(record.clone()), curves.remove(&record.run).unwrap()))
        .collect();
    let row = rows.iter_mut().find(|(record, _)| record.run == victim).unwrap();
    change(&mut row.0, &mut row.1);
    for table in ["summary", "curves"] {
        fs::remove_dir_all(notebook.path().join("runs").join(table)).unwrap();
    }
    store.append(&rows).unwrap();
    victim.to_string()
}

#[test]
fn a_result_that_was_changed_is_found_with_its_step_and_quantity() {
    type Change = fn(&mut RunRecord, &mut Curve);
    let cases: [(Change, &str); 6] = [
        (
            |_, curve| {
                let at = curve.steps.iter().position(|&step| step == 2).unwrap();
                curve.columns.get_mut("test_loss").unwrap()[at] += 0.25;
            },
            "differs from step 2 in test_loss: ",
        ),
        (
            |record, _| *record.measures.get_mut("hessian_trace").unwrap() *= 2.0,
            "differs from step 120 in hessian_trace: ",
        ),
        (|record, _| record.steps = 110, "differs from step 110 in steps: 110 stored, 120 now"),
        (
            |record, _| {
                let mut spec = serde_json::Value::clone(&record.spec);
                spec["optimizer"]["momentum"] = serde_json::json!(0.5);
                record.spec = spec.into();
            },
            "differs from step 0 in optimizer.momentum: 0.5 stored, 0.0 now",
        ),
        (|record, _| record.engine = 42, "cannot be verified: it was made by engine 42, and this is engine "),
        (
            |record, _| record.dataset_hash = "abc".to_owned(),
            "cannot be verified: its row names another dataset than its id",
        ),
    ];
    for (change, said) in cases {
        let notebook = stored();
        let run = tamper(&notebook, change);
        let ran = notebook.run(&["verify", "quick"]);
        assert_eq!(ran.code, 1, "{said}: {ran:?}");
        let place = format!("2026-01-02-quick#quick fast seed 2 ({})", &run[..8]);
        let line = ran
            .out
            .lines()
            .find(|line| line.starts_with(&place))
            .unwrap_or_else(|| panic!("{said}: {ran:?}"));
        assert!(line.contains(said), "{said}: {line}");
        assert!(last(&ran).contains("7 bit-identical, 1 "), "{ran:?}");
    }
}

#[test]
fn weights_that_were_changed_are_found_and_weights_that_are_gone_are_not_compared() {
    let notebook = stored();
    let folder = notebook.path().join("runs/weights");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 8);
    let mut bytes = fs::read(&files[0]).unwrap();
    *bytes.last_mut().unwrap() ^= 0x40;
    fs::write(&files[0], bytes).unwrap();
    fs::write(&files[1], "no weights").unwrap();
    fs::remove_file(&files[2]).unwrap();
    assert!(read_weights(&files[0]).is_ok());
    let ran = notebook.run(&["verify"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("differs from step 120 in weights layer.1.weight["), "{ran:?}");
    assert!(ran.out.contains("cannot be verified") && ran.out.contains("not a file of weights"), "{ran:?}");
    assert!(ran.out.contains("weights: not wholly compared in 1 run, they were not kept"), "{ran:?}");
    assert!(last(&ran).ends_with("6 bit-identical, 1 different, 1 cannot be verified"), "{ran:?}");
}

/// The files of curves.
fn curves(notebook: &Notebook) -> Vec<PathBuf> {
    let files = everything(&notebook.path().join("runs/curves")).into_iter();
    files.filter(|(_, content)| content.is_some()).map(|(path, _)| path).collect()
}

/// Everything stored of every run but when it was trained and how long that took.
fn results(notebook: &Notebook) -> Vec<String> {
    let store = Store::open(notebook.path());
    let (records, _) = store.read_summaries();
    let keys: Vec<_> = records.iter().map(|record| (record.run.clone(), record.record.clone())).collect();
    let (mut curves, _) = store.read_curves(&keys);
    let timeless = |record: &RunRecord| {
        format!("{:?}", RunRecord { finished: String::new(), seconds: 0.0, ..record.clone() })
    };
    records.iter().map(|record| format!("{} {:?}", timeless(record), curves.remove(&record.run))).collect()
}

#[test]
fn a_curve_that_is_damaged_or_lost_is_found_and_the_run_is_needed_again() {
    type Harm = fn(&Path);
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let cases: [(&str, Harm); 3] = [
        ("it is gone", |path| fs::remove_file(path).unwrap()),
        // Somebody may still be copying it: it is left where it is.
        ("it is damaged", flip),
        ("it was damaged long ago", |path| {
            fs::write(path, "PAR1").unwrap();
            let then = SystemTime::now() - Duration::from_mins(5);
            fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
        }),
    ];
    for (what, harm) in cases {
        let notebook = stored();
        let whole = results(&notebook);
        assert!(whole.len() == 8 && whole.iter().all(|run| run.contains("Some(Curve")));
        for path in curves(&notebook) {
            harm(&path);
        }
        let ran = notebook.run(&["verify"]);
        assert_eq!(ran.code, 1, "{what}: {ran:?}");
        let said = "cannot be verified: its stored curve is damaged or lost; all else is bit-identical";
        assert_eq!(ran.out.matches(said).count(), 8, "{what}: {ran:?}");
        assert_eq!(last(&ran), "8 cannot be verified", "{what}");
        let plan = notebook.run(&["run", "--needed", "--dry-run"]);
        assert!(plan.out.contains("#quick: 8 of 8 runs to do"), "{what}: {plan:?}");
        if !what.ends_with("damaged") {
            let listed = notebook.run(&["list"]);
            assert!(listed.out.contains("stale: stored curves are lost"), "{what}: {listed:?}");
        }
        let healed = notebook.run(&["run", "--needed"]);
        assert!(healed.code == 0 && healed.err.contains("8 runs in"), "{what}: {healed:?}");
        assert!(results(&notebook) == whole, "{what}");
        let again = notebook.run(&["verify"]);
        assert!(again.code == 0 && last(&again).ends_with(": 8 bit-identical"), "{what}: {again:?}");
        assert!(notebook.run(&["run", "--needed"]).out.contains("all 8 runs are there"), "{what}");
        // Nothing is left of the rows without curves once all is one.
        let compacted = notebook.run(&["compact"]);
        assert!(compacted.code == 0 && compacted.err.is_empty(), "{what}: {compacted:?}");
        assert!(results(&notebook) == whole, "{what}");
    }
}

#[test]
fn a_little_off_is_within_the_tolerance_and_how_much_a_little_is_can_be_said() {
    let notebook = stored();
    tamper(&notebook, |_, curve| curve.columns.get_mut("weight_norm").unwrap()[3] *= 1.0 + 1e-8);
    let ran = notebook.run(&["verify", "quick"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(last(&ran).ends_with(": 7 bit-identical, 1 within 1e-6"), "{ran:?}");
    assert!(ran.out.contains("furthest off within the tolerance: weight_norm at step 3 of"), "{ran:?}");
    let strict = notebook.run(&["verify", "quick", "--tolerance", "1e-9"]);
    assert_eq!(strict.code, 1, "{strict:?}");
    assert!(strict.out.contains("differs from step 3 in weight_norm"), "{strict:?}");
}

#[test]
fn a_sample_is_dealt_over_the_cells_and_can_be_taken_again() {
    let notebook = Notebook::quick();
    let other = QUICK.replace("id: quick", "id: other").replace("tanh", "relu");
    let other = other.split("```yaml compare").next().unwrap().to_owned();
    notebook.entry("2026-01-03-other", other);
    notebook.run(&["run", "--needed"]);
    let chosen = |ran: &Ran| -> Vec<String> {
        let json = ran.json();
        let runs = json["runs"].as_array().unwrap();
        runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
    };
    let sample = |count: &str, seed: &str| {
        let ran = notebook.run(&["verify", "--sample", count, "--seed", seed, "--json"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        (chosen(&ran), ran.json())
    };
    let (first, json) = sample("4", "1");
    assert_eq!((first.len(), &sample("4", "1").0), (4, &first));
    assert!(json["cells"].as_array().unwrap().iter().all(|cell| cell["runs"] == 2), "{json}");
    assert!((2..6).any(|seed| sample("4", &seed.to_string()).0 != first), "the seed decides");
    assert_eq!(sample("99", "1").0.len(), 16);
    let ran = notebook.run(&["verify", "quick", "--sample", "3"]);
    let told = ran.out.lines().next().unwrap();
    assert!(told.starts_with("a sample of 3 of 8 runs; --sample 3 --seed "), "{ran:?}");
    assert!(last(&ran).starts_with("3 runs verified"), "{ran:?}");
}

#[test]
fn what_cannot_be_trained_again_is_said_with_its_reason() {
    let notebook = Notebook::empty();
    fs::create_dir(notebook.path().join("datasets")).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets");
    let place = notebook.path().join("datasets/wine.parquet");
    fs::copy(source.join("wine.parquet"), &place).unwrap();
    let teacher = "{kind: teacher, inputs: 5, hidden: 4, classes: 3, train: 60, test: 60}";
    let wine = "{name: wine, train: 60, test: 20, normalize: standard}";
    let entry = QUICK.replace(teacher, wine).replace("seeds: 4", "seeds: 1");
    assert!(entry.contains(wine));
    notebook.entry("2026-01-02-quick", entry);
    let ran = notebook.run(&["run", "quick"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(notebook.run(&["verify"]).code, 0);

    fs::copy(source.join("breast_cancer.parquet"), &place).unwrap();
    let changed = notebook.run(&["verify"]);
    assert_eq!(changed.code, 1, "{changed:?}");
    assert!(
        changed.out.contains("cannot be verified: dataset wine changed since it was stored"),
        "{changed:?}"
    );
    assert_eq!(last(&changed), "2 cannot be verified");

    fs::remove_file(&place).unwrap();
    let missing = notebook.run(&["verify"]);
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(missing.err.contains("there is no dataset `wine`"), "{missing:?}");
}

#[test]
fn what_was_measured_then_is_measured_again_whatever_the_cell_measures_now() {
    let notebook = stored();
    let text = fs::read_to_string(notebook.path().join("entries/2026-01-02-quick.md")).unwrap();
    notebook.entry(
        "2026-01-02-quick",
        text.replace("{hessian_trace: {probes: 4}}", "{hessian_trace: {probes: 9}}"),
    );
    let ran = notebook.run(&["verify"]);
    assert_eq!((ran.code, ran.out.contains("not wholly compared")), (0, false), "{ran:?}");
    assert!(last(&ran).ends_with(": 8 bit-identical"), "{ran:?}");
    // What only a later version can measure is left out, and that is said.
    tamper(&notebook, |record, _| {
        record.measured.push("entropy()".to_owned());
        record.measures.insert("entropy".to_owned(), 0.5);
    });
    let ran = notebook.run(&["verify"]);
    assert!(
        ran.out.contains("entropy: not wholly compared in 1 run, another version of lowland measured it"),
        "{ran:?}"
    );
    assert!(ran.code == 0 && last(&ran).ends_with(": 8 bit-identical"), "{ran:?}");
}

#[test]
fn nothing_stored_is_nothing_to_verify_and_wrong_usage_is_named() {
    let notebook = Notebook::quick();
    let ran = notebook.run(&["verify"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing is stored of it: there is nothing to verify\n"));
    assert!(!notebook.path().join("runs").exists());
    for (args, said) in [
        (&["verify", "qiuck"][..], "did you mean `quick`?"),
        (&["verify", "--seed", "1"], "--sample"),
        (&["verify", "--sample", "0"], "0"),
        (&["verify", "--tolerance=-1"], "it must be 0 or more"),
        (&["verify", "--tolerance", "few"], "it must be a number"),
    ] {
        let ran = notebook.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(said), "{args:?}: {ran:?}");
    }
}

/// The scratch folders there are.
fn scratch(notebook: &Notebook) -> Vec<PathBuf> {
    let entries = fs::read_dir(notebook.path().join("runs/.live")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains(".verify-")).collect()
}

/// A verification of runs that take a while, once one of them is going.
fn under_way(notebook: &Notebook) -> std::process::Child {
    let child = notebook
        .command(&["verify", "slow", "--workers", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let going = || scratch(notebook).iter().any(|folder| fs::read_dir(folder).unwrap().count() > 1);
    wait_for("a run in flight", going);
    child
}

/// A notebook with runs of about a second each.
fn slow() -> Notebook {
    let notebook = Notebook::empty();
    notebook.entry(
        "2026-01-02-slow",
        QUICK.replace("epochs: 20", "epochs: 20000").replace("seeds: 4", "seeds: 3"),
    );
    assert_eq!(notebook.run(&["run", "slow"]).code, 0);
    notebook
}

#[test]
fn an_interrupt_ends_it_and_takes_the_scratch_folder_with_it_and_a_killed_one_is_swept_by_the_next() {
    let notebook = slow();
    let before = everything(&notebook.path().join("runs/summary"));
    let child = under_way(&notebook);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(last(&ran).starts_with("interrupted, "), "{ran:?}");
    assert_eq!(scratch(&notebook), [] as [PathBuf; 0]);

    let mut child = under_way(&notebook);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(scratch(&notebook).len(), 1, "nobody could take it away");
    let ran = notebook.run(&["verify", "slow", "--sample", "1"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(scratch(&notebook), [] as [PathBuf; 0]);
    assert_eq!(everything(&notebook.path().join("runs/summary")), before, "nothing was stored");
}

/// The processes that this one has started.
fn children(parent: u32) -> Vec<rustix::process::Pid> {
    let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let status = fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name, which is in parentheses: the state, then the parent.
        let owner: u32 = status.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
        (owner == parent).then(|| rustix::process::Pid::from_raw(pid)).flatten()
    });
    processes.collect()
}

#[test]
fn a_run_whose_worker_dies_over_it_cannot_be_verified_and_says_so() {
    let notebook = slow();
    let mut child = under_way(&notebook);
    wait_for("its end", || {
        for worker in children(child.id()) {
            let _ = rustix::process::kill_process(worker, rustix::process::Signal::KILL);
        }
        child.try_wait().unwrap().is_some()
    });
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains(
            "cannot be verified: it could not be trained again: its worker process was killed (5 attempts)"
        ),
        "{ran:?}"
    );
    assert_eq!(last(&ran), "6 cannot be verified", "{ran:?}");
    assert_eq!(scratch(&notebook), [] as [PathBuf; 0]);
}

#[test]
fn a_read_only_notebook_says_why_it_cannot_be_verified() {
    let notebook = stored();
    for folder in ["", "runs", "runs/.live"] {
        fs::set_permissions(notebook.path().join(folder), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = notebook.path().join("lowland");
    fs::copy(env!("CARGO_BIN_EXE_lowland"), &program).unwrap();
    // Root may write everywhere, so that the test would show nothing: it becomes nobody.
    let nobody = |args: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(&program).args(args).current_dir(notebook.path()).envs(notebook.own_folders());
        Ran::of(&command.output().unwrap())
    };
    if !rustix::process::geteuid().is_root() || !nobody(&["--version"]).out.contains("lowland") {
        eprintln!("skipped: this needs root, setpriv, and a binary that everyone may read");
        return;
    }
    for (args, said) in [
        (&["verify"][..], "runs are trained again in a folder of the notebook"),
        (&["compact"], "compact.lock"),
    ] {
        let ran = nobody(args);
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        assert!(ran.err.contains(said) && ran.err.contains("ermission denied"), "{args:?}: {ran:?}");
    }
    assert_eq!(nobody(&["compact", "--dry-run"]).code, 0);
}
