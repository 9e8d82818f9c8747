//! How often a frame may be sent, and how much of it. About 1 MB of output disappears into the buffers of kernel and
//! ssh before a write blocks, so a screen that draws faster than a slow line drains falls seconds behind without
//! noticing. Pure: what is known of the line comes in with the questions.

use std::time::Duration;

/// Frames per second that go on for long (DESIGN §7).
const RATE: f64 = 10.0;

/// Frames that may follow each other at once: single keys are answered without delay.
const BURST: f64 = 5.0;

/// Bytes per second on a line of which nothing is known: three quarters of 64 kbit/s, the rest is for ssh.
const BYTES: f64 = 6_000.0;

/// Bytes that may be underway on a slow line, or one that may be: a key waits for them. 64 kbit/s deliver them in
/// three eighths of a second, and a pane of 80x24 that is drawn anew is less.
const MOST_UNDERWAY: usize = 3_000;

/// The same on a line that turned out fast.
const MOST_OF_ALL: usize = 64_000;

/// Bytes per second, those that wait for the answer included, from which on a line is fast: half as much again as
/// 64 kbit/s can do.
const FAST: f64 = 12_000.0;

/// A line that has not delivered what may be underway in so long is not fast any more.
const LONG: Duration = Duration::from_millis(500);

/// How long it takes until the kernel counts what was written: ssh must have read it.
const LAG: Duration = Duration::from_millis(50);

/// How long to wait before it is looked again whether more can be sent.
pub const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Why there is something to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody pressed a key.
    Key,
    /// Something is new.
    News,
}

/// What is known of the line at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// There is none: whatever is written has arrived.
    None,
    /// So many bytes are underway.
    Bytes(usize),
    /// Nobody knows.
    Unknown,
}

/// Whether a frame needs no turn: where nothing travels a key is answered at once, however many came before.
pub fn is_free(load: Load, cause: Cause) -> bool {
    load == Load::None && cause == Cause::Key
}

/// Token buckets of frames and of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    frames: f64,
    /// Bytes that may be sent where nothing is known of the line; less than none after something large.
    bytes: f64,
    at: Duration,
    /// Bytes that may be underway on a line of which it is known how many are.
    window: usize,
    /// When something was sent last, and how much.
    last: (Duration, usize),
    /// Whether it has arrived, and was counted for it.
    arrived: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            frames: BURST,
            bytes: MOST_UNDERWAY as f64,
            at: Duration::ZERO,
            window: MOST_UNDERWAY,
            last: (Duration::ZERO, 0),
            arrived: true,
        }
    }
}

