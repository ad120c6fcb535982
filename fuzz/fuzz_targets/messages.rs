//! Any bytes as a frame: they are a message or malformed, and calls are encoded as they were decoded.

#![no_main]

use callgate::unstable::wire::{metadata_pairs, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    let Ok(message) = Message::decode(frame) else { return };
    let mut again = Vec::new();
    match message {
        Message::Call(header, arguments) => {
            header.encode(&mut again, arguments.len());
            again.extend_from_slice(arguments);
            header.misfit();
            header.metadata.into_iter().flat_map(metadata_pairs).for_each(drop);
        }
        Message::OneWay(header, arguments) => {
            header.encode(&mut again, arguments.len());
            again.extend_from_slice(arguments);
            header.misfit();
        }
        Message::Error(header, data) => {
            header.encode(&mut again, data.len());
            again.extend_from_slice(data);
        }
        other => return drop(format!("{other:?}")),
    }
    // The length comes first.
    assert_eq!(Message::decode(&again[4..]), Message::decode(frame));
});
