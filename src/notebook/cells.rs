//! The experiments of a notebook and how far each has come.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::known::Known;
use super::price::{self, Pricer};
use super::read::Draft;
use super::snapshot::ExperimentView;
use super::stale;
use crate::base::spread::cores;
use crate::base::{self, Diagnostic, RunId, clock, memory};
use crate::compare::{CellState, Results, Size, Summary, summarise};
use crate::data::{Library, Shape};
use crate::entry::RawCell;
use crate::runner::cost::Quote;
use crate::runner::{Job, Open};
use crate::science::cost::Outline;
use crate::science::dense::Form;
use crate::science::measures::needs;
use crate::spec::{Cell, DatasetSpec, Experiment, MeasureSpec, PlannedRun, RunSpec};
use crate::store::{Origin, Status};

/// Most reasons for staleness that are told.
const MAX_REASONS: usize = 4;

/// What is told of runs whose file of curves is damaged or gone.
const LOST: &str = "stored curves are lost";

/// The runs of an experiment, or why it has none: a dataset cannot be read.
type Planned = Result<Arc<[Job]>, String>;

/// Experiments as they were laid out last, by entry and cell, each with what it was laid out from: while neither the
/// text nor a dataset changes, ten thousand runs keep the names they have.
#[derive(Debug, Default)]
pub struct Planner {
    laid_out: HashMap<(String, String), LaidOut>,
}

/// The text and the datasets an experiment was laid out from, and its runs.
type LaidOut = (Arc<Draft>, Vec<ContentHash>, Planned);

/// Content hash of a dataset, or why there is none.
type ContentHash = Result<String, String>;

impl Planner {
    /// Lets go of all entries but those whose slug is `wanted`.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.laid_out.retain(|(entry, _), _| wanted(entry));
    }

    /// The runs of `experiment`, which is one of `draft`.
    fn plan(&mut self, draft: &Arc<Draft>, experiment: &Experiment, library: &Library) -> Planned {
        let names: BTreeSet<&str> =
            experiment.runs.iter().filter_map(|planned| planned.spec.dataset_file()).collect();
        let hash = |name: &str| library.hash(name).map_err(|error| error.to_string());
        let hashes: Vec<ContentHash> = names.iter().map(|name| hash(name)).collect();
        let key = (draft.slug.clone(), experiment.id.clone());
        match self.laid_out.get(&key) {
            Some((last, known, planned)) if Arc::ptr_eq(last, draft) && *known == hashes => planned.clone(),
            _ => {
                let named: HashMap<&str, &ContentHash> = names.into_iter().zip(&hashes).collect();
                let planned = planned_jobs(&draft.slug, experiment, &named, library);
                self.laid_out.insert(key, (Arc::clone(draft), hashes, planned.clone()));
                planned
            }
        }
    }
}

/// Every experiment of a notebook as jobs.
#[derive(Debug, Default)]
pub struct Plans {
    jobs: HashMap<(String, String), Planned>,
    /// What all cells together ask to be measured of a run, where they ask for different things.
    united: HashMap<RunId, Vec<MeasureSpec>>,
}

impl Plans {
    /// Lays out every experiment cell of `drafts`.
    pub fn new(drafts: &[Arc<Draft>], library: &Library, planner: &mut Planner) -> Self {
        let mut jobs: HashMap<(String, String), Planned> = HashMap::new();
        for (draft, experiment, _) in experiments(drafts) {
            let mut planned = planner.plan(draft, experiment, library);
            let own = draft.experiments().take_while(|other| other.id != experiment.id);
            let before = own.filter_map(|other| {
                let jobs = jobs.get(&(draft.slug.clone(), other.id.clone()))?.as_ref().ok()?;
                Some((other, jobs))
            });
            if let Some(message) = planned.as_ref().ok().and_then(|jobs| at_odds(jobs, before)) {
                planned = Err(message);
            }
            jobs.insert((draft.slug.clone(), experiment.id.clone()), planned);
        }
        let united = united(jobs.values());
        Self { jobs, united }
    }

    /// A job with the measures of all cells that ask for its run: it is trained once for all of them.
    fn for_all(&self, job: &Job) -> Job {
        let measures = self.united.get(&job.run).unwrap_or(&job.measures).clone();
        Job { measures, ..job.clone() }
    }

