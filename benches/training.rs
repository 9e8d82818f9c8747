//! Training steps and Hessian-vector products of the dense engine, on the networks that peers are timed on, beside a peer
//! or alone.
//!
//! ```sh
//! cargo bench --bench training                                  # a table of our own
//! cargo bench --bench training -- --steps                       # of the steps alone
//! cargo bench --bench training -- --whole                       # whole runs: what looking along the way adds to the steps
//! cargo bench --bench training -- --json                        # the same as JSON lines
//! cargo bench --bench training -- --beside 'python3 peers.py'   # peers' JSON lines beside ours, in one run
//! cargo bench --bench training -- --profile 128 512              # one network for some seconds, for a profiler
//! ```
//!
//! The command of `--beside` prints a JSON line for each network that it has timed (`peer`, `d`, `hidden`, `classes`,
//! `batch`, `us_per_step`, and for products `grad_us` and `examples`); ours is timed right after each, while the peer is
//! held, on the same core in the same minute, so that a machine that changes its speed changes both.
//!
//! Work: n × d standard-normal inputs, k classes, dense d-h-k relu network with biases, softmax cross-entropy, plain
//! gradient descent, single precision; every step reads the next slice of the data.

#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

use lowland::base::rng::Stream;
use lowland::data::{Problem, prepare};
use lowland::science::batches::Batches;
use lowland::science::dense::parameters::Target;
use lowland::science::dense::product::Update;
use lowland::science::dense::{Batch, Curvature, Examples, Network, Parameters, Pass, vectorized};
use lowland::science::gradient::{DropOut, engine};
use lowland::science::optimizer::Optimizer;
use lowland::science::train::{self, train};
use lowland::science::{Checkpoint, Go, Observer, init};
use lowland::spec::{
    Activation, Context, Init, InitKind, Loss, MeasureSpec, ModelSpec, Quantity, RunSpec, When, parse,
};
use pulp::{Simd, WithSimd};
use rustix::process::{Pid, Signal, kill_process_group};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A network, its examples and the size of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    n: usize,
    d: usize,
    hidden: usize,
    classes: usize,
    batch: usize,
}

/// The networks of the table.
fn grid() -> Vec<Case> {
    let small = [32, 128, 512].into_iter().flat_map(|hidden| [32, 512].map(|batch| (512, 64, hidden, batch)));
    let large = [50, 256].into_iter().flat_map(|hidden| [32, 128].map(|batch| (4000, 784, hidden, batch)));
    small.chain(large).map(|(n, d, hidden, batch)| Case { n, d, hidden, classes: 10, batch }).collect()
}

impl Case {
    fn network(self) -> Network {
        let init = Init { kind: InitKind::He, scale: 1.0 };
        let model = ModelSpec::Mlp {
            hidden: vec![self.hidden],
            activation: Activation::Relu,
            bias: true,
            init,
            batch_norm: false,
            dropout: 0.0,
        };
        Network::new(&model, self.d, self.classes, Loss::CrossEntropy).expect("a network")
    }

    fn examples(self, network: &Network) -> Examples<f32> {
        let mut stream = Stream::new(1, "bench");
        let x: Vec<f32> = (0..self.n * self.d).map(|_| stream.normal() as f32).collect();
        let y = (0..self.n * self.classes)
            .map(|i| f32::from(u8::from(i % self.classes == i / self.classes % self.classes)))
            .collect::<Vec<_>>();
        Examples::new(network, Batch { x: &x, y: &y, n: self.n })
    }

    fn weights(network: &Network) -> Vec<f32> {
        let mut stream = Stream::new(2, "bench");
        (0..network.parameters()).map(|_| 0.1 * stream.normal() as f32).collect()
    }

    /// Multiplications and additions of a step: two products forward, three back.
    fn flops(self) -> f64 {
        let Self { d, hidden, classes, batch, .. } = self;
        2.0 * (batch * (2 * d * hidden + 3 * hidden * classes)) as f64
    }

