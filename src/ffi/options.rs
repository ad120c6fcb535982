//! Options structs that can grow: the program passes the size of its version (`struct_size`); fields that
//! it does not have are zero, which means the default.

use std::mem::{size_of, MaybeUninit};

use crate::ffi::arguments::invalid;
use crate::{Error, Result, Status};

/// A larger `struct_size` was surely never set.
const LARGEST: usize = 4096;

/// An options struct.
///
/// # Safety
/// `repr(C)`, begins with `struct_size: usize`, and all-zero bytes are a valid value of it.
pub(super) unsafe trait Options: Copy {
    const NAME: &'static str;
}

/// The options that were understood, and the error if some were not. They are separate because callbacks in
/// refused options must be released too.
pub(super) struct Read<T> {
    pub(super) known: T,
    complaint: Option<Error>,
}

impl<T> Read<T> {
    /// Returns the error, if there is one.
    pub(super) fn check(self) -> Result<()> {
        self.complete().map(drop)
    }

    /// The options, if there is no error.
    pub(super) fn complete(self) -> Result<T> {
        match self.complaint {
            Some(complaint) => Err(complaint),
            None => Ok(self.known),
        }
    }
}

/// Reads options; NULL means the defaults.
///
/// # Safety
/// `options` is NULL or points to `struct_size` readable bytes, and its pointers are as the header
/// describes them.
pub(super) unsafe fn read<T: Options>(options: *const T) -> Read<T> {
    let mut known = MaybeUninit::<T>::zeroed();
    let mut complaint = None;
    if !options.is_null() {
        // SAFETY: every options struct begins with its size.
        let size = unsafe { options.cast::<usize>().read() };
        complaint = check_size(size, T::NAME).err();
        if complaint.is_none() {
            // SAFETY: `size` bytes are readable, `size_of::<T>()` writable.
            let tail = unsafe {
                let start = options.cast::<u8>();
                let shared = size.min(size_of::<T>());
                known.as_mut_ptr().cast::<u8>().copy_from(start, shared);
                std::slice::from_raw_parts(start.add(shared), size - shared)
            };
            complaint = check_tail(tail, T::NAME).err();
        }
    }
    // SAFETY: all-zero bytes are a valid `T`, and so is what C wrote over them.
    let known = unsafe { known.assume_init() };
    Read { known, complaint }
}

fn check_size(size: usize, name: &str) -> Result<()> {
    if (size_of::<usize>()..=LARGEST).contains(&size) {
        return Ok(());
    }
    Err(invalid(format!("struct_size of {name} must be sizeof({name}), not {size}")))
}

fn check_tail(tail: &[u8], name: &str) -> Result<()> {
    if tail.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    let message = format!("{name} sets options that this version of the library does not know");
    Err(Error::new(Status::Unsupported, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    #[repr(C)]
    struct Ours {
        struct_size: usize,
        first: usize,
        second: usize,
    }

    // SAFETY: numbers only, `struct_size` first.
    unsafe impl Options for Ours {
        const NAME: &'static str = "ours";
    }

    fn read_words(words: &[usize]) -> Read<Ours> {
        // SAFETY: every caller below states a size within `words`.
        unsafe { read(words.as_ptr().cast()) }
    }

    const WORD: usize = size_of::<usize>();

    #[test]
    fn older_and_newer_programs_are_understood() {
        let older = read_words(&[2 * WORD, 1, 99]).complete().unwrap();
        assert_eq!((older.first, older.second), (1, 0));
        let newer = read_words(&[4 * WORD, 1, 2, 0]).complete().unwrap();
        assert_eq!((newer.struct_size, newer.second), (4 * WORD, 2));
        // SAFETY: NULL is allowed.
        let none = unsafe { read::<Ours>(std::ptr::null()) };
        assert_eq!(none.complete().unwrap().first, 0);
    }

    #[test]
    fn unknown_options_and_sizes_that_cannot_be_are_refused() {
        let newer = read_words(&[4 * WORD, 1, 2, 3]);
        assert_eq!(newer.known.second, 2);
        let complaint = newer.check().unwrap_err();
        assert_eq!(complaint.status(), Status::Unsupported);
        for size in [0, 1, WORD - 1, LARGEST + 1, usize::MAX] {
            let complaint = read_words(&[size]).check().unwrap_err();
            assert_eq!(complaint.status(), Status::InvalidArgument);
        }
    }
}
