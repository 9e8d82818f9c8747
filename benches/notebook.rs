//! A large notebook: 1,000 entries with 10,000 stored runs, seen as a user sees it.
//!
//! ```sh
//! cargo bench --bench notebook                  # everything, a line each: median of ten, fastest and slowest
//! cargo bench --bench notebook -- --only PART   # commands, snapshots, table, aggregate or curves
//! cargo bench --bench notebook -- --make DIR    # leave such a notebook in DIR, to be looked at or profiled
//! cargo bench --bench notebook -- --long DIR    # one with 20 curves of 50,000 points
//! ```
//!
//! What a command takes is measured on the program itself, in a process of its own each time: `first` is the first look
//! ever (files are in the page cache, nothing that lowland itself keeps is there), `again` every other.

#![allow(clippy::expect_used, clippy::panic, reason = "a bench that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use lowland::base::rng::Stream;
use lowland::compare::runs::{Query, View};
use lowland::compare::summarise;
use lowland::notebook::{CellView, Detail, Notebook, RunOrder, Scope};
use lowland::render::Look;
use lowland::render::runs::{Grid, Sight};
use lowland::runner::Job;
use lowland::spec::MeasureSpec;
use lowland::spec::query;
use lowland::store::{Curve, RunRecord, Status, Store};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Entries of the large notebook; each has ten runs.
const ENTRIES: usize = 1000;
/// How often everything is measured.
const REPEATS: usize = 10;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => everything(|_| true),
        ["--only", part] => everything(|name| name == *part),
        ["--make", folder] => large(Path::new(folder)),
        ["--long", folder] => long(Path::new(folder)),
        _ => {
            eprintln!("usage: notebook [--only PART | --make DIR | --long DIR]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn everything(wanted: impl Fn(&str) -> bool) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("large");
    if wanted("commands") || wanted("snapshots") || wanted("table") {
        large(&root);
    }
    if wanted("commands") {
        commands(&root, "10,000 runs in 1,000 files");
        Store::open(&root).compact(false).expect("a compaction");
        commands(&root, "compacted");
    }
    if wanted("snapshots") {
        snapshots(&root);
    }
    if wanted("table") {
        table(&root);
    }
    if wanted("aggregate") {
        aggregate(&folder.path().join("sweep"));
    }
    if wanted("curves") {
        curves(&folder.path().join("curves"));
    }
}

/// `list` and `show` as processes.
fn commands(root: &Path, what: &str) {
    for arguments in [&["list"][..], &["show", "entry-0500"]] {
        let cache = root.with_file_name("cache");
        let first = || {
            let _ = fs::remove_dir_all(&cache);
            run(root, &cache, arguments)
        };
        let name = format!("lowland {}, {what}", arguments.join(" "));
        report(&format!("{name}, first"), (0..REPEATS).map(|_| first()));
        report(&format!("{name}, again"), (0..REPEATS).map(|_| run(root, &cache, arguments)));
    }
}

/// Milliseconds that a command takes, and its memory at most, in MB.
fn run(root: &Path, cache: &Path, arguments: &[&str]) -> (f64, f64) {
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_lowland"))
        .args(arguments)
        .current_dir(root)
        .env("XDG_CACHE_HOME", cache)
        .stdout(Stdio::null())
        .spawn()
        .expect("lowland");
    let memory = watch(child);
    (1e3 * began.elapsed().as_secs_f64(), memory)
}

/// Waits for a child and says how much memory it had at most, as far as can be seen from without.
fn watch(mut child: std::process::Child) -> f64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most: f64 = 0.0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        most = most.max(kilobytes.unwrap_or(0.0) / 1e3);
        if child.try_wait().expect("a child").is_some_and(|status| status.success()) {
            return most;
        }
        std::thread::sleep(std::time::Duration::from_micros(500));
    }
}

/// What the screen does: the first look, and one more when nothing changed.
fn snapshots(root: &Path) {
    let mut notebook = Notebook::open(root);
    report_times(
        "snapshot, first",
        (0..REPEATS).map(|_| {
            notebook = Notebook::open(root);
            timed(|| notebook.snapshot(|_| Detail::Verdicts))
        }),
    );
    report_times("snapshot, again", (0..REPEATS).map(|_| timed(|| notebook.snapshot(|_| Detail::Verdicts))));
}

