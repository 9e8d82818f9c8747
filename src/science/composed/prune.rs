//! Which weights pruning leaves: in each layer the largest, or as many at random. Biases and gains stay, and of the last
//! layer half as much goes (Frankle & Carbin 2019, §2).

use crate::base::rng::Stream;
use crate::science::dense::Network;

/// The mask that leaves the weights of a network which are not zero but for the smallest `fraction` of each layer's.
pub fn largest(network: &Network, weights: &[f32], fraction: f64) -> Vec<f32> {
    let mut mask = vec![1.0; network.parameters()];
    let last = network.layers().len().saturating_sub(1);
    for (index, layer) in network.layers().iter().enumerate() {
        let place = layer.weight.clone();
        let mut left: Vec<usize> = place.clone().filter(|&weight| weights[weight] != 0.0).collect();
        // Of equal ones the first go: the order is told by the numbers alone.
        left.sort_by(|&a, &b| weights[a].abs().total_cmp(&weights[b].abs()).then(a.cmp(&b)));
        mask[place].fill(0.0);
        for weight in &left[taken(left.len(), fraction, index == last)..] {
            mask[*weight] = 1.0;
        }
    }
    mask
}

/// A mask that leaves as many weights of each layer as so many rounds of pruning do, drawn at random.
pub fn random(network: &Network, fraction: f64, rounds: u64, stream: &mut Stream) -> Vec<f32> {
    let mut mask = vec![1.0; network.parameters()];
    let last = network.layers().len().saturating_sub(1);
    for (index, layer) in network.layers().iter().enumerate() {
        let size = layer.weight.len();
        let left = (0..rounds).fold(size, |left, _| left - taken(left, fraction, index == last));
        mask[layer.weight.clone()].fill(0.0);
        for place in stream.choose(size, left) {
            mask[layer.weight.start + place] = 1.0;
        }
    }
    mask
}

/// How many of so many weights go; one stays in any case.
fn taken(left: usize, fraction: f64, is_last: bool) -> usize {
    let fraction = if is_last { fraction / 2.0 } else { fraction };
    ((fraction * left as f64).round() as usize).min(left.saturating_sub(1))
}
