//! What C hands in and where it wants its results: checked once, here, and Rust's own types from
//! there on.

use std::ffi::{c_char, c_void, CStr};
use std::mem::MaybeUninit;

use super::handles::{self, Object};
use crate::sync::Arc;
use crate::{wire, Error, Result, Status};

/// A refusal of an argument.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Status::InvalidArgument, message)
}

/// A name: NUL-terminated and UTF-8.
///
/// # Safety
/// `text` is NULL or NUL-terminated, and stays for `'a`.
pub(super) unsafe fn name<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(invalid(format!("{what} is NULL")));
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| invalid(format!("{what} is not UTF-8")))
}

/// The name of an interface that the program serves.
///
/// # Safety
/// As [`name`].
pub(super) unsafe fn interface<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let interface = unsafe { name(text, what)? };
    crate::name::check_served(what, interface)?;
    Ok(interface)
}

/// The beginning of names of interfaces, which stands for one interface, and that interface's name.
///
/// # Safety
/// As [`name`], for both.
pub(super) unsafe fn alias<'a>(
    prefix: *const c_char,
    interface_name: *const c_char,
) -> Result<(&'a str, &'a str)> {
    // SAFETY: the caller's promise.
    let names = unsafe { (name(prefix, "prefix")?, interface(interface_name, "interface_name")?) };
    crate::name::check_prefix("prefix", names.0)?;
    Ok(names)
}

/// A name that may be left out.
///
/// # Safety
/// As [`name`].
pub(super) unsafe fn optional_name<'a>(text: *const c_char, what: &str) -> Result<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { name(text, what) }.map(Some)
}

/// A piece of memory; (NULL, 0) is empty.
///
/// # Safety
/// `data` is NULL or has `length` readable elements that stay for `'a`.
pub(super) unsafe fn slice<'a, T>(data: *const T, length: usize, what: &str) -> Result<&'a [T]> {
    match (data.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(invalid(format!("{what} is NULL, but its length is not 0"))),
        // More than any object's size is a negative number in disguise.
        (false, _) if length > isize::MAX as usize / size_of::<T>() => {
            Err(invalid(format!("the length of {what} is not possible")))
        }
        // SAFETY: the caller's promise.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(data, length) }),
    }
}

/// Bytes; (NULL, 0) is none.
///
/// # Safety
/// As [`slice`].
pub(super) unsafe fn bytes<'a>(data: *const c_void, length: usize, what: &str) -> Result<&'a [u8]> {
    // SAFETY: the caller's promise.
    unsafe { slice(data.cast(), length, what) }
}

/// UTF-8 text with its length; (NULL, 0) is empty.
///
/// # Safety
/// As [`slice`].
pub(super) unsafe fn text<'a>(data: *const c_char, length: usize, what: &str) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { slice(data.cast(), length, what)? };
    std::str::from_utf8(bytes).map_err(|_| invalid(format!("{what} is not UTF-8")))
}

/// Refuses bytes that are not one well-formed value, or one nested too deep.
pub(super) fn check_value(data: &[u8]) -> Result<()> {
    wire::check_value(data).map_err(|reason| invalid(reason.to_string()))
}

/// Where a result goes. It is written on success only.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    /// `place` is NULL or may be written while the `Out` lives.
    pub(super) unsafe fn new(place: *mut T, what: &str) -> Result<Out<T>> {
        match place.is_null() {
            true => Err(invalid(format!("{what}, where the result goes, is NULL"))),
            false => Ok(Out(place)),
        }
    }

    /// # Safety
    /// As [`Out::new`]; NULL means that the result is not wanted.
    pub(super) unsafe fn optional(place: *mut T) -> Out<T> {
        Out(place)
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

/// Where a number of results go.
pub(super) struct Outs<T> {
    first: *mut T,
    capacity: usize,
}

impl<T> Outs<T> {
    /// # Safety
    /// `first` is NULL or has `capacity` elements that may be written while the `Outs` lives.
    pub(super) unsafe fn new(first: *mut T, capacity: usize, what: &str) -> Result<Outs<T>> {
        // SAFETY: the caller's promise; nothing is read, so that it may be uninitialised.
        unsafe { slice(first.cast::<MaybeUninit<T>>(), capacity, what)? };
        Ok(Outs { first, capacity })
    }

    /// Writes as many as there is room for.
    pub(super) fn set(self, values: impl Iterator<Item = T>) {
        for (index, value) in values.take(self.capacity).enumerate() {
            // SAFETY: within the capacity, as promised to `new`.
            unsafe { self.first.add(index).write(value) }
        }
    }
}

impl<T: Object> Out<*mut T> {
    /// Gives a new handle to `object`.
    pub(super) fn give(self, object: T) -> Result<()> {
        self.set(handles::insert(Arc::new(object))?);
        Ok(())
    }
}
