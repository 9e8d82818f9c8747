//! How many bits it takes to tell a sequence of symbols: codes whose lengths are known in closed form, and the
//! Lempel–Ziv complexity.

/// Bits to tell `count` labels of `classes` classes by the uniform code: count · log₂ classes.
pub fn uniform(count: u64, classes: u64) -> f64 {
    count as f64 * (classes as f64).log2()
}

/// Bits to tell `count` binary symbols of which `ones` are 1, one after the other, by the Krichevsky–Trofimov estimator,
/// P(1) = (ones + ½) / (seen + 1) (Krichevsky & Trofimov 1981): −log₂ of Γ(k + ½) Γ(n − k + ½) / (π n!). More ones than
/// symbols count as all of them.
pub fn krichevsky_trofimov(ones: u64, count: u64) -> f64 {
    let ones = ones.min(count);
    let half = |times: u64| (0..times).map(|seen| (seen as f64 + 0.5).log2()).sum::<f64>();
    let all: f64 = (1..=count).map(|seen| (seen as f64).log2()).sum();
    all - half(ones) - half(count - ones)
}

/// The same by Laplace's rule of succession, P(1) = (ones + 1) / (seen + 2): log₂ of (n + 1) · n over k.
pub fn laplace(ones: u64, count: u64) -> f64 {
    let ones = ones.min(count);
    let choices: f64 = (1..=ones).map(|k| ((count - ones + k) as f64).log2() - (k as f64).log2()).sum();
    ((count + 1) as f64).log2() + choices
}

/// Complexity of a sequence: log₂ n times the words of its exhaustive history (Lempel & Ziv 1976), the mean of reading it
/// forwards and backwards; log₂ n for one whose symbols are all the same (Dingle, Camargo & Louis 2018, eq. 3). 0 for an
/// empty one. Quadratic in n and more: for truth tables.
pub fn lempel_ziv<T: PartialEq + Copy>(symbols: &[T]) -> f64 {
    let (Some(first), n) = (symbols.first(), symbols.len()) else { return 0.0 };
    let bits = (n as f64).log2();
    if symbols.iter().all(|symbol| symbol == first) {
        return bits;
    }
    let backwards: Vec<T> = symbols.iter().rev().copied().collect();
    bits * (words(symbols) + words(&backwards)) as f64 / 2.0
}

/// Words of the exhaustive history: each is the shortest that cannot be copied from what stands before its last symbol.
fn words<T: PartialEq>(symbols: &[T]) -> usize {
    let (mut words, mut start) = (0, 0);
    while start < symbols.len() {
        let mut end = start + 1;
        while end <= symbols.len() && is_within(&symbols[start..end], &symbols[..end - 1]) {
            end += 1;
        }
        (words, start) = (words + 1, end);
    }
    words
}

fn is_within<T: PartialEq>(word: &[T], text: &[T]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::rng::Stream;

    #[test]
    fn gt_15_lengths_of_codes() {
        let table = [
            ("labels of MNIST", uniform(60_000, 10), 199_315.685_69),
            ("labels of CIFAR-10", uniform(50_000, 10), 166_096.404_74),
            ("KT, 10 of 20", krichevsky_trofimov(10, 20), 22.504_738),
            ("KT, 1 of 20", krichevsky_trofimov(1, 20), 8.281_130),
            ("Laplace, 10 of 20", laplace(10, 20), 21.887_579),
            ("Laplace, 1 of 20", laplace(1, 20), 8.714_246),
        ];
        for (what, ours, expected) in table {
            assert!((ours - expected).abs() < 1e-5, "{what}: {ours}, expected {expected}");
        }
    }

    #[test]
    fn gt_15_complexities() {
        let repeated = |word: &str| word.repeat(128 / word.len()).into_bytes();
        let parity: Vec<u8> = (0..128_u32).map(|bits| (bits.count_ones() % 2) as u8).collect();
        let step: Vec<u8> = (0..128).map(|at| u8::from(at >= 64)).collect();
        let last: Vec<u8> = (0..128).map(|at| u8::from(at == 127)).collect();
        let table = [
            (repeated("0"), 7.0),
            (repeated("01"), 21.0),
            (repeated("0011"), 28.0),
            (last, 17.5),
            (step, 21.0),
            (parity, 91.0),
        ];
        for (symbols, expected) in table {
            assert_eq!(lempel_ziv(&symbols), expected);
        }
        let mut stream = Stream::new(15, "test");
        let mut random = || lempel_ziv(&(0..128).map(|_| stream.uniform() < 0.5).collect::<Vec<_>>());
        let drawn: Vec<f64> = (0..400).map(|_| random()).collect();
        let (mean, sd) = (crate::stats::mean(&drawn).unwrap(), crate::stats::sd(&drawn).unwrap());
        assert!((mean - 148.5).abs() < 3.0 * 5.8 / 20.0 && (sd - 5.8).abs() < 1.0, "{mean} {sd}");
        assert_eq!(lempel_ziv::<u8>(&[]), 0.0);
    }

    proptest! {
        #[test]
        fn a_code_is_symmetric_and_no_code_beats_counting(ones in 0_u64..60, zeros in 0_u64..60) {
            let count = ones + zeros;
            for code in [krichevsky_trofimov, laplace] {
                let bits = code(ones, count);
                prop_assert!((bits - code(zeros, count)).abs() < 1e-9);
                // By Kraft's inequality the most likely of all sequences with as many ones takes no fewer bits than
                // the entropy of their share.
                let entropy: f64 = [ones, zeros]
                    .iter()
                    .filter(|&&k| k > 0)
                    .map(|&k| -(k as f64) * (k as f64 / count as f64).log2())
                    .sum();
                prop_assert!(bits >= entropy - 1e-9);
            }
        }

        #[test]
        fn complexity_is_the_same_backwards_and_with_other_names(bits in prop::collection::vec(any::<bool>(), 1..80)) {
            let other: Vec<bool> = bits.iter().rev().map(|bit| !bit).collect();
            prop_assert_eq!(lempel_ziv(&bits), lempel_ziv(&other));
            prop_assert!(lempel_ziv(&bits) >= (bits.len() as f64).log2());
        }
    }
}
