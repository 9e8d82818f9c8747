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

impl Stopwatch {
    /// Starts one.
    pub fn start() -> Self {
        Self { began: Instant::now(), waited: waited() }
    }

    /// Seconds since then in which this thread was not waiting for a core.
    pub fn busy(&self) -> f64 {
        let waited = waited().saturating_sub(self.waited);
        self.began.elapsed().saturating_sub(waited).as_secs_f64()
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
    fn sleeping_is_not_waiting_for_a_core() {
        let (began, watch) = (Instant::now(), Stopwatch::start());
        std::thread::sleep(Duration::from_millis(20));
        let busy = watch.busy();
        assert!(busy > 0.0 && busy <= began.elapsed().as_secs_f64(), "{busy}");
    }
}
