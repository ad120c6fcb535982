//! Buffers that a thread reuses, so that a warm call allocates none.

use std::cell::Cell;

use crate::chunk::Chunk;
use crate::sync::thread_local;

/// Larger buffers are not kept for the thread's next use.
const KEPT: usize = 64 * 1024;

thread_local! {
    /// For arguments and results.
    static VALUE: Cell<Chunk> = const { Cell::new(Chunk::new()) };
    /// For headers and small frames. The next one to use comes first.
    static BUFFERS: [Cell<Vec<u8>>; 2] = const { [Cell::new(Vec::new()), Cell::new(Vec::new())] };
}

/// Runs `work` with an empty chunk of this thread for a value, which may be large. Its capacity is kept
/// unless it is large. A nested use allocates.
pub(crate) fn with_value<R>(work: impl FnOnce(&mut Chunk) -> R) -> R {
    // A thread that is ending keeps no buffers any more.
    let mut value = VALUE.try_with(Cell::take).unwrap_or_default();
    value.clear();
    let outcome = work(&mut value);
    if value.capacity() <= KEPT {
        let _ = VALUE.try_with(|kept| kept.set(value));
    }
    outcome
}

/// Runs `work` with an empty buffer of this thread, whose capacity is kept. A nested use gets the second
/// buffer; deeper ones allocate.
pub(crate) fn with_scratch<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut buffer =
        BUFFERS.try_with(|[first, second]| first.replace(second.take())).unwrap_or_default();
    buffer.clear();
    let outcome = work(&mut buffer);
    if buffer.capacity() <= KEPT {
        let _ = BUFFERS.try_with(|[first, second]| second.set(first.replace(buffer)));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity() -> usize {
        with_scratch(|buffer| buffer.capacity())
    }

    #[test]
    fn nested_uses_have_buffers_of_their_own_and_keep_them() {
        let fill = || {
            with_scratch(|outer| {
                outer.extend([1; 1000]);
                with_scratch(|inner| {
                    assert!(inner.is_empty());
                    inner.extend([2; 2000]);
                });
                assert!(outer.iter().all(|&byte| byte == 1));
            });
        };
        fill();
        let (outer, inner) = with_scratch(|outer| (outer.capacity(), capacity()));
        assert!(outer >= 1000 && inner >= 2000);
    }

    #[test]
    fn chunks_are_kept_unless_they_are_large() {
        let capacity = || with_value(|value| value.capacity());
        with_value(|value| value.append(&[1; 1000])).expect("memory");
        with_value(|value| {
            assert!(value.is_empty() && value.capacity() >= 1000);
            assert_eq!(capacity(), 0, "one within has memory of its own");
        });
        assert!(capacity() >= 1000);
        with_value(|value| value.append(&[1; KEPT + 1])).expect("memory");
        assert_eq!(capacity(), 0);
    }

    #[test]
    fn large_buffers_are_not_kept() {
        with_scratch(|buffer| buffer.resize(KEPT + 1, 0));
        assert!(capacity() <= KEPT);
    }
}
