//! A client of several hosts that can stand in for one another.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use callgate::{Client, Connection, Execution, Host, InboundCall, Limits, Status};

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::{unique, watched};

/// Shorter than the pauses between attempts in [`impatient`].
const LIMIT: Duration = Duration::from_secs(60);

fn pipe() -> String {
    format!("pipe://{}", unique("several"))
}

/// A host that says its endpoint, holds calls at a gate, and counts them.
fn host(endpoint: &str, gate: &Arc<Gate>, ran: &Arc<AtomicUsize>) -> Host {
    let (gate, ran, name) = (gate.clone(), ran.clone(), endpoint.to_owned());
    let serve = move |call: InboundCall| {
        ran.fetch_add(1, Ordering::Relaxed);
        if call.method() == "Hold" {
            gate.pass();
        }
        call.reply(&name).ok();
    };
    let mut limits = Limits::default();
    limits.drain_timeout = Duration::from_millis(100);
    let host = Host::builder().endpoint(endpoint).limits(limits);
    host.delegate("IWho", move |_: &Connection| serve.clone()).start().unwrap()
}

fn plain(endpoint: &str) -> Host {
    host(endpoint, &Arc::default(), &Arc::default())
}

fn who(client: &Client) -> String {
    let name: String = client.proxy("IWho").unwrap().call("Who", &()).unwrap();
    assert_eq!(client.endpoint().to_string(), name);
    name
}

/// The limits of a client that pauses for an hour behind a failed round.
fn impatient() -> Limits {
    let mut limits = Limits::default();
    limits.reconnect_backoff = Some((Duration::from_secs(3600), Duration::from_secs(3600)));
    limits
}

#[test]
fn a_client_stays_with_its_host_and_goes_on_to_the_next() {
    watched(LIMIT, || {
        let [first, second] = [pipe(), pipe()];
        let (one, two) = (plain(&first), plain(&second));
        let client = Client::connect(&format!("{first}, {second}")).unwrap();
        assert_eq!(who(&client), first);
        one.close().unwrap();
        assert_eq!(who(&client), second);
        let _one = plain(&first);
        two.connections()[0].close();
        eventually("the connection has ended", || two.connections().is_empty());
        assert_eq!(who(&client), second, "the first is back, and this one still there");
        two.close().unwrap();
        assert_eq!(who(&client), first, "behind the last comes the first");
        client.close().unwrap();
    });
}

#[test]
fn all_of_them_are_tried_before_a_pause() {
    watched(LIMIT, || {
        let endpoints: Vec<_> = (0..10).map(|_| pipe()).collect();
        let _last = plain(&endpoints[9]);
        let client = Client::builder(&endpoints.join(",")).limits(impatient()).connect().unwrap();
        assert_eq!(who(&client), endpoints[9]);
        client.close().unwrap();
    });
}

#[test]
fn a_call_that_may_have_run_is_not_made_again() {
    watched(LIMIT, || {
        let [first, second] = [pipe(), pipe()];
        let (gate, [ran, ran_at_second]) =
            (Arc::<Gate>::default(), [(); 2].map(|()| Arc::default()));
        let _opened = Opened(&gate);
        let one = host(&first, &gate, &ran);
        let _two = host(&second, &gate, &ran_at_second);
        let client = Client::connect(&format!("{first}, {second}")).unwrap();
        let proxy = client.proxy("IWho").unwrap();
        let caller = thread::spawn(move || proxy.call::<String>("Hold", &()).unwrap_err());
        gate.wait_for(1);
        one.close().unwrap_err();
        let error = caller.join().unwrap();
        assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::Unknown));
        assert_eq!(who(&client), second);
        assert_eq!([ran, ran_at_second].map(|count| count.load(Ordering::Relaxed)), [1, 1]);
        client.close().unwrap();
    });
}

#[test]
#[cfg(unix)]
fn what_waiting_cannot_fix_ends_calls_when_it_is_so_everywhere() {
    watched(LIMIT, || {
        let [first, second, nobody] = [pipe(), pipe(), pipe()];
        let _hosts = [plain(&first), plain(&second)];
        // SAFETY: takes and returns numbers.
        let another_user = unsafe { libc::getuid() } + 1;
        let outcome = |endpoints: &[&str], timeout: Duration| {
            let client = Client::builder(&endpoints.join(", ")).host_user(another_user);
            let client = client.limits(impatient()).connect().unwrap();
            let options = callgate::CallOptions::timeout(timeout);
            let error = client.proxy("IWho").unwrap().call_with::<()>("Who", &(), &options);
            client.close().unwrap();
            error.unwrap_err()
        };
        let denied = outcome(&[&first, &second], LIMIT);
        assert_eq!(denied.status(), Status::AccessDenied, "{denied}");
        for mixed in [[&*first, &nobody], [&nobody, &first]] {
            let waited = outcome(&mixed, Duration::from_millis(300));
            assert_eq!(waited.status(), Status::TimedOut, "{waited}");
            assert!(waited.message().contains(&mixed.join(", ")), "{waited}");
        }
    });
}

#[test]
fn each_endpoint_is_checked() {
    let bad = [
        ("pipe://a, pipe://b/c", Status::InvalidArgument),
        ("pipe://a, tcp://127.0.0.1:0", Status::InvalidArgument),
    ];
    for (endpoints, status) in bad {
        assert_eq!(Client::connect(endpoints).err().expect(endpoints).status(), status);
    }
    let demanding = Client::builder("pipe://a, tcp://127.0.0.1:1").host_user(0);
    assert_eq!(demanding.connect().err().unwrap().status(), Status::AccessDenied);
}

#[test]
fn shuffled_clients_spread_over_the_hosts() {
    watched(LIMIT, || {
        let [first, second] = [pipe(), pipe()];
        let _hosts = [plain(&first), plain(&second)];
        let endpoints = format!("{first}, {second}");
        let found = |shuffle: bool| -> HashSet<String> {
            let found = (0..40).map(|_| {
                let client = Client::builder(&endpoints);
                let client = if shuffle { client.shuffle_endpoints() } else { client };
                who(&client.connect().unwrap())
            });
            found.collect()
        };
        assert_eq!(found(false), HashSet::from([first.clone()]));
        assert_eq!(found(true), HashSet::from([first.clone(), second.clone()]), "one in 2^39");
    });
}
