//! The system's list of users.

use std::ffi::{CStr, OsStr};
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr;

/// The home directory of a user, if it is known and absolute.
pub(super) fn home(user: u32) -> Option<PathBuf> {
    // SAFETY: all its fields may be zero or null.
    let mut found: libc::passwd = unsafe { mem::zeroed() };
    let mut texts: Vec<libc::c_char> = vec![0; 1024];
    loop {
        let mut result = ptr::null_mut();
        let (room, size) = (texts.as_mut_ptr(), texts.len());
        // SAFETY: the pointers are writable, and the texts for the size given.
        match unsafe { libc::getpwuid_r(user, &mut found, room, size, &mut result) } {
            0 if !result.is_null() && !found.pw_dir.is_null() => {
                // SAFETY: it ends in NUL, and is in `texts`.
                let path = unsafe { CStr::from_ptr(found.pw_dir) };
                let path = PathBuf::from(OsStr::from_bytes(path.to_bytes()));
                return Some(path).filter(|path| path.is_absolute());
            }
            libc::ERANGE => texts.resize(2 * size, 0),
            libc::EINTR => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_directories_are_found() {
        assert_eq!(home(0), Some("/root".into()));
        assert_eq!(home(u32::MAX - 7), None);
    }
}
