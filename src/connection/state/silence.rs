//! Noticing that a peer hangs: over TCP the system of a stopped process still acknowledges what is sent,
//! so that only the protocol's own ping can tell.
//!
//! It costs calls nothing: time is measured by the waits in which nothing came.

use std::time::{Duration, Instant};

use crate::time::{self, LONG};

/// For how long nothing has come from a peer.
pub(crate) struct Silence {
    /// How long it may last before a ping, and after one.
    ping_after: Duration,
    ping_timeout: Duration,
    since: Option<Instant>,
    pinged: Option<Instant>,
}

/// What a silence that has lasted calls for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// A ping.
    Ping,
    /// The connection's end: nothing has come for that long.
    End(Duration),
}

impl Silence {
    pub fn new(ping_after: Duration, ping_timeout: Duration) -> Silence {
        let (ping_after, ping_timeout) = (ping_after.min(LONG), ping_timeout.min(LONG));
        Silence { ping_after, ping_timeout, since: None, pinged: None }
    }

    /// A wait begins: returns when something will be due if nothing comes.
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

    /// Something has come.
    pub fn end(&mut self) {
        self.since = None;
        self.pinged = None;
    }

    /// What is due when nothing came until the time that [`Silence::begin`] gave. The silence of a peer from
    /// which nothing is awaited means nothing.
    pub fn due(&mut self, awaited: bool, now: Instant) -> Due {
        if !awaited {
            self.end();
            return Due::Nothing;
        }
        if self.pinged.is_none() {
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
