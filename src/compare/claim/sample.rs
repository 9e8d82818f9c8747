//! Numbers seed by seed, and the interval over them.

use std::collections::BTreeSet;

use crate::compare::eval::{self, Gap, Scene, Seeds};
use crate::spec::expr::Expr;
use crate::stats::{self, Estimate};

/// More crossings of seeds than this are not evaluated.
const MOST_CROSSINGS: usize = 50_000;

/// Several expressions evaluated at every seed.
pub(super) struct Sample {
    /// Where all of them have a value.
    pub rows: Vec<Row>,
    /// Where one has none.
    pub gaps: Vec<Gap>,
    /// Seeds that were looked at; where arms share none, those of all arms.
    pub seeds: usize,
    /// Seeds of which a run diverged.
    pub diverged: usize,
    design: Design,
}

/// The values at one seed, or at one crossing of seeds.
pub(super) struct Row {
    /// The seed; or that of each arm.
    key: Vec<u64>,
    /// One value per expression.
    pub values: Vec<f64>,
}

/// How seeds of different arms meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Design {
    /// Each with itself.
    Paired,
    /// Each with each, for they have nothing to do with one another.
    Crossed,
}

impl Sample {
    /// Evaluates `exprs` at every seed of the arms that they name.
    pub(super) fn draw(scene: &Scene<'_>, exprs: &[&Expr]) -> Self {
        let mut arms: Vec<&str> = Vec::new();
        for arm in exprs.iter().flat_map(|expr| eval::arms(expr, scene.table, scene.arm)) {
            if !arms.contains(&arm) {
                arms.push(arm);
            }
        }
        // Settings alone differ between no seeds: any arm will do to read them.
        let first = || scene.arm.or(scene.table.arms.first().map(|arm| arm.name));
        let arms: Vec<&str> = if arms.is_empty() { first().into_iter().collect() } else { arms };
        let seeds: Vec<Vec<u64>> =
            arms.iter().map(|name| scene.table.arm(name).map(eval::Arm::seeds).unwrap_or_default()).collect();
        let shared = shared(&seeds);
        if shared.len() >= 2 || seeds.iter().all(|own| own.len() == shared.len()) {
            Self::paired(scene, exprs, &shared)
        } else {
            Self::crossed(scene, exprs, &arms, &seeds)
        }
    }

    fn paired(scene: &Scene<'_>, exprs: &[&Expr], seeds: &[u64]) -> Self {
        let scenes = seeds.iter().map(|&seed| {
            let scene = Scene { seeds: Seeds::Shared(seed), ..scene.clone() };
            (vec![seed], scene)
        });
        let (rows, gaps) = evaluate(scenes, exprs);
        let diverged = gaps.iter().filter_map(Gap::diverged).count();
        Self { rows, gaps, seeds: seeds.len(), diverged, design: Design::Paired }
    }

    fn crossed(scene: &Scene<'_>, exprs: &[&Expr], arms: &[&str], seeds: &[Vec<u64>]) -> Self {
        let total = seeds.iter().map(Vec::len).sum();
        let crossings = seeds.iter().try_fold(1_usize, |product, own| product.checked_mul(own.len()));
        if crossings.is_none_or(|crossings| crossings > MOST_CROSSINGS) {
            let gap =
                Gap::Undefined("too many arms without a common seed: give them the same seeds".to_owned());
            return Self {
                rows: Vec::new(),
                gaps: vec![gap],
                seeds: total,
                diverged: 0,
                design: Design::Crossed,
            };
        }
        let scenes = keys(seeds).into_iter().map(|key| {
            let each = arms.iter().copied().zip(key.iter().copied()).collect();
            (key, Scene { seeds: Seeds::Each(each), ..scene.clone() })
        });
        let (mut rows, mut gaps) = evaluate(scenes, exprs);
        gaps.sort_by_key(ToString::to_string);
        gaps.dedup();
        let bad: BTreeSet<_> =
            gaps.iter().filter_map(Gap::place).map(|place| (&*place.arm, place.seed)).collect();
        rows.retain(|row| !arms.iter().zip(&row.key).any(|(arm, seed)| bad.contains(&(*arm, *seed))));
        let diverged: BTreeSet<_> =
            gaps.iter().filter_map(Gap::diverged).map(|at| (&at.arm, at.seed)).collect();
        let diverged = diverged.len();
        Self { rows, gaps, seeds: total, diverged, design: Design::Crossed }
    }

