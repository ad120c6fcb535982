//! Any text as an endpoint: it is refused, or written as it was read.

#![no_main]

use callgate::Endpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(endpoint) = text.parse::<Endpoint>() else { return };
    let written = endpoint.to_string();
    assert!(written.parse::<Endpoint>().is_ok_and(|again| again == endpoint), "{written}");
    assert!(!written.chars().any(char::is_control), "{written:?}");
});
