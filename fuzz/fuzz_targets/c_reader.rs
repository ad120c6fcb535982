//! Any bytes under C's reader, with any functions in any order: it stays within the bytes, and ends.

#![no_main]

use std::ffi::{c_char, c_void};
use std::ptr::null_mut;

use arbitrary::Arbitrary;
use callgate as _; // for its exports
use libfuzzer_sys::fuzz_target;

/// callgate_reader.
#[repr(C)]
struct Reader {
    data: *const c_void,
    length: usize,
    position: usize,
    pending: u64,
    argument: u32,
    is_arguments: u32,
}

type Error = *mut c_void;

unsafe extern "C" {
    fn callgate_reader_init(
        reader: *mut Reader,
        data: *const c_void,
        length: usize,
        error: *mut Error,
    ) -> i32;
    fn callgate_reader_type(reader: *const Reader) -> i32;
    fn callgate_reader_at_end(reader: *const Reader) -> bool;
    fn callgate_reader_nil(reader: *mut Reader, error: *mut Error) -> i32;
    fn callgate_reader_bool(reader: *mut Reader, value: *mut bool, error: *mut Error) -> i32;
    fn callgate_reader_int32(reader: *mut Reader, value: *mut i32, error: *mut Error) -> i32;
    fn callgate_reader_uint64(reader: *mut Reader, value: *mut u64, error: *mut Error) -> i32;
    fn callgate_reader_double(reader: *mut Reader, value: *mut f64, error: *mut Error) -> i32;
    fn callgate_reader_array(reader: *mut Reader, count: *mut usize, error: *mut Error) -> i32;
    fn callgate_reader_map(reader: *mut Reader, count: *mut usize, error: *mut Error) -> i32;
    fn callgate_reader_string(
        reader: *mut Reader,
        text: *mut *const c_char,
        length: *mut usize,
        error: *mut Error,
    ) -> i32;
    fn callgate_reader_binary(
        reader: *mut Reader,
        bytes: *mut *const c_void,
        length: *mut usize,
        error: *mut Error,
    ) -> i32;
    fn callgate_reader_timestamp(
        reader: *mut Reader,
        seconds: *mut i64,
        nanoseconds: *mut u32,
        error: *mut Error,
    ) -> i32;
    fn callgate_reader_raw(
        reader: *mut Reader,
        bytes: *mut *const c_void,
        length: *mut usize,
        error: *mut Error,
    ) -> i32;
    fn callgate_error_free(error: Error);
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Read {
    Nil,
    Bool,
    Int32,
    Uint64,
    Double,
    Array,
    Map,
    String,
    Binary,
    Timestamp,
    Raw,
}

/// Reads once. Returns the bytes that it points to, if it does.
fn read(reader: &mut Reader, what: Read) -> Option<(*const c_void, usize)> {
    let mut error: Error = null_mut();
    let (mut data, mut length) = (std::ptr::null(), 0);
    // SAFETY: the reader is over bytes that outlive it, and every other pointer is to a variable.
    let status = unsafe {
        match what {
            Read::Nil => callgate_reader_nil(reader, &mut error),
            Read::Bool => callgate_reader_bool(reader, &mut false, &mut error),
            Read::Int32 => callgate_reader_int32(reader, &mut 0, &mut error),
            Read::Uint64 => callgate_reader_uint64(reader, &mut 0, &mut error),
            Read::Double => callgate_reader_double(reader, &mut 0.0, &mut error),
            Read::Array => callgate_reader_array(reader, &mut 0, &mut error),
            Read::Map => callgate_reader_map(reader, &mut 0, &mut error),
            Read::String => {
                let mut text = std::ptr::null();
                let status = callgate_reader_string(reader, &mut text, &mut length, &mut error);
                data = text.cast();
                status
            }
            Read::Binary => callgate_reader_binary(reader, &mut data, &mut length, &mut error),
            Read::Timestamp => callgate_reader_timestamp(reader, &mut 0, &mut 0, &mut error),
            Read::Raw => callgate_reader_raw(reader, &mut data, &mut length, &mut error),
        }
    };
    // SAFETY: NULL, or an error that this program owns.
    unsafe { callgate_error_free(error) };
    (status == 0 && !data.is_null()).then_some((data, length))
}

fuzz_target!(|input: (Vec<Read>, &[u8])| {
    let (reads, bytes) = input;
    let mut reader = Reader {
        data: std::ptr::null(),
        length: 0,
        position: 0,
        pending: 0,
        argument: 0,
        is_arguments: 0,
    };
    let mut error: Error = null_mut();
    // SAFETY: the bytes outlive the reader.
    let status = unsafe {
        callgate_reader_init(&mut reader, bytes.as_ptr().cast(), bytes.len(), &mut error)
    };
    // SAFETY: NULL, or an error that this program owns.
    unsafe { callgate_error_free(error) };
    if status != 0 {
        return;
    }
    for what in reads {
        let before = reader.position;
        // SAFETY: a valid reader.
        unsafe { callgate_reader_type(&reader) };
        if let Some((data, length)) = read(&mut reader, what) {
            // SAFETY: the reader says so; the address sanitizer checks it.
            let found = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length) };
            std::hint::black_box(found.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
        }
        assert!(reader.position >= before && reader.position <= bytes.len());
    }
    // SAFETY: a valid reader.
    while !unsafe { callgate_reader_at_end(&reader) } {
        let before = reader.position;
        read(&mut reader, Read::Raw);
        assert!(reader.position > before, "a checked value has an end");
    }
});