    /// Microseconds of a step.
    fn step(self) -> f64 {
        let network = self.network();
        let examples = self.examples(&network);
        let mut weights = Parameters::new(&network, &Self::weights(&network));
        let mut pass = Pass::gradient(&network, self.batch);
        let mut at = 0;
        let rate = Update { keep: 1.0, scale: -0.05 };
        let mut step = || {
            let rows = examples.rows().slice(at % (self.n - self.batch + 1), self.batch);
            let loss = pass.look(&weights, rows);
            pass.collect(rows, rate, Target::There(&mut weights));
            at += self.batch;
            assert!(loss.is_finite());
        };
        microseconds(&mut step)
    }

    /// Microseconds of a gradient and of a product with the Hessian over all examples.
    fn product(self) -> (f64, f64) {
        let network = self.network();
        let examples = self.examples(&network);
        let flat = Self::weights(&network);
        let weights = Parameters::new(&network, &flat);
        let (mut pass, mut out) = (Pass::gradient(&network, self.n), Parameters::zeros(&network));
        let gradient = microseconds(&mut || {
            pass.look(&weights, examples.rows());
            pass.collect(examples.rows(), Update::replace(1.0), Target::Beside(&weights, &mut out));
        });
        let mut curvature = Curvature::at(&network, &flat, examples.rows());
        let (v, mut out) = (flat.clone(), flat.clone());
        (gradient, microseconds(&mut || curvature.hessian_vector(&v, &mut out)))
    }
}

/// The quickest of some batches of calls: others use this machine too, and only ever make it slower.
fn microseconds(call: &mut dyn FnMut()) -> f64 {
    let time = |times: u32, call: &mut dyn FnMut()| {
        let began = Instant::now();
        (0..times).for_each(|_| call());
        began.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    };
    let once = time(3, call);
    let times = (20_000.0 / once).clamp(1.0, 1e6) as u32;
    (0..25).map(|_| time(times, call)).fold(f64::INFINITY, f64::min)
}

/// Floating-point operations per second that this core can do at the most: multiply-adds on registers, and nothing else.
fn peak() -> f64 {
    struct Registers;
    impl WithSimd for Registers {
        type Output = f64;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> f64 {
            const STEPS: u32 = 100_000;
            let mut sums = [simd.splat_f32s(0.0); 12];
            let (x, y) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(1e-3)));
            let began = Instant::now();
            for _ in 0..STEPS {
                for sum in &mut sums {
                    *sum = simd.mul_add_e_f32s(*sum, x, y);
                }
            }
            let seconds = began.elapsed().as_secs_f64();
            black_box(sums);
            f64::from(STEPS) * 2.0 * (sums.len() * S::F32_LANES) as f64 / seconds
        }
    }
    (0..30).map(|_| vectorized(Registers)).fold(0.0, f64::max)
}

/// What was timed of a case.
struct Ours {
    step: f64,
    peak: f64,
}