    /// A number that tells two layouts apart: it moves when a cell or a dataset does.
    pub fn state(&self) -> u64 {
        let each = self.jobs.iter().map(|(key, jobs)| {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            match jobs {
                Ok(jobs) => jobs.iter().for_each(|job| job.run.hash(&mut hasher)),
                Err(message) => message.hash(&mut hasher),
            }
            hasher.finish()
        });
        each.fold(0, u64::wrapping_add)
    }

    /// The runs of the experiments of an entry.
    pub fn runs(&self, draft: &Draft) -> impl Iterator<Item = &RunId> {
        let ids = draft.experiments().filter_map(|experiment| self.get(&draft.slug, &experiment.id));
        ids.filter_map(|planned| planned.as_ref().ok()).flat_map(|jobs| jobs.iter()).map(|job| &job.run)
    }

    /// The runs of an experiment as jobs, in order; none where a dataset cannot be read.
    pub fn jobs(&self, entry: &str, cell: &str) -> &[Job] {
        self.get(entry, cell).and_then(|planned| planned.as_deref().ok()).unwrap_or_default()
    }

    fn get(&self, entry: &str, cell: &str) -> Option<&Planned> {
        self.jobs.get(&(entry.to_owned(), cell.to_owned()))
    }
}

/// What one of the cells `before` measures of the same runs by other settings: only one value of a quantity is kept of a
/// run, and both would show it.
fn at_odds<'a>(
    jobs: &[Job],
    before: impl Iterator<Item = (&'a Experiment, &'a Arc<[Job]>)>,
) -> Option<String> {
    let mine = &jobs.first()?.measures;
    for (other, theirs) in before {
        let measures = theirs.first().map_or(&[][..], |job| &job.measures);
        let odd = |measure: &&MeasureSpec| measures.iter().any(|other| measure.is_at_odds_with(other));
        let Some(measure) = mine.iter().find(odd) else { continue };
        let runs: HashSet<&RunId> = theirs.iter().map(|job| &job.run).collect();
        if jobs.iter().any(|job| runs.contains(&job.run)) {
            let (name, id) = (measure.quantity.name(), &other.id);
            return Some(format!(
                "`{id}` measures `{name}` of the same runs by other settings: give one of the two cells seeds of its own"
            ));
        }
    }
    None
}

/// The measures of all cells that ask for a run, of the runs for which they differ.
fn united<'a>(planned: impl Iterator<Item = &'a Planned>) -> HashMap<RunId, Vec<MeasureSpec>> {
    let mut asked: HashMap<&RunId, &[MeasureSpec]> = HashMap::new();
    let mut united: HashMap<RunId, Vec<MeasureSpec>> = HashMap::new();
    for job in planned.filter_map(|jobs| jobs.as_ref().ok()).flat_map(|jobs| jobs.iter()) {
        match asked.insert(&job.run, &job.measures) {
            Some(before) if before != job.measures => {
                let all = united.entry(job.run.clone()).or_default();
                for measure in before.iter().chain(&job.measures) {
                    if !all.contains(measure) {
                        all.push(measure.clone());
                    }
                }
            }
            _ => {}
        }
    }
    // Not in that in which the cells were read.
    for measures in united.values_mut() {
        measures.sort_by_key(MeasureSpec::fingerprint);
    }
    united
}

/// The experiment cells that can be read.
fn experiments(drafts: &[Arc<Draft>]) -> impl Iterator<Item = (&Arc<Draft>, &Experiment, &RawCell)> {
    drafts.iter().flat_map(|draft| {
        draft.cells.iter().zip(&draft.document.cells).filter_map(move |(cell, raw)| match cell {
            Ok(Cell::Experiment(experiment)) => Some((draft, experiment, raw)),
            _ => None,
        })
    })
}

