use proptest::prelude::*;

use super::*;
use crate::science::dense::{Network, Parameters};
use crate::science::fixtures::{HE, Recorder, blobs, run_spec};
use crate::science::init;
use crate::science::measures::details::Details;
use crate::science::measures::{Meter, Values};
use crate::science::pulse::Pulse;
use crate::science::train::{examples, train};
use crate::spec::{CATALOGUE, MeasureSpec, OptimizerKind, Quantity, Setting, Stop, When};

/// Of the problem that the fixtures train on.
const SHAPE: Shape = Shape { rows: 90, train_rows: 60, inputs: 6, outputs: 3, bytes: 0 };

fn spec(batch: usize, steps: u64) -> RunSpec {
    let mut spec = run_spec();
    spec.optimizer.batch_size = batch;
    spec.stop = Stop::after(steps);
    spec
}

fn measure(quantity: Quantity, when: When) -> MeasureSpec {
    let mut measure = MeasureSpec { when, ..MeasureSpec::at_end(quantity) };
    measure.settings.set(Setting::Probes, 3.0);
    measure
}

#[test]
fn the_outline_is_that_of_the_network_trained() {
    for hidden in [&[][..], &[16], &[7, 5]] {
        let mut spec = spec(8, 1);
        spec.model = crate::science::fixtures::mlp(hidden, Activation::Tanh, crate::science::fixtures::HE);
        let network = Network::new(&spec.model, 6, 3, spec.loss).unwrap();
        let outline = Outline::of(&spec, SHAPE);
        assert_eq!(outline.parameters(), network.parameters() as f64, "{hidden:?}");
        assert_eq!((outline.batch, outline.train, outline.test), (8, 60, 30));
        let cut = outline.cut(5);
        assert_eq!((cut.batch, cut.train, cut.test, cut.widths), (5, 5, 5, outline.widths));
    }
}

#[test]
fn rows_and_measurements_are_counted_as_often_as_training_makes_them() {
    let problem = blobs(60, 30, 6, 3);
    let trace = |when| measure(Quantity::HessianTrace, when);
    let plain = OptimizerKind::Sgd;
    let uphill = OptimizerKind::Sam { rho: 0.05 };
    for (batch, steps, kind, penalty) in [
        (8, 1, plain, 0.0),
        (8, 5, plain, 0.0),
        (8, 200, plain, 0.0),
        (7, 3001, plain, 0.0),
        (60, 700, plain, 0.0),
        (1, 20_000, plain, 0.0),
        (8, 400, uphill, 0.0),
        (60, 700, uphill, 0.0),
        (7, 400, plain, 0.01),
    ] {
        for measures in [
            vec![],
            vec![trace(When::End)],
            vec![trace(When::Every(40))],
            vec![trace(When::Epochs(vec![0, 1, 3, 1000]))],
            vec![trace(When::Share(0.3))],
            vec![measure(Quantity::GradientNorm, When::Share(0.01))],
        ] {
            let mut spec = spec(batch, steps);
            (spec.optimizer.kind, spec.optimizer.gradient_penalty) = (kind, penalty);
            let mut recorder = Recorder::default();
            train(&spec, &problem, &measures, None, &mut recorder).unwrap();
            let outline = Outline::of(&spec, SHAPE);
            let counts = outline.counts(&spec, &measures, steps);
            let with =
                |name: &str| recorder.rows.iter().filter(|(_, values)| values.contains_key(name)).count();
            let place = format!("{batch} {steps} {kind:?} {penalty} {measures:?}");
            assert_eq!(counts.total().rows, with("train_loss") as f64, "{place}");
            let measured = with("hessian_trace") + with("gradient_norm");
            let effort = measures.iter().map(|measure| outline.effort(measure)).sum::<f64>();
            let expected = measured as f64 * effort;
            assert!((counts.total().products - expected).abs() <= 1e-9 * expected, "{place}");
            assert_eq!((counts.along.ready, counts.along.steps), (1.0, steps as f64));
        }
    }
}

