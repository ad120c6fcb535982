//! Conversions of time for peers and programs.

use std::time::Duration;

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
}
