//! Orders, the log and the roster, without a process. Real supervisors are in `tests/supervisor.rs`.

use std::fs;
use std::time::{Duration, SystemTime};

use super::folder::Folder;
use super::lock::Lock;
use super::log::{Begin, Line, Log};
use super::orders::{self, Order, Request};
use super::{Client, Going, News, Roster, Watch};
use crate::base::RunId;
use crate::base::tail::Tail;
use crate::runner::{Event, Job, Queued, Seat};
use crate::spec::{Context, PlannedRun, parse};
use crate::store::{Origin, Status};

fn run(name: &str) -> RunId {
    RunId::of(&[name.as_bytes()])
}

/// In a cell called so.
fn seat(cell: &str) -> Seat {
    let [entry, arm] = ["entry", "only"].map(str::to_owned);
    Seat { origin: Origin { entry, cell: cell.to_owned(), arm, point: Vec::new() }, seed: 1 }
}

fn at(what: Event) -> Line {
    Line::Event { at: "2026-01-02T03:04:05.000Z".to_owned(), what }
}

fn queued(names: &[&str]) -> Line {
    let runs = names.iter().map(|name| Queued { run: run(name), seat: seat(name) });
    at(Event::Queued(runs.collect()))
}

fn roster(lines: &[Line]) -> Roster {
    let mut roster = Roster::default();
    for line in lines {
        roster.apply(line);
    }
    roster
}

#[test]
fn a_roster_is_what_the_log_comes_to() {
    // (what is said, what is queued, what is running)
    let begin = || Line::Begin(Begin { workers: 2, ..Begin::default() });
    let started = |name| at(Event::Started(run(name)));
    let ended = |name| at(Event::Ended(run(name), Status::Done));
    let table: Vec<(Vec<Line>, &[&str], &[&str])> = vec![
        (vec![begin()], &[], &[]),
        (vec![begin(), queued(&["a", "b"])], &["a", "b"], &[]),
        (vec![begin(), queued(&["a", "b"]), started("a")], &["b"], &["a"]),
        (vec![begin(), queued(&["a", "b"]), started("a"), ended("a")], &["b"], &[]),
        (vec![begin(), queued(&["a"]), started("a"), at(Event::Requeued(run("a")))], &["a"], &[]),
        (vec![begin(), queued(&["a"]), ended("a")], &[], &[]),
        (vec![begin(), queued(&["a", "b"]), started("a"), at(Event::Idle)], &[], &[]),
        (vec![begin(), queued(&["a"]), started("a"), begin(), queued(&["a"])], &["a"], &[]),
    ];
    for (lines, waiting, going) in table {
        let roster = roster(&lines);
        let names = |names: &[&str]| {
            let mut runs: Vec<RunId> = names.iter().map(|name| run(name)).collect();
            runs.sort();
            runs
        };
        assert_eq!(roster.queued.keys().cloned().collect::<Vec<_>>(), names(waiting), "{lines:?}");
        assert_eq!(roster.running.keys().cloned().collect::<Vec<_>>(), names(going), "{lines:?}");
        let sits = |(id, going): (&RunId, &Going)| *id == run(&going.seat.origin.cell);
        assert!(roster.running.iter().all(sits), "{lines:?}");
    }
}

#[test]
fn a_supervisor_that_cannot_even_say_so_is_seen_to_be_silent() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    let _log = Log::begin(&folder, Begin::default()).unwrap();
    let trouble = || {
        let mut watch = Watch::new(root.path());
        watch.poll();
        watch.roster().trouble.clone()
    };
    let touched = |ago: u64| {
        let lock = fs::File::options().write(true).open(folder.lock()).unwrap();
        lock.set_modified(SystemTime::now() - Duration::from_secs(ago)).unwrap();
    };
    let lock = Lock::take(&folder).unwrap().unwrap();
    assert_eq!(trouble(), None);
    touched(75);
    assert_eq!(
        trouble().unwrap(),
        "nothing has been heard of the supervisor for 1:15: it cannot write, or hangs"
    );
    lock.beat().unwrap();
    assert_eq!(trouble(), None);
    touched(75);
    drop(lock);
    assert_eq!(trouble(), None, "there is none that could be silent");
}

