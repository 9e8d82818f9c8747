//! Functions of ±1: all inputs of few bits, random inputs of many.

use super::{classes, targets};
use crate::base::rng::Stream;
use crate::data::Dataset;
use crate::spec::run::BooleanFunction;

/// Every input of `bits` bits with the class that `function` gives it. `train` of them, drawn by the stream `data`, are
/// to train on and stand first, all others are to test on; both in counting order, the first bit the highest.
pub fn all(bits: u32, function: BooleanFunction, train: usize, seed: u64) -> Dataset {
    let count = 1_usize << bits;
    let mut chosen = Stream::new(seed, "data").choose(count, train.min(count));
    chosen.sort_unstable();
    let mut is_chosen = vec![false; count];
    for &input in &chosen {
        is_chosen[input] = true;
    }
    let others = (0..count).filter(|&input| !is_chosen[input]);
    let order: Vec<usize> = chosen.iter().copied().chain(others).collect();
    let mut stream = Stream::new(seed, "teacher");
    let random: Vec<u32> = (0..count).map(|_| stream.below(2) as u32).collect();
    let label = |input: usize| match function {
        BooleanFunction::Parity => input.count_ones() % 2,
        BooleanFunction::Majority => u32::from(2 * input.count_ones() > bits),
        BooleanFunction::First => (input >> (bits - 1)) as u32 & 1,
        BooleanFunction::Constant => 0,
        BooleanFunction::Random => random[input],
    };
    let bit = |input: usize, place: u32| if input >> (bits - 1 - place) & 1 == 1 { 1.0 } else { -1.0 };
    let x: Vec<f64> = order.iter().flat_map(|&input| (0..bits).map(move |place| bit(input, place))).collect();
    let labels = order.iter().map(|&input| label(input)).collect();
    classes(&x, bits as usize, chosen.len(), (labels, 2))
}

/// Random ±1 inputs; the class is the parity of `degree` of them, drawn by the stream `teacher`.
pub fn parity(inputs: usize, degree: usize, train: usize, test: usize, seed: u64) -> Dataset {
    let x = signs(inputs, train, test, seed);
    let chosen = Stream::new(seed, "teacher").choose(inputs, degree.min(inputs));
    let odd = |row: &[f64]| chosen.iter().filter(|&&place| row[place] > 0.0).count() % 2;
    let labels = x.chunks(inputs.max(1)).map(|row| odd(row) as u32).collect();
    classes(&x, inputs, train, (labels, 2))
}

/// The staircase (x₁ + x₁x₂ + … + `x₁⋯x_k`) / √k of random ±1 inputs: each step is learned by way of the one below
/// (Abbe et al. 2021, arXiv:2108.10573).
pub fn staircase(inputs: usize, degree: usize, train: usize, test: usize, seed: u64) -> Dataset {
    let x = signs(inputs, train, test, seed);
    let height = |row: &[f64]| {
        let products = row.iter().take(degree).scan(1.0, |product, x| {
            *product *= x;
            Some(*product)
        });
        products.sum::<f64>() / (degree as f64).sqrt()
    };
    let y = x.chunks(inputs.max(1)).map(height).collect();
    targets(&x, inputs, train, (y, 1))
}

fn signs(inputs: usize, train: usize, test: usize, seed: u64) -> Vec<f64> {
    let draw = |name: &str, n: usize| {
        let mut stream = Stream::new(seed, name);
        (0..n * inputs).map(|_| stream.sign()).collect::<Vec<_>>()
    };
    let mut x = draw("data", train);
    x.extend(draw("data.test", test));
    x
}
