//! Nonlinearities with their first and second derivatives, applied to whole panels together with the bias.
//!
//! Each is written once, as a function from z to (φ(z), φ′(z), φ″(z)); a caller that drops a derivative lets the
//! compiler drop its arithmetic. A number that is not finite must come out as such: a run that diverges is told
//! by its loss, so nothing here may turn NaN into zero. All of them are 0 at 0, so padding stays zero.

use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use super::Real;
use super::elementwise::{keep_where_positive, multiply_into};
use super::panels::{View, ViewMut};
use super::product::Then;
use super::real::vectorized;
use crate::spec::Activation;

/// √(2/π), of the tanh form of GELU (Hendrycks & Gimpel 2016, eq. 2).
const GELU_SCALE: f64 = 0.797_884_560_802_865_4;
/// The cubic coefficient of the same.
const GELU_CUBIC: f64 = 0.044_715;

/// φ, φ′ and φ″ at one point.
type Jet<V> = (V, V, V);

/// A nonlinearity.
trait Phi {
    /// φ, φ′ and φ″ at z.
    fn jet<T: Real, S: Simd>(simd: S, z: T::Lanes<S>) -> Jet<T::Lanes<S>>;
}

struct Relu;
struct Tanh;
struct Gelu;
struct Linear;

impl Phi for Relu {
    #[inline(always)]
    fn jet<T: Real, S: Simd>(simd: S, z: T::Lanes<S>) -> Jet<T::Lanes<S>> {
        let (zero, one) = (T::splat(simd, T::ZERO), T::splat(simd, T::ONE));
        (T::at_least(simd, z, zero), T::if_greater(simd, z, zero, one, zero), zero)
    }
}

impl Phi for Tanh {
    #[inline(always)]
    fn jet<T: Real, S: Simd>(simd: S, z: T::Lanes<S>) -> Jet<T::Lanes<S>> {
        let value = T::tanh(simd, z);
        let slope = T::minus(simd, T::splat(simd, T::ONE), T::times(simd, value, value));
        (value, slope, T::times(simd, T::times(simd, T::splat(simd, T::of(-2.0)), value), slope))
    }
}

impl Phi for Gelu {
    #[inline(always)]
    fn jet<T: Real, S: Simd>(simd: S, z: T::Lanes<S>) -> Jet<T::Lanes<S>> {
        let number = |x: f64| T::splat(simd, T::of(x));
        let mul = |x, y| T::times(simd, x, y);
        let (one, half) = (number(1.0), number(0.5));
        let square = mul(z, z);
        // With t = tanh u and u = scale · (z + cubic · z³): gelu = ½ z (1 + t).
        let inner = T::times_plus(simd, number(GELU_CUBIC), square, one);
        let t = T::tanh(simd, mul(mul(number(GELU_SCALE), z), inner));
        let first = mul(number(GELU_SCALE), T::times_plus(simd, number(3.0 * GELU_CUBIC), square, one));
        let second = mul(number(6.0 * GELU_SCALE * GELU_CUBIC), z);
        let dt = T::minus(simd, one, mul(t, t));
        let half_z = mul(half, z);
        let risen = T::plus(simd, one, t);
        let curve = T::minus(simd, second, mul(T::plus(simd, t, t), mul(first, first)));
        let bend = T::plus(simd, mul(dt, first), mul(mul(half_z, dt), curve));
        (mul(half_z, risen), T::times_plus(simd, mul(half_z, dt), first, mul(half, risen)), bend)
    }
}

impl Phi for Linear {
    #[inline(always)]
    fn jet<T: Real, S: Simd>(simd: S, z: T::Lanes<S>) -> Jet<T::Lanes<S>> {
        (z, T::splat(simd, T::ONE), T::splat(simd, T::ZERO))
    }
}

/// How much of the jet a pass needs, and where it goes: as large as the layer.
pub enum Derivatives<'a, T: Real> {
    /// Values alone: evaluation, and what is piecewise linear, whose value tells its slope.
    None,
    /// φ′ too: a gradient.
    First(ViewMut<'a, T>),
    /// φ′ and φ″: curvature.
    Second(ViewMut<'a, T>, ViewMut<'a, T>),
}

