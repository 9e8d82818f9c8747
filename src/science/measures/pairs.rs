//! Two runs: the ways between their weights, and the units of one put into the order of the other.

use super::details::Slice;
use super::site::Site;
use super::slices::{barrier, places, way};
use crate::science::dense::Network;
use crate::science::pulse::Interrupted;
use crate::spec::{Activation, Quantity};

/// Steps towards the curve, and the length of the first of them as a share of the distance of its ends per weight.
const STEPS: usize = 200;
const LENGTH: f64 = 0.02;
/// Times that all layers are gone through at most until their order stands.
const ROUNDS: usize = 100;

/// Losses from here to `to`, way by way: straight (`line`), straight to its aligned copy (`aligned`), and, if `curved`,
/// along a quadratic Bézier curve to where it is (`curve`); each with its barrier.
pub fn between(
    site: &mut Site<'_, '_>,
    to: &[f64],
    points: usize,
    curved: bool,
) -> Result<Vec<(Slice, f64)>, Interrupted> {
    let (name, n, from) = (Quantity::Barrier.name(), site.rows.n(), site.weights);
    // Between kernels and normalised units there is no order that could be looked for here.
    let aligned = site.network.wiring().is_none().then(|| aligned(site.network, from, to));
    let mut slices = Vec::new();
    for (path, to) in [("line", to)].into_iter().chain(aligned.as_deref().map(|to| ("aligned", to))) {
        let mut slice = Slice::of(name, path, n);
        way(site, from, to, points, &mut slice, 0)?;
        slices.push(slice);
    }
    if curved {
        let bend = bend(site, to)?;
        let mut slice = Slice::of(name, "curve", n);
        for x in places(points, 0.0, 1.0) {
            slice.push(0, [x, 0.0], site.fit_at(&on_curve(from, &bend, to, x))?);
        }
        slices.push(slice);
    }
    Ok(slices
        .into_iter()
        .map(|slice| {
            let height = barrier(&slice.x, &slice.loss);
            (slice, height)
        })
        .collect())
}

