//! Version

use std::ffi::c_char;

/// The number of the binary interface that this header describes: the shared library's SONAME ends
/// in it, and callgate_abi_version() returns that of the library that was loaded.
pub const CALLGATE_ABI_VERSION: u32 = 0;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the library that was loaded, e.g. "0.1.0". Never freed.
#[no_mangle]
pub extern "C" fn callgate_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// The number of the binary interface of the library that was loaded. Where it differs from
/// CALLGATE_ABI_VERSION, the program was compiled for another library and must not use this one.
#[no_mangle]
pub extern "C" fn callgate_abi_version() -> u32 {
    CALLGATE_ABI_VERSION
}
