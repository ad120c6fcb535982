//! How many connections a host accepts when many clients dial at once.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use crate::support::gate::eventually;
use crate::support::raw::{self, RawClient};
use crate::support::{calculator_host, watched};
use callgate::{Host, Limits, Status};

const LIMIT: Duration = Duration::from_secs(60);
const DIALLERS: usize = 40;
const PLACES: usize = 5;
const ROUNDS: usize = 20;

fn with_limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn host_with(limits: Limits) -> (Host, String) {
    let endpoint = raw::endpoint("admission");
    let host = calculator_host(&endpoint).limits(limits);
    (host.start().unwrap(), endpoint)
}

/// Lets many clients introduce themselves at once; returns those accepted, and the refusals of the others.
fn dial_at_once(endpoint: &str) -> (Vec<RawClient>, Vec<(i64, String)>) {
    let start = Barrier::new(DIALLERS);
    let dial = || {
        start.wait();
        RawClient::ask(endpoint)
    };
    let answers: Vec<_> = thread::scope(|scope| {
        let diallers: Vec<_> = (0..DIALLERS).map(|_| scope.spawn(dial)).collect();
        diallers.into_iter().map(|dialer| dialer.join().unwrap()).collect()
    });
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Ok(client) => taken.push(client),
            Err(refusal) => refused.push(refusal),
        }
    }
    (taken, refused)
}

/// In each round, as many are accepted as the limit allows; the others get the reason.
fn check_admission(limits: Limits, reason: &str) {
    let (host, endpoint) = host_with(limits);
    for _ in 0..ROUNDS {
        let (taken, refused) = dial_at_once(&endpoint);
        assert_eq!(taken.len(), PLACES);
        assert_eq!(refused.len(), DIALLERS - PLACES);
        for (status, message) in refused {
            assert_eq!(status, i64::from(Status::LimitExceeded.code()), "{message}");
            assert!(message.contains(reason), "{message}");
        }
        assert!(host.connections().len() <= PLACES);
        drop(taken);
        eventually("the places come back", || host.connections().is_empty());
    }
}

#[test]
fn diallers_at_once_get_no_more_than_the_hosts_places() {
    watched(LIMIT, || {
        let limits = with_limits(|limits| limits.connections = PLACES);
        check_admission(limits, "the host already has 5 connections");
    });
}

#[test]
fn diallers_at_once_get_no_more_than_their_users_places() {
    watched(LIMIT, || {
        let limits = with_limits(|limits| limits.connections_per_user = PLACES);
        check_admission(limits, "already has 5 connections to the host");
    });
}

#[test]
fn who_leaves_at_once_keeps_no_socket() {
    watched(LIMIT, || {
        let (_host, endpoint) = host_with(with_limits(|limits| limits.connections = 1));
        for _ in 0..100 {
            // Whether it was accepted or refused, and how far its host got, is left to chance.
            drop(RawClient::ask(&endpoint));
        }
        eventually("the place is free", || RawClient::ask(&endpoint).is_ok());
    });
}