#[test]
fn a_measurement_is_as_much_work_as_the_schedule_books_for_it() {
    let (problem, spec) = (blobs(60, 30, 6, 3), spec(8, 1));
    let network = Network::new(&spec.model, 6, 3, spec.loss).unwrap();
    let examples = examples(&network, &problem);
    let mut meter = Meter::new(&network, &problem, &examples, &spec);
    let weights = Parameters::new(&network, &init::draw(&network, HE, 1));
    let outline = Outline::of(&spec, SHAPE);
    // All of those whose work does not depend on what is found.
    let found = [
        Quantity::LambdaMax,
        Quantity::LambdaMin,
        Quantity::GgnLambdaMax,
        Quantity::Eigenvalues,
        Quantity::LayerCurvature,
        Quantity::PgdSharpness,
        Quantity::AdaptivePgdSharpness,
        Quantity::KeskarSharpness,
        Quantity::PacBayesSigma,
        Quantity::BasinWidth,
        Quantity::Barrier,
    ];
    let counted = CATALOGUE.iter().filter(|info| !info.always && !found.contains(&info.quantity));
    let mut measures: Vec<_> = counted.map(|info| measure(info.quantity, When::End)).collect();
    let mut exact = measure(Quantity::RelativeFlatness, When::End);
    exact.settings.set(Setting::Probes, 1000.0);
    measures.push(exact);
    assert!(measures.len() > 20);
    let asked: Vec<_> = measures.iter().collect();
    let (mut recorder, mut values, mut details) = (Recorder::default(), Values::new(), Details::default());
    let mut pulse = Pulse::new(&mut recorder, 0);
    let works = meter.asked(&asked, &weights, &mut values, &mut details, &mut pulse).unwrap();
    for (measure, work) in measures.iter().zip(works) {
        let booked = outline.measure_work(measure);
        assert!((booked - work).abs() < 1e-9 * work, "{measure:?}: {booked}, and it was {work}");
    }
    // The others within a factor of four.
    let others = found.iter().filter(|quantity| **quantity != Quantity::Barrier);
    let measures: Vec<_> = others.map(|quantity| measure(*quantity, When::End)).collect();
    let asked: Vec<_> = measures.iter().collect();
    let works = meter.asked(&asked, &weights, &mut values, &mut details, &mut pulse).unwrap();
    for (measure, work) in measures.iter().zip(works) {
        let ratio = outline.measure_work(measure) / work;
        assert!((0.25..4.0).contains(&ratio), "{measure:?}: {ratio}");
    }
    let test_loss = measure(Quantity::TestLoss, When::Every(1));
    assert_eq!(outline.measure_work(&test_loss), meter.always_work());
}

