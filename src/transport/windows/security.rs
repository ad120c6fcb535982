//! Who may connect to a pipe, and which pipes a client trusts. docs/internals/windows.md has the reasons.

use super::descriptor::Descriptor;
use super::{sid, token};
use crate::transport::{Access, Scope};
use std::io;

/// Reading and writing, without the right to create instances of the pipe: what clients ask for.
pub(super) const CLIENT_RIGHTS: u32 = 0x0012_019b;

/// The integrity of processes that are not restricted. Lower ones sort before it as numbers.
const MEDIUM: u32 = 0x2000;

/// *Administrators* and the system.
pub(super) const SYSTEM_OWNERS: [&str; 2] = ["S-1-5-32-544", "S-1-5-18"];

/// The descriptor's text for a pipe of this user or of the system, with access for another account.
fn sddl(scope: Scope, user: &str, guest: Option<&str>, integrity: u32) -> String {
    let label = if integrity < MEDIUM { "LW" } else { "ME" };
    let guest = guest.map(|sid| format!("(A;;{CLIENT_RIGHTS:#x};;;{sid})")).unwrap_or_default();
    match scope {
        Scope::User => format!("O:{user}D:P(A;;FA;;;{user}){guest}S:(ML;;NW;;;{label})"),
        Scope::System => format!("O:BAD:P(A;;FA;;;BA)(A;;FA;;;SY){guest}S:(ML;;NW;;;{label})"),
    }
}

/// The security descriptor of every instance of a pipe. Fails with [`io::ErrorKind::NotFound`] for a group
/// that does not exist.
pub(super) fn descriptor(scope: Scope, access: &Access) -> io::Result<Descriptor> {
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
    let (user, integrity) = (token::own_user()?, token::own_integrity()?);
    Descriptor::parse(&sddl(scope, &user, guest.as_deref(), integrity))
}

/// The owner of a pipe that this client has found, if the client may trust it: `owners` are those of whom
/// it expects the pipe. Otherwise the reason why not, which completes "the pipe ...".
pub(super) fn trusted_owner(
    pipe: &Descriptor,
    owners: &[&str],
    integrity: u32,
) -> io::Result<Result<String, String>> {
    let owner = pipe.owner()?;
    if !owners.contains(&&*owner) {
        let why = format!("belongs to {owner}, which is not a user that its host may run as");
        return Ok(Err(why));
    }
    // What has no label counts as medium.
    if pipe.integrity()?.unwrap_or(MEDIUM) < integrity.min(MEDIUM) {
        let why = "was created by a process of low integrity, such as a browser's sandbox";
        return Ok(Err(why.to_string()));
    }
    Ok(Ok(owner))
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
        Descriptor::parse(&text).unwrap();
        let shared = "O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;S-1-5-21-1-2-3-1001)(A;;0x12019b;;;AU)S:(ML;;NW;;;ME)";
        assert_eq!(sddl(Scope::User, ME, Some("AU"), MEDIUM), shared);
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
        Descriptor::parse(&text).unwrap();
        // FILE_CREATE_PIPE_INSTANCE.
        assert_eq!(CLIENT_RIGHTS & 0x4, 0);
    }

    fn refused(sddl: &str, owners: &[&str], integrity: u32) -> Option<String> {
        trusted_owner(&Descriptor::parse(sddl).unwrap(), owners, integrity).unwrap().err()
    }

    #[test]
    fn hosts_of_other_users_are_not_trusted() {
        let of = |owner: &str| sddl(Scope::User, owner, None, MEDIUM);
        assert_eq!(refused(&of(ME), &[ME], MEDIUM), None);
        let why = refused(&of("S-1-5-21-1-2-3-1002"), &[ME], MEDIUM).unwrap();
        assert!(why.contains("belongs to S-1-5-21-1-2-3-1002"), "{why}");
        assert!(refused(&of("S-1-5-32-544"), &[ME], MEDIUM).is_some());
        for owner in ["S-1-5-18", "S-1-5-32-544"] {
            assert_eq!(refused(&of(owner), &SYSTEM_OWNERS, MEDIUM), None);
        }
        assert!(refused(&of(ME), &SYSTEM_OWNERS, MEDIUM).is_some());
    }

    #[test]
    fn pipes_of_low_integrity_are_not_trusted() {
        let refused = |label: &str, integrity| {
            refused(&format!("O:{ME}D:P(A;;FA;;;{ME}){label}"), &[ME], integrity)
        };
        let (low, medium, high) = (0x1000, MEDIUM, 0x3000);
        let why = refused("S:(ML;;NW;;;LW)", medium).unwrap();
        assert!(why.contains("low integrity"), "{why}");
        assert!(refused("S:(ML;;NW;;;LW)", high).is_some());
        assert_eq!(refused("S:(ML;;NW;;;LW)", low), None);
        for label in ["S:(ML;;NW;;;ME)", "S:(ML;;NW;;;HI)", ""] {
            for integrity in [low, medium, high] {
                assert_eq!(refused(label, integrity), None, "{label} {integrity}");
            }
        }
    }

    #[test]
    fn an_unknown_group_is_refused() {
        let group = Access::Group("no such group".to_string());
        let error = descriptor(Scope::System, &group).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
    }
}
