//! One file, changed by two hands: put together where they changed different lines, and laid side by side where not.

use super::lines::{Change, changes, lines};

/// What two versions of one text come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Both changes, in one text.
    Clean(String),
    /// They changed the same lines somewhere: the text in pieces, at least one of them split.
    Conflict(Vec<Piece>),
}

/// A part of two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What both have, or only one of them changed.
    Agreed(String),
    /// What both changed, each in its way.
    Split {
        /// The lines of the text that is edited here.
        mine: String,
        /// Those that stand on the disk.
        theirs: String,
    },
}

/// Merges what each side made of `base`, change by change.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Merge {
    if mine == base || mine == theirs {
        return Merge::Clean(theirs.to_owned());
    }
    if theirs == base {
        return Merge::Clean(mine.to_owned());
    }
    let base = lines(base);
    let (mut mine, mut theirs) = (Hand::new(&base, lines(mine)), Hand::new(&base, lines(theirs)));
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(from) = [&mine, &theirs].into_iter().filter_map(Hand::next_from).min() {
        agree(&mut pieces, &base[at..from].concat());
        // Changes that touch count as one: what is put before a line that the other removed has lost its place.
        let mut to = from;
        while let Some(end) = mine.reach(to).or_else(|| theirs.reach(to)) {
            to = to.max(end);
        }
        let (changed_here, changed_there) = (mine.is_changed(), theirs.is_changed());
        let (here, there) = (mine.take(from, to), theirs.take(from, to));
        match (changed_here, changed_there) {
            (true, true) if here != there => split(&mut pieces, &here, &there),
            (true, _) => agree(&mut pieces, &here.concat()),
            (false, _) => agree(&mut pieces, &there.concat()),
        }
        at = to;
    }
    agree(&mut pieces, &base[at..].concat());
    match pieces.as_slice() {
        [] => Merge::Clean(String::new()),
        [Piece::Agreed(text)] => Merge::Clean(text.clone()),
        _ => Merge::Conflict(pieces),
    }
}

/// What one hand made of the text, gone through from its start to its end.
struct Hand<'a> {
    lines: Vec<&'a str>,
    changes: std::vec::IntoIter<Change>,
    /// The first change that is not gone past.
    next: Option<Change>,
    /// The changes that belong to the piece in hand.
    taken: Vec<Change>,
    /// How many more lines this text has than the base, before the piece in hand: added, and taken away.
    added: usize,
    removed: usize,
}

impl<'a> Hand<'a> {
    fn new(base: &[&str], lines: Vec<&'a str>) -> Self {
        let mut changes = changes(base, &lines).into_iter();
        let next = changes.next();
        Self { lines, changes, next, taken: Vec::new(), added: 0, removed: 0 }
    }

    /// The line of the base where the next change begins.
    fn next_from(&self) -> Option<usize> {
        self.next.as_ref().map(|change| change.old.start)
    }

    /// Takes the next change in, if it touches a piece that ends at line `to` of the base; where it ends.
    fn reach(&mut self, to: usize) -> Option<usize> {
        let change = self.next.take_if(|change| change.old.start <= to)?;
        self.next = self.changes.next();
        let end = change.old.end;
        self.taken.push(change);
        Some(end)
    }

    fn is_changed(&self) -> bool {
        !self.taken.is_empty()
    }

    /// What this text has in the place of lines `from..to` of the base, with all changes that were taken in.
    fn take(&mut self, from: usize, to: usize) -> Vec<&'a str> {
        let start = from + self.added - self.removed;
        for change in self.taken.drain(..) {
            self.added += change.new.len();
            self.removed += change.old.len();
        }
        let end = to + self.added - self.removed;
        self.lines.get(start..end).unwrap_or_default().to_vec()
    }
}

fn agree(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Agreed(last)) => last.push_str(text),
        _ => pieces.push(Piece::Agreed(text.to_owned())),
    }
}

