//! A small notebook for tests, built by hand: five entries of two months, two with experiments, one of them run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

use super::effect::Effect;
use super::keymap::{Key, bindings};
use super::model::{Context, Model};
use super::msg::Msg;
use super::update::update;
use crate::base::RunId;
use crate::compare::{CellState, Cost, Outcome, Results, Verdict, summarise};
use crate::entry::Document;
use crate::notebook::write::SaveError;
use crate::notebook::{CellView, ClaimView, Entry, EntryMark, ExperimentView, Fixed, Snapshot};
use crate::render::style::Look;
use crate::runner::Job;
use crate::spec::{ENGINE, parse};
use crate::store::{Curve, Origin, RunRecord, Status};

/// The YAML of an experiment with two arms of two seeds.
const EXPERIMENT: &str = "\
id: ID
dataset: {kind: teacher, inputs: 2, hidden: 4, classes: 2, train: 64, test: 32}
model: {kind: mlp, hidden: [8]}
optimizer: {learning_rate: 0.1, batch_size: 8}
stop: {epochs: 4}
arms:
  flat: {optimizer: {batch_size: 8}}
  sharp: {optimizer: {batch_size: 64}}
seeds: 2
";

/// The YAML of a claim on it.
const CLAIM: &str = "\
id: flatter
says: Small batches end in flatter minima.
kind: direction
from: ID
expect: flat.train_loss < sharp.train_loss
";

/// The notebook.
pub fn snapshot() -> Arc<Snapshot> {
    let entries = vec![
        entry(
            "2026-11-22-flat-vs-sharp",
            "Flat vs sharp",
            &["flatness", "sgd"],
            EntryMark::Supported,
            flat(),
        ),
        entry("2026-11-21-log", "P ≈ M log M?", &["capacity"], EntryMark::Refuted, prose(2)),
        entry("2026-11-20-width", "Width and variance", &[], EntryMark::Inconclusive, prose(1)),
        entry("2026-11-19-double", "Double descent", &["capacity"], EntryMark::Running(0.43), double()),
        entry("2026-10-18-edge", "Edge of stability", &["sgd"], EntryMark::Stale, prose(60)),
    ];
    Arc::new(Snapshot { entries, ..Snapshot::default() })
}

/// An entry whose runs were measured in several ways, the sharpness along the way too.
pub fn measured() -> Arc<Snapshot> {
    let (text, mut cells) = flat();
    if let Some(CellView::Experiment(view)) = cells.first_mut() {
        for (arm, group) in view.results.groups.iter_mut().enumerate() {
            for member in &mut group.members {
                let seed = (member.seed % 5) as f64;
                let sharpness = if arm == 0 { 4.0 } else { 18.0 } + 0.2 * seed;
                if let Some(record) = member.record.as_mut().map(Arc::make_mut) {
                    let ends = [("lambda_max", sharpness), ("test_error", 0.1 + 0.01 * seed)];
                    record.measures.extend(ends.map(|(name, value)| (name.to_owned(), value)));
                }
                if let Some(curve) = member.curve.as_mut().map(Arc::make_mut) {
                    let along = |step: &u64| sharpness * (1.0 + 2.0 / (1.0 + *step as f64));
                    let column = curve.steps.iter().map(along).collect();
                    curve.columns.insert("lambda_max".to_owned(), column);
                }
            }
        }
        view.summary = summarise(&view.results, &[], None);
    }
    let entries =
        vec![entry("2026-11-22-flat-vs-sharp", "Flat vs sharp", &["sgd"], EntryMark::Plain, (text, cells))];
    Arc::new(Snapshot { entries, ..Snapshot::default() })
}

