//! Any bytes as a stream of frames: however they arrive, the frames are the same, and none exceeds the limit.

#![no_main]

use callgate::unstable::wire::{FrameBuffer, Malformed};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 4096;

/// The frames in `bytes`, which arrive in pieces of the given lengths, again and again.
fn split(
    mut bytes: &[u8],
    parts: bool,
    mut pieces: impl Iterator<Item = usize>,
) -> (Vec<Vec<u8>>, Result<(), Malformed>) {
    let mut buffer = FrameBuffer::new(LIMIT);
    if parts {
        buffer.accept_parts();
    }
    let mut frames = Vec::new();
    loop {
        loop {
            match buffer.next_frame() {
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                Ok(None) => break,
                Err(malformed) => return (frames, Err(malformed)),
            }
        }
        if bytes.is_empty() {
            return (frames, Ok(()));
        }
        let wanted = buffer.most_wanted().unwrap_or(usize::MAX);
        let room = buffer.room().expect("memory");
        let piece = pieces.next().unwrap_or(1).max(1);
        let count = piece.min(bytes.len()).min(wanted).min(room.capacity() - room.len());
        assert!(count > 0, "there is no room for a byte");
        room.append(&bytes[..count]).expect("there was room");
        bytes = &bytes[count..];
    }
}

fuzz_target!(|input: (bool, Vec<u16>, &[u8])| {
    let (parts, pieces, bytes) = input;
    let whole = split(bytes, parts, std::iter::repeat(usize::MAX));
    let cut = split(bytes, parts, pieces.iter().map(|piece| usize::from(*piece)).cycle());
    assert_eq!(whole, cut);
    assert!(whole.0.iter().all(|frame| (1..=LIMIT).contains(&frame.len())));
});
