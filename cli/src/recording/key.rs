//! What makes two calls, or two values, the same.

use crate::recording::Call;
use crate::values::WireValue;

/// A call without its caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    interface: String,
    method: String,
    signature: Option<String>,
    arguments: String,
}

impl Key {
    pub fn new(interface: &str, method: &str, signature: Option<&str>, arguments: &[u8]) -> Key {
        Key {
            interface: interface.into(),
            method: method.into(),
            signature: signature.map(str::to_owned),
            arguments: canonical(arguments),
        }
    }

    pub fn of(call: &Call) -> Key {
        Key::new(&call.interface, &call.method, call.signature.as_deref(), &call.arguments)
    }
}

/// Text that two encodings of one value share: languages choose other widths of numbers, and other orders of
/// maps. Bytes that are no value stand for themselves.
pub fn canonical(bytes: &[u8]) -> String {
    match serde_json::to_value(WireValue::new(bytes)) {
        // Its objects are sorted.
        Ok(value) => value.to_string(),
        Err(_) => format!("{bytes:x?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_one_value_are_the_same() {
        assert_eq!(canonical(b"\x05"), canonical(b"\xd3\0\0\0\0\0\0\0\x05"));
        assert_eq!(canonical(b"\x82\xa1a\x01\xa1b\x02"), canonical(b"\x82\xa1b\x02\xa1a\x01"));
        assert_eq!(canonical(b"\xca\x3f\x80\0\0"), canonical(b"\xcb\x3f\xf0\0\0\0\0\0\0"));
        assert_ne!(canonical(b"\x01"), canonical(b"\xca\x3f\x80\0\0"));
        assert_ne!(canonical(b"\xc1"), canonical(b"\xc1\xc1"));
    }
}