/// The storings whose curves these cells (by entry and id) show: of each run, or of what stands in its place.
pub fn storings(
    drafts: &[Arc<Draft>],
    plans: &Plans,
    known: &Known,
    cells: &BTreeSet<(String, String)>,
) -> Vec<(RunId, String)> {
    let mut wanted = Vec::new();
    for (draft, experiment, _) in experiments(drafts) {
        let Some(Ok(jobs)) = plans.get(&draft.slug, &experiment.id) else { continue };
        if cells.contains(&(draft.slug.clone(), experiment.id.clone())) {
            let shown = experiment.runs.iter().zip(&**jobs).filter_map(|(planned, job)| {
                let stored = known.record(&job.run);
                stored.or_else(|| known.predecessor(&draft.slug, &experiment.id, planned))
            });
            wanted.extend(shown.map(|record| (record.run.clone(), record.record.clone())));
        }
    }
    wanted
}

/// Every experiment of a notebook, by entry and cell.
#[derive(Debug, Default)]
pub struct Experiments {
    views: HashMap<(String, String), Result<ExperimentView, Diagnostic>>,
    /// Slugs of the entries that have any, sorted.
    entries: Vec<String>,
}

impl Experiments {
    /// Looks at every experiment cell of `drafts`.
    pub fn new(drafts: &[Arc<Draft>], plans: &Plans, known: &Known, pricer: &Pricer<'_>) -> Self {
        let mut views = HashMap::new();
        for (draft, experiment, raw) in experiments(drafts) {
            let view = match plans.get(&draft.slug, &experiment.id) {
                Some(Ok(jobs)) => Ok(view((draft, experiment, jobs), plans, known, pricer)),
                Some(Err(message)) => {
                    let (file, source) = (&draft.document.file, &draft.document.source);
                    Err(Diagnostic::error(message.clone()).at(file, source, raw.span.clone()))
                }
                None => continue,
            };
            views.insert((draft.slug.clone(), experiment.id.clone()), view);
        }
        Self { views, entries: Vec::new() }.among(Vec::new())
    }

    /// The same where these entries have experiments too, which were not looked at.
    #[must_use]
    pub fn among(mut self, others: Vec<String>) -> Self {
        let entries: BTreeSet<String> =
            self.views.keys().map(|(entry, _)| entry.clone()).chain(others).collect();
        self.entries = entries.into_iter().collect();
        self
    }

    /// The experiment of that entry and id.
    pub fn get(&self, entry: &str, cell: &str) -> Option<&Result<ExperimentView, Diagnostic>> {
        self.views.get(&(entry.to_owned(), cell.to_owned()))
    }

    /// Slugs of the entries that have experiments.
    pub fn entries(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.iter().map(String::as_str)
    }

    /// Ids of the experiments of an entry.
    pub fn of_entry(&self, entry: &str) -> Vec<&str> {
        let mut cells: Vec<&str> =
            self.views.keys().filter(|(slug, _)| slug == entry).map(|(_, cell)| cell.as_str()).collect();
        cells.sort_unstable();
        cells
    }
}

/// Every planned run as a job, in order, with the datasets of these names and hashes.
fn planned_jobs<'e>(
    entry: &str,
    experiment: &'e Experiment,
    hashes: &HashMap<&str, &ContentHash>,
    library: &Library,
) -> Planned {
    // In an order of their own, which is also that of an order that is joined by another: what a run came to must not
    // depend on how often it was asked for.
    let mut measures = experiment.measures.clone();
    measures.sort_by_key(MeasureSpec::fingerprint);
    let memory = memory::total();
    // Seeds stand innermost, and one dataset after the other: its file is asked for once, and not for every run.
    let mut known: Option<(&DatasetSpec, Option<Shape>)> = None;
    let missing = measures.iter().find(|measure| {
        !experiment.runs.iter().any(|planned| needs::exists(measure.quantity, &planned.spec))
    });
    let mut job = |planned: &'e PlannedRun| {
        if let Some(measure) = missing {
            let (name, model) = (measure.quantity.name(), planned.spec.model.word());
            return Err(format!("`{name}` is measured of networks, and this model is `{model}`"));
        }
        let hash = planned.spec.dataset_file().and_then(|name| hashes.get(name).copied());
        let dataset_hash = hash.cloned().unwrap_or_else(|| Ok(String::new()))?;
        // A dataset that cannot be read says so when it is.
        let dataset = &planned.spec.dataset;
        let shape = match known {
            Some((last, shape)) if last == dataset => shape,
            _ => known.insert((dataset, library.shape(dataset))).1,
        };
        if let Some(shape) = shape {
            needs::room(&planned.spec, shape, memory)?;
            measures.iter().try_for_each(|measure| needs::check(measure, &planned.spec, shape))?;
        }
        Ok(Job {
            run: planned.spec.id(&dataset_hash),
            spec: planned.spec.clone(),
            dataset_hash,
            measures: measures.clone(),
            origin: origin(entry, experiment, planned),
        })
    };
    experiment.runs.iter().map(&mut job).collect()
}

