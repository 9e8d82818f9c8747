//! How long something took that this thread did, without the time that it waited for a core.
//!
//! On a machine with other things to do a moment's measurement is mostly luck: a thread that is made to wait once
//! seems many times as slow. Linux keeps count of such waiting for each thread; where it is not known it counts as
//! none.

use std::fs;
use std::time::{Duration, Instant};

/// A running stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    began: Instant,
    waited: Duration,
}

/// What a stopwatch shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elapsed {
    /// Seconds by the clock on the wall.
    pub wall: f64,
    /// Those of them in which the thread was not waiting for a core.
    pub busy: f64,
}

impl Stopwatch {
    /// Starts one.
    pub fn start() -> Self {
        Self { began: Instant::now(), waited: waited() }
    }

    /// What it shows now.
    pub fn elapsed(&self) -> Elapsed {
        let wall = self.began.elapsed();
        let busy = wall.saturating_sub(waited().saturating_sub(self.waited));
        Elapsed { wall: wall.as_secs_f64(), busy: busy.as_secs_f64() }
    }
}

/// How long this thread has waited for a core, all in all.
fn waited() -> Duration {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    // Nanoseconds on a core, nanoseconds waiting for one, times that it had one.
    let waiting = counts.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    Duration::from_nanos(waiting.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_part_of_the_time_and_sleeping_is_not_waiting() {
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(20));
        let Elapsed { wall, busy } = watch.elapsed();
        assert!(wall >= 0.02 && busy <= wall, "{wall} {busy}");
        let later = watch.elapsed();
        assert!(later.wall >= wall && later.busy >= 0.0);
    }
}
