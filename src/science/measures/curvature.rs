//! Extreme eigenvalues, and curvature along the gradient.

use std::ops::Range;

use super::details::Spectrum;
use super::lanczos::Lanczos;
use super::site::{Matrix, Site};
use super::vector::{add_scaled, dot, norm, rescale};
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// An estimate and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Eigenvalues: relative residual ‖Hv − λv‖ / |λ|. Means: standard error, NaN from a single probe.
    pub uncertainty: f64,
}

/// The largest algebraic eigenvalue: Lanczos from a Gaussian start drawn from the stream `lanczos` of the seed, until
/// the relative residual is within the tolerance or the steps are used up. The residual reported is computed from
/// the vector itself, by one more product.
pub fn lambda_max(
    site: &mut Site<'_, '_>,
    matrix: Matrix,
    settings: &MeasureSettings,
) -> Result<Estimate, Interrupted> {
    extreme(site, 0..site.size(), settings, |site, v, out| site.product(matrix, v, out))
}

/// The smallest one, likewise: the largest of −H.
pub fn lambda_min(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Estimate, Interrupted> {
    let negated = |site: &mut Site<'_, '_>, v: &[f64], out: &mut [f64]| {
        site.product(Matrix::Hessian, v, out)?;
        rescale(out, -1.0);
        Ok(())
    };
    let estimate = extreme(site, 0..site.size(), settings, negated)?;
    Ok(Estimate { value: -estimate.value, ..estimate })
}

/// The largest eigenvalue of what `product` multiplies by, which leads from vectors that are 0 outside `within` to others.
pub fn extreme(
    site: &mut Site<'_, '_>,
    within: Range<usize>,
    settings: &MeasureSettings,
    mut product: impl FnMut(&mut Site<'_, '_>, &[f64], &mut [f64]) -> Result<(), Interrupted>,
) -> Result<Estimate, Interrupted> {
    let (steps, tolerance) = (settings.count(Setting::Steps), settings.get(Setting::Tolerance));
    let mut start = start(site);
    start[..within.start].fill(0.0);
    start[within.end..].fill(0.0);
    let mut lanczos = Lanczos::new(start);
    while lanczos.alphas.len() < steps && !lanczos.exhausted() {
        lanczos.extend(|v, out| product(site, v, out))?;
        let top = lanczos.top();
        if top.residual <= tolerance * top.value.abs() {
            break;
        }
    }
    let (value, vector) = (lanczos.top().value, lanczos.top_vector());
    let mut image = vec![0.0; vector.len()];
    product(site, &vector, &mut image)?;
    let residual = residual(&mut image, value, &vector);
    let uncertainty = if residual == 0.0 { 0.0 } else { residual / value.abs() };
    Ok(Estimate { value, uncertainty })
}

/// A Gaussian vector, the same for every matrix.
fn start(site: &Site<'_, '_>) -> Vec<f64> {
    let mut stream = site.stream("lanczos");
    (0..site.size()).map(|_| stream.normal()).collect()
}

/// ‖Hv − λv‖, `image` being Hv.
fn residual(image: &mut [f64], value: f64, vector: &[f64]) -> f64 {
    add_scaled(image, -value, vector);
    norm(image)
}

/// An eigenvalue of the Hessian with its vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The eigenvalue.
    pub value: f64,
    /// Its vector, of length 1.
    pub vector: Vec<f64>,
    /// ‖Hv − λv‖, from the vector itself.
    pub residual: f64,
}

/// The `top` largest eigenvalues, in falling order: as [`lambda_max`], until every one of them is within the
/// tolerance. There are fewer where the network has no more weights than that.
pub fn largest(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Vec<Pair>, Interrupted> {
    let (steps, tolerance) = (settings.count(Setting::Steps), settings.get(Setting::Tolerance));
    let top = settings.count(Setting::Top).min(site.size());
    let mut lanczos = Lanczos::new(start(site));
    while lanczos.alphas.len() < steps.max(top) && !lanczos.exhausted() {
        lanczos.extend(|v, out| site.product(Matrix::Hessian, v, out))?;
        let found = lanczos.largest(top);
        if found.len() == top && found.iter().all(|ritz| ritz.residual <= tolerance * ritz.value.abs()) {
            break;
        }
    }
    let mut image = vec![0.0; site.size()];
    let pairs = lanczos.largest(top).into_iter().zip(lanczos.largest_vectors(top));
    pairs
        .map(|(ritz, vector)| {
            site.product(Matrix::Hessian, &vector, &mut image)?;
            Ok(Pair { value: ritz.value, residual: residual(&mut image, ritz.value, &vector), vector })
        })
        .collect()
}

/// The largest eigenvalues as a spectrum, and the largest residual relative to the first of them.
pub fn eigenvalues(
    site: &mut Site<'_, '_>,
    name: &str,
    settings: &MeasureSettings,
) -> Result<(Spectrum, f64), Interrupted> {
    let pairs = largest(site, settings)?;
    let mut spectrum = Spectrum::of(name, site.rows.n());
    for pair in &pairs {
        spectrum.push(0, pair.value, 1.0 / site.size() as f64, pair.residual);
    }
    let worst = pairs.iter().map(|pair| pair.residual).fold(0.0, f64::max);
    let first = pairs.first().map_or(f64::NAN, |pair| pair.value.abs());
    Ok((spectrum, if worst == 0.0 { 0.0 } else { worst / first }))
}

/// gᵀHg / gᵀg; NaN where the gradient is 0.
pub fn along_gradient(site: &mut Site<'_, '_>) -> Result<f64, Interrupted> {
    let gradient = site.gradient().to_vec();
    let mut image = vec![0.0; gradient.len()];
    site.product(Matrix::Hessian, &gradient, &mut image)?;
    Ok(dot(&gradient, &image) / dot(&gradient, &gradient))
}

/// ¼ h ‖g‖² (Barrett & Dherin 2021).
pub fn implicit_regularizer(site: &Site<'_, '_>) -> f64 {
    0.25 * site.context.rate * dot(site.gradient(), site.gradient())
}
