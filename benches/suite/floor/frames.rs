//! The sizes of Callgate's frames, lengths included, so that the floors carry as many bytes.

use callgate::unstable::wire::{encode_reply, CallHeader, OneWayHeader};

/// The id of a call and its reply in the middle of a run.
const ID: u64 = 100_000;
const LANE: u64 = 1 << 20;

/// A call with this many bytes of arguments.
pub fn call(interface: &str, method: &str, arguments: usize) -> usize {
    let header = CallHeader {
        id: ID,
        flags: 0,
        interface: interface.into(),
        method: method.into(),
        signature: None,
        timeout_ms: Some(30_000),
        lane: LANE,
        parent: None,
        metadata: None,
    };
    let mut head = Vec::new();
    header.encode(&mut head, arguments);
    head.len() + arguments
}

/// A one-way call with this many bytes of arguments.
pub fn one_way(interface: &str, method: &str, arguments: usize) -> usize {
    let (interface, method) = (interface.into(), method.into());
    let (signature, parent, metadata) = (None, None, None);
    let header =
        OneWayHeader { flags: 0, interface, method, signature, lane: LANE, parent, metadata };
    let mut head = Vec::new();
    header.encode(&mut head, arguments);
    head.len() + arguments
}

/// A reply with this many bytes of result.
pub fn reply(result: usize) -> usize {
    let mut head = Vec::new();
    encode_reply(&mut head, ID, 0, result);
    head.len() + result
}
