//! How long it will take: from runs of the same kind, here and now.

use std::collections::HashMap;

/// What makes two runs cost about the same: everything but the seed. The caller chooses the key.
pub type Kind = String;

/// Times of finished runs, by kind.
#[derive(Clone, Debug, Default)]
pub struct Eta {
    /// Sum of seconds and count, by kind.
    known: HashMap<Kind, (f64, usize)>,
}

impl Eta {
    /// Notes that a run of this kind took so long.
    pub fn learn(&mut self, kind: &str, seconds: f64) {
        if seconds.is_finite() && seconds >= 0.0 {
            let (sum, count) = self.known.entry(kind.to_owned()).or_default();
            *sum += seconds;
            *count += 1;
        }
    }

    /// Mean time of a kind; of all kinds, if this one is unknown; `None` if nothing is known.
    pub fn seconds(&self, kind: &str) -> Option<f64> {
        if let Some((sum, count)) = self.known.get(kind) {
            return Some(sum / *count as f64);
        }
        let (sum, count) = self.known.values().fold((0.0, 0), |(sum, count), (s, c)| (sum + s, count + c));
        (count > 0).then(|| sum / count as f64)
    }

    /// Wall time of `kinds` on so many workers: all the work shared out, but never less than the longest run.
    pub fn remaining<'a>(&self, kinds: impl IntoIterator<Item = &'a str>, workers: usize) -> Option<f64> {
        let (mut total, mut longest) = (0.0, 0.0_f64);
        for kind in kinds {
            let seconds = self.seconds(kind)?;
            total += seconds;
            longest = longest.max(seconds);
        }
        Some((total / workers.max(1) as f64).max(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_kinds_count_for_themselves_and_unknown_ones_for_the_mean() {
        let mut eta = Eta::default();
        assert_eq!(eta.remaining(["a"], 2), None);
        eta.learn("a", 1.0);
        eta.learn("a", 3.0);
        eta.learn("b", 8.0);
        assert_eq!(eta.seconds("a"), Some(2.0));
        assert_eq!(eta.seconds("c"), Some(4.0));
        assert_eq!(eta.remaining(["a", "a", "a", "a"], 2), Some(4.0));
        assert_eq!(eta.remaining(["b", "a"], 2), Some(8.0));
        assert_eq!(eta.remaining([], 2), Some(0.0));
    }
}
