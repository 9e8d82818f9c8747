//! What a verification found, as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::Verdict;
use super::choose::{Cell, Choice, Run};
use super::work::{Cut, Done};
use crate::base::number::significant;
use crate::base::text::{clean_line, counted};
use crate::compare::agreement::{Agreement, Comparison, Deviation};

/// What a verification found.
pub struct Report<'a> {
    /// What was to be verified.
    pub choice: &'a Choice,
    /// What came of it.
    pub done: &'a Done,
    /// How far a value may be off.
    pub tolerance: f64,
    /// Size and seed of the sample, if it was one.
    pub sample: Option<(u32, u64)>,
}

/// Runs by what was found of them.
#[derive(Clone, Copy, Default)]
struct Counts {
    identical: usize,
    within: usize,
    different: usize,
    cannot: usize,
}

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Cannot(_) => self.cannot += 1,
            Verdict::Compared(comparison) => match comparison.agreement {
                Agreement::Identical => self.identical += 1,
                Agreement::Within(_) => self.within += 1,
                Agreement::Differs(_) => self.different += 1,
            },
        }
    }

    fn trained(self) -> usize {
        self.identical + self.within + self.different
    }
}

impl Report<'_> {
    /// Whether every run came out the same.
    pub fn is_clean(&self) -> bool {
        let counts = self.counts();
        counts.different + counts.cannot == 0
    }

    /// As people read it.
    pub fn text(&self) -> String {
        if self.choice.runs.is_empty() {
            return "nothing is stored of it: there is nothing to verify\n".to_owned();
        }
        let mut text = self.table();
        for run in &self.choice.runs {
            match self.verdict(run) {
                Some(Verdict::Cannot(why)) => {
                    let _ = writeln!(
                        text,
                        "{} ({}) cannot be verified: {}",
                        run.seat,
                        run.id.short(),
                        clean_line(why)
                    );
                }
                Some(Verdict::Compared(Comparison { agreement: Agreement::Differs(difference), .. })) => {
                    let _ = writeln!(text, "{} ({}) {difference}", run.seat, run.id.short());
                }
                _ => {}
            }
        }
        text.push_str(&self.furthest());
        text.push_str(&self.left_out());
        text.push_str(&self.last_line());
        text
    }

    /// A line per cell.
    fn table(&self) -> String {
        let within = format!("within {}", self.tolerance_word());
        let total = self.counts();
        let mut heads = vec!["runs", "identical", within.as_str(), "different"];
        if total.cannot > 0 {
            heads.push("not verifiable");
        }
        let wide = self.choice.cells.iter().map(|cell| cell.name.chars().count()).max().unwrap_or(0).max(4);
        let mut text = format!("{:<wide$}", "cell");
        for head in &heads {
            let _ = write!(text, "  {head}");
        }
        text.push('\n');
        for cell in self.choice.cells.iter().filter(|cell| !cell.runs.is_empty()) {
            let counts = self.counts_of(cell);
            let _ = write!(text, "{:<wide$}", cell.name);
            let numbers = [cell.runs.len(), counts.identical, counts.within, counts.different, counts.cannot];
            for (head, number) in heads.iter().zip(numbers) {
                let _ = write!(text, "  {number:>width$}", width = head.chars().count());
            }
            if cell.stored < cell.planned {
                let _ = write!(text, "  ({} more not stored)", cell.planned - cell.stored);
            }
            text.push('\n');
        }
        text
    }

    fn furthest(&self) -> String {
        let deviations = self.choice.runs.iter().filter_map(|run| match self.verdict(run)? {
            Verdict::Compared(Comparison { agreement: Agreement::Within(off), .. }) => Some((run, off)),
            _ => None,
        });
        let furthest = deviations.max_by(|(_, a), (_, b)| a.relative.total_cmp(&b.relative));
        furthest.map_or_else(String::new, |(run, Deviation { relative, step, quantity })| {
            format!(
                "furthest off within the tolerance: {quantity} at step {step} of {}, by {} of its largest stored value\n",
                run.seat,
                significant(*relative, 2)
            )
        })
    }

    /// What was not compared, and in how many runs.
    fn left_out(&self) -> String {
        let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
        for verdict in self.done.verdicts.values() {
            if let Verdict::Compared(comparison) = verdict {
                for column in &comparison.left_out {
                    *columns.entry(column).or_default() += 1;
                }
            }
        }
        let line = |(column, runs): (&str, usize)| {
            let why = match column {
                "weights" => "they were not kept",
                _ => "another version of lowland measured it",
            };
            format!("{column}: not wholly compared in {}, {why}\n", counted(runs, "run"))
        };
        columns.into_iter().map(line).collect()
    }

    fn last_line(&self) -> String {
        let counts = self.counts();
        let workers = counted(self.done.workers, "worker");
        let parts = [
            (counts.identical, "bit-identical".to_owned()),
            (counts.within, format!("within {}", self.tolerance_word())),
            (counts.different, "different".to_owned()),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let mut words: Vec<_> = parts.map(|(count, word)| format!("{count} {word}")).collect();
        if counts.cannot > 0 {
            words.push(format!("{} cannot be verified", counts.cannot));
        }
        let left = counted(self.choice.runs.len() - self.done.verdicts.len(), "run");
        let cut = match self.done.cut {
            None => String::new(),
            Some(Cut::Interrupted) => format!("interrupted, {left} not verified: "),
            Some(Cut::HeldUp(_)) => format!("held up, {left} not verified: "),
        };
        let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        match counts.trained() {
            0 => format!("{cut}{words}\n"),
            trained => {
                let (runs, seconds) = (counted(trained, "run"), self.done.seconds);
                format!("{cut}{runs} verified on {workers} in {seconds:.1} s: {words}\n")
            }
        }
    }

    fn tolerance_word(&self) -> String {
        significant(self.tolerance, 3)
    }

    /// As programs read it.
    pub fn json(&self) -> Value {
        let cells = self.choice.cells.iter().map(|cell| {
            let counts = self.counts_of(cell);
            json!({
                "cell": cell.name, "planned": cell.planned, "stored": cell.stored, "runs": cell.runs.len(),
                "identical": counts.identical, "within": counts.within, "different": counts.different,
                "cannot": counts.cannot,
            })
        });
        json!({
            "cells": cells.collect::<Vec<_>>(),
            "runs": self.choice.runs.iter().map(|run| self.json_of(run)).collect::<Vec<_>>(),
            "tolerance": self.tolerance,
            "sample": self.sample.map(|(runs, seed)| json!({"runs": runs, "seed": seed})),
            "workers": self.done.workers,
            "seconds": self.done.seconds,
            "interrupted": self.done.cut == Some(Cut::Interrupted),
            "held_up": match &self.done.cut {
                Some(Cut::HeldUp(why)) => Some(why),
                _ => None,
            },
        })
    }

    fn json_of(&self, run: &Run) -> Value {
        let mut value = json!({
            "run": run.id, "cell": run.cell, "arm": run.seat.origin.arm, "seed": run.seat.seed,
            "point": run.seat.origin.point.iter().cloned().collect::<BTreeMap<_, _>>(),
        });
        let (verdict, more) = match self.verdict(run) {
            None => ("not verified", json!({})),
            Some(Verdict::Cannot(why)) => ("cannot be verified", json!({ "reason": why })),
            Some(Verdict::Compared(Comparison { agreement, left_out })) => {
                let (verdict, mut more) = match agreement {
                    Agreement::Identical => ("identical", json!({})),
                    Agreement::Within(off) => (
                        "within tolerance",
                        json!({"step": off.step, "quantity": off.quantity, "relative": off.relative}),
                    ),
                    Agreement::Differs(first) => (
                        "differs",
                        json!({
                            "step": first.step, "quantity": first.quantity,
                            "stored": first.stored, "now": first.now,
                        }),
                    ),
                };
                more["left_out"] = json!(left_out);
                (verdict, more)
            }
        };
        value["verdict"] = json!(verdict);
        if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
            value.extend(more);
        }
        value
    }

    fn verdict(&self, run: &Run) -> Option<&Verdict> {
        self.done.verdicts.get(&run.id)
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.done.verdicts.values().for_each(|verdict| counts.add(verdict));
        counts
    }

    fn counts_of(&self, cell: &Cell) -> Counts {
        let mut counts = Counts::default();
        let verdicts = cell.runs.iter().filter_map(|run| self.done.verdicts.get(run));
        verdicts.for_each(|verdict| counts.add(verdict));
        counts
    }
}
