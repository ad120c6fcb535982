//! Values that lie about their lengths, or are many and tiny: they fail their own call, and cost little more
//! than their bytes.

use std::collections::HashMap;
use std::io::Write;
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::{encode_reply, Message};
use callgate::{Client, Execution, Host, InboundCall, Result, Status};
use serde::de::IgnoredAny;

use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient, RawHost};
use crate::support::system::peak_memory;
use crate::support::{sanitizer, watched};

const LIMIT: Duration = Duration::from_secs(240);
const MIB: u64 = 1 << 20;
const NILS: u32 = 10_000_000;

/// An array of ten million nils, in as many bytes.
fn nils() -> Vec<u8> {
    let mut value = vec![0xdd];
    value.extend_from_slice(&NILS.to_be_bytes());
    value.resize(value.len() + NILS as usize, 0xc0);
    value
}

/// Values that claim 2³² − 1 elements or bytes, alone and within each other.
fn lies() -> Vec<Vec<u8>> {
    let heads = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9];
    let alone = heads.map(|head| vec![head, 0xff, 0xff, 0xff, 0xff, 0x01]);
    let nested = [b"\xdd\xff\xff\xff\xff".repeat(60), b"\xdf\xff\xff\xff\xff\xa1k".repeat(60)];
    alone.into_iter().chain(nested).collect()
}

/// Decodes the argument as what the method's name says.
fn decode(call: InboundCall) {
    let outcome = match call.method() {
        "Numbers" => call.args::<(Vec<u64>,)>().map(drop),
        "Lists" => call.args::<(Vec<Vec<u64>>,)>().map(drop),
        "Map" => call.args::<(HashMap<String, u64>,)>().map(drop),
        "Text" => call.args::<(String,)>().map(drop),
        "Nils" => call.args::<(Vec<()>,)>().map(drop),
        _ => call.args::<(IgnoredAny,)>().map(drop),
    };
    call.reply_with(outcome).unwrap();
}

/// The status and execution of the error, if it is one.
fn outcome(client: &mut RawClient, id: u64, method: &str, value: &[u8]) -> Option<(i64, i64)> {
    let arguments = [b"\x91", value].concat();
    client.stream.write_all(&call_frame(id, "IDecode", method, &arguments)).unwrap();
    let frame = client.next().expect("the connection goes on");
    match Message::decode(&frame).unwrap() {
        Message::Error(error, _) => Some((error.status, error.execution)),
        Message::Reply { .. } => None,
        other => panic!("neither reply nor error: {other:?}"),
    }
}

const MEMORY: &str = "messagepack::nils_and_lies_cost_a_host_little_more_than_their_bytes";

#[test]
fn nils_and_lies_cost_a_host_little_more_than_their_bytes() {
    if let Some(endpoint) = process::role() {
        let host = Host::builder().endpoint(&endpoint);
        let _host = host.delegate("IDecode", |_| decode).start().unwrap();
        process::tell("ready");
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("messagepack");
        let mut host = Process::start(MEMORY, &endpoint);
        assert_eq!(host.hear(), "ready");
        let mut client = RawClient::connect(&endpoint);
        let before = peak_memory(host.id());
        let grown = || (peak_memory(host.id()) - before) / MIB;
        let mismatch = Status::ContractMismatch.code().into();
        let not_run = Execution::NotRun.code().into();
        let mut id = 0;
        for method in ["Numbers", "Lists", "Map", "Text", "Nils", "Skip"] {
            for lie in lies() {
                id += 1;
                let found = outcome(&mut client, id, method, &lie);
                assert_eq!(found, Some((mismatch, not_run)), "{method} {:x?}", &lie[..6]);
            }
        }
        assert!(grown() < sanitizer::bound(16), "{} MiB for lies", grown());
        for (id, method) in (1_000..).zip(["Nils", "Skip"]) {
            assert_eq!(outcome(&mut client, id, method, &nils()), None, "{method}");
        }
        assert!(grown() < sanitizer::bound(64), "{} MiB for 10 MB of nils", grown());
    });
}

/// The results of a host that is called and replies with these values, as numbers.
fn results_of(values: Vec<Vec<u8>>) -> Vec<Result<i64>> {
    let endpoint = raw::endpoint("messagepack");
    let host = RawHost::listen(&endpoint);
    let client = Client::connect(&endpoint).unwrap();
    let count = values.len();
    let replies = thread::spawn(move || {
        let mut peer = host.accept();
        for value in values {
            let frame = peer.next().expect("a call");
            let Ok(Message::Call(header, _)) = Message::decode(&frame) else { panic!("no call") };
            let mut reply = Vec::new();
            encode_reply(&mut reply, header.id, 0, value.len());
            reply.extend_from_slice(&value);
            peer.stream.write_all(&reply).unwrap();
        }
    });
    let proxy = client.proxy("IDecode").unwrap();
    let results = (0..count).map(|_| proxy.call("Any", &())).collect();
    replies.join().unwrap();
    results
}

#[test]
fn results_that_do_not_decode_fail_their_calls_alone() {
    watched(LIMIT, || {
        let mut bad = lies();
        bad.extend([
            nils(),
            vec![0x91; 1_000_000],
            b"\x81\xc0".repeat(1_000_000),
            b"\xc7\x7f\x01".to_vec(),
            b"\xc1".to_vec(),
            b"\xa2\xc3\x28".to_vec(),
            b"\x01\x01".to_vec(),
            b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            b"\xcb\x7f\xf8\0\0\0\0\0\0".to_vec(),
            b"\xc7\x0c\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        ]);
        // The longest form of a number is as good as the shortest.
        let values = bad.iter().flat_map(|bad| [bad.clone(), b"\xd3\0\0\0\0\0\0\0\x01".to_vec()]);
        for (index, result) in results_of(values.collect()).into_iter().enumerate() {
            if index % 2 == 1 {
                assert_eq!(result.unwrap(), 1, "the connection goes on");
                continue;
            }
            let (value, error) = (&bad[index / 2], result.unwrap_err());
            let start = &value[..value.len().min(8)];
            assert_eq!(error.status(), Status::ContractMismatch, "{start:x?}: {error}");
            assert_eq!(error.execution(), Execution::Ran, "{start:x?}: {error}");
        }
    });
}
