//! What is made up has the moments, the balance and the targets that it should have, whatever the seed.

use proptest::prelude::*;

use super::*;
use crate::data::prepare;
use crate::spec::{Activation, BooleanFunction, Direction};

/// One of each generator.
pub fn sources() -> Vec<Source> {
    let linear = |target, decay| Source::LinearTeacher { inputs: 6, norm: 2.0, decay, target };
    vec![
        Source::Teacher { inputs: 3, hidden: 2, classes: 4 },
        Source::Chebyshev { degree: 3 },
        Source::Sine { frequency: 2.0 },
        linear(Direction::Random, 0.0),
        linear(Direction::Sparse { sparsity: 2 }, 0.5),
        linear(Direction::Aligned, 1.0),
        linear(Direction::Misaligned, 1.0),
        Source::TwoScale { inputs: 5, ratio: 10.0, norm: 1.0 },
        Source::NetworkTeacher { inputs: 4, hidden: 7, activation: Activation::Relu, outputs: 2 },
        Source::Gaussian { inputs: 4, outputs: 3 },
        Source::Step { inputs: 3 },
        Source::Staircase { inputs: 5, degree: 3 },
        Source::Boolean { bits: 4, function: BooleanFunction::Majority },
        Source::Parity { inputs: 6, degree: 2 },
        Source::Spirals { classes: 3, turns: 1.5 },
        Source::Points { x: vec![vec![1.0, 2.0], vec![3.0, 1.0], vec![1.0, 0.5]], y: vec![1.0, 1.0, -1.0] },
    ]
}

fn problem(source: Source, train: usize, test: usize, seed: u64) -> crate::data::Problem {
    prepare(&DatasetSpec::of(source, train, test), None, seed).unwrap()
}

fn column(x: &[f32], inputs: usize, at: usize) -> Vec<f64> {
    x.iter().skip(at).step_by(inputs).map(|&x| f64::from(x)).collect()
}

