//! Cancels that mean no call: of calls that were never made, that have their replies, or that are cancelled already.

use std::io::Write;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::Mutex;
use std::time::Duration;

use callgate::unstable::wire::{encode_cancel, encode_ping, Message};
use callgate::{Host, InboundCall, Limits};

use crate::support::raw::{self, call_frame, RawClient};
use crate::support::watched;

const LIMIT: Duration = Duration::from_secs(60);

/// As many calls as the host keeps track of.
const CALLS: usize = 4;

/// More cancels than that.
const CANCELS: u64 = 10 * CALLS as u64;

/// The call that is cancelled.
const CANCELLED: u64 = 1;

/// Another one that waits for its reply.
const WAITING: u64 = 2;

/// A host with a delegate whose calls reply when they are released, and say then whether they are cancelled.
struct Scene {
    _host: Host,
    client: RawClient,
    release: Sender<()>,
    cancelled: Receiver<bool>,
}

impl Scene {
    /// Both calls are running, and the first is cancelled.
    fn new() -> Scene {
        let endpoint = raw::endpoint("cancels");
        let mut limits = Limits::default();
        limits.inbound_calls = CALLS;
        limits.nested_calls = CALLS;
        let (release, released) = mpsc::channel::<()>();
        let (says, cancelled) = mpsc::channel();
        let served = Mutex::new(Some((released, says)));
        let host = Host::builder()
            .endpoint(&endpoint)
            .limits(limits)
            .delegate("IWait", move |_| {
                let served = Mutex::new(served.lock().unwrap().take());
                move |call: InboundCall| match call.method() {
                    "Cancelled" => {
                        let (released, says) = served.lock().unwrap().take().unwrap();
                        assert!(call.wait_cancelled(None));
                        says.send(true).unwrap();
                        released.recv().unwrap();
                        says.send(call.is_cancelled()).unwrap();
                    }
                    "Waiting" => assert!(call.wait_cancelled(None)),
                    _ => call.reply(&()).unwrap(),
                }
            })
            .start()
            .unwrap();
        let client = Scene::client(&endpoint);
        let mut scene = Scene { _host: host, client, release, cancelled };
        scene.cancel(CANCELLED);
        assert!(scene.cancelled.recv().unwrap());
        scene
    }

    fn client(endpoint: &str) -> RawClient {
        let mut client = RawClient::connect(endpoint);
        for (id, method) in [(CANCELLED, "Cancelled"), (WAITING, "Waiting")] {
            client.stream.write_all(&call_frame(id, "IWait", method, b"\x90")).unwrap();
        }
        client
    }

    fn cancel(&mut self, id: u64) {
        let mut frame = Vec::new();
        encode_cancel(&mut frame, id);
        self.client.stream.write_all(&frame).unwrap();
    }

    /// Makes a call, and waits for its reply.
    fn call(&mut self, id: u64) {
        self.client.stream.write_all(&call_frame(id, "IWait", "Return", b"\x90")).unwrap();
        loop {
            let frame = self.client.next().expect("a reply");
            if matches!(Message::decode(&frame), Ok(Message::Reply { id: of, .. }) if of == id) {
                return;
            }
        }
    }

    /// Requires that the cancel of the first call is not forgotten.
    fn require_cancelled(mut self) {
        let mut ping = Vec::new();
        encode_ping(&mut ping, 1);
        self.client.stream.write_all(&ping).unwrap();
        while !matches!(Message::decode(&self.client.next().unwrap()), Ok(Message::Pong { .. })) {}
        self.release.send(()).unwrap();
        assert!(self.cancelled.recv().unwrap(), "the cancel was forgotten");
    }
}

#[test]
fn cancels_of_calls_never_made_displace_no_other() {
    watched(LIMIT, || {
        let mut scene = Scene::new();
        (100..100 + CANCELS).for_each(|id| scene.cancel(id));
        scene.require_cancelled();
    });
}

#[test]
fn cancels_that_crossed_their_replies_displace_no_other() {
    watched(LIMIT, || {
        let mut scene = Scene::new();
        for id in 100..100 + CANCELS {
            scene.call(id);
            scene.cancel(id);
        }
        scene.require_cancelled();
    });
}

#[test]
fn cancelling_a_call_twice_displaces_no_other() {
    watched(LIMIT, || {
        let mut scene = Scene::new();
        (0..CANCELS).for_each(|_| scene.cancel(WAITING));
        scene.require_cancelled();
    });
}