/// An entry with something of everything that can be acted upon, and one that links to it.
pub fn spots() -> Arc<Snapshot> {
    let text = "See [[beta]] and [a paper](https://example.org/p), or the note[^1].\n\n## Plan\n\n- [ ] first\n- \
                [x] second\n\n### Detail\n\nDeep.\n\n## Results\n\nNone.\n\n[^1]: The note.\n";
    let entries = vec![
        entry("2026-11-22-alpha", "Alpha", &[], EntryMark::Plain, (text.to_owned(), Vec::new())),
        entry("2026-11-21-beta", "Beta", &[], EntryMark::Plain, prose(1)),
    ];
    Arc::new(Snapshot { entries, ..Snapshot::default() })
}

/// An entry with pictures among its text.
pub fn pictures() -> Arc<Snapshot> {
    let text = "Before.\n\n![a plot](plot.png)\n\nBetween, with ![](b.png) in it.\n\n| a |\n|--|\n| \
                ![in a table](plot.png) |\n\nAfter.\n";
    let entries = vec![
        entry("2026-11-22-alpha", "Alpha", &[], EntryMark::Plain, (text.to_owned(), Vec::new())),
        entry("2026-11-21-beta", "Beta", &[], EntryMark::Plain, prose(1)),
    ];
    Arc::new(Snapshot { entries, ..Snapshot::default() })
}

/// An entry so long that only its beginning is laid out at once, with headings, paragraphs and a picture at its end.
pub fn long() -> Arc<Snapshot> {
    let section = |index: usize| {
        let words = "words that fill some lines of an entry that goes on for long ".repeat(6);
        format!(
            "## Section {index}\n\nNumber {index}: {words}\n\n- one\n- two\n\n| a | b |\n|--|--|\n| {index} | x |\n\n"
        )
    };
    let text = (0..300).map(section).collect::<String>() + "The end, with ![a plot](plot.png).\n";
    let entries = vec![
        entry("2026-11-22-long", "Long", &[], EntryMark::Plain, (text, Vec::new())),
        entry("2026-11-21-beta", "Beta", &[], EntryMark::Plain, prose(1)),
    ];
    Arc::new(Snapshot { entries, ..Snapshot::default() })
}

/// The screen with a notebook of one's own read.
pub fn model_of(snapshot: Arc<Snapshot>) -> Model {
    let mut model = Model::new(Look::PLAIN, Size::new(80, 24));
    update(&mut model, Msg::Snapshot(snapshot));
    model
}

/// A notebook of so many entries without cells, four to a month.
pub fn many(count: usize) -> Arc<Snapshot> {
    let entries = (0..count).rev().map(|index| {
        let slug =
            format!("20{:02}-{:02}-{:02}-entry-{index}", 26 + index / 48, 1 + index / 4 % 12, 1 + index % 4);
        entry(&slug, &format!("Entry {index}"), &[], EntryMark::Plain, prose(1))
    });
    Arc::new(Snapshot { entries: entries.collect(), ..Snapshot::default() })
}

/// An entry that so many others link to, the oldest of all.
pub fn linked(count: usize) -> Arc<Snapshot> {
    let link = |index: usize| {
        let text = ("To [[hub]].\n".to_owned(), Vec::new());
        entry(&format!("2026-02-01-link-{index:03}"), &format!("Link {index}"), &[], EntryMark::Plain, text)
    };
    let hub = entry("2026-01-01-hub", "Hub", &[], EntryMark::Plain, prose(1));
    Arc::new(Snapshot { entries: (0..count).rev().map(link).chain([hub]).collect(), ..Snapshot::default() })
}

/// An entry that links to the cells of another, and to one that is not there.
pub fn cells_linked() -> Arc<Snapshot> {
    let text = "The [[beta#batch-size]], the [[beta#batch-size-claim]], [[beta#nothing]].\n";
    let mut beta = flat();
    if let Some(CellView::Claim(view)) = beta.1.get_mut(1) {
        view.claim.id = "batch-size-claim".to_owned();
    }
    let entries = vec![
        entry("2026-11-22-alpha", "Alpha", &[], EntryMark::Plain, (text.to_owned(), Vec::new())),
        entry("2026-11-21-beta", "Beta", &[], EntryMark::Plain, beta),
    ];
    Arc::new(Snapshot { entries, ..Snapshot::default() })
}

