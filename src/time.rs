//! The clock for all waits, and deadlines based on it.

#[cfg(callgate_shuttle)]
pub(crate) mod model;

use std::time::{Duration, Instant};

/// Practically for ever, yet safe to add to the present.
pub(crate) const LONG: Duration = Duration::from_secs(1 << 30);

/// The present time.
#[cfg(not(callgate_shuttle))]
#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(callgate_shuttle)]
pub(crate) use model::now;

/// The end of a wait that begins now and takes `time`.
#[inline]
pub(crate) fn after(time: Duration) -> Instant {
    later(now(), time)
}

/// `start` plus `time`. A time too long for the clock counts as [`LONG`].
#[inline]
pub(crate) fn later(start: Instant, time: Duration) -> Instant {
    start.checked_add(time).unwrap_or_else(|| start + LONG)
}

/// The time left until a deadline; zero once it has passed.
#[inline]
pub(crate) fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(now())
}

/// The time since then.
#[inline]
pub(crate) fn since(start: Instant) -> Duration {
    now().saturating_duration_since(start)
}

/// Whether there is a deadline and it has passed.
#[inline]
pub(crate) fn has_passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| deadline <= now())
}

/// The earlier of two deadlines; `None` means no deadline.
#[inline]
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other < one { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// A duration in milliseconds, rounded up: a peer that waits this long must not give up early.
#[inline]
pub(crate) fn rounded_up_ms(time: Duration) -> u128 {
    time.saturating_add(Duration::from_nanos(999_999)).as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_never_shorter() {
        let rounded = [0, 1, 999_999, 1_000_000, 1_000_001, 2_000_000]
            .map(|nanoseconds| rounded_up_ms(Duration::from_nanos(nanoseconds)));
        assert_eq!(rounded, [0, 1, 1, 1, 2, 2]);
    }

    #[test]
    fn a_time_too_long_for_the_clock_is_a_long_one() {
        let start = now();
        assert_eq!(later(start, Duration::MAX), start + LONG);
        assert_eq!(later(start, Duration::from_secs(1)), start + Duration::from_secs(1));
    }

    #[test]
    fn the_earlier_of_two_deadlines_is_the_one_there_is() {
        let (soon, late) = (now(), now() + LONG);
        assert_eq!(earlier(Some(late), Some(soon)), Some(soon));
        assert_eq!(earlier(None, Some(late)), Some(late));
        assert_eq!(earlier(Some(late), None), Some(late));
        assert_eq!(earlier(None, None), None);
    }

    #[test]
    fn a_deadline_has_passed_when_nothing_is_left() {
        assert!(has_passed(Some(now())) && left(now()).is_zero());
        assert!(!has_passed(Some(after(LONG))) && !left(after(LONG)).is_zero());
        assert!(!has_passed(None));
    }
}
