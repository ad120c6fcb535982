//! Messages that are well-formed, and mean harm by their content or their place.

use callgate::unstable::wire::{
    encode_cancel, encode_credit, encode_goodbye, encode_part, encode_ping, encode_pong,
    encode_reply, write_metadata, CallHeader, ErrorHeader, OneWayHeader,
};

use super::random::Random;
use super::{Call, Target};

/// Texts that would do harm in a log, in a language whose texts end at a NUL, or by their length.
const TEXTS: [&str; 6] =
    ["", "plain", "\u{1b}[2J\r\n", "ends\0here", "\u{202e}drawkcab\u{2028}", "I\u{7f}\u{9b}"];

/// Values that are bad or too deep, that claim more than is there, or have something behind them.
const VALUES: [&[u8]; 9] = [
    b"",
    b"\xc1",
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff\xc0",
    b"\xc6\xff\xff\xff\xff\x00",
    b"\xd9\x04\xff\xfe\xfd\xfc",
    b"\xc9\x7f\xff\xff\xff\x01",
    b"\x90\x90\x90",
    b"\x92\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xfb\x7f\xf8\x00\x00\x00\x00\x00\x01",
];

/// A text of a hostile peer.
pub fn text(random: &mut Random) -> String {
    let text = *random.choose(&TEXTS);
    if random.once_in(8) {
        text.repeat(1 << random.below(12))
    } else {
        text.to_owned()
    }
}

/// A value that no honest peer would send.
pub fn value(random: &mut Random) -> Vec<u8> {
    match random.below(4) {
        0 => vec![0x91; 1 << random.below(16)],
        1 => vec![0xc0; 1 << random.below(14)],
        _ => random.choose(&VALUES).to_vec(),
    }
}

/// The frame of a call that the target serves.
pub fn call(out: &mut Vec<u8>, id: u64, call: &Call) {
    nested(out, id, call, None);
}

/// The same within a call of the target.
pub fn nested(out: &mut Vec<u8>, id: u64, call: &Call, parent: Option<u64>) {
    let header = CallHeader {
        id,
        flags: 0,
        interface: call.interface.into(),
        method: call.method.into(),
        signature: None,
        timeout_ms: Some(5000),
        lane: id % 8,
        parent,
        metadata: None,
    };
    header.encode(out, call.arguments.len());
    out.extend_from_slice(&call.arguments);
}

/// Any message with numbers below about 16, so that they meet one another, and any texts and values.
pub fn any(out: &mut Vec<u8>, target: &Target, random: &mut Random) {
    let id = random.next() % 16;
    match random.below(12) {
        0..=2 => odd_call(out, id, target, random),
        3 => one_way(out, target, random),
        4 => {
            let result = value(random);
            encode_reply(out, id, random.next() % 4, result.len());
            out.extend_from_slice(&result);
        }
        5 => error(out, id, random),
        6 => drop(encode_cancel(out, id)),
        7 => drop(encode_credit(out, id, random.next() % 4096)),
        8 => {
            let slice = random.bytes(64);
            encode_part(out, id, random.once_in(2), slice.len());
            out.extend_from_slice(&slice);
        }
        9 => drop(encode_ping(out, id)),
        10 => drop(encode_pong(out, id)),
        _ => drop(encode_goodbye(out, random.next() as i8 as i64, &text(random))),
    }
}

fn metadata(random: &mut Random) -> Option<Vec<u8>> {
    let pairs: Vec<_> = (0..random.below(4)).map(|_| (text(random), text(random))).collect();
    let mut bytes = Vec::new();
    write_metadata(&mut bytes, pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    (!pairs.is_empty()).then_some(bytes)
}

fn odd_call(out: &mut Vec<u8>, id: u64, target: &Target, random: &mut Random) {
    let call = random.choose(&target.calls).clone();
    let (interface, method, signature) = (text(random), text(random), text(random));
    let (metadata, arguments) = (metadata(random), value(random));
    let odd = random.below(6);
    let arguments = if odd == 0 { arguments } else { call.arguments };
    let header = CallHeader {
        id,
        flags: if odd == 1 { random.next() } else { 0 },
        interface: if odd == 2 { interface.as_str().into() } else { call.interface.into() },
        method: if odd == 3 { method.as_str().into() } else { call.method.into() },
        signature: (odd == 4).then_some(signature.as_str()),
        timeout_ms: random.once_in(2).then_some(random.next() % 20),
        lane: random.next() % 4,
        parent: random.once_in(6).then_some(random.next() % 4),
        metadata: metadata.as_deref().filter(|_| odd == 5),
    };
    header.encode(out, arguments.len());
    out.extend_from_slice(&arguments);
}

/// A one-way call with good or bad arguments, sometimes within a call that may not exist.
pub fn one_way(out: &mut Vec<u8>, target: &Target, random: &mut Random) {
    let call = random.choose(&target.calls).clone();
    let arguments = if random.once_in(2) { value(random) } else { call.arguments };
    let header = OneWayHeader {
        flags: 0,
        interface: call.interface.into(),
        method: call.method.into(),
        signature: None,
        lane: random.next() % 4,
        parent: random.once_in(6).then_some(random.next() % 4),
        metadata: None,
    };
    header.encode(out, arguments.len());
    out.extend_from_slice(&arguments);
}

/// An error with texts and data that do harm.
pub fn error(out: &mut Vec<u8>, id: u64, random: &mut Random) {
    let (type_name, message, trace) = (text(random), text(random), text(random));
    let data = value(random);
    let header = ErrorHeader {
        id,
        status: random.next() as i8 as i64,
        execution: random.next() as i8 as i64,
        type_name: Some(&type_name),
        message: &message,
        trace: Some(&trace),
    };
    header.encode(out, data.len());
    out.extend_from_slice(&data);
}
