//! What is kept of the log is what the log is: every change shows, and nothing else is looked at.

use std::fs;
use std::path::Path;

use super::album;
use super::*;
use crate::store::journal::{self, JournalWriter, Start};
use crate::store::{Curve, Status, Store};

/// An entry with one experiment of two runs, and a claim about `from`.
pub fn entry(train: usize, from: &str) -> String {
    format!(
        "# An entry\n\n```yaml experiment\nid: e\ndataset: {{kind: teacher, train: {train}}}\nmodel: {{hidden: 4}}\n\
         optimizer: {{learning_rate: 0.1}}\nseeds: 2\n```\n\n```yaml claim\nid: c\nsays: It learns.\nfrom: {from}\n\
         expect: base.train_loss < 1\n```\n"
    )
}

/// A notebook in a folder of its own.
pub struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub fn new(entries: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("entries")).unwrap();
        let folder = Self { folder };
        for (slug, text) in entries {
            folder.write(slug, text);
        }
        folder
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, slug: &str, text: &str) {
        fs::write(self.root().join(format!("entries/{slug}.md")), text).unwrap();
    }

    /// Stores a result for every run of `slug` that is missing.
    pub fn store(&self, slug: &str, train_loss: f64) {
        let snapshot = Notebook::open(self.root()).snapshot(|_| Detail::Verdicts);
        let entry = snapshot.entries.iter().find(|entry| entry.slug == slug).unwrap();
        let CellView::Experiment(view) = &entry.cells[0] else { panic!("{slug}") };
        let curve = Curve::default();
        let run = |job: &crate::runner::Job| {
            let mut record = job.record(Status::Done, "steps".to_owned());
            record.measures.insert("train_loss".to_owned(), train_loss + job.spec.seed as f64 * 1e-3);
            (record.with_id(&curve.hash()), curve.clone())
        };
        Store::open(self.root()).append(&view.missing.iter().map(run).collect::<Vec<_>>()).unwrap();
    }

    /// Begins the first run of `slug`.
    pub fn begin(&self, slug: &str) -> JournalWriter {
        let snapshot = Notebook::open(self.root()).snapshot(|_| Detail::Verdicts);
        let entry = snapshot.entries.iter().find(|entry| entry.slug == slug).unwrap();
        let CellView::Experiment(view) = &entry.cells[0] else { panic!("{slug}") };
        let job = &view.missing[0];
        let start = Start {
            run: job.run.clone(),
            origin: job.origin.clone(),
            spec: serde_json::to_value(&job.spec).unwrap(),
            pid: std::process::id(),
            host: crate::base::host(),
            started: crate::base::clock::now(),
            seconds: 0.0,
            total_steps: 10,
        };
        JournalWriter::create(&journal::live_root(self.root()), &start).unwrap()
    }

    /// The log as a new process shows it, which must be what looking at everything shows; and whether it did so by what
    /// was kept.
    fn glances(&self) -> (Vec<String>, bool) {
        let mut notebook = Notebook::open(self.root());
        let (glances, diagnostics) = notebook.glances();
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let looked = Notebook::open(self.root()).snapshot(|_| Detail::Verdicts);
        assert_eq!(glances, looked.entries.iter().map(|entry| Glance::of(entry)).collect::<Vec<_>>());
        let all = looked.entries.len();
        (glances.into_iter().map(|glance| glance.words).collect(), notebook.drafts_read() < all)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        album::forget(self.root());
    }
}

