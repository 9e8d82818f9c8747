//! The catalogue of quantities: what can be measured of a run, in which words, at what cost.
//!
//! The same table validates cells, explains itself to people and names the columns of the results.

use serde::{Deserialize, Serialize};

use crate::base::suggest;

mod catalogue;
mod info;
mod settings;
mod words;

pub use catalogue::CATALOGUE;
pub use info::{Family, Invariance, Picture, QuantityInfo};
pub use settings::{Limits, MeasureSettings, SETTINGS, Setting};
pub use words::from_word;

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
    /// ‖w − w₀‖₂ from the initial weights.
    DistanceFromInit,
    /// Smallest algebraic eigenvalue of the Hessian.
    LambdaMin,
    /// The largest eigenvalues of the Hessian, each with its residual.
    Eigenvalues,
    /// All eigenvalues of the Hessian of a small network.
    FullSpectrum,
    /// Density of the Hessian's eigenvalues.
    Spectrum,
    /// Density of the eigenvalues of the Gauss–Newton matrix.
    GgnSpectrum,
    /// Largest eigenvalue and trace of each layer's block of the Hessian.
    LayerCurvature,
    /// Trace of the Hessian by Hutch++.
    HutchppTrace,
    /// `‖H‖²_F`.
    HessianSquare,
    /// `(tr H)² / ‖H‖²_F`.
    ParticipationRatio,
    /// Share of eigenvalues below zero.
    NegativeFraction,
    /// Largest eigenvalue of the Gauss–Newton matrix.
    GgnLambdaMax,
    /// Trace of the Gauss–Newton matrix.
    GgnTrace,
    /// Σ λ / (λ + α) over the Gauss–Newton matrix.
    EffectiveDimension,
    /// gᵀHg / gᵀg.
    GradientCurvature,
    /// ¼ h ‖g‖².
    ImplicitRegularizer,
    /// L(w + ρ g/‖g‖) − L(w): one-step SAM sharpness.
    SamSharpness,
    /// The largest rise within a ball, by ascent.
    PgdSharpness,
    /// SAM sharpness of batches of m examples.
    MSharpness,
    /// One-step adaptive (ASAM) sharpness.
    AdaptiveSharpness,
    /// The largest rise within the ellipsoid of ASAM, by ascent.
    AdaptivePgdSharpness,
    /// The largest relative rise within Keskar's box.
    KeskarSharpness,
    /// The mean rise under Gaussian perturbations.
    AverageSharpness,
    /// Petzka's relative flatness of a layer.
    RelativeFlatness,
    /// ⟨w, F w⟩ with the empirical Fisher matrix.
    FisherRao,
    /// The largest σ at which the error rises no more than so much.
    PacBayesSigma,
    /// A bound of the test error by the inverse of kl.
    PacBayesBound,
    /// `McAllester`'s bound of the test error.
    McallesterBound,
    /// Losses along filter-normalised random lines.
    Slice,
    /// Losses over filter-normalised random planes.
    Plane,
    /// How far the loss stays low along the top eigenvectors.
    BasinWidth,
    /// Losses on the way from the initial weights.
    InitPath,
    /// Losses on the way to another run.
    Barrier,
    /// The same to the other run with its units in the order of these.
    AlignedBarrier,
    /// The same along a curve.
    CurvedBarrier,
    /// Errors on the straight way.
    ErrorBarrier,
    /// Number of weights and biases.
    Parameters,
    /// The weights themselves, of small models.
    Weights,
    /// ‖w‖₁.
    L1Norm,
    /// Square root of the sum over paths of the products of squared weights.
    PathNorm,
    /// Product of the layers' Frobenius norms.
    FrobeniusProduct,
    /// Product of the layers' spectral norms.
    SpectralProduct,
    /// 10th percentile of the training margins.
    Margin,
    /// The same over the product of spectral norms.
    NormalizedMargin,
    /// Rank of the Jacobian.
    Rank,
    /// Weights less that rank.
    NullSpace,
    /// Its largest singular value over its least.
    ConditionNumber,
    /// How far the tangent kernel moved from its beginning.
    NtkDrift,
    /// How well the tangent kernel is aligned with the targets.
    KernelAlignment,
    /// Expected squared error beyond that of a linear truth.
    ExcessRisk,
    /// Share of the replaced labels that are fitted.
    NoisyFitted,
    /// Root mean square of the hidden units.
    ActivationRms,
    /// Share of the weights that are not zero.
    RemainingWeights,
    /// Entries of the tangent kernel.
    TangentKernel,
    /// Bits of weights and labels in a two-part code.
    DescriptionLength,
    /// A number that has nothing to do with the run.
    Placebo,
    /// Bits of the training labels, coded block by block.
    CodeLength,
    /// The most examples that are fitted.
    EffectiveComplexity,
    /// Squared error of the expected prediction.
    PredictionBias,
    /// Variance of predictions.
    PredictionVariance,
    /// Part of it that initial weights make.
    VarianceInit,
    /// Part of it that training examples make.
    VarianceData,
    /// Part of it that the noise on their targets makes.
    VarianceNoise,
    /// Part of it that none of them makes alone.
    VarianceInteraction,
    /// Variance of predictions less those of the initial weights.
    CentredVariance,
    /// Mean squared error of members.
    MemberSquaredError,
    /// Mean test loss of members.
    MemberLoss,
    /// Mean test error of members.
    MemberError,
    /// Lempel–Ziv complexity of the Boolean function that is computed.
    LzComplexity,
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

    /// The columns it fills in the results, itself first; a picture alone fills none of its own name.
    pub fn columns(self) -> &'static [&'static str] {
        self.info().columns
    }

    /// The quantity of that name, or what to say of a name that none has: the message and the advice.
    pub fn find(name: &str) -> Result<Self, (String, String)> {
        Self::named(name).ok_or_else(|| {
            let known: Vec<&str> = CATALOGUE.iter().map(|info| info.name).collect();
            (format!("there is no measure `{name}`"), suggest::advice(name, &known))
        })
    }

    /// Whether this is the name of a vector, which is stored as columns `name_0`, `name_1`, ….
    pub fn is_vector(name: &str) -> bool {
        Self::named(name).is_some_and(|quantity| quantity.info().picture == Picture::Vector)
    }

    /// Whether this is the name of an entry of a vector.
    pub fn is_entry(name: &str) -> bool {
        name.rsplit_once('_').is_some_and(|(vector, index)| {
            !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) && Self::is_vector(vector)
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

impl MeasureSpec {
    /// `quantity` at the end, at default settings.
    pub fn at_end(quantity: Quantity) -> Self {
        Self { quantity, when: When::End, settings: MeasureSettings::new(quantity.info().settings) }
    }

    /// Whether every run has it anyway, just so.
    pub fn is_always(&self) -> bool {
        self.quantity.info().always && self.when == When::End
    }

    /// Whether a run that measured these (by fingerprint) has it.
    pub fn is_in(&self, measured: &[String]) -> bool {
        self.is_always() || measured.contains(&self.fingerprint())
    }

    /// Whether both are of one quantity, by other settings: of one run only one of them can be kept.
    pub fn is_at_odds_with(&self, other: &Self) -> bool {
        self.quantity == other.quantity
            && measured_how(&self.fingerprint()) != measured_how(&other.fingerprint())
    }

    /// Name and whatever decides its value or its curve, as one word: what a stored run is asked whether it has.
    pub fn fingerprint(&self) -> String {
        let name = self.quantity.name();
        let read = self.quantity.info().settings.iter();
        let settings = read.map(|(setting, _)| format!("{}={}", setting.name(), self.settings.get(*setting)));
        let settings = settings.collect::<Vec<_>>().join(",");
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
        let (name, value) = setting.split_once('=')?;
        let own = measure.quantity.info().settings.iter().find(|(own, _)| own.name() == name)?;
        measure.settings.set(own.0, value.parse().ok()?);
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
        for info in CATALOGUE {
            let other = info.settings.iter().map(|(setting, value)| (*setting, value / 2.0));
            let settings = MeasureSettings::new(&other.collect::<Vec<_>>());
            for when in [When::End, When::Epochs(vec![0, 7]), When::Every(40), When::Share(0.1)] {
                let measure = MeasureSpec { quantity: info.quantity, when, settings: settings.clone() };
                let read = from_fingerprint(&measure.fingerprint()).unwrap();
                assert_eq!(read, measure);
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
    fn stored_results_are_asked_for_in_the_words_they_were_stored_in() {
        for (quantity, word) in [
            (Quantity::LambdaMax, "lambda_max(tolerance=0.000001,steps=200)"),
            (Quantity::HessianTrace, "hessian_trace(probes=64)"),
            (Quantity::SamSharpness, "sam_sharpness(rho=0.05)"),
            (Quantity::GradientNorm, "gradient_norm()"),
        ] {
            assert_eq!(MeasureSpec::at_end(quantity).fingerprint(), word);
        }
    }

    #[test]
    fn every_quantity_is_documented_whole() {
        for info in CATALOGUE {
            let texts = [info.name, info.symbol, info.about, info.unit, info.estimator, info.cost];
            assert!(texts.iter().all(|text| !text.is_empty()), "{}", info.name);
            assert!(info.always || !info.reference.is_empty(), "{}", info.name);
            let own = info.columns.iter().all(|column| column.starts_with(info.name));
            let first = info.columns.first();
            assert!(own && (first == Some(&info.name) || info.picture != Picture::None), "{}", info.name);
            for (setting, value) in info.settings {
                let fits = match setting.info().limits {
                    Limits::Whole(low, high) => {
                        value.fract() == 0.0 && (low..=high).contains(&(*value as u64))
                    }
                    Limits::Between(low, high) => (low..=high).contains(value),
                    Limits::Positive => *value > 0.0,
                };
                assert!(fits, "{} {}", info.name, setting.name());
            }
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
