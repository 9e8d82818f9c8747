//! Which measurement a quantity is, and where what it comes to goes.

use super::ascent::{self, Region};
use super::curvature::{self, Estimate};
use super::details::{Details, Slice, Spectrum};
use super::site::{Matrix, Site};
use super::vector::{add_scaled, norm};
use super::{
    Values, blocks, code, density, flatness, norms, pac_bayes, put, put_vector, sharpness, slices, tangent,
    trace,
};
use crate::science::pulse::Interrupted;
use crate::spec::{Family, MeasureSpec, Quantity, Setting};

/// What a measurement comes to.
enum Found {
    /// A number.
    Number(f64),
    /// A number, and how far it may be off under this ending of its column.
    Estimate(Estimate, &'static str),
    /// A spectrum, with a number under this column.
    Spectrum(Spectrum, &'static str, f64),
    /// A slice, perhaps with a number.
    Slice(Slice, Option<f64>),
    /// A vector, a column for each of its entries.
    Vector(Vec<f64>),
    /// Nothing: it is not a quantity of this kind.
    Nothing,
}

/// Measures one quantity.
pub fn measure(
    site: &mut Site<'_, '_>,
    spec: &MeasureSpec,
    values: &mut Values,
    details: &mut Details,
) -> Result<(), Interrupted> {
    let name = spec.quantity.name();
    let found = match spec.quantity.info().family {
        Family::Curvature => curved(site, spec)?,
        Family::Sharpness => sharp(site, spec)?,
        Family::Geometry => drawn(site, spec)?,
        Family::Fit if spec.quantity == Quantity::NoisyFitted => Found::Number(norms::noisy_fitted(site)?),
        Family::Norms if spec.quantity == Quantity::ActivationRms => Found::Number(site.activity()?),
        Family::Norms | Family::Fit => long(site, spec),
        Family::Capacity => able(site, spec)?,
        // Told by whoever has trained the members.
        Family::Ensemble => Found::Nothing,
    };
    match found {
        Found::Number(value) => put(values, spec.quantity, value),
        Found::Estimate(estimate, ending) => {
            put(values, spec.quantity, estimate.value);
            values.insert(format!("{name}_{ending}"), estimate.uncertainty);
        }
        Found::Spectrum(spectrum, column, value) => {
            values.insert(column.to_owned(), value);
            details.spectra.push(spectrum);
        }
        Found::Slice(slice, value) => {
            details.slices.push(slice);
            if let Some(value) = value {
                put(values, spec.quantity, value);
            }
        }
        Found::Vector(vector) => put_vector(values, spec.quantity, &vector),
        Found::Nothing => {}
    }
    Ok(())
}

/// Norms.
fn long(site: &Site<'_, '_>, spec: &MeasureSpec) -> Found {
    match spec.quantity {
        Quantity::GradientNorm => Found::Number(norm(site.gradient())),
        Quantity::ExcessRisk => Found::Number(norms::excess_risk(site)),
        Quantity::L1Norm => Found::Number(site.weights.iter().map(|weight| weight.abs()).sum()),
        Quantity::PathNorm => Found::Number(norms::path(site.network, site.weights)),
        Quantity::FrobeniusProduct => Found::Number(norms::frobenius_product(site.network, site.weights)),
        Quantity::SpectralProduct => Found::Number(norms::spectral_product(site.network, site.weights)),
        Quantity::Weights => Found::Vector(site.weights.to_vec()),
        Quantity::RemainingWeights => Found::Number(norms::remaining(site.network, site.weights)),
        Quantity::DistanceFromInit => {
            let mut difference = site.weights.to_vec();
            add_scaled(&mut difference, -1.0, site.context.initial);
            Found::Number(norm(&difference))
        }
        _ => Found::Nothing,
    }
}

/// Capacity.
fn able(site: &mut Site<'_, '_>, spec: &MeasureSpec) -> Result<Found, Interrupted> {
    let examples = spec.settings.count(Setting::Examples);
    Ok(Found::Number(match spec.quantity {
        Quantity::Parameters => site.size() as f64,
        Quantity::Margin => norms::margin(site)?,
        Quantity::NormalizedMargin => {
            norms::margin(site)? / norms::spectral_product(site.network, site.weights)
        }
        Quantity::Rank | Quantity::NullSpace | Quantity::ConditionNumber => {
            tangent::directions(site, spec.quantity)?
        }
        Quantity::LzComplexity => code::lz_complexity(site)?,
        Quantity::TangentKernel => return Ok(Found::Vector(tangent::entries(site, examples)?)),
        Quantity::DescriptionLength => code::description_length(site, spec.settings.count(Setting::Probes))?,
        Quantity::Placebo => code::placebo(site),
        Quantity::NtkDrift => tangent::drift(site, examples)?,
        Quantity::KernelAlignment => tangent::alignment(site, examples)?,
        _ => return Ok(Found::Nothing),
    }))
}

/// Second derivatives.
fn curved(site: &mut Site<'_, '_>, spec: &MeasureSpec) -> Result<Found, Interrupted> {
    use Matrix::{GaussNewton, Hessian};
    let (name, settings) = (spec.quantity.name(), &spec.settings);
    let residual = |estimate| Found::Estimate(estimate, "residual");
    let error = |estimate| Found::Estimate(estimate, "se");
    // The one column of a picture.
    let column = spec.quantity.columns().first().copied().unwrap_or(name);
    let spectrum = |(spectrum, value)| Found::Spectrum(spectrum, column, value);
    Ok(match spec.quantity {
        Quantity::LambdaMax => residual(curvature::lambda_max(site, Hessian, settings)?),
        Quantity::LambdaMin => residual(curvature::lambda_min(site, settings)?),
        Quantity::GgnLambdaMax => residual(curvature::lambda_max(site, GaussNewton, settings)?),
        Quantity::HessianTrace => error(trace::trace(site, Hessian, settings)?),
        Quantity::GgnTrace => error(trace::trace(site, GaussNewton, settings)?),
        Quantity::HutchppTrace => error(trace::hutchpp(site, settings)?),
        Quantity::HessianSquare => error(trace::square(site, settings)?),
        Quantity::ParticipationRatio => Found::Number(trace::participation(site, settings)?),
        Quantity::NegativeFraction => Found::Number(density::negative_fraction(site, settings)?),
        Quantity::EffectiveDimension => Found::Number(density::effective_dimension(site, settings)?),
        Quantity::GradientCurvature => Found::Number(curvature::along_gradient(site)?),
        Quantity::ImplicitRegularizer => Found::Number(curvature::implicit_regularizer(site)),
        Quantity::Eigenvalues => spectrum(curvature::eigenvalues(site, name, settings)?),
        Quantity::Spectrum => spectrum(density::density(site, name, Hessian, settings)?),
        Quantity::GgnSpectrum => spectrum(density::density(site, name, GaussNewton, settings)?),
        Quantity::FullSpectrum => spectrum(density::full(site, name)?),
        Quantity::LayerCurvature => spectrum(blocks::curvature(site, name, settings)?),
        _ => Found::Nothing,
    })
}

/// Rises of the loss.
fn sharp(site: &mut Site<'_, '_>, spec: &MeasureSpec) -> Result<Found, Interrupted> {
    let settings = &spec.settings;
    let (rho, eta) = (settings.get(Setting::Rho), settings.get(Setting::Eta));
    let ball = |scale| Region::Ellipsoid { rho, scale };
    Ok(match spec.quantity {
        Quantity::SamSharpness => Found::Number(sharpness::sam(site, rho)?),
        Quantity::PgdSharpness => {
            let region = ball(vec![1.0; site.size()]);
            Found::Number(ascent::highest(site, &region, settings)?)
        }
        Quantity::MSharpness => {
            Found::Number(sharpness::of_batches(site, settings.count(Setting::Batch), rho)?)
        }
        Quantity::AdaptiveSharpness => Found::Number(sharpness::adaptive(site, rho, eta)?),
        Quantity::AdaptivePgdSharpness => {
            let region = ball(sharpness::scale(site.weights, eta));
            Found::Number(ascent::highest(site, &region, settings)?)
        }
        Quantity::KeskarSharpness => Found::Number(ascent::keskar(site, settings)?),
        Quantity::AverageSharpness => Found::Estimate(sharpness::average(site, settings)?, "se"),
        Quantity::RelativeFlatness => Found::Estimate(flatness::relative(site, settings)?, "se"),
        Quantity::FisherRao => Found::Number(flatness::fisher_rao(site)?),
        Quantity::PacBayesSigma => Found::Number(pac_bayes::sigma(site, settings)?),
        Quantity::PacBayesBound => Found::Number(pac_bayes::bound(site, settings, pac_bayes::by_kl)?),
        Quantity::McallesterBound => Found::Number(pac_bayes::bound(site, settings, pac_bayes::mcallester)?),
        _ => Found::Nothing,
    })
}

/// The landscape.
fn drawn(site: &mut Site<'_, '_>, spec: &MeasureSpec) -> Result<Found, Interrupted> {
    let (name, settings) = (spec.quantity.name(), &spec.settings);
    Ok(match spec.quantity {
        Quantity::Slice => Found::Slice(slices::lines(site, name, settings)?, None),
        Quantity::Plane => Found::Slice(slices::planes(site, name, settings)?, None),
        Quantity::InitPath => {
            let (slice, barrier) = slices::from_init(site, name, settings)?;
            Found::Slice(slice, Some(barrier))
        }
        Quantity::BasinWidth => {
            let (spectrum, width) = slices::basins(site, name, settings)?;
            Found::Spectrum(spectrum, Quantity::BasinWidth.name(), width)
        }
        _ => Found::Nothing,
    })
}
