//! Checks what C passes in, and the pointers where it wants results; from there on everything has a Rust
//! type.

use std::ffi::{c_char, c_void, CStr};
use std::mem::MaybeUninit;

use crate::ffi::handles::{self, Object};
use crate::sync::Arc;
use crate::{wire, Error, Result, Status};

/// An error for an invalid argument.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Status::InvalidArgument, message)
}

/// A NUL-terminated UTF-8 name.
///
/// # Safety
/// `text` is NULL or NUL-terminated, and valid for `'a`.
pub(super) unsafe fn name<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(invalid(format!("{what} is NULL")));
    }
    // SAFETY: promised by the caller.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| invalid(format!("{what} is not UTF-8")))
}

/// The name of an interface that the program serves.
///
/// # Safety
/// As [`name`].
pub(super) unsafe fn interface<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    // SAFETY: promised by the caller.
    let interface = unsafe { name(text, what)? };
    crate::name::check_served(what, interface)?;
    Ok(interface)
}

/// A prefix of interface names, and the interface that it is an alias of.
///
/// # Safety
/// As [`name`], for both.
pub(super) unsafe fn alias<'a>(
    prefix: *const c_char,
    interface_name: *const c_char,
) -> Result<(&'a str, &'a str)> {
    // SAFETY: promised by the caller.
    let names = unsafe { (name(prefix, "prefix")?, interface(interface_name, "interface_name")?) };
    crate::name::check_prefix("prefix", names.0)?;
    Ok(names)
}

/// An optional name.
///
/// # Safety
/// As [`name`].
pub(super) unsafe fn optional_name<'a>(text: *const c_char, what: &str) -> Result<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: promised by the caller.
    unsafe { name(text, what) }.map(Some)
}

/// A slice; (NULL, 0) is empty.
///
/// # Safety
/// `data` is NULL or has `length` readable elements that are valid for `'a`.
pub(super) unsafe fn slice<'a, T>(data: *const T, length: usize, what: &str) -> Result<&'a [T]> {
    match (data.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(invalid(format!("{what} is NULL, but its length is not 0"))),
        // No object is this large: it was a negative number.
        (false, _) if length > isize::MAX as usize / size_of::<T>() => {
            Err(invalid(format!("the length of {what} is larger than any object")))
        }
        // SAFETY: promised by the caller.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(data, length) }),
    }
}

/// Bytes; (NULL, 0) is empty.
///
/// # Safety
/// As [`slice()`].
pub(super) unsafe fn bytes<'a>(data: *const c_void, length: usize, what: &str) -> Result<&'a [u8]> {
    // SAFETY: promised by the caller.
    unsafe { slice(data.cast(), length, what) }
}

/// UTF-8 text with its length; (NULL, 0) is empty.
///
/// # Safety
/// As [`slice()`].
pub(super) unsafe fn text<'a>(data: *const c_char, length: usize, what: &str) -> Result<&'a str> {
    // SAFETY: promised by the caller.
    let bytes = unsafe { slice(data.cast(), length, what)? };
    std::str::from_utf8(bytes).map_err(|_| invalid(format!("{what} is not UTF-8")))
}

/// Refuses bytes that are not one well-formed value, or a value nested too deep.
pub(super) fn check_value(data: &[u8]) -> Result<()> {
    wire::check_value(data).map_err(|reason| invalid(reason.to_string()))
}

/// Receives a result. It is written on success only.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    /// `place` is NULL or writable while the `Out` lives.
    pub(super) unsafe fn new(pointer: *mut T, what: &str) -> Result<Out<T>> {
        match pointer.is_null() {
            true => Err(invalid(format!("{what}, which receives the result, is NULL"))),
            false => Ok(Out(pointer)),
        }
    }

    /// # Safety
    /// As [`Out::new`]; NULL means that the result is not wanted.
    pub(super) unsafe fn optional(pointer: *mut T) -> Out<T> {
        Out(pointer)
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.0.is_null()
    }

    pub(super) fn set(self, value: T) {
        if self.is_wanted() {
            // SAFETY: promised to `new` or `optional`.
            unsafe { self.0.write(value) }
        }
    }
}

/// Receives a number of results.
pub(super) struct Outs<T> {
    first: *mut T,
    capacity: usize,
}

impl<T> Outs<T> {
    /// # Safety
    /// `first` is NULL or has `capacity` elements that are writable while the `Outs` lives.
    pub(super) unsafe fn new(first: *mut T, capacity: usize, what: &str) -> Result<Outs<T>> {
        // SAFETY: promised by the caller. Nothing is read, so the memory may be uninitialised.
        unsafe { slice(first.cast::<MaybeUninit<T>>(), capacity, what)? };
        Ok(Outs { first, capacity })
    }

    /// Writes as many values as fit.
    pub(super) fn set(self, values: impl Iterator<Item = T>) {
        for (index, value) in values.take(self.capacity).enumerate() {
            // SAFETY: within the capacity, as promised to `new`.
            unsafe { self.first.add(index).write(value) }
        }
    }
}

impl<T: Object> Out<*mut T> {
    /// Stores a new handle to `object`.
    pub(super) fn give(self, object: T) -> Result<()> {
        self.set(handles::insert(Arc::new(object))?);
        Ok(())
    }
}
