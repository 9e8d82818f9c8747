//! The runs of one experiment, grouped by arm and sweep point, with whatever is known of each.

use std::sync::Arc;

use serde_json::Value;

use super::point::{digits, point_in_words};
use crate::spec::{Experiment, RunSpec};
use crate::store::{Curve, RunRecord, Status};

/// What is known of an experiment's runs.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// Dotted paths of the axes.
    pub axes: Vec<String>,
    /// Arms × sweep points, in the order of the cell.
    pub groups: Vec<Group>,
}

/// Something that is to be laid beside other things.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What tells its cell from the others.
    pub name: &'a str,
    /// The results of the cell.
    pub results: &'a Results,
    /// The arm that is meant; all of them where none is named.
    pub arm: Option<&'a str>,
}

/// How large a model is beside what it is to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Its weights and biases, where they follow from its spec.
    pub parameters: Option<f64>,
    /// Numbers that it is to fit: an output for every training example and class, or target.
    pub targets: f64,
}

/// The runs of one arm at one sweep point.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The arm.
    pub arm: String,
    /// Value of each axis.
    pub point: Vec<Value>,
    /// One per seed, in the order of the cell.
    pub members: Vec<Member>,
    /// How large its model is; `None` where the dataset does not tell.
    pub size: Option<Size>,
}

/// One run of a group.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its seed: what pairs it with the same seed in other groups.
    pub seed: u64,
    /// Its stored result; `None` if it has none (yet).
    pub record: Option<Arc<RunRecord>>,
    /// Its curve: stored, or so far when it is in flight.
    pub curve: Option<Arc<Curve>>,
}

impl Results {
    /// Lays `found` (one per planned run, in order) out by arm and sweep point; `size` tells how large the model of a run is.
    pub fn new(
        experiment: &Experiment,
        found: impl IntoIterator<Item = (Option<Arc<RunRecord>>, Option<Arc<Curve>>)>,
        size: impl Fn(&RunSpec) -> Option<Size>,
    ) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (planned, (record, curve)) in experiment.runs.iter().zip(found) {
            let member = Member { seed: planned.spec.seed, record, curve };
            match groups.last_mut() {
                Some(group) if group.arm == planned.arm && group.point == planned.point => {
                    group.members.push(member);
                }
                _ => groups.push(Group {
                    arm: planned.arm.clone(),
                    point: planned.point.clone(),
                    members: vec![member],
                    size: size(&planned.spec),
                }),
            }
        }
        Self { axes: experiment.axes.iter().map(|axis| axis.path.clone()).collect(), groups }
    }

    /// Several experiments side by side: their arms become `cell:arm`, their sweep points words of the arm.
    pub fn joined<'a>(parts: impl IntoIterator<Item = (&'a str, &'a Self)>) -> Self {
        let groups = parts.into_iter().flat_map(|(name, results)| {
            let digits = digits(results);
            results.groups.iter().map(move |group| {
                let point = point_in_words(&results.axes, &group.point, digits);
                let arm = format!("{name}:{}", group.arm);
                Group {
                    arm: if point.is_empty() { arm } else { format!("{arm} {point}") },
                    point: Vec::new(),
                    members: group.members.clone(),
                    size: group.size,
                }
            })
        });
        Self { axes: Vec::new(), groups: groups.collect() }
    }

    /// What was chosen, side by side: of one cell it stays as it is, of several their arms become `cell:arm`.
    pub fn beside(chosen: &[Choice<'_>]) -> Self {
        let mut cells: Vec<(&str, &Self, Vec<Option<&str>>)> = Vec::new();
        for choice in chosen {
            match cells.iter_mut().find(|(_, results, _)| std::ptr::eq(*results, choice.results)) {
                Some((.., arms)) => arms.push(choice.arm),
                None => cells.push((choice.name, choice.results, vec![choice.arm])),
            }
        }
        let of_cell = |results: &Self, arms: &[Option<&str>]| {
            let wanted = |group: &&Group| arms.iter().any(|arm| arm.is_none_or(|arm| arm == group.arm));
            let groups = results.groups.iter().filter(wanted).cloned().collect();
            Self { axes: results.axes.clone(), groups }
        };
        let parts: Vec<(&str, Self)> =
            cells.iter().map(|(name, results, arms)| (*name, of_cell(results, arms))).collect();
        match parts.as_slice() {
            [(_, only)] => only.clone(),
            several => Self::joined(several.iter().map(|(name, results)| (*name, results))),
        }
    }

    /// The groups of one arm alone.
    #[must_use]
    pub fn of_arm(&self, arm: &str) -> Self {
        let groups = self.groups.iter().filter(|group| group.arm == arm).cloned().collect();
        Self { axes: self.axes.clone(), groups }
    }
}

impl Member {
    /// Whether its curve belongs into a picture of the group: it ended as it should, or is in flight and may yet.
    /// Where training broke off, the curve leads to no number that stands beside it.
    pub fn is_drawn(&self) -> bool {
        self.record.as_ref().is_none_or(|record| record.status == Status::Done)
    }
}

impl Group {
    /// Final values of a measure by seed, over runs that ended as they should and have it as a finite number. What a
    /// diverged run ends with says where the arithmetic broke, not where training led; such runs are counted instead.
    pub fn finals(&self, name: &str) -> Vec<(u64, f64)> {
        self.members
            .iter()
            .filter_map(|member| {
                let record = member.record.as_ref().filter(|record| record.status == Status::Done)?;
                let value = *record.measures.get(name)?;
                value.is_finite().then_some((member.seed, value))
            })
            .collect()
    }

    /// The runs whose curves are drawn.
    pub fn drawn(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.is_drawn())
    }

    /// How many of its runs are stored with a status that is `wanted`.
    pub fn count(&self, wanted: impl Fn(Status) -> bool) -> usize {
        let statuses = self.members.iter().filter_map(|member| Some(member.record.as_ref()?.status));
        statuses.filter(|&status| wanted(status)).count()
    }
}
