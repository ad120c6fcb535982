//! A machine that sleeps for an hour: its processes stand still, the time of day goes on, and the monotonic
//! clock does not. Everything that waits goes on waiting afterwards.

use std::time::Duration;

use callgate::{CallOptions, Status, Timeout};

use crate::clock::{Ahead, Clock, HOUR};
use crate::scene::{add, client, host, patient, serve, LIMIT};
use crate::support::process;
use crate::support::{unique, watched};

/// The clocks after an hour of sleep.
const SLEPT: Ahead = Ahead { time_of_day: HOUR, monotonic: 0, with_sleep: HOUR };

/// How long a side that did not sleep waits for one that does, in these tests.
const PATIENCE: Duration = Duration::from_secs(2);

/// Calls the gate, then a calculator, and tells how both ended.
fn call(endpoint: &str) {
    let (client, calculator, gate) = client(endpoint, patient());
    add(&calculator);
    process::tell("calling");
    let mut options = CallOptions::default();
    options.timeout = Timeout::After(LIMIT);
    let outcome = gate.call_with::<()>("Pass", &(), &options);
    process::tell(outcome.map_or_else(|error| error.status().to_string(), |()| "ok".into()));
    add(&calculator);
    process::tell(format_args!("generation {}", client.connection().unwrap().generation()));
    client.close().unwrap();
    process::tell("closed");
}

#[test]
fn a_machine_that_slept_goes_on_with_its_calls() {
    const TEST: &str = "sleep::a_machine_that_slept_goes_on_with_its_calls";
    match process::role().as_deref().and_then(|role| role.split_once(' ')) {
        Some(("host", endpoint)) => return serve(endpoint, patient()),
        Some((_, endpoint)) => return call(endpoint),
        None => {}
    }
    watched(LIMIT, || {
        for endpoint in [format!("pipe://{}", unique("sleep")), "tcp://127.0.0.1:0".into()] {
            let clock = Clock::new();
            let mut host = clock.start(TEST, &format!("host {endpoint}"));
            let mut client = clock.start(TEST, &format!("client {}", host.hear()));
            assert_eq!(client.hear(), "calling");
            assert_eq!(host.ask("await a call"), "done");
            host.stop();
            client.stop();
            clock.set(SLEPT);
            client.resume();
            host.resume();
            assert_eq!(host.ask("open"), "done");
            assert_eq!(client.hear(), "ok");
            assert_eq!(client.hear(), "generation 1");
            assert_eq!(client.hear(), "closed");
        }
    });
}

/// Only the client's machine slept. Its host, which called it meanwhile, has given it up.
#[test]
fn a_machine_that_was_given_up_while_it_slept_connects_again() {
    const TEST: &str = "sleep::a_machine_that_was_given_up_while_it_slept_connects_again";
    if let Some(endpoint) = process::role() {
        return call(&endpoint);
    }
    watched(LIMIT, || {
        let mut limits = patient();
        limits.ping_after = Some(PATIENCE / 10);
        limits.ping_timeout = PATIENCE;
        let (host, gate) = host("tcp://127.0.0.1:0", limits);
        let clock = Clock::new();
        let mut client = clock.start(TEST, &host.endpoints()[0].to_string());
        assert_eq!(client.hear(), "calling");
        gate.wait_for(1);
        let of_client = host.connections()[0].proxy("IAnything").unwrap();
        client.stop();
        let error = of_client.call::<()>("Ask", &()).unwrap_err();
        assert_eq!(error.status(), Status::ChannelFaulted, "{error:?}");
        clock.set(SLEPT);
        client.resume();
        assert_eq!(client.hear(), Status::ChannelFaulted.to_string());
        assert_eq!(client.hear(), "generation 2");
        assert_eq!(client.hear(), "closed");
        gate.open();
        host.close().unwrap();
    });
}
