//! The whole spectrum: stochastic Lanczos quadrature, or every eigenvalue of a network that is small enough.

use super::details::Spectrum;
use super::lanczos::Lanczos;
use super::site::{Matrix, Site};
use super::trace;
use crate::science::pulse::Interrupted;
use crate::science::solve;
use crate::spec::{MeasureSettings, Setting};

/// Most weights of a network whose Hessian is made whole: 32 MB.
pub const SMALL: usize = 2000;

/// Eigenvalues below minus this share of the largest modulus count as negative.
const ROUNDING: f64 = 1e-6;

/// Nodes and weights of every probe. Probes are Gaussian, normalised: with signs alone the first moments of some
/// matrices (diagonal ones) would be exact and all others not.
pub fn quadrature(
    site: &mut Site<'_, '_>,
    matrix: Matrix,
    settings: &MeasureSettings,
) -> Result<Vec<Vec<(f64, f64)>>, Interrupted> {
    let mut stream = site.stream("spectrum");
    let mut probes = Vec::new();
    for _ in 0..settings.count(Setting::Probes) {
        let mut lanczos = Lanczos::new((0..site.size()).map(|_| stream.normal()).collect());
        while lanczos.alphas.len() < settings.count(Setting::Steps) && !lanczos.exhausted() {
            lanczos.extend(|v, out| site.product(matrix, v, out))?;
        }
        probes.push(lanczos.quadrature());
    }
    Ok(probes)
}

/// The density as a spectrum, and the standard error of its mean over probes.
pub fn density(
    site: &mut Site<'_, '_>,
    name: &str,
    matrix: Matrix,
    settings: &MeasureSettings,
) -> Result<(Spectrum, f64), Interrupted> {
    let probes = quadrature(site, matrix, settings)?;
    let mut spectrum = Spectrum::of(name, site.rows.n());
    for (part, nodes) in probes.iter().enumerate() {
        for &(node, weight) in nodes {
            spectrum.push(part, node, weight, f64::NAN);
        }
    }
    let first = |nodes: &Vec<(f64, f64)>| nodes.iter().map(|(node, weight)| node * weight).sum();
    Ok((spectrum, trace::mean(&probes.iter().map(first).collect::<Vec<f64>>()).uncertainty))
}

/// The mean of `f` over the spectrum.
fn mean_of(probes: &[Vec<(f64, f64)>], f: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = probes.iter().flatten().map(|&(node, weight)| weight * f(node)).sum();
    sum / probes.len() as f64
}

/// Share of the eigenvalues of the Hessian that are negative by more than rounding.
pub fn negative_fraction(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<f64, Interrupted> {
    let probes = quadrature(site, Matrix::Hessian, settings)?;
    let most = probes.iter().flatten().map(|(node, _)| node.abs()).fold(0.0, f64::max);
    Ok(mean_of(
        &probes,
        |node| if node.is_nan() { node } else { f64::from(u8::from(node < -ROUNDING * most)) },
    ))
}

/// Σ λ / (λ + α) over the Gauss–Newton matrix; what rounding makes negative counts as 0.
pub fn effective_dimension(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<f64, Interrupted> {
    let probes = quadrature(site, Matrix::GaussNewton, settings)?;
    let damping = settings.get(Setting::Damping);
    let share = |node: f64| if node.is_nan() { node } else { node.max(0.0) / (node.max(0.0) + damping) };
    Ok(site.size() as f64 * mean_of(&probes, share))
}

/// All eigenvalues in rising order, and the largest asymmetry of the matrix that they are of, relative to its largest
/// entry; nothing for a network that is too large, or weights that are not finite.
pub fn full(site: &mut Site<'_, '_>, name: &str) -> Result<(Spectrum, f64), Interrupted> {
    let n = site.size();
    let mut spectrum = Spectrum::of(name, site.rows.n());
    if n > SMALL {
        return Ok((spectrum, f64::NAN));
    }
    let mut columns = vec![0.0; n * n];
    let mut unit = vec![0.0; n];
    for (index, column) in columns.chunks_mut(n).enumerate() {
        unit[index] = 1.0;
        site.product(Matrix::Hessian, &unit, column)?;
        unit[index] = 0.0;
    }
    let largest = columns.iter().map(|entry| entry.abs()).fold(0.0, f64::max);
    let pairs = (0..n).flat_map(|row| (0..row).map(move |column| (row, column)));
    let gap = |(row, column): (usize, usize)| (columns[row * n + column] - columns[column * n + row]).abs();
    let asymmetry = pairs.map(gap).fold(0.0, f64::max);
    let Some(values) = solve::symmetric_eigenvalues(&columns, n) else { return Ok((spectrum, f64::NAN)) };
    for value in values {
        spectrum.push(0, value, 1.0 / n as f64, f64::NAN);
    }
    Ok((spectrum, if asymmetry == 0.0 { 0.0 } else { asymmetry / largest }))
}
