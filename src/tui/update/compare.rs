//! Marking arms and laying them side by side.

use super::super::compare::subject;
use super::super::effect::Effect;
use super::super::model::Model;
use super::super::overlay::{ArmPicker, Overlay, Scale, Sheet, SheetKind};
use super::say;
use crate::base::text::counted;
use crate::notebook::CellView;

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

/// Compares what is marked, else the selected cell.
pub fn open(model: &mut Model) -> Vec<Effect> {
    match subject(model) {
        Some(subject) => model.open_sheet(SheetKind::Compare(subject, Scale::Suited)),
        None => say(model, "there is nothing to compare here: mark cells with Space"),
    }
    Vec::new()
}

/// Draws the comparison on another scale.
pub fn next_scale(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Sheet(Sheet { kind: SheetKind::Compare(_, scale), .. })) = model.overlays.last_mut()
    {
        *scale = scale.next();
    }
    Vec::new()
}
