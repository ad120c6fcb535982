//! Detects a hung peer. Over TCP the system of a stopped process still acknowledges what is sent, so only
//! the protocol's own ping can tell.
//!
//! This costs calls nothing: only waits in which nothing arrives are timed.

use std::time::{Duration, Instant};

use crate::time::{self, LONG};

/// How long a peer has been silent.
pub(crate) struct Silence {
    /// How long a silence may last before a ping, and after one.
    ping_after: Duration,
    ping_timeout: Duration,
    since: Option<Instant>,
    pinged: Option<Instant>,
}

/// What a silence calls for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// A ping.
    Ping,
    /// The end of the connection, after a silence of this length.
    End(Duration),
}

impl Silence {
    pub fn new(ping_after: Duration, ping_timeout: Duration) -> Silence {
        let (ping_after, ping_timeout) = (ping_after.min(LONG), ping_timeout.min(LONG));
        Silence { ping_after, ping_timeout, since: None, pinged: None }
    }

    /// Called when a wait begins: returns when something will be due if nothing arrives.
    pub fn begin(&mut self) -> Instant {
        self.begin_at(time::now())
    }

    fn begin_at(&mut self, now: Instant) -> Instant {
        let since = *self.since.get_or_insert(now);
        match self.pinged {
            Some(pinged) => pinged + self.ping_timeout,
            None => since + self.ping_after,
        }
    }

    /// Called when something arrives.
    pub fn end(&mut self) {
        self.since = None;
        self.pinged = None;
    }

    /// What is due if nothing has arrived until the time that [`Silence::begin`] returned. The silence of a
    /// peer means nothing if no reply is awaited. If this side was held up itself, as by SIGSTOP or a machine
    /// that slept, the peer may have been too: it is pinged once more.
    pub fn due(&mut self, awaited: bool, now: Instant) -> Due {
        if !awaited {
            self.end();
            return Due::Nothing;
        }
        let late = |pinged| now > pinged + self.ping_timeout + self.ping_timeout / 2;
        if self.pinged.is_none_or(late) {
            self.pinged = Some(now);
            return Due::Ping;
        }
        Due::End(self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_secs(30);
    const TIMEOUT: Duration = Duration::from_secs(20);

    #[test]
    fn a_silence_is_pinged_and_then_ended() {
        let mut silence = Silence::new(AFTER, TIMEOUT);
        let start = time::now();
        assert_eq!(silence.begin_at(start), start + AFTER);
        let later = start + Duration::from_secs(10);
        assert_eq!(silence.begin_at(later), start + AFTER, "it goes on from wait to wait");
        assert_eq!(silence.due(true, start + AFTER), Due::Ping);
        assert_eq!(silence.begin_at(start + AFTER), start + AFTER + TIMEOUT);
        assert_eq!(silence.due(true, start + AFTER + TIMEOUT), Due::End(AFTER + TIMEOUT));
    }

    #[test]
    fn a_side_that_was_held_up_pings_again() {
        let mut silence = Silence::new(AFTER, TIMEOUT);
        let start = time::now();
        silence.begin_at(start);
        assert_eq!(silence.due(true, start + AFTER), Due::Ping);
        let late = start + AFTER + 2 * TIMEOUT;
        assert_eq!(silence.due(true, late), Due::Ping);
        assert_eq!(silence.begin_at(late), late + TIMEOUT);
        assert!(matches!(silence.due(true, late + TIMEOUT), Due::End(_)));
    }

    #[test]
    fn it_begins_anew_when_something_comes_or_nothing_is_awaited() {
        let mut silence = Silence::new(AFTER, TIMEOUT);
        let start = time::now();
        silence.begin_at(start);
        assert_eq!(silence.due(true, start + AFTER), Due::Ping);
        silence.end();
        let later = start + AFTER + AFTER;
        assert_eq!(silence.begin_at(later), later + AFTER);
        assert_eq!(silence.due(false, later + AFTER), Due::Nothing);
        assert_eq!(silence.begin_at(later + AFTER), later + AFTER + AFTER);
    }
}
