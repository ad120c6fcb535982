use super::super::{encode_part, encode_reply, FrameBuffer};
use super::*;

const LIMIT: usize = 1 << 26;
const PART: usize = 1 << 18;

/// A reply of `length` bytes.
fn reply(length: usize) -> Vec<u8> {
    let mut frame = Vec::new();
    encode_reply(&mut frame, 1, 0, 0);
    frame.resize(4 + length, 7);
    frame.split_off(4)
}

fn in_parts(frame: &[u8], transfer: u64) -> Vec<Vec<u8>> {
    let count = frame.len().div_ceil(PART);
    let part = |(number, slice): (usize, &[u8])| {
        let mut part = Vec::new();
        encode_part(&mut part, transfer, number + 1 == count, slice.len());
        part.extend_from_slice(slice);
        part
    };
    frame.chunks(PART).enumerate().map(part).collect()
}

fn buffer() -> FrameBuffer {
    let mut buffer = FrameBuffer::new(LIMIT);
    buffer.accept_parts();
    buffer
}

/// Feeds bytes in reads as large as the buffer allows; returns the frames and the largest room.
fn feed(buffer: &mut FrameBuffer, mut bytes: &[u8]) -> (Vec<Frame>, usize) {
    let (mut frames, mut largest) = (Vec::new(), 0);
    while !bytes.is_empty() {
        let most = buffer.most_wanted().unwrap_or(usize::MAX);
        let room = buffer.room().expect("memory");
        largest = largest.max(room.capacity());
        let spare = (room.capacity() - room.len()).min(most);
        let (now, later) = bytes.split_at(spare.min(bytes.len()));
        room.append(now).expect("memory");
        bytes = later;
        while let Some(frame) = buffer.next_frame().expect("well-formed") {
            frames.push(frame);
        }
    }
    (frames, largest)
}

#[test]
fn memory_follows_what_arrived_and_not_a_parts_claim() {
    let mut buffer = buffer();
    let mut claim = Vec::new();
    encode_part(&mut claim, 1, false, LIMIT - 100);
    let (_, largest) = feed(&mut buffer, &claim);
    assert!(largest <= 1 << 17, "{largest}");
    let mut total = 0;
    while total < LIMIT / 2 {
        let (_, largest) = feed(&mut buffer, &[7; 100_000]);
        total += 100_000;
        assert!(largest <= 2 * total + (1 << 17), "{largest} for {total}");
    }
}

#[test]
fn the_memory_of_a_frame_in_parts_is_used_again() {
    let mut buffer = buffer();
    let large = reply(3 << 20);
    let parts = in_parts(&large, 1).concat();
    let mut places = (0..3).map(|_| {
        let (frames, _) = feed(&mut buffer, &parts);
        assert_eq!(&frames[0][..], &large[..]);
        frames[0].as_ptr()
    });
    let first = places.next();
    assert!(places.all(|place| Some(place) == first));
    assert!(buffer.is_empty() && buffer.is_roomy());
    buffer.give_back();
    assert!(!buffer.is_roomy());
}

#[test]
fn a_frame_that_somebody_keeps_keeps_little_more_than_itself() {
    let mut buffer = buffer();
    drop(feed(&mut buffer, &in_parts(&reply(16 << 20), 1).concat()));
    let (frames, _) = feed(&mut buffer, &in_parts(&reply(1 << 20), 1).concat());
    let kept = frames.into_iter().next().expect("a frame").into_chunk();
    assert!(kept.capacity() <= 4 << 20, "{}", kept.capacity());
}

#[test]
fn most_bytes_of_a_large_frame_are_never_copied() {
    let mut buffer = buffer();
    let parts = in_parts(&reply(8 << 20), 1);
    drop(feed(&mut buffer, &parts[0]));
    for part in &parts[1..] {
        // All of a part except its beginning is received where it stays.
        let most = buffer.most_wanted().expect("a part follows");
        assert!(most <= 1 << 13, "{most}");
        drop(feed(&mut buffer, &part[..most]));
        assert_eq!(buffer.most_wanted().expect("it goes on"), part.len() - most);
        drop(feed(&mut buffer, &part[most..]));
    }
    assert!(buffer.is_empty());
}

#[test]
fn giving_memory_back_leaves_what_is_under_way() {
    let mut buffer = buffer();
    let large = reply(3 << 20);
    let bytes = in_parts(&large, 1).concat();
    drop(feed(&mut buffer, &bytes[..PART + 100]));
    buffer.give_back();
    assert!(!buffer.is_empty());
    let (frames, _) = feed(&mut buffer, &bytes[PART + 100..]);
    assert_eq!(&frames[0][..], &large[..]);
}

#[test]
fn a_frame_without_memory_is_dropped_and_its_beginning_kept() {
    let frame = reply(1_000_000);
    let mut transfers = Transfers::default();
    let mut spare = Arc::default();
    let mut cut = None;
    for (number, slice) in frame.chunks(PART).enumerate() {
        let last = (number + 1) * PART >= frame.len();
        let head = PartHead { transfer: 1, last, length: 0 };
        transfers.begin(&head, slice.len(), LIMIT, &mut spare).expect("a part");
        if number == 1 {
            transfers.under_way[0].cut(OutOfMemory(frame.len())).expect("memory for the beginning");
        }
        let (arrived, mut rest) = slice.split_at(slice.len() / 2);
        transfers.append(arrived).expect("memory");
        while !rest.is_empty() {
            assert_eq!(transfers.missing(), Some(rest.len()));
            let room = transfers.room().expect("memory").expect("a part arrives");
            let count = (room.capacity() - room.len()).min(rest.len());
            room.append(&rest[..count]).expect("memory");
            rest = &rest[count..];
        }
        match transfers.complete().expect("well-formed") {
            None => assert!(!last),
            Some(Whole::Memory(_)) => panic!("it was cut"),
            Some(Whole::Cut(whole)) => cut = Some(whole),
        }
    }
    let cut = cut.expect("its last part has arrived");
    assert_eq!(cut.length, frame.len());
    assert!(frame.starts_with(&cut.head) && cut.head.len() >= 1 << 16);
    assert!(transfers.is_empty());
}
