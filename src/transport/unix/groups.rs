//! Groups of users: their numbers, and those that a peer is in.

use super::os;
use std::ffi::CString;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

/// Means "no group" in some system calls, so no group has it.
const NO_GROUP: u32 = u32::MAX;

/// The number of a group given by name, or by number if no group has that name.
pub(super) fn find(group: &str) -> io::Result<Option<u32>> {
    Ok(named(group)?.or_else(|| number(group)))
}

fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number != NO_GROUP)
}

fn named(name: &str) -> io::Result<Option<u32>> {
    let name = CString::new(name)?;
    // SAFETY: all its fields may be zero or null.
    let mut found: libc::group = unsafe { mem::zeroed() };
    // The names of all members are stored there too, and their total size is unknown.
    let mut texts: Vec<libc::c_char> = vec![0; 1024];
    loop {
        let mut result = ptr::null_mut();
        let (room, size) = (texts.as_mut_ptr(), texts.len());
        // SAFETY: the name ends in NUL; the other pointers are writable, and the texts for the size given.
        match unsafe { libc::getgrnam_r(name.as_ptr(), &mut found, room, size, &mut result) } {
            0 if !result.is_null() => return Ok(Some(found.gr_gid)),
            // Different systems report "no such group" in these ways.
            0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
            libc::ERANGE => texts.resize(2 * size, 0),
            libc::EINTR => {}
            code => return Err(io::Error::from_raw_os_error(code)),
        }
    }
}

/// The supplementary groups that the peer of a Unix socket was in when it connected.
pub(super) fn of_peer(socket: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
    let mut groups: Vec<libc::gid_t> = vec![0; 64];
    loop {
        let mut size = mem::size_of_val(&groups[..]) as libc::socklen_t;
        // SAFETY: the groups are writable for the size given, and any bytes make valid ones.
        let got = os::check(unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERGROUPS,
                groups.as_mut_ptr().cast(),
                &mut size,
            )
        });
        let count = size as usize / mem::size_of::<libc::gid_t>();
        match got {
            // The system returns the size that it needs.
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) && count > groups.len() => {
                groups.resize(count, 0);
            }
            Err(error) => return Err(error),
            Ok(_) => {
                groups.truncate(count);
                return Ok(groups);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_name_or_number() {
        assert_eq!(find("root").unwrap(), Some(0));
        assert_eq!(find("4294967294").unwrap(), Some(NO_GROUP - 1));
        for none in ["no such group", "4294967295", "4294967296", "-1", "+1", "1 ", ""] {
            assert_eq!(find(none).unwrap(), None, "{none}");
        }
    }
}
