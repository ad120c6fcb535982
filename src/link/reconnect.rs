//! The client's thread: it connects, leads the connection until it ends, and connects again.

use std::time::Duration;

use crate::connection::state::inbox::is_protocol_error;
use crate::connection::{handshake, Connection};
use crate::error::{Error, Result, Status};
use crate::limits::{PAUSE_GROWTH, PAUSE_JITTER};
use crate::link::events::Events;
use crate::link::{is_final, Link};
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::sync::random_number;
use crate::threads::throttle::Frequent;
use crate::time;
use crate::transport::{Dialler, Endpoint, Guard, Peer};

/// Refuses endpoints that the client cannot connect to.
pub(crate) fn check(endpoint: &Endpoint, demands_user: bool) -> Result<()> {
    if endpoint.port() == Some(0) {
        return Err(Error::new(
            Status::InvalidArgument,
            "port 0 lets a host choose a port; a client needs the chosen one",
        ));
    }
    if demands_user && endpoint.is_on_network() {
        return Err(Error::new(
            Status::AccessDenied,
            "over TCP the user of a host is unknown; require one only over pipe:// or unix://",
        ));
    }
    Guard::of_client(endpoint).map(drop)
}

/// Keeps the link connected until its client is closed.
pub(crate) fn supervise(link: &Link, events: &Events) {
    link.note_supervisor();
    let mut backoff = Backoff::new(link);
    let mut round = Round::default();
    let mut generation = 1;
    loop {
        match establish(link, generation) {
            Ok(connection) => {
                round = Round::default();
                let begun = time::now();
                let tells = events.tells_begun(&connection);
                if !tells {
                    connection.stand_by();
                }
                if !link.established(&connection) {
                    return connection.close();
                }
                link.runtime
                    .log_frequent(Frequent::BeginningOrEnd, || begun_event(link, &connection));
                generation += 1;
                if tells {
                    connection.begin(|| events.begun(&connection, &link.runtime));
                }
                connection.lead();
                connection.wait_finished();
                let reason = connection.ended().unwrap_or_else(lost);
                link.forget(&connection, reason.clone());
                events.ended(&connection, &reason, &link.runtime);
                backoff.note_end(time::since(begun), connection.was_used());
                if !link.pause(reason, backoff.next()) {
                    return;
                }
            }
            Err(failure) => {
                link.runtime.counts.note_failed_connection();
                link.runtime.log(|| failure_event(link, &failure));
                link.endpoints.advance();
                if let Some(failure) = round.note(failure, link.endpoints.count()) {
                    if !link.pause(failure, backoff.next()) {
                        return;
                    }
                }
            }
        }
    }
}

fn begun_event(link: &Link, connection: &Connection) -> LogEvent<'static> {
    let endpoint = link.endpoints.present();
    let message = format!("connection {} to {endpoint} began", connection.id());
    let event = LogEvent::new(LogLevel::Info, LogTarget::Client, message);
    let peer = connection.peer();
    event.connection(connection.id()).endpoint(endpoint).peer(peer.user.as_ref(), peer.pid)
}

fn failure_event(link: &Link, failure: &Error) -> LogEvent<'static> {
    let endpoint = link.endpoints.present();
    let message =
        format!("the client could not connect to {endpoint}, and will try again: {failure}");
    let level = match is_protocol_error(failure) {
        true => LogLevel::Warning,
        false => LogLevel::Debug,
    };
    LogEvent::new(level, LogTarget::Client, message).endpoint(endpoint).error(failure)
}

fn establish(link: &Link, generation: u64) -> Result<Connection> {
    let limits = link.limits();
    let deadline = time::after(limits.handshake_timeout);
    let endpoint = link.endpoints.present();
    let guard = Guard::of_client(endpoint)?;
    let dialler = Dialler::new(endpoint, deadline)?;
    let stopper = dialler.stopper();
    link.opens(move || stopper.stop())?;
    let stream = dialler.dial()?;
    let control = stream.control.clone();
    link.opens(move || control.shutdown())?;
    let stream = link.tapped(guard.secure(stream, deadline)?);
    check_user(link, &stream.peer)?;
    let negotiated = handshake::as_client(stream, limits, deadline)?;
    Ok(Connection::new(negotiated, link.runtime.clone(), generation, Box::new(())))
}

/// Refuses a host that does not run as the user that the client requires.
fn check_user(link: &Link, host: &Peer) -> Result<()> {
    match &link.host_user {
        Some(demanded) if host.user.as_ref() != Some(demanded) => {
            let found = host.user.as_ref();
            let found = found.map_or("an unknown user".into(), |user| format!("user {user}"));
            let endpoint = link.endpoints.present();
            let message = format!("the host of {endpoint} runs as {found}, not as user {demanded}");
            Err(Error::new(Status::AccessDenied, message))
        }
        _ => Ok(()),
    }
}

/// One attempt at each endpoint. Pauses follow only behind a whole round.
#[derive(Default)]
struct Round {
    attempts: usize,
    failure: Option<Error>,
}

impl Round {
    /// Notes a failed attempt. Behind the last of a round, returns the failure that stands for all: one that
    /// waiting may fix, if there is any.
    fn note(&mut self, failure: Error, endpoints: usize) -> Option<Error> {
        self.attempts += 1;
        match &self.failure {
            Some(known) if !is_final(known) => {}
            _ => self.failure = Some(failure),
        }
        if self.attempts < endpoints {
            return None;
        }
        std::mem::take(self).failure
    }
}

fn lost() -> Error {
    Error::new(Status::ChannelFaulted, "the connection was lost")
}

/// Pauses between attempts to connect. They grow until a connection was useful, so a host that accepts
/// every client and then crashes is retried as slowly as one that does not answer.
struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    fn new(link: &Link) -> Backoff {
        let (first, longest) =
            link.limits().reconnect_backoff.unwrap_or(link.endpoints.usual_pause());
        Backoff { first, longest, next: first }
    }

    /// Notes that a connection has ended after `lived`. A connection without calls still shows that the
    /// host works if it outlived the longest pause.
    fn note_end(&mut self, lived: Duration, was_used: bool) {
        if was_used || lived >= self.longest {
            self.next = self.first;
        }
    }

    fn next(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = pause.mul_f64(PAUSE_GROWTH).min(self.longest);
        pause.mul_f64(1.0 + PAUSE_JITTER * (2.0 * random() - 1.0))
    }
}

/// A number from 0 to 1.
fn random() -> f64 {
    random_number() as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_a_connection_was_of_use() {
        let (first, longest) = (Duration::from_millis(10), Duration::from_millis(100));
        let mut backoff = Backoff { first, longest, next: first };
        let instant = Duration::ZERO;
        for (lived, was_used) in [(instant, true), (longest, false)] {
            let mut least = first;
            for _ in 0..20 {
                backoff.note_end(instant, false);
                assert!(backoff.next() >= least.mul_f64(1.0 - PAUSE_JITTER));
                least = least.mul_f64(PAUSE_GROWTH).min(longest);
            }
            assert_eq!(least, longest);
            backoff.note_end(lived, was_used);
            assert!(backoff.next() <= first.mul_f64(1.0 + PAUSE_JITTER));
            backoff.next = first;
        }
    }
}
