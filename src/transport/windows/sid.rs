//! Security identifiers (SIDs) as text, and the names of their accounts.

use super::wide;
use std::io;
use std::ptr;
use windows_sys::Win32::Foundation::{LocalFree, ERROR_NONE_MAPPED};
use windows_sys::Win32::Security::Authorization::{ConvertSidToStringSidW, ConvertStringSidToSidW};
use windows_sys::Win32::Security::{LookupAccountNameW, LookupAccountSidW, PSID};

/// Room for the name of an account or of a domain: more than the longest.
type NameRoom = [u16; 512];

/// The number in the SID of an integrity level: 8192 for medium.
pub(super) fn integrity(sid: &str) -> Option<u32> {
    sid.strip_prefix("S-1-16-")?.parse().ok()
}

/// The SID of a user or group, given by name or as a SID; `None` if there is no such account.
pub(super) fn of_account(name: &str) -> io::Result<Option<String>> {
    if name.starts_with("S-1-") {
        if let Some(sid) = Parsed::new(name) {
            // SAFETY: it is valid.
            return unsafe { text(sid.0) }.map(Some);
        }
    }
    let name = wide(name);
    let (mut sid, mut size) = ([0_u32; 17], 68);
    let mut domain: NameRoom = [0; 512];
    let (mut length, mut kind) = (domain.len() as u32, 0);
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

/// The name of the account with a SID, after its domain; `None` if there is no such account.
pub(super) fn name_of(sid: &str) -> Option<String> {
    let sid = Parsed::new(sid)?;
    let (mut name, mut domain): (NameRoom, NameRoom) = ([0; 512], [0; 512]);
    let (mut name_length, mut domain_length) = (name.len() as u32, domain.len() as u32);
    let mut kind = 0;
    // SAFETY: the SID is valid, and the results are writable for the sizes given.
    let found = unsafe {
        let (name, domain) = (name.as_mut_ptr(), domain.as_mut_ptr());
        LookupAccountSidW(
            ptr::null(),
            sid.0,
            name,
            &mut name_length,
            domain,
            &mut domain_length,
            &mut kind,
        )
    };
    if found == 0 {
        return None;
    }
    let name = String::from_utf16_lossy(&name[..name_length as usize]);
    let domain = String::from_utf16_lossy(&domain[..domain_length as usize]);
    Some(if domain.is_empty() { name } else { format!(r"{domain}\{name}") })
}

/// A SID that was made from text.
struct Parsed(PSID);

impl Parsed {
    fn new(text: &str) -> Option<Parsed> {
        let (text, mut sid) = (wide(text), ptr::null_mut());
        // SAFETY: the text ends in zero, and the result is writable.
        let parsed = unsafe { ConvertStringSidToSidW(text.as_ptr(), &mut sid) };
        (parsed != 0).then_some(Parsed(sid))
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        // SAFETY: the system allocated it so.
        unsafe { LocalFree(self.0) };
    }
}

/// The text of a SID.
///
/// # Safety
/// The SID is null or valid.
pub(super) unsafe fn text(sid: PSID) -> io::Result<String> {
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
    fn accounts_are_found_by_name_or_sid() {
        assert_eq!(of_account("Everyone").unwrap().as_deref(), Some("S-1-1-0"));
        assert_eq!(of_account("S-1-5-32-545").unwrap().as_deref(), Some("S-1-5-32-545"));
        for none in ["no such group", "S-1-x", "S-1-"] {
            assert_eq!(of_account(none).unwrap(), None, "{none}");
        }
    }

    #[test]
    fn accounts_have_names() {
        let everyone = name_of("S-1-1-0").unwrap();
        assert_eq!(of_account(&everyone).unwrap().as_deref(), Some("S-1-1-0"), "{everyone}");
        assert_eq!(name_of("S-1-5-21-1-2-3-4"), None);
        assert_eq!(name_of("S-1-x"), None);
    }

    #[test]
    fn integrity_is_a_number() {
        assert_eq!(integrity("S-1-16-8192"), Some(8192));
        assert_eq!(integrity("S-1-5-18"), None);
    }
}