/// Replaces pre-activations `z` by φ(z + bias) and fills the derivatives asked for; `bias` is one line per panel.
#[inline]
pub fn activate<T: Real>(
    activation: Activation,
    z: ViewMut<'_, T>,
    bias: &[T::Line],
    derivatives: Derivatives<'_, T>,
) {
    match activation {
        Activation::Relu => vectorized(Activate::<T, Relu>::new(z, bias, derivatives)),
        Activation::Tanh => vectorized(Activate::<T, Tanh>::new(z, bias, derivatives)),
        Activation::Gelu => vectorized(Activate::<T, Gelu>::new(z, bias, derivatives)),
        Activation::Linear => vectorized(Activate::<T, Linear>::new(z, bias, derivatives)),
    }
}

/// φ, φ′ and φ″ of one number.
pub fn at(activation: Activation, z: f64) -> (f64, f64, f64) {
    let scalar = pulp::Scalar::new();
    match activation {
        Activation::Relu => Relu::jet::<f64, _>(scalar, z),
        Activation::Tanh => Tanh::jet::<f64, _>(scalar, z),
        Activation::Gelu => Gelu::jet::<f64, _>(scalar, z),
        Activation::Linear => Linear::jet::<f64, _>(scalar, z),
    }
}

/// Whether φ″ is zero wherever it exists, and φ′ is told by φ: then nothing but values is kept.
#[inline]
pub fn is_piecewise_linear(activation: Activation) -> bool {
    matches!(activation, Activation::Relu | Activation::Linear)
}

/// φ(z + bias) as part of the product that z is, if all that φ does is to cut off.
#[inline]
pub fn of_product<T: Real>(activation: Activation, bias: &T::Line) -> Option<Then<'_, T>> {
    match activation {
        Activation::Relu => Some(Then::Bias { bias, least: T::ZERO }),
        Activation::Linear => Some(Then::Bias { bias, least: T::LEAST }),
        Activation::Tanh | Activation::Gelu => None,
    }
}

/// [`pull`] as part of the product that is pulled, if the `values` of φ tell its slopes.
#[inline]
pub fn pull_of_product<T: Real>(activation: Activation, values: View<'_, T>) -> Option<Then<'_, T>> {
    match activation {
        Activation::Relu => Some(Then::Mask(values)),
        Activation::Linear => Some(Then::Nothing),
        Activation::Tanh | Activation::Gelu => None,
    }
}

/// Multiplies by φ′: `numbers` is a derivative with respect to φ and becomes one with respect to z. `values` are those of
/// φ, `slopes` those of φ′ where they are kept.
#[inline]
pub fn pull<T: Real>(
    activation: Activation,
    numbers: ViewMut<'_, T>,
    values: View<'_, T>,
    slopes: Option<View<'_, T>>,
) {
    match (activation, slopes) {
        (Activation::Linear, _) => {}
        (_, Some(slopes)) => multiply_into(numbers, slopes),
        (_, None) => keep_where_positive(numbers, values),
    }
}

struct Activate<'a, T: Real, P> {
    z: ViewMut<'a, T>,
    bias: &'a [T::Line],
    derivatives: Derivatives<'a, T>,
    phi: PhantomData<P>,
}

impl<'a, T: Real, P> Activate<'a, T, P> {
    #[inline]
    fn new(z: ViewMut<'a, T>, bias: &'a [T::Line], derivatives: Derivatives<'a, T>) -> Self {
        Self { z, bias, derivatives, phi: PhantomData }
    }
}

