//! Runs that are killed and gone on with, by real worker processes: whatever happened to them on the way, they come to
//! the record, the curve and the weights of a run that nothing happened to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Notebook, comes};
use lowland::base::rng::Stream;
use lowland::runner::Job;
use lowland::runner::protocol::{self, Order, Report};
use lowland::science::Checkpoint;
use lowland::spec::run::{
    Activation, DatasetSpec, Engine, Init, InitKind, Loss, ModelSpec, OptimizerSpec, RunSpec, Source, Stop,
};
use lowland::spec::{MeasureSpec, Quantity, Setting, When};
use lowland::store::journal::{self, LiveRun};
use lowland::store::{JournalWriter, Origin, Start, Status, Store};

/// A run from its start to its end takes so long at most: if it took longer, the machine stood still meanwhile.
const LONGEST: Duration = Duration::from_secs(4);

/// Small batches with everything that a checkpoint holds, over about a second.
fn job() -> Job {
    let spec = RunSpec {
        dataset: DatasetSpec::of(Source::Teacher { inputs: 16, hidden: 4, classes: 3 }, 500, 100),
        model: ModelSpec::Mlp {
            hidden: vec![32, 32],
            activation: Activation::Tanh,
            bias: true,
            init: Init { kind: InitKind::He, scale: 1.0 },
            batch_norm: false,
            dropout: 0.0,
        },
        loss: Loss::CrossEntropy,
        procedure: lowland::spec::Procedure::Train,
        optimizer: OptimizerSpec { momentum: 0.9, weight_decay: 0.001, ..OptimizerSpec::sgd(0.01, 32) },
        stop: Stop { train_loss: Some(1e-9), ..Stop::after(30_000) },
        engine: Engine::Dense,
        seed: 7,
        seed_of: lowland::spec::SeedOf::default(),
    };
    let mut trace = MeasureSpec { when: When::Share(0.2), ..MeasureSpec::at_end(Quantity::HessianTrace) };
    trace.settings.set(Setting::Probes, 4.0);
    let sharpness = MeasureSpec { when: When::Every(1500), ..MeasureSpec::at_end(Quantity::LambdaMax) };
    let mut job = Job {
        run: spec.id(""),
        spec,
        dataset_hash: String::new(),
        measures: vec![sharpness, trace],
        origin: Origin {
            entry: "2026-01-02-killed".to_owned(),
            cell: "killed".to_owned(),
            arm: "only".to_owned(),
            point: Vec::new(),
        },
    };
    job.run = job.spec.id("");
    job
}

/// [`job`] with another spec.
fn job_with(change: impl FnOnce(&mut RunSpec)) -> Job {
    let mut job = job();
    change(&mut job.spec);
    job.run = job.spec.id("");
    job
}

/// A worker process on a notebook, killed when it is dropped.
struct Worker {
    child: Child,
    orders: Option<ChildStdin>,
    reports: BufReader<ChildStdout>,
    tickets: u64,
}