#[test]
fn what_changes_is_looked_at_and_nothing_else() {
    let names = ["2026-01-01-a", "2026-01-02-b", "2026-01-03-c", "2026-01-04-d", "2026-01-05-e"];
    let entries: Vec<_> = names.iter().zip(10..).map(|(name, train)| (*name, entry(train, "e"))).collect();
    let folder = Folder::new(&entries);
    let not_run = || "not run".to_owned();
    assert_eq!(folder.glances(), (vec![not_run(); 5], false));
    assert_eq!(folder.glances(), (vec![not_run(); 5], true));
    // Results of one entry; the same results for another, which turns out to ask for the same runs.
    folder.store("2026-01-01-a", 0.5);
    let supported = || "1 supported".to_owned();
    assert_eq!(folder.glances().0[4], supported());
    folder.write("2026-01-02-b", &entry(10, "e"));
    let (words, by_what_was_kept) = folder.glances();
    assert_eq!((words[3].clone(), by_what_was_kept), (supported(), true));
    // Other results for it, and others again.
    folder.write("2026-01-02-b", &entry(99, "e"));
    assert_eq!(folder.glances().0[3], not_run());
    folder.store("2026-01-02-b", 5.0);
    assert_eq!(folder.glances().0[3], "1 refuted");
    folder.write("2026-01-02-b", &entry(98, "e"));
    assert_eq!(folder.glances().0[3], "stale: dataset.train 99 → 98");
    folder.write("2026-01-02-b", &entry(99, "e"));
    // Compacted, and one entry gone.
    Store::open(folder.root()).compact(false).unwrap();
    assert!(!folder.glances().1, "the tables are others");
    fs::remove_file(folder.root().join("entries/2026-01-05-e.md")).unwrap();
    let (words, by_what_was_kept) = folder.glances();
    assert_eq!(words, [not_run(), not_run(), "1 refuted".to_owned(), supported()]);
    assert!(by_what_was_kept);
}

#[test]
fn who_speaks_of_other_entries_is_judged_when_they_change() {
    let quiet = ["2026-01-04-d", "2026-01-05-f", "2026-01-06-g"].map(|name| (name, "# Prose\n".to_owned()));
    let speaking = ("2026-01-01-a", entry(10, "b#e"));
    let folder = Folder::new(&[vec![speaking, ("2026-01-02-b", entry(11, "e"))], quiet.to_vec()].concat());
    folder.store("2026-01-01-a", 0.5);
    folder.store("2026-01-02-b", 5.0);
    assert_eq!(folder.glances().0[3..], ["1 refuted", "1 refuted"]);
    folder.write("2026-01-02-b", &entry(12, "e"));
    folder.store("2026-01-02-b", 0.5);
    assert_eq!(
        folder.glances(),
        (["", "", "", "1 supported", "1 supported"].map(str::to_owned).to_vec(), true)
    );
    // A second entry that could be meant.
    folder.write("2026-01-03-b", "# Another\n");
    assert_eq!(folder.glances().0.len(), 6);
}

#[test]
fn what_is_kept_is_not_believed_when_it_is_damaged() {
    let folder = Folder::new(&[("2026-01-01-a", entry(10, "e")), ("2026-01-02-b", "# Prose\n".to_owned())]);
    folder.glances();
    let place = album::place(folder.root()).unwrap();
    assert!(folder.glances().1);
    for damage in ["", "{", "{\"key\": 3}"] {
        fs::write(&place, damage).unwrap();
        assert!(!folder.glances().1, "{damage}");
        assert!(folder.glances().1, "it is made anew");
    }
}

