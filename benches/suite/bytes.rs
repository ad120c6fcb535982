//! Checks that bytes came back as they were sent.

use std::ops::Range;

/// How many bytes a check compares, besides the last one: comparing all of a large reply would cost about
/// as much as sending it.
const WINDOW: usize = 16 * 1024;

/// `size` bytes, most of them different from those a little before or after.
pub fn pattern(size: usize) -> impl Iterator<Item = u8> {
    (0..size).map(|place| (place / 7) as u8)
}

/// Makes the bytes differ from those of the previous call, in the last one, which every check compares.
pub fn stamp(bytes: &mut [u8], call: usize) {
    if let Some(last) = bytes.last_mut() {
        *last = call as u8;
    }
}

/// Checks bytes: all of them at the first call, then the last one and a window that moves with each call.
pub fn check(bytes: &[u8], wanted: &[u8], call: usize) {
    assert_eq!(bytes.len(), wanted.len(), "as many bytes come back");
    assert_eq!(bytes.last(), wanted.last(), "the last byte comes back");
    let looked_at = if call <= 1 { 0..bytes.len() } else { window(bytes.len(), call) };
    assert!(bytes[looked_at.clone()] == wanted[looked_at], "the same bytes come back");
}

fn window(length: usize, call: usize) -> Range<usize> {
    let start = call % length.div_ceil(WINDOW).max(1) * WINDOW;
    start..length.min(start + WINDOW)
}
