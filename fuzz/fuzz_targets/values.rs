//! Any bytes as a value: what the check accepts, another decoder reads to the end.

#![no_main]

use callgate::unstable::wire::{check_value, skip_value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let checked = check_value(bytes);
    let skipped = skip_value(bytes);
    assert_eq!(checked.is_ok(), skipped.is_ok_and(<[u8]>::is_empty));
    if checked.is_ok() {
        let mut rest = bytes;
        rmpv::decode::read_value(&mut rest).expect("it was checked");
        assert!(rest.is_empty());
    }
});
