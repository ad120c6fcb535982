//! Splits what passes in one direction of a stream into frames, of which it keeps the beginning.
//!
//! Frames in parts are put together: such a frame counts when its last part has passed.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::Arc;
use crate::wire::{header_length, PartHead};

/// How many bytes of a frame's header are kept: metadata may take 64 KiB, and names a few more.
const HEADER: usize = 72 * 1024;

/// How many bytes of a frame are kept if payloads are recorded.
pub(super) const MOST: usize = 1024 * 1024;

/// How many bytes of incomplete frames all connections of a host or client keep together.
const ALL: usize = 16 * 1024 * 1024;

/// The most frames in parts at a time, as PROTOCOL.md says.
const TRANSFERS: usize = 4;

/// The bytes of incomplete frames that all connections keep.
pub(super) type Kept = Arc<AtomicUsize>;

/// The beginning of a frame.
pub(super) struct Capture {
    pub bytes: Vec<u8>,
    /// The length of the frame so far, with what is not kept.
    pub length: u64,
    kept: Kept,
}

impl Capture {
    fn new(kept: &Kept) -> Capture {
        Capture { bytes: Vec::new(), length: 0, kept: kept.clone() }
    }

    /// Adds `bytes`, and `missing` ones that follow them and are not known.
    fn append(&mut self, bytes: &[u8], missing: u64, most: usize) {
        let is_whole = self.bytes.len() as u64 == self.length;
        self.length += bytes.len() as u64 + missing;
        let wanted = bytes.len().min(most.saturating_sub(self.bytes.len()));
        if is_whole && self.reserve(wanted) {
            self.bytes.extend_from_slice(&bytes[..wanted]);
        }
    }

    /// Makes room, if there is memory for it.
    fn reserve(&mut self, count: usize) -> bool {
        let before = self.kept.fetch_add(count, Ordering::Relaxed);
        let fits = before + count <= ALL && self.bytes.try_reserve(count).is_ok();
        if !fits {
            self.kept.fetch_sub(count, Ordering::Relaxed);
        }
        fits
    }

