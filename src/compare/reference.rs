//! What the differences of a comparison are taken to.

use super::point::{digits, point_in_words};
use super::{Group, Results};

/// What differences are taken to.
pub(super) enum Reference {
    /// Nothing: there is one group, or no arm of that name.
    Nothing,
    /// This arm, at the same sweep point.
    Arm(String),
    /// The first group: one arm along a sweep.
    FirstPoint,
}

impl Reference {
    /// The arm of that name, the first one if none is named.
    pub(super) fn choose(results: &Results, named: Option<&str>) -> Self {
        let Some(first) = results.groups.first().filter(|_| results.groups.len() > 1) else {
            return Self::Nothing;
        };
        let arm = named.unwrap_or(&first.arm);
        if results.groups.iter().all(|group| group.arm == arm) {
            Self::FirstPoint
        } else if results.groups.iter().any(|group| group.arm == arm) {
            Self::Arm(arm.to_owned())
        } else {
            Self::Nothing
        }
    }

    /// The group that `group` is compared to; `None` if that is itself.
    pub(super) fn of<'a>(&self, group: &Group, results: &'a Results) -> Option<&'a Group> {
        let reference = match self {
            Self::Nothing => None,
            Self::FirstPoint => results.groups.first(),
            Self::Arm(arm) => {
                results.groups.iter().find(|other| other.arm == *arm && other.point == group.point)
            }
        };
        reference.filter(|reference| !std::ptr::eq(*reference, group))
    }

    /// What a reader calls it.
    pub(super) fn in_words(&self, results: &Results) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Arm(arm) => Some(arm.clone()),
            Self::FirstPoint => results.groups.first().map(|group| {
                let point = point_in_words(&results.axes, &group.point, digits(results));
                if point.is_empty() { group.arm.clone() } else { point }
            }),
        }
    }
}
