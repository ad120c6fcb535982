//! Another client of the NATS server that sees the messages of a session, and sends some of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use futures_util::StreamExt;

use crate::support::gateway::{connect, offer};
use crate::support::host::{client, host, name};
use crate::support::nats::Other;
use crate::support::server::Server;
use crate::support::{eventually, watched};

/// Where the sequence number stands in a message.
const SEQUENCE: usize = 18;

/// Sends what `forge` makes of each message of a session, to the same subject; counts them.
fn forge(
    other: &Other,
    forge: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let (client, counted) = (other.client.clone(), count.clone());
    let mut messages = other.block_on(client.subscribe("_INBOX.*.in")).expect("it subscribes");
    other.block_on(client.flush()).expect("the server knows");
    other.spawn(async move {
        while let Some(message) = messages.next().await {
            if let Some(forged) = forge(&message.payload) {
                client.publish(message.subject, forged.into()).await.expect("it is sent");
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    count
}

#[test]
fn doubled_messages_are_dropped() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (_offer, entrance) = (offer(&service, &host.1), connect(&service));
        let other = Other::connect(&server);
        let doubled = forge(&other, |message| Some(message.to_vec()));
        let client = client(&entrance.endpoint);
        let proxy = client.proxy("ITest").unwrap();
        for number in 0..200u32 {
            assert_eq!(proxy.call::<u32>("Echo", &(number,)).unwrap(), number);
        }
        assert!(doubled.load(Ordering::SeqCst) > 100);
        assert_eq!(host.0.counters().connections_established, 1, "no session was lost");
    });
}

#[test]
fn forged_messages_are_dropped_and_printed() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (mut offer, mut entrance) = (offer(&service, &host.1), connect(&service));
        let other = Other::connect(&server);
        let forged = forge(&other, |message| {
            let mut forged = message.to_vec();
            forged[SEQUENCE - 1] ^= 1;
            Some(forged)
        });
        let client = client(&entrance.endpoint);
        let proxy = client.proxy("ITest").unwrap();
        for number in 0..200u32 {
            assert_eq!(proxy.call::<u32>("Echo", &(number,)).unwrap(), number);
        }
        assert!(forged.load(Ordering::SeqCst) > 100);
        offer.await_line("is not the other gateway's, and was dropped");
        entrance.await_line("is not the other gateway's, and was dropped");
        assert_eq!(host.0.counters().connections_established, 1, "no session was lost");
    });
}

#[test]
fn a_message_that_is_missing_ends_the_session() {
    watched(|| {
        let Some(server) = Server::start() else { return };
        let (service, host) = (server.service("test"), host("one"));
        let (_offer, entrance) = (offer(&service, &host.1), connect(&service));
        let client = client(&entrance.endpoint);
        assert_eq!(name(&client).unwrap(), "one");
        let other = Other::connect(&server);
        let sent = Arc::new(AtomicUsize::new(0));
        let first = sent.clone();
        forge(&other, move |message| {
            // As if the messages before it had been lost, once.
            let is_first = first.fetch_add(1, Ordering::SeqCst) == 0;
            let mut later = message.to_vec();
            later[SEQUENCE + 2] += 1;
            is_first.then_some(later)
        });
        eventually("the session is lost, and another one begins", || {
            // A call may be lost with the session; one after it is not.
            name(&client).ok();
            host.0.counters().connections_established == 2
        });
        assert_eq!(name(&client).unwrap(), "one");
    });
}
