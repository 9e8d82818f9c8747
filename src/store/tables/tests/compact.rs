//! Many small files become few.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, Series};

use super::*;
use crate::store::tables::write;

#[test]
fn many_files_become_one_and_say_the_same() {
    let (folder, store) = mixed_notebook();
    let before = seen(folder.path());
    let plan = store.compact(true).unwrap();
    assert_eq!(files(folder.path(), "summary").len(), 4, "a dry run changes nothing");
    let done = store.compact(false).unwrap();
    assert_eq!(plan.merged, done.merged);
    assert_eq!((done.merged.len(), done.merged[0].files, done.merged[0].into), (1, 4, 1));
    assert_eq!((done.merged[0].runs, done.left.len()), (6, 0));
    for table in ["summary", "curves"] {
        assert_eq!(files(folder.path(), table).len(), 1, "{table}");
    }
    assert_eq!(seen(folder.path()), before);
    assert_eq!(seen_by(&store).0, before, "a store that had read the files of before sees the same");
    assert!(store.compact(false).unwrap().merged.is_empty(), "there is nothing left to do");
}

#[test]
fn cut_off_anywhere_compacting_loses_and_doubles_nothing() {
    let whole = {
        let (_folder, store) = mixed_notebook();
        let mut steps = 0;
        let mut count = |step: &Step| {
            steps += 1;
            step.take()
        };
        store.compact_by(later(), &mut count).unwrap();
        steps
    };
    assert_eq!(whole, 10, "two files are written, eight removed");
    for steps in 0..whole {
        let (folder, store) = mixed_notebook();
        let before = seen(folder.path());
        store.compact_by(later(), &mut cut_off_after(steps)).unwrap_err();
        assert_eq!(seen(folder.path()), before, "after {steps} steps");
        assert_eq!(seen_by(&store).0, before, "after {steps} steps");
        // The next one finishes what this one began. What it left is not touched while it may still be wanted.
        let store = Store::open(folder.path());
        store.compact(false).unwrap();
        assert_eq!(seen(folder.path()), before, "after {steps} steps and all");
        store.compact_by(later(), &mut |step| step.take()).unwrap();
        assert_eq!(seen(folder.path()), before, "after {steps} steps, all, and a while");
        for table in ["summary", "curves"] {
            assert_eq!(files(folder.path(), table).len(), 1, "{table} after {steps} steps");
        }
    }
}

#[test]
fn curves_that_no_summary_names_stay_an_hour_and_as_long_as_they_stand_nowhere_else() {
    let (folder, store) = notebook(&[&[run("a", 2)]]);
    let other = notebook(&[&[run("b", 3)]]);
    // As a copy of another notebook brings them: the curves first, as old as they are there.
    let curves = &files(other.0.path(), "curves")[0];
    let copy = folder.path().join(curves.strip_prefix(other.0.path()).unwrap());
    fs::copy(curves, &copy).unwrap();
    let old = fs::File::options().write(true).open(&copy).unwrap();
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(store.compact(false).unwrap().strays.0, 0);
    assert_eq!(store.compact_by(later(), &mut |step| step.take()).unwrap().strays.0, 0);
    assert!(copy.exists(), "its rows stand nowhere else: their summary may come yet");
    store.append(&[run("b", 3), run("c", 1)]).unwrap();
    assert_eq!(store.compact(false).unwrap().strays.0, 0, "it has just been put there");
    assert_eq!(store.compact_by(later(), &mut |step| step.take()).unwrap().strays.0, 1);
    assert!(!copy.exists());
}

#[test]
fn what_a_killed_writer_left_goes_after_an_hour() {
    let (folder, store) = notebook(&[&[run("a", 2)]]);
    let half = ["summary", "curves"].map(|table| files(folder.path(), table)[0].with_file_name(".tmp123abc"));
    for path in &half {
        fs::write(path, "half").unwrap();
    }
    assert_eq!(store.compact(false).unwrap().strays, (0, 0), "somebody may be writing them");
    assert_eq!(store.compact_by(later(), &mut |step| step.take()).unwrap().strays, (2, 8));
    assert!(!half.iter().any(|path| path.exists()));
    assert_eq!(seen(folder.path()).len(), 1);
}

