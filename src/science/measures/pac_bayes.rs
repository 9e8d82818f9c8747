//! PAC-Bayes: how much noise the weights bear, and what that proves of the test error.
//!
//! The posterior is N(w, σ²), the prior N(w₀, σ²) around the initial weights, so KL = ‖w − w₀‖² / 2σ². σ is a standard
//! deviation everywhere.

use super::site::Site;
use super::vector::add_scaled;
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};
use crate::stats::kl_inverse;

/// Where the noise of all of them is drawn from.
const STREAM: &str = "pac-bayes";

/// Doublings before σ counts as unbounded, and halvings before it counts as 0.
const DOUBLINGS: usize = 40;

/// The σ of the grid that bounds choose from: 2⁻¹⁰ … 2^1.5 by factors of √2.
pub const GRID: usize = 24;

/// Those σ.
pub fn sigmas() -> impl Iterator<Item = f64> {
    (0..GRID).map(|step| 2.0_f64.powf(step as f64 / 2.0 - 10.0))
}

/// ‖w − w₀‖².
pub fn square_distance(site: &Site<'_, '_>) -> f64 {
    let moved = site.weights.iter().zip(site.context.initial).map(|(w, w0)| (w - w0) * (w - w0));
    moved.sum()
}

/// (KL + ln(2√m/δ)) / m (Maurer 2004).
fn budget(divergence: f64, m: f64, delta: f64) -> f64 {
    (divergence + (2.0 * m.sqrt() / delta).ln()) / m
}

/// `McAllester`'s bound on m examples: ê + √((KL + ln(2√m/δ)) / 2m).
pub fn mcallester(error: f64, divergence: f64, m: f64, delta: f64) -> f64 {
    error + (budget(divergence, m, delta) / 2.0).sqrt()
}

/// The tighter one, of which it is the quadratic weakening: kl⁻¹(ê, (KL + ln(2√m/δ)) / m).
pub fn by_kl(error: f64, divergence: f64, m: f64, delta: f64) -> f64 {
    kl_inverse(error, budget(divergence, m, delta))
}

/// Mean training error under noise of standard deviation σ, over the same Gaussian vectors for every σ.
fn noisy_error(site: &mut Site<'_, '_>, noise: &[Vec<f64>], sigma: f64) -> Result<f64, Interrupted> {
    let mut sum = 0.0;
    for z in noise {
        let mut moved = site.weights.to_vec();
        add_scaled(&mut moved, sigma, z);
        sum += site.fit_at(&moved)?.1;
    }
    Ok(sum / noise.len() as f64)
}

/// So many Gaussian vectors as long as the weights, from a stream of that name.
pub fn noise(site: &Site<'_, '_>, name: &str, probes: usize) -> Vec<Vec<f64>> {
    let mut stream = site.stream(name);
    (0..probes).map(|_| (0..site.size()).map(|_| stream.normal()).collect()).collect()
}

/// The largest σ at which the mean error rises by at most `drop` (Jiang et al. 2020): doubled or halved until it lies
/// between two, then bisected. NaN without classes, ∞ where no noise matters.
pub fn sigma(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<f64, Interrupted> {
    if site.context.labels.is_empty() {
        return Ok(f64::NAN);
    }
    let (drop, tolerance) = (settings.get(Setting::Drop), settings.get(Setting::Tolerance));
    let noise = noise(site, STREAM, settings.count(Setting::Probes));
    let here = site.fit_at(site.weights)?.1;
    let bears = |site: &mut Site<'_, '_>, sigma| Ok(noisy_error(site, &noise, sigma)? - here <= drop);
    let (mut low, mut high) = (0.0, 0.1);
    for _ in 0..DOUBLINGS {
        if !bears(site, high)? {
            break;
        }
        (low, high) = (high, 2.0 * high);
    }
    if low > 1e9 {
        return Ok(f64::INFINITY);
    }
    for _ in 0..DOUBLINGS {
        if high - low <= tolerance * high {
            break;
        }
        let middle = if low == 0.0 { high / 2.0 } else { 0.5 * (low + high) };
        if bears(site, middle)? { low = middle } else { high = middle }
    }
    Ok(low)
}

/// The least that `bound(ê, KL, n, δ)` comes to on the grid. Half of δ pays for the estimate of ê (Langford & Caruana
/// 2001), the other half, shared by the grid, for the bound: so it holds although σ is chosen after the fact. NaN without
/// classes.
pub fn bound(
    site: &mut Site<'_, '_>,
    settings: &MeasureSettings,
    bound: fn(f64, f64, f64, f64) -> f64,
) -> Result<f64, Interrupted> {
    if site.context.labels.is_empty() {
        return Ok(f64::NAN);
    }
    let (n, delta) = (site.rows.n() as f64, settings.get(Setting::Delta));
    let probes = settings.count(Setting::Probes);
    let share = delta / 2.0 / GRID as f64;
    let (distance, noise) = (square_distance(site), noise(site, STREAM, probes));
    let mut best = f64::INFINITY;
    for sigma in sigmas() {
        let sampled = noisy_error(site, &noise, sigma)?;
        let error = kl_inverse(sampled, (2.0 / share).ln() / probes as f64);
        best = best.min(bound(error, distance / (2.0 * sigma * sigma), n, share));
    }
    // A bound above 1 says nothing, and is told as it comes.
    Ok(best)
}