impl<T: Real, P: Phi> WithSimd for Activate<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for p in 0..self.z.panels() {
            let bias = T::lanes::<S>(&self.bias[p]);
            let z = self.z.panel_mut(p);
            match &mut self.derivatives {
                Derivatives::None => {
                    for row in 0..z.len() {
                        let z = T::lanes_mut::<S>(&mut z[row]);
                        for v in 0..z.len() {
                            z[v] = P::jet::<T, S>(simd, T::plus(simd, z[v], bias[v])).0;
                        }
                    }
                }
                Derivatives::First(slopes) => {
                    let slopes = &mut slopes.panel_mut(p)[..z.len()];
                    for row in 0..z.len() {
                        let z = T::lanes_mut::<S>(&mut z[row]);
                        let slope = T::lanes_mut::<S>(&mut slopes[row]);
                        for v in 0..z.len() {
                            (z[v], slope[v], _) = P::jet::<T, S>(simd, T::plus(simd, z[v], bias[v]));
                        }
                    }
                }
                Derivatives::Second(slopes, bends) => {
                    let (slopes, bends) =
                        (&mut slopes.panel_mut(p)[..z.len()], &mut bends.panel_mut(p)[..z.len()]);
                    for row in 0..z.len() {
                        let z = T::lanes_mut::<S>(&mut z[row]);
                        let slope = T::lanes_mut::<S>(&mut slopes[row]);
                        let bend = T::lanes_mut::<S>(&mut bends[row]);
                        for v in 0..z.len() {
                            (z[v], slope[v], bend[v]) = P::jet::<T, S>(simd, T::plus(simd, z[v], bias[v]));
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::panels::Panels;

    const ALL: [Activation; 4] = [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Linear];

    /// The same through panels.
    fn in_panels(activation: Activation, z: f64) -> Jet<f64> {
        let mut value = Panels::from_rows(&[z - 1.0], 1, 1);
        let (mut slope, mut bend) = (Panels::new(1, 1), Panels::new(1, 1));
        let derivatives = Derivatives::Second(slope.view_mut(), bend.view_mut());
        let mut bias = <f64 as Real>::Line::default();
        bias.as_mut()[0] = 1.0;
        activate(activation, value.view_mut(), &[bias], derivatives);
        let only = |panels: &Panels<f64>| panels.view().row(0).next().unwrap();
        (only(&value), only(&slope), only(&bend))
    }

    #[test]
    fn a_number_alone_comes_to_what_it_comes_to_among_others() {
        for activation in ALL {
            for z in [-2.5, -0.3, 0.0, 0.4, 3.0] {
                // The panels take z − 1 and a bias of 1.
                let (alone, among) = (at(activation, z - 1.0 + 1.0), in_panels(activation, z));
                assert!(
                    (alone.0 - among.0).abs() < 1e-15 && (alone.1 - among.1).abs() < 1e-15,
                    "{activation:?}"
                );
                assert!((alone.2 - among.2).abs() < 1e-14, "{activation:?} at {z}");
            }
        }
    }

    #[test]
    fn derivatives_are_those_of_the_function() {
        let h = 1e-5;
        for activation in ALL {
            for z in [-3.0, -0.7, -0.1, 0.2, 1.0, 2.5] {
                let ((below, slope_below, _), (above, slope_above, _)) =
                    (at(activation, z - h), at(activation, z + h));
                let (_, slope, bend) = at(activation, z);
                assert!((slope - (above - below) / (2.0 * h)).abs() < 1e-9, "{activation:?} at {z}");
                assert!(
                    (bend - (slope_above - slope_below) / (2.0 * h)).abs() < 1e-9,
                    "{activation:?} at {z}"
                );
            }
        }
    }

    #[test]
    fn values_are_known() {
        assert_eq!(at(Activation::Relu, 0.0), (0.0, 0.0, 0.0));
        assert_eq!(at(Activation::Relu, 2.0), (2.0, 1.0, 0.0));
        assert!((at(Activation::Tanh, 1.0).0 - 0.761_594_155_955_764_9).abs() < 1e-15);
        // torch.nn.functional.gelu(1., approximate="tanh")
        assert!((at(Activation::Gelu, 1.0).0 - 0.841_191_990_608_276_8).abs() < 1e-12);
    }

    #[test]
    fn zero_and_nan_stay_what_they_are() {
        for activation in ALL {
            assert_eq!(at(activation, 0.0).0, 0.0, "{activation:?}");
            assert!(at(activation, f64::NAN).0.is_nan(), "{activation:?}");
        }
    }

    #[test]
    fn pulling_multiplies_by_the_slope() {
        for activation in ALL {
            let points = [-1.5, -0.2, 0.4, 2.0];
            let jets = points.map(|z| at(activation, z));
            let values = Panels::from_rows(&jets.map(|jet| jet.0), 2, 2);
            let slopes = Panels::from_rows(&jets.map(|jet| jet.1), 2, 2);
            let kept = (!is_piecewise_linear(activation)).then(|| slopes.view());
            let mut numbers = Panels::from_rows(&[3.0; 4], 2, 2);
            pull(activation, numbers.view_mut(), values.view(), kept);
            assert_eq!(numbers, Panels::from_rows(&jets.map(|jet| 3.0 * jet.1), 2, 2), "{activation:?}");
        }
    }
}
