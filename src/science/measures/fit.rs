//! How well the network fits: losses, accuracies, errors and the gap between training and test.

use super::vector::norm_of_lines;
use super::{Values, put};
use crate::data::{Part, Problem};
use crate::science::dense::{Examples, Parameters, Pass, Real, Rows};
use crate::spec::Quantity;

/// Loss and accuracy on one part of the examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Mean loss.
    pub loss: f64,
    /// Fraction classified as labelled; NaN if the outputs are; `None` where there are no classes.
    pub accuracy: Option<f64>,
}

impl Fit {
    /// Of `weights` on `part`, whose examples `rows` are; units are normalised by their moments over `population`, if that
    /// is not `rows`.
    pub fn of<T: Real>(
        pass: &mut Pass<'_, T>,
        weights: &Parameters<T>,
        part: &Part,
        rows: Rows<'_, T>,
        population: Option<Rows<'_, T>>,
    ) -> Self {
        let (mut labels, mut right, mut sum) = (part.labels.iter(), 0_usize, 0.0);
        let network = pass.network();
        pass.outputs_by(weights, rows, population, |chunk, outputs| {
            sum += network.loss_sum(outputs, chunk.y);
            right += network.right(outputs, labels.by_ref().take(chunk.n()));
        });
        let loss = sum / part.n as f64;
        let accuracy = if loss.is_nan() { f64::NAN } else { right as f64 / part.n as f64 };
        Self { loss, accuracy: (!part.labels.is_empty()).then_some(accuracy) }
    }
}

/// What is measured of every network whether asked for or not, at these weights: fit on both parts, whose examples are
/// given to train on first, and ‖w‖.
pub fn always<T: Real>(
    pass: &mut Pass<'_, T>,
    weights: &Parameters<T>,
    problem: &Problem,
    [train, test]: &[Examples<T>; 2],
) -> Values {
    let population = train.rows();
    let train = Fit::of(pass, weights, &problem.train, population, None);
    let test =
        (problem.test.n > 0).then(|| Fit::of(pass, weights, &problem.test, test.rows(), Some(population)));
    let mut values = quantities(train, test);
    put(&mut values, Quantity::WeightNorm, norm_of_lines::<T>(weights.lines()));
    values
}

/// Every quantity of fit that these come to; nothing for a test part that is empty.
pub fn quantities(train: Fit, test: Option<Fit>) -> Values {
    let mut values = Values::new();
    put(&mut values, Quantity::TrainLoss, train.loss);
    if let Some(accuracy) = train.accuracy {
        put(&mut values, Quantity::TrainAccuracy, accuracy);
        put(&mut values, Quantity::TrainError, 1.0 - accuracy);
    }
    let Some(test) = test else { return values };
    put(&mut values, Quantity::TestLoss, test.loss);
    let mut gap = test.loss - train.loss;
    if let (Some(train), Some(test)) = (train.accuracy, test.accuracy) {
        put(&mut values, Quantity::TestAccuracy, test);
        put(&mut values, Quantity::TestError, 1.0 - test);
        gap = train - test;
    }
    put(&mut values, Quantity::GeneralizationGap, gap);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::Network;
    use crate::science::dense::panels::Panels;
    use crate::science::fixtures::{HE, mlp};
    use crate::spec::{Activation, Loss};

    #[test]
    fn the_gap_is_of_errors_where_there_are_classes_and_of_losses_elsewhere() {
        let fit = |loss, accuracy| Fit { loss, accuracy };
        let gap = |train, test| quantities(train, test).get("generalization_gap").copied();
        assert_eq!(gap(fit(0.1, Some(1.0)), Some(fit(0.5, Some(0.75)))), Some(0.25));
        assert_eq!(gap(fit(0.25, None), Some(fit(1.0, None))), Some(0.75));
        assert_eq!(gap(fit(0.25, None), None), None);
        assert_eq!(quantities(fit(0.25, None), None).len(), 1);
    }

    #[test]
    fn the_first_of_equal_outputs_is_the_class_and_the_sign_of_a_single_one() {
        let class = |loss, row: &[f32]| {
            let network = Network::new(&mlp(&[], Activation::Linear, HE), 1, row.len(), loss).unwrap();
            let outputs = Panels::from_rows(row, 1, row.len());
            let mut classes = Vec::new();
            network.classes(outputs.view(), |class| classes.push(class));
            assert_eq!(network.right(outputs.view(), [99].iter()), 0);
            assert_eq!(network.right(outputs.view(), [classes[0] as u32].iter()), 1);
            classes[0]
        };
        let wide: Vec<f32> = (0..40).map(|output| [0.5, 2.0, -1.0][output % 3]).collect();
        assert_eq!(class(Loss::CrossEntropy, &wide), 1);
        assert_eq!(class(Loss::CrossEntropy, &[&wide[..], &[3.0, 3.0]].concat()), 40);
        let largest = |row: &[f32]| class(Loss::Squared, row);
        assert_eq!([&[1.0, 3.0, 3.0][..], &[2.0, 2.0], &[0.0]].map(largest), [1, 0, 0]);
        assert_eq!([0.5, 0.0, -0.5].map(|output| class(Loss::Logistic, &[output])), [1, 0, 0]);
    }
}
