//! What tokens say of users: of this process's, and of the client's at the other end of a pipe.

use super::sid;
use crate::sync::thread;
use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::{
    GetTokenInformation, RevertToSelf, TokenIntegrityLevel, TokenUser, SID_AND_ATTRIBUTES,
    TOKEN_INFORMATION_CLASS, TOKEN_QUERY,
};
use windows_sys::Win32::System::Pipes::ImpersonateNamedPipeClient;
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThread, OpenProcessToken, OpenThreadToken,
};

/// Room for what is asked of a token: a pointer, attributes, and a SID of at most 68 bytes.
type TokenRoom = [u64; 16];

/// The user that this process runs as.
pub(super) fn own_user() -> io::Result<String> {
    sid_in(&of_process()?, TokenUser)
}

/// The integrity of this process as a number, higher for processes with more rights.
pub(super) fn own_integrity() -> io::Result<u32> {
    let sid = sid_in(&of_process()?, TokenIntegrityLevel)?;
    sid::integrity(&sid).ok_or_else(|| io::Error::other(format!("{sid} is not an integrity level")))
}

/// The user that the client at the other end of a pipe ran as when it connected.
pub(super) fn user_of_client(pipe: BorrowedHandle<'_>) -> io::Result<String> {
    // A thread of its own acts as the client, so that no other work ever does, whatever fails.
    let token = thread::scope(|scope| {
        let named = thread::Builder::new().name("callgate-identify".to_string());
        let asking = named.spawn_scoped(scope, || of_client(pipe))?;
        asking.join().unwrap_or_else(|_| Err(io::Error::other("asking for the user panicked")))
    })?;
    sid_in(&token, TokenUser)
}

fn of_process() -> io::Result<OwnedHandle> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the handle of the process needs no closing, and the result is writable.
    let opened = unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) };
    opened_token(opened, token)
}

fn of_client(pipe: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    /// The client itself may not open its token.
    const AS_THE_PROCESS: i32 = 1;
    // SAFETY: the handle is open.
    if unsafe { ImpersonateNamedPipeClient(pipe.as_raw_handle()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the handle of the thread needs no closing, and the result is writable.
    let opened =
        unsafe { OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, AS_THE_PROCESS, &mut token) };
    let token = opened_token(opened, token);
    // SAFETY: takes no pointers. If it fails, the end of the thread does the same.
    unsafe { RevertToSelf() };
    token
}

fn opened_token(opened: i32, token: HANDLE) -> io::Result<OwnedHandle> {
    match opened {
        0 => Err(io::Error::last_os_error()),
        // SAFETY: it was just opened, and nothing else owns it.
        _ => Ok(unsafe { OwnedHandle::from_raw_handle(token) }),
    }
}

/// Both kinds of information start with a pointer to a SID.
fn sid_in(token: &OwnedHandle, class: TOKEN_INFORMATION_CLASS) -> io::Result<String> {
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
    unsafe { sid::text((*room.as_ptr().cast::<SID_AND_ATTRIBUTES>()).Sid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_user_and_integrity_are_known() {
        let user = own_user().unwrap();
        assert!(user.starts_with("S-1-"), "{user}");
        assert!(own_integrity().unwrap() > 0);
    }
}
