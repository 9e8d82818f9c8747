//! One value of an expression: at one seed, at one sweep point.

use super::names::{Meaning, collapsed_by};
use super::reduce::{needs_positions, reduce};
use super::setting::{axis_number, setting};
use super::truth::truth;
use super::{Arm, Gap, Table};
use crate::compare::Member;
use crate::spec::expr::{Along, Expr, Function, Node, Reference};
use crate::stats;
use crate::store::{RunRecord, Status};

/// Where an expression is evaluated.
#[derive(Clone)]
pub struct Scene<'a> {
    /// The results.
    pub table: &'a Table<'a>,
    /// The arm of names that give none.
    pub arm: Option<&'a str>,
    /// The seed, or one of each arm.
    pub seeds: Seeds<'a>,
    /// Per axis of the table the place of its value; `None` where the axis is left open.
    pub point: Vec<Option<usize>>,
}

/// Which seeds a scene looks at.
#[derive(Clone)]
pub enum Seeds<'a> {
    /// The same in every arm.
    Shared(u64),
    /// One of each of these arms.
    Each(Vec<(&'a str, u64)>),
}

/// What the names of quantities stand for at one recorded step, if not for the end of training.
pub(super) type Moment<'e> = Vec<(Reference<'e>, f64)>;

impl<'a> Scene<'a> {
    /// The value of a number in this scene.
    pub fn number(&self, expr: &Expr) -> Result<f64, Gap> {
        self.at(expr, None)
    }

    /// The same, at a moment of training.
    pub(super) fn at(&self, expr: &Expr, moment: Option<&Moment<'_>>) -> Result<f64, Gap> {
        let value = match &expr.node {
            Node::Number(value) => *value,
            Node::Name(name) => self.reference(Reference { arm: None, name }, moment)?,
            Node::Of { arm, name } => self.reference(Reference { arm: Some(arm), name }, moment)?,
            Node::Negate(inner) => -self.at(inner, moment)?,
            Node::Arithmetic(sign, left, right) => {
                sign.apply(self.at(left, moment)?, self.at(right, moment)?)
            }
            Node::Call { function, arguments, along } => {
                self.call(expr, *function, arguments, along, moment)?
            }
            // The parser lets no truth stand where a number is due.
            Node::Compare(..) | Node::Within(..) | Node::Connect(..) | Node::Not(_) => f64::NAN,
        };
        if value.is_finite() { Ok(value) } else { Err(undefined(expr)) }
    }

    fn call(
        &self,
        expr: &Expr,
        function: Function,
        arguments: &[Expr],
        along: &Along,
        moment: Option<&Moment<'_>>,
    ) -> Result<f64, Gap> {
        let none = || undefined(expr);
        match function {
            Function::Distance | Function::Norm | Function::Cosine => {
                return self.of_vectors(function, arguments);
            }
            Function::First => return self.first(expr, arguments),
            _ if function.is_over_the_grid() => return self.on_the_grid(expr, function, arguments, along),
            _ => {}
        }
        match along {
            Along::Training(after) => {
                let Some(argument) = arguments.first() else { return Err(none()) };
                let (steps, values) = self.along_training(argument, *after)?;
                reduce(function, &values, &steps).ok_or_else(none)
            }
            Along::Nothing if !function.is_over_points() => {
                let values: Vec<f64> =
                    arguments.iter().map(|argument| self.at(argument, moment)).collect::<Result<_, _>>()?;
                pointwise(function, &values).ok_or_else(none)
            }
            Along::Nothing | Along::Axes(_) => {
                let points = self.points(&collapsed_by(expr, self.table));
                let column =
                    |of: &Expr| points.iter().map(|scene| scene.number(of)).collect::<Result<Vec<_>, _>>();
                let columns = arguments.iter().map(column).collect::<Result<Vec<_>, _>>()?;
                let positions = match along {
                    Along::Axes(over) if needs_positions(function) => column(over)?,
                    _ => Vec::new(),
                };
                match columns.as_slice() {
                    [values] => reduce(function, values, &positions),
                    [x, y] => stats::kendall(x, y),
                    _ => None,
                }
                .ok_or_else(none)
            }
        }
    }

