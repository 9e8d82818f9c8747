//! What is known of a quantity without measuring it: the words that validate cells, head columns, and document it.

use super::Quantity;
use super::settings::Setting;

/// What is known of a quantity without measuring it.
pub struct QuantityInfo {
    /// The quantity.
    pub quantity: Quantity,
    /// Its name in cells and columns.
    pub name: &'static str,
    /// How a narrow heading writes it.
    pub symbol: &'static str,
    /// What it belongs to.
    pub family: Family,
    /// One line: its formula.
    pub about: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// How it is computed or estimated.
    pub estimator: &'static str,
    /// Changes of the weights that leave it alone.
    pub invariant: &'static [Invariance],
    /// What one measurement takes, in the names of its settings.
    pub cost: &'static str,
    /// Where it is defined.
    pub reference: &'static str,
    /// The settings that it reads, with their defaults.
    pub settings: &'static [(Setting, f64)],
    /// The columns it fills in the results, itself first.
    pub columns: &'static [&'static str],
    /// What it comes to besides numbers.
    pub picture: Picture,
    /// Whether smaller is what one hopes for (`None` where there is no better).
    pub lower_is_better: Option<bool>,
    /// Whether it is always measured, asked or not, because it costs next to nothing.
    pub always: bool,
    /// Whether it spans orders of magnitude and is best drawn on a log scale.
    pub log: bool,
}

/// Quantities that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// How well it fits and generalizes.
    Fit,
    /// Lengths of vectors.
    Norms,
    /// Second derivatives.
    Curvature,
    /// How the loss rises nearby.
    Sharpness,
    /// The landscape along lines and planes.
    Geometry,
    /// What the model could do, and by how much it does it.
    Capacity,
    /// How the members of an ensemble agree.
    Ensemble,
}

impl Family {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::Fit,
        Self::Norms,
        Self::Capacity,
        Self::Ensemble,
        Self::Curvature,
        Self::Sharpness,
        Self::Geometry,
    ];

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Fit => "Fit",
            Self::Norms => "Norms",
            Self::Curvature => "Curvature",
            Self::Sharpness => "Sharpness",
            Self::Geometry => "Geometry",
            Self::Capacity => "Capacity",
            Self::Ensemble => "Ensembles",
        }
    }
}

/// What a quantity comes to besides numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Nothing.
    None,
    /// Columns `name_0`, `name_1`, …, one for each entry.
    Vector,
    /// Rows of `spectra`: eigenvalues, or nodes and weights of a density.
    Spectrum,
    /// Rows of `slices` along lines.
    Lines,
    /// Rows of `slices` over planes.
    Planes,
}

/// A change of the weights that leaves a function alone, and perhaps a measure of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariance {
    /// Hidden units in another order; where the activation is odd, with other signs.
    Permutation,
    /// A relu layer times α, the next one divided by it.
    Rescaling,
    /// Whatever leaves the function alone.
    Function,
}

impl Invariance {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Permutation => "order and sign of units",
            Self::Rescaling => "rescaling of layers",
            Self::Function => "anything that leaves the function alone",
        }
    }
}

/// An entry of the catalogue with most left open: a number that is measured when asked for.
pub(super) const NUMBER: QuantityInfo = QuantityInfo {
    quantity: Quantity::TrainLoss,
    name: "",
    symbol: "",
    family: Family::Fit,
    about: "",
    unit: "1",
    estimator: "exact",
    invariant: &[],
    cost: "1 gradient",
    reference: "",
    settings: &[],
    columns: &[],
    picture: Picture::None,
    lower_is_better: None,
    always: false,
    log: false,
};
