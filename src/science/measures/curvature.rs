//! Largest eigenvalue and trace of the Hessian of the full-batch training loss, in f64.

use super::lanczos::Lanczos;
use super::vector::{add_scaled, dot, norm};
use crate::base::rng::Stream;
use crate::science::dense::Curvature;
use crate::science::pulse::{Interrupted, Pulse};
use crate::spec::MeasureSettings;

/// An estimate and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// λmax: relative residual ‖Hv − λv‖ / |λ|. Trace: standard error, NaN from a single probe.
    pub uncertainty: f64,
    /// Hessian-vector products it took.
    pub products: usize,
}

/// Something that multiplies by a Hessian and tells the observer that it works.
pub struct Products<'a, 'b, 'c> {
    /// The Hessian.
    pub curvature: &'a mut Curvature<'b, f64>,
    /// The observer.
    pub pulse: &'a mut Pulse<'c>,
    /// Multiply-adds of one product.
    pub cost: f64,
}

impl Products<'_, '_, '_> {
    fn multiply(&mut self, v: &[f64], out: &mut [f64]) -> Result<(), Interrupted> {
        self.curvature.hessian_vector(v, out);
        self.pulse.worked(self.cost)
    }
}

/// The largest algebraic eigenvalue: Lanczos from a Gaussian start drawn from the stream `lanczos` of `seed`, until
/// the relative residual is within the tolerance or the steps are used up. The residual reported is computed from
/// the vector itself, by one more product.
pub fn lambda_max(
    products: &mut Products<'_, '_, '_>,
    seed: u64,
    settings: &MeasureSettings,
) -> Result<Estimate, Interrupted> {
    let mut stream = Stream::new(seed, "lanczos");
    let size = products.curvature.gradient().len();
    let mut lanczos = Lanczos::new((0..size).map(|_| stream.normal()).collect());
    while lanczos.alphas.len() < settings.steps.max(1) && !lanczos.exhausted() {
        lanczos.extend(|v, out| products.multiply(v, out))?;
        let top = lanczos.top();
        if top.residual <= settings.tolerance * top.value.abs() {
            break;
        }
    }
    let (value, vector) = (lanczos.top().value, lanczos.top_vector());
    let mut image = vec![0.0; size];
    products.multiply(&vector, &mut image)?;
    add_scaled(&mut image, -value, &vector);
    let residual = norm(&image);
    let uncertainty = if residual == 0.0 { 0.0 } else { residual / value.abs() };
    Ok(Estimate { value, uncertainty, products: lanczos.alphas.len() + 1 })
}

/// Hutchinson's estimate of the trace, the mean of zᵀHz over Rademacher probes from the stream `probes` of `seed`.
/// The same probes at every point of a run: its curve shows the change of the trace and not of the probes.
pub fn trace(
    products: &mut Products<'_, '_, '_>,
    seed: u64,
    settings: &MeasureSettings,
) -> Result<Estimate, Interrupted> {
    let mut stream = Stream::new(seed, "probes");
    let size = products.curvature.gradient().len();
    let (mut probe, mut image) = (vec![0.0; size], vec![0.0; size]);
    let mut samples = Vec::new();
    for _ in 0..settings.probes.max(1) {
        probe.fill_with(|| stream.sign());
        products.multiply(&probe, &mut image)?;
        samples.push(dot(&probe, &image));
    }
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok(Estimate { value: mean, uncertainty: (variance / n).sqrt(), products: samples.len() })
}
