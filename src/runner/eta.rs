//! How long it will take: from runs of the same kind that have finished here and now, from what was expected of kinds
//! of which none has, and from how far those in flight are.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// What a run that has gone on for longer than its kind takes is still given, as a share of that time.
const OVERTIME: f64 = 0.1;

/// How far the runs so far may have moved what is expected of the others: a first run that found the machine
/// asleep says little about all the rest.
const MOST_DRIFT: f64 = 4.0;

/// Times of runs, by kind ([`super::Job::kind`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Eta {
    /// Sum of seconds and count of those that finished.
    known: HashMap<String, (f64, usize)>,
    /// What one of them was expected to take before any had finished.
    expected: HashMap<String, Expected>,
}

/// What a run is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Expected {
    seconds: f64,
    /// The share of them that comes after the last step: measuring at the end, which no count of steps tells of.
    tail: f64,
}

/// A run that is not finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Its kind.
    pub kind: String,
    /// Seconds that it has been going; 0 if it waits.
    pub elapsed: f64,
    /// The share of its steps that is done, where that is known.
    pub fraction: Option<f64>,
}

impl Open {
    /// A run that has been going for `elapsed` seconds, or waits if that is 0; nobody knows how far it is.
    pub fn new(kind: String, elapsed: f64) -> Self {
        Self { kind, elapsed, fraction: None }
    }

    /// The same run, of which this share is done.
    #[must_use]
    pub fn at(self, fraction: f64) -> Self {
        Self { fraction: Some(fraction.clamp(0.0, 1.0)).filter(|fraction| !fraction.is_nan()), ..self }
    }
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

    /// Notes that a run of this kind is expected to take so long, of it the share `tail` after its last step: what
    /// counts until one of the kind has finished.
    pub fn expect(&mut self, kind: &str, seconds: f64, tail: f64) {
        if seconds.is_finite() && seconds >= 0.0 && (0.0..=1.0).contains(&tail) {
            self.expected.insert(kind.to_owned(), Expected { seconds, tail });
        }
    }

    /// Wall time until the last of `open` ends, if the waiting ones are begun in this order, each as soon as one of
    /// the workers is free. `None` if there is nothing to go by.
    pub fn remaining(&self, open: &[Open], workers: usize) -> Option<f64> {
        let guesses = Guesses::new(self, open);
        let mut busy: BinaryHeap<Reverse<Moment>> = BinaryHeap::new();
        let (going, waiting): (Vec<_>, Vec<_>) = open.iter().partition(|run| run.elapsed > 0.0);
        for run in going {
            busy.push(Reverse(Moment(guesses.left(run)?)));
        }
        let mut last = busy.iter().map(|Reverse(moment)| moment.0).fold(0.0, f64::max);
        for run in waiting {
            let free = busy.len() < workers.max(1);
            let begins = if free { 0.0 } else { busy.pop().map_or(0.0, |Reverse(moment)| moment.0) };
            let ends = begins + guesses.left(run)?;
            last = last.max(ends);
            busy.push(Reverse(Moment(ends)));
        }
        Some(last)
    }

    /// How much longer the kinds that have finished took than was expected of them.
    fn drift(&self) -> f64 {
        let both = self
            .known
            .iter()
            .filter_map(|(kind, &(sum, count))| Some((sum, count as f64 * self.expected.get(kind)?.seconds)));
        let (took, expected) = both.fold((0.0, 0.0), |(a, b), (took, expected)| (a + took, b + expected));
        if expected > 0.0 { (took / expected).clamp(1.0 / MOST_DRIFT, MOST_DRIFT) } else { 1.0 }
    }

    /// Mean time of all that finished.
    fn mean(&self) -> Option<f64> {
        let (sum, count) = self.known.values().fold((0.0, 0), |(sum, count), (s, c)| (sum + s, count + c));
        (count > 0).then(|| sum / count as f64)
    }
}

/// What is known of the open runs at one moment.
struct Guesses<'a> {
    eta: &'a Eta,
    drift: f64,
    mean: Option<f64>,
    /// By kind, of those that are going.
    going: HashMap<&'a str, Going>,
}