fn origin(entry: &str, experiment: &Experiment, planned: &PlannedRun) -> Origin {
    Origin {
        entry: entry.to_owned(),
        cell: experiment.id.clone(),
        arm: planned.arm.clone(),
        point: experiment
            .axes
            .iter()
            .map(|axis| axis.path.clone())
            .zip(planned.point.iter().cloned())
            .collect(),
    }
}

fn view(
    (draft, experiment, jobs): (&Draft, &Experiment, &[Job]),
    plans: &Plans,
    known: &Known,
    pricer: &Pricer<'_>,
) -> ExperimentView {
    let own = &experiment.measures;
    let found = jobs.iter().map(|job| (known.result(&job.run, own).cloned(), known.curve(&job.run, own)));
    let results = Results::new(experiment, found, |spec| size(experiment, spec, pricer.library));
    let summary = summarise(&results, &[], baseline(draft, &experiment.id));
    let runs = jobs.iter().map(|job| job.run.clone()).collect();
    let times = times(own, jobs, known);
    let is_missing = |job: &&Job| known.answer(&job.run, own).is_none();
    let missing: Vec<Job> = jobs.iter().filter(is_missing).map(|job| plans.for_all(job)).collect();
    let interrupted = missing.iter().filter(|job| known.is_interrupted(&job.run)).count();
    let quote = pricer.quote(&missing, &times);
    let cores = cores();
    let eta = || seconds_left(&missing, &times, &quote, known);
    let state = state(&draft.slug, experiment, jobs, known, eta);
    let former = match state {
        CellState::Stale { .. } if missing.len() == jobs.len() => Some(former(draft, experiment, known)),
        _ => None,
    };
    ExperimentView {
        interrupted,
        experiment: experiment.clone(),
        runs,
        cost: price::cost(&missing, &quote, cores),
        expected: quote.kinds.into_iter().collect(),
        missing,
        times,
        state,
        results,
        summary,
        former,
    }
}

/// How large the model of a run is beside what it is to fit. It is asked of sweeps, where that may be marked, and else no
/// dataset is looked at for it.
fn size(experiment: &Experiment, spec: &RunSpec, library: &Library) -> Option<Size> {
    let shape = (!experiment.axes.is_empty()).then(|| library.shape(&spec.dataset))??;
    let outputs = if spec.loss.is_of_signs() { 1 } else { shape.outputs };
    let is_network = Form::of(&spec.model).is_ok();
    Some(Size {
        parameters: is_network.then(|| Outline::of(spec, shape).parameters()),
        targets: (spec.dataset.train * outputs) as f64,
    })
}

/// What stood here before the cell was changed.
fn former(draft: &Draft, experiment: &Experiment, known: &Known) -> Summary {
    let found = experiment.runs.iter().map(|planned| {
        let record = known.predecessor(&draft.slug, &experiment.id, planned).cloned();
        let curve = record.as_ref().and_then(|record| known.stored_curve(&record.run));
        (record, curve)
    });
    summarise(&Results::new(experiment, found, |_| None), &[], baseline(draft, &experiment.id))
}

/// Kind and seconds of the runs that are stored and were made on this host: others may be faster.
fn times(own: &[MeasureSpec], jobs: &[Job], known: &Known) -> Vec<(String, f64)> {
    let host = base::host();
    let stored = jobs.iter().filter_map(|job| Some((job, known.result(&job.run, own)?)));
    stored
        .filter(|(_, record)| record.host == host)
        .map(|(job, record)| (job.kind(), record.seconds))
        .collect()
}

