//! Sums over all eigenvalues from random vectors with signs as entries (Hutchinson 1990).

use super::curvature::Estimate;
use super::site::{Matrix, Site};
use super::vector::{add_scaled, dot, norm, rescale};
use crate::base::rng::Stream;
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// Mean and standard error of `samples`.
pub fn mean(samples: &[f64]) -> Estimate {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Estimate { value: mean, uncertainty: (variance / n).sqrt() }
}

/// zᵀHz and ‖Hz‖² of every probe. The same probes at every point of a run: its curve shows the change of the trace and
/// not of the probes.
fn samples(
    site: &mut Site<'_, '_>,
    matrix: Matrix,
    settings: &MeasureSettings,
) -> Result<Vec<(f64, f64)>, Interrupted> {
    let mut stream = site.stream("probes");
    let (mut probe, mut image) = (vec![0.0; site.size()], vec![0.0; site.size()]);
    let mut samples = Vec::new();
    for _ in 0..settings.count(Setting::Probes) {
        probe.fill_with(|| stream.sign());
        site.product(matrix, &probe, &mut image)?;
        samples.push((dot(&probe, &image), dot(&image, &image)));
    }
    Ok(samples)
}

/// tr H, the mean of zᵀHz.
pub fn trace(
    site: &mut Site<'_, '_>,
    matrix: Matrix,
    settings: &MeasureSettings,
) -> Result<Estimate, Interrupted> {
    Ok(mean(&samples(site, matrix, settings)?.iter().map(|sample| sample.0).collect::<Vec<_>>()))
}

/// `‖H‖²_F`, the mean of ‖Hz‖².
pub fn square(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Estimate, Interrupted> {
    let samples = samples(site, Matrix::Hessian, settings)?;
    Ok(mean(&samples.iter().map(|sample| sample.1).collect::<Vec<_>>()))
}

/// `(tr H)² / ‖H‖²_F`, both from the same probes.
pub fn participation(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<f64, Interrupted> {
    let samples = samples(site, Matrix::Hessian, settings)?;
    let (traces, squares): (Vec<f64>, Vec<f64>) = samples.into_iter().unzip();
    Ok(mean(&traces).value.powi(2) / mean(&squares).value)
}

/// tr H by Hutch++ (Meyer et al. 2021, algorithm 1): a third of the probes finds the range in which most of H lies, on
/// which the trace is exact; the rest is estimated orthogonally to it. The error is that of the rest.
pub fn hutchpp(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Estimate, Interrupted> {
    let third = (settings.count(Setting::Probes) / 3).max(1);
    let third = third.min(site.size());
    let mut stream = site.stream("hutch++");
    let mut image = vec![0.0; site.size()];
    let mut range: Vec<Vec<f64>> = Vec::new();
    for _ in 0..third {
        let probe = signs(&mut stream, site.size());
        site.product(Matrix::Hessian, &probe, &mut image)?;
        let mut direction = image.clone();
        if orthonormalise(&mut direction, &range) {
            range.push(direction);
        }
    }
    let mut exact = 0.0;
    for direction in &range {
        site.product(Matrix::Hessian, direction, &mut image)?;
        exact += dot(direction, &image);
    }
    let mut rest = Vec::new();
    for _ in 0..third {
        let mut probe = signs(&mut stream, site.size());
        project_out(&mut probe, &range);
        site.product(Matrix::Hessian, &probe, &mut image)?;
        rest.push(dot(&probe, &image));
    }
    // The range may be all there is: then nothing is left to estimate.
    let rest =
        if range.len() == site.size() { Estimate { value: 0.0, uncertainty: 0.0 } } else { mean(&rest) };
    Ok(Estimate { value: exact + rest.value, ..rest })
}

fn signs(stream: &mut Stream, size: usize) -> Vec<f64> {
    (0..size).map(|_| stream.sign()).collect()
}

/// Twice, as once loses digits where little is left.
fn project_out(vector: &mut [f64], basis: &[Vec<f64>]) {
    for _ in 0..2 {
        for direction in basis {
            let along = dot(direction, vector);
            add_scaled(vector, -along, direction);
        }
    }
}

/// Makes `vector` orthogonal to `basis` and as long as 1; `false` where nothing but rounding is left of it.
fn orthonormalise(vector: &mut [f64], basis: &[Vec<f64>]) -> bool {
    let before = norm(vector);
    project_out(vector, basis);
    let length = norm(vector);
    rescale(vector, 1.0 / length);
    length > 1e-12 * before
}
