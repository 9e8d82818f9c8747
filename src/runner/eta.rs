//! How long it will take: from runs of the same kind, here and now.

use std::collections::HashMap;

/// Times of finished runs, by kind ([`super::Job::kind`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Eta {
    /// Sum of seconds and count, by kind.
    known: HashMap<String, (f64, usize)>,
}

/// A run that is not finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Its kind.
    pub kind: String,
    /// Seconds that it has been going; 0 if it waits.
    pub elapsed: f64,
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

    /// Wall time of `open` on so many workers: what is left of the work shared out, but never less than the longest
    /// run. A kind of which none has finished counts as the mean of all, or as the longest that one of it has been
    /// going already, if that is more. `None` if there is nothing to go by.
    pub fn remaining(&self, open: &[Open], workers: usize) -> Option<f64> {
        let mut going: HashMap<&str, f64> = HashMap::new();
        for run in open {
            let longest = going.entry(&run.kind).or_default();
            *longest = longest.max(run.elapsed);
        }
        let mean = self.mean();
        let (mut total, mut longest) = (0.0, 0.0_f64);
        for run in open {
            let least = going.get(run.kind.as_str()).copied().filter(|elapsed| *elapsed > 0.0);
            let seconds = match (self.known.get(&run.kind), mean, least) {
                (Some((sum, count)), ..) => sum / *count as f64,
                (None, Some(mean), least) => mean.max(least.unwrap_or(0.0)),
                (None, None, least) => least?,
            };
            let left = (seconds - run.elapsed).max(0.0);
            total += left;
            longest = longest.max(left);
        }
        Some((total / workers.max(1) as f64).max(longest))
    }

    /// Mean time of all kinds.
    fn mean(&self) -> Option<f64> {
        let (sum, count) = self.known.values().fold((0.0, 0), |(sum, count), (s, c)| (sum + s, count + c));
        (count > 0).then(|| sum / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_kinds_count_for_themselves_and_unknown_ones_for_the_mean_or_what_they_took_already() {
        let runs = |runs: &[(&str, f64)]| -> Vec<Open> {
            runs.iter().map(|&(kind, elapsed)| Open { kind: kind.to_owned(), elapsed }).collect()
        };
        let nothing = Eta::default();
        let mut some = Eta::default();
        for (kind, seconds) in [("a", 1.0), ("a", 3.0), ("b", 8.0)] {
            some.learn(kind, seconds);
        }
        for (eta, open, workers, left) in [
            (&nothing, runs(&[("a", 0.0)]), 2, None),
            (&nothing, runs(&[]), 2, Some(0.0)),
            (&nothing, runs(&[("a", 5.0), ("a", 0.0)]), 1, Some(5.0)),
            (&some, runs(&[("a", 0.0); 4]), 2, Some(4.0)),
            (&some, runs(&[("b", 0.0), ("a", 0.0)]), 2, Some(8.0)),
            (&some, runs(&[("b", 6.0), ("a", 3.0)]), 2, Some(2.0)),
            (&some, runs(&[("c", 0.0)]), 2, Some(4.0)),
            (&some, runs(&[("c", 10.0), ("c", 0.0)]), 1, Some(10.0)),
        ] {
            assert_eq!(eta.remaining(&open, workers), left, "{open:?}");
        }
    }
}
