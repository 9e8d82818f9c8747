//! A file that somebody else changed while it was edited here, and what was decided of every place where the two part.

use super::Then;
use super::merge::Piece;

/// Two versions of an entry, to be settled place by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What is on the disk.
    pub disk: String,
    /// What follows when it was settled and saved.
    pub then: Then,
    /// Both versions.
    pieces: Vec<Piece>,
    /// What was decided of each split piece, in order.
    choices: Vec<Option<Side>>,
    /// The one that is selected.
    at: usize,
}

/// What is taken of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What is in the editor.
    Mine,
    /// What is on disk.
    Theirs,
    /// Both, between marks, to be sorted out in the editor.
    Both,
}

/// A piece with what was decided of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// There is nothing to decide.
    Agreed(&'a str),
    /// A difference.
    Split {
        /// Which, from 0.
        index: usize,
        /// The lines of either side.
        mine: &'a str,
        /// Those on the disk.
        theirs: &'a str,
        /// What is taken, once it is decided.
        taken: Option<Side>,
    },
}

impl Conflict {
    /// Nothing is decided yet.
    pub fn new(disk: String, pieces: Vec<Piece>, then: Then) -> Self {
        let splits = pieces.iter().filter(|piece| matches!(piece, Piece::Split { .. })).count();
        Self { disk, then, pieces, choices: vec![None; splits], at: 0 }
    }

    /// How many differences there are.
    pub fn count(&self) -> usize {
        self.choices.len()
    }

    /// How many are still to be decided.
    pub fn open(&self) -> usize {
        self.choices.iter().filter(|choice| choice.is_none()).count()
    }

    /// The difference that is selected.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Selects the next one (or the one before); whether there is one.
    pub fn step(&mut self, forward: bool) -> bool {
        let to = if forward { Some(self.at + 1) } else { self.at.checked_sub(1) };
        let to = to.filter(|to| *to < self.count());
        self.at = to.unwrap_or(self.at);
        to.is_some()
    }

    /// Decides the selected one, and selects the next that is open.
    pub fn choose(&mut self, side: Side) {
        if let Some(choice) = self.choices.get_mut(self.at) {
            *choice = Some(side);
        }
        let is_open = |index: &usize| self.choices.get(*index).is_some_and(Option::is_none);
        let after = (self.at + 1..self.count()).find(is_open);
        self.at = after.or_else(|| (0..self.at).find(is_open)).unwrap_or(self.at);
    }

    /// Decides all of them, those that were decided before too.
    pub fn choose_all(&mut self, side: Side) {
        self.choices.fill(Some(side));
    }

    /// Whether some difference was decided so.
    pub fn takes(&self, side: Side) -> bool {
        self.choices.contains(&Some(side))
    }

    /// The pieces in order.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut choices = self.choices.iter().copied().enumerate();
        self.pieces.iter().map(move |piece| match piece {
            Piece::Agreed(text) => Part::Agreed(text),
            Piece::Split { mine, theirs } => {
                let (index, taken) = choices.next().unwrap_or_default();
                Part::Split { index, mine, theirs, taken }
            }
        })
    }

    /// The text that was decided upon; what was not is in it from both sides, between marks as git has them.
    pub fn text(&self) -> String {
        let piece = |part| match part {
            Part::Agreed(text) => text.to_owned(),
            Part::Split { mine, taken: Some(Side::Mine), .. } => mine.to_owned(),
            Part::Split { theirs, taken: Some(Side::Theirs), .. } => theirs.to_owned(),
            Part::Split { mine, theirs, .. } => {
                format!("{MARK}\n{}=======\n{}{END}\n", whole_lines(mine), whole_lines(theirs))
            }
        };
        self.parts().map(piece).collect()
    }
}

/// What both sides begin with, where both are taken.
pub const MARK: &str = "<<<<<<< mine";

/// Whether both sides of some place still stand between marks.
pub fn is_marked(text: &str) -> bool {
    text.lines().any(|line| line == MARK) && text.lines().any(|line| line == END)
}

/// What both sides end with.
const END: &str = ">>>>>>> on disk";

/// The same with its last line ended.
fn whole_lines(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conflict() -> Conflict {
        let agreed = |text: &str| Piece::Agreed(text.to_owned());
        let split =
            |mine: &str, theirs: &str| Piece::Split { mine: mine.to_owned(), theirs: theirs.to_owned() };
        let pieces =
            vec![agreed("a\n"), split("m1\n", "t1\n"), agreed("b\n"), split("", "t2\n"), split("m3", "t3")];
        Conflict::new("disk".to_owned(), pieces, Then::Stay)
    }

    #[test]
    fn each_difference_is_decided_by_itself() {
        use Side::{Both, Mine, Theirs};
        for (choices, at, text) in [
            (&[Mine, Mine, Mine][..], 2, "a\nm1\nb\nm3"),
            (&[Theirs, Theirs, Theirs], 2, "a\nt1\nb\nt2\nt3"),
            (&[Mine, Theirs, Mine], 2, "a\nm1\nb\nt2\nm3"),
            (&[Theirs, Mine], 2, "a\nt1\nb\n<<<<<<< mine\nm3\n=======\nt3\n>>>>>>> on disk\n"),
            (&[Mine, Both, Theirs], 2, "a\nm1\nb\n<<<<<<< mine\n=======\nt2\n>>>>>>> on disk\nt3"),
        ] {
            let mut conflict = conflict();
            for side in choices {
                conflict.choose(*side);
            }
            assert_eq!((conflict.text().as_str(), conflict.at()), (text, at), "{choices:?}");
            assert_eq!(conflict.open(), 3 - choices.len());
        }
        let mut conflict = conflict();
        assert!(!conflict.step(false) && conflict.step(true));
        conflict.choose(Theirs);
        assert_eq!(conflict.at(), 2);
        conflict.choose(Theirs);
        assert_eq!((conflict.at(), conflict.open()), (0, 1), "what is open before it");
        conflict.choose_all(Mine);
        assert_eq!(conflict.text(), "a\nm1\nb\nm3");
        assert!(conflict.takes(Mine) && !conflict.takes(Theirs));
    }
}