/// Writes `frame` as a file of ours would be called.
fn plant(folder: &Path, mut frame: DataFrame) -> PathBuf {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    let path = folder.join(write::file_name(&bytes));
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_is_not_understood_to_the_last_column_stays_as_it_is() {
    type Change = fn(&mut DataFrame);
    let text = |frame: &mut DataFrame| {
        let rows = vec!["by hand"; frame.height()];
        frame.with_column(Column::from(Series::new("note".into(), rows))).unwrap();
    };
    let setting = |frame: &mut DataFrame| {
        let rows = vec![1.0; frame.height()];
        frame.with_column(Column::from(Series::new("model.later".into(), rows))).unwrap();
    };
    let status = |frame: &mut DataFrame| {
        let rows = vec!["paused"; frame.height()];
        frame.with_column(Column::from(Series::new("status".into(), rows))).unwrap();
    };
    let whole = |frame: &mut DataFrame| {
        let rows = vec![7_i64; frame.height()];
        frame.with_column(Column::from(Series::new("later_count".into(), rows))).unwrap();
    };
    let changes: [(&str, &str, Change); 5] = [
        ("summary", "a column of text", text),
        ("summary", "a setting that its spec has not", setting),
        ("summary", "a status of a later version", status),
        ("curves", "a column of text", text),
        ("curves", "a column of whole numbers", whole),
    ];
    for (table, what, change) in changes {
        let (folder, store) = notebook(&[&[run("a", 2)], &[run("b", 3)], &[run("c", 4)]]);
        let file = files(folder.path(), table)[0].clone();
        let mut changed = frame(&file);
        change(&mut changed);
        fs::remove_file(&file).unwrap();
        let planted = plant(file.parent().unwrap(), changed);
        if table == "curves" {
            // The summary that names it has to name it by its new name.
            let name = format!("{}/{}", date(&planted), name(&planted));
            let old = format!("{}/{}", date(&file), self::name(&file));
            let summary = files(folder.path(), "summary")
                .into_iter()
                .find(|path| frame(path).column("curves").unwrap().str().unwrap().get(0) == Some(&old))
                .unwrap();
            let mut frame = frame(&summary);
            let rows = vec![name; frame.height()];
            frame.with_column(Column::from(Series::new("curves".into(), rows))).unwrap();
            fs::remove_file(&summary).unwrap();
            plant(summary.parent().unwrap(), frame);
        }
        let (before, _) = seen_by(&store);
        let done = store.compact(false).unwrap();
        assert!(planted.exists(), "{what}");
        assert_eq!(done.merged[0].files, 2, "{what}: the others are merged");
        assert!(done.left.iter().any(|left| left.to_string().contains("it is left as it is")), "{done:?}");
        assert_eq!(seen_by(&store).0, before, "{what}");
        assert_eq!(files(folder.path(), table).len(), 2, "{what}");
    }
}

fn date(path: &Path) -> String {
    path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_row_whose_curve_cannot_be_read_and_whatever_is_not_ours_stays() {
    let (folder, store) = notebook(&[&[run("a", 2)], &[run("b", 3)], &[run("c", 4)], &[run("d", 5)]]);
    let curves = files(folder.path(), "curves");
    fs::remove_file(&curves[0]).unwrap();
    fs::write(&curves[1], "PAR1 and no more").unwrap();
    let summaries = files(folder.path(), "summary");
    let foreign = summaries[0].with_file_name("by hand.parquet");
    fs::copy(&summaries[0], &foreign).unwrap();
    let outside = folder.path().join("runs/summary").join(name(&summaries[0]));
    fs::copy(&summaries[0], &outside).unwrap();
    let (before, _) = seen_by(&store);
    assert_eq!(before.len(), 4);
    let done = store.compact(false).unwrap();
    assert_eq!((done.merged[0].files, done.left.len()), (2, 2), "{:?}", done.left);
    assert!(foreign.exists() && outside.exists() && curves[1].exists());
    assert_eq!(seen_by(&Store::open(folder.path())).0, before);
}

#[test]
fn a_file_whose_curves_are_gone_goes_where_its_rows_stand_elsewhere_with_theirs() {
    let (folder, store) = notebook(&[&[run("a", 2)], &[run("a", 2), run("b", 3)], &[run("c", 1)]]);
    let alone = notebook(&[&[run("a", 2)]]);
    let curves = files(alone.0.path(), "curves")[0].strip_prefix(alone.0.path()).unwrap().to_owned();
    fs::remove_file(folder.path().join(curves)).unwrap();
    let before = seen(folder.path());
    assert_eq!(before.len(), 3);
    let done = store.compact(false).unwrap();
    assert_eq!((done.merged[0].files, done.left.len()), (3, 0), "{:?}", done.left);
    assert_eq!(seen(folder.path()), before);
    assert_eq!(files(folder.path(), "summary").len(), 1);
}

#[test]
fn of_two_files_that_disagree_about_a_curve_none_is_lost() {
    let (folder, store) = notebook(&[&[run("a", 2)], &[run("a", 3)], &[run("b", 1)]]);
    let done = store.compact(false).unwrap();
    assert_eq!((done.merged[0].files, done.left.len()), (2, 1));
    assert!(done.left[0].message.contains("another file has another curve of one of its runs"));
    let rows =
        |table: &str| files(folder.path(), table).iter().map(|file| frame(file).height()).sum::<usize>();
    assert_eq!((rows("summary"), rows("curves")), (3, 6));
}

#[test]
fn a_record_that_was_stored_twice_keeps_both_rows_and_one_curve() {
    let mut elsewhere = run("a", 4);
    "there".clone_into(&mut elsewhere.0.host);
    // Once more in one file, one after the other, and with its curve lost.
    let both = [run("a", 4), elsewhere.clone()];
    let lost = [(elsewhere.0.clone(), Curve::default())];
    let (folder, store) = notebook(&[&[run("a", 4)], &[elsewhere], &both, &lost, &[run("b", 1)]]);
    let before = seen(folder.path());
    assert_eq!(before.len(), 2);
    let done = store.compact(false).unwrap();
    assert_eq!((done.merged[0].files, done.merged[0].runs, done.left.len()), (5, 3, 0), "{:?}", done.left);
    assert_eq!(seen(folder.path()), before);
    let rows =
        |table: &str| files(folder.path(), table).iter().map(|file| frame(file).height()).sum::<usize>();
    assert_eq!((rows("summary"), rows("curves")), (3, 5));
    // And again: a file with two rows of one curve is one like any other.
    store.append(&[run("c", 2)]).unwrap();
    assert_eq!(store.compact(false).unwrap().merged[0].files, 2);
    store.discard(&wanted(&["a"]), false).unwrap();
    let kept = seen(folder.path());
    assert_eq!(kept.values().next(), before.get(RunId::of(&[b"a"]).as_str()));
    assert_eq!((kept.len(), rows("summary"), rows("curves")), (1, 2, 4));
}

#[test]
fn only_one_tidies_at_a_time() {
    let (_folder, store) = mixed_notebook();
    let lock = store.tidying().unwrap();
    assert!(matches!(store.compact(false), Err(StoreError::Tidying)));
    assert!(matches!(store.discard(&HashSet::new(), false), Err(StoreError::Tidying)));
    drop(lock);
    assert_eq!(store.compact(false).unwrap().merged.len(), 1);
}

#[test]
fn without_the_lock_two_compactions_at_once_lose_nothing_either() {
    // A network file system may lock for one machine alone.
    for _ in 0..10 {
        let (folder, store) = mixed_notebook();
        let before = seen(folder.path());
        let compact = || Store::open(folder.path()).compact_by(later(), &mut |step| step.take());
        thread::scope(|scope| {
            let other = scope.spawn(compact);
            let _ = compact();
            let _ = other.join().unwrap();
        });
        assert_eq!(seen(folder.path()), before);
        assert_eq!(seen_by(&store).0, before);
    }
}

#[test]
fn whoever_reads_during_compactions_sees_every_run_with_its_whole_curve() {
    const ROUNDS: usize = 25;
    const FILES: usize = 6;
    let (folder, store) = notebook(&[&[run("0", 1)]]);
    let (stored, done) = (AtomicUsize::new(1), AtomicBool::new(false));
    let rows = |at: usize| at as u64 % 7 + 1;
    let write = || {
        let store = Store::open(folder.path());
        for round in 0..ROUNDS {
            for file in 0..FILES {
                let at = 1 + round * FILES + file;
                store.append(&[run(&at.to_string(), rows(at))]).unwrap();
                stored.store(at + 1, Ordering::SeqCst);
            }
            store.compact(false).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    };
    let check = |store: &Store| {
        let least = stored.load(Ordering::SeqCst);
        let (seen, problems) = seen_by(store);
        assert!(problems.is_empty(), "{problems:?}");
        for at in 0..least {
            let (record, line) = run(&at.to_string(), rows(at));
            let found =
                seen.get(record.run.as_str()).unwrap_or_else(|| panic!("run {at} of {least} is gone"));
            assert_eq!(found.1, format!("{line:?}"), "run {at} of {least}");
            assert!(found.0.contains("lost_curve: false"), "run {at} of {least}");
        }
    };
    let mut looks = 0;
    thread::scope(|scope| {
        scope.spawn(write);
        let fresh = scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                check(&Store::open(folder.path()));
            }
        });
        while !done.load(Ordering::SeqCst) {
            check(&store);
            looks += 1;
        }
        fresh.join().unwrap();
    });
    assert!(looks > 1);
    check(&store);
    assert_eq!(store.read_summaries().0.len(), 1 + ROUNDS * FILES);
}