#[test]
fn whoever_asks_for_one_entry_sees_what_everybody_sees() {
    let seen = |snapshot: &Snapshot, slug: &str| {
        let entry = snapshot.entries.iter().find(|entry| entry.slug == slug).unwrap();
        format!("{:?} {:?} {:?}", entry.cells, entry.mark, snapshot.linking_to(entry))
    };
    let links = "# Links\n\nTo [[-a]] and [[2026-01-02-b]].\n";
    let folder = Folder::new(&[
        ("2026-01-01-a", entry(10, "b#e")),
        ("2026-01-02-b", entry(11, "e")),
        ("2026-01-03-c", entry(12, "e")),
        ("2026-01-04-d", links.to_owned()),
        ("2026-01-05-f", entry(14, "c#e")),
        ("2026-01-06-g", "# Prose\n".to_owned()),
        ("2026-01-07-h", "# Prose\n".to_owned()),
    ]);
    let compare = |target: &str, by_what_was_kept: bool| {
        for detail in [Detail::Verdicts, Detail::Curves] {
            let mut notebook = Notebook::open(folder.root());
            let some = notebook.snapshot_about(&[target], detail);
            assert_eq!(!some.others.is_empty(), by_what_was_kept, "{target}");
            let all = Notebook::open(folder.root()).snapshot(|_| detail);
            let slug =
                all.entries.iter().find(|entry| target.contains(&entry.slug[11..])).unwrap().slug.clone();
            assert_eq!(seen(&some, &slug), seen(&all, &slug), "{target}");
        }
    };
    let mut notebook = Notebook::open(folder.root());
    assert!(notebook.snapshot_about(&["a"], Detail::Verdicts).others.is_empty(), "nothing was kept yet");
    compare("a", true);
    folder.store("2026-01-02-b", 0.5);
    folder.store("2026-01-03-c", 5.0);
    for target in ["a", "b#e", "c", "d", "f", "g"] {
        compare(target, true);
    }
    // Changed since: the entry itself, one it speaks of, one that links to it.
    folder.write("2026-01-03-c", &entry(99, "e"));
    compare("f", true);
    compare("c#e:base", true);
    folder.write("2026-01-06-g", "# Links\n\nTo [[2026-01-03-c]].\n");
    compare("c", true);
    fs::remove_file(folder.root().join("entries/2026-01-04-d.md")).unwrap();
    compare("b", true);
    // A name that is none is to be told from all there are.
    assert_eq!(Notebook::open(folder.root()).snapshot_about(&["nowhere"], Detail::Verdicts).entries.len(), 6);
}

/// Of every entry of the log: whether it was read, and what it shows, which must be what looking at everything shows.
fn log(folder: &Folder, notebook: &mut Notebook, wanted: &[&str]) -> Vec<&'static str> {
    let detail = |slug: &str| wanted.contains(&slug).then_some(Detail::Curves);
    let log = notebook.log(detail, false, true);
    let all = Notebook::open(folder.root()).snapshot(|slug| detail(slug).unwrap_or(Detail::Verdicts));
    assert_eq!(log.entries.len(), all.entries.len());
    let seen = |entry: &Entry| (entry.slug.clone(), entry.title.clone(), entry.mark);
    for (some, whole) in log.entries.iter().zip(&all.entries) {
        assert_eq!(seen(some), seen(whole));
        assert_eq!(log.linking_to(some), all.linking_to(whole));
        assert_eq!(some.problems().collect::<Vec<_>>(), whole.problems().collect::<Vec<_>>());
        if some.is_read {
            assert_eq!(timeless(some), timeless(whole), "{}", some.slug);
        } else {
            assert!(some.cells.is_empty() && !wanted.contains(&some.slug.as_str()), "{}", some.slug);
        }
    }
    log.entries.iter().map(|entry| if entry.is_read { "read" } else { "kept" }).collect()
}

/// What the cells of an entry show, but for the time to go of what is in flight.
fn timeless(entry: &Entry) -> String {
    let shown = format!("{:?}", entry.cells);
    let parts = shown.split("eta: Some(").enumerate();
    parts.map(|(at, part)| if at == 0 { part } else { part.split_once(')').unwrap().1 }).collect()
}