/// The runs of one kind that are going.
#[derive(Default)]
struct Going {
    /// The longest that one has been going.
    longest: f64,
    /// Sums over those of which it is known how far they are: seconds, shares done, count.
    elapsed: f64,
    done: f64,
    count: f64,
}

impl<'a> Guesses<'a> {
    fn new(eta: &'a Eta, open: &'a [Open]) -> Self {
        let mut guesses = Self { eta, drift: eta.drift(), mean: eta.mean(), going: HashMap::new() };
        for run in open.iter().filter(|run| run.elapsed > 0.0) {
            let done = guesses.done(run);
            let going = guesses.going.entry(&run.kind).or_default();
            going.longest = going.longest.max(run.elapsed);
            if let Some(done) = done {
                going.elapsed += run.elapsed;
                going.done += done;
                going.count += 1.0;
            }
        }
        guesses
    }

    /// The share of a run that is done, measuring at its end included.
    fn done(&self, run: &Open) -> Option<f64> {
        let tail = self.eta.expected.get(&run.kind).map_or(0.0, |expected| expected.tail);
        run.fraction.map(|fraction| fraction * (1.0 - tail)).filter(|done| *done > 0.0)
    }

    /// Seconds that one run of this kind takes from beginning to end. Where none has finished, the progress of those
    /// that are going counts the more the further they are.
    fn whole(&self, kind: &str) -> Option<f64> {
        if let Some((sum, count)) = self.eta.known.get(kind) {
            return Some(sum / *count as f64);
        }
        let expected = self.eta.expected.get(kind).map(|expected| expected.seconds * self.drift);
        let going = self.going.get(kind);
        let in_flight = going
            .filter(|going| going.done > 0.0)
            .map(|going| (going.elapsed / going.done, going.done / going.count));
        let longest = going.map(|going| going.longest);
        let guess = match (expected, in_flight) {
            (Some(expected), Some((seconds, trust))) => (1.0 - trust) * expected + trust * seconds,
            (Some(expected), None) => expected,
            (None, Some((seconds, _))) => seconds,
            (None, None) => self.mean.or(longest)?,
        };
        Some(guess.max(longest.unwrap_or(0.0)))
    }

    /// Seconds that this run still takes.
    fn left(&self, run: &Open) -> Option<f64> {
        let whole = self.whole(&run.kind)?;
        let (left, done) = (whole - run.elapsed, self.done(run));
        if !self.eta.known.contains_key(&run.kind) {
            return Some(done.map_or(left, |done| (1.0 - done) * whole).max(0.0));
        }
        // Of a kind that ends when a loss is reached, the share of the steps says little: it counts only for a
        // run that has overstayed.
        let overtime = done.map_or(OVERTIME * whole, |done| (run.elapsed * (1.0 - done) / done).min(whole));
        Some(if left >= OVERTIME * whole { left } else { overtime })
    }
}

