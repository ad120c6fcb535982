use super::*;

#[test]
fn bytes_are_appended_and_removed_from_the_front() {
    let mut chunk = Chunk::new();
    assert_eq!((chunk.capacity(), &chunk[..]), (0, &b""[..]));
    chunk.append(b"abc").expect("memory");
    chunk.append(b"def").expect("memory");
    chunk.remove_front(0);
    assert_eq!(&chunk[..], b"abcdef");
    chunk.remove_front(2);
    assert_eq!(&chunk[..], b"cdef");
    chunk[0] = b'x';
    chunk.remove_front(4);
    assert!(chunk.is_empty());
    assert_eq!(&Chunk::copy_of(&[b"one, ", b"", b"two"]).expect("memory")[..], b"one, two");
}

#[test]
fn growing_keeps_the_bytes_at_every_size() {
    let mut chunk = Chunk::new();
    let mut expected = Vec::new();
    for round in 0..13 {
        let more = vec![round; 1 << (round + 10)];
        chunk.append(&more).expect("memory");
        expected.extend(more);
        assert!(chunk[..] == expected, "{} bytes", expected.len());
    }
    chunk.clear();
    assert!(chunk.is_empty() && chunk.capacity() >= expected.len());
}

#[test]
fn appending_often_grows_seldom() {
    let mut chunk = Chunk::new();
    let mut grown = 0;
    for _ in 0..4_000 {
        let before = chunk.capacity();
        chunk.append(&[7; 1000]).expect("memory");
        grown += usize::from(chunk.capacity() != before);
    }
    assert!(grown < 20, "{grown} times");
}

#[test]
fn exact_room_is_no_more_than_was_asked_for() {
    for capacity in [1, 4096, 100_000, 5_000_001] {
        let mut chunk = Chunk::with_capacity(capacity).expect("memory");
        assert_eq!(chunk.capacity(), capacity);
        chunk.append(b"a").expect("memory");
        chunk.reserve_exact(2 * capacity).expect("memory");
        assert_eq!(chunk.capacity(), 2 * capacity + 1);
    }
}

#[test]
fn a_vector_is_taken_over_where_it_is() {
    for length in [0, 5, 3 << 20] {
        let bytes = vec![9; length];
        let place = bytes.as_ptr();
        let mut chunk = Chunk::from(bytes);
        assert_eq!(chunk.as_ptr(), place);
        chunk.append(&[1; 4 << 20]).expect("memory");
        assert_eq!(chunk.iter().filter(|&&byte| byte == 9).count(), length);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_of_its_own_begins_where_pages_do() {
    for capacity in [128 << 10, 5 << 20] {
        let mut chunk = Chunk::with_capacity(capacity).expect("memory");
        chunk.append(b"begin").expect("memory");
        assert_eq!(chunk.as_ptr().addr() % 4096, 0);
        chunk.reserve(64 << 20).expect("memory");
        assert_eq!(chunk.as_ptr().addr() % 4096, 0);
        assert_eq!(&chunk[..], b"begin");
    }
}

#[test]
fn without_memory_it_stays_as_it_was() {
    for length in [0, 3, 2 << 20] {
        let mut chunk = Chunk::from(vec![5; length]);
        for more in [usize::MAX, isize::MAX as usize, isize::MAX as usize - (4 << 20)] {
            assert!(chunk.reserve(more).is_err(), "{length} + {more}");
            assert!(chunk.reserve_exact(more).is_err(), "{length} + {more}");
        }
        assert!(chunk.iter().all(|&byte| byte == 5) && chunk.len() == length);
    }
    assert_eq!(OutOfMemory(7).to_string(), "there is no memory for 7 bytes");
}
