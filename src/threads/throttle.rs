//! Keeps log lines rare that a peer could cause at any rate.

use std::time::Instant;

use crate::limits::{LOG_LINES, LOG_PERIOD};
use crate::log::{LogLevel, LogTarget};
use crate::sync::Mutex;

/// The kinds of such lines. Each is throttled by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frequent {
    FailedOneWayCall,
    RefusedConnection,
    ProtocolError,
    Panic,
    DroppedOneWayCalls,
    Unwatched,
    BeginningOrEnd,
}

impl Frequent {
    const ALL: [Frequent; 7] = [
        Frequent::FailedOneWayCall,
        Frequent::RefusedConnection,
        Frequent::ProtocolError,
        Frequent::Panic,
        Frequent::DroppedOneWayCalls,
        Frequent::Unwatched,
        Frequent::BeginningOrEnd,
    ];

    /// Several events of this kind, in words.
    pub fn events(self) -> &'static str {
        match self {
            Frequent::FailedOneWayCall => "failed one-way calls",
            Frequent::RefusedConnection => "refused connections",
            Frequent::ProtocolError => "protocol errors",
            Frequent::Panic => "panics",
            Frequent::DroppedOneWayCalls => "connections with dropped one-way calls",
            Frequent::Unwatched => "failures to watch long calls",
            Frequent::BeginningOrEnd => "beginnings and ends of connections",
        }
    }

    /// What the events come from.
    pub fn target(self) -> LogTarget {
        match self {
            Frequent::RefusedConnection => LogTarget::Host,
            Frequent::Unwatched => LogTarget::Transport,
            _ => LogTarget::Connection,
        }
    }

    /// The level of the event that counts those left out.
    pub fn level(self) -> LogLevel {
        match self {
            Frequent::BeginningOrEnd => LogLevel::Info,
            _ => LogLevel::Warning,
        }
    }
}

/// The lines of one kind since `begun`.
#[derive(Clone, Copy, Default)]
struct Window {
    begun: Option<Instant>,
    logged: usize,
    left_out: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Log,
    /// The first since the lines left out were last counted in the log.
    LeaveOutFirst,
    LeaveOut,
}

/// Lets a few lines of each kind pass in each period, and counts the others.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<[Window; Frequent::ALL.len()]>);

impl Throttle {
    /// What becomes of a line of this kind now.
    pub fn judge(&self, kind: Frequent, now: Instant) -> Verdict {
        let window = &mut self.0.lock()[kind as usize];
        if window.begun.is_none_or(|begun| now.duration_since(begun) >= LOG_PERIOD) {
            window.begun = Some(now);
            window.logged = 0;
        }
        if window.logged < LOG_LINES {
            window.logged += 1;
            return Verdict::Log;
        }
        window.left_out += 1;
        match window.left_out {
            1 => Verdict::LeaveOutFirst,
            _ => Verdict::LeaveOut,
        }
    }

    /// How many lines of each kind were left out since this was last asked; only kinds of which some were.
    pub fn take_left_out(&self) -> Vec<(Frequent, u64)> {
        let mut windows = self.0.lock();
        let counts = Frequent::ALL.map(|kind| {
            let left_out = &mut windows[kind as usize].left_out;
            (kind, std::mem::take(left_out))
        });
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_pass_in_each_period_and_the_others_are_counted() {
        let throttle = Throttle::default();
        let begun = crate::time::now();
        for now in [begun, begun + LOG_PERIOD] {
            for _ in 0..LOG_LINES {
                assert_eq!(throttle.judge(Frequent::Panic, now), Verdict::Log);
            }
            assert_eq!(throttle.judge(Frequent::Panic, now), Verdict::LeaveOutFirst);
            assert_eq!(throttle.judge(Frequent::Panic, now), Verdict::LeaveOut);
            assert_eq!(throttle.judge(Frequent::ProtocolError, now), Verdict::Log);
            assert_eq!(throttle.take_left_out(), [(Frequent::Panic, 2)]);
            assert_eq!(throttle.take_left_out(), []);
        }
    }
}
