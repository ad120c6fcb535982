//! Metadata that would cost the receiver much more than its bytes, or whose keys end early in some languages.

use std::io::Write;
use std::time::Duration;

use callgate::unstable::wire::{write_metadata, CallHeader, Message, OneWayHeader};
use callgate::{CallOptions, Client, Execution, Host, InboundCall, Status};

use crate::support::process::{self, Process};
use crate::support::raw::{self, RawClient};
use crate::support::system::peak_memory;
use crate::support::{calculator, unique, watched};

const LIMIT: Duration = Duration::from_secs(240);
const MIB: u64 = 1 << 20;

/// The most that a call may carry.
const PAIRS: usize = 256;
const BYTES: usize = 64 << 10;

fn call_with(id: u64, metadata: &[u8]) -> Vec<u8> {
    let header = CallHeader {
        id,
        flags: 0,
        interface: "IMetadata".into(),
        method: "Count".into(),
        signature: None,
        timeout_ms: None,
        lane: id,
        parent: None,
        metadata: Some(metadata),
    };
    let arguments = b"\x90";
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(arguments);
    frame
}

fn one_way_with(metadata: &[u8]) -> Vec<u8> {
    let header = OneWayHeader {
        flags: 0,
        interface: "IMetadata".into(),
        method: "Count".into(),
        signature: None,
        lane: 1,
        parent: None,
        metadata: Some(metadata),
    };
    let arguments = b"\x90";
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(arguments);
    frame
}

/// `count` pairs of empty text, two bytes each.
fn empty_pairs(count: usize) -> Vec<u8> {
    let mut metadata = Vec::new();
    rmp::encode::write_map_len(&mut metadata, count as u32).unwrap();
    metadata.resize(metadata.len() + 2 * count, 0xa0);
    metadata
}

/// One pair that takes this number of bytes, its map included; about 64 KiB.
fn one_pair(bytes: usize) -> Vec<u8> {
    // The map, the key, and the length of a text of less than 64 KiB.
    let overhead = 1 + 2 + 3;
    let value = "v".repeat(bytes - overhead);
    let mut metadata = Vec::new();
    write_metadata(&mut metadata, [("k", value.as_str())]);
    assert_eq!(metadata.len(), bytes);
    metadata
}

/// The number of pairs that the delegate saw, or the status and the execution of the error.
fn outcome(client: &mut RawClient, id: u64, metadata: &[u8]) -> Result<u64, (i64, i64)> {
    client.stream.write_all(&call_with(id, metadata)).unwrap();
    let frame = client.next().expect("the connection goes on");
    match Message::decode(&frame).unwrap() {
        Message::Reply { result, .. } => Ok(rmp_serde::from_slice(result).unwrap()),
        Message::Error(error, _) => Err((error.status, error.execution)),
        other => panic!("neither reply nor error: {other:?}"),
    }
}

fn refusal(status: Status) -> Result<u64, (i64, i64)> {
    Err((status.code().into(), Execution::NotRun.code().into()))
}

fn count(call: InboundCall) {
    let pairs = call.metadata().len();
    call.reply(&pairs).unwrap();
}

fn serve(endpoint: &str) -> Host {
    let host = Host::builder().endpoint(endpoint);
    host.delegate("IMetadata", |_| count).start().unwrap()
}

const MEMORY: &str = "metadata::empty_pairs_cost_no_more_than_their_bytes";

#[test]
fn empty_pairs_cost_no_more_than_their_bytes() {
    if let Some(endpoint) = process::role() {
        let _host = serve(&endpoint);
        process::tell("ready");
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("metadata");
        let mut host = Process::start(MEMORY, &endpoint);
        assert_eq!(host.hear(), "ready");
        let mut client = RawClient::connect(&endpoint);
        assert_eq!(outcome(&mut client, 1, &empty_pairs(PAIRS)), Ok(PAIRS as u64));
        let before = peak_memory(host.id());
        let answer = outcome(&mut client, 2, &empty_pairs(2 << 20));
        let grown = (peak_memory(host.id()) - before) / MIB;
        // 4 MiB arrived. As a list of texts the pairs take 64 MiB.
        assert!(grown < 32, "{grown} MiB");
        assert_eq!(answer, refusal(Status::LimitExceeded));
        assert_eq!(outcome(&mut client, 3, &empty_pairs(1)), Ok(1));
    });
}

#[test]
fn more_metadata_than_allowed_is_refused_and_its_connection_goes_on() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("metadata");
        let _host = serve(&endpoint);
        let mut client = RawClient::connect(&endpoint);
        let cases = [
            (empty_pairs(0), Ok(0)),
            (empty_pairs(PAIRS), Ok(PAIRS as u64)),
            (empty_pairs(PAIRS + 1), refusal(Status::LimitExceeded)),
            (one_pair(BYTES), Ok(1)),
            (one_pair(BYTES + 1), refusal(Status::LimitExceeded)),
        ];
        for (id, (metadata, expected)) in (1..).zip(cases) {
            client.stream.write_all(&one_way_with(&metadata)).unwrap();
            assert_eq!(outcome(&mut client, id, &metadata), expected, "{} bytes", metadata.len());
        }
    });
}

#[test]
fn keys_with_control_characters_reach_no_delegate() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("metadata");
        let _host = serve(&endpoint);
        let mut client = RawClient::connect(&endpoint);
        let strange = ["\0", "user\0x", "user\n", "\u{1b}[0m", "\u{85}", "\u{2028}", "\u{202e}"];
        for (id, key) in (1..).zip(strange) {
            let mut metadata = Vec::new();
            write_metadata(&mut metadata, [("plain", "value"), (key, "value")]);
            let expected = refusal(Status::ContractMismatch);
            assert_eq!(outcome(&mut client, id, &metadata), expected, "{key:?}");
        }
        let mut metadata = Vec::new();
        write_metadata(&mut metadata, [("ключ", "any\0text\n")]);
        assert_eq!(outcome(&mut client, 100, &metadata), Ok(1), "values may have them");
    });
}

#[test]
fn a_caller_is_told_before_anything_is_sent() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("metadata"));
        let host = Host::builder().endpoint(&endpoint);
        let _host = host.delegate("ICalculator", |_| calculator).start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let refused = |metadata: Vec<(String, String)>| {
            let mut options = CallOptions::default();
            options.metadata = metadata;
            let called = calculator.call_with::<i64>("Add", &(1, 2), &options).unwrap_err();
            let sent = calculator.one_way_with("Add", &(1, 2), &options).unwrap_err();
            assert_eq!(sent.status(), called.status());
            assert_eq!(called.execution(), Execution::NotRun);
            called.status()
        };
        let pair = |key: &str, length| (key.to_owned(), "v".repeat(length));
        assert_eq!(refused(vec![pair("k", 0); PAIRS + 1]), Status::LimitExceeded);
        assert_eq!(refused(vec![pair("k", BYTES)]), Status::LimitExceeded);
        assert_eq!(refused(vec![pair("k\0", 1)]), Status::InvalidArgument);
        assert_eq!(refused(vec![pair("k\n", 1)]), Status::InvalidArgument);
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    });
}
