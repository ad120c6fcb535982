//! Ids of calls that are used again while the first call with them has no reply.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::raw::{self, call_frame, RawClient, RawHost};
use crate::support::{calculator, watched};
use callgate::unstable::wire::Message;
use callgate::{Client, Host, InboundCall, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// The calls that a delegate keeps. They keep their delegate too, so the test lets them go at its end.
type Held = Arc<Mutex<Vec<InboundCall>>>;

/// A calculator that keeps the calls of `Hold`.
fn holding(held: &Held) -> impl Fn(InboundCall) + Send + Sync + 'static {
    let held = held.clone();
    move |call: InboundCall| match call.method() {
        "Hold" => held.lock().unwrap().push(call),
        _ => calculator(call),
    }
}

/// Uses an id again, after calls with these ids that get no reply.
fn use_again(peer: &mut RawClient, held: &[u64], again: u64) {
    let add = |id| call_frame(id, "ICalculator", "Add", b"\x92\x01\x02");
    for &id in held {
        peer.stream.write_all(&call_frame(id, "ICalculator", "Hold", b"\x90")).unwrap();
    }
    // Calls that come and go in between leave nothing behind.
    for id in 100..110 {
        peer.stream.write_all(&add(id)).unwrap();
        let reply = peer.next().expect("a reply");
        assert!(matches!(Message::decode(&reply), Ok(Message::Reply { .. })), "{reply:?}");
    }
    peer.stream.write_all(&add(again)).unwrap();
    let goodbye = peer.next().expect("a goodbye");
    match Message::decode(&goodbye) {
        Ok(Message::Goodbye { status, message }) => {
            assert_eq!(status, i64::from(Status::ChannelFaulted.code()));
            assert!(message.contains(&format!("the id {again}")), "{message}");
        }
        other => panic!("no goodbye: {other:?}"),
    }
    // Errors of the other calls may not follow: the stream has ended.
    assert!(peer.next().is_none());
}

const CASES: [(&[u64], u64); 4] = [(&[5], 5), (&[5, 6, 7], 5), (&[5, 6, 7], 6), (&[0], 0)];

#[test]
fn a_client_that_uses_the_id_of_a_running_call_is_disconnected() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("ids");
        let kept = Held::default();
        let delegate = Arc::new(holding(&kept));
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("ICalculator", move |_| {
                let delegate = delegate.clone();
                move |call: InboundCall| delegate(call)
            })
            .start()
            .unwrap();
        for (held, again) in CASES {
            use_again(&mut RawClient::connect(&endpoint), held, again);
        }
        host.close().unwrap();
        kept.lock().unwrap().clear();
    });
}

#[test]
fn a_host_that_uses_the_id_of_a_running_callback_is_disconnected() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("ids-of-host");
        let rude = RawHost::listen(&endpoint);
        let kept = Held::default();
        let client = Client::builder(&endpoint)
            .callback_handler("ICalculator", holding(&kept))
            .connect()
            .unwrap();
        for (held, again) in CASES {
            use_again(&mut rude.accept(), held, again);
        }
        client.close().unwrap();
        kept.lock().unwrap().clear();
    });
}
