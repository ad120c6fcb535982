//! Connection events of a client.

use std::sync::mpsc;
use std::sync::Mutex;
use std::time::Duration;

use crate::support::{calculator_host, unique, watched};
use callgate::{Client, Host, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// An event, with the connection's generation.
#[derive(Debug, PartialEq)]
enum Event {
    Connected(u64),
    Reconnected(u64),
    Disconnected(u64, Status),
}

fn told_client(endpoint: &str) -> (Client, mpsc::Receiver<Event>) {
    let (tell, told) = mpsc::channel();
    let tell = || Mutex::new(tell.clone());
    let (connected, reconnected, disconnected) = (tell(), tell(), tell());
    let client = Client::builder(endpoint)
        .connected(move |connection| {
            connected.lock().unwrap().send(Event::Connected(connection.generation())).ok();
        })
        .reconnected(move |connection| {
            reconnected.lock().unwrap().send(Event::Reconnected(connection.generation())).ok();
        })
        .disconnected(move |connection, reason| {
            let event = Event::Disconnected(connection.generation(), reason.status());
            disconnected.lock().unwrap().send(event).ok();
        })
        .connect()
        .unwrap();
    (client, told)
}

#[test]
fn each_connection_is_told_of_once_in_order_with_its_reason() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("events"));
        let (client, told) = told_client(&endpoint);
        for generation in 1..=3 {
            let host: Host = calculator_host(&endpoint).start().unwrap();
            let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
            assert_eq!(sum, 3);
            let begun = match generation {
                1 => Event::Connected(1),
                _ => Event::Reconnected(generation),
            };
            assert_eq!(told.recv().unwrap(), begun);
            host.close().unwrap();
            let ended = Event::Disconnected(generation, Status::ChannelFaulted);
            assert_eq!(told.recv().unwrap(), ended);
        }
        let _host = calculator_host(&endpoint).start().unwrap();
        client.wait_connected(None).unwrap();
        client.close().unwrap();
        assert_eq!(told.recv().unwrap(), Event::Reconnected(4));
        assert_eq!(told.recv().unwrap(), Event::Disconnected(4, Status::Closed));
        drop(client);
        assert!(told.recv().is_err(), "there are no more events");
    });
}

#[test]
fn a_handler_may_call_and_wait_while_others_are_served() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("handler"));
        let _host = calculator_host(&endpoint).start().unwrap();
        let (go_on, wait) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let (tell, told) = mpsc::channel();
        let tell = Mutex::new(tell);
        let client = Client::builder(&endpoint)
            .connected(move |connection| {
                let calculator = connection.proxy("ICalculator").unwrap();
                let sum: i64 = calculator.call("Add", &(20, 22)).unwrap();
                tell.lock().unwrap().send(sum).unwrap();
                wait.lock().unwrap().recv().unwrap();
            })
            .connect()
            .unwrap();
        assert_eq!(told.recv().unwrap(), 42);
        let sum: i64 = client.proxy("ICalculator").unwrap().call("Add", &(1, 2)).unwrap();
        assert_eq!(sum, 3, "the handler waits for us");
        go_on.send(()).unwrap();
        client.close().unwrap();
    });
}
