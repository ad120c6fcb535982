use super::room::RESTS;
use super::*;

const LIMIT: usize = 1 << 26;

fn framed(payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u32).to_le_bytes(), payload].concat()
}

/// Feeds `bytes` in reads of at most `step` bytes, and collects the frames.
fn feed(buffer: &mut FrameBuffer, mut bytes: &[u8], step: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let room = buffer.room().expect("memory");
        let spare = room.capacity() - room.len();
        assert!(spare > 0);
        let (now, later) = bytes.split_at(spare.min(step).min(bytes.len()));
        room.append(now).expect("memory");
        bytes = later;
        while let Some(frame) = buffer.next_frame().expect("well-formed") {
            frames.push(frame);
        }
    }
    frames
}

#[test]
fn frames_come_out_however_they_arrive() {
    let payloads: Vec<Vec<u8>> = [1, 3, 300, 5_000, 100_000, 2]
        .iter()
        .map(|&length| (0..length).map(|byte| byte as u8).collect())
        .collect();
    let bytes: Vec<u8> = payloads.iter().flat_map(|one| framed(one)).collect();
    for step in [1, 2, 3, 7, 4096, usize::MAX] {
        let mut buffer = FrameBuffer::new(LIMIT);
        let frames = feed(&mut buffer, &bytes, step);
        assert!(buffer.is_empty());
        assert_eq!(frames.len(), payloads.len());
        for (frame, payload) in frames.iter().zip(&payloads) {
            assert_eq!(&frame[..], &payload[..], "in steps of {step}");
        }
    }
}

#[test]
fn a_chunk_is_used_again_once_its_frames_are_gone() {
    let mut buffer = FrameBuffer::new(LIMIT);
    let first = feed(&mut buffer, &framed(b"one"), usize::MAX).remove(0);
    let place = first.as_ptr();
    drop(first);
    let second = feed(&mut buffer, &framed(b"two"), usize::MAX).remove(0);
    assert_eq!(second.as_ptr(), place);
    let third = feed(&mut buffer, &framed(b"six"), usize::MAX).remove(0);
    assert_ne!(third.as_ptr(), place);
    assert_eq!(&second[..], b"two");
}

#[test]
fn a_tail_moves_away_from_living_frames() {
    let mut buffer = FrameBuffer::new(LIMIT);
    let bytes = [framed(b"one"), framed(b"two")].concat();
    let first = feed(&mut buffer, &bytes[..9], usize::MAX);
    assert!(!buffer.is_empty());
    let second = feed(&mut buffer, &bytes[9..], usize::MAX);
    assert_eq!((&first[0][..], &second[0][..]), (&b"one"[..], &b"two"[..]));
}

#[test]
fn lengths_outside_the_limit_are_refused_at_once() {
    let refused = |limit: usize, length: u32| {
        let mut buffer = FrameBuffer::new(limit);
        let room = buffer.room().expect("memory");
        room.append(&length.to_le_bytes()).expect("memory");
        buffer.next_frame().is_err()
    };
    assert!(refused(100, 0));
    assert!(!refused(100, 99));
    assert!(!refused(100, 100));
    assert!(refused(100, 101));
    assert!(refused(LIMIT, u32::MAX));
}

#[test]
fn a_new_limit_holds_for_the_next_frame() {
    let mut buffer = FrameBuffer::new(2);
    let room = buffer.room().expect("memory");
    room.append(&framed(b"hi")).expect("memory");
    room.append(&framed(b"more")).expect("memory");
    assert_eq!(&buffer.next_frame().expect("fits").expect("whole")[..], b"hi");
    assert!(buffer.next_frame().is_err());
    buffer.set_limit(4);
    assert_eq!(&buffer.next_frame().expect("fits").expect("whole")[..], b"more");
}

