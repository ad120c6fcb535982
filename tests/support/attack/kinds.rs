//! What hostile peers do, each on a connection of its own.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::{
    encode_cancel, encode_credit, encode_goodbye, encode_part, encode_ping, encode_reply,
};

use super::messages::{any, call, error, nested, one_way, value};
use super::peer::{hello, Peer};
use super::Target;

/// An attack: its name, whether the handshake comes first, and what follows.
pub type Kind = (&'static str, bool, fn(&mut Peer, &Target));

/// All attacks.
pub const KINDS: [Kind; 14] = [
    ("strangers", false, strangers),
    ("silence", false, silence),
    ("mutated vectors", true, mutated_vectors),
    ("any messages", true, any_messages),
    ("cuts", true, cuts),
    ("cancelled calls", true, cancelled_calls),
    ("unread replies", true, unread_replies),
    ("goodbyes", true, goodbyes),
    ("parents", true, parents),
    ("unfinished frames", true, unfinished_frames),
    ("replies to nothing", true, replies_to_nothing),
    ("bad values", true, bad_values),
    ("one-way floods", true, one_way_flood),
    ("callbacks", true, callbacks),
];

/// How long a connection is kept in a state that the other side would like to leave.
const A_WHILE: Duration = Duration::from_millis(100);

/// Sends bytes that are no handshake, or a bad one.
fn strangers(peer: &mut Peer, target: &Target) {
    let mut bytes = match peer.random.below(6) {
        0 => b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        1 => peer.random.bytes(4096),
        2 => vec![0xff; 64],
        3 => vec![0; 64],
        4 => {
            let mut bytes = Vec::new();
            call(&mut bytes, 1, &target.calls[0]);
            bytes
        }
        _ => hello().repeat(2),
    };
    if peer.random.once_in(2) {
        peer.random.mutate(&mut bytes);
    }
    if peer.random.once_in(4) {
        peer.drip(&bytes);
    } else {
        peer.send(&bytes);
    }
    peer.read();
}

/// Says nothing, or half a hello.
fn silence(peer: &mut Peer, _: &Target) {
    let hello = hello();
    let most = peer.random.below(hello.len());
    peer.send(&hello[..most]);
    thread::sleep(A_WHILE);
}

/// The frames of the test vectors, good and bad.
fn vectors() -> &'static [Vec<u8>] {
    static VECTORS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    VECTORS.get_or_init(|| {
        let texts =
            [include_str!("../../vectors/frames.txt"), include_str!("../../vectors/parts.txt")];
        let mut vectors: Vec<Vec<u8>> = Vec::new();
        for line in texts.iter().flat_map(|text| text.lines().map(str::trim)) {
            if line.starts_with('[') {
                vectors.push(Vec::new());
            } else if let Some(hex) = line.strip_prefix("hex ") {
                let digits: Vec<u8> =
                    hex.chars().filter_map(|digit| digit.to_digit(16)).map(|n| n as u8).collect();
                let bytes = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]);
                vectors.last_mut().expect("a name before the bytes").extend(bytes);
            }
        }
        vectors
    })
}

fn mutated_vectors(peer: &mut Peer, _: &Target) {
    for _ in 0..peer.random.below(20) {
        let mut frame = peer.random.choose(vectors()).clone();
        if peer.random.once_in(2) {
            peer.random.mutate(&mut frame);
        }
        if !peer.send(&frame) {
            break;
        }
    }
    peer.read();
}

fn any_messages(peer: &mut Peer, target: &Target) {
    for _ in 0..peer.random.below(12) {
        let mut bytes = Vec::new();
        for _ in 0..peer.random.below(6) {
            any(&mut bytes, target, &mut peer.random);
        }
        if !peer.send(&bytes) {
            break;
        }
        peer.read();
    }
}

/// Ends the stream, or one direction of it, at any byte of good calls.
fn cuts(peer: &mut Peer, target: &Target) {
    let mut bytes = Vec::new();
    for id in 1..=8 {
        let chosen = peer.random.choose(&target.calls).clone();
        call(&mut bytes, id, &chosen);
    }
    bytes.truncate(peer.random.below(bytes.len()));
    peer.send(&bytes);
    if peer.random.once_in(2) {
        peer.half_close();
        peer.read();
    }
}

fn cancelled_calls(peer: &mut Peer, target: &Target) {
    let chosen = peer.random.choose(&target.calls).clone();
    for batch in 0..4 {
        let mut bytes = Vec::new();
        for id in batch * 200 + 1..=batch * 200 + 200 {
            call(&mut bytes, id, &chosen);
            encode_cancel(&mut bytes, id);
        }
        if !peer.send(&bytes) {
            break;
        }
        if peer.random.once_in(2) {
            peer.read();
        }
    }
}

