//! One-way calls that arrive together run in one turn of a thread, which must affect nothing but speed: a
//! slow one among them delays nobody else, they run in order, and closing does not wait for all.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::{unique, watched};
use callgate::{Client, Connection, Error, Host, InboundCall, Proxy, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// This many calls run quickly, then one waits at the gate, and the same number follow it.
const QUICK: u32 = 600;

struct Notes {
    host: Host,
    gate: Arc<Gate>,
    ran: Arc<Mutex<Vec<u32>>>,
}

impl Notes {
    fn start(name: &str) -> Notes {
        let (gate, ran) = (Arc::new(Gate::default()), Arc::<Mutex<Vec<u32>>>::default());
        let (passes, runs) = (gate.clone(), ran.clone());
        let note = move |number| {
            if number == QUICK {
                passes.pass();
            }
            runs.lock().unwrap().push(number);
        };
        let note = Arc::new(note);
        let serve = move |call: InboundCall| match call.method() {
            "Note" => note(call.args::<(u32,)>().unwrap().0),
            "Fail" => drop(call.fail(Error::remote_error("Refused", "not this one"))),
            _ => call.reply(&true).unwrap(),
        };
        let serve = Arc::new(serve);
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique(name)))
            .delegate("INotes", move |_: &Connection| {
                let serve = serve.clone();
                move |call: InboundCall| serve(call)
            })
            .start()
            .unwrap();
        Notes { host, gate, ran }
    }

    fn client(&self) -> (Client, Proxy) {
        let client = Client::connect(&self.host.endpoints()[0].to_string()).unwrap();
        let notes = client.proxy("INotes").unwrap();
        (client, notes)
    }

    fn ran(&self) -> Vec<u32> {
        self.ran.lock().unwrap().clone()
    }
}

/// Sends them all; the gate holds one when this returns.
fn send(notes: &Proxy, gate: &Gate) {
    (0..=2 * QUICK).for_each(|n| notes.one_way("Note", &(n,)).unwrap());
    gate.wait_for(1);
}

#[test]
fn a_slow_one_delays_no_other_threads_calls_and_keeps_the_order() {
    watched(LIMIT, || {
        let notes = Notes::start("slow-one-way");
        let _opened = Opened(&notes.gate);
        let (client, proxy) = notes.client();
        send(&proxy, &notes.gate);
        let other = client.proxy("INotes").unwrap();
        for _ in 0..100 {
            // Served while the gate is shut.
            assert!(other.call::<bool>("Ask", &()).unwrap());
        }
        assert_eq!(notes.ran(), (0..QUICK).collect::<Vec<_>>());
        notes.gate.open();
        // In the same lane as the one-way calls.
        assert!(proxy.call::<bool>("Ask", &()).unwrap());
        assert_eq!(notes.ran(), (0..=2 * QUICK).collect::<Vec<_>>());
        client.close().unwrap();
        notes.host.close().unwrap();
    });
}

#[test]
fn a_host_that_closes_runs_none_of_those_that_have_not_started() {
    watched(LIMIT, || {
        let notes = Notes::start("closing-one-way");
        let _opened = Opened(&notes.gate);
        let (client, proxy) = notes.client();
        send(&proxy, &notes.gate);
        let late = notes.host.close_within(Duration::from_millis(50));
        assert_eq!(late.unwrap_err().status(), Status::TimedOut);
        notes.gate.open();
        notes.host.close().unwrap();
        assert_eq!(notes.ran(), (0..=QUICK).collect::<Vec<_>>());
        client.close().unwrap();
    });
}

#[test]
fn those_of_a_client_that_has_gone_run_all_the_same() {
    watched(LIMIT, || {
        let notes = Notes::start("orphaned-one-way");
        let _opened = Opened(&notes.gate);
        let (client, proxy) = notes.client();
        send(&proxy, &notes.gate);
        // The host has seen the end when this returns.
        client.close().unwrap();
        notes.gate.open();
        eventually("all have run", || notes.ran().len() > 2 * QUICK as usize);
        assert_eq!(notes.ran(), (0..=2 * QUICK).collect::<Vec<_>>());
        notes.host.close().unwrap();
    });
}

#[test]
fn methods_and_failures_that_take_turns_keep_their_order() {
    watched(LIMIT, || {
        let notes = Notes::start("mixed-one-way");
        notes.gate.open();
        let (client, proxy) = notes.client();
        for n in 0..2 * QUICK {
            proxy.one_way("Note", &(n,)).unwrap();
            if n % 7 == 0 {
                proxy.one_way("Fail", &()).unwrap();
            }
        }
        assert!(proxy.call::<bool>("Ask", &()).unwrap());
        assert_eq!(notes.ran(), (0..2 * QUICK).collect::<Vec<_>>());
        client.close().unwrap();
        notes.host.close().unwrap();
    });
}