/// The table of all runs: made beside the screen, asked and drawn by it.
fn table(root: &Path) {
    let order = RunOrder { scope: Scope::Notebook, reductions: Vec::new() };
    let mut notebook = Notebook::open(root);
    let mut make = || notebook.runs(&order, Vec::new());
    report_times("table of 10,000 runs, made first", std::iter::once(timed(&mut make)));
    report_times("table of 10,000 runs, made again", (0..REPEATS).map(|_| timed(&mut make)));
    let table = make();
    let query = |filter: &str, sort: &str, grouped| Query {
        filter: query::filter(filter).expect("a filter"),
        sort: query::sort(sort).ok(),
        grouped,
        ..Query::default()
    };
    for (name, query) in [
        ("all", query("", "", false)),
        ("filtered", query("lambda_max>2 train<600 arm=sharp entry~entry-0", "", false)),
        ("sorted by a measure", query("", "-lambda_max", false)),
        ("sorted by names", query("", "run", false)),
        ("means over seeds, sorted", query("", "-lambda_max", true)),
    ] {
        let view = || View::new(&table, &query).expect("a view");
        report_times(&format!("table of 10,000 runs, {name}"), (0..REPEATS).map(|_| timed(view)));
        let view = view();
        let grid = Grid { table: &table, view: &view, look: Look::PLAIN };
        let sight =
            |top| Sight { top, height: 22, left: 2, width: 80, cursor: Some((top, 0)), marked: &|_| false };
        let draw = |at: usize| timed(|| grid.lines(&sight(at * view.len() / REPEATS)));
        report_times(&format!("table of 10,000 runs, {name}, drawn"), (0..REPEATS).map(draw));
    }
}

/// One experiment of 1,000 runs, read and drawn up: five quantities in ten arms.
fn aggregate(root: &Path) {
    let arms = (0..10).fold(String::new(), |mut arms, arm| {
        let _ = writeln!(arms, "  arm_{arm}: {{optimizer: {{batch_size: {}}}}}", arm + 1);
        arms
    });
    let cell = format!(
        "```yaml experiment\nid: sweep\ndataset: {{kind: teacher, train: 100, test: 50}}\nmodel: {{hidden: 8}}\n\
         optimizer: {{learning_rate: 0.1}}\nstop: {{epochs: 20}}\narms:\n{arms}seeds: 100\nmeasure: [lambda_max, \
         hessian_trace, sam_sharpness, weight_norm, gradient_norm]\n```\n"
    );
    write(root, "2026-01-01-sweep", &cell);
    fill(root, 20);
    report_times(
        "1,000 runs × 5 quantities, read and aggregated",
        (0..REPEATS).map(|_| timed(|| Notebook::open(root).snapshot(|_| Detail::Verdicts))),
    );
    let snapshot = Notebook::open(root).snapshot(|_| Detail::Verdicts);
    let Some(CellView::Experiment(view)) = snapshot.entries.first().and_then(|entry| entry.cells.first())
    else {
        return println!("the sweep cannot be read");
    };
    report_times(
        "1,000 runs × 5 quantities, aggregated alone",
        (0..REPEATS).map(|_| timed(|| summarise(&view.results, &[], None))),
    );
}

/// Twenty curves of 50,000 points, read and drawn up.
fn long(root: &Path) {
    let cell = "```yaml experiment\nid: long\ndataset: {kind: teacher, train: 100, test: 50}\nmodel: {hidden: 8}\n\
                optimizer: {learning_rate: 0.1}\nstop: {steps: 50000}\nseeds: 20\n```\n";
    write(root, "2026-01-01-long", cell);
    fill(root, 50_000);
}

fn curves(root: &Path) {
    long(root);
    report_times(
        "20 curves × 50,000 points, read and drawn up",
        (0..REPEATS).map(|_| timed(|| Notebook::open(root).snapshot(|_| Detail::Curves))),
    );
}

fn timed<T>(work: impl FnOnce() -> T) -> f64 {
    let began = Instant::now();
    let made = work();
    let took = 1e3 * began.elapsed().as_secs_f64();
    drop(std::hint::black_box(made));
    took
}

fn report(name: &str, measured: impl Iterator<Item = (f64, f64)>) {
    let (times, memory): (Vec<f64>, Vec<f64>) = measured.unzip();
    let most = memory.into_iter().fold(0.0, f64::max);
    println!("{name:<60} {}  {most:>5.0} MB", spread(times));
}

