//! Values of Rust types as MessagePack, within the nesting limit.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::limits::NESTING;
use crate::wire::check_value;

const EMPTY_ARRAY: &[u8] = &[0x90];
const NIL: u8 = 0xc0;

/// Appends one value; structures by field names, so that other languages see what they would expect.
pub(crate) fn encode<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) -> Result<(), String> {
    let mut serializer = rmp_serde::Serializer::new(bytes).with_struct_map();
    value.serialize(&mut serializer).map_err(|error| error.to_string())
}

/// Writes arguments, a tuple or `()` for none, into an empty buffer.
pub(crate) fn encode_arguments<T: Serialize + ?Sized>(
    bytes: &mut Vec<u8>,
    arguments: &T,
) -> Result<(), String> {
    encode(bytes, arguments)?;
    match bytes.first() {
        Some(&NIL) => {
            bytes.clear();
            bytes.extend_from_slice(EMPTY_ARRAY);
            Ok(())
        }
        Some(0x90..=0x9f | 0xdc | 0xdd) => Ok(()),
        _ => Err("arguments are given as a tuple, e.g. &(1,) for one".into()),
    }
}

/// Arguments into a tuple, or into `()`.
pub(crate) fn decode_arguments<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match decode(bytes) {
        // serde's unit is nil, not an empty array.
        Err(reason) if bytes == EMPTY_ARRAY => decode(&[NIL]).map_err(|_| reason),
        outcome => outcome,
    }
}

/// One value and nothing behind it.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    // The deserialiser recurses, and does not count the levels of enums: what nests too deep would
    // overflow the stack.
    check_value(bytes).map_err(|malformed| malformed.to_string())?;
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    // It refuses the level of that number itself.
    deserializer.set_max_depth(NESTING + 1);
    T::deserialize(&mut deserializer).map_err(|error| error.to_string())
}
