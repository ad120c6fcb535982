//! Version

use std::ffi::c_char;

/// The number of the binary interface that this header describes: the shared library's SONAME ends
/// in it, and callgate_abi_version() returns that of the library that was loaded.
pub const CALLGATE_ABI_VERSION: u32 = 0;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The library's version, e.g. "0.1.0". Never freed.
#[no_mangle]
pub extern "C" fn callgate_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// The number of the binary interface of the library that was loaded. A program whose
/// CALLGATE_ABI_VERSION is another one was compiled for another library.
#[no_mangle]
pub extern "C" fn callgate_abi_version() -> u32 {
    CALLGATE_ABI_VERSION
}
