//! How far a connection has come to its end.
//!
//! ```text
//!           drain              half_close              end             finish
//!   Open ──────────> Draining ────────────> HalfClosed ────> Ended ───────────> Finished
//!    │                   │                                     ^
//!    └───────────────────┴─────────────────────────────────────┘
//!                                  end
//! ```
//!
//! Phases only advance. In each phase the peer may say goodbye, or close the stream so that sending fails.

use std::time::Instant;

use crate::error::{Error, Status};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex};

enum Phase {
    Open,
    /// The peer's calls that have not started are refused; the running ones get their replies.
    Draining,
    /// This side has ended its sending, for this reason, and waits for the peer to end the stream too.
    HalfClosed(Error),
    /// The stream has ended, for this reason; the delegates may still be in use.
    Ended(Error),
    /// The delegates are released and the owner was notified.
    Finished(Error),
}

/// The phase of a connection, and what is known of the peer's.
pub(crate) struct Lifecycle {
    state: Mutex<State>,
    /// Signalled when the peer has read the goodbye, when the connection ends, and when it has finished.
    changed: Condvar,
    /// Whether the phase is past `Open`; written with the phase, read without the lock.
    draining: AtomicBool,
    /// Whether the peer has said goodbye or closed the stream; written and read likewise.
    peer_leaving: AtomicBool,
}

struct State {
    phase: Phase,
    /// The reason that the peer gave in its goodbye.
    peer_goodbye: Option<Error>,
    /// Whether the peer has answered the ping behind this side's goodbye.
    goodbye_read: bool,
    /// Why nothing more can be sent, while what the peer sent before is still being read.
    send_failed: Option<Error>,
}

/// The end of a connection.
pub(crate) struct End {
    pub reason: Error,
    /// The outcome of calls that wait for replies: the peer's goodbye, if there was one.
    pub outcome: Error,
}

impl Lifecycle {
    pub fn new() -> Lifecycle {
        Lifecycle {
            state: Mutex::new(State {
                phase: Phase::Open,
                peer_goodbye: None,
                goodbye_read: false,
                send_failed: None,
            }),
            changed: Condvar::new(),
            draining: AtomicBool::new(false),
            peer_leaving: AtomicBool::new(false),
        }
    }

    /// Stops starting the peer's calls, since this side says goodbye.
    pub fn drain(&self) {
        let mut state = self.state.lock();
        if matches!(state.phase, Phase::Open) {
            state.phase = Phase::Draining;
        }
        self.draining.store(true, Ordering::Release);
    }

    /// Notes that this side has ended its sending. However the stream ends, `reason` is the reason.
    pub fn half_close(&self, reason: &Error) {
        let mut state = self.state.lock();
        if matches!(state.phase, Phase::Open | Phase::Draining) {
            state.phase = Phase::HalfClosed(reason.clone());
        }
        self.draining.store(true, Ordering::Release);
    }

    /// Ends the connection; `None` if it has already ended. The reason given when half-closing replaces
    /// this one.
    pub fn end(&self, reason: Error) -> Option<End> {
        let mut state = self.state.lock();
        let reason = match &state.phase {
            Phase::Open | Phase::Draining => reason,
            Phase::HalfClosed(first) => first.clone(),
            Phase::Ended(_) | Phase::Finished(_) => return None,
        };
        state.phase = Phase::Ended(reason.clone());
        self.draining.store(true, Ordering::Release);
        // However the stream ends, the peer has said why it will not reply to these calls.
        let said = state.peer_goodbye.clone();
        let said = said.filter(|_| reason.status() == Status::ChannelFaulted);
        drop(state);
        self.changed.notify_all();
        Some(End { outcome: said.unwrap_or_else(|| reason.clone()), reason })
    }