#[test]
fn by_hand() {
    // 6-16-3 with biases: 6·16 + 16 + 16·3 + 3 parameters.
    let outline = Outline::of(&spec(60, 1), SHAPE);
    assert_eq!(outline.parameters(), 163.0);
    // Two calls; 60 examples and the 5 that any rows cost besides, times 96 and 48 weights; tanh at 16, and 3 outputs.
    let forward = |rows: f64| (rows + 5.0) * (96.0 + 48.0) + 2.0 * 4e3 + rows * (16.0 * 33.0 + 3.0 * 45.0);
    let work = outline.work();
    assert_eq!(work.rows, 2.5e5 + forward(60.0) + forward(30.0) + 163.0);
    let gradient = |rows: f64| {
        (rows + 5.0) * (2.0 * 96.0 + 3.0 * 48.0) + 5.0 * 4e3 + 2.0 * rows * (16.0 * 33.0 + 3.0 * 45.0)
    };
    assert_eq!(work.steps, 2e4 + gradient(60.0) + 2.0 * 163.0);
    assert_eq!(work.products, 3.0 * gradient(60.0));
    // Three probes of 163 signs each beside three products and a pass; the gradient norm is half a product.
    let trace = measure(Quantity::HessianTrace, When::End);
    assert_eq!(outline.effort(&trace), 3.5 + 3.0 * 100.0 * 163.0 / work.products);
    assert_eq!(outline.effort(&measure(Quantity::GradientNorm, When::End)), 0.5);
    // 7 steps of 8 and one of 4: 7½ examples on average.
    let mini = Outline::of(&spec(8, 1), SHAPE).work().steps;
    assert_eq!(mini, 2e4 + 2.0 * 7.5 * 9.0 + gradient(7.5) + 2.0 * 163.0);
    // SAM: two gradients, passes over the one it finds and the point it finds it at, each written and read.
    let mut uphill = spec(60, 1);
    uphill.optimizer.kind = OptimizerKind::Sam { rho: 0.05 };
    assert_eq!(Outline::of(&uphill, SHAPE).work().steps, 2e4 + 2.0 * gradient(60.0) + 4.0 * 163.0);
    // Noise: a normal number for each target.
    let mut noisy = spec(60, 1);
    noisy.optimizer.label_noise = 0.1;
    assert_eq!(Outline::of(&noisy, SHAPE).work().steps, work.steps + 600.0 * 60.0 * 3.0);
    // In bytes, with lines of 64 for 16 numbers in f32 and for 8 in f64. Nothing of second order: 90 examples, drawn and in
    // panels, parameters four times; 60 rows of a tape with 16 values and slopes, a panel of deltas, 3 outputs and theirs,
    // and 60 rows of one with values alone.
    let bytes = outline.bytes(SHAPE, &[]);
    let (drawn, examples) = (4.0 * 1.5 * 90.0 * 9.0, 90.0 * 2.0 * 64.0);
    assert_eq!(bytes, drawn + examples + 4.0 * 4.0 * 163.0 + 60.0 * 5.0 * 64.0 + 60.0 * 2.0 * 64.0);
    // With the gradient norm: the training examples again, values, slopes, bends, deltas, as many tangents but for one, and
    // nine vectors.
    let norm = measure(Quantity::GradientNorm, When::End);
    let (values, panel, outputs) = (2.0 * 64.0, 64.0, 64.0);
    let tape = 3.0 * values + panel + 2.0 * outputs;
    let wide = 60.0 * 2.0 * 64.0 + 60.0 * tape + 60.0 * (tape - values) + 9.0 * 8.0 * 163.0;
    assert_eq!(outline.bytes(SHAPE, &[norm]), bytes + wide);
}

#[test]
fn a_target_may_add_looks_and_nothing_else() {
    let (mut mini, mut full) = (spec(8, 500), spec(60, 500));
    for (spec, most) in [(&mut mini, 0.1 * 3.0 * 500.0 * 8.0 / 90.0 + 1.0), (&mut full, 1.0)] {
        let outline = Outline::of(spec, SHAPE);
        let without = outline.counts(spec, &[], 500).total();
        spec.stop.train_loss = Some(0.1);
        let with = outline.counts(spec, &[], 500).total();
        assert!(with.rows > without.rows && with.rows <= without.rows + most, "{with:?} {without:?}");
        assert_eq!((with.steps, with.products), (without.steps, without.products));
    }
}

fn whens() -> impl Strategy<Value = When> {
    prop_oneof![
        Just(When::End),
        (1_u64..500).prop_map(When::Every),
        (0.01..1.0).prop_map(When::Share),
        proptest::collection::vec(0_u64..50, 1..4).prop_map(When::Epochs),
    ]
}

proptest! {
    #[test]
    fn more_never_costs_less(
        batch in 1_usize..70,
        steps in 0_u64..100_000,
        more in 1_u64..100_000,
        hidden in 1_usize..40,
        when in whens(),
        target in any::<bool>(),
    ) {
        let mut spec = spec(batch, steps);
        spec.stop.train_loss = target.then_some(0.1);
        let measures = [measure(Quantity::LambdaMax, when)];
        let outline = Outline::of(&spec, SHAPE);
        let cost = |outline: &Outline, steps: u64| {
            (outline.counts(&spec, &measures, steps).total() * outline.work()).sum()
        };
        let least = cost(&outline, steps);
        prop_assert!(least.is_finite() && least > 0.0);
        prop_assert!(cost(&outline, steps + more) > least);
        let mut wider = outline.clone();
        wider.widths[1] += hidden;
        prop_assert!(cost(&wider, steps) > least);
        prop_assert!(wider.bytes(SHAPE, &measures) > outline.bytes(SHAPE, &measures));
        prop_assert!(outline.bytes(SHAPE, &measures) > outline.bytes(SHAPE, &[]));
    }
}
