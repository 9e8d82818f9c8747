//! How often a frame may be sent. About 1 MB of output disappears into the buffers of kernel and ssh before a
//! write blocks, so a screen that draws faster than a slow line drains falls seconds behind without noticing.

use std::time::Duration;

/// Frames per second that go on for long (DESIGN §7).
const RATE: f64 = 10.0;

/// Frames that may follow each other at once: single keys are answered without delay.
const BURST: f64 = 5.0;

/// A token bucket of frames.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    tokens: f64,
    at: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { tokens: BURST, at: Duration::ZERO }
    }
}

impl Pace {
    /// Takes the right to send a frame at `now`, or says how long to wait for it.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        (self.tokens, self.at) = ((self.tokens + elapsed * RATE).min(BURST), now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / RATE).max(Duration::from_millis(1)))
    }

    /// Gives it back: the frame looked like the one before, and nothing was sent.
    pub fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(BURST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_ten_frames_a_second_and_a_single_key_never_waits() {
        let mut pace = Pace::default();
        let sent = (0..3000).filter(|ms| pace.take(Duration::from_millis(*ms)).is_ok()).count();
        assert!((34..=35).contains(&sent), "{sent} frames in 3 s");
        assert!(pace.take(Duration::from_secs(4)).is_ok());
    }

    #[test]
    fn frames_that_were_not_sent_hold_up_no_key() {
        let mut pace = Pace::default();
        for ms in 0..1000 {
            assert_eq!(pace.take(Duration::from_millis(ms)), Ok(()));
            pace.give_back();
        }
    }

    #[test]
    fn waiting_as_long_as_told_is_enough() {
        let mut pace = Pace::default();
        let mut now = Duration::from_secs(1);
        for _ in 0..100 {
            if let Err(wait) = pace.take(now) {
                now += wait;
                assert_eq!(pace.take(now), Ok(()));
            }
        }
    }
}