    /// Removes the payload.
    fn strip(&mut self) {
        let header = header_length(&self.bytes).unwrap_or(0);
        self.kept.fetch_sub(self.bytes.len() - header, Ordering::Relaxed);
        self.bytes.truncate(header);
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.kept.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// One direction of a stream.
pub(super) struct Frames {
    payloads: bool,
    kept: Kept,
    /// The bytes of the next frame's length that have passed.
    length: Vec<u8>,
    arriving: Option<Arriving>,
    transfers: Vec<(u64, Capture)>,
}

struct Arriving {
    capture: Capture,
    missing: usize,
}

impl Frames {
    pub fn new(payloads: bool, kept: Kept) -> Frames {
        Frames {
            payloads,
            kept,
            length: Vec::with_capacity(4),
            arriving: None,
            transfers: Vec::new(),
        }
    }

    fn most(&self) -> usize {
        match self.payloads {
            true => MOST,
            false => HEADER,
        }
    }

    /// Takes bytes that have passed; `found` gets each frame that they complete.
    pub fn pass(&mut self, mut bytes: &[u8], mut found: impl FnMut(&Capture)) {
        let most = self.most();
        while let Some(first) = bytes.first() {
            let Some(arriving) = &mut self.arriving else {
                self.length.push(*first);
                bytes = &bytes[1..];
                self.begin();
                continue;
            };
            let (taken, rest) = bytes.split_at(arriving.missing.min(bytes.len()));
            // A part's header is not part of its frame.
            arriving.capture.append(taken, 0, most + PartHead::MOST);
            arriving.missing -= taken.len();
            bytes = rest;
            if arriving.missing == 0 {
                if let Some(mut capture) = self.complete() {
                    if !self.payloads {
                        capture.strip();
                    }
                    found(&capture);
                }
            }
        }
    }

    /// Begins a frame once its length is known.
    fn begin(&mut self) {
        let Ok(length) = <[u8; 4]>::try_from(&self.length[..]) else { return };
        self.length.clear();
        let missing = u32::from_le_bytes(length) as usize;
        // A length of 0 is an error, which ends the connection.
        if missing > 0 {
            self.arriving = Some(Arriving { capture: Capture::new(&self.kept), missing });
        }
    }

    /// The frame that has passed; `None` if it is a part, and not the last one.
    fn complete(&mut self) -> Option<Capture> {
        let Arriving { capture, .. } = self.arriving.take()?;
        let length = usize::try_from(capture.length).ok()?;
        let Some(part) = PartHead::read(&capture.bytes, length) else { return Some(capture) };
        let most = self.most();
        let known = self.transfers.iter().position(|(number, _)| *number == part.transfer);
        let at = known.unwrap_or_else(|| {
            self.transfers.truncate(TRANSFERS - 1);
            self.transfers.push((part.transfer, Capture::new(&self.kept)));
            self.transfers.len() - 1
        });
        let missing = capture.length - capture.bytes.len() as u64;
        self.transfers[at].1.append(&capture.bytes[part.length..], missing, most);
        part.last.then(|| self.transfers.swap_remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{encode_part, encode_ping, encode_reply};

    /// What is recorded of a stream: the bytes and lengths of its frames, however they are cut in pieces.
    fn recorded(stream: &[u8], payloads: bool) -> Vec<(Vec<u8>, u64)> {
        let mut all = Vec::new();
        for piece in [1, 3, 1000, usize::MAX] {
            let kept = Kept::default();
            let mut frames = Frames::new(payloads, kept.clone());
            let mut found = Vec::new();
            for bytes in stream.chunks(piece.min(stream.len())) {
                frames.pass(bytes, |it| found.push((it.bytes.clone(), it.length)));
            }
            drop(frames);
            assert_eq!(kept.load(Ordering::Relaxed), 0);
            all.push(found);
        }
        all.dedup();
        assert_eq!(all.len(), 1, "the pieces do not matter");
        all.remove(0)
    }

    fn reply(id: u64, result: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        encode_reply(&mut frame, id, 0, result.len());
        frame.extend_from_slice(result);
        frame
    }

    #[test]
    fn frames_are_kept_with_or_without_payload() {
        let mut stream = reply(1, b"\xa5hello");
        encode_ping(&mut stream, 5);
        let with = recorded(&stream, true);
        assert_eq!(
            with,
            [(b"\x94\x06\x01\0\xa5hello".to_vec(), 10), (b"\x92\x0b\x05".to_vec(), 3)]
        );
        let without = recorded(&stream, false);
        assert_eq!(without, [(b"\x94\x06\x01\0".to_vec(), 10), (b"\x92\x0b\x05".to_vec(), 3)]);
    }

    #[test]
    fn frames_in_parts_are_put_together() {
        let whole = reply(1, b"\xa5hello")[4..].to_vec();
        let (mut stream, mut other) = (Vec::new(), Vec::new());
        for (transfer, slice, last) in
            [(7, &whole[..6], false), (8, &whole[..1], false), (7, &whole[6..], true)]
        {
            encode_part(&mut stream, transfer, last, slice.len());
            stream.extend_from_slice(slice);
            other.extend_from_slice(slice);
        }
        assert_eq!(recorded(&stream, true), [(whole.clone(), 10)]);
        assert_eq!(recorded(&stream, false), [(whole[..4].to_vec(), 10)]);
    }

    #[test]
    fn what_is_too_large_or_malformed_is_cut() {
        let mut stream = reply(1, &vec![0; 2 * MOST]);
        stream.extend([3, 0, 0, 0, 0xc1, 0xc1, 0xc1, 0, 0, 0, 0]);
        stream.extend(reply(2, b"\x01"));
        let found = recorded(&stream[..], true);
        let lengths: Vec<_> = found.iter().map(|(bytes, length)| (bytes.len(), *length)).collect();
        assert_eq!(lengths, [(MOST + PartHead::MOST, 2 * MOST as u64 + 4), (3, 3), (5, 5)]);
        let found = recorded(&stream[..], false);
        let lengths: Vec<_> = found.iter().map(|(bytes, length)| (bytes.len(), *length)).collect();
        assert_eq!(lengths, [(4, 2 * MOST as u64 + 4), (0, 3), (4, 5)]);
    }
}