fn report_times(name: &str, times: impl Iterator<Item = f64>) {
    println!("{name:<60} {}", spread(times.collect()));
}

/// Median, fastest and slowest.
fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("{:>7.1} ms ({:.1} … {:.1})", at(0.5), at(0.0), at(1.0))
}

/// Writes the large notebook to `root`.
fn large(root: &Path) {
    for number in 0..ENTRIES {
        let day = format!("{}-{:02}-{:02}", 2023 + number / 336, 1 + number / 28 % 12, 1 + number % 28);
        write(root, &format!("{day}-entry-{number:04}"), &entry(number));
    }
    fill(root, 20);
}

/// An entry with ten runs of two arms, a comparison, a claim and some prose.
fn entry(number: usize) -> String {
    let prose = "Keskar et al. saw large batches end in sharp minima; Dinh et al. showed that sharpness can be had at \
                 will by rescaling layers. What is left is the question whether the two go together where nobody \
                 rescales.\n\n"
        .repeat(3);
    format!(
        "---\ntitle: Question number {number}\ntags: [flatness, tag-{}]\nquestion: Does it hold for seed {number}?\n\
         ---\n{prose}```yaml experiment\nid: batch\ndataset: {{kind: teacher, train: {}, test: 50}}\n\
         model: {{hidden: [16, 16], activation: relu}}\noptimizer: {{learning_rate: 0.1, batch_size: 32}}\n\
         stop: {{epochs: 20}}\narms:\n  flat: {{optimizer: {{batch_size: 4}}}}\n  sharp: {{optimizer: {{batch_size: \
         full}}}}\nseeds: 5\nmeasure: [lambda_max, weight_norm]\n```\n\n{prose}```yaml compare\nof: batch\nshow: \
         [train_loss, test_loss, lambda_max]\nbaseline: sharp\n```\n\n```yaml claim\nid: flatter\nsays: Small batches \
         end in flatter minima.\nfrom: batch\nexpect: flat.lambda_max < 0.5 * sharp.lambda_max\n```\n",
        number % 20,
        100 + number,
    )
}

fn write(root: &Path, slug: &str, text: &str) {
    let folder = root.join("entries");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("{slug}.md")), text).expect("an entry");
}

/// Stores a result, with a curve of so many points, for every run that is missing: what a run costs is not the question
/// here, so the numbers are drawn.
fn fill(root: &Path, points: usize) {
    let snapshot = Notebook::open(root).snapshot(|_| Detail::Verdicts);
    let store = Store::open(root);
    for entry in &snapshot.entries {
        for cell in &entry.cells {
            match cell {
                CellView::Experiment(view) => {
                    for jobs in view.missing.chunks(20) {
                        let runs: Vec<_> = jobs.iter().map(|job| result(job, points)).collect();
                        store.append(&runs).expect("stored");
                    }
                }
                CellView::Bad(problem) => panic!("{problem}"),
                _ => {}
            }
        }
    }
}

/// A result with the measures that `job` asks for.
fn result(job: &Job, points: usize) -> (RunRecord, Curve) {
    let mut stream = Stream::new(job.spec.seed, job.run.as_str());
    let arm = if job.origin.arm == "flat" { 1.0 } else { 3.0 };
    let mut draw = |mean: f64| mean * (1.0 + 0.1 * stream.normal());
    let mut curve = Curve::default();
    let every = if points > 1000 { 1 } else { 20 };
    for point in 1..=points {
        let along = 1.0 / (1.0 + point as f64 / points as f64 * 9.0);
        let values = ["train_loss", "test_loss"].map(|name| (name.to_owned(), draw(arm * along)));
        curve.push(point as u64 * every, point as f64, &BTreeMap::from(values));
    }
    let asked = job.measures.iter().flat_map(|measure| measure.quantity.columns().iter());
    let always = ["train_loss", "test_loss", "train_accuracy", "test_accuracy"];
    let record = RunRecord {
        measured: job.measures.iter().map(MeasureSpec::fingerprint).collect(),
        measures: asked.chain(&always).map(|&name| (name.to_owned(), draw(arm))).collect(),
        steps: points as u64 * every,
        seconds: 0.1,
        ..job.record(Status::Done, "steps".to_owned())
    };
    (record.with_id(&curve.hash()), curve)
}
