//! Sharpness by perturbation: how much the loss rises nearby, after one step or on average.

use super::FORWARD;
use super::curvature::Estimate;
use super::site::Site;
use super::trace;
use super::vector::{add_scaled, norm};
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// L(w + ρ g/‖g‖) − L(w) on the full training batch, the one-step inner maximum of SAM (Foret et al. 2021, eq. 2);
/// 0 where the gradient is.
pub fn sam(site: &mut Site<'_, '_>, rho: f64) -> Result<f64, Interrupted> {
    let mut moved = site.weights.to_vec();
    let length = norm(site.gradient());
    if length > 0.0 {
        add_scaled(&mut moved, rho / length, site.gradient());
    }
    Ok(site.loss_at(&moved)? - site.loss())
}

/// L(w + ρ T²g/‖Tg‖) − L(w), T = |w| + η (Kwon et al. 2021, eq. 5); 0 where Tg is.
pub fn adaptive(site: &mut Site<'_, '_>, rho: f64, eta: f64) -> Result<f64, Interrupted> {
    let scale = scale(site.weights, eta);
    let turned: Vec<f64> = site.gradient().iter().zip(&scale).map(|(g, t)| g * t).collect();
    let mut moved = site.weights.to_vec();
    let length = norm(&turned);
    if length > 0.0 {
        for ((w, turned), t) in moved.iter_mut().zip(&turned).zip(&scale) {
            *w += rho / length * t * turned;
        }
    }
    Ok(site.loss_at(&moved)? - site.loss())
}

/// T = |w| + η, weight by weight.
pub fn scale(weights: &[f64], eta: f64) -> Vec<f64> {
    weights.iter().map(|w| w.abs() + eta).collect()
}

/// The mean over batches of `batch` examples, in stored order, of their own rise after one step (Foret et al. 2021, §4);
/// the last batch may have fewer, and counts for as many as it has.
pub fn of_batches(site: &mut Site<'_, '_>, batch: usize, rho: f64) -> Result<f64, Interrupted> {
    let (n, mut gradient) = (site.rows.n(), vec![0.0; site.size()]);
    let weights = site.weights;
    let mut sum = 0.0;
    for start in (0..n).step_by(batch.max(1)) {
        let rows = site.rows.slice(start, batch);
        let loss = site.part_gradient_at(weights, rows, &mut gradient);
        let length = norm(&gradient);
        let mut moved = weights.to_vec();
        if length > 0.0 {
            add_scaled(&mut moved, rho / length, &gradient);
        }
        sum += (site.part_loss_at(&moved, rows) - loss) * rows.n() as f64;
        site.spend((1.0 + FORWARD) * rows.n() as f64 / n as f64)?;
    }
    Ok(sum / n as f64)
}

/// E L(w + σz) − L(w) over Gaussian z, in pairs ±z, which leave the first order out. The same z at every point of a run.
pub fn average(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Estimate, Interrupted> {
    let sigma = settings.get(Setting::Sigma);
    let (mut stream, here) = (site.stream("average"), site.loss());
    let mut samples = Vec::new();
    for _ in 0..settings.count(Setting::Probes) {
        let z: Vec<f64> = (0..site.size()).map(|_| stream.normal()).collect();
        let mut pair = 0.0;
        for sign in [1.0, -1.0] {
            let mut moved = site.weights.to_vec();
            add_scaled(&mut moved, sign * sigma, &z);
            pair += 0.5 * (site.loss_at(&moved)? - here);
        }
        samples.push(pair);
    }
    Ok(trace::mean(&samples))
}
