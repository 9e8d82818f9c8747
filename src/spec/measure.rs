//! The catalogue of quantities: what can be measured of a run, in which words, at what cost.
//!
//! The same table validates cells, explains itself to people and names the columns of the results.

use serde::{Deserialize, Serialize};

use crate::base::suggest;

/// A quantity that can be measured of a model in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Mean loss over the training examples (noisy labels included).
    TrainLoss,
    /// Mean loss over the test examples.
    TestLoss,
    /// Fraction of training examples classified as labelled.
    TrainAccuracy,
    /// Fraction of test examples classified right.
    TestAccuracy,
    /// 1 − train accuracy.
    TrainError,
    /// 1 − test accuracy.
    TestError,
    /// Test error − train error (test loss − train loss where there are no classes).
    GeneralizationGap,
    /// ‖w‖₂ over all weights and biases.
    WeightNorm,
    /// ‖∇L‖₂ of the full-batch training loss.
    GradientNorm,
    /// Largest algebraic eigenvalue of the Hessian of the full-batch training loss.
    LambdaMax,
    /// Trace of the Hessian of the full-batch training loss.
    HessianTrace,
    /// L(w + ρ g/‖g‖) − L(w): one-step SAM sharpness.
    SamSharpness,
}

/// What is known of a quantity without measuring it.
pub struct QuantityInfo {
    /// The quantity.
    pub quantity: Quantity,
    /// Its name in cells and columns.
    pub name: &'static str,
    /// How a narrow heading writes it.
    pub symbol: &'static str,
    /// One line: formula and estimator.
    pub about: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Whether smaller is what one hopes for (`None` where there is no better).
    pub lower_is_better: Option<bool>,
    /// Whether it is always measured, asked or not, because it costs next to nothing.
    pub always: bool,
    /// Whether it spans orders of magnitude and is best drawn on a log scale.
    pub log: bool,
}

macro_rules! catalogue {
    ($($quantity:ident, $name:literal, $symbol:literal, $unit:literal, $lower:expr, $always:literal, $log:literal, $about:literal;)*) => {
        /// Every quantity, in the order in which they are shown.
        pub const CATALOGUE: &[QuantityInfo] = &[$(QuantityInfo {
            quantity: Quantity::$quantity, name: $name, symbol: $symbol, about: $about, unit: $unit,
            lower_is_better: $lower, always: $always, log: $log,
        }),*];
    };
}

catalogue! {
    TrainLoss, "train_loss", "train", "loss", Some(true), true, true, "mean loss over the training examples, noisy labels included";
    TestLoss, "test_loss", "test", "loss", Some(true), true, true, "mean loss over the test examples";
    TrainAccuracy, "train_accuracy", "train acc", "1", Some(false), true, false, "fraction of training examples classified as labelled";
    TestAccuracy, "test_accuracy", "test acc", "1", Some(false), true, false, "fraction of test examples classified right";
    TrainError, "train_error", "train err", "1", Some(true), true, false, "1 − train accuracy";
    TestError, "test_error", "test err", "1", Some(true), true, false, "1 − test accuracy";
    GeneralizationGap, "generalization_gap", "gap", "1", Some(true), true, false, "test error − train error (of losses where there are no classes)";
    WeightNorm, "weight_norm", "‖w‖", "w", None, true, false, "‖w‖₂ over all weights and biases";
    GradientNorm, "gradient_norm", "‖∇L‖", "loss/w", None, false, true, "‖∇L‖₂ of the full-batch training loss";
    LambdaMax, "lambda_max", "λmax", "loss/w²", Some(true), false, true, "largest eigenvalue of the full-batch Hessian; Lanczos with full reorthogonalisation on exact Hessian-vector products";
    HessianTrace, "hessian_trace", "tr H", "loss/w²", Some(true), false, true, "trace of the full-batch Hessian; Hutchinson with Rademacher probes and its standard error";
    SamSharpness, "sam_sharpness", "SAM", "loss", Some(true), false, true, "L(w + ρ g/‖g‖) − L(w), full batch, one step (Foret et al. 2021, eq. 2)";
}

impl Quantity {
    /// What is known of it.
    pub fn info(self) -> &'static QuantityInfo {
        // The table holds every variant: a test walks them all.
        CATALOGUE.iter().find(|info| info.quantity == self).unwrap_or(&CATALOGUE[0])
    }

    /// Its name in cells and columns.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The columns it fills in the results, itself first.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::LambdaMax => &["lambda_max", "lambda_max_residual"],
            Self::HessianTrace => &["hessian_trace", "hessian_trace_se"],
            other => std::slice::from_ref(&other.info().name),
        }
    }

    /// The quantity of that name, or what to say of a name that none has: the message and the advice.
    pub fn find(name: &str) -> Result<Self, (String, String)> {
        Self::named(name).ok_or_else(|| {
            let known: Vec<&str> = CATALOGUE.iter().map(|info| info.name).collect();
            (format!("there is no measure `{name}`"), suggest::advice(name, &known))
        })
    }

    /// The quantity of that name.
    pub fn named(name: &str) -> Option<Self> {
        CATALOGUE.iter().find(|info| info.name == name).map(|info| info.quantity)
    }
}

