//! Wall time. `science` never looks at it: results must not depend on when they were made.

use jiff::{Timestamp, Zoned};

/// Now, as RFC 3339 in UTC to the millisecond: sorts as text.
pub fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

/// Seconds since the Unix epoch.
pub fn unix_seconds() -> f64 {
    Timestamp::now().as_millisecond() as f64 / 1000.0
}

/// Seconds since a moment that [`now`] told, here or elsewhere; never negative.
pub fn seconds_since(moment: &str) -> Option<f64> {
    let then: Timestamp = moment.parse().ok()?;
    Some((unix_seconds() - then.as_millisecond() as f64 / 1000.0).max(0.0))
}

/// A minute, where the person is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// `2026-11-22`.
    pub date: String,
    /// `14:05`.
    pub time: String,
}

impl Moment {
    /// This minute.
    pub fn now() -> Self {
        let now = Zoned::now();
        Self { date: now.date().to_string(), time: now.strftime("%H:%M").to_string() }
    }
}

/// Whether `text` is a calendar date `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// Hours:minutes or minutes:seconds, as short as it can be said.
pub fn duration(seconds: f64) -> String {
    let total = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_real_dates() {
        assert!(is_date("2026-11-22"));
        for bad in ["2026-02-30", "2026-1-2", "26-01-02", "2026-11-22x", ""] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn durations_read_like_a_clock() {
        assert_eq!(duration(0.4), "0:00");
        assert_eq!(duration(61.0), "1:01");
        assert_eq!(duration(3723.0), "1:02:03");
    }
}