impl Worker {
    /// One that keeps a checkpoint every so many seconds; as it thinks best, if that is empty.
    fn start(notebook: &Notebook, seconds: &str) -> Self {
        let mut command = notebook.command(&["worker"]);
        command.env("LOWLAND_CHECKPOINT_SECONDS", seconds).env("CANDLE_GRAD_DO_NOT_DETACH", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, reports) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, orders, reports, tickets: 0 }
    }

    fn order(&mut self, order: &Order) {
        protocol::send(self.orders.as_mut().unwrap(), order).unwrap();
    }

    /// Orders a run, under a number of its own.
    fn order_run(&mut self, job: &Job) -> u64 {
        self.tickets += 1;
        self.order(&Order::Run { ticket: self.tickets, job: Box::new(job.clone()) });
        self.tickets
    }

    /// Orders a run and waits until it is begun.
    fn begin(&mut self, job: &Job) -> u64 {
        let ticket = self.order_run(job);
        assert_eq!(self.report(), Report::Started(job.run.clone()));
        ticket
    }

    fn report(&mut self) -> Report {
        protocol::receive(&mut self.reports).unwrap().unwrap()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The run as its journal tells it.
fn live(notebook: &Notebook) -> Option<LiveRun> {
    journal::read_all(&journal::live_root(notebook.path())).pop()
}

/// Waits until the journal tells what is wanted.
fn wait(notebook: &Notebook, wanted: impl Fn(&LiveRun) -> bool) -> LiveRun {
    let mut found = None;
    let came = comes(|| {
        found = live(notebook).filter(&wanted);
        found.is_some()
    });
    assert!(came, "{:?}", live(notebook));
    found.unwrap()
}

/// Everything stored of the only run but times: record, curve and the file of its weights.
fn stored(notebook: &Notebook) -> (String, String, Vec<u8>) {
    let store = Store::open(notebook.path());
    journal::harvest(&store, &journal::live_root(notebook.path())).unwrap();
    let (records, problems) = store.read_summaries();
    assert!(records.len() == 1 && problems.is_empty(), "{problems:?}");
    let mut record = records[0].as_ref().clone();
    (record.finished, record.seconds) = (String::new(), 0.0);
    let curve = store.read_curves(&[(record.run.clone(), record.record.clone())]).0.remove(&record.run);
    let weights = fs::read(store.weights_path(&record.run).unwrap()).unwrap_or_default();
    assert!(live(notebook).is_none());
    (format!("{record:?}"), format!("{curve:?}"), weights)
}

/// The run from start to end, and how long that took.
fn undisturbed(job: &Job) -> (Notebook, Duration) {
    let notebook = Notebook::empty();
    let began = Instant::now();
    let mut worker = Worker::start(&notebook, "");
    worker.begin(job);
    assert!(matches!(worker.report(), Report::Ended(_, Status::Done | Status::Diverged)));
    (notebook, began.elapsed().min(LONGEST))
}

#[test]
fn a_worker_killed_at_random_instants_changes_no_bit() {
    let jobs = [
        job(),
        job_with(|spec| {
            (spec.optimizer.batch_size, spec.optimizer.momentum, spec.stop.steps) = (500, 0.0, 2000);
        }),
        job_with(|spec| {
            (spec.engine, spec.stop.steps) = (Engine::Autograd, 2500);
        }),
    ];
    let mut resumes = 0;
    for (job, seed) in jobs.iter().zip(0..) {
        let (calm, took) = undisturbed(job);
        let shaken = Notebook::empty();
        let mut instants = Stream::new(seed, "kills");
        for _ in 0..8 {
            let mut worker = Worker::start(&shaken, "0.01");
            worker.order_run(job);
            thread::sleep(took.mul_f64(instants.uniform() / 6.0));
            drop(worker);
            resumes += usize::from(live(&shaken).is_some_and(|live| live.start.seconds > 0.0));
        }
        let mut worker = Worker::start(&shaken, "0.01");
        worker.order_run(job);
        // Should it have ended before the last kill, it was stored on the way and is trained once more, to the same.
        while !matches!(worker.report(), Report::Ended(..)) {}
        assert_eq!(stored(&shaken), stored(&calm), "seed {seed}");
    }
    println!("gone on with {resumes} times of 24");
    assert!(resumes >= 6, "gone on with {resumes} times of 24");
}

#[test]
fn a_worker_whose_crew_is_gone_leaves_its_run_where_it_stands() {
    let notebook = Notebook::empty();
    let job = job_with(|spec| spec.stop.steps = 1_000_000_000);
    let mut worker = Worker::start(&notebook, "");
    worker.begin(&job);
    wait(&notebook, |live| live.steps() > 2000);
    drop(worker.orders.take());
    assert_eq!(worker.report(), Report::Ended(job.run.clone(), Status::Interrupted));
    worker.child.wait().unwrap();
    let left = live(&notebook).unwrap();

    let mut worker = Worker::start(&notebook, "");
    let ticket = worker.begin(&job);
    let resumed = wait(&notebook, |live| live.start.pid != left.start.pid);
    assert!(resumed.start.seconds > 0.0);
    assert!(resumed.curve.steps.starts_with(&left.curve.steps), "{resumed:?}");
    wait(&notebook, |live| live.steps() > left.steps() + 2000);
    worker.order(&Order::Cancel(ticket));
    assert_eq!(worker.report(), Report::Ended(job.run.clone(), Status::Interrupted));

    // What was stopped is kept like what was interrupted, and goes on when it is wanted again.
    let store = Store::open(notebook.path());
    journal::harvest(&store, &journal::live_root(notebook.path())).unwrap();
    assert!(store.read_summaries().0.is_empty());
    worker.begin(&job);
    let again = wait(&notebook, |live| live.start.started != resumed.start.started);
    assert!(again.start.seconds > resumed.start.seconds, "{again:?}");
}

#[test]
fn a_run_that_no_training_can_go_on_with_begins_anew() {
    let job = job_with(|spec| spec.stop.steps = 300);
    let (calm, notebook) = (undisturbed(&job).0, Notebook::empty());
    let start = Start {
        run: job.run.clone(),
        origin: job.origin.clone(),
        spec: serde_json::to_value(&job.spec).unwrap(),
        total_steps: 300,
        pid: 1,
        host: "elsewhere".to_owned(),
        started: "2026-11-22T08:00:00.000Z".to_owned(),
        seconds: 0.0,
    };
    let measured: Vec<_> = job.measures.iter().map(MeasureSpec::fingerprint).collect();
    let mut writer = JournalWriter::create(&journal::live_root(notebook.path()), &start).unwrap();
    writer.row(7, 0.5, &BTreeMap::from([("train_loss".to_owned(), 0.25)])).unwrap();
    // A sound file, of this run; but what stands in it says nothing to the training.
    writer.checkpoint(&Checkpoint::default(), &measured, 1e6).unwrap();
    drop(writer);
    let mut worker = Worker::start(&notebook, "");
    worker.begin(&job);
    assert_eq!(worker.report(), Report::Ended(job.run.clone(), Status::Done));
    assert!(live(&notebook).unwrap().start.seconds == 0.0);
    assert_eq!(stored(&notebook), stored(&calm));
}
