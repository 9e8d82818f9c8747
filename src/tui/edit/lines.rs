//! Where two texts differ, line by line.
//!
//! Lines that each text has exactly once are what people take for the same line, so the texts are laid against each other
//! at those, and again between them (the patience diff). It takes hardly longer than to read both, whatever they hold: an
//! entry of a hundred thousand other lines holds up no key.

use std::collections::HashMap;
use std::ops::Range;

/// A stretch of lines in the place of which the other text has other ones, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Lines of the old text.
    pub old: Range<usize>,
    /// What the new text has there.
    pub new: Range<usize>,
}

/// The lines of a text, each with its line ending.
pub fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What changed from `old` to `new`, in order; at least one line that both have stands between two changes.
pub fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let mut found = Vec::new();
    let (mut old_from, mut new_from) = (0, 0);
    for (old_at, new_at) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
        if old_from < old_at || new_from < new_at {
            found.push(Change { old: old_from..old_at, new: new_from..new_at });
        }
        (old_from, new_from) = (old_at + 1, new_at + 1);
    }
    found
}

/// Lines that both have, in the same order in both.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = vec![(0..old.len(), 0..new.len())];
    while let Some((mut a, mut b)) = open.pop() {
        while !a.is_empty() && !b.is_empty() && old[a.start] == new[b.start] {
            found.push((a.start, b.start));
            (a.start, b.start) = (a.start + 1, b.start + 1);
        }
        while !a.is_empty() && !b.is_empty() && old[a.end - 1] == new[b.end - 1] {
            (a.end, b.end) = (a.end - 1, b.end - 1);
            found.push((a.end, b.end));
        }
        let anchors = anchors(&old[a.clone()], &new[b.clone()]);
        if anchors.is_empty() {
            continue;
        }
        let (mut from, end) = ((a.start, b.start), (a.end, b.end));
        let anchors = anchors.into_iter().map(|(old, new)| (a.start + old, b.start + new));
        for (old, new) in anchors {
            open.push((from.0..old, from.1..new));
            found.push((old, new));
            from = (old + 1, new + 1);
        }
        open.push((from.0..end.0, from.1..end.1));
    }
    found.sort_unstable();
    found
}

/// The most lines of those that each text has once which stand in the same order in both.
fn anchors(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut places: HashMap<&str, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (at, line) in old.iter().enumerate() {
        places.entry(line).or_default().0.push(at);
    }
    for (at, line) in new.iter().enumerate() {
        places.entry(line).or_default().1.push(at);
    }
    let mut once: Vec<(usize, usize)> = places
        .into_values()
        .filter_map(|places| match (places.0.as_slice(), places.1.as_slice()) {
            (&[old], &[new]) => Some((old, new)),
            _ => None,
        })
        .collect();
    once.sort_unstable();
    rising(&once)
}

/// The longest choice of pairs, which rise in their first number, that rises in the second, too.
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Of every length: the pair that the choice of this length with the least end ends in.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (index, (_, second)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < *second);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let chain = std::iter::successors(ends.last().copied(), |&index| before[index]);
    let mut chosen: Vec<_> = chain.map(|index| pairs[index]).collect();
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The new text, put together from the old one and what changed.
    fn applied(old: &[&str], new: &[&str], changes: &[Change]) -> String {
        let (mut text, mut from) = (String::new(), 0);
        for change in changes {
            text.push_str(&old[from..change.old.start].concat());
            text.push_str(&new[change.new.clone()].concat());
            from = change.old.end;
        }
        text + &old[from..].concat()
    }

    #[test]
    fn each_place_that_differs_is_a_change_of_its_own() {
        for (old, new, expected) in [
            ("a\nb\nc\n", "a\nb\nc\n", vec![]),
            ("", "a\n", vec![(0..0, 0..1)]),
            ("a\nb\nc\nd\ne\n", "A\nb\nc\nD\ne\n", vec![(0..1, 0..1), (3..4, 3..4)]),
            ("a\nb\nc\n", "a\nc\n", vec![(1..2, 1..1)]),
            ("a\nb\n", "a\nx\ny\nb\n", vec![(1..1, 1..3)]),
            ("one\n\ntwo\n\nthree\n", "one\n\n2\n\nthree\n", vec![(2..3, 2..3)]),
            // Of two that changed places one has stayed.
            ("a\nb\n", "b\na\n", vec![(0..1, 0..0), (2..2, 1..2)]),
            ("a", "a\n", vec![(0..1, 0..1)]),
        ] {
            let found = changes(&lines(old), &lines(new));
            let found: Vec<_> = found.into_iter().map(|change| (change.old, change.new)).collect();
            assert_eq!(found, expected, "{old:?} {new:?}");
        }
    }

    proptest! {
        #[test]
        fn the_changes_make_the_new_text_of_the_old(old in "([a-f]?\n){0,12}", new in "([a-f]?\n){0,12}") {
            let (old, new) = (lines(&old), lines(&new));
            let changes = changes(&old, &new);
            prop_assert_eq!(applied(&old, &new, &changes), new.concat());
            for pair in changes.windows(2) {
                prop_assert!(pair[0].old.end < pair[1].old.start && pair[0].new.end < pair[1].new.start);
            }
        }
    }
}
