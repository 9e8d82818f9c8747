//! The landscape along lines and over planes.

use super::curvature::largest;
use super::details::{Slice, Spectrum};
use super::site::Site;
use super::vector::{add_scaled, norm};
use crate::base::rng::Stream;
use crate::science::dense::Network;
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// A Gaussian direction in which every filter (the weights into one unit) is as long as that of `weights`; biases are
/// left alone (Li et al. 2018, §4). Once each, and a filter of zeros stays one.
pub fn filter_normalised(network: &Network, weights: &[f64], stream: &mut Stream) -> Vec<f64> {
    let mut direction = vec![0.0; weights.len()];
    for layer in network.layers() {
        let place = layer.weight.clone();
        direction[place.clone()].fill_with(|| stream.normal());
        let filters = direction[place.clone()].chunks_mut(layer.inputs);
        for (drawn, own) in filters.zip(weights[place].chunks(layer.inputs)) {
            let (is, wanted) = (norm(drawn), norm(own));
            for d in drawn {
                *d *= wanted / is;
            }
        }
    }
    direction
}

/// `points` places from `low` to `high`, both among them.
pub fn places(points: usize, low: f64, high: f64) -> impl Iterator<Item = f64> + Clone {
    let last = points.max(2) - 1;
    (0..=last).map(move |at| if at == last { high } else { low + (high - low) * at as f64 / last as f64 })
}

/// Losses along filter-normalised Gaussian directions.
pub fn lines(site: &mut Site<'_, '_>, name: &str, settings: &MeasureSettings) -> Result<Slice, Interrupted> {
    let span = settings.get(Setting::Span);
    let mut stream = site.stream("slice");
    let mut slice = Slice::of(name, "random", site.rows.n());
    for part in 0..settings.count(Setting::Directions) {
        let direction = filter_normalised(site.network, site.weights, &mut stream);
        for x in places(settings.count(Setting::Points), -span, span) {
            let mut moved = site.weights.to_vec();
            add_scaled(&mut moved, x, &direction);
            slice.push(part, [x, 0.0], site.fit_at(&moved)?);
        }
    }
    Ok(slice)
}

/// Losses over the squares that pairs of such directions span, row by row.
pub fn planes(site: &mut Site<'_, '_>, name: &str, settings: &MeasureSettings) -> Result<Slice, Interrupted> {
    let (span, points) = (settings.get(Setting::Span), settings.count(Setting::Points));
    let mut stream = site.stream("plane");
    let mut slice = Slice::of(name, "random", site.rows.n());
    for part in 0..settings.count(Setting::Directions) {
        let [d, e] = [(); 2].map(|()| filter_normalised(site.network, site.weights, &mut stream));
        for y in places(points, -span, span) {
            for x in places(points, -span, span) {
                let mut moved = site.weights.to_vec();
                add_scaled(&mut moved, x, &d);
                add_scaled(&mut moved, y, &e);
                slice.push(part, [x, y], site.fit_at(&moved)?);
            }
        }
    }
    Ok(slice)
}

/// Losses on the straight way `from` → `to` at evenly spaced places, both ends among them.
pub fn way(
    site: &mut Site<'_, '_>,
    from: &[f64],
    to: &[f64],
    points: usize,
    slice: &mut Slice,
    part: usize,
) -> Result<(), Interrupted> {
    for x in places(points, 0.0, 1.0) {
        let between: Vec<f64> = from.iter().zip(to).map(|(a, b)| (1.0 - x) * a + x * b).collect();
        slice.push(part, [x, 0.0], site.fit_at(&between)?);
    }
    Ok(())
}

/// Largest rise above the chord, max over x of L(x) − ((1−x) L(0) + x L(1)): at the ends it is 0, so it never is less.
pub fn barrier(x: &[f64], loss: &[f64]) -> f64 {
    let (Some(first), Some(last)) = (loss.first(), loss.last()) else { return f64::NAN };
    if loss.iter().any(|loss| loss.is_nan()) {
        return f64::NAN;
    }
    x.iter().zip(loss).map(|(x, loss)| loss - ((1.0 - x) * first + x * last)).fold(0.0, f64::max)
}

/// The way from the initial weights, and its barrier.
pub fn from_init(
    site: &mut Site<'_, '_>,
    name: &str,
    settings: &MeasureSettings,
) -> Result<(Slice, f64), Interrupted> {
    let mut slice = Slice::of(name, "line", site.rows.n());
    let (from, to) = (site.context.initial, site.weights);
    way(site, from, to, settings.count(Setting::Points), &mut slice, 0)?;
    let barrier = barrier(&slice.x, &slice.loss);
    Ok((slice, barrier))
}

/// Doublings before a basin counts as without end, and bisections of where it ends.
const DOUBLINGS: usize = 30;
const BISECTIONS: usize = 30;

/// How far the loss stays below its rise along the top eigenvectors, half of both sides together; with the eigenvalues.
pub fn basins(
    site: &mut Site<'_, '_>,
    name: &str,
    settings: &MeasureSettings,
) -> Result<(Spectrum, f64), Interrupted> {
    let rise = settings.get(Setting::Rise);
    let mut spectrum = Spectrum::of(name, site.rows.n());
    for pair in largest(site, settings)? {
        // Where the quadratic would end; 1 along what is not curved.
        let guess = if pair.value > 0.0 { (2.0 * rise / pair.value).sqrt() } else { 1.0 };
        let mut sides = [0.0; 2];
        for (side, sign) in sides.iter_mut().zip([1.0, -1.0]) {
            *side = side_of(site, &pair.vector, sign, rise, guess)?;
        }
        spectrum.push(0, pair.value, 0.5 * (sides[0] + sides[1]), pair.residual);
    }
    let width = spectrum.weight.first().copied().unwrap_or(f64::NAN);
    Ok((spectrum, width))
}

/// The first place at which the loss has risen by `rise`, between a place that is low and one that is not; ∞ where none
/// of these is.
fn side_of(
    site: &mut Site<'_, '_>,
    vector: &[f64],
    sign: f64,
    rise: f64,
    guess: f64,
) -> Result<f64, Interrupted> {
    let top = site.loss() + rise;
    let is_low = |site: &mut Site<'_, '_>, distance: f64| {
        let mut moved = site.weights.to_vec();
        add_scaled(&mut moved, sign * distance, vector);
        Ok(site.loss_at(&moved)? < top)
    };
    let (mut low, mut high) = (0.0, guess / 8.0);
    for _ in 0..DOUBLINGS {
        if !is_low(site, high)? {
            break;
        }
        (low, high) = (high, 1.5 * high);
    }
    if is_low(site, high)? {
        return Ok(f64::INFINITY);
    }
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if is_low(site, middle)? { low = middle } else { high = middle }
    }
    Ok(0.5 * (low + high))
}