    /// The mean of a statistic of the rows, with its interval; `None` without a row or a finite value.
    pub(super) fn estimate(&self, statistic: impl Fn(&[f64]) -> f64) -> Option<Estimate> {
        let values: Vec<f64> = self.rows.iter().map(|row| statistic(&row.values)).collect();
        match self.design {
            Design::Paired => Estimate::of(&values),
            Design::Crossed => self.welch(&values),
        }
    }

    /// The interval of a statistic of independent samples, each row a crossing of one seed from every arm.
    ///
    /// Averaged over the seeds of the other arms, the statistic is one number per seed of an arm; the variance of
    /// the whole is the sum of what each arm's numbers contribute (Hoeffding 1948), its degrees of freedom those of
    /// Welch and Satterthwaite. For a − b that is Welch's interval exactly; for log(a / b) it is the delta method
    /// without its linearisation.
    fn welch(&self, values: &[f64]) -> Option<Estimate> {
        let mean = stats::mean(values)?;
        let arms = self.rows.first()?.key.len();
        let samples: Vec<Vec<f64>> = (0..arms).map(|arm| self.averages(arm, values)).collect();
        let n = samples.iter().map(Vec::len).min()?;
        if n < 2 {
            return Some(Estimate::from_parts(mean, f64::NAN, 0.0, n, f64::NAN));
        }
        let variances: Vec<f64> =
            samples.iter().map(|own| stats::sd(own).map(|sd| sd * sd)).collect::<Option<_>>()?;
        let parts =
            || variances.iter().zip(&samples).map(|(variance, own)| (variance / own.len() as f64, own.len()));
        let total: f64 = parts().map(|(part, _)| part).sum();
        let weighted: f64 = parts().map(|(part, n)| (part / total).powi(2) / (n as f64 - 1.0)).sum();
        // Where nothing varies, any degrees of freedom give the interval of width 0.
        let degrees_of_freedom = if total == 0.0 { n as f64 - 1.0 } else { 1.0 / weighted };
        Some(Estimate::from_parts(
            mean,
            total.sqrt(),
            degrees_of_freedom,
            n,
            variances.iter().sum::<f64>().sqrt(),
        ))
    }

    /// Per seed of one arm the mean of `values` (one per row) over the seeds of the others.
    fn averages(&self, arm: usize, values: &[f64]) -> Vec<f64> {
        let seeds: BTreeSet<u64> = self.rows.iter().filter_map(|row| row.key.get(arm).copied()).collect();
        let of = |seed: u64| {
            let own = self.rows.iter().zip(values).filter(|(row, _)| row.key.get(arm) == Some(&seed));
            stats::mean(&own.map(|(_, value)| *value).collect::<Vec<_>>())
        };
        seeds.into_iter().filter_map(of).collect()
    }
}

fn evaluate<'a>(
    scenes: impl Iterator<Item = (Vec<u64>, Scene<'a>)>,
    exprs: &[&Expr],
) -> (Vec<Row>, Vec<Gap>) {
    let (mut rows, mut gaps) = (Vec::new(), Vec::new());
    for (key, scene) in scenes {
        match exprs.iter().map(|expr| scene.number(expr)).collect() {
            Ok(values) => rows.push(Row { key, values }),
            Err(gap) => gaps.push(gap),
        }
    }
    (rows, gaps)
}

/// The seeds that all have.
pub(super) fn shared(seeds: &[Vec<u64>]) -> Vec<u64> {
    let Some((first, others)) = seeds.split_first() else { return Vec::new() };
    first.iter().copied().filter(|seed| others.iter().all(|own| own.contains(seed))).collect()
}

/// Every way to take one seed of each.
fn keys(seeds: &[Vec<u64>]) -> Vec<Vec<u64>> {
    seeds.iter().fold(vec![Vec::new()], |keys, own| {
        let longer = |key: &Vec<u64>| {
            let key = key.clone();
            own.iter().map(move |seed| [key.as_slice(), &[*seed]].concat())
        };
        keys.iter().flat_map(longer).collect()
    })
}
