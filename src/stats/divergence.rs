//! Binary relative entropy and its inverse, by which a bound on a divergence becomes one on an error rate.

/// Halvings of [0, 1] until nothing is left between two neighbouring numbers.
const HALVINGS: usize = 100;

/// Binary relative entropy kl(q‖p) in nats.
fn kl(q: f64, p: f64) -> f64 {
    let term = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a * (a / b).ln() };
    term(q, p) + term(1.0 - q, 1.0 - p)
}

/// The largest p with kl(q‖p) ≤ c. NaN where q is no rate or c is negative: no p does it.
pub fn kl_inverse(q: f64, c: f64) -> f64 {
    if !(0.0..=1.0).contains(&q) || c.is_nan() || c < 0.0 {
        return f64::NAN;
    }
    let (mut low, mut high) = (q, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if kl(q, middle) > c { high = middle } else { low = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for (q, c, expected) in [
            (0.0, 0.1, 0.095_163),
            (0.1, 0.05, 0.220_079),
            (0.028, 0.094, 0.160_952),
            (0.02, 0.02, 0.061_586),
            (0.3, 0.2, 0.612_633),
            (0.3, 0.0, 0.3),
            (1.0, 0.5, 1.0),
            (0.3, f64::INFINITY, 1.0),
        ] {
            let found = kl_inverse(q, c);
            assert!((found - expected).abs() < 1e-6, "kl⁻¹({q}, {c}) = {found}, not {expected}");
        }
    }

    #[test]
    fn what_is_no_rate_has_no_inverse() {
        for (q, c) in [(-0.1, 0.1), (1.1, 0.1), (f64::NAN, 0.1), (0.1, f64::NAN), (0.1, -0.1)] {
            assert!(kl_inverse(q, c).is_nan(), "kl⁻¹({q}, {c})");
        }
    }
}