#[test]
fn trouble_lasts_until_it_is_over() {
    let trouble = at(Event::Trouble("no room".to_owned()));
    assert_eq!(roster(std::slice::from_ref(&trouble)).trouble.as_deref(), Some("no room"));
    assert_eq!(roster(&[trouble, at(Event::Recovered)]).trouble, None);
}

/// So many runs of one cell.
fn jobs(seeds: usize) -> Vec<Job> {
    let cell = format!(
        "id: e\ndataset: {{kind: teacher, train: 9}}\nmodel: {{hidden: 4}}\noptimizer: {{learning_rate: 1}}\nseeds: {seeds}\n"
    );
    let experiment = parse::experiment(&cell, &Context::default()).unwrap();
    let job = |planned: &PlannedRun| Job {
        run: planned.spec.id(""),
        spec: planned.spec.clone(),
        dataset_hash: String::new(),
        measures: Vec::new(),
        origin: Origin {
            entry: "entry".to_owned(),
            cell: "e".to_owned(),
            arm: planned.arm.clone(),
            point: Vec::new(),
        },
    };
    experiment.runs.iter().map(job).collect()
}

fn folder(root: &tempfile::TempDir) -> Folder {
    let folder = Folder::of(root.path()).unwrap();
    folder.make().unwrap();
    folder
}

#[test]
fn orders_stand_first_given_first_until_they_are_removed() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    let first = orders::give(&folder, Request::Stop { runs: Some(vec![run("a")]) }).unwrap();
    let second = orders::give(&folder, Request::Stop { runs: None }).unwrap();
    fs::write(folder.orders().join(".tmp123"), "half").unwrap();
    assert!(orders::standing(&folder).values().eq([&first, &second]));
    let order = orders::read(&first).unwrap().unwrap();
    assert_eq!(
        (order.version, order.request),
        (orders::version(), Request::Stop { runs: Some(vec![run("a")]) })
    );
    orders::remove(&first).unwrap();
    orders::remove(&first).unwrap();
    assert!(orders::standing(&folder).values().eq([&second]));
    assert_eq!(orders::read(&first).unwrap(), None);
    fs::write(&second, "{").unwrap();
    assert!(orders::read(&second).is_err());
    orders::set_aside(&second).unwrap();
    assert!(orders::standing(&folder).is_empty());
}

#[test]
fn one_takes_the_lock_and_what_is_left_of_another_machine_holds_nothing() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    fs::write(folder.lock(), "process 1 on another-machine, before the reboot\n").unwrap();
    assert!(!Lock::is_held(&folder));
    let lock = Lock::take(&folder).unwrap().unwrap();
    assert!(Lock::is_held(&folder) && Lock::take(&folder).unwrap().is_none() && lock.is_in_place(&folder));
    let whose = fs::read_to_string(folder.lock()).unwrap();
    assert_eq!(whose, format!("process {} on {}\n", std::process::id(), crate::base::host()));
    // Somebody removed the folder and began anew: the lock held is no longer the one that others ask.
    fs::remove_file(folder.lock()).unwrap();
    assert!(!lock.is_in_place(&folder));
    assert!(Lock::take(&folder).unwrap().is_some());
}

#[test]
fn a_folder_that_is_a_link_is_left_alone() {
    for link in ["runs", "runs/.live", "runs/.live/supervisor", "runs/.live/supervisor/orders"] {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = root.path().join(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(other.path(), path).unwrap();
        assert!(Folder::of(root.path()).is_err(), "{link}");
        assert!(Client::new(root.path()).stop(None).is_err(), "{link}");
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0, "{link}");
    }
}

#[test]
fn a_log_is_followed_into_the_next_one() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    let mut tail = Tail::<Line>::new(folder.log());
    let begin = |pid| Begin { pid, ..Begin::default() };
    let mut log = Log::begin(&folder, begin(1)).unwrap();
    log.say(&[at(Event::Idle), queued(&["a"])]);
    assert_eq!(tail.poll(), [Line::Begin(begin(1)), at(Event::Idle), queued(&["a"])]);
    log.say(&[]);
    assert!(tail.poll().is_empty());
    assert_eq!(log.length(), fs::metadata(folder.log()).unwrap().len());
    let _log = Log::begin(&folder, begin(2)).unwrap();
    assert_eq!(tail.poll(), [Line::Begin(begin(2))]);
    assert!(folder.ballast().metadata().unwrap().len() > 0, "room for last words is kept");
}

