//! Version

use std::ffi::c_char;

/// The version of the binary interface that this header describes. The shared library's SONAME ends in it,
/// and callgate_abi_version() returns the one of the loaded library.
pub const CALLGATE_ABI_VERSION: u32 = 0;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the loaded library, e.g. "0.1.0". Static; never free it.
#[no_mangle]
pub extern "C" fn callgate_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// The binary interface version of the loaded library. If it differs from CALLGATE_ABI_VERSION, the program
/// was compiled for another library and must not use this one.
#[no_mangle]
pub extern "C" fn callgate_abi_version() -> u32 {
    CALLGATE_ABI_VERSION
}
