//! The functions an expression may call.

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Natural logarithm.
    Log,
    /// eˣ
    Exp,
    /// √x
    Sqrt,
    /// |x|
    Abs,
    /// Arithmetic mean.
    Mean,
    /// Middle value.
    Median,
    /// Smallest value, of a collapsed sweep or curve, or of several arguments.
    Min,
    /// Largest value, likewise.
    Max,
    /// (max − min) / mean |x|: how much x moves, relative to its size.
    Spread,
    /// Value at the last sweep point in the order of the cell, or at the last recorded step.
    Last,
    /// Least-squares slope over the positions.
    Slope,
    /// Position of the smallest value; the first of equal ones.
    Argmin,
    /// Position of the largest value; the first of equal ones.
    Argmax,
    /// Largest value along training.
    Peak,
    /// Kendall's rank correlation τ-b of two quantities over sweep points.
    Kendall,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `log(x)`: number to number.
    Pointwise,
    /// `mean(x over a)` or `mean(x, after: 0.5)`: many numbers to one.
    Reduction,
    /// `max(x over a)`, `max(x, after: 0.5)` or `max(x, y)`.
    Extremum,
    /// `last(x)`: along training unless told over which axis.
    Final,
    /// `peak(x)`: only along training.
    Training,
    /// `kendall(x, y)`: over all sweep points unless told over which axis.
    Correlation,
}

/// Every function with its name, in the order in which help lists them.
const FUNCTIONS: &[(&str, Function, Shape)] = &[
    ("mean", Function::Mean, Shape::Reduction),
    ("median", Function::Median, Shape::Reduction),
    ("min", Function::Min, Shape::Extremum),
    ("max", Function::Max, Shape::Extremum),
    ("spread", Function::Spread, Shape::Reduction),
    ("last", Function::Last, Shape::Final),
    ("peak", Function::Peak, Shape::Training),
    ("slope", Function::Slope, Shape::Reduction),
    ("argmin", Function::Argmin, Shape::Reduction),
    ("argmax", Function::Argmax, Shape::Reduction),
    ("kendall", Function::Kendall, Shape::Correlation),
    ("log", Function::Log, Shape::Pointwise),
    ("exp", Function::Exp, Shape::Pointwise),
    ("sqrt", Function::Sqrt, Shape::Pointwise),
    ("abs", Function::Abs, Shape::Pointwise),
];

impl Function {
    /// Every function, in the order in which help lists them.
    pub fn all() -> impl Iterator<Item = Self> {
        FUNCTIONS.iter().map(|(_, function, _)| *function)
    }

    /// The function of that name.
    pub fn named(name: &str) -> Option<Self> {
        FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|(_, function, _)| *function)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// How it is called.
    pub(super) fn shape(self) -> Shape {
        self.row().2
    }

    fn row(self) -> &'static (&'static str, Self, Shape) {
        // The table holds every variant: a test walks them all.
        FUNCTIONS.iter().find(|(_, function, _)| *function == self).unwrap_or(&FUNCTIONS[0])
    }

    /// How it is called, for a person who called it otherwise.
    pub fn usage(self) -> String {
        let name = self.name();
        match self.shape() {
            Shape::Pointwise => format!("`{name}(x)`"),
            Shape::Reduction => {
                format!("`{name}(x over AXIS)` along a sweep, `{name}(x, after: 0.5)` along training")
            }
            Shape::Extremum => {
                format!(
                    "`{name}(x over AXIS)` along a sweep, `{name}(x, after: 0.5)` along training, or `{name}(x, y)`"
                )
            }
            Shape::Final => format!("`{name}(x)` along training, `{name}(x over AXIS)` along a sweep"),
            Shape::Training => {
                format!("`{name}(x)` along training; along a sweep that is `max(x over AXIS)`")
            }
            Shape::Correlation => {
                format!("`{name}(x, y)` over all sweep points, `{name}(x, y over AXIS)` along one axis")
            }
        }
    }
}