/// A quantity to measure, how, and when besides at the end (where everything is measured).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureSpec {
    /// What.
    pub quantity: Quantity,
    /// When, besides at the end.
    pub when: When,
    /// Estimator settings; each quantity reads only its own.
    pub settings: MeasureSettings,
}

/// When a quantity is measured besides at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Not before the end.
    End,
    /// At these epochs too (0 is the start).
    Epochs(Vec<u64>),
    /// At every n-th step too, the start included.
    Every(u64),
    /// Along the way, as often as fits into this share of the training's own arithmetic (counted, not timed).
    Share(f64),
}

/// Settings of the estimators, at their defaults unless the cell says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureSettings {
    /// `lambda_max`: relative residual ‖Hv − λv‖ / |λ| at which Lanczos stops.
    pub tolerance: f64,
    /// `lambda_max`: most Lanczos steps.
    pub steps: usize,
    /// `hessian_trace`: number of Rademacher probes.
    pub probes: usize,
    /// `sam_sharpness`: radius ρ of the step.
    pub rho: f64,
}

impl Default for MeasureSettings {
    fn default() -> Self {
        Self { tolerance: 1e-6, steps: 200, probes: 64, rho: 0.05 }
    }
}

impl MeasureSpec {
    /// `quantity` at the end, at default settings.
    pub fn at_end(quantity: Quantity) -> Self {
        Self { quantity, when: When::End, settings: MeasureSettings::default() }
    }

    /// Whether every run has it anyway, just so.
    pub fn is_always(&self) -> bool {
        self.quantity.info().always && self.when == When::End
    }

    /// Whether a run that measured these (by fingerprint) has it.
    pub fn is_in(&self, measured: &[String]) -> bool {
        self.is_always() || measured.contains(&self.fingerprint())
    }

    /// Name and whatever decides its value or its curve, as one word: what a stored run is asked whether it has.
    pub fn fingerprint(&self) -> String {
        let name = self.quantity.name();
        let settings = match self.quantity {
            Quantity::LambdaMax => {
                format!("tolerance={},steps={}", self.settings.tolerance, self.settings.steps)
            }
            Quantity::HessianTrace => format!("probes={}", self.settings.probes),
            Quantity::SamSharpness => format!("rho={}", self.settings.rho),
            _ => String::new(),
        };
        let when = match &self.when {
            When::End => String::new(),
            When::Epochs(epochs) => format!("@epochs{epochs:?}"),
            When::Every(steps) => format!("@every{steps}"),
            When::Share(share) => format!("@share{share}"),
        };
        format!("{name}({settings}){when}")
    }
}

/// The name of what was measured in a fingerprint `name(settings)@when`.
pub fn measured_quantity(fingerprint: &str) -> &str {
    fingerprint.split('(').next().unwrap_or_default()
}

/// What decides the values in a fingerprint, `name(settings)`; when they were taken decides only where there is one.
pub fn measured_how(fingerprint: &str) -> &str {
    fingerprint.split('@').next().unwrap_or_default()
}

/// A fingerprint read back: what a stored run was measured for. Settings that its quantity does not read are at
/// their defaults. `None` for a word that [`MeasureSpec::fingerprint`] does not write.
pub fn from_fingerprint(word: &str) -> Option<MeasureSpec> {
    let (name, rest) = word.split_once('(')?;
    let (settings, when) = rest.split_once(')')?;
    let mut measure = MeasureSpec { when: read_when(when)?, ..MeasureSpec::at_end(Quantity::named(name)?) };
    for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=')? {
            ("tolerance", value) => measure.settings.tolerance = value.parse().ok()?,
            ("steps", value) => measure.settings.steps = value.parse().ok()?,
            ("probes", value) => measure.settings.probes = value.parse().ok()?,
            ("rho", value) => measure.settings.rho = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(measure)
}

fn read_when(word: &str) -> Option<When> {
    if word.is_empty() {
        return Some(When::End);
    }
    if let Some(epochs) = word.strip_prefix("@epochs") {
        return serde_json::from_str(epochs).ok().map(When::Epochs);
    }
    if let Some(steps) = word.strip_prefix("@every") {
        return steps.parse().ok().map(When::Every);
    }
    word.strip_prefix("@share")?.parse().ok().map(When::Share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_can_be_read_back() {
        let settings = MeasureSettings { tolerance: 1e-7, steps: 33, probes: 5, rho: 0.25 };
        for info in CATALOGUE {
            for when in [When::End, When::Epochs(vec![0, 7]), When::Every(40), When::Share(0.1)] {
                let measure = MeasureSpec { quantity: info.quantity, when, settings: settings.clone() };
                let read = from_fingerprint(&measure.fingerprint()).unwrap();
                assert_eq!((read.quantity, &read.when), (measure.quantity, &measure.when));
                assert_eq!(read.fingerprint(), measure.fingerprint());
            }
        }
        for bad in
            ["", "lambda_max", "lambda(=)", "lambda_max(x=1)", "lambda_max()@never", "sam_sharpness(rho=x)"]
        {
            assert_eq!(from_fingerprint(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_catalogue_and_the_enum_agree() {
        for info in CATALOGUE {
            assert_eq!(info.quantity.info().name, info.name);
            assert_eq!(Quantity::named(info.name), Some(info.quantity));
            assert_eq!(serde_json::to_value(info.quantity).unwrap(), info.name);
        }
    }
}
