//! Frames that no peer should send, and odd ones that it may: to hosts and to clients. The rest of this
//! family is in `tests/protocol` and `tests/streams`.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::unstable::wire::{
    encode_cancel, encode_credit, encode_goodbye, encode_ping, encode_reply, ErrorHeader, Message,
    PeerLimits,
};
use callgate::{CallOptions, Client, Execution, Host, InboundCall, Limits, Status};

use crate::honest::beside;
use crate::support::raw::{self, call_frame, one_way_frame, RawClient, RawHost, Stream};
use crate::support::{binary, calculator, calculator_host, watched};

const LIMIT: Duration = Duration::from_secs(120);
/// The frame limit of the hosts and clients under attack.
const FRAME: usize = 1 << 16;
const ADD: &[u8] = b"\x92\x01\x02";

fn small_frames() -> Limits {
    let mut limits = Limits::default();
    (limits.frame, limits.inbound_bytes) = (FRAME, 4 * FRAME);
    limits
}

/// A host with a small frame limit, and its endpoint.
fn host() -> (Host, String) {
    let endpoint = raw::endpoint("frames");
    let host = calculator_host(&endpoint).limits(small_frames());
    (host.start().unwrap(), endpoint)
}

/// Lets each attack begin on a connection of its own, beside an honest client.
fn against_a_host(attacks: Vec<Box<dyn Fn(RawClient) + Send>>) {
    watched(LIMIT, move || {
        let (host, endpoint) = host();
        let (report, ()) = beside(&host.endpoints()[0].to_string(), || {
            attacks.iter().for_each(|attack| attack(RawClient::connect(&endpoint)));
        });
        report.require_unharmed();
    });
}

/// The id and the status of the next reply or error; status 0 for a reply.
fn next_answer(client: &mut RawClient) -> (u64, i64) {
    loop {
        let frame = client.next().expect("an answer");
        match Message::decode(&frame).unwrap() {
            Message::Reply { id, .. } => return (id, 0),
            Message::Error(ErrorHeader { id, status, .. }, _) => return (id, status),
            Message::Pong { .. } | Message::Credit { .. } => {}
            other => panic!("no answer: {other:?}"),
        }
    }
}

/// The frames up to the end of the stream, which must be preceded by a goodbye for this reason.
fn expect_goodbye(mut client: RawClient, reason: &str) {
    let mut said = None;
    while let Some(frame) = client.next() {
        if let Message::Goodbye { status, message } = Message::decode(&frame).unwrap() {
            said = Some((status, message.to_owned()));
        }
    }
    let (status, message) = said.expect("a goodbye before the end");
    assert_eq!(status, i64::from(Status::ChannelFaulted.code()), "{message}");
    assert!(message.contains(reason), "{message}");
}

/// A call of `Echo` whose frame has this length.
fn echo_of(length: usize) -> Vec<u8> {
    let around = call_frame(1, "ICalculator", "Echo", &binary(FRAME / 2)).len() - 4 - FRAME / 2;
    let frame = call_frame(1, "ICalculator", "Echo", &binary(length - around));
    assert_eq!(frame.len() - 4, length);
    frame
}

#[test]
fn the_frame_limit_is_exact() {
    against_a_host(vec![
        Box::new(|mut client| {
            for length in [FRAME - 1, FRAME] {
                client.stream.write_all(&echo_of(length)).unwrap();
                assert_eq!(next_answer(&mut client), (1, 0), "{length} bytes");
            }
        }),
        Box::new(|mut client| {
            client.stream.write_all(&echo_of(FRAME + 1)).ok();
            expect_goodbye(client, "above the limit");
        }),
    ]);
}

#[test]
fn ten_thousand_frames_in_one_write_are_all_answered() {
    const FRAMES: u64 = 10_000;
    against_a_host(vec![Box::new(|mut client| {
        let mut writer = client.stream.try_clone().unwrap();
        let mut frames = Vec::new();
        for token in 0..FRAMES {
            encode_ping(&mut frames, token);
        }
        frames.extend(call_frame(1, "ICalculator", "Add", ADD));
        std::thread::scope(|scope| {
            scope.spawn(move || writer.write_all(&frames).unwrap());
            assert_eq!(next_answer(&mut client), (1, 0));
        });
    })]);
}

#[test]
fn ids_may_wrap_around_and_come_again_once_answered() {
    against_a_host(vec![Box::new(|mut client| {
        for id in [u64::MAX - 1, u64::MAX, 0, 1, 1, u64::MAX] {
            client.stream.write_all(&call_frame(id, "ICalculator", "Add", ADD)).unwrap();
            assert_eq!(next_answer(&mut client), (id, 0));
        }
    })]);
}

