//! Security identifiers, as text: of this process's user, of accounts, and of the owners of pipes.

use super::wide;
use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use windows_sys::Win32::Foundation::{LocalFree, ERROR_NONE_MAPPED, HANDLE};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, LookupAccountNameW, TokenIntegrityLevel, TokenUser,
    OWNER_SECURITY_INFORMATION, PSID, SID_AND_ATTRIBUTES, TOKEN_INFORMATION_CLASS, TOKEN_QUERY,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Room for what is asked of a token: a pointer, attributes, and a SID of at most 68 bytes.
type TokenRoom = [u64; 16];

/// The user that this process runs as.
pub(super) fn own_user() -> io::Result<String> {
    of_token(TokenUser)
}

/// The integrity of this process, a SID too: `S-1-16-` and a number, 8192 for medium.
pub(super) fn own_integrity() -> io::Result<String> {
    of_token(TokenIntegrityLevel)
}

/// Both kinds of information start with a pointer to a SID.
fn of_token(class: TOKEN_INFORMATION_CLASS) -> io::Result<String> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the handle of the process needs no closing, and the result is writable.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened, and nothing else owns it.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut room: TokenRoom = [0; 16];
    let size = size_of::<TokenRoom>() as u32;
    let mut needed = 0;
    // SAFETY: the room is writable for its size, and aligned for pointers.
    let got = unsafe {
        let room = room.as_mut_ptr().cast::<c_void>();
        GetTokenInformation(token.as_raw_handle(), class, room, size, &mut needed)
    };
    if got == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has written this structure, whose SID is in the room too.
    unsafe { text((*room.as_ptr().cast::<SID_AND_ATTRIBUTES>()).Sid) }
}

/// The SID of a user or group, given by name or as a SID; `None` if there is no such account.
pub(super) fn of_account(name: &str) -> io::Result<Option<String>> {
    if name.starts_with("S-1-") && name[4..].bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return Ok(Some(name.to_string()));
    }
    let name = wide(name);
    let (mut sid, mut size) = ([0_u32; 17], 68);
    let (mut domain, mut length, mut kind) = ([0_u16; 256], 256, 0);
    // SAFETY: the name ends in zero, and the results are writable for the sizes given.
    let found = unsafe {
        let sid = sid.as_mut_ptr().cast();
        let domain = domain.as_mut_ptr();
        LookupAccountNameW(
            ptr::null(),
            name.as_ptr(),
            sid,
            &mut size,
            domain,
            &mut length,
            &mut kind,
        )
    };
    if found != 0 {
        // SAFETY: the system has written a SID.
        return unsafe { text(sid.as_mut_ptr().cast()) }.map(Some);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(code) if code == ERROR_NONE_MAPPED as i32 => Ok(None),
        _ => Err(error),
    }
}

/// The owner of a pipe.
pub(super) fn owner(pipe: BorrowedHandle<'_>) -> io::Result<String> {
    let (mut owner, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the results are writable, and the others may be null.
    let code = unsafe {
        GetSecurityInfo(
            pipe.as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &mut descriptor,
        )
    };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code as i32));
    }
    // SAFETY: the owner is within the descriptor, which the system allocated so.
    unsafe {
        let text = text(owner);
        LocalFree(descriptor);
        text
    }
}

/// # Safety
/// The SID is null or valid.
unsafe fn text(sid: PSID) -> io::Result<String> {
    if sid.is_null() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut wide = ptr::null_mut();
    // SAFETY: the SID is valid, and the result is writable.
    if unsafe { ConvertSidToStringSidW(sid, &mut wide) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the text ends in zero, and the system allocated it so.
    unsafe {
        let length = (0..).take_while(|&at| *wide.add(at) != 0).count();
        let text = String::from_utf16_lossy(std::slice::from_raw_parts(wide, length));
        LocalFree(wide.cast());
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_user_and_integrity_are_known() {
        let user = own_user().unwrap();
        assert!(user.starts_with("S-1-"), "{user}");
        let integrity = own_integrity().unwrap();
        assert!(integrity.starts_with("S-1-16-"), "{integrity}");
    }

    #[test]
    fn accounts_are_found_by_name_or_sid() {
        assert_eq!(of_account("Everyone").unwrap().as_deref(), Some("S-1-1-0"));
        assert_eq!(of_account("S-1-5-32-545").unwrap().as_deref(), Some("S-1-5-32-545"));
        assert_eq!(of_account("no such group").unwrap(), None);
        assert_eq!(of_account("S-1-x").unwrap(), None);
    }
}
