//! A training step allocates nothing: not the engine, not the optimiser, not the loop around them.

#![allow(unsafe_code, clippy::unwrap_used, reason = "an allocator that counts, in a test")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use lowland::base::rng::Stream;
use lowland::data::{Part, Problem};
use lowland::science::{Checkpoint, Go, Observer, train};
use lowland::spec::{Context, parse};

/// The system's allocator, counted.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Looks at the counter at every sign of life.
#[derive(Default)]
struct Watch {
    /// Step, allocations so far, and whether a row was recorded since the last time.
    seen: Vec<(u64, usize, bool)>,
    row: bool,
}

impl Observer for Watch {
    fn row(&mut self, _: u64, _: f64, _: &BTreeMap<String, f64>) {
        self.row = true;
    }

    fn tick(&mut self, step: u64, _: f64) -> Go {
        // There is room for it.
        self.seen.push((step, ALLOCATIONS.load(Ordering::Relaxed), std::mem::take(&mut self.row)));
        Go::On
    }

    fn checkpoint(&mut self, _: &Checkpoint) {}

    fn beat(&self) -> f64 {
        0.0
    }
}

impl Watch {
    /// Allocations of each step that recorded nothing: what is measured may allocate.
    fn steps(&self) -> Vec<usize> {
        let pairs = self.seen.windows(2).map(|pair| (pair[0], pair[1]));
        let plain = pairs.filter(|(before, after)| after.0 == before.0 + 1 && !after.2);
        plain.map(|(before, after)| after.1 - before.1).collect()
    }
}

fn problem() -> Problem {
    let mut stream = Stream::new(1, "allocations");
    let mut part = |n: usize| {
        let x = (0..n * 20).map(|_| stream.normal() as f32).collect();
        let labels: Vec<u32> = (0..n as u32).map(|i| i % 3).collect();
        let y = labels.iter().flat_map(|label| (0..3).map(move |class| f32::from(u8::from(class == *label))));
        Part { x, y: y.collect(), labels, n }
    };
    Problem { train: part(700), test: part(10), inputs: 20, outputs: 3, ..Problem::default() }
}

/// Plain and heavy-ball descent, whose gradients go straight where they belong, over small, large and full batches.
const STRAIGHT: [&str; 4] = [
    "optimizer: {learning_rate: 0.01, batch_size: 4}",
    "optimizer: {learning_rate: 0.01, batch_size: 64, momentum: 0.9, weight_decay: 0.001}",
    "optimizer: {learning_rate: 0.01, batch_size: full}\nloss: squared",
    "optimizer: {learning_rate: 0.01, batch_size: 600, momentum: 0.9}",
];

/// All others.
const OTHERS: [&str; 10] = [
    "optimizer: {kind: nesterov, learning_rate: 0.01, momentum: 0.9, clip: 0.1, schedule: {kind: cosine, warmup: 9}}",
    "optimizer: {kind: adam, learning_rate: 0.001, batch_size: 600, schedule: {kind: step, decay_at: [2, 5]}}",
    "optimizer: {kind: adamw, learning_rate: 0.001, weight_decay: 0.1}",
    "optimizer: {kind: sign_gd, learning_rate: 0.0001}",
    "optimizer: {kind: mirror, learning_rate: 0.01, beta: 0.1}",
    "optimizer: {kind: sam, learning_rate: 0.01, momentum: 0.9}",
    "optimizer: {kind: asam, learning_rate: 0.01, batch_size: 600}",
    "optimizer: {learning_rate: 0.01, gradient_penalty: 0.1}",
    "optimizer: {kind: gd, learning_rate: 0.01, gradient_penalty: 0.1, label_noise: 0.1}",
    "optimizer: {learning_rate: 0.01, label_noise: 0.1}\nloss: squared",
];

#[test]
fn steps_allocate_nothing() {
    let straight =
        ["relu", "tanh", "gelu"].into_iter().flat_map(|phi| STRAIGHT.map(|settings| (phi, settings)));
    let others = OTHERS.map(|settings| ("tanh", settings));
    for (activation, settings) in straight.chain(others) {
        let cell = format!(
            "id: e\ndataset: {{kind: teacher, train: 700, test: 10}}\nstop: {{steps: 300}}\n\
             model: {{hidden: [40, 300], activation: {activation}}}\n{settings}"
        );
        let experiment = parse::experiment(&cell, &Context::default()).unwrap();
        let mut watch = Watch { seen: Vec::with_capacity(1000), row: false };
        train(&experiment.runs[0].spec, &problem(), &[], None, &mut watch).unwrap();
        let steps = watch.steps();
        assert!(steps.len() > 100, "{cell}: {} steps without a row", steps.len());
        assert!(steps.iter().all(|count| *count == 0), "{cell}: {steps:?}");
    }
}
