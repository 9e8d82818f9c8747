//! How often a run keeps a checkpoint: often enough that a killed run loses little, so seldom that it costs at most
//! about a hundredth of the time. Runs of a second or two keep none.

use std::env;
use std::time::{Duration, Instant};

/// Shortest time between two checkpoints, and before the first.
const SHORTEST: Duration = Duration::from_secs(2);

/// How many times as long as a checkpoint took it is to the next.
const REST: u32 = 100;

/// Seconds between two checkpoints, whatever they cost: for tests, and for machines that are taken away at short notice.
const VARIABLE: &str = "LOWLAND_CHECKPOINT_SECONDS";

/// When the next checkpoint is due.
pub struct Pace {
    /// The time between two, if it is fixed.
    fixed: Option<Duration>,
    due: Option<Instant>,
}

impl Pace {
    /// As the environment says, or else by cost.
    pub fn of_environment() -> Self {
        Self::of(env::var(VARIABLE).ok().as_deref())
    }

    fn of(seconds: Option<&str>) -> Self {
        let seconds = seconds.and_then(|seconds| seconds.trim().parse().ok());
        Self { fixed: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()), due: None }
    }

    /// Whether one is due. The clock starts with the first call: reading a dataset is no training.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let first = self.fixed.unwrap_or(SHORTEST);
        // A time too far off to be told never comes.
        let due = self.due.or_else(|| now.checked_add(first));
        self.due = due;
        due.is_some_and(|due| now >= due)
    }

    /// Notes that one was kept, just `now`, and took so long.
    pub fn took(&mut self, cost: Duration, now: Instant) {
        let rest = self.fixed.unwrap_or_else(|| SHORTEST.max(cost.saturating_mul(REST)));
        self.due = now.checked_add(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds after the start at which checkpoints are due that cost so many seconds each, of the first `until`.
    fn due(variable: Option<&str>, cost: f64, until: f64) -> Vec<f64> {
        let start = Instant::now();
        let mut pace = Pace::of(variable);
        let (mut seconds, mut due) = (0.0, Vec::new());
        while seconds < until {
            if pace.is_due(start + Duration::from_secs_f64(seconds)) {
                due.push(seconds);
                seconds += cost;
                pace.took(Duration::from_secs_f64(cost), start + Duration::from_secs_f64(seconds));
            }
            seconds += 0.5;
        }
        due
    }

    #[test]
    fn checkpoints_take_a_hundredth_of_the_time_and_short_runs_keep_none() {
        assert!(due(None, 0.0, 1.9).is_empty());
        assert_eq!(due(None, 0.0, 7.0), [2.0, 4.0, 6.0]);
        assert_eq!(due(None, 0.5, 120.0), [2.0, 52.5, 103.0]);
    }

    #[test]
    fn the_environment_sets_another_pace() {
        assert_eq!(due(Some("1"), 0.5, 4.0), [1.0, 2.5]);
        assert_eq!(due(Some(" 0.5 "), 0.0, 2.0), [0.5, 1.0, 1.5]);
        assert_eq!(due(Some("0"), 0.0, 1.0), [0.0, 0.5]);
        assert!(due(Some("1e19"), 0.0, 9.0).is_empty());
        for junk in ["", "often", "-1", "NaN", "inf", "1e300"] {
            assert_eq!(due(Some(junk), 0.0, 3.0), [2.0], "{junk}");
        }
    }
}
