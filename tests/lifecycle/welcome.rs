//! Hosts that close while they welcome clients: a client that was welcomed hears the goodbye, and each of its calls is
//! replied to or refused.

use std::io::Write;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use crate::support::raw::{self, call_frame, RawClient};
use crate::support::stream;
use crate::support::{calculator_host, watched};
use callgate::unstable::wire::{Message, PeerLimits};

/// How many hosts close, and how many clients connect to each at once.
const HOSTS: usize = 200;
const CLIENTS: usize = 12;

/// What a client that makes one call has heard.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    goodbye: bool,
    outcomes: usize,
}

/// Connects and makes a call at once. `None` if the host has not welcomed this client.
fn call_once(endpoint: &str, welcomed: &Sender<()>) -> Option<Heard> {
    let stream = stream::dial(endpoint).ok()?;
    let mut client = RawClient::offer(stream, PeerLimits::default())?.ok()?;
    welcomed.send(()).unwrap();
    // If this fails, the call has no outcome.
    let _ = client.stream.write_all(&call_frame(1, "ICalculator", "Add", &[0x92, 1, 2]));
    let mut heard = Heard::default();
    while let Some(frame) = client.next() {
        match Message::decode(&frame).unwrap() {
            Message::Goodbye { .. } => heard.goodbye = true,
            Message::Reply { id: 1, .. } | Message::Error(..) => heard.outcomes += 1,
            Message::Ping { token } => client.pong(token),
            _ => {}
        }
    }
    Some(heard)
}

#[test]
fn every_client_that_was_welcomed_hears_the_goodbye_and_has_its_outcome() {
    watched(Duration::from_secs(240), || {
        let mut heard = Vec::new();
        for round in 0..HOSTS {
            let endpoint = raw::endpoint("welcomed");
            let host = calculator_host(&endpoint).start().unwrap();
            let (welcomed, welcomes) = mpsc::channel();
            heard.extend(thread::scope(|scope| {
                let clients = [(); CLIENTS].map(|()| {
                    let (endpoint, welcomed) = (&endpoint, welcomed.clone());
                    scope.spawn(move || call_once(endpoint, &welcomed))
                });
                (0..=round % CLIENTS / 2).for_each(|_| welcomes.recv().unwrap());
                host.close().unwrap();
                clients.map(|client| client.join().unwrap())
            }));
        }
        let welcomed: Vec<_> = heard.iter().flatten().collect();
        let whole = Heard { goodbye: true, outcomes: 1 };
        let cut = welcomed.iter().filter(|heard| ***heard != whole).count();
        println!("{} clients were welcomed, {cut} of them were cut off", welcomed.len());
        assert_eq!(cut, 0, "{welcomed:?}");
    });
}