/// The baseline that the entry itself compares this experiment with: one entry must not draw ▲ here and ▼ there.
fn baseline<'a>(draft: &'a Draft, cell: &str) -> Option<&'a str> {
    draft.cells.iter().find_map(|other| match other {
        Ok(Cell::Compare(compare)) if compare.of == [cell] => compare.baseline.as_deref(),
        _ => None,
    })
}

fn state(
    entry: &str,
    experiment: &Experiment,
    jobs: &[Job],
    known: &Known,
    eta: impl FnOnce() -> Option<f64>,
) -> CellState {
    let own = &experiment.measures;
    let planned = jobs.len();
    let stored = jobs.iter().filter(|job| known.answer(&job.run, own).is_some()).count();
    if stored == planned {
        return CellState::Fresh;
    }
    let missing = jobs.iter().filter(|job| known.answer(&job.run, own).is_none());
    let (live, waiting): (Vec<_>, Vec<_>) = missing.partition(|job| known.live(&job.run).is_some());
    let queued = waiting.iter().filter(|job| known.is_asked_for(&job.run)).count();
    if !live.is_empty() || queued > 0 {
        let live: Vec<_> = live.iter().filter_map(|job| known.live(&job.run)).collect();
        let going: f64 = live.iter().map(|run| run.fraction()).sum();
        let fraction = (stored as f64 + going) / planned as f64;
        return CellState::Running {
            queued,
            trouble: known.trouble().map(ToOwned::to_owned),
            done: stored,
            planned,
            fraction,
            eta: eta(),
        };
    }
    let failure =
        jobs.iter().find_map(|job| known.record(&job.run).filter(|record| record.status == Status::Failed));
    if let Some(record) = failure {
        return CellState::Failed { message: record.reason.clone() };
    }
    let reasons = stale_reasons(entry, experiment, jobs, known);
    if !reasons.is_empty() {
        return CellState::Stale { reasons };
    }
    match stored {
        0 => CellState::NotRun { runs: planned },
        stored => CellState::Partial { stored, planned },
    }
}

/// Seconds until every missing run is done on as many workers as are at them, from those of this cell that are stored
/// and what the others were expected to take.
fn seconds_left(missing: &[Job], times: &[(String, f64)], quote: &Quote, known: &Known) -> Option<f64> {
    let mut eta = quote.eta();
    for (kind, seconds) in times {
        eta.learn(kind, *seconds);
    }
    let mut workers = 0;
    let open: Vec<Open> = missing
        .iter()
        .map(|job| match known.live(&job.run) {
            Some(live) => {
                workers += 1;
                let since = clock::seconds_since(&live.start.started).unwrap_or(0.0);
                let elapsed = live.start.seconds + since;
                Open::new(job.kind(), elapsed).at(live.fraction())
            }
            None => Open::new(job.kind(), 0.0),
        })
        .collect();
    eta.remaining(&open, workers)
}

/// Why runs that were stored once no longer count, each reason once.
fn stale_reasons(entry: &str, experiment: &Experiment, jobs: &[Job], known: &Known) -> Vec<String> {
    let own = &experiment.measures;
    let mut reasons: Vec<String> = Vec::new();
    for (planned, job) in experiment.runs.iter().zip(jobs) {
        if known.answer(&job.run, own).is_some() {
            continue;
        }
        let new = match known.record(&job.run).filter(|record| record.status.is_result()) {
            Some(record) if record.lost_curve => vec![LOST.to_owned()],
            Some(record) => missing_measures(own, &record.measured),
            None => known
                .former(entry, &experiment.id, planned)
                .map(|former| stale::reasons(former, &planned.spec, &job.dataset_hash))
                .unwrap_or_default(),
        };
        for reason in new {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        if reasons.len() > MAX_REASONS {
            reasons.truncate(MAX_REASONS);
            reasons.push("…".to_owned());
            break;
        }
    }
    reasons
}

fn missing_measures(wanted: &[MeasureSpec], measured: &[String]) -> Vec<String> {
    wanted
        .iter()
        .filter(|measure| !measure.is_in(measured))
        .map(|measure| format!("{} is not measured yet", measure.quantity.name()))
        .collect()
}
