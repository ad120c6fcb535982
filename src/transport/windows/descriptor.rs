//! Security descriptors: of pipes that this process creates, and of those that it finds.

use super::{sid, wide};
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1,
    SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetAce, GetSecurityDescriptorOwner, GetSecurityDescriptorSacl, LABEL_SECURITY_INFORMATION,
    OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES,
    SYSTEM_MANDATORY_LABEL_ACE,
};
use windows_sys::Win32::System::SystemServices::SYSTEM_MANDATORY_LABEL_ACE_TYPE;

pub(super) struct Descriptor(PSECURITY_DESCRIPTOR);

// SAFETY: nothing changes it.
unsafe impl Send for Descriptor {}

impl Descriptor {
    /// Makes a descriptor from its text.
    pub(super) fn parse(sddl: &str) -> io::Result<Descriptor> {
        let (sddl, mut descriptor) = (wide(sddl), ptr::null_mut());
        // SAFETY: the text ends in zero, and the result is writable.
        let parsed = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                sddl.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                ptr::null_mut(),
            )
        };
        match parsed {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(Descriptor(descriptor)),
        }
    }

    /// The owner and the label of a pipe.
    pub(super) fn of(pipe: BorrowedHandle<'_>) -> io::Result<Descriptor> {
        let mut descriptor = ptr::null_mut();
        // SAFETY: the handle is open, the result is writable, and the others may be null.
        let code = unsafe {
            GetSecurityInfo(
                pipe.as_raw_handle(),
                SE_KERNEL_OBJECT,
                OWNER_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                &mut descriptor,
            )
        };
        match code {
            0 => Ok(Descriptor(descriptor)),
            code => Err(io::Error::from_raw_os_error(code as i32)),
        }
    }

    /// The SID of the owner.
    pub(super) fn owner(&self) -> io::Result<String> {
        let (mut owner, mut is_default) = (ptr::null_mut(), 0);
        // SAFETY: the descriptor is valid, and the results are writable.
        if unsafe { GetSecurityDescriptorOwner(self.0, &mut owner, &mut is_default) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the owner is null, or within the descriptor.
        unsafe { sid::text(owner) }
    }

    /// The integrity that the label states; `None` if there is no label.
    pub(super) fn integrity(&self) -> io::Result<Option<u32>> {
        let (mut entries, mut is_present, mut is_default) = (ptr::null_mut(), 0, 0);
        // SAFETY: the descriptor is valid, and the results are writable.
        let got = unsafe {
            GetSecurityDescriptorSacl(self.0, &mut is_present, &mut entries, &mut is_default)
        };
        if got == 0 {
            return Err(io::Error::last_os_error());
        }
        if is_present == 0 || entries.is_null() {
            return Ok(None);
        }
        // SAFETY: the list is within the descriptor.
        let count = unsafe { (*entries).AceCount };
        for index in 0..count.into() {
            let mut entry = ptr::null_mut();
            // SAFETY: as above, and the result is writable.
            if unsafe { GetAce(entries, index, &mut entry) } == 0 {
                return Err(io::Error::last_os_error());
            }
            let label = entry.cast::<SYSTEM_MANDATORY_LABEL_ACE>();
            // SAFETY: every entry starts with a header.
            if u32::from(unsafe { (*label).Header.AceType }) == SYSTEM_MANDATORY_LABEL_ACE_TYPE {
                // SAFETY: a label ends in a SID.
                let level = unsafe { sid::text((&raw mut (*label).SidStart).cast())? };
                return Ok(sid::integrity(&level));
            }
        }
        Ok(None)
    }

    /// The attributes, valid as long as this is. Child processes do not inherit the handle.
    pub(super) fn attributes(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: self.0,
            bInheritHandle: 0,
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the system allocated it so.
        unsafe { LocalFree(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_labels_are_read() {
        let descriptor = |sddl| Descriptor::parse(sddl).unwrap();
        let labelled = descriptor("O:S-1-5-21-7D:P(A;;FA;;;SY)S:(ML;;NW;;;LW)");
        assert_eq!(labelled.owner().unwrap(), "S-1-5-21-7");
        assert_eq!(labelled.integrity().unwrap(), Some(0x1000));
        let medium = descriptor("O:BAS:(AU;SA;FA;;;WD)(ML;;NW;;;ME)");
        assert_eq!(medium.integrity().unwrap(), Some(0x2000));
        assert_eq!(descriptor("O:BAS:(ML;;NW;;;HI)").integrity().unwrap(), Some(0x3000));
        for unlabelled in ["O:BAD:(A;;FA;;;SY)", "O:BAS:(AU;SA;FA;;;WD)", "O:BAS:"] {
            assert_eq!(descriptor(unlabelled).integrity().unwrap(), None, "{unlabelled}");
        }
        assert!(descriptor("D:(A;;FA;;;SY)").owner().is_err());
    }
}
