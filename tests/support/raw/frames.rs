//! Complete frames, as a peer sends them.

use callgate::unstable::wire::{
    encode_hello, CallHeader, Hello, OneWayHeader, PeerLimits, Who, VERSION,
};

/// The hello of a client that offers these features, with these limits for what the host may send.
pub fn hello(offered: &[&'static str], takes: PeerLimits) -> Vec<u8> {
    let hello = Hello {
        min_version: VERSION,
        max_version: VERSION,
        offered: offered.iter().map(|&feature| feature.into()).collect(),
        required: Vec::new(),
        limits: takes,
        who: Who::default(),
    };
    let mut bytes = Vec::new();
    encode_hello(&mut bytes, &hello);
    bytes
}

/// The complete frame of a call.
pub fn call_frame(id: u64, interface: &str, method: &str, arguments: &[u8]) -> Vec<u8> {
    call_frame_in(id, id, interface, method, arguments)
}

/// The complete frame of a call in a lane.
pub fn call_frame_in(
    lane: u64,
    id: u64,
    interface: &str,
    method: &str,
    arguments: &[u8],
) -> Vec<u8> {
    let header = CallHeader {
        id,
        flags: 0,
        interface: interface.into(),
        method: method.into(),
        signature: None,
        timeout_ms: None,
        lane,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(arguments);
    frame
}

/// The complete frame of a one-way call.
pub fn one_way_frame(interface: &str, method: &str, arguments: &[u8]) -> Vec<u8> {
    let header = OneWayHeader {
        flags: 0,
        interface: interface.into(),
        method: method.into(),
        signature: None,
        lane: 1,
        parent: None,
        metadata: None,
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, arguments.len());
    frame.extend_from_slice(arguments);
    frame
}
