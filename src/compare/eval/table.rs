//! The results of a claim's experiments as one table: arms, axes, and the group at each crossing.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use serde_json::Value;

use super::{Place, constants};
use crate::base::Diagnostic;
use crate::compare::{Group, Member, Results};
use crate::spec::expr::{ArmScope, Scope};
use crate::spec::run::settings_of;
use crate::spec::{CATALOGUE, Claim};

/// The results that a claim speaks of.
pub struct Table<'a> {
    /// Arms of all experiments, in the order of the claim's `from`.
    pub arms: Vec<Arm<'a>>,
    /// Axes of all experiments, each once.
    pub axes: Vec<Axis<'a>>,
    /// Constants of the claim, by name.
    pub constants: Vec<(&'a str, f64)>,
    /// What can be measured, whether or not it was, and whatever else stands in the results.
    pub quantities: BTreeSet<&'a str>,
}

/// An arm with its groups.
pub struct Arm<'a> {
    /// Its name.
    pub name: &'a str,
    /// Places in [`Table::axes`] of the axes that multiply it.
    pub axes: Vec<usize>,
    /// Its groups, each with the place of its value along each of `axes`.
    pub groups: Vec<(Vec<usize>, &'a Group)>,
}

/// An axis with its values.
pub struct Axis<'a> {
    /// Dotted path of the setting.
    pub path: &'a str,
    /// Its values, in the order of the cell.
    pub values: Vec<&'a Value>,
}

impl Axis<'_> {
    /// What claims call it: the last word of the path.
    pub fn name(&self) -> &str {
        last_word(self.path)
    }

    /// One of its values in words: `hidden [32,32]`.
    pub fn in_words(&self, place: usize) -> Option<String> {
        let value = self.values.get(place)?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(format!("{} {value}", self.name()))
    }
}

/// The last word of a dotted path.
pub fn last_word(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

impl<'a> Table<'a> {
    /// Lays out the results of the cells that `claim` is from.
    pub fn new(claim: &'a Claim, results: &'a BTreeMap<String, Results>) -> Result<Self, Diagnostic> {
        let quantities = CATALOGUE.iter().map(|info| info.name).collect();
        let constants = constants(claim).map_err(|error| Diagnostic::error(error.message))?;
        let mut table = Self { arms: Vec::new(), axes: Vec::new(), constants, quantities };
        for from in &claim.from {
            let known = results.get(from);
            table.add(known.ok_or_else(|| Diagnostic::error(format!("there is no experiment `{from}`")))?)?;
        }
        Ok(table)
    }

    fn add(&mut self, results: &'a Results) -> Result<(), Diagnostic> {
        let axes: Vec<usize> = results.axes.iter().map(|path| self.axis(path)).collect();
        let first_new = self.arms.len();
        for group in &results.groups {
            self.add_quantities(group);
            let at = axes.iter().zip(&group.point).map(|(&axis, value)| self.value(axis, value)).collect();
            match self.arms.iter().position(|arm| arm.name == group.arm) {
                Some(known) if known < first_new => {
                    return Err(arm_of_two(&group.arm));
                }
                Some(known) => self.arms[known].groups.push((at, group)),
                None => {
                    self.arms.push(Arm { name: &group.arm, axes: axes.clone(), groups: vec![(at, group)] });
                }
            }
        }
        Ok(())
    }

    /// Place of the axis of that path, which is added where it is new.
    fn axis(&mut self, path: &'a str) -> usize {
        self.axes.iter().position(|axis| axis.path == path).unwrap_or_else(|| {
            self.axes.push(Axis { path, values: Vec::new() });
            self.axes.len() - 1
        })
    }

    /// Place of a value along an axis, to which it is added where it is new.
    fn value(&mut self, axis: usize, value: &'a Value) -> usize {
        let values = &mut self.axes[axis].values;
        values.iter().position(|known| *known == value).unwrap_or_else(|| {
            values.push(value);
            values.len() - 1
        })
    }

    /// Whether no run at all is stored.
    pub fn is_unrun(&self) -> bool {
        self.arms.iter().flat_map(Arm::members).all(|member| member.record.is_none())
    }

    /// The arm of that name.
    pub fn arm(&self, name: &str) -> Option<&Arm<'a>> {
        self.arms.iter().find(|arm| arm.name == name)
    }

    fn add_quantities(&mut self, group: &'a Group) {
        for member in &group.members {
            let measured = member.record.as_deref().map(|record| record.measures.keys());
            let recorded = member.curve.as_deref().map(|curve| curve.columns.keys());
            self.quantities.extend(measured.into_iter().flatten().map(String::as_str));
            self.quantities.extend(recorded.into_iter().flatten().map(String::as_str));
        }
    }

    /// What an expression may speak of here. Every quantity of the catalogue counts, measured or not: a run that
    /// lacks one is a gap in the results, not a slip of the claim.
    pub fn scope(&self, claim: &Claim) -> Scope {
        let arms = self.arms.iter().map(|arm| ArmScope {
            name: arm.name.to_owned(),
            axes: arm.axes.iter().map(|&axis| self.axes[axis].name().to_owned()).collect(),
        });
        Scope {
            kind: claim.kind,
            arms: arms.collect(),
            quantities: self.quantities.iter().map(|&name| name.to_owned()).collect(),
            settings: self.settings(),
            constants: self.constants.iter().map(|(name, _)| (*name).to_owned()).collect(),
        }
    }

    /// Names of settings that some run has, each once.
    fn settings(&self) -> Vec<String> {
        let records = self.arms.iter().flat_map(Arm::members).filter_map(|member| member.record.as_deref());
        // The runs of an arm differ in values, not in which settings there are: one of each arm tells.
        let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for record in records {
            seen.entry(&record.origin.arm).or_insert_with(|| {
                let settings = settings_of(&record.spec);
                settings.iter().map(|(path, _)| last_word(path).to_owned()).collect()
            });
        }
        let names: BTreeSet<String> = seen.into_values().flatten().collect();
        names.into_iter().collect()
    }
}

/// How to go on is part of the message: without it nobody guesses where the name comes from.
fn arm_of_two(arm: &str) -> Diagnostic {
    Diagnostic::error(format!(
        "two of the experiments have an arm `{arm}`: name the arms of each experiment differently under `arms` \
         (without any there is one, `base`)"
    ))
}

impl<'a> Arm<'a> {
    /// All its runs.
    pub fn members(&self) -> impl Iterator<Item = &'a Member> + '_ {
        self.groups.iter().flat_map(|(_, group)| &group.members)
    }

    /// Its seeds, planned or run, in the order of the cell.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds = Vec::new();
        for member in self.members() {
            if !seeds.contains(&member.seed) {
                seeds.push(member.seed);
            }
        }
        seeds
    }

    /// Where one of its runs stands, in words.
    pub fn place_of(&self, table: &Table<'_>, member: &Member) -> Place {
        let holds = |group: &Group| group.members.iter().any(|known| ptr::eq(known, member));
        let at = self.groups.iter().find(|(_, group)| holds(group)).map_or(&[][..], |(at, _)| at);
        let words =
            self.axes.iter().zip(at).filter_map(|(&axis, &place)| table.axes.get(axis)?.in_words(place));
        Place { arm: self.name.to_owned(), point: words.collect::<Vec<_>>().join(", "), seed: member.seed }
    }
}