#[test]
fn a_watch_sees_what_the_living_say_and_what_waits_for_nobody() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    let mut watch = Watch::new(root.path());
    watch.poll();
    assert!(!watch.is_alive() && watch.roster().open() == 0);
    let lock = Lock::take(&folder).unwrap().unwrap();
    let mut log = Log::begin(&folder, Begin::default()).unwrap();
    log.say(&[queued(&["a", "b"])]);
    watch.poll();
    assert!(watch.is_alive() && watch.roster().open() == 2);
    // Killed: what it said is void, the order that stands counts.
    drop(lock);
    watch.poll();
    assert!(!watch.is_alive() && watch.roster().open() == 0);
    let jobs = jobs(3);
    let given = orders::give(&folder, Request::Run { jobs: jobs.clone(), workers: None }).unwrap();
    watch.poll();
    assert_eq!(watch.roster().open(), 3);
    assert_eq!(watch.roster().queued[&jobs[0].run], jobs[0].seat());
    let less = Order {
        request: Request::Run { jobs: jobs[1..].to_vec(), workers: None },
        ..orders::read(&given).unwrap().unwrap()
    };
    orders::rewrite(&given, &less).unwrap();
    orders::give(&folder, Request::Stop { runs: Some(vec![jobs[1].run.clone()]) }).unwrap();
    watch.poll();
    assert!(watch.roster().queued.keys().eq([&jobs[2].run]));
}

#[test]
fn news_begin_with_how_it_stands() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    let _lock = Lock::take(&folder).unwrap().unwrap();
    let mut log = Log::begin(&folder, Begin::default()).unwrap();
    log.say(&[queued(&["a"])]);
    let mut client = Client::new(root.path());
    let News::Roster(roster) = client.poll().remove(0) else { panic!("no roster") };
    assert_eq!(roster.open(), 1);
    log.say(&[at(Event::Started(run("a")))]);
    assert_eq!(client.poll(), [News::Event(Event::Started(run("a")))]);
    assert!(client.poll().is_empty());
    // What was ordered and is not taken yet counts as queued, also for whoever looks anew.
    let jobs = jobs(2);
    client.submit(jobs.clone(), None).unwrap();
    let mut log = Log::begin(&folder, Begin::default()).unwrap();
    let News::Roster(roster) = client.poll().remove(0) else { panic!("no roster") };
    assert_eq!(roster.queued.len(), 2);
    // An order that is done without a word about its runs.
    log.say(&[at(Event::Idle)]);
    for path in orders::standing(&folder).values() {
        orders::remove(path).unwrap();
    }
    let Some(News::Roster(roster)) = client.poll().pop() else { panic!("no roster") };
    assert_eq!(roster.open(), 0);
}

#[test]
fn a_run_of_another_order_that_nothing_had_to_be_done_about_is_over_when_that_is_read() {
    let root = tempfile::tempdir().unwrap();
    let folder = folder(&root);
    let jobs = jobs(2);
    let given = orders::give(&folder, Request::Run { jobs: jobs.clone(), workers: None }).unwrap();
    let _lock = Lock::take(&folder).unwrap().unwrap();
    let mut log = Log::begin(&folder, Begin::default()).unwrap();
    let mut client = Client::new(root.path());
    let News::Roster(roster) = client.poll().remove(0) else { panic!("no roster") };
    assert_eq!(roster.open(), 2);
    // The first was stored by the predecessor, who was killed before it could say so.
    let name = given.file_name().unwrap().to_str().unwrap().to_owned();
    log.say(&[at(Event::Queued(vec![jobs[1].queued()])), at(Event::Started(jobs[1].run.clone()))]);
    log.say(&[Line::Taken(vec![name])]);
    let news = client.poll();
    let Some(News::Roster(roster)) = news.last() else { panic!("no roster: {news:?}") };
    assert!(!roster.has(&jobs[0].run) && roster.running.contains_key(&jobs[1].run), "{roster:?}");
}