/// (1−t)² a + 2t(1−t) c + t² b.
fn on_curve(a: &[f64], c: &[f64], b: &[f64], t: f64) -> Vec<f64> {
    let [first, middle, last] = [(1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t];
    a.iter().zip(c).zip(b).map(|((a, c), b)| first * a + middle * c + last * b).collect()
}

/// The middle of the curve of lowest mean loss that was found (Garipov et al. 2018): Adam from the middle of the straight
/// way, at places drawn from the stream `curve`, with steps that shrink to nothing.
fn bend(site: &mut Site<'_, '_>, to: &[f64]) -> Result<Vec<f64>, Interrupted> {
    let (from, mut stream) = (site.weights, site.stream("curve"));
    let mut c: Vec<f64> = from.iter().zip(to).map(|(a, b)| 0.5 * (a + b)).collect();
    let distance: f64 = from.iter().zip(to).map(|(a, b)| (a - b) * (a - b)).sum();
    let length = LENGTH * (distance / from.len() as f64).sqrt();
    let mut gradient = vec![0.0; c.len()];
    let (mut first, mut second) = (vec![0.0; c.len()], vec![0.0; c.len()]);
    for step in 0..STEPS {
        let t = stream.uniform();
        site.gradient_at(&on_curve(from, &c, to, t), &mut gradient)?;
        let size = length * (1.0 - step as f64 / STEPS as f64);
        let [b1, b2] = [0.9_f64, 0.99].map(|decay| 1.0 - decay.powi(step as i32 + 1));
        for (((c, g), m), v) in c.iter_mut().zip(&gradient).zip(&mut first).zip(&mut second) {
            let g = 2.0 * t * (1.0 - t) * g;
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.99 * *v + 0.01 * g * g;
            *c -= size * (*m / b1) / ((*v / b2).sqrt() + 1e-12);
        }
    }
    Ok(c)
}

/// `weights` with their hidden units in the order of those of `model`, and with their signs where the activation is odd:
/// the same function. Layer after layer the order that brings the weights into and out of its units closest, in turn until
/// none changes (Ainsworth et al. 2023, §3.2). With one hidden layer that is the best there is.
pub fn aligned(network: &Network, model: &[f64], weights: &[f64]) -> Vec<f64> {
    let odd = matches!(network.activation(), Activation::Tanh | Activation::Linear);
    let mut out = weights.to_vec();
    for _ in 0..ROUNDS {
        let mut changed = false;
        for hidden in 0..network.layers().len().saturating_sub(1) {
            let likeness = likeness(network, hidden, model, &out);
            let size = network.layers()[hidden].outputs;
            let worth = |entry: &f64| if odd { entry.abs() } else { *entry };
            let order = assignment(&likeness.iter().map(worth).collect::<Vec<_>>(), size);
            let sign =
                |unit: usize| if odd && likeness[unit * size + order[unit]] < 0.0 { -1.0 } else { 1.0 };
            let signs: Vec<f64> = (0..size).map(sign).collect();
            changed |= order.iter().enumerate().any(|(to, from)| to != *from) || signs.contains(&-1.0);
            out = reordered(network, hidden, &out, &order, &signs);
        }
        if !changed {
            break;
        }
    }
    out
}

/// ⟨weights into and out of unit i of `model`, those of unit j of `weights`⟩, i × j, for one hidden layer.
fn likeness(network: &Network, hidden: usize, model: &[f64], weights: &[f64]) -> Vec<f64> {
    let (layer, next) = (&network.layers()[hidden], &network.layers()[hidden + 1]);
    let size = layer.outputs;
    let vector = |w: &[f64], unit: usize| -> Vec<f64> {
        let into = &w[layer.weight.start + unit * layer.inputs..][..layer.inputs];
        let bias = w[layer.bias.clone()].get(unit);
        let out = (0..next.outputs).map(|output| &w[next.weight.start + output * next.inputs + unit]);
        into.iter().chain(bias).chain(out).copied().collect()
    };
    let of = |w: &[f64]| (0..size).map(|unit| vector(w, unit)).collect::<Vec<_>>();
    let (model, weights) = (of(model), of(weights));
    let pairs = model.iter().flat_map(|a| weights.iter().map(move |b| super::vector::dot(a, b)));
    pairs.collect()
}

/// The same function with unit `order[i]` of a hidden layer in place i, times `signs[i]`.
fn reordered(network: &Network, hidden: usize, weights: &[f64], order: &[usize], signs: &[f64]) -> Vec<f64> {
    let (layer, next) = (&network.layers()[hidden], &network.layers()[hidden + 1]);
    let mut out = weights.to_vec();
    for (to, (&from, sign)) in order.iter().zip(signs).enumerate() {
        for input in 0..layer.inputs {
            out[layer.weight.start + to * layer.inputs + input] =
                sign * weights[layer.weight.start + from * layer.inputs + input];
        }
        if !layer.bias.is_empty() {
            out[layer.bias.start + to] = sign * weights[layer.bias.start + from];
        }
        for output in 0..next.outputs {
            out[next.weight.start + output * next.inputs + to] =
                sign * weights[next.weight.start + output * next.inputs + from];
        }
    }
    out
}

#[allow(clippy::needless_range_loop, reason = "columns are those of several arrays at once")]
/// For every row of a square matrix the column of an assignment with the largest sum: shortest augmenting paths with
/// potentials (Kuhn 1955; Jonker & Volgenant 1987), n³.
fn assignment(worth: &[f64], n: usize) -> Vec<usize> {
    // Row and column n stand for nothing: an augmenting path begins there.
    let cost = |row: usize, column: usize| -worth[row * n + column];
    let (mut row_potential, mut column_potential) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let mut row_of = vec![n; n + 1];
    for row in 0..n {
        row_of[n] = row;
        let (mut slack, mut before) = (vec![f64::INFINITY; n], vec![n; n]);
        let mut visited = vec![false; n + 1];
        let mut column = n;
        while row_of[column] != n {
            visited[column] = true;
            let here = row_of[column];
            let (mut least, mut next) = (f64::INFINITY, n);
            for other in (0..n).filter(|&other| !visited[other]) {
                let reduced = cost(here, other) - row_potential[here] - column_potential[other];
                if reduced < slack[other] {
                    (slack[other], before[other]) = (reduced, column);
                }
                if slack[other] < least {
                    (least, next) = (slack[other], other);
                }
            }
            if next == n {
                // Numbers that are not finite have no best order.
                return (0..n).collect();
            }
            for other in 0..=n {
                if visited[other] {
                    row_potential[row_of[other]] += least;
                    column_potential[other] -= least;
                } else if other < n {
                    slack[other] -= least;
                }
            }
            column = next;
        }
        while column != n {
            let back = before[column];
            row_of[column] = row_of[back];
            column = back;
        }
    }
    let mut column_of = vec![0; n];
    for (column, &row) in row_of[..n].iter().enumerate() {
        column_of[row] = column;
    }
    column_of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::rng::Stream;
    use crate::science::dense::{Batch, Examples};
    use crate::science::fixtures::{HE, linear, measured, mlp};
    use crate::spec::Loss;

    fn draw(seed: u64, n: usize) -> Vec<f64> {
        let mut stream = Stream::new(seed, "test");
        (0..n).map(|_| stream.normal()).collect()
    }

    /// Of the product model between its minima of opposite sign: the barrier is 0.18, and none is left of it after
    /// alignment or along a curve.
    #[test]
    fn what_is_the_same_function_has_no_barrier_once_it_is_aligned() {
        let model = linear(&[1], HE);
        let network = Network::new(&model, 1, 1, Loss::Squared).unwrap();
        let examples = Examples::new(&network, Batch { x: &[1.0], y: &[0.6], n: 1 });
        let root = 0.6_f64.sqrt();
        let (w, other) = ([root, root], [-root, -root]);
        let found = measured(&network, &w, examples.rows(), 0, |site| between(site, &other, 25, true));
        let [(line, height), (aligned, none), (curve, low)] = &found[..] else { panic!("{found:?}") };
        assert!((height - 0.18).abs() < 1e-12 && line.path == "line");
        assert!(*none < 1e-12 && aligned.path == "aligned");
        assert!(*low < 0.18 && curve.path == "curve" && curve.loss[0] < 1e-12 && curve.loss[24] < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn an_assignment_is_the_best_of_all_orders(seed in 0_u64..10_000) {
            let n = 5;
            let worth = draw(seed, n * n);
            let sum = |order: &[usize]| order.iter().enumerate().map(|(row, column)| worth[row * n + column]).sum::<f64>();
            let found = assignment(&worth, n);
            let mut orders = vec![vec![]];
            for _ in 0..n {
                orders = orders
                    .into_iter()
                    .flat_map(|order: Vec<usize>| {
                        let rest: Vec<usize> = (0..n).filter(|column| !order.contains(column)).collect();
                        rest.into_iter().map(move |column| [order.clone(), vec![column]].concat())
                    })
                    .collect();
            }
            let best = orders.iter().map(|order| sum(order)).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((sum(&found) - best).abs() < 1e-12, "{found:?}");
        }

        #[test]
        fn a_shuffled_layer_finds_its_order_again(seed in 0_u64..1000) {
            for (activation, sign) in [(Activation::Tanh, -1.0), (Activation::Relu, 1.0)] {
                let network = Network::new(&mlp(&[6], activation, HE), 4, 3, Loss::Squared).unwrap();
                let w = draw(seed, network.parameters());
                let shuffled = reordered(&network, 0, &w, &[3, 1, 5, 0, 2, 4], &[1.0, sign, 1.0, sign, 1.0, 1.0]);
                prop_assert_eq!(&aligned(&network, &w, &shuffled), &w);
            }
        }

        #[test]
        fn deeper_networks_stay_the_same_function_and_come_closer(seed in 0_u64..1000) {
            for (activation, sign) in [(Activation::Tanh, -1.0), (Activation::Gelu, 1.0)] {
                let network = Network::new(&mlp(&[6, 5], activation, HE), 4, 3, Loss::Squared).unwrap();
                let w = draw(seed, network.parameters());
                let mut other = reordered(&network, 0, &w, &[3, 1, 5, 0, 2, 4], &[1.0, sign, 1.0, sign, 1.0, 1.0]);
                other = reordered(&network, 1, &other, &[4, 2, 0, 1, 3], &[sign, 1.0, 1.0, 1.0, sign]);
                let found = aligned(&network, &w, &other);
                let (x, y) = (draw(seed + 1, 4 * 9), draw(seed + 2, 3 * 9));
                let loss = |w: &[f64]| network.loss(w, Batch { x: &x, y: &y, n: 9 });
                prop_assert!((loss(&other) - loss(&found)).abs() < 1e-9 * loss(&w).max(1e-9));
                let distance = |a: &[f64]| a.iter().zip(&w).map(|(a, w)| (a - w) * (a - w)).sum::<f64>();
                prop_assert!(distance(&found) <= distance(&other) + 1e-9);
            }
        }
    }
}