/// Seconds from now; ordered, for none of them is NaN.
#[derive(Clone, Copy, PartialEq)]
struct Moment(f64);

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, seconds going (0: it waits), share of the steps that is done.
    type Case<'a> = (&'a str, f64, Option<f64>);

    fn open(runs: &[Case<'_>]) -> Vec<Open> {
        let run = |&(kind, elapsed, fraction): &Case<'_>| {
            let run = Open::new(kind.to_owned(), elapsed);
            fraction.map_or(run.clone(), |fraction| run.at(fraction))
        };
        runs.iter().map(run).collect()
    }

    const WAITS: Case<'_> = ("a", 0.0, None);

    #[test]
    fn known_kinds_count_for_themselves_and_unknown_ones_for_the_mean_or_what_they_took_already() {
        let nothing = Eta::default();
        let mut some = Eta::default();
        for (kind, seconds) in [("a", 1.0), ("a", 3.0), ("b", 8.0)] {
            some.learn(kind, seconds);
        }
        for (eta, runs, workers, left) in [
            (&nothing, &[WAITS][..], 2, None),
            (&nothing, &[], 2, Some(0.0)),
            (&nothing, &[("a", 5.0, None), WAITS], 1, Some(5.0)),
            (&some, &[WAITS; 4], 2, Some(4.0)),
            (&some, &[WAITS; 4], 0, Some(8.0)),
            (&some, &[("b", 0.0, None), WAITS], 2, Some(8.0)),
            (&some, &[("b", 6.0, None), ("a", 3.0, None)], 2, Some(2.0)),
            (&some, &[("c", 0.0, None)], 2, Some(4.0)),
            (&some, &[("c", 10.0, None), ("c", 0.0, None)], 1, Some(10.0)),
            // Overstayed: a tenth of the usual time, or as far as it says it is, up to once more the usual time.
            (&some, &[("a", 3.0, None)], 1, Some(0.2)),
            (&some, &[("a", 3.0, Some(0.75))], 1, Some(1.0)),
            (&some, &[("a", 3.0, Some(0.01))], 1, Some(2.0)),
            // Not overstayed: the mean of its kind says more than the share of steps it may never need.
            (&some, &[("a", 1.0, Some(0.01))], 1, Some(1.0)),
        ] {
            assert_eq!(eta.remaining(&open(runs), workers), left, "{runs:?}");
        }
    }

    #[test]
    fn a_long_run_at_the_end_of_the_queue_counts_whole() {
        let mut eta = Eta::default();
        eta.learn("short", 1.0);
        eta.learn("long", 10.0);
        let short = ("short", 0.0, None);
        for (runs, left) in [
            ([[short; 10].as_slice(), &[("long", 0.0, None)]].concat(), 15.0),
            ([&[("long", 0.0, None)], [short; 10].as_slice()].concat(), 10.0),
            ([&[("long", 4.0, None)], [short; 8].as_slice()].concat(), 7.0),
            // More in flight than there are workers here: somebody else's go on beside ours.
            (vec![("long", 4.0, None), ("long", 1.0, None), ("long", 2.0, None), short], 9.0),
        ] {
            assert_eq!(eta.remaining(&open(&runs), 2), Some(left), "{runs:?}");
        }
    }

    #[test]
    fn what_was_expected_counts_until_one_has_finished_and_as_the_others_turned_out() {
        let mut eta = Eta::default();
        eta.expect("a", 10.0, 0.0);
        eta.expect("b", 4.0, 0.5);
        for bad in [f64::NAN, -1.0, f64::INFINITY] {
            eta.expect("a", bad, 0.0);
            eta.expect("a", 1.0, bad);
            eta.learn("a", bad);
        }
        let left = |eta: &Eta, runs: &[Case<'_>]| eta.remaining(&open(runs), 1).unwrap();
        assert_eq!(left(&eta, &[WAITS, ("b", 0.0, None)]), 14.0);
        // Half its steps and half its time: as expected. In a tenth of the time: half-way between the two.
        assert_eq!(left(&eta, &[("a", 5.0, Some(0.5))]), 5.0);
        assert_eq!(left(&eta, &[("a", 1.0, Some(0.5))]), 0.5 * (0.5 * 10.0 + 0.5 * 2.0));
        // All of its steps, which are half of its time.
        assert_eq!(left(&eta, &[("b", 2.0, Some(1.0))]), 2.0);
        // Twice as slow as expected, and so will the other kind be.
        eta.learn("a", 20.0);
        assert_eq!(left(&eta, &[WAITS, ("b", 0.0, None)]), 28.0);
        eta.learn("b", 4.0);
        assert_eq!(left(&eta, &[("b", 0.0, None)]), 4.0);
    }

    #[test]
    fn progress_alone_is_something_to_go_by() {
        let left = |runs: &[Case<'_>]| Eta::default().remaining(&open(runs), 1);
        assert_eq!(left(&[("a", 2.0, Some(0.25)), WAITS]), Some(6.0 + 8.0));
        assert_eq!(left(&[("a", 2.0, Some(f64::NAN)), WAITS]), Some(2.0));
        assert_eq!(left(&[("a", 2.0, Some(0.0))]), Some(0.0));
    }
}
