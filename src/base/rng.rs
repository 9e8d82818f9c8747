//! Random numbers that are the same in every process, on every machine, for ever.
//!
//! Every draw of lowland comes from a named stream of a seed. Streams are independent: an extra draw for the
//! labels never moves a weight, so arms that share a seed share everything they do not change. ChaCha8 is value-
//! stable by specification; the distributions on top are ours, with golden tests, so that no crate update moves
//! a result.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::ids;

/// A named stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
    /// The second of a pair of normal draws, kept for the next call.
    spare: Option<f64>,
}

/// Where a stream stands, to go on from there later.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Words drawn so far (a u128 as text: JSON has no such number).
    word: String,
    /// The kept half of a normal pair, by its bits.
    spare: Option<u64>,
}

impl Stream {
    /// The stream `name` of `seed`.
    pub fn new(seed: u64, name: &str) -> Self {
        let hash = ids::content_hash(&[b"lowland stream", &seed.to_le_bytes(), name.as_bytes()]);
        let mut key = [0u8; 32];
        for (byte, pair) in key.iter_mut().zip(hash.as_bytes().chunks(2)) {
            *byte = pair.iter().fold(0, |value, digit| value << 4 | hex_value(*digit));
        }
        Self { rng: ChaCha8Rng::from_seed(key), spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Uniform on [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform on 0 … `n` − 1 without bias (rejection; Lemire 2019). `n` must not be 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n.max(1) as u64;
        let threshold = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            if product as u64 >= threshold {
                return (product >> 64) as usize;
            }
        }
    }

    /// Standard normal (Marsaglia's polar method: only ln and sqrt, no trigonometry).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let factor = (-2.0 * s.ln() / s).sqrt();
                self.spare = Some(v * factor);
                return u * factor;
            }
        }
    }

    /// −1 or 1, each with probability ½.
    pub fn sign(&mut self) -> f64 {
        if self.bits() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Puts `items` in random order (Fisher–Yates from the back).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `count` different indices below `n`, in random order. `count` must not exceed `n`.
    pub fn choose(&mut self, n: usize, count: usize) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..n).collect();
        let count = count.min(n);
        for place in 0..count {
            let other = place + self.below(n - place);
            indices.swap(place, other);
        }
        indices.truncate(count);
        indices
    }

    /// Where the stream stands.
    pub fn position(&self) -> Position {
        Position { word: self.rng.get_word_pos().to_string(), spare: self.spare.map(f64::to_bits) }
    }

    /// Goes on from a position of the same stream; `false` if it is not one.
    #[must_use]
    pub fn go_to(&mut self, position: &Position) -> bool {
        let Ok(word) = position.word.parse() else { return false };
        self.rng.set_word_pos(word);
        self.spare = position.spare.map(f64::from_bits);
        true
    }
}

fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.wrapping_sub(b'a').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_golden() {
        let mut stream = Stream::new(0, "init");
        let drawn = (stream.bits(), stream.uniform(), stream.normal(), stream.below(10));
        assert_eq!(drawn, (4_424_450_554_954_354_019, 0.866_786_552_817_810_3, 0.254_662_345_942_054_4, 8));
    }

    #[test]
    fn streams_differ_by_name_and_seed() {
        let first = |seed, name| Stream::new(seed, name).bits();
        assert_ne!(first(0, "init"), first(0, "data"));
        assert_ne!(first(0, "init"), first(1, "init"));
    }

    #[test]
    fn a_position_goes_on_where_it_was_taken() {
        let mut stream = Stream::new(3, "x");
        let _ = (stream.normal(), stream.bits());
        let position = stream.position();
        let expected: Vec<_> = (0..5).map(|_| stream.normal().to_bits()).collect();
        let mut other = Stream::new(3, "x");
        assert!(other.go_to(&position));
        assert_eq!((0..5).map(|_| other.normal().to_bits()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::new(1, "moments");
        let n = 200_000;
        let normals: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let moment = |k: i32| normals.iter().map(|x| x.powi(k)).sum::<f64>() / f64::from(n);
        // Standard errors of the k-th moment: sqrt(var(x^k) / n); bounds are four of them.
        assert!(moment(1).abs() < 4.0 * (1.0 / f64::from(n)).sqrt());
        assert!((moment(2) - 1.0).abs() < 4.0 * (2.0 / f64::from(n)).sqrt());
        assert!((moment(4) - 3.0).abs() < 4.0 * (96.0 / f64::from(n)).sqrt());
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[stream.below(7)] += 1);
        assert!(counts.iter().all(|&count| (count - 10_000_i32).abs() < 400), "{counts:?}");
    }

    #[test]
    fn choosing_and_shuffling_are_permutations() {
        let mut stream = Stream::new(2, "order");
        let mut chosen = stream.choose(50, 50);
        chosen.sort_unstable();
        assert_eq!(chosen, (0..50).collect::<Vec<_>>());
        let mut items: Vec<_> = (0..20).collect();
        stream.shuffle(&mut items);
        assert_ne!(items, (0..20).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..20).collect::<Vec<_>>());
    }
}