    /// The first argument at the first sweep point where the second holds.
    fn first(&self, expr: &Expr, arguments: &[Expr]) -> Result<f64, Gap> {
        let [value, condition] = arguments else { return Err(undefined(expr)) };
        for scene in self.points(&collapsed_by(expr, self.table)) {
            match truth(&scene, condition) {
                Ok(true) => return scene.number(value),
                // What diverged has come to nothing that could be asked for.
                Ok(false) | Err(Gap::Diverged(_)) => {}
                Err(gap) => return Err(gap),
            }
        }
        Err(Gap::Undefined(format!("`{condition}` holds nowhere along the sweep")))
    }

    /// This scene at every crossing of these axes, the last one varying fastest.
    pub fn points(&self, axes: &[usize]) -> Vec<Self> {
        let mut scenes = vec![self.clone()];
        for &axis in axes {
            let values = self.table.axes.get(axis).map_or(0, |axis| axis.values.len());
            let along = |scene: &Self| {
                let scene = scene.clone();
                (0..values).map(move |place| {
                    let mut scene = scene.clone();
                    scene.point[axis] = Some(place);
                    scene
                })
            };
            scenes = scenes.iter().flat_map(along).collect();
        }
        scenes
    }

    /// The sweep point in words, as far as it is fixed: `hidden [32,32], learning_rate 0.1`.
    pub fn point_in_words(&self) -> String {
        let words =
            self.table.axes.iter().zip(&self.point).filter_map(|(axis, place)| axis.in_words((*place)?));
        words.collect::<Vec<_>>().join(", ")
    }

    fn reference(&self, reference: Reference<'_>, moment: Option<&Moment<'_>>) -> Result<f64, Gap> {
        match self.table.meaning(reference) {
            Meaning::Constant(value) => Ok(value),
            Meaning::Axis(axis) => self.axis(axis, reference),
            Meaning::Setting => self.setting(reference),
            Meaning::Quantity => {
                match moment.and_then(|moment| moment.iter().find(|(known, _)| *known == reference)) {
                    Some((_, value)) => Ok(*value),
                    None => self.last(reference),
                }
            }
        }
    }

    /// A quantity at the end of training.
    fn last(&self, reference: Reference<'_>) -> Result<f64, Gap> {
        let (arm, member) = self.run(reference)?;
        let record = self.result(arm, member)?;
        match record.measures.get(reference.name) {
            Some(value) if value.is_finite() => Ok(*value),
            _ => Err(Gap::NotMeasured(arm.place_of(self.table, member), reference.name.to_owned())),
        }
    }

    /// The stored result of a run, unless it is none to go by.
    pub(super) fn result<'m>(&self, arm: &Arm<'_>, member: &'m Member) -> Result<&'m RunRecord, Gap> {
        let place = || arm.place_of(self.table, member);
        let record = member.record.as_deref().ok_or_else(|| Gap::NotRun(place()))?;
        match record.status {
            Status::Done => Ok(record),
            Status::Diverged => Err(Gap::Diverged(place())),
            other => Err(Gap::Ended(place(), other)),
        }
    }

    /// The run that a name speaks of.
    pub(super) fn run(&self, reference: Reference<'_>) -> Result<(&'a Arm<'a>, &'a Member), Gap> {
        let arm = reference.arm.or(self.arm).and_then(|name| self.table.arm(name));
        let arm = arm.ok_or_else(|| Gap::Undefined(format!("`{}` of which arm?", reference.name)))?;
        let member = self.member(arm);
        member.map(|member| (arm, member)).ok_or_else(|| Gap::Undefined(self.nowhere(arm)))
    }

