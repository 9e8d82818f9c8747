//! Runs that nobody asks for go, and no other.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use super::*;

/// [`mixed_notebook`] with a file of weights for every run, and one of a run that is not stored.
fn with_weights() -> (tempfile::TempDir, Store) {
    let (folder, store) = mixed_notebook();
    for name in ["a", "b", "c", "d", "f", "gone"] {
        let path = store.weights_path(&RunId::of(&[name.as_bytes()])).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "weights").unwrap();
    }
    fs::write(folder.path().join("runs/weights/notes.txt"), "mine").unwrap();
    (folder, store)
}

#[test]
fn runs_that_nobody_wants_go_with_their_curves_and_weights_and_no_other() {
    let (folder, store) = with_weights();
    let before = seen(folder.path());
    let keep = wanted(&["a", "c", "not stored"]);
    let plan = store.discard(&keep, true).unwrap();
    assert_eq!(seen(folder.path()), before, "a dry run changes nothing");
    let done = store.discard(&keep, false).unwrap();
    assert_eq!((plan.bytes, plan.weights), (done.bytes, done.weights));
    for removal in [plan, done] {
        let gone: HashSet<_> = removal.runs.keys().cloned().collect();
        assert!(gone == wanted(&["b", "d", "f"]) && removal.bytes > 0 && removal.left.is_empty());
    }
    let kept: Seen = before.into_iter().filter(|(run, _)| keep.contains(&run.parse().unwrap())).collect();
    assert_eq!(seen(folder.path()), kept);
    assert_eq!((files(folder.path(), "summary").len(), files(folder.path(), "curves").len()), (2, 2));
    let weights = |name: &str| store.weights_path(&RunId::of(&[name.as_bytes()])).unwrap().exists();
    assert!(weights("a") && weights("c") && !weights("b") && !weights("d") && !weights("f"));
    assert!(weights("gone"), "a run may be about to be stored");
    store.discard_by(later(), &keep, &mut |step| step.take()).unwrap();
    assert!(!weights("gone") && folder.path().join("runs/weights/notes.txt").exists());
    assert!(store.discard(&keep, true).unwrap().runs.is_empty());
}

#[test]
fn cut_off_anywhere_removing_loses_no_wanted_run() {
    let keep = wanted(&["a", "d"]);
    let only_kept = |seen: Seen| -> Seen {
        seen.into_iter().filter(|(run, _)| keep.contains(&run.parse().unwrap())).collect()
    };
    let mut steps = 0;
    loop {
        let (folder, store) = with_weights();
        let kept = only_kept(seen(folder.path()));
        let result = store.discard_by(later(), &keep, &mut cut_off_after(steps));
        assert_eq!(only_kept(seen(folder.path())), kept, "after {steps} steps");
        let finished = result.is_ok();
        Store::open(folder.path()).discard_by(later(), &keep, &mut |step| step.take()).unwrap();
        assert_eq!(seen(folder.path()), kept, "after {steps} steps and all");
        assert_eq!(files(folder.path(), "curves").len(), files(folder.path(), "summary").len());
        if finished {
            break;
        }
        steps += 1;
    }
    assert!(steps > 8, "{steps}");
}

#[test]
fn a_run_of_a_file_that_must_stay_stays_whole() {
    let (folder, store) = with_weights();
    let summaries = files(folder.path(), "summary");
    let with_d = |path: &PathBuf| {
        frame(path).column("run").unwrap().str().unwrap().get(0) == Some(RunId::of(&[b"d"]).as_str())
    };
    let file = summaries.iter().find(|path| with_d(path)).unwrap();
    fs::rename(file, file.with_file_name("by hand.parquet")).unwrap();
    let done = store.discard(&wanted(&["a"]), false).unwrap();
    assert!(!done.runs.contains_key(&RunId::of(&[b"d"])));
    assert!(done.left.len() == 1 && done.left[0].to_string().contains("lowland did not write it"));
    assert!(store.weights_path(&RunId::of(&[b"d"])).unwrap().exists());
    let runs: HashMap<_, _> = seen(folder.path()).into_iter().collect();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[RunId::of(&[b"d"]).as_str()].1, format!("{:?}", curve(2)));
}
