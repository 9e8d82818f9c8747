//! Going about in anything that has lines.

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// One down.
    Down,
    /// One up.
    Up,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// Half a screen down.
    HalfDown,
    /// Half a screen up.
    HalfUp,
    /// A screen down, less one line to read on from.
    PageDown,
    /// A screen up, less one line.
    PageUp,
}

impl Motion {
    /// Where one comes to from line `at`, where `last` is the last line and `height` lines are seen.
    pub fn travel(self, at: usize, last: usize, height: usize) -> usize {
        let page = height.saturating_sub(1).max(1);
        let half = (height / 2).max(1);
        let to = match self {
            Self::Down => at + 1,
            Self::Up => at.saturating_sub(1),
            Self::First => 0,
            Self::Last => last,
            Self::HalfDown => at + half,
            Self::HalfUp => at.saturating_sub(half),
            Self::PageDown => at + page,
            Self::PageUp => at.saturating_sub(page),
        };
        to.min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motion_stays_inside() {
        let table = [
            (Motion::Down, 3, 4),
            (Motion::Down, 9, 9),
            (Motion::Up, 0, 0),
            (Motion::First, 5, 0),
            (Motion::Last, 5, 9),
            (Motion::HalfDown, 3, 5),
            (Motion::HalfUp, 1, 0),
            (Motion::PageDown, 3, 6),
            (Motion::PageUp, 9, 6),
        ];
        for (motion, from, to) in table {
            assert_eq!(motion.travel(from, 9, 4), to, "{motion:?} from {from}");
        }
        assert_eq!(Motion::PageDown.travel(0, 0, 0), 0);
    }
}