    fn nowhere(&self, arm: &Arm<'_>) -> String {
        match self.seed(arm.name) {
            Some(seed) => format!("`{}` has no seed {seed} at this sweep point", arm.name),
            None => format!("`{}` has no seeds here", arm.name),
        }
    }

    /// The run of an arm at this scene.
    fn member(&self, arm: &'a Arm<'a>) -> Option<&'a Member> {
        let seed = self.seed(arm.name)?;
        let here = |at: &[usize]| {
            let mut crossing = arm.axes.iter().zip(at);
            crossing.all(|(&axis, place)| self.point[axis].is_none_or(|fixed| fixed == *place))
        };
        let (_, group) = arm.groups.iter().find(|(at, _)| here(at))?;
        group.members.iter().find(|member| member.seed == seed)
    }

    fn seed(&self, arm: &str) -> Option<u64> {
        match &self.seeds {
            Seeds::Shared(seed) => Some(*seed),
            Seeds::Each(seeds) => seeds.iter().find(|(name, _)| *name == arm).map(|(_, seed)| *seed),
        }
    }

    /// The value of an axis at this scene.
    fn axis(&self, axis: usize, reference: Reference<'_>) -> Result<f64, Gap> {
        let unknown = || Gap::Undefined(format!("`{}` is not a number at every sweep point", reference.name));
        let known = self.table.axes.get(axis).ok_or_else(unknown)?;
        let place = self.point.get(axis).copied().flatten().ok_or_else(unknown)?;
        let mut runs = self.runs_named(reference).into_iter().filter(|(arm, _)| arm.axes.contains(&axis));
        let record = runs.find_map(|(_, member)| member.record.as_deref());
        axis_number(known, place, record).ok_or_else(unknown)
    }

    /// A setting: of an arm, or of all arms if they agree.
    fn setting(&self, reference: Reference<'_>) -> Result<f64, Gap> {
        let runs = self.runs_named(reference);
        let records = runs.iter().filter_map(|(_, member)| member.record.as_deref());
        let mut values: Vec<f64> =
            records.filter_map(|record| setting(&record.spec, reference.name)).collect();
        values.dedup();
        match (values.as_slice(), runs.first()) {
            ([value], _) => Ok(*value),
            ([], Some((arm, member))) if member.record.is_none() => {
                Err(Gap::NotRun(arm.place_of(self.table, member)))
            }
            ([], _) => Err(Gap::Undefined(format!("`{}` is not a number", reference.name))),
            _ => Err(Gap::Undefined(format!("`{}` differs between the arms: say of which", reference.name))),
        }
    }

    /// The runs that a setting may speak of: of its arm, or else of this scene's, or else of every arm.
    fn runs_named(&self, reference: Reference<'_>) -> Vec<(&'a Arm<'a>, &'a Member)> {
        let arm = reference.arm.or(self.arm);
        let arms = self.table.arms.iter().filter(|known| arm.is_none_or(|name| known.name == name));
        arms.filter_map(|arm| Some((arm, self.member(arm)?))).collect()
    }
}

fn pointwise(function: Function, values: &[f64]) -> Option<f64> {
    match (function, values) {
        (Function::Log, [value]) => Some(value.ln()),
        (Function::Exp, [value]) => Some(value.exp()),
        (Function::Sqrt, [value]) => Some(value.sqrt()),
        (Function::Abs, [value]) => Some(value.abs()),
        (Function::Log2, [value]) => Some(value.log2()),
        (Function::Log10, [value]) => Some(value.log10()),
        (Function::Factorial, [value]) => Some(stats::factorial(*value)),
        (Function::KlInverse, [rate, most]) => Some(stats::kl_inverse(*rate, *most)),
        (Function::Min | Function::Max, values) => reduce(function, values, &[]),
        _ => None,
    }
}

pub(super) fn undefined(expr: &Expr) -> Gap {
    Gap::Undefined(format!("`{expr}` has no finite value"))
}