#[test]
fn frames_that_begin_alike_come_out_until_another_does() {
    let mut buffer = FrameBuffer::new(LIMIT);
    let frames = ["note 1", "note 22", "note ", "note 3"].map(|text| framed(text.as_bytes()));
    buffer.room().and_then(|room| room.append(&frames.concat())).expect("memory");
    let mut next = |most| buffer.next_frame_with(b"note ", most).map(|frame| frame.to_vec());
    assert_eq!(next(5), None, "it is longer");
    assert_eq!(next(6), Some(b"note 1".to_vec()));
    assert_eq!(next(100), Some(b"note 22".to_vec()));
    assert_eq!(next(100), None, "it does not go on");
    assert_eq!(&buffer.next_frame().expect("fits").expect("whole")[..], b"note ");
    let other = buffer.next_frame_with(b"nota ", 100);
    assert!(other.is_none());
    assert!(buffer.next_frame_with(b"note ", 100).is_some());
    buffer.room().and_then(|room| room.append(&framed(b"note 4")[..9])).expect("memory");
    assert!(buffer.next_frame_with(b"note ", 100).is_none(), "it has not arrived whole");
}

#[test]
fn memory_follows_what_arrived_and_not_the_claim() {
    let mut buffer = FrameBuffer::new(LIMIT);
    let mut arrived = (LIMIT as u32).to_le_bytes().to_vec();
    let mut total = 0;
    while total < LIMIT / 2 {
        let room = buffer.room().expect("memory");
        let allowed = (8 * total).max(LARGEST_READ);
        assert!(room.capacity() <= allowed, "{} for {total}", room.capacity());
        arrived.resize((room.capacity() - room.len()).min(100_000), 1);
        room.append(&arrived).expect("memory");
        total += arrived.len();
        arrived.clear();
        assert!(buffer.next_frame().expect("allowed").is_none());
    }
}

#[test]
fn large_frames_use_a_chunk_of_their_own_again() {
    let mut buffer = FrameBuffer::new(LIMIT);
    let large = framed(&vec![1; 3 << 20]);
    let mut places = (0..3).map(|_| {
        drop(feed(&mut buffer, &framed(b"small"), usize::MAX));
        let frame = feed(&mut buffer, &large, usize::MAX).remove(0);
        assert_eq!(&frame[..], &large[LENGTH..]);
        frame.as_ptr()
    });
    let first = places.next();
    assert!(places.all(|place| Some(place) == first));
}

#[test]
fn a_large_chunk_is_not_shared_with_small_frames() {
    let mut buffer = FrameBuffer::new(LIMIT);
    drop(feed(&mut buffer, &framed(&vec![1; 3 << 20]), usize::MAX));
    let room = buffer.room().expect("memory");
    assert!(room.is_empty() && room.capacity() <= LARGEST_READ);
    assert!(buffer.is_roomy());
}

#[test]
fn a_large_chunk_is_given_back_when_it_is_not_used() {
    let resting = |buffer: &FrameBuffer| buffer.resting.capacity();
    let mut buffer = FrameBuffer::new(LIMIT);
    drop(feed(&mut buffer, &framed(&vec![1; 3 << 20]), usize::MAX));
    drop(feed(&mut buffer, &framed(b"small").repeat(RESTS as usize), 9));
    assert!(resting(&buffer) > LARGEST_READ);
    drop(feed(&mut buffer, &framed(b"small"), 9));
    assert_eq!(resting(&buffer), 0);
}

#[test]
fn what_makes_it_quick_is_given_back_when_asked_for() {
    let mut buffer = FrameBuffer::new(LIMIT);
    let large = framed(&vec![1; 3 << 20]);
    drop(feed(&mut buffer, &large, usize::MAX));
    let begun = feed(&mut buffer, &large[..LARGEST_READ], usize::MAX);
    assert!(begun.is_empty());
    buffer.give_back();
    let frame = feed(&mut buffer, &large[LARGEST_READ..], usize::MAX).remove(0);
    assert_eq!(&frame[..], &large[LENGTH..]);
    drop(frame);
    buffer.give_back();
    assert!(!buffer.is_roomy());
    assert_eq!(buffer.room().expect("memory").capacity(), SMALLEST_READ);
}

#[test]
fn reads_grow_while_they_fill_their_room() {
    let mut buffer = FrameBuffer::new(LIMIT);
    assert_eq!(buffer.room().expect("memory").capacity(), SMALLEST_READ);
    let many = framed(&[5; 60]).repeat(4096);
    drop(feed(&mut buffer, &many, usize::MAX));
    assert_eq!(buffer.room().expect("memory").capacity(), LARGEST_READ);
}
