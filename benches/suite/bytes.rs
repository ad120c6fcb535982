//! Whether bytes came back as they were sent.

/// Checks look at one byte in so many, beside the last.
const STRIDE: usize = 4096;

/// Makes bytes unlike those of the call before: their end, which comes back in any case.
pub fn stamp(bytes: &mut [u8], call: usize) {
    if let Some(last) = bytes.last_mut() {
        *last = call as u8;
    }
}

/// Checks that bytes are what they should be: their end, and one in so many others, which are not
/// those of the call before. To compare all of them would cost more than to send them.
pub fn check(bytes: &[u8], wanted: &[u8], call: usize) {
    assert_eq!(bytes.len(), wanted.len(), "as many bytes come back");
    assert_eq!(bytes.last(), wanted.last(), "the last byte comes back");
    let places = (call % STRIDE..bytes.len()).step_by(STRIDE);
    places.for_each(|place| assert_eq!(bytes[place], wanted[place], "byte {place} comes back"));
}
