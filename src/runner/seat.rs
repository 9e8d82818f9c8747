//! Where a run stands among the runs that were asked for: how people know it, who do not know it by its id.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::store::Origin;

/// Whose run it is, and which of theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    /// Entry, cell, arm and sweep point.
    pub origin: Origin,
    /// Seed.
    pub seed: u64,
}

impl Seat {
    /// What makes two runs cost about the same: the cell, the arm and the sweep point; everything but the seed.
    pub fn kind(&self) -> String {
        kind(&self.origin)
    }

    /// The same as people read it: `entry#cell flat hidden=[32,32]`.
    pub fn place(&self) -> String {
        let Origin { entry, cell, arm, point } = &self.origin;
        let axis = |(path, value): &(String, serde_json::Value)| {
            format!(" {}={value}", path.rsplit('.').next().unwrap_or(path))
        };
        let point: String = point.iter().map(axis).collect();
        format!("{entry}#{cell} {arm}{point}")
    }
}

/// `entry#cell flat hidden=[32,32] seed 3`.
impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seed {}", self.place(), self.seed)
    }
}

/// See [`Seat::kind`].
pub(super) fn kind(origin: &Origin) -> String {
    let Origin { entry, cell, arm, point } = origin;
    format!("{entry}#{cell} {arm} {point:?}")
}

/// Seeds in words: `seed 3`, `seeds 1-4, 7`.
pub fn seeds(mut seeds: Vec<u64>) -> String {
    seeds.sort_unstable();
    seeds.dedup();
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for &seed in &seeds {
        match stretches.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(seed) => *last = seed,
            _ => stretches.push((seed, seed)),
        }
    }
    let words = stretches.iter().map(|&(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    });
    let word = if seeds.len() == 1 { "seed" } else { "seeds" };
    format!("{word} {}", words.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_names_its_sweep_point_by_the_last_words_of_its_paths() {
        let origin = |point: &[(&str, &str)]| Origin {
            entry: "2026-01-02-a".to_owned(),
            cell: "b".to_owned(),
            arm: "flat".to_owned(),
            point: point
                .iter()
                .map(|&(path, value)| (path.to_owned(), serde_json::from_str(value).unwrap()))
                .collect(),
        };
        for (point, words) in [
            (&[][..], "2026-01-02-a#b flat seed 3"),
            (
                &[("model.hidden", "[32,32]"), ("loss", "\"squared\"")],
                "2026-01-02-a#b flat hidden=[32,32] loss=\"squared\" seed 3",
            ),
        ] {
            let seat = Seat { origin: origin(point), seed: 3 };
            assert_eq!(seat.to_string(), words);
            assert_eq!(seat.kind(), Seat { seed: 4, ..seat.clone() }.kind());
        }
    }

    #[test]
    fn seeds_that_follow_each_other_are_a_stretch() {
        for (list, words) in [
            (&[3][..], "seed 3"),
            (&[2, 1], "seeds 1, 2"),
            (&[7, 1, 2, 4, 3, 3], "seeds 1-4, 7"),
            (&[0, u64::MAX], "seeds 0, 18446744073709551615"),
            (&[5, 9, 10, 11], "seeds 5, 9-11"),
        ] {
            assert_eq!(seeds(list.to_vec()), words);
        }
    }
}