impl Ours {
    fn of(case: Case) -> Self {
        Self { step: case.step(), peak: peak() }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => alone(false),
        ["--json"] => alone(true),
        ["--whole"] => whole(),
        ["--steps"] => grid().into_iter().for_each(|case| println!("{}", row(case, &Ours::of(case)))),
        ["--beside", command] => return beside(command),
        ["--profile", hidden, batch] => profile(hidden, batch),
        _ => {
            eprintln!(
                "usage: training [--json | --steps | --whole | --beside COMMAND | --profile HIDDEN BATCH]"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Cells of several sizes, at default settings.
const CELLS: [(&str, &str); 3] = [
    (
        "64-16, batch 10",
        "train: 500, test: 500}\nmodel: {hidden: 16}\noptimizer: {learning_rate: 0.05, batch_size: 10}",
    ),
    (
        "64-128, batch 32",
        "train: 1000, test: 500}\nmodel: {hidden: 128}\noptimizer: {learning_rate: 0.05, batch_size: 32}",
    ),
    (
        "64-256-256, batch 128",
        "train: 4000, test: 1000}\nmodel: {hidden: [256, 256]}\noptimizer: {learning_rate: 0.05, batch_size: 128}",
    ),
];

/// Whole runs of 4,000 steps, as a worker does them, the same with as many rows again as steps / [`OFTEN`], and the same
/// steps and nothing else: the quickest of seven, or of as many as five seconds are enough for, in turn.
///
/// The difference to the steps alone is that of two loops, and depends by several percent on the addresses that their code
/// happens to have. What a row takes within a run is told by runs that differ in nothing but how many they record.
fn whole() {
    println!("{:<22} {:>9} {:>9} {:>9}   {:>4} rows", "run", "whole, s", "steps, s", "µs/row", "");
    for (name, cell) in CELLS {
        let text = format!(
            "id: e\ndataset: {{kind: teacher, inputs: 64, hidden: 16, classes: 10, {cell}\nstop: {{steps: 4000}}\n"
        );
        let experiment = parse::experiment(&text, &Context::default()).expect("a cell");
        let spec = &experiment.runs[0].spec;
        let problem = prepare(&spec.dataset, None, spec.seed).expect("examples");
        let often = MeasureSpec { when: When::Every(OFTEN), ..MeasureSpec::at_end(Quantity::TrainLoss) };
        let (mut quickest, mut rows) = ([f64::INFINITY; 3], [0.0; 2]);
        let began = Instant::now();
        for _ in (0..).take_while(|&repeat| repeat < 7 || began.elapsed().as_secs_f64() < 5.0) {
            let mut time = |which: usize, work: &mut dyn FnMut()| {
                let began = Instant::now();
                work();
                quickest[which] = quickest[which].min(began.elapsed().as_secs_f64());
            };
            time(0, &mut || rows[0] = whole_run(spec, &problem, &[]));
            time(1, &mut || rows[1] = whole_run(spec, &problem, std::slice::from_ref(&often)));
            time(2, &mut || bare_steps(spec, &problem));
        }
        let ([whole, more, bare], [few, many]) = (quickest, rows);
        let row = (more - whole) / (many - few);
        let share = few * row / (whole - few * row);
        println!(
            "{name:<22} {whole:>9.4} {bare:>9.4} {:>9.1}   {few:>4} rows: {:.1} % of the rest; whole by {:.1} % slower than steps",
            1e6 * row,
            1e2 * share,
            1e2 * (whole / bare - 1.0)
        );
    }
}

/// Steps from one row to the next in runs that record more of them.
const OFTEN: u64 = 16;

/// Counts rows, and else nobody who watches.
struct Rows(f64);

impl Observer for Rows {
    fn row(&mut self, _: u64, _: f64, values: &BTreeMap<String, f64>) {
        black_box(values);
        self.0 += 1.0;
    }

    fn tick(&mut self, _: u64, _: f64) -> Go {
        Go::On
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}
}

/// How many rows it records.
fn whole_run(spec: &RunSpec, problem: &Problem, measures: &[MeasureSpec]) -> f64 {
    let mut rows = Rows(0.0);
    black_box(train(spec, problem, measures, None, &mut rows).expect("a run"));
    rows.0
}

fn bare_steps(spec: &RunSpec, problem: &Problem) {
    let network = Network::new(&spec.model, problem.inputs, problem.outputs, spec.loss).expect("a network");
    let [examples, _] = train::examples(&network, problem);
    let mut weights = Parameters::new(&network, &init::weights(&network, &spec.model, spec.seed));
    let mut batches = Batches::new(problem.train.n, spec.optimizer.batch_size, spec.seed);
    let mut engine =
        engine(spec.engine, &network, &problem.train, examples.rows(), batches.size(), DropOut::default());
    let epoch = problem.train.n.div_ceil(batches.size()) as u64;
    let mut optimizer = Optimizer::new(&spec.optimizer, &network, spec.stop.steps, epoch);
    for step in 0..spec.stop.steps {
        black_box(engine.look(&weights, batches.batch(), None).expect("a loss"));
        optimizer.step(step, &mut weights, &mut *engine).expect("a step");
        batches.advance();
    }
    black_box(weights.flat());
}

/// Takes the steps of one network, of the table or another with 64 inputs, for a few seconds, for a profiler to look at.
fn profile(hidden: &str, batch: &str) {
    let number = |text: &str| text.parse().expect("a number");
    let (hidden, batch) = (number(hidden), number(batch));
    let of_table = grid().into_iter().find(|case| (case.hidden, case.batch) == (hidden, batch));
    let case = of_table.unwrap_or(Case { n: 512, d: 64, hidden, classes: 10, batch });
    let (began, mut quickest) = (Instant::now(), f64::INFINITY);
    while began.elapsed().as_secs_f64() < 5.0 {
        quickest = case.step().min(quickest);
    }
    println!("{quickest:.3} µs/step");
}

const HEAD: &str = "network           batch    µs/step   % of peak";

fn alone(json: bool) {
    if !json {
        println!("{HEAD}   µs/gradient   µs/product   ratio");
    }
    for case in grid() {
        let ours = Ours::of(case);
        let (gradient, product) = case.product();
        let Case { n, d, hidden, classes, batch } = case;
        if json {
            println!(
                "{{\"peer\":\"lowland\",\"d\":{d},\"hidden\":{hidden},\"classes\":{classes},\"batch\":{batch},\
                 \"us_per_step\":{:.2},\"peak\":{:.3},\"grad_us\":{gradient:.2},\"product_us\":{product:.2},\
                 \"examples\":{n}}}",
                ours.step,
                share(case, &ours)
            );
        } else {
            println!(
                "{}   {gradient:>11.1}   {product:>10.1}   {:>5.2}",
                row(case, &ours),
                product / gradient
            );
        }
    }
}

fn share(case: Case, ours: &Ours) -> f64 {
    case.flops() / (ours.step * 1e-6) / ours.peak
}

fn row(case: Case, ours: &Ours) -> String {
    let name = format!("{}-{}-{}", case.d, case.hidden, case.classes);
    format!("{name:<16}  {:>5}  {:>9.2}  {:>9.0} %", case.batch, ours.step, 100.0 * share(case, ours))
}

/// A line of a peer.
struct Peer {
    name: String,
    case: Case,
    microseconds: f64,
    /// Of a gradient, where the time is that of a product with the Hessian.
    gradient: Option<f64>,
}

impl Peer {
    fn read(line: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        let number = |key: &str| value[key].as_u64().map(|number| number as usize);
        let (d, hidden, classes, batch) =
            (number("d")?, number("hidden")?, number("classes")?, number("batch")?);
        let n = number("examples").unwrap_or(if d == 784 { 4000 } else { 512 });
        Some(Self {
            name: value["peer"].as_str()?.to_owned(),
            case: Case { n, d, hidden, classes, batch },
            microseconds: value["us_per_step"].as_f64()?,
            gradient: value["grad_us"].as_f64(),
        })
    }
}

/// Processes that do nothing for now.
struct Held(Pid);

impl Held {
    fn new(child: &Child) -> Self {
        let group = Pid::from_child(child);
        let _ = kill_process_group(group, Signal::STOP);
        Self(group)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = kill_process_group(self.0, Signal::CONT);
    }
}

fn beside(command: &str) -> ExitCode {
    let child = Command::new("sh").args(["-c", command]).stdout(Stdio::piped()).process_group(0).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{command}: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{HEAD}    peer             µs   ratio");
    let mut ratios: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let lines = child.stdout.take().map(|out| BufReader::new(out).lines()).into_iter().flatten();
    for peer in lines.map_while(Result::ok).filter_map(|line| Peer::read(&line)) {
        // It is at its next network already, which it times several times over.
        let _held = Held::new(&child);
        let ratio = if let Some(gradient) = peer.gradient {
            let (ours_gradient, ours) = peer.case.product();
            let Case { d, hidden, classes, n, .. } = peer.case;
            println!(
                "{d}-{hidden}-{classes} on {n}: product {ours:.1}, gradient {ours_gradient:.1} ({:.2}); {} product {:.1}, \
                 gradient {gradient:.1}; ratio {:.2}",
                ours / ours_gradient,
                peer.name,
                peer.microseconds,
                peer.microseconds / ours
            );
            peer.microseconds / ours
        } else {
            let ours = Ours::of(peer.case);
            let ratio = peer.microseconds / ours.step;
            println!("{}  {:<12} {:>9.2}  {ratio:>6.2}", row(peer.case, &ours), peer.name, peer.microseconds);
            ratio
        };
        ratios.entry(peer.name).or_default().push(ratio);
    }
    for (name, ratios) in ratios {
        let mean = ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64;
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        println!("{name}: {:.2} times as fast in the geometric mean, at least {least:.2}", mean.exp());
    }
    match child.wait() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
