//! What is asked of stored runs, in words: which of them (`lr>=0.001 model~mlp NOT tag:old has:lambda_max`), and what
//! of each (`min test_loss, =optimizer.learning_rate as lr`).
//!
//! Text becomes plain values here, each name with the bytes where it stands. Whether there is a setting or a measure of
//! that name is known only where the runs are.

mod columns;
mod display;
mod filter;
mod scanner;
#[cfg(test)]
mod tests;

pub use super::problem::Problem;
pub use columns::{Column, Sort, columns, sort};
pub use filter::filter;

use std::ops::Range;

/// A condition on runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold; of none, always.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// The run has a value of that name.
    Has(Name),
    /// A value of the run compares so.
    Is(Name, Comparison, Literal),
    /// A word that stands in the name of the entry, cell or arm, or that the id of the run begins with.
    Word(String),
}

impl Filter {
    /// What every run passes.
    pub const EVERYTHING: Self = Self::All(Vec::new());

    /// Whether it asks nothing.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// Every name in it.
    pub fn names(&self) -> Vec<&Name> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::names).collect(),
            Self::Not(part) => part.names(),
            Self::Has(name) | Self::Is(name, ..) => vec![name],
            Self::Word(_) => Vec::new(),
        }
    }
}

/// The name of a setting, a measure or another value of a run.
#[derive(Clone, Debug)]
pub struct Name {
    /// As written.
    pub text: String,
    /// How a curve becomes one number; without it, the value at the end.
    pub reduction: Option<Reduction>,
    /// Whether only a setting is meant (`=hidden`).
    pub setting: bool,
    /// The bytes where it stands.
    pub span: Range<usize>,
}

/// Where a name stands is no part of what it means.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.reduction, self.setting) == (&other.text, other.reduction, other.setting)
    }
}

impl Eq for Name {}

/// How a curve becomes one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reduction {
    /// The first value.
    First,
    /// The last value.
    Last,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The mean over the recorded steps.
    Mean,
    /// The step of the least.
    Argmin,
    /// The step of the greatest.
    Argmax,
}

impl Reduction {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::First, Self::Last, Self::Min, Self::Max, Self::Mean, Self::Argmin, Self::Argmax];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Min => "min",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::Argmin => "argmin",
            Self::Argmax => "argmax",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reduction| reduction.name() == name)
    }

    /// What it makes of the points of a curve; `None` of a curve without a finite value.
    pub fn of(self, points: impl Iterator<Item = (u64, f64)>) -> Option<f64> {
        let mut points = points.filter(|(_, value)| value.is_finite());
        let by_value = |a: &(u64, f64), b: &(u64, f64)| a.1.total_cmp(&b.1);
        match self {
            Self::First => points.next().map(|(_, value)| value),
            Self::Last => points.last().map(|(_, value)| value),
            Self::Min => points.min_by(by_value).map(|(_, value)| value),
            Self::Max => points.max_by(by_value).map(|(_, value)| value),
            Self::Argmin => points.min_by(by_value).map(|(step, _)| step as f64),
            // Of several the first, as of the least.
            Self::Argmax => points
                .reduce(|best, next| if next.1 > best.1 { next } else { best })
                .map(|(step, _)| step as f64),
            Self::Mean => {
                let (sum, count) =
                    points.fold((0.0, 0_u64), |(sum, count), (_, value)| (sum + value, count + 1));
                (count > 0).then(|| sum / count as f64)
            }
        }
    }
}

/// How a value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `=`, `:`
    Equal,
    /// `!=`
    Unequal,
    /// `~`
    Contains,
    /// `!~`
    Lacks,
}

impl Comparison {
    /// All of them as they may be written; the first of each meaning is how it is written back. Longer ones first, so
    /// that `>=` is not taken for `>`.
    const SIGNS: [(&'static str, Self); 14] = [
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("!=", Self::Unequal),
        ("!~", Self::Lacks),
        ("≤", Self::AtMost),
        ("≥", Self::AtLeast),
        ("≠", Self::Unequal),
        ("==", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
        ("=", Self::Equal),
        (":", Self::Equal),
        ("~", Self::Contains),
        ("=~", Self::Contains),
    ];

    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Contains => "~",
            Self::Lacks => "!~",
        }
    }
}

/// What a value is compared to: a number, a word, a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// As written, without quotes.
    pub text: String,
}

impl Literal {
    /// As a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        // `inf` and `nan` are words of runs that diverged, and are meant as such.
        self.text.parse().ok()
    }
}
