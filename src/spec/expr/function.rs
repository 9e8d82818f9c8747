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
    /// The mean of τ-b along each axis, the others fixed.
    GranulatedKendall,
    /// Share of pairs of neighbours on an axis that two quantities order differently.
    SignError,
    /// Share of the variance over sweep points that belongs to an axis or to the arms, or to the interaction of several.
    Eta2,
    /// Position where a line of two straight pieces breaks.
    Breakpoint,
    /// Value at the first sweep point at which something holds.
    First,
    /// Euclidean distance of two vectors.
    Distance,
    /// Euclidean length of a vector.
    Norm,
    /// Cosine of the angle between two vectors.
    Cosine,
    /// Logarithm to base 2.
    Log2,
    /// Logarithm to base 10.
    Log10,
    /// n! of a whole number, Γ(n + 1) of any other.
    Factorial,
    /// The largest p whose binary relative entropy kl(q‖p) is at most c.
    KlInverse,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `log(x)`, `kl_inverse(q, c)`: so many numbers to one.
    Pointwise(usize),
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
    /// `eta2(x, a * b)`, `eta2(x, arm * a)`: over all sweep points, by axes and arms.
    Effect,
    /// `breakpoint(y over x)`: only along a sweep.
    Sweep,
    /// `first(x where p over a)`: along a sweep, up to where something holds.
    Search,
    /// `distance(a.weights, b.weights)`: so many vectors.
    Vectors(usize),
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
    ("granulated_kendall", Function::GranulatedKendall, Shape::Correlation),
    ("sign_error", Function::SignError, Shape::Correlation),
    ("eta2", Function::Eta2, Shape::Effect),
    ("breakpoint", Function::Breakpoint, Shape::Sweep),
    ("first", Function::First, Shape::Search),
    ("distance", Function::Distance, Shape::Vectors(2)),
    ("norm", Function::Norm, Shape::Vectors(1)),
    ("cosine", Function::Cosine, Shape::Vectors(2)),
    ("log", Function::Log, Shape::Pointwise(1)),
    ("exp", Function::Exp, Shape::Pointwise(1)),
    ("sqrt", Function::Sqrt, Shape::Pointwise(1)),
    ("abs", Function::Abs, Shape::Pointwise(1)),
    ("log2", Function::Log2, Shape::Pointwise(1)),
    ("log10", Function::Log10, Shape::Pointwise(1)),
    ("factorial", Function::Factorial, Shape::Pointwise(1)),
    ("kl_inverse", Function::KlInverse, Shape::Pointwise(2)),
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

    /// Whether it goes over sweep points even when not told over which.
    pub fn is_over_points(self) -> bool {
        matches!(self.shape(), Shape::Correlation | Shape::Effect)
    }

    /// Whether it sees the grid of all sweep points, whatever it is told to go along.
    pub fn is_over_the_grid(self) -> bool {
        matches!(self, Self::GranulatedKendall | Self::SignError | Self::Eta2)
    }

    fn row(self) -> &'static (&'static str, Self, Shape) {
        // The table holds every variant: a test walks them all.
        FUNCTIONS.iter().find(|(_, function, _)| *function == self).unwrap_or(&FUNCTIONS[0])
    }

    /// How it is called, for a person who called it otherwise.
    pub fn usage(self) -> String {
        let name = self.name();
        match self.shape() {
            Shape::Pointwise(1) => format!("`{name}(x)`"),
            // The only one of two numbers.
            Shape::Pointwise(_) => format!("`{name}(q, c)`"),
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
            Shape::Effect => {
                format!(
                    "`{name}(x, AXIS)`, `{name}(x, arm)` of the arms, `{name}(x, AXIS * AXIS)` of the interaction"
                )
            }
            Shape::Sweep => format!("`{name}(y over AXIS)` along a sweep"),
            Shape::Search => format!("`{name}(x where CONDITION over AXIS)` along a sweep"),
            Shape::Vectors(1) => format!("`{name}(ARM.weights)` of a vector"),
            Shape::Vectors(_) => format!("`{name}(ARM.weights, ARM.weights)` of vectors"),
        }
    }
}