#[test]
fn a_cancel_before_during_and_after_its_call_leaves_one_answer() {
    against_a_host(vec![Box::new(|mut client| {
        for id in 1..=100 {
            let mut frames = Vec::new();
            encode_cancel(&mut frames, id);
            frames.extend(call_frame(id, "ICalculator", "Add", ADD));
            encode_cancel(&mut frames, id);
            encode_cancel(&mut frames, id);
            client.stream.write_all(&frames).unwrap();
            let (answered, status) = next_answer(&mut client);
            assert_eq!(answered, id);
            assert!([0, i64::from(Status::Cancelled.code())].contains(&status), "{status}");
        }
        // No second answer has come in between.
        client.stream.write_all(&call_frame(500, "ICalculator", "Add", ADD)).unwrap();
        assert_eq!(next_answer(&mut client), (500, 0));
    })]);
}

#[test]
fn a_reply_on_the_wrong_side_ends_the_connection() {
    let mut reply = Vec::new();
    encode_reply(&mut reply, 1, 0, 1);
    reply.push(0xc0);
    against_a_host(vec![Box::new(move |mut client| {
        // The client answers its own call: the host has made none of that number.
        client.stream.write_all(&call_frame(1, "ICalculator", "Add", ADD)).unwrap();
        client.stream.write_all(&reply).unwrap();
        expect_goodbye(client, "never made");
    })]);
}

#[test]
fn credit_that_was_never_taken_is_harmless() {
    against_a_host(vec![Box::new(|mut client| {
        let mut frames = Vec::new();
        encode_credit(&mut frames, u64::MAX, u64::MAX);
        encode_credit(&mut frames, u64::MAX, u64::MAX);
        frames.extend(call_frame(1, "ICalculator", "Add", ADD));
        client.stream.write_all(&frames).unwrap();
        while let Some(frame) = client.next() {
            match Message::decode(&frame).unwrap() {
                Message::Reply { id: 1, .. } => return,
                Message::Goodbye { .. } => return,
                _ => {}
            }
        }
    })]);
}

#[test]
fn more_calls_or_bytes_than_were_granted_end_the_connection() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("credit");
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = kept.clone();
        let mut limits = small_frames();
        // What is checked is the sum of both accounts.
        (limits.inbound_calls, limits.nested_calls) = (20, 10);
        let host = calculator_host(&endpoint)
            .delegate("IKeeper", move |_| {
                let keep = keep.clone();
                move |call: InboundCall| keep.lock().unwrap().push(call)
            })
            .limits(limits)
            .start()
            .unwrap();
        let (report, ()) = beside(&host.endpoints()[0].to_string(), || {
            for (calls, size) in [(31, 1), (6, FRAME - 100)] {
                let mut client = RawClient::connect(&endpoint);
                for id in 1..=calls {
                    client.stream.write_all(&call_frame(id, "IKeeper", "Keep", &binary(size))).ok();
                }
                expect_goodbye(client, "credit");
            }
        });
        report.require_unharmed();
        kept.lock().unwrap().clear();
    });
}

#[test]
fn what_follows_a_goodbye_must_be_well_formed() {
    against_a_host(vec![
        Box::new(|mut client| {
            let mut frames = Vec::new();
            encode_goodbye(&mut frames, 6, "enough");
            frames.extend(call_frame(1, "ICalculator", "Add", ADD));
            encode_goodbye(&mut frames, 6, "enough again");
            frames.extend(one_way_frame("ICalculator", "Add", ADD));
            client.stream.write_all(&frames).unwrap();
            assert_eq!(next_answer(&mut client), (1, 0));
        }),
        Box::new(|mut client| {
            let mut frames = Vec::new();
            encode_goodbye(&mut frames, 6, "enough");
            frames.extend([1, 0, 0, 0, 0xc1]);
            client.stream.write_all(&frames).unwrap();
            expect_goodbye(client, "protocol error");
        }),
    ]);
}