fn mean_product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_same_seed_makes_the_same_and_more_contains_less(seed in 0_u64..1 << 40) {
        for source in sources() {
            let fixed = matches!(source, Source::Points { .. } | Source::Chebyshev { .. } | Source::Sine { .. });
            let n = if let Source::Points { .. } = source { 3 } else { 8 };
            let test = if let Source::Points { .. } = source { 0 } else { 4 };
            let (once, again) = (problem(source.clone(), n, test, seed), problem(source.clone(), n, test, seed));
            prop_assert_eq!(&once, &again);
            if !fixed && !matches!(source, Source::Boolean { .. }) {
                let more = problem(source.clone(), 2 * n, test, seed);
                prop_assert_eq!(&more.train.x[..once.train.x.len()], &once.train.x[..], "{:?}", source);
                prop_assert_eq!(&more.test, &once.test, "{:?}", source);
                prop_assert_ne!(&problem(source, n, test, seed + 1).train, &once.train);
            }
        }
    }

    #[test]
    fn inputs_of_linear_teachers_have_the_covariance_and_targets_the_variance_they_should(seed in 0_u64..1 << 40) {
        let n = 20_000;
        for target in [Direction::Random, Direction::Sparse { sparsity: 2 }, Direction::Aligned, Direction::Misaligned] {
            let source = Source::LinearTeacher { inputs: 6, norm: 2.0, decay: 1.0, target };
            let made = problem(source, n, 0, seed);
            let truth = made.truth.clone().unwrap();
            prop_assert!((truth.variances.iter().sum::<f64>() - 6.0).abs() < 1e-12);
            // Five standard errors: those of a mean of n products of normals are √(2 / n) and √(1 / n) of their scale.
            let bound = 5.0 * (2.0 / n as f64).sqrt();
            for i in 0..6 {
                for j in 0..=i {
                    let known = if i == j { truth.variances[i] } else { 0.0 };
                    let scale = (truth.variances[i] * truth.variances[j]).sqrt();
                    let found = mean_product(&column(&made.train.x, 6, i), &column(&made.train.x, 6, j));
                    prop_assert!((found - known).abs() < bound * scale, "{i} {j}: {found} {known}");
                }
            }
            let y = column(&made.train.y, 1, 0);
            prop_assert!((mean_product(&y, &y) / 4.0 - 1.0).abs() < bound, "{target:?}");
            prop_assert!(truth.excess_risk(&truth.coefficients) == 0.0);
            prop_assert!((truth.excess_risk(&[0.0; 6]) - 4.0).abs() < 1e-12, "all of the signal is missed");
        }
    }

    #[test]
    fn noise_is_no_function_of_its_inputs(seed in 0_u64..1 << 40) {
        let n = 20_000;
        let made = problem(Source::Gaussian { inputs: 3, outputs: 2 }, n, 0, seed);
        let bound = 5.0 / (n as f64).sqrt();
        for output in 0..2 {
            let y = column(&made.train.y, 2, output);
            prop_assert!((mean_product(&y, &y) - 1.0).abs() < 2.0 * bound);
            for input in 0..3 {
                prop_assert!(mean_product(&y, &column(&made.train.x, 3, input)).abs() < bound);
            }
        }
    }

    #[test]
    fn a_boolean_function_is_told_of_every_input_once(seed in 0_u64..1 << 40, train in 1_usize..128) {
        let source = |function| Source::Boolean { bits: 7, function };
        for function in [BooleanFunction::Parity, BooleanFunction::Majority, BooleanFunction::First, BooleanFunction::Constant] {
            let made = problem(source(function), train, 128 - train, seed);
            let mut inputs: Vec<Vec<bool>> =
                made.train.x.chunks(7).chain(made.test.x.chunks(7)).map(|row| row.iter().map(|x| *x > 0.0).collect()).collect();
            for (row, label) in inputs.iter().zip(made.train.labels.iter().chain(&made.test.labels)) {
                let set = row.iter().filter(|bit| **bit).count();
                let known = match function {
                    BooleanFunction::Parity => set % 2 == 1,
                    BooleanFunction::Majority => set > 3,
                    BooleanFunction::First => row[0],
                    _ => false,
                };
                prop_assert_eq!(*label == 1, known);
            }
            inputs.sort();
            inputs.dedup();
            prop_assert_eq!(inputs.len(), 128);
        }
        let coin = |train| {
            let made = problem(source(BooleanFunction::Random), train, 128 - train, seed);
            made.train.labels.iter().chain(&made.test.labels).filter(|label| **label == 1).count()
        };
        prop_assert_eq!(coin(train), coin(128), "which are drawn to train on does not change the function");
        prop_assert!((30..98).contains(&coin(128)), "six standard deviations of a coin");
    }

    #[test]
    fn classes_are_balanced_and_targets_are_what_they_are_called(seed in 0_u64..1 << 40) {
        let n = 3_000;
        let spiral = problem(Source::Spirals { classes: 3, turns: 1.5 }, n, 0, seed);
        for class in 0..3 {
            prop_assert_eq!(spiral.train.labels.iter().filter(|label| **label == class).count(), 1_000);
        }
        prop_assert!(spiral.train.x.chunks(2).all(|p| p[0].hypot(p[1]) <= 1.0 + 1e-6));
        let odd = problem(Source::Parity { inputs: 8, degree: 3 }, n, 0, seed);
        let share = odd.train.labels.iter().filter(|label| **label == 1).count() as f64 / n as f64;
        prop_assert!((share - 0.5).abs() < 5.0 * 0.5 / (n as f64).sqrt());
        let step = problem(Source::Step { inputs: 2 }, n, 0, seed);
        prop_assert!(step.train.x.chunks(2).zip(&step.train.y).all(|(x, y)| x[0].signum() == *y));
        let stairs = problem(Source::Staircase { inputs: 5, degree: 2 }, n, 0, seed);
        let close = |x: &[f32], y: f32| ((x[0] + x[0] * x[1]) / 2_f32.sqrt() - y).abs() < 1e-6;
        prop_assert!(stairs.train.x.chunks(5).zip(&stairs.train.y).all(|(x, y)| close(x, *y)));
    }

    #[test]
    fn corruption_does_what_it_says_and_leaves_the_test_part_true(seed in 0_u64..1 << 40) {
        use crate::spec::{LabelKind, PixelKind};
        let source = Source::Teacher { inputs: 6, hidden: 8, classes: 4 };
        let clean = DatasetSpec::of(source.clone(), 2_000, 50);
        let made = |spec: &DatasetSpec| prepare(spec, None, seed).unwrap();
        let was = made(&clean);
        let random = made(&DatasetSpec { labels: LabelKind::Random, ..clean.clone() });
        prop_assert_eq!((&random.test, &random.train.x), (&was.test, &was.train.x));
        prop_assert_eq!(&random.clean, &was.train.labels);
        let same = random.train.labels.iter().zip(&was.train.labels).filter(|(a, b)| a == b).count() as f64;
        prop_assert!((same / 2_000.0 - 0.25).abs() < 5.0 * (0.1875_f64 / 2_000.0).sqrt(), "one in four by chance");
        let wide = made(&DatasetSpec { noise_inputs: 3, ..clean.clone() });
        prop_assert_eq!(wide.inputs, 9);
        prop_assert!(wide.train.x.chunks(9).zip(was.train.x.chunks(6)).all(|(wide, was)| &wide[..6] == was));
        let shuffled = made(&DatasetSpec { pixels: PixelKind::Shuffled, ..clean.clone() });
        for (new, old) in shuffled.train.x.chunks(6).zip(was.train.x.chunks(6)) {
            let sorted = |row: &[f32]| { let mut row = row.to_vec(); row.sort_by(f32::total_cmp); row };
            prop_assert_eq!(sorted(new), sorted(old));
        }
        let noise = made(&DatasetSpec { pixels: PixelKind::Noise, ..clean });
        let all = column(&noise.train.x, 1, 0);
        prop_assert!((mean_product(&all, &all) - 1.0).abs() < 0.1);
        prop_assert_eq!(&noise.train.labels, &was.train.labels);
        let dealt = DatasetSpec { labels: LabelKind::Random, ..DatasetSpec::of(Source::Step { inputs: 1 }, 200, 0) };
        let sum = |spec: &DatasetSpec| made(spec).train.y.iter().sum::<f32>();
        prop_assert_eq!(sum(&dealt), sum(&DatasetSpec { labels: LabelKind::True, ..dealt.clone() }));
    }
}