impl Pace {
    /// Takes the right to send a frame at `now`, or says how long to wait for it.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.fill(now);
        if self.frames >= 1.0 {
            self.frames -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.frames) / RATE).max(Duration::from_millis(1)))
    }

    /// Gives it back: the frame looked like the one before, and nothing was sent.
    pub fn give_back(&mut self) {
        self.frames = (self.frames + 1.0).min(BURST);
    }

    /// How many bytes may be sent at `now`.
    pub fn room(&mut self, now: Duration, load: Load, cause: Cause) -> usize {
        self.fill(now);
        let room = match load {
            Load::None => return usize::MAX,
            Load::Unknown => self.bytes.max(0.0) as usize,
            Load::Bytes(underway) => {
                self.judge(now, underway);
                let (at, bytes) = self.last;
                let uncounted = if now.saturating_sub(at) < LAG { bytes } else { 0 };
                self.window.saturating_sub(underway.max(uncounted))
            }
        };
        // What nobody asked for leaves half of it to a key.
        if cause == Cause::Key { room } else { room.saturating_sub(self.most(load, Cause::News)) }
    }

    /// The most that [`Self::room`] comes to.
    pub fn most(&self, load: Load, cause: Cause) -> usize {
        let most = match load {
            Load::None => return usize::MAX,
            Load::Unknown => MOST_UNDERWAY,
            Load::Bytes(_) => self.window,
        };
        if cause == Cause::Key { most } else { most / 2 }
    }

    /// Learns from how long what was sent last took: where that was fast, more may be underway.
    fn judge(&mut self, now: Duration, underway: usize) {
        let (at, bytes) = self.last;
        let took = now.saturating_sub(at);
        if underway > 0 && took >= LONG {
            self.window = MOST_UNDERWAY;
        } else if underway == 0 && took >= LAG && !self.arrived {
            self.arrived = true;
            if bytes as f64 >= FAST * took.as_secs_f64() {
                self.window = (2 * self.window).min(MOST_OF_ALL);
            }
        }
    }

    /// Notes that so many bytes were sent at `now`.
    pub fn sent(&mut self, now: Duration, bytes: usize) {
        let (at, before) = self.last;
        let before = if now.saturating_sub(at) < LAG { before } else { 0 };
        self.last = (now, before + bytes);
        self.bytes -= bytes as f64;
        self.arrived = false;
    }

    fn fill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        self.frames = (self.frames + elapsed * RATE).min(BURST);
        self.bytes = (self.bytes + elapsed * BYTES).min(MOST_UNDERWAY as f64);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_storm_is_ten_frames_a_second_and_a_single_key_never_waits() {
        let mut pace = Pace::default();
        let sent = (0..3000).filter(|ms| pace.take(Duration::from_millis(*ms)).is_ok()).count();
        assert!((34..=35).contains(&sent), "{sent} frames in 3 s");
        assert!(pace.take(Duration::from_secs(4)).is_ok());
    }

    #[test]
    fn only_keys_where_nothing_travels_need_no_turn() {
        for (load, cause, free) in [
            (Load::None, Cause::Key, true),
            (Load::None, Cause::News, false),
            (Load::Bytes(0), Cause::Key, false),
            (Load::Unknown, Cause::Key, false),
        ] {
            assert_eq!(is_free(load, cause), free, "{load:?} {cause:?}");
        }
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

    #[test]
    fn what_is_underway_is_room_taken_and_news_leave_some_for_a_key() {
        let now = Duration::from_secs(1);
        for (load, cause, room) in [
            (Load::None, Cause::News, usize::MAX),
            (Load::Unknown, Cause::Key, MOST_UNDERWAY),
            (Load::Unknown, Cause::News, MOST_UNDERWAY / 2),
            (Load::Bytes(0), Cause::Key, MOST_UNDERWAY),
            (Load::Bytes(2_000), Cause::Key, MOST_UNDERWAY - 2_000),
            (Load::Bytes(2_000), Cause::News, 0),
            (Load::Bytes(50_000), Cause::Key, 0),
        ] {
            assert_eq!(Pace::default().room(now, load, cause), room, "{load:?} {cause:?}");
        }
    }

    #[test]
    fn what_the_kernel_has_not_counted_yet_counts() {
        let mut pace = Pace::default();
        pace.sent(Duration::from_secs(1), 2_000);
        let soon = Duration::from_secs(1) + LAG / 2;
        assert_eq!(pace.room(soon, Load::Bytes(0), Cause::Key), MOST_UNDERWAY - 2_000);
        assert_eq!(pace.room(Duration::from_secs(2), Load::Bytes(0), Cause::Key), MOST_UNDERWAY);
    }

    /// A line that delivers so many bytes a second, each after so many milliseconds, is looked at while it is asked for more
    /// than it can take; the most that was underway once it is known.
    fn most_underway(rate: f64, delay: u64) -> usize {
        let (mut pace, mut sent, mut most) = (Pace::default(), Vec::new(), 0);
        let mut free = Duration::ZERO;
        for ms in (0..10_000).step_by(50) {
            let now = Duration::from_millis(1_000 + ms);
            sent.retain(|(arrives, _): &(Duration, usize)| *arrives > now);
            let underway = sent.iter().map(|(_, bytes)| bytes).sum();
            let bytes = pace.room(now, Load::Bytes(underway), Cause::Key).min(20_000);
            if bytes >= 500 {
                pace.sent(now, bytes);
                free = free.max(now) + Duration::from_secs_f64(bytes as f64 / rate);
                sent.push((free + Duration::from_millis(delay), bytes));
                most = most.max(underway + bytes);
            }
        }
        most
    }

    #[test]
    fn a_fast_line_is_used_and_a_slow_one_is_not_filled() {
        for (rate, delay) in [(8e3, 0), (8e3, 20), (8e3, 200), (2e3, 50)] {
            assert_eq!(most_underway(rate, delay), MOST_UNDERWAY, "{rate} {delay}");
        }
        for (rate, delay) in [(1e6, 1), (1e6, 30), (1e5, 30)] {
            assert!(most_underway(rate, delay) >= 12_000, "{rate} {delay}");
        }
    }

    proptest! {
        /// On a line of 64 kbit/s of which nothing is known, never more than half a second's bytes are underway.
        #[test]
        fn a_line_of_which_nothing_is_known_is_never_half_a_second_behind(
            asks in prop::collection::vec((1u64..400, 1usize..4_000), 1..200)
        ) {
            let (mut pace, mut now, mut underway) = (Pace::default(), Duration::ZERO, 0.0_f64);
            for (ms, bytes) in asks {
                now += Duration::from_millis(ms);
                underway = (underway - 8.0 * ms as f64).max(0.0);
                let bytes = bytes.min(pace.room(now, Load::Unknown, Cause::Key));
                pace.sent(now, bytes);
                underway += bytes as f64;
                prop_assert!(underway <= 4_000.0, "{underway} bytes underway");
            }
        }
    }
}