/// Lets a client of a hostile host call once, for each of these answers to the call's id, beside an honest
/// host in the same process. Each must end the connection and the call, with this reason.
fn against_a_client(answers: Vec<(Vec<u8>, &'static str)>) {
    watched(LIMIT, move || {
        let (honest, _) = host();
        let (report, ()) = beside(&honest.endpoints()[0].to_string(), || {
            let endpoint = raw::endpoint("hostile-host");
            let hostile = RawHost::listen(&endpoint);
            let builder = Client::builder(&endpoint).limits(small_frames());
            let client = builder.callback_handler("ICalculator", calculator).connect().unwrap();
            let proxy = client.proxy("IHostile").unwrap();
            for (answer, reason) in &answers {
                let pending = proxy.start::<i64>("Any", &(), &CallOptions::default()).unwrap();
                let mut peer = hostile.accept();
                peer.next().expect("the call");
                peer.stream.write_all(answer).ok();
                let error = pending.wait().unwrap_err();
                let found = (error.status(), error.execution());
                assert_eq!(found, (Status::ChannelFaulted, Execution::Unknown), "{error}");
                assert!(error.message().contains(reason), "{reason}: {error}");
                until_end(peer.stream);
            }
            client.close().unwrap();
        });
        report.require_unharmed();
    });
}

/// Waits for the end, which may be a reset.
fn until_end(mut stream: Stream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_client_survives_what_hosts_should_not_send() {
    let limit = FRAME as u32;
    let framed = |body: &[u8]| [&(body.len() as u32).to_le_bytes(), body].concat();
    against_a_client(vec![
        (vec![0; 4], "0 bytes"),
        (u32::MAX.to_le_bytes().to_vec(), "above the limit"),
        ((limit + 1).to_le_bytes().to_vec(), "above the limit"),
        (framed(b"\xc1"), "protocol error"),
        (framed(b"\x92\x63\x01"), "unknown"),
        (framed(b"\x92\x1f\x01"), "reserved"),
        // A reply to a call that was never made.
        (framed(b"\x94\x06\xcd\xff\xff\x00\xc0"), "never made"),
        // An error of which everything but the id is missing.
        (framed(b"\x92\x07\x01"), "elements"),
        // An array of 2^32 - 1 elements that are missing.
        (framed(b"\xdd\xff\xff\xff\xff\x06"), "protocol error"),
        // A hello, and a welcome once more.
        (framed(b"\x99\x00\xa8callgate\x01\x01\x90\x90\x80\x80\xc0"), "handshake"),
        (framed(b"\x97\x01\x01\x90\x80\x01\x80\xc0"), "handshake"),
    ]);
}

#[test]
fn a_client_is_asked_by_its_host_and_answers_each_call_once() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("asking-host");
        let hostile = RawHost::listen(&endpoint);
        let client = Client::builder(&endpoint)
            .callback_handler("ICalculator", calculator)
            .connect()
            .unwrap();
        let mut peer = hostile.accept();
        for id in [u64::MAX, 0, 1, 1] {
            peer.stream.write_all(&call_frame(id, "ICalculator", "Add", ADD)).unwrap();
            assert_eq!(next_answer(&mut peer), (id, 0));
        }
        drop(peer);
        client.close().unwrap();
    });
}

#[test]
fn a_frame_that_has_begun_to_leave_is_sent_to_its_end() {
    const LARGE: usize = 4 << 20;
    watched(LIMIT, || {
        let endpoint = raw::endpoint("slow-host");
        let slow = RawHost::listen(&endpoint);
        let client = Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("ISlow").unwrap();
        let takes = PeerLimits { bytes: 2 * LARGE as u64, ..PeerLimits::default() };
        let mut peer = slow.accept_taking(takes);
        // The system holds a part of it; the deadline passes before there is room for the rest.
        let options = CallOptions::timeout(Duration::from_millis(300));
        let error = proxy.call_bytes("Large", &binary(LARGE), &options).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::Unknown));
        let small = proxy.start::<i64>("Small", &(), &CallOptions::default()).unwrap();
        let frame = peer.next().expect("the large call");
        match Message::decode(&frame).unwrap() {
            Message::Call(header, arguments) => {
                assert_eq!(header.method.as_str(), "Large");
                assert!(arguments == binary(LARGE), "{} bytes", arguments.len());
            }
            other => panic!("not the call: {other:?}"),
        }
        let id = loop {
            let frame = peer.next().expect("the small call");
            match Message::decode(&frame).unwrap() {
                Message::Call(header, _) => break header.id,
                Message::Cancel { .. } => {}
                other => panic!("neither call nor cancel: {other:?}"),
            }
        };
        let mut reply = Vec::new();
        encode_reply(&mut reply, id, 0, 1);
        reply.push(7);
        peer.stream.write_all(&reply).unwrap();
        assert_eq!(small.wait().unwrap(), 7);
        client.close().unwrap();
    });
}