/// The two texts of a place, without the lines at its ends that are the same in both.
fn split(pieces: &mut Vec<Piece>, mine: &[&str], theirs: &[&str]) {
    let shorter = mine.len().min(theirs.len());
    let head = mine.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let tail =
        mine.iter().rev().zip(theirs.iter().rev()).take(shorter - head).take_while(|(a, b)| a == b).count();
    agree(pieces, &mine[..head].concat());
    pieces.push(Piece::Split {
        mine: mine[head..mine.len() - tail].concat(),
        theirs: theirs[head..theirs.len() - tail].concat(),
    });
    agree(pieces, &mine[mine.len() - tail..].concat());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agreed(text: &str) -> Piece {
        Piece::Agreed(text.to_owned())
    }

    fn split(mine: &str, theirs: &str) -> Piece {
        Piece::Split { mine: mine.to_owned(), theirs: theirs.to_owned() }
    }

    #[test]
    fn changes_apart_are_put_together_and_others_are_laid_side_by_side() {
        let base = "one\ntwo\nthree\nfour\nfive\nsix\n";
        let clean = |text: &str| Merge::Clean(text.to_owned());
        for (mine, theirs, merged) in [
            (
                "ONE\ntwo\nthree\nfour\nfive\nsix\n",
                "one\ntwo\nthree\nfour\nfive\nsix\n7\n",
                clean("ONE\ntwo\nthree\nfour\nfive\nsix\n7\n"),
            ),
            // Each in two places, between those of the other.
            (
                "1\ntwo\nthree\nfour\n5\nsix\n",
                "one\ntwo\n3\nfour\nfive\nsix\n7\n",
                clean("1\ntwo\n3\nfour\n5\nsix\n7\n"),
            ),
            (
                "one\ntwo\nfive\nsix\n",
                "zero\none\ntwo\nthree\nfour\nfive\n6\n",
                clean("zero\none\ntwo\nfive\n6\n"),
            ),
            (base, "one\n", clean("one\n")),
            ("x\n", base, clean("x\n")),
            ("same\n", "same\n", clean("same\n")),
            (
                "one\nMINE\nthree\nfour\n5\nsix\n",
                "one\nTHEIRS\nthree\nfour\nFIVE\nsix\n7\n",
                Merge::Conflict(vec![
                    agreed("one\n"),
                    split("MINE\n", "THEIRS\n"),
                    agreed("three\nfour\n"),
                    split("5\n", "FIVE\n"),
                    agreed("six\n7\n"),
                ]),
            ),
            // What both wrote is in it once.
            (
                "one\nnew\nmine\ntwo\nthree\nfour\nfive\nsix\n",
                "one\nnew\ntheirs\ntwo\nthree\nfour\nfive\nsix\n",
                Merge::Conflict(vec![
                    agreed("one\nnew\n"),
                    split("mine\n", "theirs\n"),
                    agreed("two\nthree\nfour\nfive\nsix\n"),
                ]),
            ),
            // Touching changes are one.
            (
                "one\ntwo\n3\nfour\nfive\nsix\n",
                "one\ntwo\nthree\nfour!\nfive\nsix\n",
                Merge::Conflict(vec![
                    agreed("one\ntwo\n"),
                    split("3\nfour\n", "three\nfour!\n"),
                    agreed("five\nsix\n"),
                ]),
            ),
            (
                "one\ntwo\nthree\nfour\nfive\nsix",
                "one\ntwo\nthree\nfour\nfive\n6\n",
                Merge::Conflict(vec![agreed("one\ntwo\nthree\nfour\nfive\n"), split("six", "6\n")]),
            ),
        ] {
            assert_eq!(merge(base, mine, theirs), merged, "{mine:?} {theirs:?}");
        }
    }

    /// The text with `mine` or `theirs` where they part.
    fn chosen(merge: &Merge, takes_mine: bool) -> String {
        match merge {
            Merge::Clean(text) => text.clone(),
            Merge::Conflict(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Agreed(text) => text.as_str(),
                    Piece::Split { mine, theirs } => {
                        if takes_mine {
                            mine
                        } else {
                            theirs
                        }
                    }
                })
                .collect(),
        }
    }

    proptest! {
        #[test]
        fn no_line_of_either_side_is_lost(base in "([abcd]\n){0,8}", mine in "([abcX]\n){0,8}", theirs in "([abcY]\n){0,8}") {
            let merged = merge(&base, &mine, &theirs);
            for (takes_mine, side, mark) in [(true, &mine, 'X'), (false, &theirs, 'Y')] {
                let text = chosen(&merged, takes_mine);
                prop_assert!(text.matches(mark).count() >= side.matches(mark).count(), "{}", text);
            }
            prop_assert!(mine != base || merged == Merge::Clean(theirs.clone()));
            prop_assert_eq!(merge(&base, &mine, &mine), Merge::Clean(mine.clone()));
        }

        #[test]
        fn both_sides_see_the_same(base in "([abcd]\n){0,8}", mine in "([abcX]\n){0,8}", theirs in "([abcY]\n){0,8}") {
            let (here, there) = (merge(&base, &mine, &theirs), merge(&base, &theirs, &mine));
            prop_assert_eq!(chosen(&here, true), chosen(&there, false));
            prop_assert_eq!(chosen(&here, false), chosen(&there, true));
        }
    }
}