/// Calls, and does not read the replies.
fn unread_replies(peer: &mut Peer, target: &Target) {
    for id in 1..=2000 {
        let mut bytes = Vec::new();
        let chosen = peer.random.choose(&target.calls).clone();
        call(&mut bytes, id, &chosen);
        if !peer.send(&bytes) {
            break;
        }
    }
    thread::sleep(A_WHILE);
}

/// Says goodbye between calls, goes on, or stays.
fn goodbyes(peer: &mut Peer, target: &Target) {
    let mut bytes = Vec::new();
    let chosen = peer.random.choose(&target.calls).clone();
    call(&mut bytes, 1, &chosen);
    for id in 2..2 + peer.random.next() % 3 {
        encode_goodbye(&mut bytes, peer.random.next() as i8 as i64, "enough\u{1b}[2J");
        call(&mut bytes, id, &chosen);
    }
    peer.send(&bytes);
    peer.read();
    thread::sleep(A_WHILE);
}

/// Claims to call within calls of the other side, some of which were never made.
fn parents(peer: &mut Peer, target: &Target) {
    let mut bytes = Vec::new();
    for id in 1..=16 {
        let chosen = peer.random.choose(&target.calls).clone();
        call(&mut bytes, id, &chosen);
    }
    peer.send(&bytes);
    peer.read();
    bytes.clear();
    let issued = peer.asked.clone();
    for id in 17..=200 {
        let chosen = peer.random.choose(&target.calls).clone();
        let parent = match issued.as_slice() {
            [] => peer.random.next() % 3,
            _ if peer.random.once_in(100) => 1 << 40,
            issued => *peer.random.choose(issued),
        };
        nested(&mut bytes, id, &chosen, Some(parent));
    }
    for &id in &issued {
        encode_reply(&mut bytes, id, 0, 1);
        bytes.push(0xc0);
    }
    peer.send(&bytes);
    peer.read();
}

/// Begins large frames and transfers, and does not end them.
fn unfinished_frames(peer: &mut Peer, target: &Target) {
    let mut whole = Vec::new();
    let mut large = peer.random.choose(&target.calls).clone();
    large.arguments = vec![0xc0; 1 << (12 + peer.random.below(8))];
    call(&mut whole, 1, &large);
    if peer.random.once_in(2) {
        let arrived = peer.random.below(whole.len());
        peer.send(&whole[..arrived]);
    } else {
        for transfer in 0..1 + peer.random.next() % 5 {
            let mut part = Vec::new();
            let slice = &whole[4..4 + peer.random.below(whole.len() - 4)];
            encode_part(&mut part, transfer, peer.random.once_in(4), slice.len());
            part.extend_from_slice(slice);
            peer.send(&part);
        }
        let mut ping = Vec::new();
        encode_ping(&mut ping, 1);
        peer.send(&ping);
    }
    peer.read();
    thread::sleep(A_WHILE);
}

fn replies_to_nothing(peer: &mut Peer, _: &Target) {
    let mut bytes = Vec::new();
    let id = peer.random.next() % 4;
    match peer.random.below(3) {
        0 => {
            encode_reply(&mut bytes, id, 0, 1);
            bytes.push(0xc0);
        }
        1 => error(&mut bytes, id, &mut peer.random),
        _ => drop(encode_credit(&mut bytes, 1 << 20, u64::MAX)),
    }
    peer.send(&bytes);
    peer.read();
}

/// Calls with arguments that cannot be read, or do not fit.
fn bad_values(peer: &mut Peer, target: &Target) {
    let mut bytes = Vec::new();
    for id in 1..=20 {
        let mut bad = peer.random.choose(&target.calls).clone();
        bad.arguments = value(&mut peer.random);
        if !bad.arguments.is_empty() {
            call(&mut bytes, id, &bad);
        }
    }
    peer.send(&bytes);
    peer.read();
}

fn one_way_flood(peer: &mut Peer, target: &Target) {
    for _ in 0..40 {
        let mut bytes = Vec::new();
        for _ in 0..50 {
            one_way(&mut bytes, target, &mut peer.random);
        }
        if !peer.send(&bytes) {
            break;
        }
    }
    peer.read();
}

/// Makes the other side call back, and replies never, late, twice, or with what nobody can read.
fn callbacks(peer: &mut Peer, target: &Target) {
    for round in 0..4 {
        let mut bytes = Vec::new();
        for id in round * 8 + 1..=round * 8 + 8 {
            let chosen = peer.random.choose(&target.calls).clone();
            call(&mut bytes, id, &chosen);
        }
        peer.send(&bytes);
        peer.read();
        bytes.clear();
        for id in std::mem::take(&mut peer.asked) {
            for _ in 0..peer.random.below(3) {
                if peer.random.once_in(2) {
                    error(&mut bytes, id, &mut peer.random);
                } else {
                    let result = value(&mut peer.random);
                    encode_reply(&mut bytes, id, 0, result.len());
                    bytes.extend_from_slice(&result);
                }
            }
        }
        peer.send(&bytes);
    }
    peer.read();
}
