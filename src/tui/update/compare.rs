//! Marking arms and laying them side by side.

use super::super::compare::subject;
use super::super::comparison::Comparison;
use super::super::effect::Effect;
use super::super::model::Model;
use super::super::overlay::{ArmPicker, Overlay};
use super::say;
use crate::base::text::counted;
use crate::compare::Base;
use crate::notebook::CellView;
use crate::render::comparison::View;

/// Marks the arm under the cursor where arms are being chosen, else the selected cell.
pub fn mark(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Arms(picker)) = model.overlays.last() {
        if let Some(arm) = picker.arms.get(picker.at) {
            model.marks.toggle(&picker.entry, &picker.cell, arm);
        }
        return Vec::new();
    }
    match picker(model) {
        Some(ArmPicker { entry, cell, arms, .. }) => {
            let marked = model.marks.toggle_all(&entry, &cell, &arms);
            let what = if marked { "marked" } else { "unmarked" };
            let total = model.marks.len();
            say(model, format!("{} of {cell} {what}, {total} in all", counted(arms.len(), "arm")));
        }
        None => say(model, "only experiments can be marked"),
    }
    Vec::new()
}

/// Lets the person choose among the arms of the selected cell.
pub fn choose_arms(model: &mut Model) -> Vec<Effect> {
    match picker(model) {
        Some(picker) => model.overlays.push(Overlay::Arms(picker)),
        None => say(model, "only experiments can be marked"),
    }
    Vec::new()
}

fn picker(model: &Model) -> Option<ArmPicker> {
    let CellView::Experiment(view) = model.cell()? else { return None };
    Some(ArmPicker {
        entry: model.entry()?.slug.clone(),
        cell: view.experiment.id.clone(),
        arms: view.experiment.arms.clone(),
        at: 0,
    })
}

/// Forgets all marks.
pub fn unmark(model: &mut Model) -> Vec<Effect> {
    let forgotten = counted(model.marks.len(), "mark");
    model.marks.clear();
    say(model, format!("{forgotten} forgotten"));
    Vec::new()
}

/// Ways to look at a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance {
    /// On another upright scale.
    LogScale,
    /// On another level scale.
    LogAcross,
    /// Along something else.
    NextBase,
    /// Smoothed more, or not at all.
    Smooth,
    /// As histograms of the seeds.
    Seeds,
    /// In other dots.
    Marker,
    /// With the cursor further left.
    Left,
    /// Further right.
    Right,
    /// Much further left.
    FarLeft,
    /// Much further right.
    FarRight,
    /// The next quantity.
    NextQuantity,
    /// The one before.
    PreviousQuantity,
    /// One quantity alone, or all.
    Zoom,
    /// In the entry, from now on.
    Write,
}

/// Columns that the cursor goes at once when it goes far.
const FAR: f64 = 10.0;
/// Columns of the screen that are no part of a chart, roughly.
const MARGINS: f64 = 8.0;

/// Compares what is marked, else the selected cell.
pub fn open(model: &mut Model) -> Vec<Effect> {
    match subject(model) {
        Some(subject) => {
            model.compare_view.cursor = None;
            model.overlays.push(Overlay::Comparison(Box::new(Comparison::new(subject))));
        }
        None => say(model, "there is nothing to compare here: mark cells with Space"),
    }
    Vec::new()
}

/// Looks at the comparison in another way.
pub fn look(model: &mut Model, glance: Glance) -> Vec<Effect> {
    let column = 1.0 / (f64::from(model.size.width) - MARGINS).max(1.0);
    let view = &mut model.compare_view;
    match glance {
        Glance::LogScale => view.y = view.y.next(),
        Glance::LogAcross => view.x = view.x.next(),
        Glance::NextBase => next_base(model),
        Glance::Smooth => view.smoothing = view.smoothing.next(),
        Glance::Seeds => view.seeds = !view.seeds,
        Glance::Marker => next_marker(model),
        Glance::Left => move_cursor(view, -column),
        Glance::Right => move_cursor(view, column),
        Glance::FarLeft => move_cursor(view, -FAR * column),
        Glance::FarRight => move_cursor(view, FAR * column),
        Glance::NextQuantity | Glance::PreviousQuantity | Glance::Zoom => {
            if let Some(Overlay::Comparison(comparison)) = model.overlays.last_mut() {
                match glance {
                    Glance::Zoom => comparison.zoom(),
                    other => comparison.step(other == Glance::NextQuantity),
                }
            }
        }
        Glance::Write => return super::write_compare::write(model),
    }
    Vec::new()
}

/// Along the next thing there is; the sweep is left out where there is none.
fn next_base(model: &mut Model) {
    let Some(Overlay::Comparison(comparison)) = model.overlays.last() else { return };
    let has_sweep = comparison.compared().is_some_and(|compared| !compared.summary.along.is_empty());
    let first = if has_sweep { Base::Axis } else { Base::Step };
    let mut next = model.compare_view.base.unwrap_or(first).next();
    if next == Base::Axis && !has_sweep {
        next = next.next();
    }
    // Of what stands on the screen nothing is where the cursor was.
    (model.compare_view.base, model.compare_view.cursor) = (Some(next), None);
    say(model, format!("by {}", next.name()));
}

fn next_marker(model: &mut Model) {
    model.compare_view.marker = model.compare_view.marker.next();
    let name = model.compare_view.marker.in_look(model.look).name();
    say(model, format!("lines of {name}"));
}

/// The cursor appears in the middle, or where it is about to go.
fn move_cursor(view: &mut View, by: f64) {
    let from = view.cursor.unwrap_or(0.5);
    view.cursor = Some((from + by).clamp(0.0, 1.0));
}
