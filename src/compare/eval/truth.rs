//! Whether something is true: of two numbers, and in a scene.

use super::{Gap, Scene};
use crate::spec::Quantity;
use crate::spec::expr::{Comparison, Connective, Expr, Interval, Node};

/// Numbers closer than this, relative to their size, count as equal.
pub const TOLERANCE: f64 = 1e-9;

/// Whether a comparison holds of two exact numbers, up to rounding.
pub fn holds(comparison: Comparison, left: f64, right: f64) -> bool {
    // An infinity is close to nothing, though its tolerance is infinite too.
    let distance = (left - right).abs();
    let equal = distance.is_finite() && distance <= TOLERANCE * left.abs().max(right.abs());
    match comparison {
        Comparison::Less => left < right,
        Comparison::Greater => left > right,
        Comparison::AtMost => left <= right || equal,
        Comparison::AtLeast => left >= right || equal,
        Comparison::Equal => equal,
        Comparison::Unequal => !equal,
    }
}

/// The two sides of a comparison. The loss of a diverged run is infinite (see the prologue of `claim`), which is
/// comparable with any number but not with another infinity.
pub fn sides(scene: &Scene<'_>, left: &Expr, right: &Expr) -> Result<(f64, f64), Gap> {
    match (scene.number(left), scene.number(right)) {
        (Err(Gap::Diverged(_)), Ok(right)) if is_training_loss(left) => Ok((f64::INFINITY, right)),
        (Ok(left), Err(Gap::Diverged(_))) if is_training_loss(right) => Ok((left, f64::INFINITY)),
        (left, right) => Ok((left?, right?)),
    }
}

/// Whether an expression is the training loss itself, rather than something made of it.
fn is_training_loss(expr: &Expr) -> bool {
    let (Node::Name(name) | Node::Of { name, .. }) = &expr.node else { return false };
    name == Quantity::TrainLoss.name()
}

/// The value of a `within` beside its ends.
pub fn inside(scene: &Scene<'_>, value: &Expr, interval: &Interval) -> Result<(f64, (f64, f64)), Gap> {
    match scene.number(value) {
        Err(Gap::Diverged(_)) if is_training_loss(value) => Ok((f64::INFINITY, ends(scene, interval)?)),
        number => Ok((number?, ends(scene, interval)?)),
    }
}

/// Whether something true or false is true in one scene. What decides alone decides even where the rest has a gap.
pub fn truth(scene: &Scene<'_>, expr: &Expr) -> Result<bool, Gap> {
    match &expr.node {
        Node::Compare(comparison, left, right) => {
            let (left, right) = sides(scene, left, right)?;
            Ok(holds(*comparison, left, right))
        }
        Node::Within(value, interval) => {
            let (value, (low, high)) = inside(scene, value, interval)?;
            Ok(holds(Comparison::AtLeast, value, low) && holds(Comparison::AtMost, value, high))
        }
        Node::Connect(connective, left, right) => {
            let decisive = *connective == Connective::Or;
            match (truth(scene, left), truth(scene, right)) {
                (Ok(part), _) | (_, Ok(part)) if part == decisive => Ok(decisive),
                (Err(gap), _) | (_, Err(gap)) => Err(gap),
                _ => Ok(!decisive),
            }
        }
        Node::Not(inner) => truth(scene, inner).map(|truth| !truth),
        // The parser lets no number stand where a truth is due.
        _ => Err(Gap::Undefined(format!("`{expr}` is a number"))),
    }
}

/// The ends of an interval, in order.
fn ends(scene: &Scene<'_>, interval: &Interval) -> Result<(f64, f64), Gap> {
    let (mut low, mut high) = (scene.number(&interval.low)?, scene.number(&interval.high)?);
    for (sign, factor) in &interval.scale {
        let factor = scene.number(factor)?;
        (low, high) = (sign.apply(low, factor), sign.apply(high, factor));
    }
    Ok((low.min(high), low.max(high)))
}