#[test]
fn the_log_of_a_big_notebook_reads_what_is_wanted_and_what_moves() {
    let folder = Folder::new(&[
        ("2026-01-01-a", entry(10, "b#e")),
        ("2026-01-02-b", entry(11, "e")),
        ("2026-01-03-c", entry(12, "e")),
        ("2026-01-04-d", entry(13, "nowhere")),
        ("2026-01-05-f", "# Links\n\nTo [[-a]], [[2026-01-02-b]].\n".to_owned()),
        ("2026-01-06-g", "# Prose\n".to_owned()),
        ("2026-01-07-h", "# Prose\n".to_owned()),
    ]);
    let mut notebook = Notebook::open(folder.root());
    assert_eq!(log(&folder, &mut notebook, &[]), ["read"; 7], "nothing was kept yet");
    let kept = ["kept"; 7];
    let and = |read: &[usize]| {
        let mut log = kept;
        for &at in read {
            log[6 - at] = "read";
        }
        log
    };
    assert_eq!(log(&folder, &mut notebook, &[]), kept);
    assert_eq!(log(&folder, &mut notebook, &["2026-01-03-c"]), and(&[2]));
    assert_eq!(log(&folder, &mut notebook, &["2026-01-01-a"]), and(&[0, 1]), "it speaks of another");
    // Results, and a change: who speaks of an entry is judged with it; once that is done it is kept.
    folder.store("2026-01-03-c", 0.5);
    assert_eq!(log(&folder, &mut notebook, &[]), and(&[0, 1, 2]));
    assert_eq!(log(&folder, &mut notebook, &[]), kept);
    folder.write("2026-01-06-g", "# Other prose\n");
    assert_eq!(log(&folder, &mut notebook, &[])[1], "read");
    // A run of two entries in flight.
    folder.write("2026-01-06-g", &entry(12, "e"));
    log(&folder, &mut notebook, &[]);
    folder.write("2026-01-06-g", &entry(13, "e"));
    log(&folder, &mut notebook, &[]);
    let live = folder.begin("2026-01-04-d");
    for _ in 0..2 {
        assert_eq!(log(&folder, &mut Notebook::open(folder.root()), &[]), and(&[3, 5]));
        assert_eq!(log(&folder, &mut notebook, &[]), and(&[3, 5]));
    }
    // A result that is stored while others are in flight shows, and stays when those are over.
    folder.store("2026-01-04-d", 0.5);
    assert_eq!(log(&folder, &mut notebook, &[]), and(&[0, 1, 3, 5]));
    assert_eq!(log(&folder, &mut notebook, &[]), and(&[3, 5]));
    drop(live);
    assert_eq!(log(&folder, &mut notebook, &[]), and(&[3, 5]), "it can be gone on with");
    fs::remove_dir_all(journal::live_root(folder.root())).unwrap();
    assert_eq!(log(&folder, &mut notebook, &[]), and(&[3, 5]));
    assert_eq!(log(&folder, &mut notebook, &[]), kept);
    // With their text, for whoever searches.
    let texts = notebook.log(|_| None, true, true);
    assert!(texts.entries.iter().all(|entry| entry.document.source.starts_with('#')));
    assert!(!texts.entries[0].is_read);
    fs::remove_file(folder.root().join("entries/2026-01-07-h.md")).unwrap();
    assert_eq!(log(&folder, &mut notebook, &[]).len(), 6);
}

#[test]
fn who_wants_more_entries_sees_what_was_there_and_of_those_what_is() {
    let prose = |name: &str| format!("# {name}\n");
    let names = ["a", "b", "c", "d", "e", "f"];
    let entries = names.map(|name| (format!("2026-01-01-{name}"), prose(name)));
    let folder = Folder::new(&entries.each_ref().map(|(slug, text)| (slug.as_str(), text.clone())));
    let mut notebook = Notebook::open(folder.root());
    log(&folder, &mut notebook, &[]);
    log(&folder, &mut notebook, &[]);
    let mut more = |wanted: &str, news: bool| -> String {
        let wants = |slug: &str| slug.ends_with(wanted).then_some(Detail::Curves);
        let log = notebook.log(wants, false, news);
        let title = |entry: &std::sync::Arc<Entry>| {
            format!("{}{}", entry.title, if entry.is_read { "!" } else { "" })
        };
        log.entries.iter().map(title).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(more("-b", false), "f e d c b! a");
    folder.write("2026-01-01-d", &prose("other"));
    folder.write("2026-01-01-g", &prose("g"));
    assert_eq!(more("-a", false), "f e d c b a!", "news are looked for later");
    assert_eq!(
        more("-d", false),
        "g! f e other! c b a",
        "what is read is read as it is, and then all is looked at"
    );
    folder.write("2026-01-01-e", &prose("new"));
    assert_eq!(more("-b", true), "g f new! other c b! a");
}
