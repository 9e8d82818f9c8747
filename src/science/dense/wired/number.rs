//! The numbers that a pass is computed in: real ones, and dual ones.

use std::ops::{Add, AddAssign, Div, Mul, Sub};

use super::super::Real;
use super::super::activation;
use super::super::product::Update;
use super::matrix::{Kind, Matrix, Operands, of_reals};
use crate::spec::Activation;

/// A number of a pass.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + Send
    + Sync
{
    /// What it is made of.
    type Real: Real;

    /// A constant.
    fn constant(value: Self::Real) -> Self;
    /// Its value.
    fn value(self) -> Self::Real;
    /// Its square root.
    #[must_use]
    fn root(self) -> Self;
    /// φ and φ′ there.
    fn bent(self, activation: Activation) -> (Self, Self);
    /// A product of matrices.
    fn product(kind: Kind, a: &Matrix<Self>, b: &Matrix<Self>) -> Matrix<Self>;

    /// 0.
    #[inline(always)]
    fn zero() -> Self {
        Self::constant(Self::Real::ZERO)
    }
}

impl<T: Real> Number for T {
    type Real = T;

    #[inline(always)]
    fn constant(value: T) -> T {
        value
    }

    #[inline(always)]
    fn value(self) -> T {
        self
    }

    #[inline(always)]
    fn root(self) -> T {
        Real::root(self)
    }

    #[inline(always)]
    fn bent(self, activation: Activation) -> (T, T) {
        // The usual one, without the way over f64.
        if activation == Activation::Relu {
            let risen = if T::ZERO > self { T::ZERO } else { self };
            return (risen, if self > T::ZERO { T::ONE } else { T::ZERO });
        }
        let (value, slope, _) = activation::at(activation, self.wide());
        (T::of(value), T::of(slope))
    }

    fn product(kind: Kind, a: &Matrix<T>, b: &Matrix<T>) -> Matrix<T> {
        of_reals(kind, a, b)
    }
}

/// A number and its derivative along a direction: a + b ε with ε² = 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<T> {
    /// The number.
    pub value: T,
    /// Its derivative.
    pub tangent: T,
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, tangent: self.tangent + other.tangent }
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, tangent: self.tangent - other.tangent }
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let tangent = self.tangent * other.value + self.value * other.tangent;
        Self { value: self.value * other.value, tangent }
    }
}

impl<T: Real> Div for Dual<T> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self { value, tangent: (self.tangent - value * other.tangent) / other.value }
    }
}

impl<T: Real> AddAssign for Dual<T> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<T: Real> Number for Dual<T> {
    type Real = T;

    #[inline(always)]
    fn constant(value: T) -> Self {
        Self { value, tangent: T::ZERO }
    }

    #[inline(always)]
    fn value(self) -> T {
        self.value
    }

    #[inline(always)]
    fn root(self) -> Self {
        let value = Real::root(self.value);
        Self { value, tangent: self.tangent / (value + value) }
    }

    #[inline(always)]
    fn bent(self, activation: Activation) -> (Self, Self) {
        let (value, slope, bend) = activation::at(activation, self.value.wide());
        let along = |value: f64, derivative: f64| Self {
            value: T::of(value),
            tangent: T::of(derivative) * self.tangent,
        };
        (along(value, slope), along(slope, bend))
    }

    fn product(kind: Kind, a: &Matrix<Self>, b: &Matrix<Self>) -> Matrix<Self> {
        let values = Operands::new(kind, a, b, |number| number.value);
        let tangents = Operands::new(kind, a, b, |number| number.tangent);
        let (mut value, mut tangent) = (values.room(), values.room());
        values.times(&values, Update::replace(T::ONE), &mut value);
        tangents.times(&values, Update::replace(T::ONE), &mut tangent);
        values.times(&tangents, Update::add(T::ONE), &mut tangent);
        let (rows, columns) = (value.view().rows(), value.view().columns());
        let value = value.view().to_rows(|number| number);
        let pairs = value.into_iter().zip(tangent.view().to_rows(|number| number));
        let numbers = pairs.map(|(value, tangent)| Self { value, tangent }).collect();
        Matrix { rows, columns, numbers }
    }
}