    /// Notes that nothing of the connection is in use any more. Only after its end.
    pub fn finish(&self) {
        let mut state = self.state.lock();
        if let Phase::Ended(reason) = &state.phase {
            state.phase = Phase::Finished(reason.clone());
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Why the connection has ended or is about to end, if so.
    pub fn ended(&self) -> Option<Error> {
        let state = self.state.lock();
        state.phase.ended().or(state.send_failed.as_ref()).cloned()
    }

    pub fn has_ended(&self) -> bool {
        self.state.lock().phase.ended().is_some()
    }

    /// Whether the peer's calls no longer start, and a thread may wait for the running ones. Costs one
    /// load.
    #[inline]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Notes the peer's goodbye and its reason. False if it has said goodbye before.
    pub fn note_goodbye(&self, reason: Error) -> bool {
        let before = self.state.lock().peer_goodbye.replace(reason);
        self.peer_leaving.store(true, Ordering::Release);
        before.is_none()
    }

    /// Notes that sending failed because the peer has closed the stream. False if the connection has ended
    /// or a failure was already noted.
    pub fn note_send_failure(&self, error: &Error) -> bool {
        let mut state = self.state.lock();
        if state.phase.ended().is_some() || state.send_failed.is_some() {
            return false;
        }
        state.send_failed = Some(error.clone());
        self.peer_leaving.store(true, Ordering::Release);
        true
    }

    /// The reason that the peer gave in its goodbye, if it has said one.
    pub fn peer_goodbye(&self) -> Option<Error> {
        self.state.lock().peer_goodbye.clone()
    }

    /// Whether the peer has said goodbye or closed the stream. Costs one load.
    #[inline]
    pub fn is_peer_leaving(&self) -> bool {
        self.peer_leaving.load(Ordering::Acquire)
    }

    /// Notes that the peer has read this side's goodbye, and everything that it sent before has arrived.
    pub fn note_goodbye_read(&self) {
        self.state.lock().goodbye_read = true;
        self.changed.notify_all();
    }

    /// Waits until the peer has read this side's goodbye, the connection has ended, or the deadline has passed.
    pub fn wait_goodbye_read(&self, deadline: Instant) {
        let mut state = self.state.lock();
        while !state.goodbye_read && state.phase.ended().is_none() {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                return;
            }
        }
    }

    /// Waits until the connection has ended, or the deadline has passed.
    pub fn wait_ended(&self, deadline: Instant) {
        let mut state = self.state.lock();
        while state.phase.ended().is_none() {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                return;
            }
        }
    }

    /// Waits until the connection has finished.
    pub fn wait_finished(&self) {
        let mut state = self.state.lock();
        while !matches!(state.phase, Phase::Finished(_)) {
            self.changed.wait(&mut state);
        }
    }
}

impl Phase {
    fn ended(&self) -> Option<&Error> {
        match self {
            Phase::Ended(reason) | Phase::Finished(reason) => Some(reason),
            Phase::Open | Phase::Draining | Phase::HalfClosed(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    fn closed(message: &str) -> Error {
        Error::new(Status::Closed, message)
    }

    fn lost() -> Error {
        Error::new(Status::ChannelFaulted, "lost")
    }

    #[test]
    fn the_first_reason_for_the_end_counts() {
        let life = Lifecycle::new();
        assert_eq!(life.end(lost()).unwrap().reason.message(), "lost");
        assert!(life.end(closed("later")).is_none());
        life.half_close(&closed("later"));
        life.drain();
        life.finish();
        assert_eq!(life.ended().unwrap().message(), "lost");
        life.wait_finished();
        assert!(life.is_draining());
    }

    #[test]
    fn half_closing_says_why_the_stream_ends() {
        let life = Lifecycle::new();
        life.drain();
        life.half_close(&closed("the host was closed"));
        assert!(!life.has_ended());
        let end = life.end(lost()).unwrap();
        assert_eq!(end.reason.message(), "the host was closed");
        assert_eq!(end.outcome.message(), "the host was closed");
    }

    #[test]
    fn calls_end_with_the_peers_goodbye_if_the_stream_is_lost() {
        let goodbye = || closed("the peer was closed");
        for (reason, outcome) in [(lost(), "the peer was closed"), (closed("here"), "here")] {
            let life = Lifecycle::new();
            assert!(life.note_goodbye(goodbye()) && !life.note_goodbye(goodbye()));
            assert!(life.is_peer_leaving() && !life.is_draining());
            assert_eq!(life.end(reason).unwrap().outcome.message(), outcome);
        }
    }

    #[test]
    fn a_failure_to_send_counts_once_and_ends_nothing() {
        let life = Lifecycle::new();
        assert!(life.note_send_failure(&lost()));
        assert!(!life.note_send_failure(&lost()));
        assert!(life.ended().is_some() && life.is_peer_leaving());
        assert!(!life.has_ended() && !life.is_draining());
        life.end(closed("later")).unwrap();
        assert_eq!(life.ended().unwrap().message(), "later");
        assert!(!life.note_send_failure(&lost()));
    }

    #[test]
    fn waiting_stops_at_the_deadline() {
        let life = Lifecycle::new();
        life.drain();
        life.wait_goodbye_read(time::now());
        life.wait_ended(time::now());
        assert!(!life.has_ended());
    }

    #[test]
    fn waiting_for_a_goodbye_to_be_read_stops_at_the_end() {
        let acts: [fn(&Lifecycle); 2] =
            [Lifecycle::note_goodbye_read, |life| assert!(life.end(lost()).is_some())];
        for act in acts {
            let life = Lifecycle::new();
            life.drain();
            act(&life);
            life.wait_goodbye_read(time::after(time::LONG));
        }
    }
}