/// The table of runs over the panes, read.
pub fn runs(look: Look, width: u16, height: u16) -> Model {
    let mut model = model(look, width, height);
    press(&mut model, "T");
    let table = Arc::new(crate::compare::runs::fixture::table(&[]));
    update(&mut model, Msg::Table { scope: crate::notebook::Scope::Notebook, table });
    model
}

/// So many jobs that nothing is missing of but their runs.
pub fn jobs(count: usize) -> Vec<Job> {
    let template = experiment("job", false).missing.remove(0);
    (0..count).map(|index| Job { run: RunId::of(&[&index.to_le_bytes()]), ..template.clone() }).collect()
}

type Body = (String, Vec<CellView>);

fn flat() -> Body {
    let text = format!(
        "Small batches are noisy.\n\n{}\nThe claim of Keskar et al.:\n\n{}",
        block("experiment", EXPERIMENT, "batch-size"),
        block("claim", CLAIM, "batch-size"),
    );
    let claim = parse::claim(&CLAIM.replace("ID", "batch-size")).unwrap();
    let verdict = Ok(Verdict {
        outcome: Outcome::Supported,
        estimate: Some(-0.2),
        low: Some(-0.3),
        high: Some(-0.1),
        n: 2,
        p: None,
        more_seeds: None,
        says: "0.1 vs 0.3".to_owned(),
        notes: Vec::new(),
    });
    let claim = CellView::Claim(Box::new(ClaimView {
        claim,
        verdict,
        prediction: String::new(),
        fixed: Fixed::Not,
        seconds: 0.0,
    }));
    (text, vec![CellView::Experiment(Box::new(experiment("batch-size", true))), claim])
}

fn double() -> Body {
    let text = format!("Before the peak.\n\n{}", block("experiment", EXPERIMENT, "descent"));
    (text, vec![CellView::Experiment(Box::new(experiment("descent", false)))])
}

fn prose(paragraphs: usize) -> Body {
    let text = (1..=paragraphs)
        .map(|index| format!("Paragraph {index} of the entry."))
        .collect::<Vec<_>>()
        .join("\n\n");
    (text, Vec::new())
}

fn block(kind: &str, yaml: &str, id: &str) -> String {
    format!("```yaml {kind}\n{}```\n", yaml.replace("ID", id))
}

fn entry(slug: &str, title: &str, tags: &[&str], mark: EntryMark, (text, cells): Body) -> Arc<Entry> {
    let file = format!("entries/{slug}.md");
    let document =
        Document::parse(&file, format!("---\ntitle: {title}\ndate: {}\n---\n\n{text}", &slug[..10]));
    assert_eq!(document.cells.len(), cells.len(), "{slug}");
    Arc::new(Entry {
        slug: slug.to_owned(),
        path: PathBuf::from(file),
        title: title.to_owned(),
        date: slug[..10].to_owned(),
        tags: tags.iter().map(ToString::to_string).collect(),
        question: String::new(),
        document: Arc::new(document),
        cells,
        diagnostics: Vec::new(),
        mark,
        is_read: true,
        works: Vec::new(),
        verdicts: BTreeMap::default(),
    })
}

