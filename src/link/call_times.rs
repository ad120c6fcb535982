//! How long calls wait for a connection.

use std::time::{Duration, Instant};

use crate::time;

/// When a call was made, and when it gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallTimes {
    pub made: Instant,
    pub deadline: Option<Instant>,
    /// How long it waits for a connection; `None` follows the client's present setting.
    pub connection_timeout: Option<Duration>,
}

/// When a call stops waiting for a connection: `timeout` after it was made, or after the last connection
/// was lost if that was later.
pub(super) fn patience(made: Instant, lost: Option<Instant>, timeout: Duration) -> Instant {
    time::later(lost.map_or(made, |lost| lost.max(made)), timeout)
}

/// Durations beyond 584 years, the longest that fits, count as that.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
