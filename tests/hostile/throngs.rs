//! A caller with a small stack, and a thousand clients that come back at once.

use std::thread;
use std::time::Duration;

use crate::support::process::{self, Process};
use crate::support::{calculator, calculator_host, unique, watched};
use callgate::{Client, Host, Limits, Status};

const LIMIT: Duration = Duration::from_secs(240);

#[test]
fn a_stack_of_64_kib_is_enough_to_connect_and_call() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("stack"));
        let host = calculator_host(&endpoint).start().unwrap();
        let small = thread::Builder::new().stack_size(64 << 10);
        let call = move || {
            let client = Client::builder(&endpoint)
                .callback_handler("ICalculator", calculator)
                .connect()
                .unwrap();
            let calculator = client.proxy("ICalculator").unwrap();
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            calculator.one_way("Add", &(1, 2)).unwrap();
            let error = calculator.call::<i64>("Divide", &(1, 0)).unwrap_err();
            assert_eq!(error.status(), Status::RemoteError);
            client.close().unwrap();
        };
        small.spawn(call).unwrap().join().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_thousand_clients_come_back_at_once() {
    const TEST: &str = "throngs::a_thousand_clients_come_back_at_once";
    const CLIENTS: usize = 1000;
    if let Some(endpoint) = process::role() {
        return a_thousand_clients(&endpoint, CLIENTS);
    }
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("thousand"));
        let host = || -> Host {
            let mut limits = Limits::default();
            (limits.connections, limits.connections_per_user) = (2 * CLIENTS, 2 * CLIENTS);
            calculator_host(&endpoint).limits(limits).start().unwrap()
        };
        let first = host();
        let mut child = Process::start(TEST, &endpoint);
        assert_eq!(child.hear(), "called");
        first.close_within(LIMIT).unwrap();
        let second = host();
        assert_eq!(child.ask("again"), "called");
        assert_eq!(second.connections().len(), CLIENTS);
        drop(child);
        second.close().unwrap();
    });
}

fn a_thousand_clients(endpoint: &str, count: usize) {
    let mut limits = Limits::default();
    limits.connection_timeout = LIMIT;
    limits.call_timeout = Some(LIMIT);
    let client = |_| Client::builder(endpoint).limits(limits.clone()).connect().unwrap();
    let clients: Vec<Client> = (0..count).map(client).collect();
    let calculators: Vec<_> =
        clients.iter().map(|client| client.proxy("ICalculator").unwrap()).collect();
    let call_all = || {
        for calculator in &calculators {
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        }
        process::tell("called");
    };
    call_all();
    process::orders().for_each(|_| call_all());
}