/// The experiment under an id, all of its runs stored or none.
fn experiment(id: &str, stored: bool) -> ExperimentView {
    let yaml = EXPERIMENT.replace("ID", id);
    let experiment = parse::experiment(&yaml, &crate::spec::Context::default()).unwrap();
    let jobs: Vec<Job> = experiment
        .runs
        .iter()
        .map(|planned| Job {
            run: RunId::of(&[id.as_bytes(), planned.arm.as_bytes(), &planned.spec.seed.to_le_bytes()]),
            spec: planned.spec.clone(),
            dataset_hash: String::new(),
            measures: experiment.measures.clone(),
            origin: Origin {
                entry: String::new(),
                cell: id.to_owned(),
                arm: planned.arm.clone(),
                point: Vec::new(),
            },
        })
        .collect();
    let found =
        jobs.iter().map(|job| if stored { (Some(record(job)), Some(curve(job))) } else { (None, None) });
    let results = Results::new(&experiment, found, |_| None);
    let state = if stored { CellState::Fresh } else { CellState::NotRun { runs: jobs.len() } };
    let summary = summarise(&results, &[], None);
    let runs = jobs.iter().map(|job| job.run.clone()).collect();
    let missing = if stored { Vec::new() } else { jobs };
    let cost = Cost { runs: missing.len(), ..Cost::default() };
    ExperimentView {
        experiment,
        runs,
        missing,
        times: Vec::new(),
        expected: Vec::new(),
        cost,
        state,
        results,
        summary,
        interrupted: 0,
        former: None,
    }
}

/// Loss of the sharp arm is higher; seeds differ a little.
fn final_loss(job: &Job) -> f64 {
    let arm = if job.origin.arm == "flat" { 0.1 } else { 0.3 };
    arm + 0.01 * (job.spec.seed % 7) as f64
}

fn record(job: &Job) -> Arc<RunRecord> {
    Arc::new(RunRecord {
        run: job.run.clone(),
        record: job.run.to_string(),
        origin: job.origin.clone(),
        seed: job.spec.seed,
        spec: serde_json::to_value(&job.spec).unwrap().into(),
        dataset_hash: String::new(),
        engine: ENGINE,
        status: Status::Done,
        reason: "steps".to_owned(),
        measured: Vec::new(),
        measures: BTreeMap::from([("train_loss".to_owned(), final_loss(job))]),
        steps: 32,
        seconds: 0.1,
        finished: "2026-11-22T10:00:00Z".to_owned(),
        host: "here".to_owned(),
        version: "0.1.0".to_owned(),
        lost_curve: false,
    })
}

fn curve(job: &Job) -> Arc<Curve> {
    let mut curve = Curve::default();
    for step in 0..=32_u64 {
        let loss = final_loss(job) * (1.0 + 4.0 * (-(step as f64) / 8.0).exp());
        curve.push(step, step as f64 / 8.0, &BTreeMap::from([("train_loss".to_owned(), loss)]));
    }
    Arc::new(curve)
}

/// The screen with the notebook read.
pub fn model(look: Look, width: u16, height: u16) -> Model {
    let mut model = Model::new(look, Size::new(width, height));
    update(&mut model, Msg::Snapshot(snapshot()));
    model
}

/// Presses the keys written as the help writes them: `j`, `^D`, `Enter`, separated by spaces; what is asked for.
pub fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    keys.split_whitespace().flat_map(|name| update(model, Msg::Key(event(name)))).collect()
}

/// Types text, each character as a key.
pub fn type_in(model: &mut Model, text: &str) -> Vec<Effect> {
    let key = |character| match character {
        '\n' => KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE),
        other => KeyEvent::new(KeyCode::Char(other), KeyModifiers::NONE),
    };
    text.chars().flat_map(|character| update(model, Msg::Key(key(character)))).collect()
}

/// A screen on which the same lines were changed in the editor and on the disk, in two places.
pub fn conflict() -> Model {
    let mut model = model(Look::PLAIN, 80, 9);
    press(&mut model, "Enter i M ^End x ^S");
    let editor = model.editor.as_ref().unwrap();
    let disk = editor.base.replace("id: batch-size", "id: theirs") + "y\n";
    let path = editor.path.clone();
    update(&mut model, Msg::Saved { path, outcome: Err(SaveError::Changed(disk)) });
    model
}

/// The event of a key by its name in the help.
fn event(name: &str) -> KeyEvent {
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE);
    }
    let known = Context::ALL.into_iter().flat_map(bindings).flat_map(|binding| binding.keys);
    let key: &Key =
        known.into_iter().find(|key| key.to_string() == name).unwrap_or_else(|| panic!("no key {name}"));
    KeyEvent::new(key.code, if key.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE })
}
