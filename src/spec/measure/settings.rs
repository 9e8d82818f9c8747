//! What can be set of an estimator. A quantity names those that it reads, each with a default of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A setting of an estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Relative residual ‖Hv − λv‖ / |λ| at which Lanczos stops; relative width at which a bisection does.
    Tolerance,
    /// Most steps: of Lanczos, of an ascent.
    Steps,
    /// Random vectors.
    Probes,
    /// Radius of a perturbation.
    Rho,
    /// How many eigenvalues.
    Top,
    /// Points that an ascent starts from.
    Starts,
    /// Examples that share a perturbation.
    Batch,
    /// Standard deviation of a perturbation.
    Sigma,
    /// α of λ / (λ + α).
    Damping,
    /// ε of the box |zᵢ| ≤ ε (|wᵢ| + 1).
    Epsilon,
    /// η of T = |w| + η.
    Eta,
    /// Rise of the training error that a perturbation may cause.
    Drop,
    /// A bound holds with probability 1 − δ.
    Delta,
    /// Random directions.
    Directions,
    /// Points on a line, or on each side of a plane.
    Points,
    /// How far a line reaches to each side, in lengths of the filters.
    Span,
    /// Rise of the loss that ends a basin.
    Rise,
    /// Which layer, counted from the last, which is 1.
    Layer,
    /// Training examples that are looked at, the first ones.
    Examples,
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limits {
    /// Whole numbers between these.
    Whole(u64, u64),
    /// Numbers between these.
    Between(f64, f64),
    /// Numbers above 0.
    Positive,
}

/// What is known of a setting.
pub struct SettingInfo {
    /// The setting.
    pub setting: Setting,
    /// Its name in cells and fingerprints.
    pub name: &'static str,
    /// The values it takes.
    pub limits: Limits,
}

macro_rules! settings {
    ($($setting:ident $name:literal $limits:expr;)*) => {
        /// Every setting.
        pub const SETTINGS: &[SettingInfo] =
            &[$(SettingInfo { setting: Setting::$setting, name: $name, limits: $limits }),*];
    };
}

settings! {
    Tolerance "tolerance" Limits::Between(1e-12, 0.5);
    Steps "steps" Limits::Whole(1, 10_000);
    Probes "probes" Limits::Whole(2, 100_000);
    Rho "rho" Limits::Positive;
    Top "top" Limits::Whole(1, 1_000);
    Starts "starts" Limits::Whole(1, 1_000);
    Batch "batch" Limits::Whole(1, 1_000_000_000);
    Sigma "sigma" Limits::Positive;
    Damping "damping" Limits::Positive;
    Epsilon "epsilon" Limits::Positive;
    Eta "eta" Limits::Between(0.0, 1e6);
    Drop "drop" Limits::Between(1e-6, 1.0);
    Delta "delta" Limits::Between(1e-12, 0.5);
    Directions "directions" Limits::Whole(1, 1_000);
    Points "points" Limits::Whole(3, 1_001);
    Span "span" Limits::Positive;
    Rise "rise" Limits::Positive;
    Layer "layer" Limits::Whole(1, 1_000);
    Examples "examples" Limits::Whole(1, 100_000);
}

impl Setting {
    /// What is known of it.
    pub fn info(self) -> &'static SettingInfo {
        // The table holds every variant: a test walks it.
        SETTINGS.iter().find(|info| info.setting == self).unwrap_or(&SETTINGS[0])
    }

    /// Its name in cells and fingerprints.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        SETTINGS.iter().find(|info| info.name == name).map(|info| info.setting)
    }
}

/// Settings of an estimator: of one quantity, at its defaults unless the cell says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeasureSettings(BTreeMap<Setting, f64>);

impl MeasureSettings {
    /// These.
    pub fn new(settings: &[(Setting, f64)]) -> Self {
        Self(settings.iter().copied().collect())
    }

    /// The same with another value of one.
    #[must_use]
    pub fn with(mut self, setting: Setting, value: f64) -> Self {
        self.set(setting, value);
        self
    }

    /// Sets one.
    pub fn set(&mut self, setting: Setting, value: f64) {
        self.0.insert(setting, value);
    }

    /// The value of one; NaN of one that the quantity does not read.
    pub fn get(&self, setting: Setting) -> f64 {
        self.0.get(&setting).copied().unwrap_or(f64::NAN)
    }

    /// The value of one that counts something, at least 1.
    pub fn count(&self, setting: Setting) -> usize {
        (self.get(setting) as usize).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_enum_agree() {
        for info in SETTINGS {
            assert_eq!(info.setting.name(), info.name);
            assert_eq!(Setting::named(info.name), Some(info.setting));
            assert_eq!(serde_json::to_value(info.setting).unwrap(), info.name);
        }
    }
}
