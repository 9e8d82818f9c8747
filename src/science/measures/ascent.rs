//! The worst perturbation within a ball, an ellipsoid or a box, looked for by ascent from several starts. What is found
//! is a lower bound of the maximum, and never below the first step's.

use super::site::Site;
use super::vector::{norm, rescale};
use crate::base::rng::Stream;
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// The set that a perturbation stays in.
pub enum Region {
    /// ‖T⁻¹e‖ ≤ ρ, T diagonal.
    Ellipsoid {
        /// ρ.
        rho: f64,
        /// The diagonal of T.
        scale: Vec<f64>,
    },
    /// |eᵢ| ≤ half the side i.
    Box(Vec<f64>),
}

impl Region {
    /// The point of the set that is farthest along `g`.
    fn farthest(&self, g: &[f64]) -> Vec<f64> {
        match self {
            Self::Ellipsoid { rho, scale } => {
                let mut e: Vec<f64> = g.iter().zip(scale).map(|(g, t)| g * t).collect();
                let length = norm(&e);
                rescale(&mut e, if length > 0.0 { rho / length } else { 0.0 });
                e.iter_mut().zip(scale).for_each(|(e, t)| *e *= t);
                e
            }
            Self::Box(sides) => {
                let sign = |g: f64| if g == 0.0 { 0.0 } else { g.signum() };
                g.iter().zip(sides).map(|(g, side)| sign(*g) * side).collect()
            }
        }
    }

    /// A point at its edge, at random.
    fn random(&self, stream: &mut Stream, size: usize) -> Vec<f64> {
        let g: Vec<f64> = (0..size).map(|_| stream.normal()).collect();
        self.farthest(&g)
    }
}

/// Shares of the way to the farthest point that a step tries, the largest first: both sets are convex, so every point of
/// the way is in the set.
const SHARES: [f64; 3] = [1.0, 0.5, 0.25];

/// The highest rise found: conditional-gradient steps, each to the first point that is higher than where it starts, until
/// none is or the steps are used up. The first start is w itself, so that its first step is that of SAM.
pub fn highest(
    site: &mut Site<'_, '_>,
    region: &Region,
    settings: &MeasureSettings,
) -> Result<f64, Interrupted> {
    let (mut stream, here) = (site.stream("ascent"), site.loss());
    let mut best = 0.0_f64;
    for start in 0..settings.count(Setting::Starts) {
        let mut e = vec![0.0; site.size()];
        let (mut height, mut gradient) = (here, site.gradient().to_vec());
        if start > 0 {
            e = region.random(&mut stream, site.size());
            height = site.gradient_at(&moved(site.weights, &e), &mut gradient)?;
        }
        let mut left = settings.count(Setting::Steps);
        while left > 0
            && let Some(higher) = climb(site, region, &mut e, height, &gradient, &mut left)?
        {
            height = higher;
            site.gradient_at(&moved(site.weights, &e), &mut gradient)?;
        }
        best = best.max(height - here);
    }
    Ok(best)
}

/// Moves `e` to a higher point of the region, and tells how high it is; `None` if none is found.
fn climb(
    site: &mut Site<'_, '_>,
    region: &Region,
    e: &mut Vec<f64>,
    height: f64,
    gradient: &[f64],
    left: &mut usize,
) -> Result<Option<f64>, Interrupted> {
    let goal = region.farthest(gradient);
    for share in SHARES {
        if *left == 0 {
            break;
        }
        *left -= 1;
        let next: Vec<f64> = e.iter().zip(&goal).map(|(e, goal)| e + share * (goal - e)).collect();
        let loss = site.loss_at(&moved(site.weights, &next))?;
        if loss > height {
            *e = next;
            return Ok(Some(loss));
        }
    }
    Ok(None)
}

fn moved(weights: &[f64], e: &[f64]) -> Vec<f64> {
    weights.iter().zip(e).map(|(w, e)| w + e).collect()
}

/// Keskar's φ: 100 · rise / (1 + L) over the box |zᵢ| ≤ ε (|wᵢ| + 1).
pub fn keskar(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<f64, Interrupted> {
    let epsilon = settings.get(Setting::Epsilon);
    let sides = site.weights.iter().map(|w| epsilon * (w.abs() + 1.0)).collect();
    let rise = highest(site, &Region::Box(sides), settings)?;
    Ok(100.0 * rise / (1.0 + site.loss()))
}
