//! Label noise, on training examples only; inputs that are no longer theirs, on all.
//!
//! Which labels go and what they become are two streams: at one seed, the labels that are wrong at 10 % noise are
//! wrong in the same way at 20 %, so that arms with different noise are paired.

use super::{DataError, Part};
use crate::base::rng::Stream;
use crate::spec::PixelKind;

/// Replaces exactly round(`fraction`·n) labels by a class drawn uniformly from the others.
pub fn labels(labels: &mut [u32], classes: usize, fraction: f64, seed: u64) -> Result<(), DataError> {
    let count = (fraction.clamp(0.0, 1.0) * labels.len() as f64).round() as usize;
    if count > 0 && classes < 2 {
        return Err(DataError::Spec("label noise needs at least two classes".to_owned()));
    }
    let chosen = Stream::new(seed, "label_noise").choose(labels.len(), count);
    let mut class = Stream::new(seed, "label_noise.class");
    for index in chosen {
        let other = class.below(classes - 1) as u32;
        labels[index] = other + u32::from(other >= labels[index]);
    }
    Ok(())
}

/// Draws every label anew, uniformly from all classes.
pub fn random_labels(labels: &mut [u32], classes: usize, seed: u64) {
    let mut stream = Stream::new(seed, "labels");
    for label in labels {
        *label = stream.below(classes.max(1)) as u32;
    }
}

/// Deals the targets out anew, `outputs` at a time.
pub fn deal(targets: &mut [f32], outputs: usize, seed: u64) {
    let mut order: Vec<usize> = (0..targets.len() / outputs.max(1)).collect();
    Stream::new(seed, "labels").shuffle(&mut order);
    let dealt: Vec<f32> =
        order.iter().flat_map(|row| targets[row * outputs..(row + 1) * outputs].to_vec()).collect();
    targets.copy_from_slice(&dealt);
}

/// Replaces the inputs of both parts (training first), `inputs` of each example.
pub fn pixels(kind: PixelKind, [train, test]: [&mut Part; 2], inputs: usize, seed: u64) {
    match kind {
        PixelKind::True => {}
        PixelKind::Shuffled => {
            let mut order: Vec<usize> = (0..inputs).collect();
            Stream::new(seed, "pixels").shuffle(&mut order);
            for row in train.x.chunks_mut(inputs).chain(test.x.chunks_mut(inputs)) {
                let old = row.to_vec();
                row.iter_mut().zip(&order).for_each(|(pixel, from)| *pixel = old[*from]);
            }
        }
        PixelKind::Noise => {
            let n = train.x.len().max(1) as f64;
            let mean = train.x.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            let variance = train.x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
            for (part, name) in [(train, "pixels"), (test, "pixels.test")] {
                let mut stream = Stream::new(seed, name);
                part.x.iter_mut().for_each(|x| *x = (mean + variance.sqrt() * stream.normal()) as f32);
            }
        }
    }
}

/// Adds `more` inputs from N(0, 1) behind the `inputs` of each example.
pub fn widen(part: &mut Part, inputs: usize, more: usize, stream: &mut Stream) {
    if more == 0 {
        return;
    }
    let mut wide = Vec::with_capacity(part.n * (inputs + more));
    for row in part.x.chunks(inputs.max(1)) {
        wide.extend_from_slice(row);
        wide.extend((0..more).map(|_| stream.normal() as f32));
    }
    part.x = wide;
}

/// Adds N(0, `deviation`²) to every target.
pub fn targets(targets: &mut [f32], deviation: f64, seed: u64) {
    let mut stream = Stream::new(seed, "label_noise");
    if deviation > 0.0 {
        for target in targets {
            *target += (deviation * stream.normal()) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_asked_share_changes_to_every_other_class_alike() {
        let clean: Vec<u32> = (0..30_000).map(|index| index % 3).collect();
        let mut noisy = clean.clone();
        labels(&mut noisy, 3, 0.4, 7).unwrap();
        let changed: Vec<_> = clean.iter().zip(&noisy).filter(|(old, new)| old != new).collect();
        assert_eq!(changed.len(), 12_000);
        for old in 0..3 {
            for new in (0..3).filter(|&new| new != old) {
                // 12,000 changes over six pairs: 2,000 each, sd 41.
                let count = changed.iter().filter(|&&(&a, &b)| (a, b) == (old, new)).count();
                assert!((1_800..2_200).contains(&count), "{old} → {new}: {count}");
            }
        }
    }

    #[test]
    fn less_noise_is_a_part_of_more_noise() {
        let noisy = |fraction| {
            let mut labels: Vec<u32> = (0..1_000).map(|index| index % 10).collect();
            super::labels(&mut labels, 10, fraction, 3).unwrap();
            labels
        };
        let (clean, some, more) = (noisy(0.0), noisy(0.1), noisy(0.2));
        assert!(
            clean.iter().zip(&some).zip(&more).all(|((clean, some), more)| some == clean || some == more)
        );
    }

    #[test]
    fn all_labels_can_be_wrong_and_one_class_cannot() {
        let mut labels = vec![0, 1, 0, 1];
        super::labels(&mut labels, 2, 1.0, 0).unwrap();
        assert_eq!(labels, [1, 0, 1, 0]);
        assert!(super::labels(&mut labels, 1, 0.5, 0).is_err());
    }

    #[test]
    fn target_noise_has_the_asked_deviation() {
        let mut values = vec![1.0f32; 40_000];
        targets(&mut values, 0.5, 1);
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / 40_000.0;
        let variance = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / 40_000.0;
        // Four standard errors: 0.5/√40,000 for the mean, σ²√(2/n) for the variance.
        assert!((mean - 1.0).abs() < 0.01 && (variance - 0.25).abs() < 0.008, "{mean} {variance}");
    }
}
