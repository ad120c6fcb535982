//! Who may connect to a pipe, as a security descriptor. docs/internals/windows.md has the reasons.

use super::{sid, wide};
use crate::transport::{Access, Scope};
use std::io;
use std::ptr;
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};

/// Reading and writing, without the right to create instances of the pipe: what clients ask for.
pub(super) const CLIENT_RIGHTS: u32 = 0x0012_019b;

/// The integrity of processes that are not restricted. Lower ones sort before it as numbers.
const MEDIUM: u32 = 0x2000;

/// *Administrators* and the system.
const SYSTEM_OWNERS: [&str; 2] = ["S-1-5-32-544", "S-1-5-18"];

/// The descriptor's text for a pipe of this user, or of the system with access for an account.
fn sddl(scope: Scope, user: &str, guest: Option<&str>, integrity: u32) -> String {
    let label = if integrity < MEDIUM { "LW" } else { "ME" };
    let guest = guest.map(|sid| format!("(A;;{CLIENT_RIGHTS:#x};;;{sid})")).unwrap_or_default();
    match scope {
        Scope::User => format!("O:{user}D:P(A;;FA;;;{user})S:(ML;;NW;;;{label})"),
        Scope::System => format!("O:BAD:P(A;;FA;;;BA)(A;;FA;;;SY){guest}S:(ML;;NW;;;{label})"),
    }
}

/// The security descriptor of every instance of a pipe.
pub(super) struct Security(PSECURITY_DESCRIPTOR);

// SAFETY: nothing changes it.
unsafe impl Send for Security {}

impl Security {
    /// Fails with [`io::ErrorKind::NotFound`] for a group that does not exist.
    pub(super) fn new(scope: Scope, access: &Access) -> io::Result<Security> {
        let guest = match access {
            Access::Owner => None,
            Access::Everyone => Some("AU".to_string()),
            Access::Group(group) => match sid::of_account(group)? {
                Some(sid) => Some(sid),
                None => {
                    let message = format!("there is no group {group:?}");
                    return Err(io::Error::new(io::ErrorKind::NotFound, message));
                }
            },
        };
        Security::parse(&sddl(scope, &sid::own_user()?, guest.as_deref(), integrity()?))
    }

    fn parse(sddl: &str) -> io::Result<Security> {
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
            _ => Ok(Security(descriptor)),
        }
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

impl Drop for Security {
    fn drop(&mut self) {
        // SAFETY: the system allocated it so.
        unsafe { LocalFree(self.0) };
    }
}

/// The integrity of this process as a number.
fn integrity() -> io::Result<u32> {
    let sid = sid::own_integrity()?;
    let number = sid.rsplit('-').next().and_then(|number| number.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("{sid} is not an integrity level")))
}

/// Whether a pipe's owner may be the host that this client looks for.
pub(super) fn is_trusted(owner: &str, scope: Scope, user: &str) -> bool {
    match scope {
        Scope::User => owner == user,
        Scope::System => SYSTEM_OWNERS.contains(&owner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "S-1-5-21-1-2-3-1001";

    #[test]
    fn only_the_user_may_connect_to_its_pipes() {
        let text = sddl(Scope::User, ME, None, MEDIUM);
        let expected = "O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;S-1-5-21-1-2-3-1001)S:(ML;;NW;;;ME)";
        assert_eq!(text, expected);
        Security::parse(&text).unwrap();
        assert!(sddl(Scope::User, ME, None, 0x1000).ends_with("S:(ML;;NW;;;LW)"));
        assert!(sddl(Scope::User, ME, None, 0x3000).ends_with("S:(ML;;NW;;;ME)"));
    }

    #[test]
    fn guests_of_the_system_cannot_create_instances() {
        let plain = "O:BAD:P(A;;FA;;;BA)(A;;FA;;;SY)S:(ML;;NW;;;ME)";
        assert_eq!(sddl(Scope::System, ME, None, MEDIUM), plain);
        let everyone = "O:BAD:P(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x12019b;;;AU)S:(ML;;NW;;;ME)";
        let text = sddl(Scope::System, ME, Some("AU"), MEDIUM);
        assert_eq!(text, everyone);
        Security::parse(&text).unwrap();
        // FILE_CREATE_PIPE_INSTANCE.
        assert_eq!(CLIENT_RIGHTS & 0x4, 0);
    }

    #[test]
    fn hosts_of_other_users_are_not_trusted() {
        assert!(is_trusted(ME, Scope::User, ME));
        assert!(!is_trusted("S-1-5-32-544", Scope::User, ME));
        assert!(!is_trusted("S-1-5-21-1-2-3-1002", Scope::User, ME));
        assert!(is_trusted("S-1-5-18", Scope::System, ME));
        assert!(is_trusted("S-1-5-32-544", Scope::System, ME));
        assert!(!is_trusted(ME, Scope::System, ME));
    }

    #[test]
    fn an_unknown_group_is_refused() {
        let group = Access::Group("no such group".to_string());
        let error = Security::new(Scope::System, &group).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
    }
}
