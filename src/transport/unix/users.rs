//! The system's list of users.

use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr;

/// Means "no user" in some system calls, so no user has it.
const NO_USER: u32 = u32::MAX;

/// The home directory of a user, if it is known and absolute.
pub(super) fn home(user: u32) -> Option<PathBuf> {
    let entry = Entry::of(user).ok()??;
    let path = PathBuf::from(OsStr::from_bytes(entry.text(entry.raw.pw_dir)?.to_bytes()));
    Some(path).filter(|path| path.is_absolute())
}

/// The name of a user, if the list has it.
pub(super) fn name(user: u32) -> Option<String> {
    let entry = Entry::of(user).ok()??;
    entry.text(entry.raw.pw_name)?.to_str().ok().map(str::to_owned)
}

/// The number of a user given by name or by number.
pub(super) fn find(user: &str) -> io::Result<Option<u32>> {
    if user.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(user.parse().ok().filter(|number| *number != NO_USER));
    }
    Ok(Entry::named(user)?.map(|entry| entry.raw.pw_uid))
}

/// The entry of one user.
struct Entry {
    raw: libc::passwd,
    /// What the pointers in `raw` refer to.
    texts: Vec<libc::c_char>,
}

impl Entry {
    fn of(user: u32) -> io::Result<Option<Entry>> {
        // SAFETY: the pointers are writable, and the texts for the size given.
        Entry::get(|raw, texts, result| unsafe {
            libc::getpwuid_r(user, raw, texts.as_mut_ptr(), texts.len(), result)
        })
    }

    fn named(name: &str) -> io::Result<Option<Entry>> {
        let name = CString::new(name)?;
        // SAFETY: the name ends in NUL; the rest as above.
        Entry::get(|raw, texts, result| unsafe {
            libc::getpwnam_r(name.as_ptr(), raw, texts.as_mut_ptr(), texts.len(), result)
        })
    }

    /// Asks the system with more and more room for the texts, whose size is unknown.
    fn get(
        ask: impl Fn(&mut libc::passwd, &mut [libc::c_char], &mut *mut libc::passwd) -> libc::c_int,
    ) -> io::Result<Option<Entry>> {
        // SAFETY: all its fields may be zero or null.
        let mut raw: libc::passwd = unsafe { mem::zeroed() };
        let mut texts = vec![0; 1024];
        loop {
            let mut result = ptr::null_mut();
            match ask(&mut raw, &mut texts, &mut result) {
                0 if !result.is_null() => return Ok(Some(Entry { raw, texts })),
                // Different systems report "no such user" in these ways.
                0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
                libc::ERANGE => texts.resize(2 * texts.len(), 0),
                libc::EINTR => {}
                code => return Err(io::Error::from_raw_os_error(code)),
            }
        }
    }

    fn text(&self, field: *const libc::c_char) -> Option<&CStr> {
        if !self.texts.as_ptr_range().contains(&field) {
            return None;
        }
        // SAFETY: it is in the texts, and ends in NUL.
        Some(unsafe { CStr::from_ptr(field) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_name_or_number() {
        assert_eq!(find("root").unwrap(), Some(0));
        assert_eq!(find("4294967294").unwrap(), Some(NO_USER - 1));
        for none in ["no such user", "4294967295", "4294967296", "-1", "+1", "1 "] {
            assert_eq!(find(none).unwrap(), None, "{none}");
        }
    }

    #[test]
    fn names_and_home_directories_are_found() {
        assert_eq!((name(0).as_deref(), home(0)), (Some("root"), Some("/root".into())));
        assert_eq!((name(u32::MAX - 7), home(u32::MAX - 7)), (None, None));
    }
}
